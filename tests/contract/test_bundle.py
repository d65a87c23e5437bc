"""A bundle reaches an office without a network: it installs there, whole and unaltered, or says why not."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name, parse_wheel_filename

from tools.bundle import fetch, folder, pins, targets

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "constraints.txt").read_text(encoding="utf-8")
HERE = targets.here()
VERSION, CORE, OPTIONAL = pins.project()
EVERYTHING = [*CORE, *(one for extra in pins.EXTRAS for one in OPTIONAL[extra])]
ALONE = ["unshare", "-rn"]
NOWHERE = {"PIP_NO_INDEX": "1", "PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_CONFIG_FILE": os.devnull}


def run(words: list[str], **more: str) -> subprocess.CompletedProcess[str]:
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "PYTHON"))} | more
    return subprocess.run(words, capture_output=True, text=True, encoding="utf-8", check=False, env=env)


@pytest.fixture(scope="module")
def alone() -> list[str]:
    """What stands before a command that is to see no network, where the system can do that."""
    found = shutil.which("unshare") and run([*ALONE, "true"]).returncode == 0
    return ALONE if found else []


@pytest.fixture(scope="module")
def index(tmp_path_factory) -> None:
    """Skip what needs wheels where nowhere can they be had from."""
    probe = f"idna=={pins.pins_of(HERE, TEXT)['idna']}"
    words = ["-m", "pip", "download", "-q", "--no-deps", "-d", str(tmp_path_factory.mktemp("probe")), probe]
    env = {key: value for key, value in os.environ.items() if key != "PIP_CONSTRAINT"}
    reached = (
        subprocess.run([sys.executable, *words], capture_output=True, check=False, env=env).returncode == 0
    )
    if not reached and "CI" not in os.environ:
        pytest.skip("no package index can be reached")


@pytest.fixture(scope="module")
def bundle(request, tmp_path_factory) -> Path:
    request.getfixturevalue("index")
    made = tmp_path_factory.mktemp("dist") / "bundle"
    folder.make(made, [HERE], [])
    return made


@pytest.mark.parametrize("target", targets.TARGETS, ids=lambda one: one.name)
def test_every_package_of_every_target_has_a_version(target, monkeypatch):
    """A renewed lock that forgot Windows is seen without a network, by what installed packages say."""
    monkeypatch.setattr(fetch, "_required", _required_here)
    known = pins.pins_of(target, TEXT)
    needed, _ = fetch._walk(EVERYTHING, target, known, {name: Path(name) for name in known})
    assert {"numpy", "numba", "pyarrow", "matplotlib", "openpyxl", "python-dateutil"} <= needed
    assert ("colorama" in needed) == (target.system == targets.WINDOWS)


def _required_here(path: Path) -> list[pins.Requirement]:
    try:
        return [pins.Requirement(line) for line in importlib.metadata.requires(str(path)) or []]
    except importlib.metadata.PackageNotFoundError:
        return []


def test_a_package_without_a_version_is_said():
    with pytest.raises(fetch.BundleError, match=r"no version of folium for windows-3\.12"):
        fetch._walk([pins.Requirement("folium")], targets.Target("windows", "3.12"), {}, {})


def test_a_version_that_does_not_fit_is_said():
    with pytest.raises(fetch.BundleError, match=r"numpy 1\.9, but numpy>=2\.0 is needed"):
        fetch._walk([pins.Requirement("numpy>=2.0")], HERE, {"numpy": "1.9"}, {})


def test_a_misspelt_target_or_extra_is_said():
    with pytest.raises(ValueError, match=r"linux-3\.10; one of: linux-3\.11"):
        targets.named("linux-3.10,windows-3.11")
    with pytest.raises(ValueError, match="dev; some of: excel"):
        pins.extras_named("excel,dev")


def small(at: Path) -> Path:
    """Make a bundle whose wheel is none: what is checked before anything is installed."""
    (at / "wheels").mkdir(parents=True)
    (at / "lists").mkdir()
    (at / "wheels" / "idna-3-py3-none-any.whl").write_bytes(b"wheel")
    folder._write_files(at, [HERE])
    (at / folder.SUMS).write_text(folder.sums_of(at), encoding="utf-8")
    return at


def _altered(at: Path) -> None:
    (at / "wheels" / "idna-3-py3-none-any.whl").write_bytes(b"wheeL")


def _missing(at: Path) -> None:
    (at / "README.md").unlink()


def _more(at: Path) -> None:
    (at / "wheels" / "numpy-99-py3-none-any.whl").write_bytes(b"")


def _unlisted(at: Path) -> None:
    (at / folder.SUMS).unlink()


@pytest.mark.parametrize(
    ("harm", "where"),
    [(_altered, "wheels/idna-3"), (_missing, "README.md"), (_more, "numpy-99"), (_unlisted, folder.SUMS)],
)
def test_a_bundle_that_is_not_as_it_was_made_is_refused(tmp_path, harm, where):
    made = small(tmp_path / "bundle")
    harm(made)
    ran = run(["sh", str(made / "install.sh"), str(tmp_path / "env")], PYTHON=sys.executable)
    assert ran.returncode == 2
    first, second, third = ran.stderr.splitlines()
    assert first.startswith("[GM801] ")
    assert second.startswith(f"  where: {where}")
    assert third.startswith("  fix:   ")
    assert not (tmp_path / "env").exists()


def test_a_bundle_for_another_system_is_refused(tmp_path):
    made = small(tmp_path / "bundle")
    ran = run([sys.executable, str(made / "install.py"), str(tmp_path / "env")])
    assert (ran.returncode, ran.stderr.splitlines()[1][:8]) == (2, "[GM802] ")
    assert not (tmp_path / "env").exists()


def test_it_installs_and_runs_without_an_index_or_a_network(bundle, alone, tmp_path):
    env, demo = tmp_path / "env", str(tmp_path / "demo")
    words = ["sh", str(bundle / "install.sh"), "--no-compile", str(env)]
    ran = run([*alone, *words], PYTHON=sys.executable, **NOWHERE)
    assert ran.returncode == 0, ran.stderr
    gridmap = ran.stdout.strip()
    assert Path(gridmap).parent.parent == env
    for asked in (["demo", demo, "--households", "50"], ["assign", "-C", demo]):
        ran = run([*alone, gridmap, *asked])
        assert ran.returncode == 0, ran.stderr
    assert "1,400" not in ran.stdout
    assert "50 served" in ran.stdout


def test_nothing_of_the_machine_that_made_it_is_in_it(bundle):
    for path in sorted(bundle.rglob("*")):
        if path.is_file() and path.suffix != ".whl":
            said = path.read_text(encoding="utf-8")
            assert not re.search(r"https?://|index-url", said), path.name
            for place in (ROOT, bundle, Path.home(), Path(sys.prefix)):
                assert str(place) not in said, path.name


def test_the_same_source_makes_the_same_wheel(tmp_path):
    """Two offices that make a bundle of one version can compare its checksums."""
    folder.copy_source(ROOT, tmp_path / "source")
    wheels = [folder.own_wheel(tmp_path / "source", tmp_path / name) for name in ("one", "two")]
    assert wheels[0].read_bytes() == wheels[1].read_bytes()


def fits(name: str, target: targets.Target) -> bool:
    """Whether a wheel runs on a target, by its name alone."""
    minor = int(target.python.partition(".")[2])
    for tag in parse_wheel_filename(name)[3]:
        number = int(re.sub(r"\D", "", tag.interpreter)[1:] or 0)
        exact = tag.abi == f"cp3{minor}" and tag.interpreter == f"cp3{minor}"
        stable = tag.abi == "abi3" and number <= minor
        pure = tag.abi == "none" and tag.interpreter.startswith("py")
        if (exact or stable or pure) and tag.platform in {*target.platforms, "any"}:
            return True
    return False


def test_what_fits_is_told_by_the_name():
    """The oracle of the next test, which would pass with one that says yes to everything."""
    linux = targets.Target("linux", "3.12")
    assert fits("a-1-cp312-cp312-manylinux_2_17_x86_64.whl", linux)
    assert fits("a-1-cp311-abi3-manylinux_2_28_x86_64.whl", linux)
    assert not fits("a-1-cp313-abi3-manylinux_2_28_x86_64.whl", linux)
    assert not fits("a-1-cp312-cp312-win_amd64.whl", linux)
    assert not fits("a-1-cp312-cp312-manylinux_2_34_x86_64.whl", linux)


@pytest.mark.stress
@pytest.mark.usefixtures("index")
def test_the_whole_bundle_has_a_wheel_of_everything_for_every_target(tmp_path):
    made = tmp_path / "bundle"
    folder.make(made, targets.TARGETS, pins.EXTRAS)
    by_pin: dict[tuple[str, str], list[str]] = {}
    for path in (made / "wheels").iterdir():
        name, version, _, _ = parse_wheel_filename(path.name)
        by_pin.setdefault((name, str(version)), []).append(path.name)
    used = set()
    for target in targets.TARGETS:
        lines = (made / "lists" / f"{target.name}.txt").read_text(encoding="utf-8").splitlines()
        for asked in map(pins.Requirement, lines):
            [pin] = asked.specifier
            fit = [one for one in by_pin[canonicalize_name(asked.name), pin.version] if fits(one, target)]
            assert len(fit) == 1, (target.name, str(asked), fit)
            used.update(fit)
    assert used == {name for names in by_pin.values() for name in names}
