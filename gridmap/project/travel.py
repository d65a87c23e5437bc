"""Travel times of a plan's keepers: minutes to places, isochrones, isolated homes, two scenarios compared."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Required, TypedDict, Unpack

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap import geo
from gridmap.analyse import isolated as isolation
from gridmap.analyse import scenario as scenarios
from gridmap.analyse import terrain
from gridmap.analyse.demand import Bools, Demand, Floats, Ints, Posts
from gridmap.analyse.reached import Reached
from gridmap.analyse.travel import Quickest, by_time, isochrone_bands, quickest_at
from gridmap.assign.ground import HOUSEHOLD, OUTPOST
from gridmap.config import CONFIG_NAME, ProjectSpec
from gridmap.config.suggesting import suggest
from gridmap.errors import ConfigError, InputError
from gridmap.geo import travel
from gridmap.geo.heights import Heights, read_asc
from gridmap.project.demands import demand_of, posts_of

if TYPE_CHECKING:
    from gridmap.project.plan import Plan

BY = ("any", "outpost", "stronghold")
# Networks that a plan holds at once: summer and winter; one of a million cells takes some 300 MB.
HELD = 2
M2_PER_KM2 = 1e6


class AskedTime(TypedDict, total=False):
    """How long keepers may take, and how they travel.

    Parameters
    ----------
    minutes : float
        How long a keeper may take.
    profile, scenario : str
        Who travels, and what lies on the ground, as named in gridmap.toml.
    reach_m : (m,) float, optional
        How far each keeper reaches; then both must hold.
    """

    minutes: Required[float]
    profile: Required[str | None]
    scenario: str | None
    reach_m: Floats | None


def reached(plan: Plan, demand: Demand, posts: Posts, **asked: Unpack[AskedTime]) -> Reached:
    """Find what keepers of a plan reach within so many minutes.

    Parameters
    ----------
    plan : Plan
        Brings the ground: tables, relief, settings.
    demand, posts : Demand, Posts
        What is to be covered, and by whom.
    **asked
        See `AskedTime`.

    Raises
    ------
    ConfigError
        GM105 if there is no such profile or scenario; GM106 without a profile; GM103 if the cells are too
        small for the area.
    InputError
        GM202 if the relief or the grid of snow cannot be read.
    """
    found = network_of(plan, asked["profile"], asked.get("scenario"))
    return by_time(demand, posts, found, minutes=asked["minutes"], reach_m=asked.get("reach_m"))


def network_of(plan: Plan, profile: str | None, scenario: str | None) -> travel.Network:
    """Return the network of a plan for a profile and a scenario, made once; errors as for `reached`."""
    spec = plan.area.spec
    who = _profile(spec, profile)
    held, key = plan.networks, (who, scenario)
    if key not in held:
        weather = _weather(plan, scenario)
        while len(held) >= HELD:
            held.pop(next(iter(held)))
        held[key] = terrain.network(
            plan.made.ground.tables,  # in the order of ids: no sum depends on the order of rows
            spec,
            spec.travel.profiles[who],
            extent=_extent(plan),
            weather=weather,
            relief=_relief(plan),
        )
    return held[key]


def _profile(spec: ProjectSpec, name: str | None) -> str:
    known = spec.travel.profiles
    declare = f"declare one in {CONFIG_NAME} under [travel.profiles]"
    if name is None:
        fix = "one of: " + ", ".join(sorted(known)) if known else declare
        raise ConfigError("GM106", "no profile is named: who travels?", where="profile", fix=fix)
    if name not in known:
        fix = suggest(name, known) if known else declare
        raise ConfigError("GM105", f"no such profile: {name}", where="profile", fix=fix)
    return name


def _weather(plan: Plan, name: str | None) -> terrain.Weather:
    if name is None:
        return terrain.Weather()
    known = plan.area.spec.scenarios
    if name not in known:
        fix = suggest(name, known) if known else f"declare it in {CONFIG_NAME} under [scenarios]"
        raise ConfigError("GM105", f"no such scenario: {name}", where="scenario", fix=fix)
    spec = known[name]
    return terrain.Weather(name, spec, None if spec.snow_grid is None else _snow_grid(plan, spec.snow_grid))


def _snow_grid(plan: Plan, file: str) -> Heights:
    folder = plan.area.folder
    where = f"{CONFIG_NAME}: snow_grid = {file!r}"
    try:
        if folder is None:
            raise FileNotFoundError(file)
        text = (folder / file).read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise InputError(
            "GM202",
            "the grid of snow cannot be read",
            where=where,
            fix=f"put the file beside {CONFIG_NAME}, or take snow_grid out of it",
        ) from error
    return read_asc(text, named="grid of snow", where=where)


def _relief(plan: Plan) -> Heights | None:
    text = plan.area.relief()
    return None if text is None or not text.strip() else read_asc(text)


def _extent(plan: Plan) -> terrain.Extent:
    ground = plan.made.ground
    border = None if ground.border is None else ground.border.geometry
    xy = np.vstack([ground.of(OUTPOST).xy, ground.of(HOUSEHOLD).xy])
    return terrain.Extent(ground.jurisdiction, border, xy)


@dataclass(frozen=True)
class Travel:
    """How long a plan's keepers take. Make it with `Plan.travel`.

    Parameters
    ----------
    plan : Plan
        The plan.
    profile, scenario : str, str or None
        Who travels, and what lies on the ground.
    posts : Posts
        The keepers that are asked: in the order in which ties go.
    network : Network
        Over what they travel.
    """

    plan: Plan
    profile: str
    scenario: str | None
    posts: Posts
    network: travel.Network

    def __repr__(self) -> str:
        under = "" if self.scenario is None else f", {self.scenario}"
        return f"<gridmap.Travel: {self.profile}{under}, {len(self.posts.ids)} keepers>"

    @property
    def crs(self) -> str:
        """The working CRS."""
        return self.plan.area.spec.crs

    @property
    def notes(self) -> tuple[str, ...]:
        """What the reader should know."""
        named = self.plan.area.spec.scenarios.get(self.scenario or "")
        season = None if self.plan.season is None else self.plan.season.name
        if named is None or named.season is None or named.season == season:
            return self.plan.notes
        note = f"the scenario {self.scenario} is of {named.season}; households stand as the plan has them"
        return (*self.plan.notes, note)

    def minutes(self, places: Any) -> pd.Series[float]:
        """Return the minutes that the quickest keeper takes to places.

        Parameters
        ----------
        places : GeoDataFrame or GeoSeries of points, or (n, 2) numbers
            Points in any stated CRS; or longitudes and latitudes in degrees on the project's own datum.

        Returns
        -------
        Series of float
            Named ``minutes``, on the index of the frame; infinite where nobody can get there.

        Raises
        ------
        InputError
            GM201 if the frame states no CRS.
        """
        if isinstance(places, gpd.GeoSeries):
            places = places.to_frame("geometry").set_geometry("geometry")
        if isinstance(places, gpd.GeoDataFrame):
            xy = geo.point_xy(geo.to_working(places, self.crs, name="places").geometry)
            index = places.index
        else:
            xy = geo.from_lonlat(places, self.crs)
            index = pd.RangeIndex(len(xy))
        return pd.Series(self._quickest(xy).minutes, index=index, name="minutes")

    def _quickest(self, xy: Floats) -> Quickest:
        every: Ints = np.arange(len(self.posts.ids))
        return quickest_at(self.network, self.field, xy, self.posts.xy, every)

    @cached_property
    def field(self) -> travel.Field:
        """Seconds from the quickest keeper to every node of the network."""
        return travel.field(self.network, self.posts.xy)

    @cached_property
    def _homes(self) -> Quickest:
        return self._quickest(demand_of(self.plan).homes.xy)

    @property
    def homes(self) -> pd.DataFrame:
        """Every household: ``id``, ``minutes``, ``keeper`` (the quickest, ``kind:id``), ``reachable``."""
        names = np.array([*self.posts.names, None], dtype=object)
        return pd.DataFrame(
            {
                "id": pd.Series(demand_of(self.plan).homes.ids, dtype="str"),
                "minutes": self._homes.minutes,
                "keeper": pd.Series(names[self._homes.keeper], dtype="str"),
                "reachable": np.isfinite(self._homes.minutes),
            }
        )

    @property
    def unreachable(self) -> list[str]:
        """Ids of the households that none of the keepers can get to."""
        homes = self.homes
        return [str(one) for one in homes.loc[~homes["reachable"], "id"]]

    @cached_property
    def isolated(self) -> gpd.GeoDataFrame:
        """The same with why, and with the keeper that is nearest by straight distance."""
        homes = demand_of(self.plan).homes
        return isolation.isolated(homes, self._homes.minutes, self.posts, self.network, crs=self.crs)

    def isochrones(self, minutes: Iterable[float] = (30, 60, 120)) -> gpd.GeoDataFrame:
        """Return the ground of the jurisdiction within so many minutes of the quickest keeper.

        Parameters
        ----------
        minutes : iterable of float
            Limits; each polygon holds those of the smaller ones.

        Returns
        -------
        GeoDataFrame
            ``minutes`` ascending, ``km2`` (geodesic), polygons in the project's CRS.

        Raises
        ------
        ConfigError
            GM106 if a limit is no number above 0.
        """
        limits = np.unique(np.array([float(one) for one in minutes], dtype=np.float64))
        for one in limits.tolist():
            if not (math.isfinite(one) and one > 0):
                fix = "give numbers above 0, e.g. (30, 60, 120)"
                raise ConfigError("GM106", f"an isochrone of {one:g} minutes", where="minutes", fix=fix)
        shapes = isochrone_bands(self.network, self.field, limits, self.plan.made.ground.jurisdiction)
        km2 = np.round(geo.geodesic_area(shapes, self.crs) / M2_PER_KM2, 6)
        geometry = gpd.GeoSeries(shapes, crs=self.crs)
        return gpd.GeoDataFrame({"minutes": limits, "km2": km2}, geometry=geometry, crs=self.crs)


def travel_of(plan: Plan, *, profile: str, scenario: str | None, by: str) -> Travel:
    """Return how long a plan's keepers take; see `Plan.travel`."""
    if by not in BY:
        raise ConfigError("GM106", f"no such keepers: {by}", where="by", fix=suggest(by, BY))
    posts = posts_of(plan)
    chosen: Bools = {"any": np.ones(len(posts.ids), dtype=bool), "outpost": ~posts.stronghold}.get(
        by, posts.stronghold
    )
    return Travel(plan, profile, scenario, posts.only(chosen), network_of(plan, profile, scenario))


