"""What a check is: documented codes, a stage, and a function from a context to faults."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gridmap.model import Bilingual, Level

if TYPE_CHECKING:
    from gridmap.checks.context import Context

Rows = NDArray[np.intp]
Mask = NDArray[np.bool_]
NO_ROW = -1
GEOMETRY = "geometry"


class Stage(IntEnum):
    """When a check runs.

    What only follows from a fault already reported is not reported again, so a check sees the
    marks left by every earlier stage and leaves marked rows alone.
    """

    CELL = 1
    ROW = 2
    KEY = 3
    REFERENCE = 4
    TABLE = 5
    PLACE = 6
    WHOLE = 7


class Scope(StrEnum):
    """What the findings of one row depend on, besides the settings: which rows an edit makes stale.

    Marks count as what left them: a check of a narrow scope looks only at marks that say nothing more
    than it would find by itself.
    """

    ROW = "row"
    """The row alone: an edit asks for the rows that it changed, of this check, and for no others."""
    LINKED = "linked"
    """The row, and tables of other kinds; never other rows of its own. An edit asks for the rows that it
    changed; and, where it changed another kind, for all rows."""
    SET = "set"
    """Other rows of its own table too, or there is no row at all (a gap): an edit asks for the whole."""


class Reads(StrEnum):
    """What of a row a check looks at: an edit of nothing else asks for no row."""

    VALUES = "values"
    """Its columns, and never where it is: moving a row changes nothing."""
    PLACE = "place"
    """Its geometry, and besides it the id alone."""
    BOTH = "both"
    """Both."""


@dataclass(frozen=True, slots=True)
class CheckDoc:
    """One kind of fault, as the reference shows it.

    Parameters
    ----------
    code : str
        Stable kebab-case code.
    level : {"error", "warning", "info"}
        How bad it is.
    title : Bilingual
        What is wrong, in the two languages of the maps.
    fix : str
        What to do about it.
    stored : bool
        Whether a store can hold the fault; the others are found in frames only.
    """

    code: str
    level: Level
    title: Bilingual
    fix: str
    stored: bool = True


@dataclass(frozen=True, slots=True)
class Faults:
    """A batch of faults of one code in one table, as a check hands them to the engine.

    Parameters
    ----------
    code, table : str
        Which fault, where.
    rows : array of intp, shape (n,)
        Positions in the table; `NO_ROW` for a fault that has no row (a gap).
    messages : str or sequence of str
        One for all, or one a row; never the value of a private column.
    aspects : tuple of str
        What later checks must no longer trust in these rows: column names, or ``"geometry"``.
    related : sequence of tuple of str, optional
        Ids of the other rows that take part.
    places : sequence of shapely geometries, optional
        The places; the rows' own geometries if left out.
    sizes : sequence of float, optional
        Square metres of each place.
    fixes : sequence of str, optional
        Better fixes than the code's own.
    """

    code: str
    table: str
    rows: Rows
    messages: str | Sequence[str]
    aspects: tuple[str, ...] = ()
    related: Sequence[tuple[str, ...]] | None = None
    places: Sequence[Any] | NDArray[np.object_] | None = None
    sizes: Sequence[float] | None = None
    fixes: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """A check: what it may report, when it runs, and the function that looks.

    Parameters
    ----------
    stage : Stage
        When it runs.
    docs : tuple of CheckDoc
        The codes that are its own; it may also report those of another check.
    run : callable
        Takes a `Context`, yields `Faults`; changes nothing; never raises on what a store can hold.
    scope : Scope
        What the findings of a row depend on. Left out, the widest: that is never wrong, only slow.
    reads : Reads
        What of its rows it looks at, besides marks. Left out, everything: the same holds.
    """

    stage: Stage
    docs: tuple[CheckDoc, ...]
    run: Callable[[Context], Iterable[Faults]]
    scope: Scope = Scope.SET
    reads: Reads = Reads.BOTH


def doc(code: str, level: Level, title: tuple[str, str], fix: str, *, stored: bool = True) -> CheckDoc:
    """Return a `CheckDoc`.

    Parameters
    ----------
    code, level, fix : str
        As in `CheckDoc`.
    title : (str, str)
        English and Chinese.
    stored : bool
        Whether a store can hold such a fault.
    """
    return CheckDoc(code, level, Bilingual(*title), fix, stored)


def shown(value: object, *, limit: int = 40) -> str:
    """Return a public value for a message: quoted, with control characters escaped, cut short."""
    text = ascii(value) if any(not char.isprintable() for char in str(value)) else repr(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"
