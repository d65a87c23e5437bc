"""A row's canonical record and its hash; the revision of a table and of a store.

A record is the row's values as JSON, keys sorted, missing values left out, then a NUL, then the
geometry as little-endian 2D WKB (nothing if there is none). Keys sorted and missing values left
out mean that a new or reordered column changes no hash. A table's state is the number of its rows
and the sum of their hashes modulo 2**256: it does not depend on the order of the rows, and one
edit changes it in one step.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring
from typing import Any

import numpy as np
import pandas as pd
import shapely

from gridmap.config.spec import ColumnType
from gridmap.store.columns import to_cells

MODULUS = 2**256
HASH_BYTES = 32
# Rows of a column that are written as text at once.
CHUNK = 100_000


@dataclass(frozen=True, slots=True)
class State:
    """What a table holds: rows, and the sum of their hashes modulo 2**256."""

    rows: int = 0
    total: int = 0

    def __add__(self, other: State) -> State:
        return State(self.rows + other.rows, (self.total + other.total) % MODULUS)

    def __sub__(self, other: State) -> State:
        return State(self.rows - other.rows, (self.total - other.total) % MODULUS)

    @classmethod
    def of(cls, hashes: Iterable[bytes]) -> State:
        """Return the state of rows with these hashes."""
        found = list(hashes)
        joined = b"".join(found)
        if len(joined) != HASH_BYTES * len(found):
            # Something else has written into the table of hashes.
            return cls(len(found), sum(int.from_bytes(value, "big") for value in found) % MODULUS)
        words = np.frombuffer(joined, dtype=">u4").reshape(-1, HASH_BYTES // 4)
        total = 0
        # By words of 32 bits, whose sum fits 64 bits for any number of rows that a table holds.
        for word in words.sum(axis=0, dtype=np.uint64).tolist():
            total = (total << 32) + word
        return cls(len(words), total % MODULUS)

    def to_text(self) -> str:
        """Return the state as it is stored."""
        return f"{self.rows} {self.total:064x}"

    @classmethod
    def from_text(cls, text: str) -> State:
        """Read what `to_text` wrote."""
        rows, total = text.split(" ")
        return cls(int(rows), int(total, 16))


def revision_of(states: Mapping[str, State]) -> str:
    """Return the revision of tables in these states; an empty table and none are the same."""
    digest = hashlib.blake2b(digest_size=16)
    for name in sorted(states):
        if states[name].rows:
            digest.update(f"{name} {states[name].to_text()}\n".encode())
    return digest.hexdigest()


def content_of(revision: str, results: Mapping[str, str]) -> str:
    """Return the hash of the data and the results together."""
    digest = hashlib.blake2b(f"{revision}\n".encode(), digest_size=16)
    for name in sorted(results):
        digest.update(f"{name} {results[name]}\n".encode())
    return digest.hexdigest()


def wkb_of(geometry: np.ndarray) -> list[bytes | None]:
    """Return canonical WKB: ISO, little-endian, two dimensions."""
    return shapely.to_wkb(geometry, byte_order=1, output_dimension=2, flavor="iso").tolist()  # type: ignore[no-any-return]


# What stands inside quotes as it is; everything else is escaped.
_ESCAPED = re.compile(r'[\x00-\x1f"\\]')


def _pieces(name: str, kind: ColumnType, cells: Sequence[Any]) -> tuple[str, Sequence[Any]] | None:
    """Return how a column is written, and what in every row; None if it has no value in any.

    ``,"name":%s`` with its cells where every row has a plain one; else ``%s`` with ``,"name":value`` for
    every row, "" where it is missing.
    """
    types = set(map(type, cells))
    if types <= {type(None)}:
        return None
    head = f",{encode_basestring(name)}:"
    fixed = head.replace("%", "%%")
    if types == {str} and not _has_escapes(cells):
        return f'{fixed}"%s"', cells
    if types == {int} and kind != "real":
        return f"{fixed}%s", cells
    return "%s", _optional(head, kind, cells, types - {type(None)})


def _has_escapes(cells: Sequence[str]) -> bool:
    return any(
        _ESCAPED.search("".join(cells[first : first + CHUNK])) for first in range(0, len(cells), CHUNK)
    )


def _optional(head: str, kind: ColumnType, cells: Sequence[Any], types: set[type]) -> list[str]:
    if types == {str}:
        quote = encode_basestring
        # Few texts stand in many rows (units, roles): each is quoted once.
        written = {cell: "" if cell is None else head + quote(cell) for cell in set(cells)}
        return [written[cell] for cell in cells]
    if types == {int} and kind != "real":
        return ["" if cell is None else f"{head}{cell}" for cell in cells]
    if types == {float} and kind == "real" and _finite(cells):
        # What `_odd` writes, without the way through the JSON encoder.
        return ["" if cell is None else f"{head}{cell + 0.0!r}" for cell in cells]
    return ["" if cell is None else head + _odd(cell, kind) for cell in cells]


def _finite(cells: Sequence[float | None]) -> bool:
    return all(cell is None or math.isfinite(cell) for cell in cells)


def _odd(cell: Any, kind: ColumnType) -> str:
    """Write a value of whatever type a foreign tool left in the column."""
    if kind == "real" and isinstance(cell, int | float):
        return json.dumps(float(cell) + 0.0)
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, bytes):
        return f'{{"blob":"{cell.hex()}"}}'
    return json.dumps(cell, ensure_ascii=False)


def records(
    cells: Mapping[str, Sequence[Any]],
    types: Mapping[str, ColumnType],
    wkb: Sequence[bytes | None] | None,
    *,
    rows: int,
) -> list[bytes]:
    """Return the canonical record of every row; its ``id`` is not part of it."""
    pieces = [
        found
        for name in sorted(types)
        if name != "id" and (found := _pieces(name, types[name], cells[name])) is not None
    ]
    texts = _texts(pieces, rows)
    if wkb is None:
        return list(map(str.encode, texts))
    # The empty WKB is no geometry at all.
    return [text.encode() + (shape or b"") for text, shape in zip(texts, wkb, strict=True)]


def _texts(pieces: Sequence[tuple[str, Sequence[Any]]], rows: int) -> Iterable[str]:
    """Return the text of every record up to the NUL."""
    if not pieces:
        return ["{}\0"] * rows
    written = "".join(how for how, _ in pieces)
    cells = zip(*(column for _, column in pieces), strict=True)
    if written.startswith(","):
        # The first column is there in every row: so is its comma, which does not belong.
        return map(("{" + written[1:] + "}\0").__mod__, cells)
    return (f"{{{text[1:]}}}\0" for text in map(written.__mod__, cells))


def row_hashes(kind: str, ids: Sequence[str], found: Sequence[bytes]) -> list[bytes]:
    """Return the hash of every row: kind, id and record."""
    head = f"{kind}\0"
    blake2b = hashlib.blake2b
    return [
        blake2b(f"{head}{row_id}\0".encode() + record, digest_size=HASH_BYTES).digest()
        for row_id, record in zip(ids, found, strict=True)
    ]


def parse(record: bytes) -> tuple[dict[str, Any], bytes | None]:
    """Return a record's values and its WKB (None if it has none)."""
    text, _, wkb = record.partition(b"\0")
    return json.loads(text), wkb or None


