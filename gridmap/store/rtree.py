"""Fill a spatial index in one go, and say what it must hold.

Inserting a million rows into SQLite's R-tree one by one takes as long as everything else together.
A tree packed from sorted rows (sort-tile-recursive: Leutenegger, Lopez and Edgington 1997) is written
into the three shadow tables of the module, in the node format that SQLite documents (rtree.c):
two bytes of depth in the root, two bytes of cell count, then per cell a 64-bit key and four 32-bit
floats, big-endian. ``rtreecheck()`` and the tests hold it against SQLite's own.
"""

from __future__ import annotations

import math
import sqlite3

import numpy as np

from gridmap.store import bulk
from gridmap.store.ddl import quoted

CELL = np.dtype([("key", ">i8"), ("box", ">f4", (4,))])
HEAD = 4
ROOT = 1
# Nodes are not filled to the brim, so that later edits find room.
FILL = 0.8
# As in rtree.c: single precision never lets a box shrink.
TOWARDS, AWAY = 1.0 - 1.0 / 8388608.0, 1.0 + 1.0 / 8388608.0


def boxes(bounds: np.ndarray) -> np.ndarray:
    """Return what the R-tree holds for bounds: min x, max x, min y, max y in single precision.

    Parameters
    ----------
    bounds : ndarray (n, 4)
        min x, min y, max x, max y, in metres.
    """
    ordered = np.ascontiguousarray(bounds[:, [0, 2, 1, 3]], dtype=np.float64)
    with np.errstate(over="ignore"):
        single = ordered.astype(np.float32)
        down = (ordered * np.where(ordered < 0, AWAY, TOWARDS)).astype(np.float32)
        up = (ordered * np.where(ordered < 0, TOWARDS, AWAY)).astype(np.float32)
    wide = single.astype(np.float64)
    low, high = np.where(wide > ordered, down, single), np.where(wide < ordered, up, single)
    return np.column_stack([low[:, 0], high[:, 1], low[:, 2], high[:, 3]])


def fill(connection: sqlite3.Connection, name: str, fids: np.ndarray, bounds: np.ndarray) -> None:
    """Put rows into an empty R-tree.

    Parameters
    ----------
    fids : ndarray (n,)
        The rows' keys.
    bounds : ndarray (n, 4)
        min x, min y, max x, max y.
    """
    if not len(fids):
        return
    try:
        _pack(connection, name, fids, boxes(bounds))
    except sqlite3.OperationalError as error:
        if "may not be modified" not in str(error):
            raise
        # A defensive build of SQLite does not let its shadow tables be written.
        _insert(connection, name, fids, bounds)


def _insert(connection: sqlite3.Connection, name: str, fids: np.ndarray, bounds: np.ndarray) -> None:
    rows = zip(fids.tolist(), *(bounds[:, column].tolist() for column in (0, 2, 1, 3)), strict=True)
    connection.executemany(f"INSERT INTO {quoted(name)} VALUES (?, ?, ?, ?, ?)", rows)


def _pack(connection: sqlite3.Connection, name: str, fids: np.ndarray, box: np.ndarray) -> None:
    node = quoted(f"{name}_node")
    size = connection.execute(f"SELECT length(data) FROM {node} WHERE nodeno = {ROOT}").fetchone()[0]
    capacity = (size - HEAD) // CELL.itemsize
    keys, depth, number, leaves = fids.astype(np.int64), 0, ROOT + 1, True
    while True:
        groups = [np.arange(len(keys))] if len(keys) <= capacity else _tiles(box, int(capacity * FILL))
        root = len(groups) == 1
        numbers = [ROOT] if root else list(range(number, number + len(groups)))
        blobs = [_node(keys[group], box[group], size, depth if root else 0) for group in groups]
        connection.executemany(
            f"INSERT OR REPLACE INTO {node} VALUES (?, ?)", zip(numbers, blobs, strict=True)
        )
        owner = np.empty(len(keys), dtype=np.int64)
        owner[np.concatenate(groups)] = np.repeat(numbers, [len(group) for group in groups])
        order = np.argsort(keys)
        links = (keys[order].tolist(), owner[order].tolist())
        if leaves:
            bulk.insert(connection, f"{name}_rowid", dict(zip(("rowid", "nodeno"), links, strict=True)))
        else:
            bulk.insert(connection, f"{name}_parent", dict(zip(("nodeno", "parentnode"), links, strict=True)))
        if root:
            return
        box = np.array([_union(box[group]) for group in groups], dtype=np.float32)
        keys, depth, number, leaves = np.array(numbers), depth + 1, number + len(groups), False


def _tiles(box: np.ndarray, wanted: int) -> list[np.ndarray]:
    """Return the rows of each node: strips along x, each cut along y."""
    x, y = box[:, 0].astype(np.float64) + box[:, 1], box[:, 2].astype(np.float64) + box[:, 3]
    strips = math.ceil(math.sqrt(math.ceil(len(box) / wanted)))
    along = np.lexsort((np.arange(len(box)), x))
    found: list[np.ndarray] = []
    for strip in np.array_split(along, strips):
        across = strip[np.lexsort((strip, y[strip]))]
        found.extend(np.array_split(across, math.ceil(len(across) / wanted)))
    return found


def _node(keys: np.ndarray, box: np.ndarray, size: int, depth: int) -> bytes:
    cells = np.empty(len(keys), dtype=CELL)
    cells["key"], cells["box"] = keys, box
    head = depth.to_bytes(2, "big") + len(keys).to_bytes(2, "big")
    return (head + cells.tobytes()).ljust(size, b"\0")


def _union(box: np.ndarray) -> list[float]:
    low, high = box.min(axis=0), box.max(axis=0)
    return [low[0], high[1], low[2], high[3]]
