"""After an edit: only what it touches is assigned again, and the result is that of a whole run.

Of each layer the features that were edited are asked, and those whose targets are others now. For
strongholds that are those they answered for, and those they may be nearest to; for zones, those they
contained, and those in their box; where the border is shared out otherwise, all in the belt.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import cast

import numpy as np
import shapely

from gridmap import geo, registry
from gridmap.assign import engine, frames
from gridmap.assign.arrangement import Arrangement
from gridmap.assign.edited import Edit, Moved, Reground, reground
from gridmap.assign.frames import Made
from gridmap.assign.ground import HOUSEHOLD, Bools, Features, Floats, Ground, Objects, Tables, only
from gridmap.assign.intervals import MM, Ints
from gridmap.assign.rule import Rule, State
from gridmap.assign.splicing import splice
from gridmap.claims import Assigned, Block, Targets, gather
from gridmap.config.spec import RuleSpec
from gridmap.model import LAYERS, Findings, Layer

# What a layer's rules left, what they claimed, and which features of each kind were asked.
Asked = tuple[State, list[Made], dict[str, Ints]]

# Directions in which the plane is held against the ground, and what lies between them at most.
RING = 16
MARGIN = 1.1


def rearrange(
    old: Arrangement, tables: Tables, edits: Mapping[str, Edit], *, known: Findings
) -> Arrangement | None:
    """Return the arrangement after edits; None where everything must be assigned anew.

    Parameters
    ----------
    old : Arrangement
        Before the edits, by the same settings.
    tables : mapping of kind to DataFrame
        The tables after them, in the order of ids.
    edits : mapping of kind to Edit
        What became of which rows.
    known : Findings
        Faults of the data after the edits.

    Returns
    -------
    Arrangement or None
        Equal to `arrange` of the tables in every row, figure and finding.
    """
    now = reground(old.ground, tables, edits, known=known)
    if now is None or now.ground.is_bare:
        # What a whole run says of an area with nothing in it, it says itself.
        return None
    parts = {layer: _layer(old, now, layer) for layer in LAYERS}
    state = parts["line"][0].on(now.ground)
    fresh = frames.assigned_of(state, [one for _, made, _ in parts.values() for one in made])
    asked: dict[tuple[str, str], Ints] = {
        (layer, kind): rows for layer, part in parts.items() for kind, rows in part[2].items()
    }
    stays = all(moved.place is None for moved in now.moved.values())
    spliced = splice(old.assigned, fresh, asked) if stays else None
    if spliced is None:
        assigned = _gathered(old, now, fresh, asked)
        led = _led(now.ground, assigned)
    else:
        assigned, led = spliced, _led_again(old.state, fresh, asked)
    same = now.ground.zones is old.ground.zones
    state = replace(state, led=led)
    return engine.proven(state, assigned, known=known, tiling=old.tiling if same else None)


def _layer(old: Arrangement, now: Reground, layer: Layer) -> Asked:
    """Ask what must be asked on a layer; claims count features of the whole ground."""
    uses = [use for use in now.ground.spec.rules if use.layer == layer]
    whole, local = ([use for use in uses if _rule(use).local is one] for one in (False, True))
    kinds, leading = now.ground.features, {kind for use in whole for kind in use.kinds}
    made: list[Made] = []
    if layer == "line" and leading.isdisjoint(now.moved) and all(_rule(use).of_kind for use in whole):
        state = old.state.on(now.ground)
    else:
        state, made = engine.run(State(now.ground), whole)
    if made or (layer == "line" and not _same_stretches(old.state, state)):
        state, made = engine.run(State(now.ground), uses)
        return state, [*engine.section_leads(state), *made], {kind: _every(now, kind) for kind in kinds}
    asked = {kind: _every(now, kind) if kind in leading else _asked(old, now, local, kind) for kind in kinds}
    return state, [*engine.section_leads(state), *_run(state, local, asked)], asked


def _every(now: Reground, kind: str) -> Ints:
    return np.arange(len(now.ground.features[kind].ids))


def _rule(use: RuleSpec) -> Rule:
    found: Rule = registry.get("rules", use.rule)
    return found


def _run(state: State, uses: list[RuleSpec], asked: Mapping[str, Ints]) -> list[Made]:
    """Ask local rules for some features; those that lead stretches are asked whole."""
    ground = state.ground
    some = {kind: only(each, asked[kind]) for kind, each in ground.features.items()}
    flagged = ground.flagged[asked[HOUSEHOLD]] if HOUSEHOLD in asked else ground.flagged
    part = State(replace(ground, features=some, flagged=flagged), stretches=state.stretches)
    _, made = engine.run(part, uses)
    return [(rule, replace(claims, feature=asked[claims.kind][claims.feature])) for rule, claims in made]


def _asked(old: Arrangement, now: Reground, uses: list[RuleSpec], kind: str) -> Ints:
    """Return the positions of the features of a kind that local rules of a layer must be asked for."""
    layers = {use.layer for use in uses if kind in use.kinds}
    parts = [np.empty(0, dtype=np.int64)]
    if layers and kind in now.moved:
        parts.append(now.moved[kind].fresh)
    if "point" in layers:
        parts += _near_others(old, now, kind)
    if "area" in layers:
        parts += _in_others(old, now, kind)
    return np.unique(np.concatenate(parts))


def _near_others(old: Arrangement, now: Reground, kind: str) -> Iterator[Ints]:
    """Yield the features that a stronghold answered for, or may answer for, that is not what it was."""
    features, before, after = now.ground.features[kind], old.ground.strongholds, now.ground.strongholds
    if before is after:
        return
    gone, came = _differing(before, after)
    away = np.full(features.count, now.ground.spec.layers.point.reach_m)
    block, place = old.assigned.block("point", kind), _place(old, now, kind)
    if block is not None:
        lost = np.isin(block.target, _positions(old, "point", before.ids[gone]))
        at = place[block.feature]
        yield at[lost & (at >= 0)]
        away[at[at >= 0]] = block.mm[at >= 0] / MM
    for place_xy in after.xy[came]:
        plane = np.hypot(*(features.xy - place_xy).T)
        yield np.flatnonzero(plane <= away * _stretch(place_xy, now.ground) + 1.0)


def _stretch(xy: Floats, ground: Ground) -> float:
    """Return how much longer than on the ground a way from a place may be in the plane, at most."""
    reach = ground.spec.layers.point.reach_m
    turn = np.linspace(0.0, 2.0 * np.pi, RING, endpoint=False)
    ring = xy + np.column_stack([np.cos(turn), np.sin(turn)]) * reach
    metres = geo.geodesic_distance(np.broadcast_to(xy, ring.shape), ring, ground.spec.crs)
    ratio = float(np.max(reach / metres))
    return ratio * MARGIN if np.isfinite(ratio) else np.inf


def _in_others(old: Arrangement, now: Reground, kind: str) -> Iterator[Ints]:
    """Yield the features in the box of a zone that is not what it was."""
    features, before, after = now.ground.features[kind], old.ground.zones, now.ground.zones
    if before is after:
        return
    gone, came = _differing(before, after)
    for shape in (*before.shapes[gone], *after.shapes[came]):
        low_x, low_y, high_x, high_y = shapely.bounds(shape)
        x, y = features.xy.T
        inside = (x >= low_x - 1.0) & (x <= high_x + 1.0) & (y >= low_y - 1.0) & (y <= high_y + 1.0)
        yield np.flatnonzero(inside)


def _differing(before: Features, after: Features) -> tuple[Ints, Ints]:
    """Return positions of targets that are not in the other any more, or are elsewhere there."""
    where = {one: at for at, one in enumerate(after.ids)}
    same = np.zeros(len(after.ids), dtype=bool)
    gone = []
    for at, one in enumerate(before.ids):
        there = where.get(one)
        if there is not None and _same_place(before, at, after, there):
            same[there] = True
        else:
            gone.append(at)
    return np.array(gone, dtype=np.int64), np.flatnonzero(~same)


def _same_place(before: Features, at: int, after: Features, there: int) -> bool:
    moved = not np.array_equal(before.xy[at], after.xy[there], equal_nan=True)
    one, other = before.shapes[at], after.shapes[there]
    return not moved and (one is other or one == other)


def _positions(old: Arrangement, layer: Layer, ids: Objects) -> Ints:
    wanted = set(ids)
    return np.flatnonzero([one in wanted for one in old.assigned.targets[layer].ids])


def _place(old: Arrangement, now: Reground, kind: str) -> Ints:
    moved: Moved | None = now.moved.get(kind)
    if moved is not None and moved.place is not None:
        return moved.place
    every = np.arange(len(old.ground.of(kind).ids))
    if moved is not None:
        every[moved.fresh] = -1
    return every


def _same_stretches(old: State, new: State) -> bool:
    """Whether the border is shared out as before: the same stretches to the same features."""
    one, other = old.stretches, new.stretches
    return (
        one.kind == other.kind
        and np.array_equal(one.starts, other.starts)
        and np.array_equal(one.stops, other.stops)
        and _leaders(old) == _leaders(new)
    )


def _leaders(state: State) -> list[str]:
    held = state.stretches
    return [state.ground.of(kind).ids[at] for kind, at in zip(held.kind, held.feature, strict=True)]


def _gathered(
    old: Arrangement, now: Reground, fresh: Assigned, asked: Mapping[tuple[str, str], Ints]
) -> Assigned:
    """Put what was asked again in the place of what was there, wherever features and targets stand now."""
    shifted = [replace(block, code=block.code + len(old.assigned.codes)) for block in fresh.blocks]
    kept = []
    for block in old.assigned.blocks:
        rows = asked[block.layer, block.kind]
        again = np.zeros(len(now.ground.of(block.kind).ids), dtype=bool)
        again[rows] = True
        target = _renumbered(old.assigned.targets[block.layer], fresh.targets[block.layer])
        kept.append(_still(block, _place(old, now, block.kind), again, target))
    kinds = {block.kind for block in (*shifted, *kept)}
    return gather(
        [*kept, *shifted],
        [*old.assigned.codes, *fresh.codes],
        ids={kind: now.ground.of(kind).ids for kind in sorted(kinds)},
        targets=fresh.targets,
    )


def _still(block: Block, place: Ints, again: Bools, target: Ints) -> Block:
    """Return the rows of features that were not asked again, by new positions."""
    feature = place[block.feature]
    rows = feature >= 0
    rows[rows] = ~again[feature[rows]]
    return replace(
        block,
        feature=feature[rows],
        target=target[block.target[rows]],
        code=block.code[rows],
        mm=block.mm[rows],
    )


def _renumbered(old: Targets, new: Targets) -> Ints:
    """Return the new position of every old target; -1 for one that is gone."""
    where = {one: at for at, one in enumerate(new.ids)}
    return np.array([where.get(one, -1) for one in old.ids], dtype=np.int64)


def _led(ground: Ground, assigned: Assigned) -> dict[tuple[str, str], Bools]:
    """Return which features of each kind have a lead on each layer."""
    return {
        (layer, kind): assigned.leads(layer, kind) >= 0
        for layer in LAYERS
        for kind in ground.features
        if assigned.block(layer, kind) is not None
    }


def _led_again(
    old: State, fresh: Assigned, asked: Mapping[tuple[str, str], Ints]
) -> dict[tuple[str, str], Bools]:
    """Return which features have a lead, where all stand as they stood."""
    made = dict(old.led)
    for (layer, kind), mask in old.led.items():
        rows = asked[layer, kind]
        now = np.zeros(len(rows), dtype=bool)
        block = fresh.block(cast("Layer", layer), kind)
        if block is not None:
            now = np.isin(rows, block.feature[fresh.leading[block.code]])
        if not np.array_equal(mask[rows], now):
            made[layer, kind] = mask.copy()
            made[layer, kind][rows] = now
    return made
