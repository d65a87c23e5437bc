"""What every part of the suite is asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.bench.page import Section

ROOT = Path(__file__).parents[2]
GRIDMAP = Path(sys.executable).with_name("gridmap")
MODULE = (sys.executable, "-m")


def say(text: str) -> None:
    """Tell on the standard error stream what has been measured: the page is the data."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


@dataclass(frozen=True)
class Asked:
    """What a part is to do: where its files may lie, and whether small sizes are enough."""

    folder: Path
    quick: bool


@dataclass(frozen=True)
class Part:
    """A part of the suite: its section's title, and what measures it.

    Parameters
    ----------
    title : str
        Heading of its section.
    measure : callable
        Returns the section, or None with a word on the standard error stream if it cannot be measured yet.
    seconds : str
        How long it takes, in words.
    at_first_look : bool
        Whether ``--quick`` measures it too, without being told.
    """

    title: str
    measure: Callable[[Asked], Section | None]
    seconds: str
    at_first_look: bool = False
