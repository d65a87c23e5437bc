"""Seasons: households that have a camp of a season stand there, the others at home."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap import geo
from gridmap.config import CONFIG_NAME, AudienceSpec, ProjectSpec
from gridmap.config.suggesting import suggest
from gridmap.errors import ConfigError, PublishError
from gridmap.model import Bilingual, Findings

if TYPE_CHECKING:
    from gridmap.project.plan import Plan

Tables = Mapping[str, pd.DataFrame]

CAMP, HOUSEHOLD = "camp", "household"
OPTION, AT_HOME = "season", "household at home"
# The area that is written down for a household is that of its home: at a camp it says nothing.
OF_HOME = frozenset({"gacha-mismatch"})


@dataclass(frozen=True)
class Season:
    """A season as a plan is made for it.

    Parameters
    ----------
    name : str
        As gridmap.toml or the camps have it.
    title : Bilingual
        As products say it.
    moved : tuple of str
        Ids of the households that stand at their camp, in code-point order.
    homes : GeoDataFrame
        The households where they live for the rest of the year: what a product of the season may not tell
        more exactly than another.
    """

    name: str
    title: Bilingual
    moved: tuple[str, ...]
    homes: Any

    @property
    def note(self) -> str:
        """What a reader of a plan should know."""
        return (
            f"season {self.name}: {len(self.moved):,} of {len(self.homes):,} households stand at their camp; "
            "nothing of it is stored"
        )

    @property
    def fact(self) -> dict[str, str]:
        """What a product says of its data."""
        return {"en": self.title.en, "zh": self.title.zh}


def in_season(tables: Tables, spec: ProjectSpec, name: str) -> tuple[dict[str, pd.DataFrame], Season]:
    """Return the tables with households at their camps of a season; nothing given is changed.

    Parameters
    ----------
    tables : mapping of str to frame
        The project's tables, in the working CRS.
    spec : ProjectSpec
        Names the seasons; without any, those that camps name count.
    name : str
        The season.

    Returns
    -------
    tables : dict of str to frame
        The same, but for the geometry of the households that moved.
    Season
        What was done.

    Raises
    ------
    ConfigError
        GM105 for a season that there is not.

    Notes
    -----
    A camp without a usable point, or of a household that there is not, moves nobody. Of several camps of one
    household in the season the one with the smallest id counts; the check camp-twice reports it.
    """
    camps = tables.get(CAMP)
    _refuse_unknown(camps, spec, name)
    homes: Any = tables.get(HOUSEHOLD)
    title = _title(spec, name)
    if homes is None or not isinstance(homes, gpd.GeoDataFrame):
        return dict(tables), Season(name, title, (), pd.DataFrame({"id": []}))
    places = {} if camps is None else _places(camps, name)
    at = homes["id"].isin(list(places)).to_numpy(dtype=bool)
    shapes = np.array(homes.geometry.to_numpy(), dtype=object)
    ids = homes["id"][at].tolist()
    shapes[at] = [places[one] for one in ids] if ids else []
    moved = homes.set_geometry(gpd.GeoSeries(shapes, index=homes.index, crs=homes.crs))
    return {**tables, HOUSEHOLD: moved}, Season(name, title, tuple(sorted(ids)), homes)


def _places(camps: pd.DataFrame, name: str) -> dict[str, Any]:
    """Return the camp of every household that has a usable one in the season."""
    frame: Any = camps[camps["season"].eq(name).fillna(value=False).to_numpy(dtype=bool)]
    if not isinstance(frame, gpd.GeoDataFrame) or not len(frame):
        return {}
    order = np.argsort(frame["id"].to_numpy(dtype=str), kind="stable")
    frame = frame.iloc[order]
    sound = np.isfinite(geo.point_xy(frame.geometry)).all(axis=1) & frame["household"].notna().to_numpy()
    first = frame[sound].drop_duplicates("household")
    return dict(zip(first["household"].tolist(), first.geometry.tolist(), strict=True))


def _refuse_unknown(camps: pd.DataFrame | None, spec: ProjectSpec, name: str) -> None:
    known = sorted(spec.seasons)
    if not known and camps is not None:
        known = sorted(set(camps["season"].dropna().astype(str)))
    if name not in known:
        fix = suggest(name, known) if known else f"declare it under [seasons] in {CONFIG_NAME}"
        raise ConfigError("GM105", f"no such season: {name}", where="the season", fix=fix)


def _title(spec: ProjectSpec, name: str) -> Bilingual:
    declared = spec.seasons.get(name)
    return (
        Bilingual(en=name, zh=name) if declared is None else Bilingual(declared.title.en, declared.title.zh)
    )


def without_home_faults(found: Findings, season: Season) -> Findings:
    """Leave out what is only said of homes, for households that stand at their camp."""
    away = set(season.moved)
    return Findings.of(
        [one for one in found if not (one.code in OF_HOME and one.table == HOUSEHOLD and one.id in away)]
    )


def refuse_hidden_camps(plan: Plan, audience: str, allowed: AudienceSpec) -> None:
    """Refuse a product of a season for an audience that may not see where camps are.

    Where households stand in a season is where their camps are: only who sees everything, or has camps among
    its tables and households as they are, gets such a product.

    Raises
    ------
    PublishError
        GM606.
    """
    if plan.season is None or allowed.everything:
        return
    redacted = any(one.kind in {HOUSEHOLD, CAMP} for one in allowed.redactions)
    if CAMP in allowed.columns and not allowed.per_unit and not redacted:
        return
    raise PublishError(
        "GM606",
        f"the audience {audience} may not see where camps are, and a product of a season tells it",
        where=f"the season {plan.season.name}",
        fix="make it without a season, or for an audience that sees camps and whole households",
    )
