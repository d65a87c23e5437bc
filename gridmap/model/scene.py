"""A map as plain data: what is on it and how it looks, before any backend draws it.

A scene holds only numbers, texts and tuples of them, so that it can be compared, stored as JSON,
tested without a browser and drawn by more than one backend. Big columns are packed: integers in blocks of
as many bits as they need, see `gridmap.render.codec`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Literal

from gridmap.model.nouns import Bilingual
from gridmap.model.packed import Join, Packed, Table

Group = Literal["line", "area", "point", "findings", "base"]
Held = Literal["whole", "part", "own", "mixed", "targets", "derived", "none"]

NOTHING = Bilingual(en="", zh="")


@dataclass(frozen=True, slots=True)
class Style:
    """How one case is drawn: colour, and a dash, hatch or shape as the second cue.

    Lengths in pixels; `far` scales a symbol when the map is far out.
    """

    stroke: str = ""
    width: float = 1.0
    dash: str = ""
    fill: str = ""
    fill_opacity: float = 0.0
    hatch: str = ""
    casing: str = ""
    casing_width: float = 0.0
    shape: str = "circle"
    size: float = 4.0
    far: float = 0.8


@dataclass(frozen=True, slots=True)
class Case:
    """A line of the legend: a title, a style and how many rows have it."""

    title: Bilingual
    style: Style
    rows: int


@dataclass(frozen=True, slots=True)
class Label:
    """Names on the map: from a column, or given row by row in `texts` (words in both languages).

    With the placement "view" a polygon is named in the middle of what is in view of it. `shorts` are
    tried where the whole text finds no room; with `fits` a shape that is narrower than its text on the
    screen stays without.
    """

    column: str = ""
    texts: tuple[str | Bilingual, ...] = ()
    shorts: tuple[str, ...] = ()
    colour: str = "#222"
    size: float = 12.0
    weight: int = 400
    min_zoom: float = 0.0
    priority: int = 0
    placement: Literal["centre", "right", "above", "view"] = "right"
    spacing: float = 0.0
    fits: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A tick across a line with a text: chainage. `bearing` is that of the line, degrees from north."""

    lon: float
    lat: float
    bearing: float
    text: str
    major: bool


