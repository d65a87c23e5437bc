"""What a plan has to cover, and its keepers as places, for the analyses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from gridmap.analyse.demand import Demand, Homes, Ints, Objects, Posts
from gridmap.assign.ground import HOUSEHOLD, OUTPOST, Ground
from gridmap.config.suggesting import suggest
from gridmap.errors import ConfigError

if TYPE_CHECKING:
    from gridmap.project.plan import Plan

SHOWN = 12
# More in one home is no number of persons; sums of such stay whole.
MOST_PERSONS = 1_000_000


def demand_of(plan: Plan) -> Demand:
    """Return what a plan has to cover: the border, the jurisdiction, every household.

    Rows whose geometry cannot take part make no ground and no border; a household is counted all the same.
    """
    ground = plan.made.ground
    return Demand(
        crs=ground.spec.crs,
        border=ground.border,
        belt_m=float(ground.spec.layers.line.belt_m),
        jurisdiction=ground.jurisdiction,
        zones=ground.zones.shapes,
        homes=homes_of(ground),
    )


def homes_of(ground: Ground) -> Homes:
    """Return every household, with its persons.

    Persons are whole numbers from 0 on. What is none is unknown, and counts as 0: a part of a person rounded
    in every home would make sums that nobody entered. `persons_notes` says of how many that is so.
    """
    homes = ground.of(HOUSEHOLD)
    return Homes(homes.ids, homes.xy, _persons(ground)[0])


def persons_notes(ground: Ground) -> tuple[str, ...]:
    """Say of how many households the persons are unknown although something is written there."""
    unread = _persons(ground)[1]
    if not unread:
        return ()
    who = "1 household is" if unread == 1 else f"{unread:,} households are"
    return (f"the persons of {who} no whole number, and count as unknown: 0",)


def _persons(ground: Ground) -> tuple[Ints, int]:
    """Return the persons of each household, and of how many what is written is no whole number."""
    persons = np.zeros(len(ground.of(HOUSEHOLD).ids), dtype=np.int64)
    table = ground.tables.get(HOUSEHOLD)
    if table is None or "persons" not in table.columns:
        return persons, 0
    column = table["persons"]
    given = column.notna().to_numpy(dtype=bool)
    values = np.full(len(column), np.nan)
    if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype):
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    whole = given & (values >= 0.0) & (values <= MOST_PERSONS) & (values == np.floor(values))
    persons[whole] = values[whole].astype(np.int64)
    return persons, int(np.count_nonzero(given & ~whole))


def posts_of(plan: Plan, *, without: str | Iterable[str] = ()) -> Posts:
    """Return a plan's keepers that have a position: outposts, then strongholds.

    Parameters
    ----------
    plan : Plan
        The plan.
    without : str or iterable of str
        Keepers to leave out, as ``kind:id``, or as a bare id where it is one keeper's only; a text is one
        name. A keeper without a position takes no part anyway.

    Raises
    ------
    ConfigError
        GM105 for one that is no keeper, with a suggestion.
    """
    ground = plan.made.ground
    outposts, strongholds = ground.of(OUTPOST), ground.strongholds
    placed = outposts.usable
    leads = ground.leads_line(outposts)[placed]
    posts = Posts(
        kind=np.array([OUTPOST] * len(leads) + [HOUSEHOLD] * len(strongholds.ids), dtype=object),
        ids=np.concatenate([outposts.ids[placed], strongholds.ids]),
        unit=np.concatenate([outposts.unit[placed], strongholds.unit]),
        xy=np.vstack([outposts.xy[placed], strongholds.xy]),
        line=np.concatenate([leads, np.zeros(len(strongholds.ids), dtype=bool)]),
    )
    known = [*posts.names, *_unplaced(ground)]
    left = {_name(one, known) for one in ([without] if isinstance(without, str) else without)}
    return posts.only(np.array([name not in left for name in posts.names], dtype=bool))


def _unplaced(ground: Ground) -> list[str]:
    """Return the names of keepers without a position."""
    outposts, homes = ground.of(OUTPOST), ground.of(HOUSEHOLD)
    strongholds = homes.ids[ground.flagged & ~homes.usable]
    return [
        *(f"{OUTPOST}:{one}" for one in outposts.ids[~outposts.usable]),
        *(f"{HOUSEHOLD}:{one}" for one in strongholds),
    ]


def _name(word: str, names: list[str]) -> str:
    """Return the one keeper that a word names."""
    if word in names:
        return word
    bare = [name for name in names if name.partition(":")[2] == word]
    if len(bare) == 1:
        return bare[0]
    raise ConfigError(
        "GM105",
        f"no such keeper: {word}" if not bare else f"several keepers are called {word}",
        where="without",
        fix=_likely(word, names) if not bare else "write one of: " + ", ".join(bare),
    )


def _likely(word: str, names: list[str]) -> str:
    # An area has hundreds of strongholds: all of them would be no help.
    close = suggest(word, names)
    return close if close.startswith("did you") or len(names) <= SHOWN else "write kind:id, e.g. " + names[0]


def polygons_of_kind(
    ground: Ground, kind: str, *, column: str = "", value: str = ""
) -> tuple[Objects, Objects]:
    """Return ids and polygons of a kind's rows that can take part; with a column, of those with a value."""
    features, table = ground.of(kind), ground.tables.get(kind)
    chosen = features.usable & ~shapely.is_missing(features.shapes)
    if column and table is not None:
        chosen = chosen & table[column].eq(value).fillna(value=False).to_numpy(dtype=bool)
    return features.ids[chosen], features.shapes[chosen]
