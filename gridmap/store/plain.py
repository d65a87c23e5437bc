"""Columns of a kind as numpy arrays: no pandas object, and no geometry object for each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from gridmap.config.spec import ColumnType
from gridmap.store import tables
from gridmap.store.arrays import Numbers, Texts
from gridmap.store.columns import from_cells
from gridmap.store.structure import Frame

PLAIN: dict[ColumnType, Any] = {
    "integer": (np.int64, 0),
    "boolean": (np.bool_, False),
    "real": (np.float64, np.nan),
}


@dataclass(frozen=True, slots=True)
class Columns:
    """Rows of a kind in the order of their ids.

    Parameters
    ----------
    ids : ndarray (n,) of object
        Their ids.
    xy : ndarray (n, 2) or None
        Where their points are, in metres of the project's CRS; NaN for a row that has none or another shape;
        None for a kind without geometry.
    cells : dict of str to ndarray (n,)
        text: objects, None where missing; integer: int64, 0; real: float64, NaN; boolean: bool, False;
        date: datetime64[s], NaT.
    missing : dict of str to ndarray (n,) of bool
        Which values are missing.
    """

    ids: np.ndarray
    xy: np.ndarray | None
    cells: dict[str, np.ndarray]
    missing: dict[str, np.ndarray]


def of_cells(
    cells: Mapping[str, Sequence[Any]], types: Mapping[str, ColumnType], xy: np.ndarray | None
) -> Columns:
    """Return columns as they were read.

    Raises
    ------
    MisfitError
        If a value does not have its column's type.
    """
    made = {name: _one(cells[name], kind) for name, kind in types.items()}
    return Columns(
        made["id"][0],
        xy,
        {name: values for name, (values, _) in made.items() if name != "id"},
        {name: missing for name, (_, missing) in made.items() if name != "id"},
    )


def of_frame(frame: Frame, types: Mapping[str, ColumnType]) -> Columns:
    """Return columns of a conformed frame."""
    xy = None
    if "geometry" in frame.columns:
        shapes = np.array(frame["geometry"].array, dtype=object)
        shapes[shapely.is_empty(shapes)] = None
        xy = np.column_stack([shapely.get_x(shapes), shapely.get_y(shapes)])
    made = {name: _of_series(frame[name], kind) for name, kind in types.items()}
    return Columns(
        made["id"][0],
        xy,
        {name: values for name, (values, _) in made.items() if name != "id"},
        {name: missing for name, (_, missing) in made.items() if name != "id"},
    )


def places(shapes: Any, ids: Sequence[Any], where: str) -> np.ndarray:
    """Return where points are, (n, 2) in metres, of what `blocks.fetch` read.

    Raises
    ------
    StoreError
        GM307 with the ids of the rows whose geometry cannot be read.
    """
    return tables.readable(shapes, ids, where, places=True)


def _one(cells: Sequence[Any], kind: ColumnType) -> tuple[np.ndarray, np.ndarray]:
    if isinstance(cells, Numbers) and kind in cells.kinds:
        gaps = np.zeros(len(cells), dtype=bool) if cells.missing is None else cells.missing
        return cells.values, gaps
    if isinstance(cells, Texts) and kind == "text":
        texts = cells.array()
        return texts, cells.gaps()
    return _of_series(from_cells(cells, kind), kind)


def _of_series(series: Any, kind: ColumnType) -> tuple[np.ndarray, np.ndarray]:
    missing = series.isna().to_numpy(dtype=bool)
    if kind == "date":
        return series.to_numpy(dtype="datetime64[s]"), missing
    if kind == "text":
        return series.to_numpy(dtype=object, na_value=None), missing
    dtype, none = PLAIN[kind]
    return series.to_numpy(dtype=dtype, na_value=none), missing
