"""The difference map: where keepers take longer in one scenario than in another, and where access is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap import geo
from gridmap.config import CONFIG_NAME, ProjectSpec
from gridmap.config.suggesting import suggest
from gridmap.errors import ConfigError
from gridmap.geo.containing import all_polygons_of

if TYPE_CHECKING:
    from gridmap.project.coverage import Coverage
    from gridmap.project.how_far import How

TABLE, NONE = "travel_change", "none"
M2_PER_KM2, DECIMALS = 1e6, 3


def named(spec: ProjectSpec, against: str) -> str | None:
    """Return the scenario that is compared with: None for ``none``, unless a scenario is called that."""
    return None if against == NONE and NONE not in spec.scenarios else against


def refuse_against(spec: ProjectSpec, how: How, against: str | None) -> None:
    """Refuse a comparison that cannot be made, before any work.

    Parameters
    ----------
    spec : ProjectSpec
        The settings.
    how : How
        How far keepers reach.
    against : str, optional
        The scenario that it is compared with, ``none`` for no scenario; None for no comparison.

    Raises
    ------
    ConfigError
        GM106 without minutes and a profile, and for a scenario against itself; GM105 if there is no such one.
    """
    if against is None:
        return
    if not isinstance(against, str):
        fix = f"give a name that is in {CONFIG_NAME}, or {NONE}"
        raise ConfigError("GM106", "against is no text", where="against", fix=fix)
    if how.minutes is None or how.profile is None:
        raise ConfigError(
            "GM106",
            "two scenarios differ in travel times, and none is asked for",
            where="against",
            fix="say who travels and how long at most, e.g. --minutes 60 --profile vehicle",
        )
    other = named(spec, against)
    if other is not None and other not in spec.scenarios:
        fix = suggest(against, (*spec.scenarios, NONE))
        raise ConfigError("GM105", f"no such scenario: {against}", where="against", fix=fix)
    if other == how.scenario:
        raise ConfigError(
            "GM106",
            "a scenario is compared with itself: " + (other or "none on both sides"),
            where="against",
            fix="name two, e.g. --scenario blizzard --against none",
        )


def travel_change(found: Coverage, against: str) -> gpd.GeoDataFrame:
    """Return where the keepers of a coverage take longer than in another scenario, or get no more.

    Parameters
    ----------
    found : Coverage
        What keepers reach, by time.
    against : str
        The scenario that it is compared with; ``none`` for no scenario.

    Returns
    -------
    GeoDataFrame
        ``id``, ``change`` (longer, lost), ``from_min`` (inclusive) and ``to_min`` (exclusive) in minutes
        more, ``km2`` (geodesic); polygons in the working CRS: cells cut by the jurisdiction, no empty bands.
    """
    # Heavy, and only times need it.
    from gridmap.project.travel import Travel, change_of, network_of  # noqa: PLC0415

    how, plan, crs = found.how, found.plan, found.demand.crs
    before, after = (
        Travel(plan, str(how.profile), one, found.posts, network_of(plan, how.profile, one))
        for one in (named(plan.area.spec, against), how.scenario)
    )
    bands = change_of(before, after)
    shapes, whole = np.array(bands.geometry.to_numpy(), dtype=object), plan.made.ground.jurisdiction
    if whole is not None:
        shapes = np.asarray(all_polygons_of(shapely.intersection(shapes, whole)), dtype=object)
    km2 = np.round(geo.geodesic_area(shapes, crs) / M2_PER_KM2, DECIMALS)
    kept = np.flatnonzero(km2 > 0.0)
    columns = {
        "id": pd.array([f"S{number:03}" for number in range(1, len(kept) + 1)], dtype="str"),
        **{name: bands[name].to_numpy()[kept] for name in ("change", "from_min", "to_min")},
        "km2": km2[kept],
    }
    columns["change"] = pd.array(columns["change"], dtype="str")
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(shapes[kept], crs=crs))


def said_of(spec: ProjectSpec, how: How, against: str, *, nowhere: bool) -> dict[str, str]:
    """Say in both languages which scenarios are compared; `nowhere`: nothing takes longer."""
    en, zh = [], []
    for one in (how.scenario, named(spec, against)):
        title = None if one is None else spec.scenarios[one].title
        en.append("no scenario" if title is None else title.en.lower())
        zh.append("无情景" if title is None else f"“{title.zh}”")
    tail = ("; nowhere 15 minutes longer", "；没有一处慢15分钟以上") if nowhere else ("", "")
    return {
        "en": f"difference map: {en[0]} compared with {en[1]}{tail[0]}",
        "zh": f"差异图：{zh[0]}与{zh[1]}相比{tail[1]}",
    }
