"""Administrative areas as a coverage: what overlaps, what is left open, what lies outside its parent.

Townships (in names here and in codes) stand for the rows of the level whose union is the jurisdiction,
gachas for those of any level that have a parent with a polygon; what a project calls them is its own matter.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gridmap.checks.base import GEOMETRY, NO_ROW, Check, Faults, Rows, Stage, doc
from gridmap.checks.columns import Objects
from gridmap.checks.context import POLYGONS, Context
from gridmap.geo.measure import geodesic_area

_DOCS = (
    doc(
        "township-overlap",
        "error",
        ("areas that make the jurisdiction overlap", "构成辖区的区划重叠"),
        "draw their common boundary once and use it for both",
    ),
    doc(
        "township-gap",
        "error",
        ("there is a hole between areas of the jurisdiction", "构成辖区的区划之间有空白"),
        "draw their common boundary once and use it for both, or fill the hole",
    ),
    doc(
        "gacha-overlap",
        "error",
        ("areas of one parent overlap", "同一上级的区划重叠"),
        "draw their common boundary once and use it for both",
    ),
    doc(
        "gacha-gap",
        "warning",
        ("a part of an area belongs to none of the areas in it", "区划内有不属于任何下级区划的空白"),
        "extend an area over the place, or add the one that is missing",
    ),
    doc(
        "gacha-outside",
        "error",
        ("an area lies partly outside its parent", "区划超出上级范围"),
        "correct its outline, or its parent",
    ),
)
# A row that is faulty in one of these has no sure place among its siblings.
_PLACE = ("level", "parent", "code", "twin")


def _coverage(context: Context) -> Iterator[Faults]:
    if not context.has_shape("admin", "polygon", "level"):
        return
    blamed: list[BaseGeometry] = []
    yield from _townships(context, blamed)
    excused = [*blamed, *_strays(context)]
    if context.has("admin", "code", "parent"):
        for above, rows in _families(context):
            yield from _gachas(context, above, rows, excused)
    # Where the coverage is at fault, a home's gacha is in doubt: see the domain family.
    context.disputed = shapely.union_all(excused) if excused else None


def _townships(context: Context, blamed: list[BaseGeometry]) -> Iterator[Faults]:
    rows = context.township_rows
    rows = rows[context.sound("admin", GEOMETRY, "level", "twin")[rows]]
    yield from _overlaps(context, "township-overlap", rows, blamed)
    if context.jurisdiction is None or len(rows) < len(context.township_rows):
        return
    rings = [ring for part in shapely.get_parts(context.jurisdiction) for ring in part.interiors]
    holes = [hole for ring in rings for hole in _patches(context, shapely.Polygon(ring))]
    yield from _gaps(context, "township-gap", holes, "the areas of the jurisdiction leave", ())
    blamed += holes


def _gachas(context: Context, above: int, rows: Rows, excused: list[BaseGeometry]) -> Iterator[Faults]:
    township = context.repaired("admin", above)
    if township is None:
        return
    whole = str(context.ids("admin")[above])
    kept = rows[context.sound("admin", GEOMETRY, *_PLACE)[rows]]
    yield from _overlaps(context, "gacha-overlap", kept, [])
    if not context.sound("admin", GEOMETRY)[above]:
        return
    yield from _outside(context, kept, township, whole, excused)
    polygons = [context.repaired("admin", int(row)) for row in rows]
    if all(polygon is not None for polygon in polygons) and not context.lost_rows:
        open_ = township.difference(shapely.union_all([*polygons, *excused]))
        yield from _gaps(
            context, "gacha-gap", _patches(context, open_), f"{whole}: the areas in it leave", (whole,)
        )


def _families(context: Context) -> Iterator[tuple[int, Rows]]:
    """Yield each admin row that has children, with them; a row without a sure parent is in none."""
    codes, parents = context.texts("admin", "code"), context.texts("admin", "parent")
    sure = context.sound("admin", *_PLACE)
    at = {code: row for row, code in enumerate(codes) if code is not None and sure[row]}
    children: dict[int, list[int]] = {}
    for row in np.flatnonzero(sure).tolist():
        if at.get(parents[row], row) != row:
            children.setdefault(at[parents[row]], []).append(row)
    for above in sorted(children, key=lambda row: str(context.ids("admin")[row])):
        yield above, np.array(children[above], dtype=np.intp)


def _strays(context: Context) -> Iterator[BaseGeometry]:
    """Yield where rows without a sure place or shape may be: what they leave open would only follow."""
    unsure, shapeless = ~context.sound("admin", *_PLACE), ~context.sound("admin", GEOMETRY)
    unsure[context.township_rows] = False
    for row in np.flatnonzero(unsure | shapeless):
        polygon = context.repaired("admin", int(row))
        if polygon is not None:
            yield polygon.convex_hull if shapeless[row] else polygon


def _overlaps(context: Context, code: str, rows: Rows, found: list[BaseGeometry]) -> Iterator[Faults]:
    """Report each pair that overlaps, at the row with the larger id; note the patches in `found`."""
    ids = context.ids("admin")
    rows = np.array(sorted(rows.tolist(), key=lambda row: str(ids[row])), dtype=np.intp)
    geoms: Objects = context.geoms("admin")[rows]
    if not len(rows):
        return
    first, second = shapely.STRtree(geoms).query(geoms, predicate="intersects")
    for a, b in sorted(zip(first.tolist(), second.tolist(), strict=True)):
        if a >= b:
            continue
        patches = _patches(context, shapely.intersection(geoms[a], geoms[b]))
        if not patches:
            continue
        found += patches
        place = shapely.union_all(patches)
        m2 = float(geodesic_area(np.array([place], dtype=object), context.spec.crs)[0])
        other = str(ids[rows[a]])
        message = f"overlaps {other} by {m2:.0f} m2"
        yield Faults(code, "admin", rows[[b]], message, (), [(other,)], [place], [m2])


def _outside(
    context: Context, rows: Rows, township: BaseGeometry, whole: str, excused: list[BaseGeometry]
) -> Iterator[Faults]:
    ground = shapely.union_all([township, *excused])
    for row in rows.tolist():
        patches = _patches(context, shapely.difference(context.geoms("admin")[row], ground))
        if patches:
            place = shapely.union_all(patches)
            m2 = float(geodesic_area(np.array([place], dtype=object), context.spec.crs)[0])
            message = f"{m2:.0f} m2 of it are outside {whole}"
            one = np.array([row], dtype=np.intp)
            yield Faults("gacha-outside", "admin", one, message, (), [(whole,)], [place], [m2])


def _gaps(
    context: Context, code: str, patches: list[BaseGeometry], start: str, related: tuple[str, ...]
) -> Iterator[Faults]:
    if not patches:
        return
    sizes = geodesic_area(np.array(patches, dtype=object), context.spec.crs).tolist()
    nobody = np.full(len(patches), NO_ROW, dtype=np.intp)
    messages = [f"{start} {m2:.0f} m2 open" for m2 in sizes]
    yield Faults(code, "admin", nobody, messages, (), [related] * len(patches), patches, sizes)


def _patches(context: Context, geom: BaseGeometry) -> list[BaseGeometry]:
    """Return the polygons of a geometry that are larger and wider than a sliver."""
    limits = context.spec.layers.area
    parts = [part for part in shapely.get_parts(geom) if part.geom_type in POLYGONS]
    return [
        part
        for part in parts
        if part.area >= limits.sliver_m2 and part.area * 2 >= part.length * limits.sliver_width_m
    ]


CHECK = Check(Stage.TABLE, _DOCS, _coverage)
