"""Rows that cannot be stored, as they wait: where each stood, why, and its values as the file has them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely

from gridmap.exchange.checksums import holds_resident_id
from gridmap.exchange.format import RawTable
from gridmap.exchange.headers import Headers
from gridmap.exchange.typed import RowFault

# A raw value is kept for the person who mends the row; a township's outline would only bury it.
RAW_LENGTH = 500
# What a reader calls the column of a fault that is the whole row's.
WHOLE_ROW = "(row)"
TEXTS = ("row_word", "row_id", "reason", "raw")
NOT_KEPT = "(an identity number, not kept)"


def quarantined(
    raw: RawTable, headers: Headers, faults: Iterable[RowFault], ids: pd.Series[Any]
) -> pd.DataFrame:
    """Return the rows that cannot be stored.

    Parameters
    ----------
    raw : RawTable
        The file.
    headers : Headers
        What its headers mean: what is refused or left out is not kept here either.
    faults : iterable of RowFault
        What is wrong with which row.
    ids : Series, shape (n,)
        The id of every row of the file, missing where it has none.

    Returns
    -------
    DataFrame
        ``row``, ``row_word``, ``row_id``, ``reason``, ``raw`` (the values as JSON), one line a row.
    """
    reasons: dict[int, list[str]] = {}
    faults = tuple(faults)
    for fault in faults:
        reasons.setdefault(fault.row, []).append(f"{fault.column} {fault.reason}")
    # In a row of another width than the header nobody knows which cell is the refused one.
    torn = {fault.row for fault in faults if fault.column == WHOLE_ROW} if headers.refused else set()
    at = {int(number): position for position, number in enumerate(raw.rows)} if reasons else {}
    taken = {*headers.sources.values(), *headers.positions.values()}
    kept = [header for header in raw.columns if header in taken]
    lines = [
        (
            number,
            raw.row_word,
            _id(ids.iloc[at[number]]),
            "; ".join(found),
            _raw_text(raw, [] if number in torn else kept, at[number]),
        )
        for number, found in reasons.items()
    ]
    made = pd.DataFrame(lines, columns=["row", *TEXTS])
    return made.astype({"row": "Int64", **dict.fromkeys(TEXTS, "str")})


def _id(value: Any) -> str | None:
    """Return an id by which the mended row will be known; None if it names nothing."""
    return value if isinstance(value, str) and value.strip() and not holds_resident_id(value) else None


def _raw_text(raw: RawTable, headers: Sequence[str], position: int) -> str:
    values = {header: _plain(raw.columns[header][position]) for header in headers}
    if raw.geometry is not None and raw.geometry[position] is not None:
        values["geometry"] = shapely.to_wkt(raw.geometry[position], rounding_precision=-1)[:RAW_LENGTH]
    # A NUL, half a character: SQLite keeps neither, their escapes it does.
    return json.dumps(values, ensure_ascii=False).encode("utf-8", "backslashreplace").decode("utf-8")


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return str(value)
    # One number in a column of remarks does not make the column refused; it is kept nowhere all the same.
    if holds_resident_id(value):
        return NOT_KEPT
    return value[:RAW_LENGTH] if isinstance(value, str) else value
