"""What a rule is: a name, its words, and a function from the state to what it adds.

A rule never changes what earlier rules made. It looks at a `State` and returns a
`Contribution`; the engine joins the contributions in the order of gridmap.toml.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from gridmap.assign.ground import Bools, Features, Ground
from gridmap.assign.intervals import Ints, Ladder
from gridmap.model import Bilingual, Layer

Case = Literal["lead", "support", "self"]
# Positions; narrow where there are many.
Rows = npt.NDArray[np.integer[Any]]
Shape = Literal["point", "polygon"]


@dataclass(frozen=True, slots=True)
class Stretches:
    """Stretches of the border that a rule gives to features of one kind: the sections to be.

    Parameters
    ----------
    kind : str
        The kind that leads them.
    feature : (n,) int
        Positions in the kind's features.
    starts, stops : (n,) int
        Whole millimetres of chainage, ``[start, stop)``, ``start < stop``.
    mm : (n,) int
        Distance of each feature to the border in whole millimetres; -1 where it has no position.
    source : tuple of str
        For each stretch the id of the row it was read from, empty where it was computed.
    """

    kind: str
    feature: Ints
    starts: Ints
    stops: Ints
    mm: Ints
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Claims:
    """Assignments that a rule makes for features of one kind.

    Parameters
    ----------
    kind : str
        The kind.
    feature : (n,) int
        Positions in the kind's features.
    target : (n,) int
        Positions in the layer's targets: `State.stretches`, `Ground.zones` or `Ground.strongholds`.
    lead : (n,) bool
        Lead or support. A feature that already has a lead on the layer keeps it: earlier rules win.
    mm : (n,) int
        Whole millimetres: to the border on the line layer, 0 on the area layer, to the stronghold on the
        point layer; -1 where unknown.
    """

    kind: str
    feature: Rows
    target: Rows
    lead: Bools
    mm: Ints


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one rule adds: stretches (line layer only) and claims."""

    stretches: tuple[Stretches, ...] = ()
    claims: tuple[Claims, ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """All stretches given so far, in the order they were given.

    Parameters
    ----------
    kind, feature, starts, stops, mm, source
        As in `Stretches`, joined.
    rule : tuple of str
        The rule that gave each.
    """

    kind: tuple[str, ...]
    feature: Ints
    starts: Ints
    stops: Ints
    mm: Ints
    source: tuple[str, ...]
    rule: tuple[str, ...]


def nothing_held() -> Held:
    """Return no stretches."""
    none = np.empty(0, np.int64)
    return Held((), none, none, none, none, (), ())


@dataclass(frozen=True)
class State:
    """What a rule sees: the ground, and what earlier rules made.

    Parameters
    ----------
    ground : Ground
        The prepared tables; `ground.of(kind)` gives a kind's arrays.
    stretches : Held
        The stretches of border given so far.
    led : mapping of (layer, kind) to (n,) bool
        Which features of a kind have a lead on a layer.
    """

    ground: Ground
    stretches: Held = field(default_factory=nothing_held)
    led: Mapping[tuple[str, str], Bools] = field(default_factory=dict)

    @cached_property
    def order(self) -> Ints:
        """Positions of the stretches west to east: the order in which sections are numbered."""
        held = self.stretches
        keys = [
            (int(held.starts[i]), int(held.stops[i]), self.ground.of(held.kind[i]).ids[held.feature[i]], i)
            for i in range(len(held.kind))
        ]
        return np.array([key[-1] for key in sorted(keys)], dtype=np.int64)

    @cached_property
    def ladder(self) -> Ladder:
        """The border cut at every end of a stretch; members are positions in `order`."""
        held = self.stretches
        return Ladder.of(held.starts[self.order], held.stops[self.order], length=self.ground.length_mm)

    def leading(self, kind: str) -> Bools:
        """Return which features of a kind lead a stretch so far."""
        mask = np.zeros(self.ground.of(kind).count, dtype=bool)
        mine = [at for at, held in enumerate(self.stretches.kind) if held == kind]
        mask[self.stretches.feature[mine]] = True
        return mask

    def unled(self, layer: Layer, kind: str) -> Bools:
        """Return which features of a kind have no lead on a layer yet."""
        led = self.led.get((layer, kind))
        return np.ones(self.ground.of(kind).count, dtype=bool) if led is None else ~led

    def on(self, ground: Ground) -> State:
        """Return the same stretches on another ground, where their features are the same."""
        made = State(ground, stretches=self.stretches)
        vars(made).update({name: one for name, one in vars(self).items() if name in {"order", "ladder"}})
        return made

    def with_stretches(self, added: Stretches, *, rule: str) -> State:
        """Return the state with more stretches."""
        held, count = self.stretches, len(added.feature)
        joined = Held(
            kind=(*held.kind, *[added.kind] * count),
            feature=np.concatenate([held.feature, added.feature]),
            starts=np.concatenate([held.starts, added.starts]),
            stops=np.concatenate([held.stops, added.stops]),
            mm=np.concatenate([held.mm, added.mm]),
            source=(*held.source, *added.source),
            rule=(*held.rule, *[rule] * count),
        )
        return replace(self, stretches=joined)


@dataclass(frozen=True)
class Rule:
    """Sends features of a kind to targets of a layer.

    Parameters
    ----------
    name : str
        As registered in the entry points ``gridmap.rules``.
    layer : {"line", "area", "point"}
        The layer it works on.
    takes : frozenset of {"point", "polygon"}
        Geometry types of the kinds it may be used for.
    words : mapping of case to Bilingual
        The reason in words for ``lead``, ``support`` and ``self`` (a feature that is its own target),
        with the blanks ``{target}``, ``{metres}`` and ``{limit}``.
    limit : str or None
        The key of ``[layers.<layer>]`` that fills ``{limit}``.
    apply : callable
        Takes the state and the kind, returns what the rule adds; changes nothing.
    local : bool
        Whether what it claims for a feature depends on that feature and the layer's targets alone, so that
        after an edit only what was touched is asked again. Left out, all is: never wrong, only slow.
    of_kind : bool
        Whether it gives stretches alone, and works them out from the features of the kind that it is used
        for, the border, the units and the section plan: an edit of other kinds then leaves them. The same
        holds.
    """

    name: str
    layer: Layer
    takes: frozenset[Shape]
    words: Mapping[Case, Bilingual]
    limit: str | None
    apply: Callable[[State, str], Contribution]
    local: bool = False
    of_kind: bool = False


def positioned(features: Features) -> Bools:
    """Return which features of a point kind have a position."""
    # A kind is of points or of polygons, which have no positions; of points the usable ones have one.
    first = int(features.usable.argmax()) if len(features.usable) else 0
    one = np.arange(first, min(first + 1, len(features.usable)))
    if not features.usable[one].any() or np.isnan(features.points.at(one)).any():
        return np.zeros(len(features.usable), dtype=bool)
    return features.usable


def positions(mask: Bools) -> Rows:
    """Return where a mask holds; of one that holds everywhere without looking for it."""
    return np.arange(len(mask), dtype=np.int32) if mask.all() else np.flatnonzero(mask)


def chosen(values: npt.NDArray[Any], rows: Rows) -> npt.NDArray[Any]:
    """Return what some features have, by their positions in ascending order; if they are all, uncopied."""
    return values if len(rows) == len(values) else values[rows]
