"""The project's one form of error: what, where, fix.

A caller's mistake raises one of these; a fault in the data is collected as a finding instead
(see `gridmap.model.findings`). Every error has a stable code, listed in ``CATALOGUE`` and in
``docs/reference/errors.md``. No message holds the value of a private column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

CATALOGUE: dict[str, str] = {
    # 1xx: configuration and use
    "GM101": "not a gridmap project",
    "GM102": "gridmap.toml cannot be read",
    "GM103": "gridmap.toml does not hold together",
    "GM104": "a folder or file is in the way",
    "GM105": "no such kind, column, table or id",
    "GM106": "a value does not fit its column",
    "GM107": "a place cannot be understood",
    "GM108": "the command line cannot be understood",
    "GM109": "no such audience, or none named",
    "GM110": "no such rule, check, overlay, format or redaction",
    "GM111": "an optional library is not installed",
    "GM112": "what a project remembers of its releases cannot be read",
    # 2xx: files in, coordinate reference systems
    "GM201": "a file has no coordinate reference system",
    "GM202": "a file cannot be read",
    "GM203": "a coordinate reference system does not serve",
    "GM204": "a file holds columns that are refused",
    "GM205": "a file's format is not supported",
    "GM206": "a row cannot be stored",
    "GM207": "a file's encoding is not known",
    "GM208": "a file states one coordinate reference system and holds another",
    "GM209": "a file is larger or slower to read than is allowed",
    "GM210": "a file's columns cannot be matched to the kind's",
    "GM211": "rows of a file are already in the store",
    # 3xx: the store
    "GM301": "the store is locked by another writer",
    "GM302": "the store cannot be read",
    "GM303": "the store cannot be written",
    "GM304": "the store was made by a newer gridmap",
    "GM305": "a frame does not have the structure of its table",
    "GM306": "the store was changed outside gridmap",
    "GM307": "the store is damaged",
    "GM308": "there is nothing to take back",
    # 5xx: assignment
    "GM501": "there is no border to measure along",
    "GM502": "there is no jurisdiction to assign",
    # 6xx: views and products
    "GM601": "a frame is not a view",
    "GM602": "a product would hold what its audience may not see",
    "GM603": "a product cannot be written",
    "GM604": "a product's manifest is missing or cannot be read",
    "GM605": "redacted rows could be linked to what they stand for",
    "GM606": "a product of a season would tell where camps are",
    "GM607": "a product would tell what keepers reach, and so where they are",
    # 7xx: drawing
    "GM701": "a map asset is missing or altered",
    "GM702": "there is nothing to draw",
    "GM703": "there is no font with Chinese characters",
    "GM704": "an atlas would have too many sheets",
    # 9xx: gridmap itself
    "GM900": "gridmap met a fault of its own",
}


SHOWN_FAULTS = 20


class GridmapError(Exception):
    """Root of every error that gridmap raises on purpose.

    Parameters
    ----------
    code : str
        Stable code, a key of ``CATALOGUE``.
    what : str
        What is wrong, in one sentence without a full stop.
    where : str
        The file, table, column, row or option it is about.
    fix : str
        What the reader can do about it.
    """

    exit_code = 2

    def __init__(self, code: str, what: str, *, where: str, fix: str) -> None:
        super().__init__(code, what, where, fix)
        self.code = code
        self.what = what
        self.where = where
        self.fix = fix

    def __str__(self) -> str:
        return f"[{self.code}] {self.what}\n  where: {self.where}\n  fix:   {self.fix}"


class ConfigError(GridmapError):
    """The project's settings, or the way it was called, do not hold together (GM1xx)."""


class InputError(GridmapError):
    """A file from outside cannot be taken in (GM2xx)."""


class RowsError(InputError):
    """Rows of a file cannot be used (GM206); the message may show some of them, `faults` has all.

    Parameters
    ----------
    faults : sequence of (int, str, str)
        The row's number in the file, the column, and the reason, which never holds the value.
    """

    def __init__(
        self, what: str, *, where: str, fix: str, faults: Sequence[tuple[int, str, str]] = ()
    ) -> None:
        super().__init__("GM206", what, where=where, fix=fix)
        self.faults = tuple(faults)

    def to_json(self) -> dict[str, object]:
        """Return plain data: the message, and every row."""
        rows = [{"row": row, "column": column, "reason": reason} for row, column, reason in self.faults]
        return {"code": self.code, "what": self.what, "faults": rows}


class StoreError(GridmapError):
    """The store cannot be read or written (GM3xx)."""


class StoreLocked(StoreError):  # noqa: N818 - the name users know it by
    """Another process is writing to the store, and did not finish within the set time."""


class StructureError(StoreError):
    """A frame does not have the structure of its table: ids, columns, types (GM305).

    Parameters
    ----------
    faults : tuple of str
        Every fault found, one sentence each.
    """

    def __init__(self, what: str, *, where: str, fix: str, faults: tuple[str, ...] = ()) -> None:
        super().__init__("GM305", what, where=where, fix=fix)
        self.faults = faults

    def __str__(self) -> str:
        shown = self.faults[:SHOWN_FAULTS]
        lines = [super().__str__(), *(f"  - {fault}" for fault in shown)]
        if len(self.faults) > len(shown):
            lines.append(f"  - and {len(self.faults) - len(shown)} more")
        return "\n".join(lines)


class AssignmentError(GridmapError):
    """The arrangement cannot be computed at all (GM5xx)."""


class PublishError(GridmapError):
    """A product cannot be made, left behind or verified (GM6xx).

    Parameters
    ----------
    columns : tuple of str
        Of GM602: the columns whose texts or places the product would hold, e.g. ``household.name``.
    """

    def __init__(self, code: str, what: str, *, where: str, fix: str, columns: tuple[str, ...] = ()) -> None:
        super().__init__(code, what, where=where, fix=fix)
        self.columns = columns


class RenderError(GridmapError):
    """A drawing cannot be composed (GM7xx)."""


class InternalError(GridmapError):
    """gridmap itself is at fault (GM9xx)."""
