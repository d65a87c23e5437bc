"""The answer at a place: who answers here, on each layer."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


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
