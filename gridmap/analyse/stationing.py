"""Sections by rule, as a draft of the section plan; and what moves when the border is another line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap import geo
from gridmap.errors import AssignmentError, ConfigError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Objects = NDArray[np.object_]

# More sections than this are a slip of the keyboard.
MOST = 10_000
MM = 1e-3
# Halving a hundred metres so often leaves less than a tenth of a millimetre.
HALVINGS = 21
DRAFT_COLUMNS = ("id", "from_m", "to_m", "outpost", "border_hash")
MOVED_COLUMNS = ("kind", "id", "before_m", "after_m", "shift_m", "off_m")


def equal_cuts(length_m: float, count: int) -> Floats:
    """Return where a border is cut into sections of one length, the ends with it, shape (count + 1,).

    Raises
    ------
    ConfigError
        GM106 for a count that is not from 1 to 10,000.
    """
    if not 1 <= count <= MOST:
        raise ConfigError(
            "GM106", f"a border is not cut into {count} sections", where="equal:N", fix=f"N is 1 to {MOST:,}"
        )
    return tiled(length_m, length_m * np.arange(1, count) / count)


def every_cuts(length_m: float, metres: float) -> Floats:
    """Return where a border is cut every so many metres from its western end; the last may be shorter.

    Raises
    ------
    ConfigError
        GM106 for a distance that is not positive, or makes more than 10,000 sections.
    """
    if not metres > 0.0 or length_m / metres > MOST:
        raise ConfigError(
            "GM106",
            f"a border is not cut every {metres:g} m",
            where="every:M",
            fix=f"M is in metres, large enough for {MOST:,} sections at most",
        )
    return tiled(length_m, np.arange(1, int(np.ceil(length_m / metres))) * metres)


def tiled(length_m: float, cuts: ArrayLike) -> Floats:
    """Return cuts ascending and apart, to the millimetre, from 0 to the border's length inclusive."""
    end = float(geo.round_mm(length_m))
    inner = np.unique(geo.round_mm(np.asarray(cuts, dtype=np.float64)))
    inner = inner[(inner > 0.0) & (inner < end)]
    return np.concatenate([[0.0], inner, [end]])


def midpoint_cuts(length_m: float, posts_m: ArrayLike) -> Floats:
    """Return the middles between outposts that follow one another along the border, with its ends."""
    along = np.unique(geo.round_mm(np.asarray(posts_m, dtype=np.float64)))
    return tiled(length_m, (along[1:] + along[:-1]) / 2.0)


def polygon_cuts(border: geo.Border, shapes: ArrayLike, ids: ArrayLike) -> Floats:
    """Return where the polygon that is nearest to the border changes, with the border's ends.

    Parameters
    ----------
    border : Border
        The one border.
    shapes : array_like of polygons, shape (n,)
        Valid, in the working CRS: townships, or gachas.
    ids : array_like of str, shape (n,)
        Of two that are equally near (at the place where they meet) the smaller id counts.

    Notes
    -----
    Looked for at every vertex of the border and every 100 m between, then narrowed down by halving to a
    tenth of a millimetre; a polygon that meets the border for less than that may be missed. The edges need
    not lie on the line: drawn at another time they hardly ever do.
    """
    order = np.argsort(np.asarray(ids, dtype=object).astype(str), kind="stable")
    drawn = np.asarray(shapes, dtype=object)[order]
    drawn = drawn[~(shapely.is_missing(drawn) | shapely.is_empty(drawn))]
    if not len(drawn):
        return tiled(border.length_m, [])
    tree = shapely.STRtree(drawn)
    cuts: list[Floats] = []
    for chain in border.chainages:
        # Of a part before a hole the end belongs to the next part.
        along = np.concatenate([chain[:-1], [np.nextafter(chain[-1], -np.inf)]])
        owner = _owner(tree, border.place(along))
        at = np.flatnonzero(owner[1:] != owner[:-1])
        cuts.append(_narrowed(border, tree, along[at], along[at + 1], owner[at]))
        cuts.append(chain[-1:] if _changes(border, tree, chain[-1], owner[-1]) else chain[:0])
    return tiled(border.length_m, np.concatenate(cuts))


def _owner(tree: shapely.STRtree, xy: Floats) -> NDArray[np.int64]:
    """Return the position of the nearest polygon to each place, the first of equally near ones."""
    points = shapely.points(xy)
    row, shape = tree.query_nearest(points)
    found = np.full(len(xy), len(tree.geometries), dtype=np.int64)
    np.minimum.at(found, row, shape)
    return found


def _changes(border: geo.Border, tree: shapely.STRtree, end_m: float, before: int) -> bool:
    """Say whether the part behind a hole begins in another polygon."""
    return end_m < border.length_m and int(_owner(tree, border.place(np.array([end_m])))[0]) != before


