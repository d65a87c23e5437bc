"""The faults that no store can hold, as a file to import: every row of it is invented, and says so."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from gridmap.config import ProjectSpec
from gridmap.geo import to_lonlat
from gridmap.sample.planting import Ground

FILE_NAME = "faults-to-import.csv"
KIND = "household"
PREFIX = "X"
# The header states the datum, so that the file needs no option.
HEADERS = (
    "id", "synthetic", "name", "stronghold", "persons", "valid_from", "lon_cgcs2000", "lat_cgcs2000",
)  # fmt: skip
LON, LAT = "lon_cgcs2000", "lat_cgcs2000"
FIRST_ROW = 2
DECIMALS = 8


@dataclass(frozen=True, slots=True)
class _Row:
    """What is planted in a row, and what the import must say: the column, and a part of the reason.

    Without a column the row is honest. `extra` cells stand beyond the header.
    """

    what: str
    column: str = ""
    reason: str = ""
    cells: Mapping[str, str] = field(default_factory=dict)
    extra: tuple[str, ...] = ()


_ROWS = (
    _Row("nothing is wrong"),
    _Row("the id of another row", "id", "is also the id of row", {"id": "X-twice"}),
    _Row("the id of another row", "id", "is also the id of row", {"id": "X-twice"}),
    _Row("no id", "id", "is missing", {"id": ""}),
    _Row("an id of blanks", "id", "is missing", {"id": "   "}),
    _Row("text where a whole number belongs", "persons", "whole number", {"persons": "many"}),
    _Row("half a person", "persons", "whole number", {"persons": "3.5"}),
    _Row("a number with a separator", "persons", "without separators", {"persons": "1,234"}),
    _Row("a number too large to keep", "persons", "whole number", {"persons": "9" * 20}),
    _Row("nothing is wrong"),
    _Row("neither true nor false", "stronghold", "true or false", {"stronghold": "perhaps"}),
    _Row("no day of the calendar", "valid_from", "calendar", {"valid_from": "2026-02-30"}),
    _Row("a date that reads two ways", "valid_from", "two ways", {"valid_from": "11/12/2026"}),
    _Row("a time of day", "valid_from", "time of day", {"valid_from": "2026-11-22 08:30"}),
    _Row("no date at all", "valid_from", "is not a date", {"valid_from": "soon"}),
    _Row("half a position: no latitude", "geometry", "only one of two", {LAT: ""}),
    _Row("half a position: no longitude", "geometry", "only one of two", {LON: ""}),
    _Row("words for a position", "geometry", "lon or lat", {LON: "here", LAT: "there"}),
    _Row("a latitude for a longitude", "geometry", "lon or lat", {LON: "42°25′N"}),
    _Row("beyond the pole", "geometry", "has no place", {LAT: "95.0"}),
    _Row("off the globe", "geometry", "has no place", {LON: "500.0"}),
    _Row("text destroyed on its way", "name", "already destroyed", {"name": "锟斤拷锟斤拷"}),
    _Row("text destroyed on its way", "name", "already destroyed", {"name": "示例\ufffd\ufffd"}),
    _Row("a cell too many", "(row)", "cells and the header has", {}, ("surplus",)),
    _Row("two faults", "persons", "whole number", {"persons": "few", "stronghold": "maybe"}),
    _Row("nothing is wrong"),
)


def unstorable_file(
    tables: Mapping[str, pd.DataFrame], spec: ProjectSpec, *, seed: int
) -> tuple[str, list[dict[str, str | int]]]:
    """Return a file of households that cannot be stored, with a few that can, and the list of its faults.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The demo's tables, without a fault.
    spec : ProjectSpec
        The demo's settings.
    seed : int
        Another seed, other places.

    Returns
    -------
    text, planted : str, list of dict
        CSV, and for each faulty row ``{"row", "id", "column", "reason"}``: its number as a spreadsheet
        counts, its id, and the column and a part of the reason that ``quarantine`` must give.
    """
    # A place of its own for each, none of those that the storable faults take.
    ground = Ground(tables, spec, seed=seed + 1)
    spots = to_lonlat(np.array([ground.spot(home=True) for _ in _ROWS]), spec.crs)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADERS)
    planted: list[dict[str, str | int]] = []
    for at, (row, (lon, lat)) in enumerate(zip(_ROWS, spots.tolist(), strict=True)):
        cells = {
            "id": f"{PREFIX}{at + 1:02d}",
            "synthetic": f"synthetic 合成数据: {row.what}",
            "name": f"示例户{at + 1}",
            "stronghold": "false",
            "persons": "3",
            "valid_from": "",
            LON: f"{lon:.{DECIMALS}f}",
            LAT: f"{lat:.{DECIMALS}f}",
            **row.cells,
        }
        writer.writerow([*(cells[header] for header in HEADERS), *row.extra])
        if row.column:
            said = {"id": cells["id"], "column": row.column, "reason": row.reason}
            planted.append({"row": FIRST_ROW + at, **said})
    return out.getvalue(), planted
