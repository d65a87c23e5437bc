"""What names the rows of a file: its ids, or ids made of its name and the rows' numbers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gridmap.exchange.format import RawTable
from gridmap.exchange.options import ReadOptions
from gridmap.exchange.typed import RowFault

# What `--id` takes for a file in which nothing names its rows.
ROW_ID = "@row"


def unambiguous(raw: RawTable) -> RawTable:
    """Count the rows anew where their numbers repeat, as the keys of a database's view may."""
    if (np.diff(raw.rows) > 0).all() or len(np.unique(raw.rows)) == len(raw.rows):
        return raw
    note = f"every {raw.row_word} is there more than once: rows are counted from 1"
    rows = np.arange(1, len(raw.rows) + 1, dtype=np.int64)
    return replace(raw, rows=rows, row_word="row", notes=(*raw.notes, note))


def numbered(raw: RawTable, options: ReadOptions, name: str) -> RawTable:
    """Give the rows ids made of the file's name, its table and their number, where that was asked for."""
    if options.id_column != ROW_ID or ROW_ID in raw.columns:
        return raw
    stem = Path(name).stem if options.layer is None else f"{Path(name).stem}-{options.layer}"
    return replace(raw, columns={**raw.columns, ROW_ID: [f"{stem}-{row}" for row in raw.rows.tolist()]})


def id_faults(ids: pd.Series[Any], raw: RawTable) -> list[RowFault]:
    """Return what is wrong with a file's ids: missing, or the same in several rows."""
    rows = raw.rows
    blank = (ids.isna() | (ids.str.strip() == "")).to_numpy(dtype=bool, na_value=True)
    faults = [RowFault(int(rows[at]), "id", "is missing") for at in np.flatnonzero(blank)]
    # Every row of a clash is named: which of them is meant is the reader's to say.
    clash = np.flatnonzero(ids.duplicated(keep=False).to_numpy() & ~blank)
    last = {ids.iloc[at]: int(rows[at]) for at in clash}
    first = {ids.iloc[at]: int(rows[at]) for at in clash[::-1]}
    for at in clash:
        row, one = int(rows[at]), ids.iloc[at]
        other = first[one] if row != first[one] else last[one]
        faults.append(RowFault(row, "id", f"is also the id of {raw.row_word} {other}"))
    return faults
