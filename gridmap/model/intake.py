"""What became of a file that was imported: every row accounted for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Literal

OnDuplicate = Literal["refuse", "update", "skip"]
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Matched:
    """A header of the file, the column (or ``lon``, ``lat``, ``wkt``, ...) it was taken for, and why."""

    header: str
    column: str
    how: str


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a row was not taken in; never its value."""

    row: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Mended:
    """A geometry that was changed on the way in, with its area (length for lines) before and after."""

    id: str
    what: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a file.

    Parameters
    ----------
    kind, file : str
        The table, and the name of the file.
    size, sha256 : int, str
        Of the file, with what belongs to it.
    rows : int
        Rows in the file: ``accepted + quarantined``.
    added, updated, unchanged, skipped : int
        What became of the accepted rows.
    quarantined : int
        Rows that cannot be stored; they wait in the table ``quarantine`` with their reasons.
    row_word : str
        What a row number counts: ``row``, ``feature`` or ``fid``.
    columns : tuple of Matched
        How headers were understood.
    unused : tuple of str
        Headers that mean nothing here and were left out.
    refused : mapping of str to str
        Headers that were left out because gridmap keeps no such data, with the reason.
    crs, encoding : str or None
        What positions and texts were taken to be in.
    left_out : tuple of (int, str)
        Rows that are no data (titles, blanks, totals), with the reason.
    notes : tuple of str
        What else a reader should know.
    misfits : tuple of Misfit
        Every reason of every quarantined row.
    mended : tuple of Mended
        Geometries that were repaired or snapped because the caller asked for it.
    stored : bool
        False after a dry run.
    revision : str
        The revision of the data after it.
    """

    kind: str
    file: str
    size: int
    sha256: str
    rows: int
    added: int
    updated: int
    unchanged: int
    skipped: int
    quarantined: int
    row_word: str
    columns: tuple[Matched, ...]
    unused: tuple[str, ...]
    refused: Mapping[str, str]
    crs: str | None
    encoding: str | None
    left_out: tuple[tuple[int, str], ...]
    notes: tuple[str, ...]
    misfits: tuple[Misfit, ...]
    mended: tuple[Mended, ...]
    stored: bool
    revision: str

    @property
    def accepted(self) -> int:
        """Rows of the file that the store now answers for."""
        return self.added + self.updated + self.unchanged + self.skipped

    def to_json(self) -> dict[str, object]:
        """Return plain values."""
        made: dict[str, object] = {one.name: getattr(self, one.name) for one in fields(self)}
        made["accepted"] = self.accepted
        made["columns"] = [{"header": m.header, "column": m.column, "how": m.how} for m in self.columns]
        made["misfits"] = [{"row": m.row, "column": m.column, "reason": m.reason} for m in self.misfits]
        made["mended"] = [
            {"id": m.id, "what": m.what, "before": m.before, "after": m.after} for m in self.mended
        ]
        made["left_out"] = [{"row": row, "reason": reason} for row, reason in self.left_out]
        made["refused"] = dict(self.refused)
        return made

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> list[str]:
        """Return the report for a reader, the mapping first."""
        shown = [f"{one.header} -> {one.column} ({one.how})" for one in self.columns]
        if self.crs:
            shown.append(f"positions: {self.crs}")
        if self.encoding:
            shown.append(f"encoding: {self.encoding}")
        if self.unused:
            shown.append("left out, not columns of " + self.kind + ": " + ", ".join(self.unused))
        shown += [f"left out by rule: {header} ({reason})" for header, reason in self.refused.items()]
        shown += _some([f"{self.row_word} {row} left out: {reason}" for row, reason in self.left_out])
        shown += [f"note: {note}" for note in self.notes]
        shown += _some([f"mended {m.id}: {m.what}, {m.before:,.1f} -> {m.after:,.1f}" for m in self.mended])
        shown += _some([f"{self.row_word} {m.row}: {m.column} {m.reason}" for m in self.misfits])
        return [*shown, self.total_line()]

    def total_line(self) -> str:
        """Return one sentence with every figure."""
        done = "taken in" if self.stored else "would be taken in (dry run: nothing was stored)"
        return (
            f"{self.file}: {self.rows} rows, {self.accepted} {done} as {self.kind} ({self.added} new, "
            f"{self.updated} changed, {self.unchanged} unchanged, {self.skipped} kept as stored), "
            f"{self.quarantined} quarantined"
        )


def _some(lines: list[str]) -> list[str]:
    more = len(lines) - SHOWN
    return lines if more <= 0 else [*lines[:SHOWN], f"... and {more} more"]
