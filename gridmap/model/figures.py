"""The figures of an arrangement, layer by layer (geodesic metres and square metres)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class LineFigures:
    """Sections, the border's length L, metres nobody keeps, metres claimed more than once."""

    targets: int
    length_m: float
    gap_m: float
    overlap_m: float


@dataclass(frozen=True, slots=True)
class AreaFigures:
    """Zones, the jurisdiction's area, and what is unkept, kept twice, or outside it."""

    targets: int
    area_m2: float
    gap_m2: float
    overlap_m2: float
    outside_m2: float


@dataclass(frozen=True, slots=True)
class PointFigures:
    """Strongholds, households served (strongholds included) and orphans."""

    targets: int
    served: int
    orphans: int


@dataclass(frozen=True, slots=True)
class Figures:
    """All three layers and the number of rows in ``assignments``."""

    assignments: int
    line: LineFigures
    area: AreaFigures
    point: PointFigures

    def to_json(self) -> dict[str, Any]:
        """Return ``{"assignments", "layers"}`` as ``gridmap assign --json`` prints it."""
        layers = {"line": asdict(self.line), "area": asdict(self.area), "point": asdict(self.point)}
        return {"assignments": self.assignments, "layers": layers}
