"""What is to be covered, and who covers it: the border, the jurisdiction, households; and the keepers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from gridmap import geo

Objects = npt.NDArray[np.object_]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Homes:
    """Households with a usable position, in code-point order of their ids.

    Parameters
    ----------
    ids : (n,) text
        Ids, ascending.
    xy : (n, 2) metres
        Positions in the working CRS; NaN for a household without a usable one, which nobody reaches.
    persons : (n,) int
        Persons; 0 where unknown.
    """

    ids: Objects
    xy: Floats
    persons: Ints


@dataclass(frozen=True, slots=True)
class Posts:
    """Keepers as places: outposts first, then strongholds, each in code-point order of their ids.

    Parameters
    ----------
    kind : (m,) text
        ``"outpost"`` or ``"household"`` (a stronghold).
    ids : (m,) text
        Ids within their kind.
    unit : (m,) text or None
        The unit that keeps it.
    xy : (m, 2) metres
        Positions in the working CRS.
    line : (m,) bool
        Whether it is an outpost of a unit that keeps the line.
    """

    kind: Objects
    ids: Objects
    unit: Objects
    xy: Floats
    line: Bools

    @property
    def stronghold(self) -> Bools:
        """Whether each is a stronghold, (m,)."""
        return np.asarray(self.kind == "household", dtype=bool)

    @property
    def names(self) -> list[str]:
        """``kind:id`` of each."""
        return [f"{kind}:{one}" for kind, one in zip(self.kind, self.ids, strict=True)]

    def only(self, chosen: Bools | Ints) -> Posts:
        """Return some of the keepers, in the order chosen."""
        return Posts(
            self.kind[chosen], self.ids[chosen], self.unit[chosen], self.xy[chosen], self.line[chosen]
        )


@dataclass(frozen=True, slots=True)
class Demand:
    """The three demands and what limits them.

    Parameters
    ----------
    crs : str
        The working CRS.
    border : Border or None
        The one border.
    belt_m : float
        The line layer ends this far from the border.
    jurisdiction : Polygon, MultiPolygon or None
        What the area layer guards, in the working CRS.
    zones : (k,) polygons
        The zones that take part, in the working CRS.
    homes : Homes
        The households.
    """

    crs: str
    border: geo.Border | None
    belt_m: float
    jurisdiction: Any
    zones: Objects
    homes: Homes
