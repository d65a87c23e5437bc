"""The completeness proof of each layer: what is kept once, never, or more than once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from gridmap import geo
from gridmap.assign.ground import HOUSEHOLD, Ground
from gridmap.assign.intervals import MM
from gridmap.assign.rule import State
from gridmap.model import AreaFigures, Figures, LineFigures, PointFigures

# Square metres are given to the square millimetre at most: beyond it the last digits of a sum differ
# between machines.
DECIMALS_M2 = 3

Run = tuple[int, int, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Proof:
    """The figures, and the places where an arrangement is not complete.

    Parameters
    ----------
    figures : Figures
        Metres and square metres, geodesic.
    gaps : tuple of (start, stop)
        Stretches of border that nobody leads, in millimetres of chainage.
    overlaps : tuple of (start, stop, members)
        Stretches with more than one lead; members are positions in `State.order`.
    tiling : Tiling or None
        How the zones tile the jurisdiction; None if there are neither zones nor townships.
    """

    figures: Figures
    gaps: tuple[tuple[int, int], ...]
    overlaps: tuple[Run, ...]
    tiling: geo.Tiling | None


def prove(state: State, *, assignments: int, tiling: geo.Tiling | None = None) -> Proof:
    """Measure how far an arrangement is complete.

    Parameters
    ----------
    state : State
        What the rules made.
    assignments : int
        Number of rows.
    tiling : Tiling, optional
        How the zones tile the jurisdiction, where that is known already.
    """
    runs = state.ladder.runs()
    gaps = tuple((start, stop) for start, stop, members in runs if not members)
    overlaps = tuple(run for run in runs if len(run[2]) > 1)
    tiling = _tiling(state.ground) if tiling is None else tiling
    figures = Figures(
        assignments=assignments,
        line=LineFigures(
            targets=len(state.order),
            length_m=state.ground.length_mm / MM,
            gap_m=sum(stop - start for start, stop in gaps) / MM,
            overlap_m=sum((len(members) - 1) * (stop - start) for start, stop, members in overlaps) / MM,
        ),
        area=_area(state.ground, tiling),
        point=_point(state),
    )
    return Proof(figures, gaps, overlaps, tiling)


def _tiling(ground: Ground) -> geo.Tiling | None:
    zones, area = ground.zones, ground.spec.layers.area
    whole = ground.jurisdiction
    if whole is None and not len(zones.ids):
        return None
    if whole is None:
        # Overlaps are overlaps whatever the jurisdiction is: the zones are held against their own union.
        whole = shapely.union_all(zones.shapes)
    # Zones that take part are valid: where they fit edge by edge, nothing else has to be asked.
    return geo.Tiling.proven(zones.shapes, whole, ground.spec.crs) or geo.tile(
        zones.shapes,
        zones.ids,
        whole,
        ground.spec.crs,
        sliver_m2=area.sliver_m2,
        sliver_width_m=area.sliver_width_m,
    )


def _area(ground: Ground, tiling: geo.Tiling | None) -> AreaFigures:
    targets = len(ground.zones.ids)
    if tiling is None:
        return AreaFigures(targets, 0.0, 0.0, 0.0, 0.0)
    named = ground.jurisdiction is not None
    return AreaFigures(
        targets=targets,
        area_m2=_m2(tiling.area_m2) if named else 0.0,
        gap_m2=_m2(tiling.gap_m2) if named else 0.0,
        overlap_m2=_m2(tiling.overlap_m2),
        outside_m2=_m2(tiling.outside_m2) if named else 0.0,
    )


def _m2(value: float) -> float:
    # abs() turns -0.0 into 0.0; none of these can be negative.
    return abs(round(float(value), DECIMALS_M2))


def _point(state: State) -> PointFigures:
    unled = state.unled("point", HOUSEHOLD)
    orphans = int(np.count_nonzero(unled))
    return PointFigures(
        targets=len(state.ground.strongholds.ids), served=len(unled) - orphans, orphans=orphans
    )
