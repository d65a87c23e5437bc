"""What was asked for: sheets of what, on which paper, at which scale, in which language."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TypedDict

from gridmap.errors import ConfigError
from gridmap.render.words import catalogue

BY = ("unit", "township", "section")
SIZES = {"A4": (297.0, 210.0), "A3": (420.0, 297.0)}  # millimetres, ISO 216
ORIENTATIONS = ("landscape", "portrait")
# What a sheet is drawn at where no scale is asked for.
ROUND = (
    *(10_000, 25_000, 50_000, 100_000, 150_000, 200_000, 250_000, 300_000, 400_000, 500_000, 750_000),
    *(1_000_000, 1_500_000, 2_000_000, 2_500_000, 3_000_000, 4_000_000, 5_000_000, 10_000_000),
)
LEAST, MOST = 500, 50_000_000
SCALE = re.compile(r"^\s*(?:1\s*[:：/]\s*)?(\d[\d ,_]*)\s*$")


class AskedKeywords(TypedDict, total=False):
    """The same as keywords, each as in `Asked`."""

    by: str
    size: str
    orientation: str
    scale: int | None
    language: str | None
    map_name: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of an atlas.

    Parameters
    ----------
    by : str
        One sheet for each ``"unit"``, ``"township"`` or ``"section"``.
    size, orientation : str
        The paper: ``"A4"`` or ``"A3"``, ``"landscape"`` or ``"portrait"``.
    scale : int, optional
        The denominator, e.g. 100000; without it each sheet takes the largest round scale that shows it whole.
    language : str, optional
        A language of the catalogue; without it that in which the project's map opens.
    map_name : str
        Which map of gridmap.toml is drawn.
    """

    by: str = "unit"
    size: str = "A4"
    orientation: str = "landscape"
    scale: int | None = None
    language: str | None = None
    map_name: str = "main"

    def __post_init__(self) -> None:
        _refuse(self.by, BY, "--by")
        _refuse(self.size, SIZES, "--size")
        _refuse(self.orientation, ORIENTATIONS, "--orientation")
        if self.language is not None:
            _refuse(self.language, catalogue(), "--language")
        if self.scale is not None and not LEAST <= self.scale <= MOST:
            raise ConfigError(
                "GM106",
                f"no sheet is drawn at 1:{self.scale}",
                where="--scale",
                fix=f"give a scale from 1:{LEAST} to 1:{MOST}, e.g. 1:100000",
            )

    def keywords(self) -> AskedKeywords:
        """Return the options as keywords."""
        return {
            "by": self.by, "size": self.size, "orientation": self.orientation,
            "scale": self.scale, "language": self.language, "map_name": self.map_name,
        }  # fmt: skip

    def options(self) -> dict[str, str]:
        """Return what a recipe keeps: what was asked for, as texts."""
        return {name: str(value) for name, value in asdict(self).items() if value is not None}

    @property
    def paper(self) -> tuple[float, float]:
        """Width and height of a page in millimetres."""
        long, short = SIZES[self.size]
        return (long, short) if self.orientation == "landscape" else (short, long)


def read_scale(text: str | None) -> int | None:
    """Read a scale as people write it: ``1:100000``, ``1:100,000``, ``100 000``.

    Raises
    ------
    ConfigError
        GM106 if it is none.
    """
    if text is None:
        return None
    found = SCALE.match(text)
    digits = "" if found is None else re.sub(r"[ ,_]", "", found[1])
    if not digits or len(digits) > len(str(MOST)):
        raise ConfigError(
            "GM106", "a scale cannot be understood", where="--scale", fix="write it as 1:100000"
        )
    return int(digits)


def _refuse(value: str, known: Iterable[str], where: str) -> None:
    if value not in known:
        raise ConfigError(
            "GM106", f"there is no {value!r} here", where=where, fix="one of: " + ", ".join(known)
        )
