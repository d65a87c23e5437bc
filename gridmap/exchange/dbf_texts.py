"""Cells and names that came as bytes, as the texts and faults of a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gridmap.exchange.dbf import Odd
from gridmap.exchange.encodings import Decision
from gridmap.exchange.texts import Fault, decoded, without_cut


def samples_of(columns: Iterable[tuple[bytes, int, Sequence[Any]]]) -> list[bytes]:
    """Return every name and text, each once, for judging the encoding.

    Parameters
    ----------
    columns : iterable of (name, width, cells)
        Names and cells as bytes; cells of other types are passed over.
    """
    found: list[bytes] = []
    for name, width, cells in columns:
        found.append(name)
        found += [without_cut(cell, width) for cell in dict.fromkeys(cells) if isinstance(cell, bytes)]
    return found


def named(name: bytes, decision: Decision, taken: Mapping[str, Any]) -> str:
    """Return a column's name as text, unlike those that are taken."""
    # One that fills its bytes may end within a character.
    text = name.decode(decision.encoding, "ignore").strip() or "column"
    while text in taken:
        text += "_"
    return text


def settled(cells: Sequence[Any], decision: Decision, name: str) -> tuple[list[Any], list[Fault]]:
    """Return a column with texts for bytes and None for cells that are no value, and the faults of those."""
    values, faults = decoded(cells, decision, name)
    for at, value in enumerate(values):
        if isinstance(value, Odd):
            faults.append((at, name, value.reason))
            values[at] = None
    return values, faults
