"""Tables and assignments as a page holds them: packed columns, shapes, joins. Plain data, like a scene."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gridmap.model.nouns import Bilingual

Cell = str | int | float | bool | None
Form = Literal["codes", "list", "numbers", "pattern", "letters"]


@dataclass(frozen=True, slots=True)
class Packed:
    """Integers in blocks of bits, see `gridmap.render.codec`.

    Parameters
    ----------
    size : int
        How many.
    low, high : int
        The smallest and the largest; all are alike where there is no `data`.
    steps : int or None
        None where values are held as they are, above `low`; else the smallest step from one to the next.
    data : str
        Base64.
    """

    size: int
    low: int
    high: int
    steps: int | None
    data: str


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    form : {"codes", "list", "numbers", "pattern", "letters"}
        "codes": `codes` are 1-based positions in `values`, 0 is missing. "list": `values` row by row.
        "numbers": `codes` over 10**`digits`. "pattern": the one text of `values`, then `codes` with zeros
        in front until there are `digits` of them. "letters": for every place of the longest text,
        `letters` are 1-based positions in `values` (the characters that stand at that place), 0 where the
        text has ended.
    missing : Packed or None
        Rows without a value, where the form cannot say it: of numbers, patterns and letters.
    """

    name: str
    title: Bilingual
    type: str
    form: Form
    values: tuple[Cell, ...] = ()
    codes: Packed | None = None
    digits: int = 0
    letters: tuple[Packed, ...] = ()
    missing: Packed | None = None


@dataclass(frozen=True, slots=True)
class Shapes:
    """Lines, polygons and mixtures, row by row: how many of what, then all vertices in one run.

    Parameters
    ----------
    parts : Packed
        Parts of every row; 0 is a row without a place.
    kinds, rings : Packed
        Of every part: 1 a point, 2 a line, 3 a polygon; how many paths it has (a polygon one and its holes).
    sizes : Packed
        Vertices of every path; of a polygon's the first is not repeated at the end.
    x, y : Packed
        Vertices.
    """

    parts: Packed
    kinds: Packed
    rings: Packed
    sizes: Packed
    x: Packed
    y: Packed


@dataclass(frozen=True, slots=True)
class Geometry:
    """Places of a table's rows, as integers of 10**-decimals of a degree (lon, lat).

    Parameters
    ----------
    x, y : Packed or None
        For a table of points; the rows in `missing` have none.
    shapes : Shapes or None
        For anything else.
    """

    decimals: int
    x: Packed | None = None
    y: Packed | None = None
    missing: Packed | None = None
    shapes: Shapes | None = None


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

    Parameters
    ----------
    targets : tuple of str, or Packed
        Ids; or, where all of them are in `table`, the rows that they have there, ascending.
    by_target : tuple of str
        Of unit, role, rule and reason those that depend on the target alone: their codes are not one a
        slot, but one a target.
    """

    kind: str
    layer: str
    table: str
    size: int
    rows: Packed | None
    targets: tuple[str, ...] | Packed
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
    by_target: tuple[str, ...] = ()
