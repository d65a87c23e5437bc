"""From what the rules claimed to the columns and tables that others rely on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap.assign.columns import Texts
from gridmap.assign.ground import HOUSEHOLD, ZONE, Bools, Ground, Objects
from gridmap.assign.intervals import Ints, to_m
from gridmap.assign.reasons import limit_of, template
from gridmap.assign.rule import Case, Claims, Rule, State
from gridmap.claims import Assigned, Block, Code, Targets, gather
from gridmap.model import LAYERS, Layer, Role

NARROWEST = 3
# What a claim can be: its role, and which of the rule's words say it.
CASES: tuple[tuple[Role, Case], ...] = (
    ("lead", "lead"),
    ("lead", "self"),
    ("support", "support"),
    ("support", "self"),
)

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


def assigned_of(state: State, made: Iterable[Made]) -> Assigned:
    """Return what the rules claimed as columns, in the order that assignments have."""
    listed = list(made)
    codes: list[Code] = []
    blocks = [_block(state, rule, claims, codes) for rule, claims in listed]
    kinds = {*state.ground.features, *(claims.kind for _, claims in listed)}
    ids = Texts({kind: state.ground.of(kind).names for kind in sorted(kinds)})
    return gather(blocks, codes, ids=ids, targets={layer: _targets(state, layer) for layer in LAYERS})


def _block(state: State, rule: Rule, claims: Claims, codes: list[Code]) -> Block:
    """Return a rule's claims as a block; the codes that it needs are added to `codes`."""
    own = _own(state, rule.layer, claims)
    own_leads = claims.lead[own]
    leads, own_led = np.count_nonzero(claims.lead), np.count_nonzero(own_leads)
    counts = (leads - own_led, own_led, len(claims.lead) - leads - len(own) + own_led, len(own) - own_led)
    limit = limit_of(rule, state.ground.spec)
    at: dict[tuple[Role, Case], int] = {}
    for (role, case), count in zip(CASES, counts, strict=True):
        at[role, case] = len(codes)
        if count:
            words = template(rule, case, "en", limit=limit)
            codes.append(Code(rule.layer, claims.kind, rule.name, role, case, words))
    # Nearly all claims of a rule are of one role, and few send a stronghold to itself.
    most: Role = "lead" if leads else "support"
    code = np.full(len(claims.lead), at[most, most], dtype=np.int16)
    if 0 < leads < len(claims.lead):
        code[~claims.lead] = at["support", "support"]
    code[own] = np.where(own_leads, at["lead", "self"], at["support", "self"])
    return Block(rule.layer, claims.kind, claims.feature, claims.target, code, claims.mm)


def _targets(state: State, layer: Layer) -> Targets:
    """Return ids and units of a layer's targets, in the order that claims count them."""
    ground = state.ground
    if layer == "area":
        return Targets(ground.zones.ids, ground.zones.unit)
    if layer == "point":
        return Targets(ground.strongholds.ids, ground.strongholds.unit)
    held, order = state.stretches, state.order
    ids = np.empty(len(order), dtype=object)
    ids[order] = section_ids(len(order))
    units = [ground.of(kind).unit[at] for kind, at in zip(held.kind, held.feature, strict=True)]
    return Targets(ids, np.array(units, dtype=object))


def _own(state: State, layer: Layer, claims: Claims) -> Ints:
    """Return the claims that send a stronghold to itself, by position."""
    if layer != "point" or claims.kind != HOUSEHOLD:
        return np.empty(0, dtype=np.int64)
    ground = state.ground
    flagged = ground.flagged
    # Nearly always all households have a claim, in their order; after an edit a few.
    whole = len(claims.feature) == len(flagged) and (claims.feature[1:] > claims.feature[:-1]).all()
    some = np.flatnonzero(flagged if whole else flagged[claims.feature])
    if not len(some):
        return some
    # The k-th household that is a stronghold is the k-th stronghold: both are in the order of ids.
    strongholds = np.flatnonzero(ground.of(HOUSEHOLD).usable & flagged)
    return np.asarray(some[strongholds[claims.target[some]] == claims.feature[some]], dtype=np.int64)


def _text(values: Any) -> Any:
    return pd.array(np.asarray(values, dtype=object), dtype="str")


def zones_frame(ground: Ground) -> gpd.GeoDataFrame:
    """Return the zones that take part."""
    return targets_frame(ground, ZONE, ground.of(ZONE).usable)


def strongholds_frame(ground: Ground) -> gpd.GeoDataFrame:
    """Return the strongholds that take part."""
    return targets_frame(ground, HOUSEHOLD, ground.of(HOUSEHOLD).usable & ground.flagged)
