"""The versions of constraints.txt, as they are for one target."""

from __future__ import annotations

import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.bundle.targets import Target

ROOT = Path(__file__).parents[2]
EXTRAS = ("excel", "fast", "parquet", "print")


def pins_of(target: Target, text: str) -> dict[str, str]:
    """Return the pinned version of each package, by its canonical name.

    Parameters
    ----------
    target : Target
        Which lines hold there is judged by its environment.
    text : str
        Of constraints.txt.
    """
    lines = (line.strip() for line in text.splitlines())
    asked = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {
        canonicalize_name(one.name): next(iter(one.specifier)).version
        for one in asked
        if one.marker is None or one.marker.evaluate(target.environment)
    }


def project() -> tuple[str, list[Requirement], dict[str, list[Requirement]]]:
    """Return gridmap's version, what it needs, and what each of its extras needs."""
    said = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = {name: list(map(Requirement, words)) for name, words in said["optional-dependencies"].items()}
    return said["version"], list(map(Requirement, said["dependencies"])), extras


def extras_named(words: str) -> tuple[str, ...]:
    """Return the extras of a list divided by commas, in order; none for ``none``.

    Raises
    ------
    ValueError
        If one is none that a user has a use for.
    """
    asked = {word for word in words.split(",") if word} - {"none"}
    if not asked <= set(EXTRAS):
        msg = f"no such extra: {', '.join(sorted(asked - set(EXTRAS)))}; some of: {', '.join(EXTRAS)}"
        raise ValueError(msg)
    return tuple(sorted(asked))
