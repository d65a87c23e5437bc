"""`Coverage`: what a plan's keepers reach of the border, the jurisdiction and the households."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap.analyse.cover import AreaCover, Covered, LineCover, PointCover, cover, share
from gridmap.analyse.demand import Demand, Floats, Posts
from gridmap.analyse.depth import Depth, depth
from gridmap.analyse.distance import by_distance
from gridmap.analyse.gaps import Slivers, gaps
from gridmap.analyse.losses import Change, gain, losses
from gridmap.analyse.reached import Reached
from gridmap.analyse.stretches import MM
from gridmap.assign.ground import OUTPOST
from gridmap.project.breakdowns import table_by
from gridmap.project.cells import require_kind
from gridmap.project.demands import demand_of, posts_of
from gridmap.project.figured import Drawn
from gridmap.project.how_far import How, left_out, notes_of
from gridmap.project.one_more import new_post, spot_of

if TYPE_CHECKING:
    from gridmap.project.plan import Plan

CELL = "cell"
M2_DECIMALS, TENTHS = 1, 10


@dataclass(frozen=True)
class Coverage(Drawn):
    """What keepers reach of the three demands. Made by `Plan.coverage`; nothing in it changes.

    Parameters
    ----------
    plan : Plan
        The arrangement.
    demand : Demand
        The border, the jurisdiction, the households.
    posts : Posts
        The keepers.
    reached : Reached
        Who reaches what.
    how : How
        How far keepers reach.
    notes : tuple of str
        What the reader should know.
    """

    plan: Plan
    demand: Demand = field(repr=False)
    posts: Posts = field(repr=False)
    reached: Reached = field(repr=False)
    how: How
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        line, area, point = self.line, self.area, self.point
        shares = (
            f"line {share(line.covered_m, line.total_m):.1%}",
            f"area {share(area.covered_m2, area.total_m2):.1%}",
            f"point {share(point.covered, point.total):.1%}",
        )
        return f"<gridmap.Coverage: {', '.join(shares)}>"

    @cached_property
    def covered(self) -> Covered:
        """What is covered of the three demands."""
        return cover(self.demand, self.posts, self.reached)

    @property
    def line(self) -> LineCover:
        """The border in metres: ``total_m``, ``covered_m``, ``at_least(2)``, ``gaps``."""
        return self.covered.line

    @property
    def area(self) -> AreaCover:
        """The jurisdiction in square metres: ``total_m2``, ``covered_m2``, ``at_least_m2``."""
        return self.covered.area

    @property
    def point(self) -> PointCover:
        """The households: ``total``, ``covered``, ``persons``, ``persons_covered``, ``uncovered``."""
        return self.covered.point

    @cached_property
    def depth(self) -> Depth:
        """How many layers answer where: ``m2`` for 0 to 3, and ``faces`` for a map."""
        return depth(self.demand, self.posts, self.reached)

    @cached_property
    def gaps(self) -> gpd.GeoDataFrame:
        """Where nobody reaches, with size and nearest keeper; see `gridmap.analyse.gaps`."""
        area = self.plan.area.spec.layers.area
        slivers = Slivers(area.sliver_m2, area.sliver_width_m)
        return gaps(self.covered, self.demand, self.posts, slivers=slivers)

    @cached_property
    def pieces(self) -> gpd.GeoDataFrame:
        """The border, whole, by who reaches it: ``from_m``, ``to_m``, ``count``, ``keepers``, geometry."""
        pieces, border = self.line.pieces, self.demand.border
        ends = pieces.breaks / MM
        names = np.array(self.posts.names, dtype=object)
        count = len(pieces.count)
        shapes = np.empty(count, dtype=object)
        if border is not None:
            shapes[:] = [
                border.interval(float(start), float(min(stop, border.length_m)))
                for start, stop in pairwise(ends)
            ]
        keepers = [", ".join(names[pieces.keepers(number)]) for number in range(count)]
        return gpd.GeoDataFrame(
            {
                "from_m": ends[:-1],
                "to_m": ends[1:],
                "count": pieces.count,
                "keepers": pd.array(keepers, dtype="str"),
            },
            geometry=gpd.GeoSeries(shapes, crs=self.demand.crs),
        )

    def summary(self) -> pd.DataFrame:
        """Return totals, one row a demand.

        ``layer``, ``unit``, ``total``, ``covered``, ``uncovered``, ``share``; ``twice`` and ``thrice`` are
        what at least two and three keepers reach; missing for persons.
        """
        line, area, point = self.line, self.area, self.point
        count = point.reached.count
        rows = [
            ("line", "m", line.total_m, *(line.at_least(k) for k in (1, 2, 3))),
            ("area", "m2", area.total_m2, *area.at_least_m2.tolist()),
            ("point", "households", point.total, *(int((count >= k).sum()) for k in (1, 2, 3))),
            ("point", "persons", point.persons, point.persons_covered, math.nan, math.nan),
        ]
        frame = pd.DataFrame(rows, columns=["layer", "unit", "total", "covered", "twice", "thrice"])
        frame.insert(4, "uncovered", frame["total"] - frame["covered"])
        frame.insert(
            5,
            "share",
            [share(part, whole) for whole, part in zip(frame["total"], frame["covered"], strict=True)],
        )
        return frame

    def by(self, what: str) -> pd.DataFrame:
        """Return coverage by section, zone, township, gacha, unit or cell.

        Metres of border, square metres, households and persons, each with how much of it is covered, as far
        as it makes sense. Where something is in none of them, a last row with a missing ``id`` has it.

        Raises
        ------
        ConfigError
            GM105 if it is none of these, the project has no kind ``cell``, or there are no cells.
        """
        if what == CELL:
            require_kind(self.plan.area.spec)
        return table_by(self.plan, self.demand, self.covered, what)

    def losses(self) -> pd.DataFrame:
        """Rank keepers by what is lost if they fall out, each alone; see `gridmap.analyse.losses`."""
        return losses(self.covered, self.demand, self.posts, self.reached)

    def adding(self, *place: Any, as_: str = OUTPOST, unit: str | None = None) -> Change:
        """Return what one more keeper at a place would add.

        Parameters
        ----------
        *place
            ``lon, lat``, or one text: whatever `Plan.who` takes for one place. Whether it is outside the
            jurisdiction `gridmap.project.one_more.spot_of` says.
        as_ : {"outpost", "stronghold"}
            What it is.
        unit : str, optional
            Its unit. An outpost without one is taken to keep the line.

        Raises
        ------
        ConfigError
            GM106 if it is neither, GM105 if there is no such unit, GM107 if the place is none.
        """
        post = new_post(self.plan, spot_of(self.plan, *place), as_=as_, unit=unit)
        return gain(self.covered, self.demand, post, reached_by(self.plan, self.demand, post, self.how))

    def to_json(self) -> dict[str, Any]:
        """Return the totals, the gaps of the border, the households that are not covered, and the depth."""
        line, area, point = self.line, self.area, self.point
        ends = [{"from_m": start, "to_m": stop} for start, stop in np.round(line.gaps, 3).tolist()]
        tenths = [round(float(m2) * TENTHS) for m2 in self.depth.m2[1:]]
        # Rounded parts would not add up to the rounded whole: the rest is what is left of it.
        whole = round(area.total_m2 * TENTHS)
        deep = [max(whole - sum(tenths), 0), *tenths]
        return {
            "line": {
                "total_m": line.total_m,
                "covered_m": line.covered_m,
                "share": share(line.covered_m, line.total_m),
                "gaps": ends,
            },
            "area": {
                "total_m2": round(area.total_m2, M2_DECIMALS),
                "covered_m2": round(area.covered_m2, M2_DECIMALS),
                "share": share(area.covered_m2, area.total_m2),
            },
            "point": {
                "total": point.total,
                "covered": point.covered,
                "persons": point.persons,
                "persons_covered": point.persons_covered,
                "share": share(point.covered, point.total),
                "uncovered": point.uncovered.tolist(),
            },
            "depth": {str(number): one / TENTHS for number, one in enumerate(deep)},
        }


def coverage(plan: Plan, how: How, *, without: Iterable[str] | str | None = ()) -> Coverage:
    """Find what a plan's keepers reach; see `Plan.coverage`."""
    notes = notes_of(plan, how)
    demand, posts = demand_of(plan), posts_of(plan, without=left_out(plan, without))
    return Coverage(plan, demand, posts, reached_by(plan, demand, posts, how), how, notes)


def reached_by(plan: Plan, demand: Demand, posts: Posts, how: How) -> Reached:
    """Find what keepers reach, by distance, by time or by both."""
    reach = _reach(plan, posts, how)
    if how.minutes is None:
        return by_distance(demand, posts, reach)
    from gridmap.project.travel import reached  # noqa: PLC0415 - heavy, and only travel times need it

    return reached(
        plan,
        demand,
        posts,
        minutes=how.minutes,
        profile=how.profile,
        scenario=how.scenario,
        reach_m=None if how.reach_m is None else reach,
    )


def _reach(plan: Plan, posts: Posts, how: How) -> Floats:
    layers = plan.area.spec.layers
    if how.reach_m is not None:
        return np.full(len(posts.ids), float(how.reach_m))
    return np.where(posts.stronghold, float(layers.point.reach_m), float(layers.line.section_reach_m))