def _narrowed(
    border: geo.Border, tree: shapely.STRtree, low: Floats, high: Floats, owner: NDArray[np.int64]
) -> Floats:
    if not len(low):
        return low
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        same = _owner(tree, border.place(middle)) == owner
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return np.asarray(high, dtype=np.float64)


def draft_sections(border: geo.Border, cuts: Floats, post_ids: ArrayLike, posts_m: ArrayLike) -> pd.DataFrame:
    """Return a draft of the section plan: each section goes to the outpost nearest to its middle.

    Parameters
    ----------
    border : Border
        The one border.
    cuts : (k + 1,) float
        From 0 to its length, ascending.
    post_ids, posts_m : array_like, shape (m,)
        Outposts of line units, and their chainage; the smaller id of equally near ones is taken.

    Returns
    -------
    DataFrame
        ``id`` (``P001``…), ``from_m``, ``to_m``, ``outpost``, ``border_hash``; k rows that tile [0, L].

    Raises
    ------
    AssignmentError
        GM502 without an outpost.
    """
    ids = np.asarray(post_ids, dtype=object)
    order = np.argsort(ids.astype(str), kind="stable")
    ids, along = ids[order], np.asarray(posts_m, dtype=np.float64)[order]
    if not len(ids):
        raise AssignmentError(
            "GM502",
            "there is no outpost of a line unit to give a section to",
            where="the table outpost",
            fix="import outposts whose unit keeps the line, inside the belt",
        )
    start, stop = cuts[:-1], cuts[1:]
    # Ties are to the millimetre, as everywhere.
    away = geo.round_mm(np.abs(((start + stop) / 2.0)[:, None] - along[None, :]))
    width = max(3, len(str(len(start))))
    return pd.DataFrame(
        {
            "id": pd.array([f"P{number:0{width}d}" for number in range(1, len(start) + 1)], dtype="str"),
            "from_m": start,
            "to_m": stop,
            "outpost": pd.array(ids[np.argmin(away, axis=1)], dtype="str"),
            "border_hash": pd.array([border.hash] * len(start), dtype="str"),
        },
        columns=list(DRAFT_COLUMNS),
    )


@dataclass(frozen=True, slots=True)
class Comparison:
    """What another border line changes.

    Parameters
    ----------
    before_m, after_m : float
        The two lengths.
    apart_m : float
        The largest distance from a place of one line to the other line (Hausdorff distance over all vertices,
        of which there is one at least every 100 m), in geodesic metres.
    apart_at : (x, y)
        Where that is, in the working CRS.
    moved : GeoDataFrame
        ``kind``, ``id``, ``before_m``, ``after_m``, ``shift_m``, ``off_m`` (distance of the place to the new
        line), and the place, which stays: the largest shift first.
    """

    before_m: float
    after_m: float
    apart_m: float
    apart_at: tuple[float, float]
    moved: gpd.GeoDataFrame


def compare_borders(old: geo.Border, new: geo.Border, places: pd.DataFrame) -> Comparison:
    """Say what moves if the border is replaced by another line.

    Parameters
    ----------
    old, new : Border
        In one CRS.
    places : DataFrame
        ``kind`` and ``id`` of what has a chainage; ``chainage_m`` of what is a place of the old line, and
        ``x``, ``y`` (NaN: on the line) of what stands where it stands.
    """
    xy = places[["x", "y"]].to_numpy(dtype=np.float64)
    along = places["chainage_m"].to_numpy(dtype=np.float64)
    on_line = ~np.isfinite(xy).all(axis=1)
    xy[on_line] = old.place(along[on_line])
    before = np.where(on_line, along, old.locate(xy).chainage_m)
    found = new.locate(xy)
    shift = geo.round_mm(found.chainage_m - before)
    table: dict[str, Any] = {
        "kind": places["kind"].array,
        "id": places["id"].array,
        "before_m": geo.round_mm(before),
        "after_m": geo.round_mm(found.chainage_m),
        "shift_m": shift,
        "off_m": found.distance_m,
    }
    order = np.lexsort((places["id"].to_numpy(dtype=str), places["kind"].to_numpy(dtype=str), -np.abs(shift)))
    frame = pd.DataFrame(table, columns=list(MOVED_COLUMNS)).iloc[order].reset_index(drop=True)
    moved = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapely.points(xy[order]), crs=old.crs))
    apart_m, apart_at = _apart(old, new)
    return Comparison(old.length_m, new.length_m, apart_m, apart_at, moved)


def _apart(old: geo.Border, new: geo.Border) -> tuple[float, tuple[float, float]]:
    xy = np.vstack([*old.parts, *new.parts])
    cut = sum(len(part) for part in old.parts)
    metres = np.concatenate([new.locate(xy[:cut]).distance_m, old.locate(xy[cut:]).distance_m])
    at = int(np.argmax(metres))
    return float(metres[at]), (float(xy[at, 0]), float(xy[at, 1]))
