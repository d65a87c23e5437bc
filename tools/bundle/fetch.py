"""All wheels that a target needs, by following what each wheel says it needs.

``pip download`` for another platform takes that platform's wheels, but judges environment markers by the
machine it runs on: a bundle made on Linux would lack what only Windows needs. So pip fetches named versions
alone, and the markers are judged here.
"""

from __future__ import annotations

import email
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

from tools.bundle.targets import Target


class BundleError(Exception):
    """A bundle cannot be made."""


def fetch(
    roots: Iterable[Requirement], target: Target, pins: Mapping[str, str], folder: Path
) -> dict[str, Path]:
    """Bring the wheels of some requirements, and of all that these require, into a folder.

    Parameters
    ----------
    roots : iterable of Requirement
        What is asked for.
    target : Target
        What it is to run on.
    pins : mapping of str to str
        The version of every package, by canonical name.
    folder : Path
        Where wheels are put; those that are there already are not fetched again.

    Returns
    -------
    dict of str to Path
        The wheel of each package, by canonical name, in order of name.

    Raises
    ------
    BundleError
        If a package has no pin, a pin is not what is asked for, or pip finds no wheel of it.
    """
    asked = list(roots)
    while True:
        wheels = _wheels(folder)
        needed, missing = _walk(asked, target, pins, wheels)
        if not missing:
            return {name: wheels[name] for name in sorted(needed)}
        _download(sorted(f"{name}=={pins[name]}" for name in missing), target, folder)
        if not missing <= set(_wheels(folder)):
            raise BundleError(f"pip brought no wheel for {target.name} of: {', '.join(sorted(missing))}")


def _wheels(folder: Path) -> dict[str, Path]:
    return {str(parse_wheel_filename(path.name)[0]): path for path in sorted(folder.glob("*.whl"))}


def _walk(
    roots: Iterable[Requirement], target: Target, pins: Mapping[str, str], wheels: Mapping[str, Path]
) -> tuple[set[str], set[str]]:
    """Return the packages needed as far as it is known, and those of them without a wheel yet."""
    seen: set[tuple[str, str]] = set()
    queue = [(one, "") for one in roots]
    while queue:
        asked, extra = queue.pop()
        if asked.marker is not None and not asked.marker.evaluate({**target.environment, "extra": extra}):
            continue
        name = canonicalize_name(asked.name)
        if name not in pins:
            raise BundleError(f"constraints.txt has no version of {name} for {target.name}")
        if not asked.specifier.contains(pins[name], prereleases=True):
            raise BundleError(f"constraints.txt has {name} {pins[name]}, but {asked} is needed")
        for own in ("", *sorted(asked.extras)):
            if (name, own) not in seen:
                seen.add((name, own))
                queue += [(one, own) for one in _required(wheels.get(name))]
    needed = {name for name, _ in seen}
    return needed, needed - set(wheels)


def _required(wheel: Path | None) -> list[Requirement]:
    if wheel is None:
        return []
    with zipfile.ZipFile(wheel) as archive:
        [name] = [
            one for one in archive.namelist() if one.count("/") == 1 and one.endswith(".dist-info/METADATA")
        ]
        said = email.message_from_bytes(archive.read(name))
    return [Requirement(line) for line in said.get_all("Requires-Dist", [])]


def _download(pinned: list[str], target: Target, folder: Path) -> None:
    words = ["download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", str(folder)]
    words += ["--implementation", "cp", "--python-version", target.python]
    for platform in target.platforms:
        words += ["--platform", platform]
    for abi in target.abis:
        words += ["--abi", abi]
    run_pip([*words, *pinned])


def run_pip(words: list[str], **more: str) -> None:
    """Run pip, with more variables of the environment; what it says goes to standard error.

    Raises
    ------
    BundleError
        If it fails.
    """
    # Constraints of this machine's Python would forbid another Python's versions; pins are exact anyway.
    env = {key: value for key, value in os.environ.items() if key != "PIP_CONSTRAINT"}
    env |= {"PIP_DISABLE_PIP_VERSION_CHECK": "1", **more}
    done = subprocess.run(  # noqa: S603 - our own interpreter, our own words
        [sys.executable, "-m", "pip", *words],
        check=False,
        env=env,
        stdout=sys.stderr,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        raise BundleError(f"pip {words[0]} failed: see above")
