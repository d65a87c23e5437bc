"""Columns of bytes as columns of texts, row by row where a text is cut or was destroyed before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gridmap.exchange.encodings import Cut, Decision

Fault = tuple[int, str, str]
CUT = "is cut in the middle of a character"
NOT_TEXT = "is not text in the file's encoding"


def decoded(cells: Sequence[Any], decision: Decision, column: str) -> tuple[list[Any], list[Fault]]:
    """Decode the bytes among a column's cells.

    Parameters
    ----------
    cells : sequence
        Bytes, or values that are no text.
    decision : Decision
        How the file's texts are encoded.
    column : str
        The column's name.

    Returns
    -------
    list
        The values.
    list of (position, column, reason)
        Texts that cannot be decoded.
    """
    out: list[Any] = []
    faults: list[Fault] = []
    for at, cell in enumerate(cells):
        if not isinstance(cell, bytes):
            out.append(cell)
            continue
        try:
            out.append(cell.decode(decision.encoding))
        except UnicodeDecodeError as error:
            out.append(None)
            faults.append((at, column, CUT if error.end >= len(cell) else NOT_TEXT))
    return out, faults


def without_cut(cell: bytes, width: int) -> bytes:
    """Return a text for judging the encoding: one that fills its field may end within a character."""
    return Cut(cell) if len(cell) >= width - 1 else cell
