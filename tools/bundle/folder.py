"""A bundle on disk: wheels, lists, scripts, what to read, and the checksums of all of it."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from packaging.requirements import Requirement

from tools.bundle.fetch import BundleError, fetch, run_pip
from tools.bundle.pins import ROOT, pins_of, project
from tools.bundle.targets import Target

FILES = Path(__file__).parent / "files"
SUMS = "SHA256SUMS"
SOURCES = ("gridmap", "pyproject.toml", "README.md", "LICENSE")
SCRIPT = ".sh"
# In a wheel's zip every file has a date; this one makes the same wheel of the same source.
DATE = "1600000000"


def make(folder: Path, targets: Sequence[Target], extras: Sequence[str]) -> None:
    """Make a bundle; what was in its folder is replaced when all of the new one is there.

    Parameters
    ----------
    folder : Path
        Where it will be.
    targets : sequence of Target
        What it is for.
    extras : sequence of str
        Of gridmap, besides the core.

    Raises
    ------
    BundleError
        If a wheel cannot be had, or something else than a bundle is in the way.
    """
    if folder.exists() and not (folder / SUMS).is_file():
        raise BundleError(f"something is in the way that is no bundle: {folder.name}")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="bundle-") as held:
        work = Path(held)
        made = work / "made"
        (made / "wheels").mkdir(parents=True)
        (made / "lists").mkdir()
        _gather(work, made, targets, extras)
        _write_files(made, targets)
        (made / SUMS).write_text(sums_of(made), encoding="utf-8", newline="\n")
        if folder.exists():
            shutil.rmtree(folder)
        made.rename(folder)


def sums_of(folder: Path) -> str:
    """Return a line of checksum and name for every file of a bundle but the sums, in order of name."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return "".join(f"{_sum(folder / name)}  {name}\n" for name in names if name != SUMS)


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _gather(work: Path, made: Path, targets: Iterable[Target], extras: Sequence[str]) -> None:
    version, core, optional = project()
    roots = [*core, *(one for extra in extras for one in optional[extra])]
    copy_source(ROOT, work / "source")
    own = own_wheel(work / "source", work / "own")
    shutil.copy(own, made / "wheels")
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    for target in targets:
        pins = pins_of(target, text)
        fetched = work / target.name
        fetched.mkdir()
        # What several targets share is fetched once; a wheel for another target is not taken for this one.
        for wheel in (made / "wheels").glob("*-none-any.whl"):
            if wheel.name != own.name and _is_pinned(wheel, pins):
                shutil.copy(wheel, fetched)
        wheels = fetch(roots, target, pins, fetched)
        for wheel in wheels.values():
            shutil.copy(wheel, made / "wheels")
        words = f"gridmap[{','.join(extras)}]=={version}" if extras else f"gridmap=={version}"
        lines = [words, *(f"{name}=={pins[name]}" for name in wheels)]
        (made / "lists" / f"{target.name}.txt").write_text(
            "".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n"
        )


def _is_pinned(wheel: Path, pins: dict[str, str]) -> bool:
    name, version = wheel.name.split("-")[:2]
    one = Requirement(f"{name}=={version}")
    return pins.get(one.name.replace("_", "-").lower()) == version


def copy_source(root: Path, to: Path) -> None:
    """Copy what gridmap is built from, so that nothing is left in the source."""
    for name in SOURCES:
        if (root / name).is_dir():
            shutil.copytree(root / name, to / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            to.mkdir(exist_ok=True)
            shutil.copy(root / name, to / name)


def own_wheel(source: Path, out: Path) -> Path:
    """Build gridmap's wheel: of the same source the same bytes."""
    words = ["wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(out), str(source)]
    run_pip(words, SOURCE_DATE_EPOCH=DATE)
    [wheel] = out.glob("*.whl")
    return wheel


def _write_files(made: Path, targets: Iterable[Target]) -> None:
    names = ", ".join(target.name for target in targets)
    for path in sorted(FILES.iterdir()):
        text = path.read_text(encoding="utf-8").replace("{{targets}}", names)
        end = "\r\n" if path.suffix == ".bat" else "\n"
        (made / path.name).write_text(text, encoding="utf-8", newline=end)
        if path.suffix == SCRIPT:
            (made / path.name).chmod(0o755)
