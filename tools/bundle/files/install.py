"""Installs gridmap from this folder into a virtual environment of its own; needs nothing but Python.

Usage: python install.py [--no-compile] [FOLDER], by default the folder gridmap-env here. No package index is
asked. With --no-compile it is quicker, and the first run of every command slower.
"""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
SUMS = "SHA256SUMS"
MACHINES = {"x86_64", "amd64"}


class Refusal(Exception):  # noqa: N818 - said to a person, in the form of gridmap's errors
    """Why nothing is installed."""

    def __init__(self, code: str, what: str, *, where: str, fix: str) -> None:
        super().__init__(f"[{code}] {what}\n  where: {where}\n  fix:   {fix}")


def checked(folder: Path) -> int:
    """Compare every file of the bundle with its checksum, and return how many there are.

    Raises
    ------
    Refusal
        GM801 if one is missing, altered, or not in the list.
    """
    fix = "copy the whole folder again from where it was made, and compare the checksum of SHA256SUMS itself"
    sums = folder / SUMS
    if not sums.is_file():
        raise Refusal("GM801", "the list of checksums is missing", where=SUMS, fix=fix)
    lines = sums.read_text(encoding="utf-8").splitlines()
    listed = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    for name, digest in listed.items():
        path = folder / name
        if not path.is_file():
            raise Refusal("GM801", "a file of the bundle is missing", where=name, fix=fix)
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                raise Refusal("GM801", "a file of the bundle is not as it was made", where=name, fix=fix)
    # pip takes whatever wheel lies in the folder: one that nobody listed must not be there.
    strange = sorted(
        path.name for path in (folder / "wheels").iterdir() if f"wheels/{path.name}" not in listed
    )
    if strange:
        raise Refusal("GM801", "a file is in the bundle that was not made with it", where=strange[0], fix=fix)
    return len(listed)


def listed_for_here(folder: Path) -> Path:
    """Return the list of what is installed on this system and Python.

    Raises
    ------
    Refusal
        GM802 if the bundle is not for them.
    """
    system = {"linux": "linux", "win32": "windows"}.get(sys.platform, sys.platform)
    name = f"{system}-{sys.version_info[0]}.{sys.version_info[1]}"
    found = folder / "lists" / f"{name}.txt"
    machine = platform.machine().lower()
    if machine not in MACHINES or sys.implementation.name != "cpython" or not found.is_file():
        known = ", ".join(sorted(path.stem for path in (folder / "lists").glob("*.txt")))
        raise Refusal(
            "GM802",
            "the bundle is not for this system and Python",
            where=f"{name}, {machine}",
            fix=f"run it with a 64-bit CPython that it is for: {known}",
        )
    return found


def installed(folder: Path, wanted: Path, target: Path, *, compiled: bool) -> Path:
    """Make the virtual environment, install into it, and return the command ``gridmap``.

    Raises
    ------
    Refusal
        GM803 if something is in the way or the environment cannot be made; GM804 if pip fails.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Refusal(
            "GM803",
            "something is in the way",
            where=str(target),
            fix="name another folder, or remove that one",
        )
    try:
        venv.create(target, with_pip=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Refusal(
            "GM803",
            "the virtual environment cannot be made",
            where=str(target),
            fix="make room on the disk; on Debian and Ubuntu install the package python3-venv",
        ) from error
    scripts = target / ("Scripts" if os.name == "nt" else "bin")
    # Neither settings nor variables of pip on this machine have a say: they could name an index.
    env = {key: value for key, value in os.environ.items() if not key.upper().startswith("PIP_")}
    env |= {"PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    words = ["-m", "pip", "install", "--no-index", "--find-links", str(folder / "wheels"), "--quiet"]
    words += [] if compiled else ["--no-compile"]
    done = subprocess.run([scripts / "python", *words, "-r", str(wanted)], check=False, env=env)  # noqa: S603
    if done.returncode:
        raise Refusal(
            "GM804",
            "pip could not install it",
            where=wanted.name,
            fix="see what pip says above; make room on the disk",
        )
    return scripts / "gridmap"


def main() -> int:
    """Check, install, and return the exit code."""
    words = [word for word in sys.argv[1:] if word != "--no-compile"]
    target = Path(words[0]) if words else HERE / "gridmap-env"
    try:
        count = checked(HERE)
        sys.stderr.write(f"{count} files are as they were made\n")
        command = installed(HERE, listed_for_here(HERE), target, compiled="--no-compile" not in sys.argv)
    except Refusal as refused:
        sys.stderr.write(f"{refused}\n")
        return 2
    sys.stdout.write(f"{command}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