def frame_cells(frame: pd.DataFrame, types: Mapping[str, ColumnType]) -> dict[str, list[Any]]:
    """Return a conformed frame's columns as plain values."""
    return {name: list(to_cells(frame[name], kind)) for name, kind in types.items()}


def frame_wkb(frame: pd.DataFrame) -> list[bytes | None] | None:
    """Return a frame's geometry as canonical WKB; None for a table without geometry."""
    if "geometry" not in frame.columns:
        return None
    return wkb_of(np.asarray(frame["geometry"].array, dtype=object))


def state_of(kind: str, frame: pd.DataFrame, types: Mapping[str, ColumnType]) -> State:
    """Return the state of a conformed frame as a table."""
    cells = frame_cells(frame, types)
    found = records(cells, types, frame_wkb(frame), rows=len(frame))
    return State.of(row_hashes(kind, cells["id"], found))


def results_digest(
    cells: Mapping[str, Sequence[Any]],
    types: Mapping[str, ColumnType],
    wkb: Sequence[bytes | None] | None,
) -> str:
    """Return the hash of a table of results: column by column, its rows in their order.

    Such a table has no ids and is only ever written whole, so its rows need no hashes of their own.
    """
    digest = hashlib.blake2b(digest_size=HASH_BYTES)
    for name in sorted(types):
        digest.update(f"{encode_basestring(name)}:".encode())
        column = cells[name]
        for first in range(0, len(column), CHUNK):
            part = json.dumps(list(column[first : first + CHUNK]), ensure_ascii=False, default=_blob)
            digest.update(part.encode("utf-8", "surrogatepass"))
    for shape in wkb or ():
        held = shape or b""  # the empty WKB is no geometry at all
        digest.update(len(held).to_bytes(8, "big") + held)
    return digest.hexdigest()


def _blob(value: object) -> object:
    """Write what a foreign tool left in a column of results."""
    if isinstance(value, bytes):
        return {"blob": value.hex()}
    raise TypeError