@dataclass(frozen=True, slots=True)
class Difference:
    """What changes between two travel times.

    Parameters
    ----------
    homes : DataFrame
        ``id``, ``before``, ``after``, ``change`` in minutes, ``isolated``: reached before and not after.
    bands : GeoDataFrame
        Ground where it takes at least 15, 30, 60 minutes longer, and where access is lost:
        ``change``, ``from_min``, ``to_min``, ``km2``.
    """

    homes: pd.DataFrame
    bands: gpd.GeoDataFrame


def difference(before: Travel, after: Travel) -> Difference:
    """Compare two travel times, such as before a blizzard and after it.

    Raises
    ------
    ConfigError
        GM106 if they are of two projects: their cells or coordinate reference systems differ.
    """
    if before.crs != after.crs:
        where = f"{before.crs} and {after.crs}"
        fix = "compare two scenarios of one project"
        raise ConfigError("GM106", "the two travel times are in different CRSs", where=where, fix=fix)
    first, later = before.homes.set_index("id"), after.homes.set_index("id")
    ids = first.index.union(later.index, sort=True)
    homes = scenarios.changed(
        ids.to_numpy(dtype=object),
        *(one["minutes"].reindex(ids).to_numpy(dtype=np.float64) for one in (first, later)),
    )
    return Difference(homes, change_of(before, after))


def change_of(before: Travel, after: Travel) -> gpd.GeoDataFrame:
    """Return the bands of `Difference` alone: without the homes, whose minutes are a work of their own."""
    at = [(one.network.lattice, one.field.seconds[: one.network.lattice.size]) for one in (before, after)]
    return scenarios.change_bands(at[0], at[1], crs=before.crs)
