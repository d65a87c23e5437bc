"""From columnar arrays to the tables that other programs rely on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap.assign.ground import HOUSEHOLD, ZONE, Bools, Ground, Objects
from gridmap.assign.intervals import Ints, to_m
from gridmap.assign.reasons import NOWHERE, fill, limit_of, template
from gridmap.assign.rule import Case, Claims, Rule, State
from gridmap.model import LAYERS

COLUMNS = ("kind", "feature", "layer", "target", "unit", "role", "metres", "rule", "reason")
NARROWEST = 3
# One string for all rows of a role: a million copies of a word cost 50 MB.
ROLES = np.array(["support", "lead"], dtype=object)

# Claims with the rule that made them, as the engine collects them.
Made = tuple[Rule, Claims]


def section_ids(count: int) -> Objects:
    """Return ids ``S001``, ``S002``… whose code-point order is their order."""
    width = max(NARROWEST, len(str(count)))
    return np.array([f"S{number:0{width}d}" for number in range(1, count + 1)], dtype=object)


def sections_frame(state: State) -> gpd.GeoDataFrame:
    """Return the sections west to east, with geometries in the working CRS."""
    ground, held, order = state.ground, state.stretches, state.order
    owners = [(ground.of(held.kind[at]), int(held.feature[at])) for at in order]
    frame = {
        "id": pd.array(section_ids(len(order)), dtype="str"),
        "unit": _text([features.unit[at] for features, at in owners]),
        "outpost": _text([features.ids[at] for features, at in owners]),
        "from_m": to_m(held.starts[order]),
        "to_m": to_m(held.stops[order]),
    }
    shapes = [
        stretch(ground, int(start), int(stop))
        for start, stop in zip(held.starts[order], held.stops[order], strict=True)
    ]
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, crs=ground.spec.crs))


def stretch(ground: Ground, start: int, stop: int) -> Any:
    """Return the border between two chainages in millimetres as a geometry."""
    if ground.border is None:
        return None
    # L is rounded to the millimetre, which may be a hair beyond the border's end.
    ends = np.minimum(to_m(np.array([start, stop])), ground.border.length_m)
    return ground.border.interval(float(ends[0]), float(ends[1]))


def targets_frame(ground: Ground, kind: str, chosen: Bools) -> gpd.GeoDataFrame:
    """Return the rows of a kind that are targets."""
    frame = ground.tables.get(kind)
    if frame is None:
        return gpd.GeoDataFrame({"id": _text([])}, geometry=gpd.GeoSeries([], crs=ground.spec.crs))
    return gpd.GeoDataFrame(frame.loc[chosen].reset_index(drop=True))


def assignments_frame(state: State, made: Iterable[Made]) -> pd.DataFrame:
    """Return the assignments ordered by layer, kind, feature, role (lead first) and target."""
    blocks: dict[tuple[int, str], list[Made]] = {}
    for rule, claims in made:
        blocks.setdefault((LAYERS.index(rule.layer), claims.kind), []).append((rule, claims))
    parts = [_block(state, blocks[key]) for key in sorted(blocks)]
    columns: dict[str, Any] = {}
    for name in COLUMNS:
        pieces = [part[name] for part in parts]
        if name == "metres":
            columns[name] = np.concatenate(pieces) if pieces else np.empty(0)
        else:
            columns[name] = _text(np.concatenate(pieces) if pieces else [])
    return pd.DataFrame(columns, columns=list(COLUMNS))


def _block(state: State, made: list[Made]) -> Mapping[str, Any]:
    """Return the rows of one layer and kind as arrays by column."""
    layer, kind = made[0][0].layer, made[0][1].kind
    ids, units = _targets(state, layer)
    feature = np.concatenate([claims.feature for _, claims in made])
    target = np.concatenate([claims.target for _, claims in made])
    lead = np.concatenate([claims.lead for _, claims in made])
    metres = np.concatenate([claims.metres for _, claims in made])
    features = state.ground.of(kind)
    target_ids, feature_ids = ids[target], features.ids[feature]
    own = _own(state, layer, kind)[feature] & (target_ids == feature_ids)
    reason = np.concatenate(
        [
            _reasons(state, rule, claims, own=own[rows], targets=target_ids[rows])
            for rule, claims, rows in _spans(made)
        ]
    )
    order = np.lexsort((_rank(ids)[target], ~lead, feature))
    order = order[_once(feature[order], target[order])]
    return {
        "kind": np.full(len(order), kind, dtype=object),
        "feature": feature_ids[order],
        "layer": np.full(len(order), layer, dtype=object),
        "target": target_ids[order],
        "unit": units[target[order]],
        "role": ROLES[lead[order].astype(np.intp)],
        "metres": metres[order],
        "rule": np.concatenate([np.full(len(c.feature), r.name, dtype=object) for r, c in made])[order],
        "reason": reason[order],
    }


def _targets(state: State, layer: str) -> tuple[Objects, Objects]:
    """Return ids and units of a layer's targets, in the order that claims count them."""
    ground = state.ground
    if layer == "area":
        return ground.zones.ids, ground.zones.unit
    if layer == "point":
        return ground.strongholds.ids, ground.strongholds.unit
    held, order = state.stretches, state.order
    ids = np.empty(len(order), dtype=object)
    ids[order] = section_ids(len(order))
    units = [ground.of(kind).unit[at] for kind, at in zip(held.kind, held.feature, strict=True)]
    return ids, np.array(units, dtype=object)


def _once(feature: Ints, target: Ints) -> Ints:
    """Return the rows to keep so that a feature has each target once: the first, which leads if any does."""
    keys = feature * (int(target.max(initial=0)) + 1) + target
    _, first = np.unique(keys, return_index=True)
    return np.sort(first).astype(np.int64)


def _own(state: State, layer: str, kind: str) -> Bools:
    """Return which features of the kind are targets of the layer themselves."""
    if layer == "point" and kind == HOUSEHOLD:
        return state.ground.flagged
    return np.zeros(len(state.ground.of(kind).ids), dtype=bool)


def _spans(made: list[Made]) -> Iterable[tuple[Rule, Claims, slice]]:
    start = 0
    for rule, claims in made:
        stop = start + len(claims.feature)
        yield rule, claims, slice(start, stop)
        start = stop


def _reasons(state: State, rule: Rule, claims: Claims, *, own: Bools, targets: Objects) -> Objects:
    words = np.full(len(own), "", dtype=object)
    limit = limit_of(rule, state.ground.spec)
    cases: dict[Case, Bools] = {"self": own, "lead": claims.lead & ~own, "support": ~claims.lead & ~own}
    for case, rows in cases.items():
        if rows.any():
            text = template(rule, case, "en", limit=limit)
            words[rows] = fill(text, claims.metres[rows], targets[rows], unknown=NOWHERE.en)
    return words


def _rank(ids: Objects) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    rank = np.empty(len(ids), dtype=np.intp)
    rank[np.argsort(ids, kind="stable")] = np.arange(len(ids))
    return rank


def _text(values: Any) -> Any:
    return pd.array(np.asarray(values, dtype=object), dtype="str")


def zones_frame(ground: Ground) -> gpd.GeoDataFrame:
    """Return the zones that take part."""
    return targets_frame(ground, ZONE, ground.of(ZONE).usable)


def strongholds_frame(ground: Ground) -> gpd.GeoDataFrame:
    """Return the strongholds that take part."""
    return targets_frame(ground, HOUSEHOLD, ground.of(HOUSEHOLD).usable & ground.flagged)
