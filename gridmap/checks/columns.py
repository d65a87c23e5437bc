"""Whole columns at once: texts as codes and as one run of bytes, so that no row costs an object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridmap.checks.base import Mask, Rows

Objects = NDArray[np.object_]
Bytes = NDArray[np.uint8]
ASCII_END = 0x80


@dataclass(frozen=True, slots=True)
class Coded:
    """A column of texts as codes: the few values that there are, and which row has which.

    Parameters
    ----------
    codes : array of intp, shape (n,)
        Position in `texts`; -1 where the text is missing.
    texts : array of str objects
        The distinct texts, in the order in which they first appear.
    """

    codes: NDArray[np.intp]
    texts: Objects

    @property
    def given(self) -> Mask:
        """Which rows have a text."""
        return np.asarray(self.codes >= 0, dtype=bool)

    def of(self, rows: Rows) -> Objects:
        """Return the texts of some rows that have one."""
        found: Objects = self.texts[self.codes[rows]]
        return found

    def spread(self, of_texts: NDArray[Any], missing: Any) -> NDArray[Any]:
        """Return for each row what `of_texts` has for its text, and `missing` where there is none."""
        # The code -1 takes the last one.
        return np.append(of_texts, np.array([missing], dtype=of_texts.dtype))[self.codes]


def coded(column: pd.Series[Any] | Objects) -> Coded:
    """Return a column of texts as codes; None, NaN and NA are missing."""
    codes, values = pd.factorize(column)
    return Coded(np.asarray(codes, dtype=np.intp), np.asarray(values, dtype=object))


def among(values: Objects, known: Objects) -> Mask:
    """Return which of these texts are among the known ones.

    Hashes the smaller of the two, as texts of a million rows would take longer than all else.
    """
    if len(values) < len(known):
        known = known[pd.Index(known, dtype=object).isin(values)]
    return np.asarray(pd.Index(values, dtype=object).isin(known), dtype=bool)


def objects(column: Any) -> Objects:
    """Return a column of texts as an object array of str, with None where it is missing."""
    found: Objects = column.to_numpy(dtype=object, na_value=None)
    return found


def utf8(column: pd.Series[Any]) -> Bytes:
    """Return the texts of a column end to end, in UTF-8.

    What is found in it may lie across the end of a text: it serves to say that something is nowhere.
    """
    parts = _buffers(column)
    if parts is None:
        texts = [text for text in objects(column) if text is not None]
        # A lone surrogate is no text, and is looked at like any other.
        parts = [np.frombuffer("".join(texts).encode("utf-8", "surrogatepass"), dtype=np.uint8)]
    return parts[0] if len(parts) == 1 else np.concatenate([*parts, np.empty(0, dtype=np.uint8)])


def _buffers(column: pd.Series[Any]) -> list[Bytes] | None:
    """Return the bytes that an Arrow column keeps its texts in; None where it is none."""
    as_arrow = getattr(column.array, "__arrow_array__", None)
    if as_arrow is None or getattr(column.dtype, "storage", "") != "pyarrow":
        return None
    whole = as_arrow()
    found = []
    for chunk in getattr(whole, "chunks", [whole]):
        _, offsets, data = chunk.buffers()
        if data is None or not len(chunk):
            continue
        width = np.int64 if "large" in str(chunk.type) else np.int32
        ends = np.frombuffer(offsets, dtype=width)[[chunk.offset, chunk.offset + len(chunk)]]
        found.append(np.frombuffer(data, dtype=np.uint8)[ends[0] : ends[1]])
    return found
