"""The attack that a redacted table must withstand: link its rows to the homes that they stand for.

The attacker has the product and a list of all homes with their positions. Two ways are tried on the homes
that are easiest to find, the most isolated ones; what comes out too often is refused.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import scipy
import shapely

from gridmap.errors import PublishError

Floats = np.ndarray[Any, np.dtype[np.float64]]
Ints = np.ndarray[Any, np.dtype[np.int64]]
Geoms = np.ndarray[Any, np.dtype[np.object_]]

MOST_ISOLATED = 200
# Rows that are assigned to homes at one time, the work for which grows with the cube: all of them if they
# are so few, else so many that lie together.
WHOLE = 1500
BLOCK = 500
# Where shapes leave a choice, the homes nearest to their middles are taken.
CENTRE_SHARE = 0.001


@dataclass(frozen=True, slots=True)
class Linkage:
    """How many of the most isolated homes the two attacks found.

    Parameters
    ----------
    homes : int
        Homes that were looked for: all that something shown stands for, at most 200.
    nearest : float
        Share found by taking, for each row, the home nearest to the middle of its shape; homes in one
        place cannot be told apart, so one of n counts one nth.
    assigned : float
        Share found by the assignment of rows to homes that has the least distance in all; rows of one
        shape cannot be told apart, so a home among n of them counts one nth.
    """

    homes: int
    nearest: float
    assigned: float

    @property
    def worst(self) -> float:
        """The higher of the two shares."""
        return max(self.nearest, self.assigned)


@dataclass(frozen=True, slots=True)
class _Product:
    """What the attacker has, and the truth.

    Parameters
    ----------
    row, xy, own : array
        Of each home with a position: its row, its place, and the shape that stands for it (-1 for none).
    shapes, rows : array
        The shapes that differ, and how many rows each stands for.
    """

    row: Ints = field(repr=False)
    xy: Floats = field(repr=False)
    own: Ints = field(repr=False)
    shapes: Geoms = field(repr=False)
    rows: Ints = field(repr=False)


def link_rates(xy: Floats, shapes: Geoms, group: Ints, *, most: int = MOST_ISOLATED) -> Linkage:
    """Attack a redacted table.

    Parameters
    ----------
    xy : (n, 2) array of float
        Positions of the rows that were redacted, in the project's CRS.
    shapes : (m,) array of geometry
        What was made of them, in the same CRS, not rounded.
    group : (n,) int array
        For each row, the shape that stands for it; -1 for none (see `gridmap.privacy.redaction.Made`).
    most : int
        How many of the most isolated homes are looked for: those farthest from their nearest neighbour.

    Returns
    -------
    Linkage
        The same whatever the order of rows: no row's place in a table tells anything.
    """
    product = _seen(xy, shapes, group)
    sought = _most_isolated(product, most)
    if not len(sought):
        return Linkage(0, 0.0, 0.0)
    nearest, assigned = _nearest(product, sought), _assigned(product, sought)
    return Linkage(len(sought), float(nearest.mean()), float(assigned.mean()))


def exposed(xy: Floats, shapes: Geoms, group: Ints, *, most: int = MOST_ISOLATED) -> tuple[Ints, int]:
    """Return the shapes whose middles give away one of the most isolated homes, and how many these are.

    Parameters
    ----------
    xy, shapes, group, most
        As in `link_rates`.

    Returns
    -------
    shapes : (m,) int array
        Positions of the shapes, in order.
    homes : int
        Homes that were looked for.
    """
    product = _seen(xy, shapes, group)
    sought = _most_isolated(product, most)
    found = sought[_nearest(product, sought) > 0] if len(sought) else sought
    return np.unique(group[product.row[found]]), len(sought)


def link_limit(k: int, homes: int) -> float:
    """Return the share of homes that may be found: 1/k and two standard errors of it.

    Of 200 homes and k = 10 that is 14 %. With fewer homes chance weighs more, and the limit is wider:
    27 % of 12.
    """
    chance = 1.0 / k
    return chance + 2.0 * math.sqrt(chance * (1.0 - chance) / homes) if homes else 1.0


def refuse_linkable(xy: Floats, shapes: Geoms, group: Ints, *, k: int, where: str) -> Linkage:
    """Attack a redacted table, and refuse it if too many homes are found.

    Parameters
    ----------
    xy, shapes, group : array
        As in `link_rates`.
    k : int
        The fewest rows that anything shown may stand for.
    where : str
        The kind and redaction, for the message.

    Returns
    -------
    Linkage
        What was measured.

    Raises
    ------
    PublishError
        GM605 if either attack finds more than `link_limit` of the homes.
    """
    measured = link_rates(xy, shapes, group)
    limit = link_limit(k, measured.homes)
    if measured.worst > limit:
        raise PublishError(
            "GM605",
            f"with a list of all homes, {measured.nearest:.1%} of the {measured.homes} most isolated rows "
            f"are found by the nearest home and {measured.assigned:.1%} by the best assignment; at k = {k} "
            f"no more than {limit:.1%} may be",
            where=where,
            fix="take the redaction areas, a larger k, a higher level or a larger cell_m, or drop the rows",
        )
    return measured


def _seen(xy: Floats, shapes: Geoms, group: Ints) -> _Product:
    """Return what is seen of a product: equal shapes are one, rows without a position or shape are none."""
    xy = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
    known = np.flatnonzero(np.isfinite(xy).all(axis=1))
    shapes = np.asarray(shapes, dtype=object)
    # A million rows may share a few objects: compare those first, and their bytes only once.
    _, first, same = np.unique([id(shape) for shape in shapes], return_index=True, return_inverse=True)
    texts = [b"" if one is None or one.is_empty else shapely.to_wkb(one) for one in shapes[first]]
    known_texts = sorted(set(texts) - {b""})
    number = {text: position for position, text in enumerate(known_texts)} | {b"": -1}
    seen = np.array([number[text] for text in texts], dtype=np.int64)[same]
    table = np.append(seen, -1)
    own = table[np.where(group >= 0, group, len(seen))][known]
    kept = np.asarray(shapely.from_wkb(known_texts), dtype=object).reshape(-1)
    return _Product(known, xy[known], own, kept, np.bincount(own[own >= 0], minlength=len(kept)))


def _most_isolated(product: _Product, most: int) -> Ints:
    """Return the homes that are sought, of those that something shown stands for."""
    shown = np.flatnonzero(product.own >= 0)
    if not len(shown):
        return shown
    tree = scipy.spatial.cKDTree(product.xy)
    alone = np.empty(len(product.xy))
    # In the tree's own order neighbours are asked one after the other, which is faster.
    alone[tree.indices] = np.asarray(tree.query(product.xy[tree.indices], k=2)[0])[:, 1]
    x, y = product.xy[shown].T
    return shown[np.lexsort((y, x, -alone[shown]))][:most]


def _nearest(product: _Product, sought: Ints) -> Floats:
    """Return, for each home that is sought, the chance that it is taken for the one nearest to the middle."""
    tree = scipy.spatial.cKDTree(product.xy)
    middles = shapely.get_coordinates(shapely.centroid(product.shapes[product.own[sought]]))
    taken = product.xy[np.asarray(tree.query(middles)[1], dtype=np.int64)]
    # Homes in one place cannot be told apart.
    there = np.asarray(tree.query_ball_point(taken, 0.0, return_length=True), dtype=np.float64)
    return np.where((taken == product.xy[sought]).all(axis=1), 1.0 / there, 0.0)


def _assigned(product: _Product, sought: Ints) -> Floats:
    """Return, for each home that is sought, the chance that its own row was assigned to it."""
    own = product.own[sought]
    # Of shapes that stand for more rows than can be assigned, a home is found by chance alone.
    found = 1.0 / product.rows[own]
    blocks = [block for block in _blocks(product) if np.isin(own, block).any()]
    for block, homes in zip(blocks, _homes_of(product, blocks), strict=True):
        given = np.full(len(product.xy), -1, dtype=np.int64)
        given[homes] = _best(product, block, homes)
        ours = np.flatnonzero(np.isin(own, block))
        found[ours] *= given[sought[ours]] == own[ours]
    return found


def _homes_of(product: _Product, blocks: list[Ints]) -> Iterator[Ints]:
    """Yield, for each block, the homes in and around it to which one of its shapes is the nearest of all."""
    around = [_around(product.xy, product.shapes[block]) for block in blocks]
    # Each home is asked once, though it may be near to several blocks.
    near = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *around]))
    home, shape = shapely.STRtree(product.shapes).query_nearest(shapely.points(product.xy[near]))
    of_shape = np.full(len(product.shapes), -1, dtype=np.int64)
    for number, block in enumerate(blocks):
        of_shape[block] = number
    for number, some in enumerate(around):
        yield np.intersect1d(near[home[of_shape[shape] == number]], some)


def _blocks(product: _Product) -> Iterator[Ints]:
    """Yield shapes that lie together, as many as stand for rows that can be assigned at one time."""
    most = WHOLE if product.rows.sum() <= WHOLE else BLOCK
    small = np.flatnonzero(product.rows <= most)
    if not len(small):
        return
    along = gpd.GeoSeries(list(product.shapes[small])).hilbert_distance().to_numpy()
    order = small[np.argsort(along, kind="stable")]
    block = (np.cumsum(product.rows[order]) - 1) // most
    yield from np.split(order, np.flatnonzero(np.diff(block)) + 1)


def _around(xy: Floats, shapes: Geoms) -> Ints:
    """Return the homes in and around some shapes."""
    west, south, east, north = shapely.total_bounds(shapes)
    margin = max(east - west, north - south) / 2
    x, y = xy.T
    across = (x >= west - margin) & (x <= east + margin)
    return np.flatnonzero(across & (y >= south - margin) & (y <= north + margin))


def _best(product: _Product, block: Ints, homes: Ints) -> Ints:
    """Return the shape that each home was assigned to, -1 for none."""
    points = shapely.points(product.xy[homes])
    shapes = product.shapes[block, np.newaxis]
    metres = shapely.distance(shapes, points) + CENTRE_SHARE * shapely.distance(
        shapely.centroid(shapes), points
    )
    row_shape = np.repeat(np.arange(len(block)), product.rows[block])
    row, home = scipy.optimize.linear_sum_assignment(metres[row_shape])
    given = np.full(len(homes), -1, dtype=np.int64)
    given[home] = block[row_shape[row]]
    return given