@dataclass(frozen=True, slots=True)
class Raster:
    """Shaded relief: two planes, rows from the north, evenly spaced in Web Mercator.

    Parameters
    ----------
    shade : Packed
        Row by row, 1 (dark) to `shades` (in full light); 0 is "no data".
    height : Packed
        0 (`min_m`) to 255 (`max_m`), over the same ground in fewer cells: a tint has no edges.
    """

    west: float
    south: float
    east: float
    north: float
    columns: int
    rows: int
    min_m: float
    max_m: float
    shades: int
    shade: Packed
    height: Packed
    height_columns: int
    height_rows: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture under the map, in base64; `spacing` says in what its rows are evenly spaced.

    Parameters
    ----------
    spacing : {"degrees", "mercator"}
        A picture in degrees is stretched to Web Mercator, row by row, where it is shown.
    """

    west: float
    south: float
    east: float
    north: float
    media: str
    spacing: Literal["degrees", "mercator"]
    opacity: float
    data: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """One thing that can be switched on and off.

    Parameters
    ----------
    codes : Packed or None
        For every row of `table`, which of `cases` it is; len(cases) says "not drawn here".
    """

    name: str
    group: Group
    title: Bilingual
    table: str = ""
    cases: tuple[Case, ...] = ()
    codes: Packed | None = None
    labels: tuple[Label, ...] = ()
    marks: tuple[Mark, ...] = ()
    raster: Raster | None = None
    picture: Picture | None = None
    graticule: bool = False
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Derived:
    """What a table stands for that was made of rows which the audience may not see as they are.

    Parameters
    ----------
    kind : str
        The kind of the rows that it was made of, and its `title`.
    form : str
        ``"areas"``, ``"counts"``, ``"generalised"``, or what another redaction calls it.
    k : int
        The fewest rows that anything in it stands for; 0 where that is not known.
    """

    kind: str
    title: Bilingual
    form: str
    k: int


@dataclass(frozen=True, slots=True)
class Answering:
    """What a page needs, besides its tables, to say who answers at a place; no more than the view holds.

    Parameters
    ----------
    proj4 : str
        The working CRS as a PROJ string, to be applied to degrees of its own datum; "" where no script
        knows the projection: then `series` says it.
    series : Series or None
        The working CRS within a box of degrees, as polynomials.
    a, f : float
        Equatorial radius in metres and flattening of the ellipsoid that distances are measured on.
    belt_m, reach_m : float
        How far from the border the line layer reaches, and how far a stronghold; 0 where the view has no
        border, no strongholds.
    ruled : tuple of str
        The layers that any rule works on.
    held : dict
        How much of each layer the view holds, as far as an answer needs it.
    level : str
        Rows of ``admin`` of this level make the jurisdiction; "" where the view has not all of it.
    mended : dict
        By table and row, the rings of polygons that are not valid as they are drawn, made valid; none for
        a row that has no usable polygon.
    misplaced : tuple of int
        Rows of ``household`` that are known to be where no home can be: none of them answers.
    course : tuple of Path
        The border's parts in the order and direction of chainage.
    length_m : float
        The length of the border that the view states; 0 where it states none.
    step_m : float
        Chainages in the view are multiples of it; 0 where they are not rounded.
    notes : dict
        Texts of the notes of an answer, with blanks.
    """

    proj4: str
    series: Series | None
    a: float
    f: float
    belt_m: float
    reach_m: float
    ruled: tuple[str, ...]
    held: dict[str, Held]
    level: str
    mended: dict[str, dict[str, tuple[Path, ...]]]
    misplaced: tuple[int, ...]
    course: tuple[Path, ...]
    length_m: float
    step_m: float
    notes: dict[str, str]


@dataclass(frozen=True, slots=True)
class Path:
    """Places one after another, as integers of 10**-decimals of a degree (lon, lat)."""

    decimals: int
    x: Packed
    y: Packed


@dataclass(frozen=True, slots=True)
class Series:
    """A projection within a box of degrees as products of Chebyshev polynomials, in metres.

    Parameters
    ----------
    box : (west, south, east, north)
        Where it holds.
    size : int
        Terms along each axis.
    x, y : tuple of float
        Coefficients, shape (size, size), row by row: along the latitude first.
    """

    box: tuple[float, float, float, float]
    size: int
    x: tuple[float, ...]
    y: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """What every product says of its data.

    Parameters
    ----------
    handling_mark, approval
        The title-block texts of the audience; empty where an office needs none.
    unit : Bilingual
        Name of the unit that the product is for; empty where it is for no single one.
    positions : (str, str)
        Headers for the positions of points in a CSV: they say what the degrees are in.
    keeps_ids : bool
        Whether ids are those of the project: if not they were made for this audience, and no reader
        knows anything by them.
    basemap : str
        Who made the picture under the map; empty where there is none.
    """

    project: Bilingual
    crs: str
    revision: str
    version: str
    source: str
    audience: str
    audience_title: Bilingual
    banner: Bilingual
    synthetic: bool
    notes: tuple[Bilingual, ...] = ()
    handling_mark: Bilingual = NOTHING
    approval: Bilingual = NOTHING
    unit: Bilingual = NOTHING
    keeps_ids: bool = True
    positions: tuple[str, str] = ("lon", "lat")
    basemap: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """A whole map.

    Parameters
    ----------
    bounds : (west, south, east, north)
        What the map opens on.
    tables, joins
        What the page holds; `counts` are the rows of every table of the view.
    drawings : tuple of Drawing
        From bottom to top.
    codes : dict
        Titles of findings' codes.
    reasons : dict
        A rule's words by case (lead, support, self), with the blanks ``{target}`` and ``{metres}``.
    layers : dict
        How much of each layer the page holds. Only of a ``"whole"`` one may it say that nobody answers.
    derived : dict
        What stands for rows that are not in the view, by table.
    answering : Answering or None
        What the page says who answers with; None where it cannot.
    """

    title: Bilingual
    language: str
    statement: Statement
    bounds: tuple[float, float, float, float]
    tables: tuple[Table, ...]
    joins: tuple[Join, ...]
    counts: dict[str, int]
    drawings: tuple[Drawing, ...]
    codes: dict[str, Bilingual] = field(default_factory=dict)
    reasons: dict[str, dict[str, Bilingual]] = field(default_factory=dict)
    layers: dict[str, Held] = field(default_factory=dict)
    derived: dict[str, Derived] = field(default_factory=dict)
    answering: Answering | None = None


def to_plain(value: Any) -> Any:
    """Return dataclasses as dicts, all the way down; the same value gives the same JSON."""
    if isinstance(value, Bilingual):
        return {"en": value.en, "zh": value.zh} | ({"key": value.key} if value.key else {})
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: to_plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, dict):
        return {key: to_plain(item) for key, item in value.items()}
    if isinstance(value, tuple) and any(is_dataclass(item) for item in value):
        return [to_plain(item) for item in value]
    return value
