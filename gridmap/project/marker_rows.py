"""What is wrong with a list of boundary markers: every row of the file at once, whatever found it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gridmap.errors import ConfigError, RowsError
from gridmap.exchange import Reading, RowFault
from gridmap.exchange.typed import typed_column
from gridmap.geo import stationing as lines
from gridmap.project.stationing import chainage_of, hand

if TYPE_CHECKING:
    from gridmap.project.stationing import Measured

    Floats = np.ndarray[Any, np.dtype[np.float64]]

SHOWN = 20
TEXTS, METRES = ("number", "chainage", "side"), ("offset_m", "surveyed_m")
MISSING = "is missing"
FIX = "write the chainage as K23+450 or in metres, an offset with its side, a number once"


def marker_stations(where: Measured, reading: Reading) -> tuple[Floats, Floats, list[int]]:
    """Return the chainage, offset and side of the rows of a list of markers.

    Parameters
    ----------
    where : Measured
        The border.
    reading : Reading
        The file: ``number``, ``chainage``, ``offset_m``, ``side``, ``surveyed_m``.

    Returns
    -------
    chainage_m, offset_m : (n,) float
        Metres, in the order of ``reading.frame``.
    side : list of int
        1 left, -1 right, 0 on the line.

    Raises
    ------
    RowsError
        GM206 with every row that cannot be placed, and for a file without rows.
    """
    if not reading.total:
        raise RowsError(
            "the file holds no markers",
            where=reading.file.name,
            fix="give it a row for each marker, below the line with the names of the columns",
        )
    given = reading.frame
    rows = [
        (row, {name: None if pd.isna(cell) else cell for name, cell in cells.items()}, frozenset[str]())
        for row, cells in zip(reading.rows.tolist(), given.to_dict(orient="records"), strict=True)
    ]
    faults = [*reading.faults, *_faults(where, [*rows, *_waiting(reading)])]
    if faults:
        _refuse(faults, reading)
    along = [chainage_metres(where, str(one)) for one in given["chainage"]]
    offset = given["offset_m"].fillna(0.0).to_numpy(dtype=np.float64)
    return lines.on_border(where.border, along), offset, [hand(one) for one in given["side"].fillna("on")]


Row = tuple[int, Mapping[str, Any], frozenset[str]]


def _waiting(reading: Reading) -> list[Row]:
    """Return what can be read of the rows that the reader has refused, and which columns cannot."""
    headers = reading.headers.sources
    found: list[Row] = []
    bad: dict[int, set[str]] = {}
    for fault in reading.faults:
        bad.setdefault(fault.row, set()).add(fault.column)
    for row, raw in zip(reading.quarantine["row"].tolist(), reading.quarantine["raw"].tolist(), strict=True):
        cells = {name: json.loads(raw).get(headers.get(name, "")) for name in (*TEXTS, *METRES)}
        cells |= {name: str(cells[name]) for name in TEXTS if cells[name] is not None}
        for name in METRES:
            value = typed_column([cells[name]], "real")[0].iloc[0]
            cells[name] = None if pd.isna(value) else float(value)
        found.append((int(row), cells, frozenset(bad[int(row)])))
    return found


def _faults(where: Measured, rows: Sequence[Row]) -> list[RowFault]:
    numbers = Counter(cells["number"] for _, cells, _ in rows)
    found: list[RowFault] = []
    for row, cells, bad in rows:
        told = {"number": _number_fault(cells, numbers), "chainage": _chainage_fault(where, cells)}
        told |= {"side": _side_fault(cells), "offset_m": _offset_fault(where, cells)}
        told["surveyed_m"] = "is negative" if (cells["surveyed_m"] or 0.0) < 0.0 else ""
        found += [RowFault(row, name, why) for name, why in told.items() if why and name not in bad]
    return found


def _number_fault(cells: Mapping[str, Any], numbers: Mapping[Any, int]) -> str:
    if cells["number"] is None or not str(cells["number"]).strip():
        return MISSING
    return "is there twice" if numbers[cells["number"]] > 1 else ""


def _chainage_fault(where: Measured, cells: Mapping[str, Any]) -> str:
    if cells["chainage"] is None or not str(cells["chainage"]).strip():
        return MISSING
    try:
        along = chainage_metres(where, str(cells["chainage"]))
    except ConfigError as error:
        return f"cannot be understood: {error.what}"
    try:
        lines.on_border(where.border, along)
    except ConfigError as error:
        return f"is not on the border: {error.where}"
    return ""


def _side_fault(cells: Mapping[str, Any]) -> str:
    try:
        hand(str(cells["side"] or "on"))
    except ConfigError:
        return "is none of left, right and on"
    return ""


def _offset_fault(where: Measured, cells: Mapping[str, Any]) -> str:
    away, belt = cells["offset_m"] or 0.0, where.area.spec.layers.line.belt_m
    if away < 0.0:
        return "is negative: give it as positive, with its side"
    if away > belt:
        return f"is beyond the belt of the border, {belt:,.0f} m"
    try:
        aside = hand(str(cells["side"] or "on"))
    except ConfigError:
        return ""
    return "is without a side: left or right of the line" if away > 0.0 and aside == lines.ON else ""


def chainage_metres(where: Measured, text: str) -> float:
    """Return the chainage that a cell says, in metres; a bare number is metres; GM107 if it says none."""
    plain = text.strip()
    bare = plain.replace(".", "", 1).isdigit() and plain.isascii()
    return chainage_of(where, f"{plain}m" if bare else plain)


def _refuse(faults: Sequence[RowFault], reading: Reading) -> None:
    ordered = tuple(sorted(set(faults), key=lambda one: (one.row, one.column, one.reason)))
    by_row: dict[int, list[str]] = {}
    for one in ordered:
        by_row.setdefault(one.row, []).append(f"{one.column} {one.reason}")
    told = [f"{reading.row_word} {row}: " + ", ".join(why) for row, why in by_row.items()]
    more = f"; and {len(told) - SHOWN} more" if len(told) > SHOWN else ""
    raise RowsError(
        "1 marker cannot be placed" if len(told) == 1 else f"{len(told)} markers cannot be placed",
        where=f"{reading.file.name}: " + "; ".join(told[:SHOWN]) + more,
        fix=FIX,
        faults=[(one.row, one.column, one.reason) for one in ordered],
    )
