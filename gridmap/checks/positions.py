"""Where homes and outposts stand: inside the jurisdiction, on this side, in the area written down."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridmap.checks.base import GEOMETRY, Check, Faults, Mask, Reads, Rows, Scope, Stage, doc, shown
from gridmap.checks.columns import Objects
from gridmap.checks.context import Context
from gridmap.checks.keys import first_of_each
from gridmap.checks.spots import TOLERANCE_M, Spots
from gridmap.geo.crs import from_lonlat
from gridmap.geo.index.within import inside_many, inside_own
from gridmap.geo.tiling import inside

Floats = NDArray[np.float64]

_POSTED = ("household", "outpost")
# Two camps may stand on one spot: a household comes back to it, or shares it.
_CAMPS = ("camp",)
_POLAR = 90.0
AREA_CODE = "admin.code"
_ROUND = 180.0

_SAME = (
    doc(
        "position-duplicate",
        "warning",
        ("two rows stand on the same spot", "位置重复"),
        "delete the repeated row, or measure its position again",
    ),
)
_INSIDE = (
    doc(
        "position-across",
        "error",
        ("the position is across the border", "位置越过边境线"),
        "measure the position again, or delete the row",
    ),
    doc(
        "position-outside",
        "error",
        ("the position is outside the jurisdiction", "位置不在辖区内"),
        "measure the position again, move the row to its own project, or correct the areas",
    ),
)
_AREA = (
    doc(
        "gacha-mismatch",
        "warning",
        ("the home does not stand in the area that is written down", "所在区划与登记不符"),
        "correct the area, or measure the position again",
    ),
)


def _xy(context: Context, kind: str, rows: Rows) -> Floats:
    """Return the positions of different rows in ascending order; of all rows, nothing is copied."""
    whole = context.xy(kind)
    return whole if len(rows) == len(whole) else whole[rows]


def _points(context: Context, kinds: tuple[str, ...] = _POSTED) -> tuple[str, ...]:
    return tuple(kind for kind in kinds if context.has_shape(kind, "point"))


def _same_spot(context: Context) -> Iterator[Faults]:
    for kind in _points(context):
        rows = np.flatnonzero(context.sound(kind, GEOMETRY))
        xy = _xy(context, kind, rows)
        spots = Spots.of(xy)
        if spots is not None and len(rows) == len(context.ids(kind)):
            context.spots[kind] = spots
        shared = rows[_repeated(xy, spots)]
        if not len(shared):
            continue
        keys = np.full(len(context.ids(kind)), None, dtype=object)
        keys[shared] = [f"{x} {y}" for x, y in np.round(_xy(context, kind, shared) / TOLERANCE_M).tolist()]
        later, first = first_of_each(keys, context.ids(kind), ~pd.isna(keys))
        related = [(str(context.ids(kind)[row]),) for row in first]
        messages = [f"it stands where {shown(one)} stands" for (one,) in related]
        yield Faults("position-duplicate", kind, later, messages, (), related)


def _repeated(xy: Floats, spots: Spots | None) -> Mask:
    """Return which places, all of them finite, share a spot with another to the tolerance."""
    if spots is not None and spots.differ:
        return np.zeros(len(xy), dtype=bool)
    return pd.DataFrame(np.round(xy / TOLERANCE_M)).duplicated(keep=False).to_numpy()


def _inside(context: Context) -> Iterator[Faults]:
    whole = context.jurisdiction
    if whole is None:
        return
    for kind in _points(context, (*_POSTED, *_CAMPS)):
        rows = np.flatnonzero(context.sound(kind, GEOMETRY))
        rows = rows[~inside_many(_xy(context, kind, rows), whole)]
        if context.disputed is not None:
            # In a hole of the townships the hole is the fault.
            rows = rows[~inside(_xy(context, kind, rows), context.disputed)]
        if not len(rows):
            continue
        xy = _xy(context, kind, rows)
        swapped = inside(np.ascontiguousarray(xy[:, ::-1]), whole)
        degrees = ~swapped & _degrees(context, xy)
        lost = ~swapped & ~degrees
        across = lost & _across(context, xy)
        for code, mask, message in (
            ("coordinates-swapped", swapped, "with its two coordinates swapped it would be inside"),
            ("coordinates-degrees", degrees, "read as degrees it would be inside"),
            ("position-across", across, "it stands on the far side of the border"),
            ("position-outside", lost & ~across, "it stands outside the jurisdiction"),
        ):
            if mask.any():
                yield Faults(code, kind, rows[mask], message, (GEOMETRY,))


def _degrees(context: Context, xy: Floats) -> Mask:
    """Whether a position would be inside if its numbers were degrees, in either order."""
    found = np.zeros(len(xy), dtype=bool)
    for lonlat in (xy, np.ascontiguousarray(xy[:, ::-1])):
        small = (np.abs(lonlat[:, 0]) <= _ROUND) & (np.abs(lonlat[:, 1]) <= _POLAR)
        if small.any() and context.jurisdiction is not None:
            found[small] |= inside(from_lonlat(lonlat[small], context.spec.crs), context.jurisdiction)
    return found


def _across(context: Context, xy: Floats) -> Mask:
    """Whether a position lies on the side of the border where the jurisdiction is not.

    The side at the nearest place of the border; beyond its ends there is no far side.
    """
    border, whole = context.border, context.jurisdiction
    if border is None or whole is None:
        return np.zeros(len(xy), dtype=bool)
    at = border.locate(xy)
    ends = np.array([0.0, border.length_m])
    beyond = (np.abs(at.chainage_m[:, None] - ends) <= TOLERANCE_M).any(axis=1)
    home = _home_sides(context, xy)
    return np.asarray(~beyond & (at.side != 0) & (at.side == -home), dtype=bool)


def _home_sides(context: Context, xy: Floats) -> NDArray[np.int_]:
    """Return the side of the border that the nearest part of the jurisdiction is on."""
    border, whole = context.border, context.jurisdiction
    if border is None or whole is None:
        return np.zeros(len(xy), dtype=int)
    inner = shapely.point_on_surface(shapely.get_parts(whole))
    sides = border.locate(shapely.get_coordinates(inner)).side
    nearest = shapely.STRtree(shapely.get_parts(whole)).nearest(shapely.points(xy))
    return np.asarray(sides[nearest], dtype=int)


def _stated_areas(context: Context) -> Iterator[Faults]:
    """Look at every column of a household that names an administrative area, whatever it is called."""
    kind = context.spec.kinds.get("household")
    for column, one in kind.columns.items() if kind is not None else ():
        if one.references == AREA_CODE and context.has_shape("household", "point", column):
            yield from _stated_area(context, column)


def _stated_area(context: Context, column: str) -> Iterator[Faults]:
    if not context.has_shape("admin", "polygon", "code", "level"):
        return
    codes = context.texts("admin", "code")
    usable = context.sound("admin", GEOMETRY, "code", "level", "parent", "twin") & ~pd.isna(codes)
    polygons = np.flatnonzero(usable)
    at = pd.Index(codes[polygons], dtype=object)
    stated = context.coded("household", column)
    place = stated.spread(at.get_indexer(pd.Index(stated.texts, dtype=object)), missing=-1)
    rows = np.flatnonzero(context.sound("household", GEOMETRY, column) & (place >= 0))
    shapes = context.geoms("admin")[polygons]
    away = rows[~inside_own(_xy(context, "household", rows), shapes, place[rows])]
    if context.disputed is not None and len(away):
        away = away[~inside(_xy(context, "household", away), context.disputed)]
    if not len(away):
        return
    related = _standing_in(context, away, polygons)
    hidden = context.private("household", column)
    messages = [
        f"it does not stand in the {column} written down" + ("" if hidden else f" ({shown(code)})")
        for code in stated.of(away)
    ]
    yield Faults("gacha-mismatch", "household", away, messages, (), related)


def _standing_in(context: Context, rows: Rows, polygons: Rows) -> list[tuple[str, ...]]:
    """Return for each home the id of the lowest-level polygon that contains it, where there is one."""
    ids, levels = context.ids("admin"), context.texts("admin", "level")
    lowest = context.spec.level_names[-1]
    kept = polygons[levels[polygons] == lowest]
    geoms: Objects = context.geoms("admin")[kept]
    points = shapely.points(_xy(context, "household", rows))
    found: dict[int, str] = {}
    if len(kept):
        for home, at in shapely.STRtree(geoms).query(points, predicate="intersects").T.tolist():
            name = str(ids[kept[at]])
            found[home] = min(name, found.get(home, name))
    return [(found[home],) if home in found else () for home in range(len(rows))]


CHECKS = (
    Check(Stage.TABLE, _SAME, _same_spot, reads=Reads.PLACE),
    Check(Stage.PLACE, _INSIDE, _inside, Scope.LINKED, Reads.PLACE),
    Check(Stage.WHOLE, _AREA, _stated_areas, Scope.LINKED),
)
