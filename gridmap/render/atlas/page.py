"""A page as plain data: shapes, marks, pictures and words, placed in points from its lower left corner.

Every length that comes in is in millimetres. What is kept is in points (1/72 inch) of two decimals, a few
micrometres, so that another machine's arithmetic changes no byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from gridmap.render.atlas.fonts import Fonts
from gridmap.render.atlas.typeface import Weight

POINT = 72 / 25.4  # points of a millimetre
DECIMALS = 2

Floats = npt.NDArray[np.float64]
# Parts of a path: vertices in points, shape (n, 2), and whether the part is closed.
Part = tuple[Floats, bool]
Codes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in millimetres, from the lower left corner of the page."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def width(self) -> float:
        """Millimetres from left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Millimetres from bottom to top."""
        return self.top - self.bottom

    @property
    def middle(self) -> tuple[float, float]:
        """Its centre."""
        return (self.left + self.right) / 2, (self.bottom + self.top) / 2

    def inset(self, by: float) -> Box:
        """Return the rectangle that is smaller by a margin on every side (larger, if it is negative)."""
        return Box(self.left + by, self.bottom + by, self.right - by, self.top - by)

    def ring(self) -> Floats:
        """Return its corners, shape (4, 2)."""
        left, bottom, right, top = self.left, self.bottom, self.right, self.top
        return np.array([[left, bottom], [right, bottom], [right, top], [left, top]])


@dataclass(frozen=True, slots=True)
class Pen:
    """How a shape is drawn; widths and dashes in points, no fill or no stroke with ""."""

    stroke: str = ""
    width: float = 0.5
    dash: tuple[float, ...] = ()
    fill: str = ""
    opacity: float = 1.0
    fill_opacity: float = 1.0
    round_ends: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """A path with straight edges; `clip` holds the parts of an area outside which nothing is drawn."""

    parts: tuple[Part, ...]
    pen: Pen
    clip: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """One symbol (name in `symbols`, or the glyph of a weight) at many places, radius in points."""

    symbol: str
    places: Floats
    radius: float
    pen: Pen
    glyph_of: Weight | None = None
    clip: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """Pixels, shape (rows, columns, 3), the first row at the top; box in points."""

    pixels: npt.NDArray[np.uint8]
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Words:
    """One line of text; its baseline begins at (x, y), `size` is in points, `angle` in degrees."""

    text: str
    x: float
    y: float
    size: float
    width: float
    weight: Weight = "regular"
    colour: str = "#1B1F23"
    angle: float = 0.0
    box: Box | None = None


Item = Shape | Marks | Picture | Words


def points(xy: Any) -> Floats:
    """Return millimetres as points."""
    return np.asarray(np.round(np.asarray(xy, dtype=np.float64).reshape(-1, 2) * POINT, DECIMALS) + 0.0)


@dataclass(slots=True)
class Page:
    """A page that is being filled.

    Parameters
    ----------
    width, height : float
        Millimetres.
    fonts : Fonts
        What its texts are written with.
    """

    width: float
    height: float
    fonts: Fonts
    items: list[Item] = field(default_factory=list)

    def shape(self, lines: Iterable[tuple[Any, bool]], pen: Pen, *, clip: Sequence[Any] = ()) -> None:
        """Draw paths: pairs of vertices (n, 2) in millimetres and whether they are closed."""
        parts = tuple((points(xy), closed) for xy, closed in lines if len(xy))
        if parts:
            self.items.append(Shape(parts, pen, tuple((points(ring), True) for ring in clip)))

    def line(self, *xy: tuple[float, float], pen: Pen) -> None:
        """Draw one line through some places."""
        self.shape([(np.array(xy), False)], pen)

    def box(self, box: Box, pen: Pen) -> None:
        """Draw a rectangle."""
        self.shape([(box.ring(), True)], pen)

    def write(self, text: str, at: tuple[float, float], size: float, **how: Any) -> Words | None:
        """Write one line.

        Parameters
        ----------
        text : str
            Cleaned here: whatever the data hold, it is one line of signs that the font has.
        at : (x, y)
            Millimetres; what of the text is there `align` says.
        size : float
            Points.
        **how
            ``align`` (left, centre, right), ``middle`` (y is the middle of the letters and not the
            baseline), ``weight``, ``colour``, ``angle``, and ``box``, which the text was fitted into.
        """
        clean = self.fonts.clean(text)
        if not clean:
            return None
        weight: Weight = how.get("weight", "regular")
        wide = self.fonts.of(weight).width(clean, size)
        along = {"left": 0.0, "centre": -wide / 2, "right": -wide}[how.get("align", "left")]
        down = -MIDDLE * size if how.get("middle") else 0.0
        angle = float(how.get("angle", 0.0))
        turn = np.radians(angle)
        x = at[0] * POINT + along * np.cos(turn) - down * np.sin(turn)
        y = at[1] * POINT + along * np.sin(turn) + down * np.cos(turn)
        place = (round(float(x), DECIMALS), round(float(y), DECIMALS))
        colour = how.get("colour", "#1B1F23")
        made = Words(clean, *place, size, wide, weight, colour, angle, how.get("box"))
        self.items.append(made)
        return made


# Where the middle of a line stands above its baseline, and how far it reaches, in ems.
MIDDLE, ASCENT, DESCENT = 0.36, 0.88, 0.14


def corners(words: Words) -> Floats:
    """Return the corners of a text in millimetres, shape (4, 2): what must be inside the page."""
    box = Box(0.0, -DESCENT * words.size, words.width, ASCENT * words.size).ring()
    turn = np.radians(words.angle)
    turned = box @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return np.asarray((turned + np.array([words.x, words.y])) / POINT)
