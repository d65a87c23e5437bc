"""Findings of the arrangement: gaps, overlaps, orphans, with their places and sizes.

What only follows from a fault of the data that is reported already is left out here (but never out
of the figures); `gridmap.assign.follows` decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from gridmap import geo
from gridmap.assign.follows import Known
from gridmap.assign.frames import section_ids, stretch
from gridmap.assign.ground import BORDER, HOUSEHOLD, PLAN, ZONE, Bools, Features, Ground
from gridmap.assign.intervals import MM, Ints, to_m, to_mm
from gridmap.assign.proof import Proof
from gridmap.assign.rule import State, positioned
from gridmap.model import Bilingual, Finding, Findings, Level

EDGE_M = 0.002


@dataclass(frozen=True, slots=True)
class FaultDoc:
    """A kind of fault of an arrangement: level, title in the two languages of the maps, what to do."""

    level: Level
    title: Bilingual
    fix: str


CODES: dict[str, FaultDoc] = {
    "line-gap": FaultDoc(
        "error",
        Bilingual(en="a stretch of border nobody leads", zh="边境线空白"),
        "place an outpost of a line unit, give the stretch away in section_plan, or raise section_reach_m",
    ),
    "line-overlap": FaultDoc(
        "error",
        Bilingual(en="a stretch of border that several lead", zh="边境线重叠"),
        "make the intervals in section_plan meet instead of overlap",
    ),
    "area-gap": FaultDoc(
        "error",
        Bilingual(en="a part of the jurisdiction in no zone", zh="巡逻区空白"),
        "extend a neighbouring zone over it, or draw a new one",
    ),
    "area-overlap": FaultDoc(
        "error",
        Bilingual(en="a place in several zones", zh="巡逻区重叠"),
        "cut one of the zones back to the other's edge",
    ),
    "area-outside": FaultDoc(
        "warning",
        Bilingual(en="a zone reaches outside the jurisdiction", zh="巡逻区超出辖区"),
        "cut the zone back to the townships' edge",
    ),
    "area-unzoned": FaultDoc(
        "error",
        Bilingual(en="a place that no zone contains", zh="不在任何巡逻区内"),
        "correct its position, or extend a zone to it",
    ),
    "household-orphan": FaultDoc(
        "error",
        Bilingual(en="a household without a stronghold in reach", zh="无堡垒户可及的牧户"),
        "name a stronghold nearer to it, or raise reach_m",
    ),
}


def find(state: State, proof: Proof, *, known: Findings) -> Findings:
    """List what is kept by nobody or by several, as far as no known fault explains it.

    Parameters
    ----------
    state : State
        What the rules made.
    proof : Proof
        Where the arrangement is not complete.
    known : Findings
        Faults of the data.
    """
    told = Known.of(state.ground, known)
    return Findings.of(
        [
            *_line(state, proof, told),
            *_area(state.ground, proof, told),
            *_unzoned(state, proof, told),
            *_orphans(state, told),
        ]
    )


def _finding(code: str, table: str, row: str | None, message: str, **more: Any) -> Finding:
    return Finding(code, CODES[code].level, table, row, message, CODES[code].fix, **more)


def _km(millimetres: int) -> str:
    """Return a chainage as it is written on markers, e.g. ``K23+450``."""
    metres = round(millimetres / MM)
    return f"K{metres // 1000}+{metres % 1000:03d}"


def _line(state: State, proof: Proof, told: Known) -> Iterator[Finding]:
    for start, stop in proof.gaps:
        place = stretch(state.ground, start, stop)
        if not told.explains_line_gap(start, stop, place):
            size = (stop - start) / MM
            message = f"nobody leads the border from {_km(start)} to {_km(stop)}: {size:,.0f} m"
            yield _finding("line-gap", BORDER, None, message, geometry=place, size=size)
    names = section_ids(len(state.order))
    for start, stop, members in proof.overlaps:
        table, rows = _claimants(state, members)
        if not told.reports(table, rows):
            size = (stop - start) / MM
            led = ", ".join(names[list(members)])
            message = f"{led} overlap from {_km(start)} to {_km(stop)}: {size:,.0f} m"
            place = stretch(state.ground, start, stop)
            yield _finding(
                "line-overlap", table, rows[0], message, related=tuple(rows[1:]), geometry=place, size=size
            )


def _claimants(state: State, members: tuple[int, ...]) -> tuple[str, list[str]]:
    """Return the table and the rows, smallest id first, that claim a stretch together."""
    held, at = state.stretches, state.order[list(members)]
    planned = sorted(held.source[one] for one in at if held.source[one])
    if planned:
        return PLAN, planned
    kind = held.kind[at[0]]
    return kind, sorted({str(state.ground.of(kind).ids[held.feature[one]]) for one in at})


def _area(ground: Ground, proof: Proof, told: Known) -> Iterator[Finding]:
    if proof.tiling is None:
        return
    for patch in proof.tiling.gaps if ground.jurisdiction is not None else ():
        if not told.explains_patch(patch.geometry):
            beside = ", ".join(patch.ids) or "no zone"
            message = f"{_m2(patch.m2)} of the jurisdiction in no zone, beside {beside}"
            more = {"related": tuple(patch.ids), "geometry": patch.geometry, "size": patch.m2}
            yield _finding("area-gap", ZONE, None, message, **more)
    for patch in proof.tiling.overlaps:
        first, *others = sorted(patch.ids)
        if not told.explains_patch(patch.geometry):
            message = f"{first} and {', '.join(others)} overlap: {_m2(patch.m2)}"
            more = {"related": tuple(others), "geometry": patch.geometry, "size": patch.m2}
            yield _finding("area-overlap", ZONE, first, message, **more)
    if ground.jurisdiction is not None and proof.tiling.outside_m2 > ground.spec.layers.area.sliver_m2:
        yield from _outside(ground, told)


def _outside(ground: Ground, told: Known) -> Iterator[Finding]:
    zones, area = ground.zones, ground.spec.layers.area
    beyond = shapely.difference(zones.shapes, ground.jurisdiction)
    sizes = geo.geodesic_area(beyond, ground.spec.crs)
    for zone, place, size in zip(zones.ids, beyond, sizes.tolist(), strict=True):
        thin = shapely.is_empty(shapely.buffer(place, -area.sliver_width_m / 2))
        if size > area.sliver_m2 and not thin and not told.explains_patch(place):
            message = f"{zone} reaches outside the jurisdiction: {_m2(size)}"
            yield _finding("area-outside", ZONE, zone, message, geometry=place, size=size)


def _m2(size: float) -> str:
    return f"{size:,.0f} m²" if size < 1e6 else f"{size / 1e6:,.1f} km²"  # noqa: PLR2004 - a square kilometre


def _unzoned(state: State, proof: Proof, told: Known) -> Iterator[Finding]:
    """Points that have no zone although no gap says so."""
    # Without a single zone all is one gap, or there is no area layer at all: no point is a case of its own.
    uses = state.ground.spec.rules if len(state.ground.zones.ids) else ()
    for use in uses:
        if use.layer != "area":
            continue
        for kind in use.kinds:
            features = state.ground.of(kind)
            rows = np.flatnonzero(state.unled("area", kind))
            rows = rows[positioned(features)[rows] & ~told.misplaced(features, rows)]
            for row in rows[~(_in_gap(features, rows, proof) | told.covers(features, rows))]:
                name = features.ids[row]
                place = _spot(features, row)
                yield _finding("area-unzoned", kind, name, f"{kind} {name} is in no zone", geometry=place)


def _in_gap(features: Features, rows: Ints, proof: Proof) -> Bools:
    if proof.tiling is None or not proof.tiling.gaps or not len(rows):
        return np.zeros(len(rows), dtype=bool)
    tree = shapely.STRtree([patch.geometry for patch in proof.tiling.gaps])
    hit = tree.query(shapely.points(features.points.at(rows)), predicate="dwithin", distance=EDGE_M)[0]
    found = np.zeros(len(rows), dtype=bool)
    found[hit] = True
    return found


def _orphans(state: State, told: Known) -> Iterator[Finding]:
    ground = state.ground
    homes, strongholds = ground.of(HOUSEHOLD), ground.strongholds
    reach = ground.spec.layers.point.reach_m
    rows = np.flatnonzero(state.unled("point", HOUSEHOLD))
    rows = rows[~told.misplaced(homes, rows)]
    rows = rows[~told.near_doubtful(homes, rows)]
    nearest = geo.nearest(homes.points.at(rows), strongholds.ids, strongholds.xy, ground.spec.crs)
    away = to_m(to_mm(nearest.metres))
    for row, target, metres in zip(rows.tolist(), nearest.index.tolist(), away.tolist(), strict=True):
        start = f"household {homes.ids[row]} has no stronghold within {reach:,.0f} m"
        if not homes.usable[row]:
            start, end = f"household {homes.ids[row]} has no usable position, so no stronghold", ""
        elif target < 0:
            end = ": there is none"
        else:
            end = f": the nearest is {strongholds.ids[target]} at {metres:,.0f} m"
        related = () if target < 0 else (str(strongholds.ids[target]),)
        yield _finding(
            "household-orphan",
            HOUSEHOLD,
            homes.ids[row],
            start + end,
            related=related,
            geometry=_spot(homes, row),
            size=metres if target >= 0 else None,
        )


def _spot(features: Features, row: int) -> shapely.Point | None:
    return shapely.Point(features.points.at(np.array([row]))[0]) if features.usable[row] else None
