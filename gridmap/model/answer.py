"""The answer at a place: who answers here, on each layer."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

# What an answer says where a layer has none, in the words of `gridmap who`; the page fills the same texts.
NOTES = {
    "outside": "outside the jurisdiction: nobody answers here on any layer",
    "jurisdiction": "there is no usable jurisdiction: it is not known what is outside",
    "border": "there is no usable border",
    "belt": "beyond the border belt: the border is {away} m away, the belt is {belt} m",
    "gap": "nobody leads the border here: chainage {chainage} m is in a gap",
    "zone": "no zone contains this place",
    "stronghold": "there is no stronghold",
    "reach": "no stronghold within {reach} m: the nearest is {name} at {away} m",
    "unruled": "no rule works on the {layer} layer",
    # Of a view that does not hold everything: it must not claim that nobody answers.
    "unseen-jurisdiction": "this view does not hold the whole jurisdiction: it is not known what is outside",
    "unseen-border": "this view does not hold the border",
    "unseen-layer": "this view does not hold the {layer} layer whole: who answers here may not be in it",
    "unseen-nearer": "this view does not hold the point layer whole: a nearer stronghold may not be in it",
}


def note(key: str, **values: object) -> str:
    """Return one of the `NOTES` with its blanks filled."""
    return NOTES[key].format(**values)


@dataclass(frozen=True, slots=True)
class LineAnswer:
    """Who keeps the border nearest to the place (metres are geodesic)."""

    section: str
    unit: str | None
    chainage_m: float
    distance_m: float
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AreaAnswer:
    """Who keeps the zone that contains the place."""

    zone: str
    unit: str | None
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PointAnswer:
    """The nearest stronghold within reach; bearing in degrees from north, from the place to it."""

    stronghold: str
    unit: str | None
    distance_m: float
    bearing_deg: float


@dataclass(frozen=True, slots=True)
class Answer:
    """The three keepers of a place; None where nobody answers, with a note that says why."""

    line: LineAnswer | None
    area: AreaAnswer | None
    point: PointAnswer | None
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the answer as ``gridmap who --json`` prints it."""

        def part(value: LineAnswer | AreaAnswer | PointAnswer | None) -> dict[str, Any] | None:
            if value is None:
                return None
            return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(value).items()}

        return {
            "line": part(self.line),
            "area": part(self.area),
            "point": part(self.point),
            "notes": list(self.notes),
        }
