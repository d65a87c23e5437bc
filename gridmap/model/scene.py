"""A map as plain data: what is on it and how it looks, before any backend draws it.

A scene holds only numbers, texts and tuples of them, so that it can be compared, stored as JSON,
tested without a browser and drawn by more than one backend. Big columns are packed: base64 of
little-endian unsigned integers of the smallest width that fits.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Literal

from gridmap.model.nouns import Bilingual

Cell = str | int | float | bool | None
Form = Literal["codes", "list", "front"]
Group = Literal["line", "area", "point", "findings", "base"]
Held = Literal["whole", "part", "own", "mixed", "targets", "derived", "none"]

NOTHING = Bilingual(en="", zh="")


@dataclass(frozen=True, slots=True)
class Packed:
    """Integers as base64: each value is `offset` plus `width` little-endian bytes.

    Width 0 says that all values equal `offset`.
    """

    width: int
    offset: int
    data: str


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    form : {"codes", "list", "front"}
        "codes": `codes` are 1-based positions in `values`, 0 is missing; "list": `values` row by row;
        "front": `values` is one text, see `gridmap.render.pack.front_code`.
    """

    name: str
    title: Bilingual
    type: str
    form: Form
    values: tuple[Cell, ...] | str
    codes: Packed | None = None


@dataclass(frozen=True, slots=True)
class Geometry:
    """Places of a table's rows, as integers of 10**-decimals of a degree (lon, lat).

    Parameters
    ----------
    x, y : Packed or None
        For a table of points; the rows in `missing` have none.
    shapes : tuple
        For anything else, row by row: None, or a tuple of parts. A part is ``(1, (x, y))``,
        ``(2, path)`` or ``(3, (path, hole, ...))``; a path is ``(x, y, dx, dy, dx, dy, ...)``.
    """

    decimals: int
    x: Packed | None = None
    y: Packed | None = None
    missing: tuple[int, ...] = ()
    shapes: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table as the page holds it; `ids` is None where rows have no id of their own."""

    name: str
    title: Bilingual
    rows: int
    ids: Column | None
    columns: tuple[Column, ...]
    geometry: Geometry | None


@dataclass(frozen=True, slots=True)
class Join:
    """Assignments of one kind on one layer, compactly.

    There are `size` slots. With `rows` None there is one for every row of the kind, and target code
    0 says "none"; otherwise `rows` says which rows of the kind they belong to (further assignments).
    Target, unit, role and rule are 1-based codes; metres are whole, 0 in `metres` is "unknown",
    else one more than the metres. `reasons` are texts of rules that bring no words.
    """

    kind: str
    layer: str
    table: str
    size: int
    rows: Packed | None
    targets: tuple[str, ...]
    target: Packed
    units: tuple[str, ...]
    unit: Packed
    roles: tuple[str, ...]
    role: Packed
    rules: tuple[str, ...]
    rule: Packed
    metres: Packed
    reasons: tuple[str, ...]
    reason: Packed


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
    """Names on the map: from a column, or given row by row in `texts`.

    `shorts` are tried where the whole text finds no room; with `fits` a shape that is narrower than its
    text on the screen stays without.
    """

    column: str = ""
    texts: tuple[str, ...] = ()
    shorts: tuple[str, ...] = ()
    colour: str = "#222"
    size: float = 12.0
    weight: int = 400
    min_zoom: float = 0.0
    priority: int = 0
    placement: Literal["centre", "right", "above"] = "right"
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
    """Shaded relief: two planes of bytes, rows from the north, evenly spaced in Web Mercator.

    A shade of 0 is "no data"; `height` runs from 0 (`min_m`) to 255 (`max_m`).
    """

    west: float
    south: float
    east: float
    north: float
    columns: int
    rows: int
    min_m: float
    max_m: float
    shade: str
    height: str


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
class Statement:
    """What every product says of its data.

    Parameters
    ----------
    handling_mark, approval
        The title-block texts of the audience; empty where an office needs none.
    unit : Bilingual
        Name of the unit that the product is for; empty where it is for no single one.
    keeps_ids : bool
        Whether ids are those of the project: if not they were made for this audience, and no reader
        knows anything by them.
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


def to_plain(value: Any) -> Any:
    """Return dataclasses as dicts, all the way down; the same value gives the same JSON."""
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: to_plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, dict):
        return {key: to_plain(item) for key, item in value.items()}
    if isinstance(value, tuple) and any(is_dataclass(item) for item in value):
        return [to_plain(item) for item in value]
    return value
