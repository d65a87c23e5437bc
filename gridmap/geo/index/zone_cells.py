"""The label grid: one answer for every cell without an edge, and the edges of every other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gridmap.geo.containing import by_id
from gridmap.geo.index.zone_edges import Edges, clean, edges_of
from gridmap.geo.index.zone_frame import Frame, frame_of
from gridmap.geo.index.zone_labels import NONE, Cells, cells_of
from gridmap.geo.index.zone_spans import Lists

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Grid:
    """Everything that an answer needs; polygons go by their rank in the order of ids, but for labels.

    Parameters
    ----------
    frame : Frame
    cells : Cells
    edges : Edges
    polygons : array of geometry, shape (m,)
        Valid, in the order of ids.
    ids : array of str, shape (m,)
        In order.
    order : array of int, shape (m + 1,)
        From rank to position; the last, and so -1, stands for no polygon.
    """

    frame: Frame
    cells: Cells
    edges: Edges
    polygons: NDArray[np.object_]
    ids: NDArray[Any]
    order: Ints


def grid_of(
    shapes: NDArray[Any], ids: NDArray[Any], expected: int, *, valid: bool = False, fast: bool = False
) -> Grid:
    """Return the grid of any geometries and their ids.

    Parameters
    ----------
    shapes : array of geometry, shape (m,)
    ids : array of str, shape (m,)
    expected : int
        How many places will be asked for.
    valid : bool
        Whether the caller knows that every polygon and multipolygon is valid.
    fast : bool
        Whether to use the compiled kernels; the grid is the same.
    """
    ranked = by_id(ids)
    order = np.append(ranked, NONE)
    polygons = clean(shapes[ranked], valid=valid)
    edges = edges_of(polygons, fast=fast)
    frame = frame_of(edges, expected)
    if frame is None:
        return Grid(Frame(0.0, 0.0, 1.0, 1, 1), _nothing(), edges, polygons, ids[ranked], order)
    return Grid(frame, cells_of(edges, frame, order, fast=fast), edges, polygons, ids[ranked], order)


def _nothing() -> Cells:
    """Return one cell that is left to the exact functions."""
    none = np.empty(0, dtype=np.int32)
    lists = Lists(np.zeros(1, dtype=np.int32), none)
    head, entry = np.empty((0, 8), dtype=np.int32), np.empty((0, 2), dtype=np.int32)
    return Cells(np.full(1, -2, dtype=np.int32), 0, 0, head=head, zone=none, entry=entry, lists=lists)
