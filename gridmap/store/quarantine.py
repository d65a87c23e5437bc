"""The table of rows that cannot be stored: where each came from, why it waits, and its raw values."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from gridmap.config.spec import ColumnType
from gridmap.errors import StoreLocked
from gridmap.store import tables
from gridmap.store.arrays import among
from gridmap.store.columns import from_cells, to_cells
from gridmap.store.structure import Frame
from gridmap.store.transaction import Transaction

TABLE = "quarantine"
TYPES: dict[str, ColumnType] = {
    "id": "text",
    "kind": "text",
    "source": "text",
    "sha256": "text",
    "row": "integer",
    "row_word": "text",
    "row_id": "text",
    "reason": "text",
    "raw": "text",
}


# Enough of a file's hash to tell two of one name apart.
TAG = 8


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the store is told of a file whose rows it takes in.

    Parameters
    ----------
    source : str
        Its name, with the table or sheet behind ``#`` where one was named.
    sha256 : str
        Of its contents.
    expected : str or None
        The revision that the rows were compared with; another one means that somebody came between.
    accepted : sequence of str
        Ids of rows that are in the store already, as the file has them.
    """

    source: str
    sha256: str = ""
    expected: str | None = None
    accepted: Sequence[str] = ()

    def refuse_between(self, revision: str, where: str) -> None:
        """Refuse to write on top of what nobody has compared the rows with.

        Raises
        ------
        StoreLocked
            GM301.
        """
        if self.expected not in {None, revision}:
            raise StoreLocked(
                "GM301",
                "the data were changed while the file was being read",
                where=where,
                fix="nothing was taken in: import the file again",
            )


@dataclass(frozen=True, slots=True)
class Replaced:
    """What `put` changed: the rows that went, and the ids of those that came."""

    gone: tuple[tuple[str, bytes], ...]
    came: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.gone or self.came)

    def lines(self) -> Iterator[tuple[str, bytes | None]]:
        """Yield id and record as `restore` takes them; no record for a row that came."""
        came = set(self.came)
        yield from self.gone
        kept = {row_id for row_id, _ in self.gone}
        yield from ((row_id, None) for row_id in sorted(came - kept))


def nothing_waits() -> Frame:
    """Return the table as it is when no row waits."""
    return _typed({name: [] for name in TYPES})


def labelled(frame: pd.DataFrame, kind: str, delivery: Delivery) -> Frame:
    """Return quarantined rows of one file as the table holds them, with ids of their own."""
    tag = ":".join(one for one in (kind, delivery.source, delivery.sha256[:TAG]) if one)
    made = frame.assign(
        id=[f"{tag}:{number}" for number in frame["row"].tolist()],
        kind=kind,
        source=delivery.source,
        sha256=delivery.sha256,
    )
    return _typed({name: to_cells(made[name], sort) for name, sort in TYPES.items()})


def joined(
    held: Frame, new: Frame, kind: str, delivery: Delivery, taken: Sequence[str]
) -> tuple[Frame, Frame]:
    """Return the table with the rows that still wait and the new ones, ordered by id, and what went.

    A row goes when the very same file is read again as the same kind, or when a row with its id comes in: the
    mended one, from whatever file. A row that nothing names waits until it is discarded.
    """
    if not len(held):
        return new.sort_values("id", kind="stable", ignore_index=True), held
    same = (held["source"] == delivery.source) & (held["sha256"] == delivery.sha256)
    ids = {*taken, *delivery.accepted, *new["row_id"].dropna()}
    settled = among(held["row_id"], ids)
    old = (held["kind"] == kind).to_numpy(dtype=bool) & (same.to_numpy(dtype=bool) | settled)
    parts = [part for part in (held[~old], new) if len(part)]
    made = pd.concat(parts, ignore_index=True) if parts else new
    return made.sort_values("id", kind="stable", ignore_index=True), held[old]


def read(doing: Transaction) -> Frame:
    """Return the table; empty if there is none."""
    found = tables.layout(doing.connection, TABLE) if f"result:{TABLE}" in doing.meta else None
    if found is None:
        return nothing_waits()
    cells, _, _ = tables.fetch(doing.connection, found, list(TYPES), order=None)
    return _typed({name: list(cells[name]) for name in TYPES})


def put(
    doing: Transaction, kind: str, frame: pd.DataFrame, delivery: Delivery, taken: Sequence[str]
) -> Replaced:
    """Put a file's rows in the table; those that are settled go (see `joined`)."""
    new = labelled(frame, kind, delivery)
    made, gone = joined(read(doing), new, kind, delivery, taken)
    if _records(gone) == _records(new.sort_values("id", kind="stable")):
        return Replaced((), ())
    _write(doing, made)
    return Replaced(tuple(zip(gone["id"], _records(gone), strict=True)), tuple(new["id"]))


def restore(doing: Transaction, kept: Sequence[tuple[str, bytes | None]]) -> None:
    """Make the table as it was before `put`."""
    if not kept:
        return
    held = read(doing)
    rest = held[~held["id"].isin([row_id for row_id, _ in kept])]
    old = [json.loads(bytes(record)) for _, record in kept if record is not None]
    back = _typed({name: [one[name] for one in old] for name in TYPES})
    parts = [part for part in (rest, back) if len(part)]
    made = pd.concat(parts, ignore_index=True) if parts else back
    _write(doing, made.sort_values("id", kind="stable", ignore_index=True))


def _write(doing: Transaction, frame: Frame) -> None:
    if len(frame):
        doing.put_result(TABLE, frame, TYPES)
    elif f"result:{TABLE}" in doing.meta:
        doing.drop_result(TABLE)


def _records(frame: Frame) -> list[bytes]:
    columns = [to_cells(frame[name], sort) for name, sort in TYPES.items()]
    rows = [dict(zip(TYPES, cells, strict=True)) for cells in zip(*columns, strict=True)]
    return [json.dumps(row, ensure_ascii=False).encode() for row in rows]


def _typed(cells: dict[str, list[Any]]) -> Frame:
    return pd.DataFrame({name: from_cells(values, TYPES[name]) for name, values in cells.items()})


def without(doing: Transaction, source: str) -> Replaced:
    """Take the rows of a file out of the table."""
    held = read(doing)
    gone = held[(held["source"] == source).to_numpy(dtype=bool)]
    if len(gone):
        _write(doing, held.drop(gone.index).reset_index(drop=True))
    return Replaced(tuple(zip(gone["id"], _records(gone), strict=True)), ())
