"""What a bundle can be for: a system and a Python."""

from __future__ import annotations

import sys
from dataclasses import dataclass

PYTHONS = ("3.11", "3.12", "3.13")
# Wheels name the oldest glibc they run with: these are for Debian 10, RHEL 8, openEuler 20.03 and newer.
GLIBC = 28
OLDEST_GLIBC = 5
LEGACY = ("manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64")
LINUX, WINDOWS = "linux", "windows"

_SYSTEMS = {
    LINUX: {
        "os_name": "posix",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "platform_machine": "x86_64",
    },
    WINDOWS: {
        "os_name": "nt",
        "sys_platform": "win32",
        "platform_system": "Windows",
        "platform_machine": "AMD64",
    },
}


@dataclass(frozen=True, slots=True)
class Target:
    """A system (``linux`` or ``windows``, both x86-64) and a version of CPython (``3.11``)."""

    system: str
    python: str

    @property
    def name(self) -> str:
        """As ``make bundle TARGETS=...`` and the lists in the bundle have it: ``linux-3.11``."""
        return f"{self.system}-{self.python}"

    @property
    def platforms(self) -> tuple[str, ...]:
        """The platform tags of wheels that run there, newest first."""
        if self.system == WINDOWS:
            return ("win_amd64",)
        newer = tuple(f"manylinux_2_{minor}_x86_64" for minor in range(GLIBC, OLDEST_GLIBC - 1, -1))
        return (*newer, *LEGACY, "linux_x86_64")

    @property
    def abis(self) -> tuple[str, ...]:
        """The ABI tags of wheels that run there."""
        return (f"cp{self.python.replace('.', '')}", "abi3", "none")

    @property
    def environment(self) -> dict[str, str]:
        """What environment markers are judged by there; pip would judge them by the machine it is on."""
        return {
            **_SYSTEMS[self.system],
            "implementation_name": "cpython",
            "implementation_version": f"{self.python}.0",
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_version": "",
            "python_full_version": f"{self.python}.0",
            "python_version": self.python,
        }


TARGETS = tuple(Target(system, python) for system in (LINUX, WINDOWS) for python in PYTHONS)


def here() -> Target:
    """Return what this machine is."""
    return Target(
        WINDOWS if sys.platform == "win32" else LINUX, f"{sys.version_info[0]}.{sys.version_info[1]}"
    )


def named(words: str) -> tuple[Target, ...]:
    """Return the targets of a list divided by commas; all of them for an empty one.

    Raises
    ------
    ValueError
        If one is none of `TARGETS`.
    """
    known = {target.name: target for target in TARGETS}
    asked = [word for word in words.split(",") if word]
    strange = [word for word in asked if word not in known]
    if strange:
        msg = f"no such target: {', '.join(strange)}; one of: {', '.join(known)}"
        raise ValueError(msg)
    return tuple(known[word] for word in asked) or TARGETS
