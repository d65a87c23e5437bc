"""The ground after an edit: a few rows of features and targets replaced, everything else as it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from gridmap.assign.columns import Names
from gridmap.assign.ground import (
    ADMIN,
    BORDER,
    HOUSEHOLD,
    PLAN,
    UNIT,
    ZONE,
    Features,
    Ground,
    Tables,
    features_of,
    flagged_in,
    only,
)
from gridmap.assign.intervals import Ints
from gridmap.assign.points import Points
from gridmap.assign.rows import in_order, lost_rows
from gridmap.model import Findings

# What the ground itself rests on: after an edit of these everything is made anew.
FOUNDATIONS = frozenset({BORDER, ADMIN, UNIT, PLAN})


@dataclass(frozen=True, slots=True)
class Edit:
    """What became of some rows of a kind.

    Parameters
    ----------
    ids : frozenset of str
        Ids of every row that came, went or changed.
    rows : DataFrame
        Those of them that are there now, in any order.
    """

    ids: frozenset[str]
    rows: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Moved:
    """Where the features of a kind stand after an edit.

    Parameters
    ----------
    place : (n,) int or None
        New position of each old feature, -1 for those that went or changed; None where none came or went,
        so that all stand where they stood.
    fresh : (m,) int
        Positions of those that came or changed, ascending.
    """

    place: Ints | None
    fresh: Ints


@dataclass(frozen=True, slots=True)
class Reground:
    """A ground after edits, and where the features of each edited kind stand in it."""

    ground: Ground
    moved: Mapping[str, Moved]


def reground(old: Ground, tables: Tables, edits: Mapping[str, Edit], *, known: Findings) -> Reground | None:
    """Return the ground after edits; None where it must be made anew.

    Parameters
    ----------
    old : Ground
        Before the edits.
    tables : mapping of kind to DataFrame
        The tables after them, in the order of ids.
    edits : mapping of kind to Edit
        What became of which rows.
    known : Findings
        Faults of the data after the edits.
    """
    lost = lost_rows(known)
    if not FOUNDATIONS.isdisjoint(edits) or not _same_elsewhere(old.lost, lost, edits):
        return None
    features, moved, flagged = dict(old.features), {}, old.flagged
    for kind, edit in edits.items():
        if kind not in features:
            # Lines, and tables without a place: no rule is asked for them.
            continue
        frame = in_order(edit.rows, kind, lost.get(kind))
        now = features_of(kind, frame, old.units, old.spec)
        moved[kind] = _moved(old.features[kind], edit.ids, now)
        features[kind] = _merged(old.features[kind], moved[kind], now)
        if kind == HOUSEHOLD:
            flagged = _joined(old.flagged, moved[kind], flagged_in(frame, now.count))
    ground = replace(old, features=features, flagged=flagged, lost=lost, tables=tables)
    return Reground(_with_targets(old, ground, moved), moved)


def _same_elsewhere(
    old: Mapping[str, frozenset[str]], new: Mapping[str, frozenset[str]], edits: Mapping[str, Edit]
) -> bool:
    """Whether rows that were not edited are lost exactly where they were."""
    none: frozenset[str] = frozenset()
    return all(
        (old.get(kind, none) ^ new.get(kind, none)) <= (edits[kind].ids if kind in edits else none)
        for kind in old.keys() | new.keys()
    )


def _moved(old: Features, ids: frozenset[str], now: Features) -> Moved:
    """Return where old features stand once the edited ones are taken out and those of now put in."""
    asked = np.array(sorted(ids), dtype=object)
    at = np.searchsorted(old.ids, asked)
    there = at < len(old.ids)
    there[there] = old.ids[at[there]] == asked[there]
    if there.all() and np.array_equal(asked, now.ids):
        return Moved(None, at.astype(np.int64))
    stays = np.ones(len(old.ids), dtype=bool)
    stays[at[there]] = False
    # As many of those that stay are before each of now as there are smaller ids.
    before = np.searchsorted(old.ids, now.ids)
    gone = np.concatenate([[0], np.cumsum(~stays)])
    fresh = before - gone[before] + np.arange(len(now.ids))
    place = np.full(len(old.ids), -1, dtype=np.int64)
    count = int(stays.sum())
    free = np.ones(count + len(now.ids), dtype=bool)
    free[fresh] = False
    place[stays] = np.flatnonzero(free)
    return Moved(place, fresh.astype(np.int64))


def _merged(old: Features, moved: Moved, now: Features) -> Features:
    return Features(
        old.kind,
        old.names if moved.place is None else Names(_joined(old.ids, moved, now.ids)),
        _joined(old.unit, moved, now.unit),
        _joined(old.usable, moved, now.usable),
        _pointed(old.points, moved, now.points),
        _joined(old.shapes, moved, now.shapes),
    )


def _pointed(old: Points, moved: Moved, now: Points) -> Points:
    if moved.place is None:
        stands = np.array_equal(old.at(moved.fresh), now.xy, equal_nan=True)
        return old if stands else old.moved(moved.fresh, now.xy)
    return Points(_joined(old.xy, moved, now.xy))


def _joined(old: Any, moved: Moved, now: Any) -> Any:
    """Return an array with the values of those that stay in their new places, and those of now."""
    if moved.place is None:
        if all(one is other for one, other in zip(old[moved.fresh], now, strict=True)):
            return old
        made = old.copy()
    else:
        stays = moved.place >= 0
        made = np.empty((int(stays.sum()) + len(moved.fresh), *old.shape[1:]), dtype=old.dtype)
        made[moved.place[stays]] = old[stays]
    made[moved.fresh] = now
    return made


def _with_targets(old: Ground, new: Ground, moved: Mapping[str, Moved]) -> Ground:
    """Return a ground with its own targets; targets that stay the same stay the same objects."""
    zones, strongholds = old.zones, old.strongholds
    if ZONE in moved:
        features = new.features[ZONE]
        zones = _kept(zones, only(features, features.usable))
    if HOUSEHOLD in moved and not _all_plain(old, new, moved[HOUSEHOLD]):
        homes = new.features[HOUSEHOLD]
        strongholds = _kept(strongholds, only(homes, homes.usable & new.flagged))
    index = old.index.after(zones=zones, strongholds=strongholds)
    return replace(new, zones=zones, strongholds=strongholds, index=index)


def _all_plain(old: Ground, new: Ground, moved: Moved) -> bool:
    """Whether no home came or went, and none of those that changed was or is a stronghold."""
    return moved.place is None and not (old.flagged[moved.fresh] | new.flagged[moved.fresh]).any()


def _kept(old: Features, new: Features) -> Features:
    """Return the old targets where the new ones are the same."""
    same = (
        np.array_equal(old.ids, new.ids)
        and np.array_equal(old.unit, new.unit)
        and np.array_equal(old.xy, new.xy, equal_nan=True)
        and all(one is other or one == other for one, other in zip(old.shapes, new.shapes, strict=True))
    )
    return old if same else new
