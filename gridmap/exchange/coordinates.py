"""Positions that stand in columns of a table, as shapes in whatever the file means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import shapely

from gridmap.exchange.format import RawTable
from gridmap.exchange.headers import Headers
from gridmap.exchange.rings import from_wkt
from gridmap.exchange.uncollected import uncollected
from gridmap.geo.angles import Angle, folded, parse_angles, parse_pair

Geoms = np.ndarray[Any, np.dtype[np.object_]]
Floats = np.ndarray[Any, np.dtype[np.float64]]
Fault = tuple[int, str, str]

# Texts of plain decimals are converted all at once; what else a person may write goes to `parse_angles`.
DECIMAL = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
# Over the other characters float() reads these decimals and nothing else: no underscore, nan or exponent.
NOT_DECIMAL = re.compile(r"[^0-9.+\-\n]")
PLAIN = re.compile(DECIMAL, re.ASCII)
METRES = re.compile(rf"({DECIMAL}(?:e[+-]?[0-9]+)?)\s*(?:m|米)?", re.ASCII | re.IGNORECASE)
SPELT = (
    "has a lon or lat that is not decimal degrees with a point, nor degrees, minutes and seconds "
    "with the hemisphere of its column"
)
NUMBER = "has an x or y that is not a number with a point"
HALF = "has only one of two coordinates"
PAIRED = "is not a pair of coordinates, e.g. 110.1234,42.5678"


@dataclass(frozen=True, slots=True)
class Positions:
    """What the columns of positions hold.

    Parameters
    ----------
    geometry : (n,) object ndarray or None
        Points or other shapes, x or longitude first as the file has them; None where a row has none; None
        if the file has no such columns.
    crs : str or None
        What the headers state.
    faults : tuple of (position, column, reason)
        Rows whose position cannot be understood.
    notes : tuple of str
        What a reader should know.
    """

    geometry: Geoms | None
    crs: str | None
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()


def positions(
    raw: RawTable, headers: Headers, *, repair: bool = False, vertices: int | None = None
) -> Positions:
    """Read the positions of a table.

    Parameters
    ----------
    raw : RawTable
        The file; `geometry` is None.
    headers : Headers
        Which headers are positions.
    repair : bool
        Close rings that are open; otherwise such a row is a fault.
    vertices : int, optional
        How many vertices one shape may have; a row with more is a fault.

    Returns
    -------
    Positions
        Numbers out of any range are kept: what they are in is not known here.
    """
    named = headers.positions
    if "wkt" in named:
        cells = _python(raw.columns[named["wkt"]])
        geometry, wrong = from_wkt(cells, repair=repair, most=vertices)
        faults = tuple((at, "geometry", reason) for at, reason in wrong)
        return Positions(geometry, headers.stated_crs, faults)
    if "place" in named:
        return _pairs(raw.columns[named["place"]], headers.stated_crs)
    if "lon" in named:
        lons, bad_lons = _degrees(raw.columns[named["lon"]], "lon")
        lats, bad_lats = _degrees(raw.columns[named["lat"]], "lat")
        return _points((lons, lats), (bad_lons, bad_lats), SPELT, headers.stated_crs)
    if "x" in named:
        xs, bad_xs = _numbers(raw.columns[named["x"]])
        ys, bad_ys = _numbers(raw.columns[named["y"]])
        return _points((xs, ys), (bad_xs, bad_ys), NUMBER, headers.stated_crs)
    return Positions(None, None)


def _points(
    pair: tuple[Floats, Floats], bad: tuple[Sequence[int], Sequence[int]], reason: str, crs: str | None
) -> Positions:
    """Return points where both numbers are there, None where neither is, a fault for anything else."""
    there = np.isfinite(pair[0]), np.isfinite(pair[1])
    # Hundreds of digits are no number that a float holds.
    wrong = np.isinf(pair[0]) | np.isinf(pair[1])
    for positions_ in bad:
        wrong[np.asarray(positions_, dtype=np.int64)] = True
    half = (there[0] != there[1]) & ~wrong
    both = there[0] & there[1] & ~wrong
    geometry = np.full(len(both), None, dtype=object)
    with uncollected():
        geometry[both] = shapely.points(pair[0][both], pair[1][both])
    faults = [(int(at), "geometry", reason) for at in np.flatnonzero(wrong)]
    faults += [(int(at), "geometry", HALF) for at in np.flatnonzero(half)]
    return Positions(geometry, crs, tuple(sorted(faults)))


def _degrees(values: Any, axis: Literal["lon", "lat"]) -> tuple[Floats, list[int]]:
    """Return degrees, NaN where a cell is empty or wrong, and the positions of the wrong ones."""
    numbers, rest = _plain(values)
    if not rest:
        return numbers, []
    spelt = [at for at in rest if isinstance(values[at], str)]
    parsed, bad = parse_angles([values[at] for at in spelt], axis=axis)
    numbers[spelt] = parsed
    return numbers, [*(at for at in rest if not isinstance(values[at], str)), *(spelt[at] for at in bad)]


def _numbers(values: Any) -> tuple[Floats, list[int]]:
    """Return numbers of whatever unit; degrees, minutes and seconds are understood here, too."""
    numbers, rest = _plain(values)
    bad: list[int] = []
    for at in rest:
        value = values[at]
        match = METRES.fullmatch(folded(value)) if isinstance(value, str) else None
        if match is not None:
            numbers[at] = float(match[1])
        elif isinstance(value, str):
            parsed, wrong = parse_angles([value], axis=None)
            numbers[at] = parsed[0]
            bad += [at for _ in wrong]
        else:
            bad.append(at)
    return numbers, bad


def _plain(values: Any) -> tuple[Floats, list[int]]:
    """Convert numbers and plain decimals; return the positions of the cells that are something else."""
    if isinstance(values, np.ndarray) and values.dtype.kind in "iuf":
        numbers = values.astype(np.float64)
        return numbers, [int(at) for at in np.flatnonzero(np.isinf(numbers))]
    cells = values.tolist() if isinstance(values, np.ndarray) else list(values)
    quick = _all_decimals(cells)
    if quick is not None:
        return quick, []
    numbers = np.full(len(cells), np.nan)
    rest: list[int] = []
    for at, cell in enumerate(cells):
        if cell is None or (isinstance(cell, str) and not cell.strip()):
            continue
        if isinstance(cell, str):
            text = cell.strip()
            if PLAIN.fullmatch(text):
                numbers[at] = float(text)
            else:
                rest.append(at)
        elif isinstance(cell, bool) or not isinstance(cell, (int, float)) or not np.isfinite(cell):
            rest += [] if isinstance(cell, float) and np.isnan(cell) else [at]
        else:
            numbers[at] = cell
    return numbers, rest


def _all_decimals(cells: list[Any]) -> Floats | None:
    """Convert texts of decimals all at once (empty ones are NaN), or None if there is anything else."""
    texts = ["" if cell is None else cell for cell in cells]
    try:
        joined = "\n".join(texts)
    except TypeError:
        return None
    if NOT_DECIMAL.search(joined) or joined.count("\n") != max(0, len(texts) - 1):
        return None
    try:
        return np.array([float(text) if text else np.nan for text in texts], dtype=np.float64)
    except ValueError:
        return None


def _pairs(values: Any, crs: str | None) -> Positions:
    """Read one column that holds both coordinates, longitude first unless the cell says otherwise."""
    cells = _python(values)
    geometry = np.full(len(cells), None, dtype=object)
    xy = np.full((len(cells), 2), np.nan)
    faults: list[Fault] = []
    for at, cell in enumerate(cells):
        if cell is None or (isinstance(cell, str) and not cell.strip()):
            continue
        pair = parse_pair(cell) if isinstance(cell, str) else None
        ordered = None if pair is None else _in_order(*pair)
        if ordered is None:
            faults.append((at, "geometry", PAIRED))
        else:
            xy[at] = ordered
    there = np.isfinite(xy).all(axis=1)
    geometry[there] = shapely.points(xy[there])
    return Positions(geometry, crs, tuple(faults))


def _in_order(first: Angle, second: Angle) -> tuple[float, float] | None:
    """Return a pair longitude first where a cell says which is which, as it stands where it does not."""
    axes = (first.axis, second.axis)
    if axes in {("lat", "lon"), ("lat", None), (None, "lon")}:
        return second.degrees, first.degrees
    if axes in {("lon", "lat"), ("lon", None), (None, "lat"), (None, None)}:
        return first.degrees, second.degrees
    return None


def _python(values: Any) -> Any:
    return values.tolist() if isinstance(values, np.ndarray) else values
