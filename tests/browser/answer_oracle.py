"""Where is a place so near a boundary, or between two keepers, that either answer is right?

Told with shapely and pyproj alone, from what a view holds; nothing of gridmap's own geometry is asked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from pyproj import CRS, Transformer
from shapely.ops import linemerge

NEAR_M = 1.0
STEP_M = 20.0
# Farther along the border than this is another place of it.
APART_M = 200.0


@dataclass
class Oracle:
    """What a view holds, in the plane of the working CRS."""

    plane: CRS
    tables: dict
    spec: object

    def __post_init__(self) -> None:
        self.geod = self.plane.get_geod()
        self.into = Transformer.from_crs(self.plane.geodetic_crs, self.plane, always_xy=True)
        self.back = Transformer.from_crs(self.plane, self.plane.geodetic_crs, always_xy=True)
        admin = self.tables["admin"]
        level = admin["level"] == self.spec.layers.area.jurisdiction
        self.edges = shapely.union_all(
            [shapely.boundary(one) for one in self._plane(admin.geometry[level].to_numpy())]
            + [shapely.boundary(one) for one in self._plane(self.tables["patrol_zone"].geometry.to_numpy())]
        )
        homes = self.tables["household"]
        flagged = homes["stronghold"].fillna(value=False).to_numpy(dtype=bool)
        kept = [one for one in homes.geometry[flagged] if one is not None and not one.is_empty]
        self.strongholds = np.array([[one.x, one.y] for one in kept])
        self._measure_border()

    def _plane(self, shapes: np.ndarray) -> list:
        there = [one for one in shapes if one is not None and not one.is_empty]
        moved = [
            shapely.transform(one, lambda c: np.column_stack(self.into.transform(*c.T))) for one in there
        ]
        return [one for one in moved if np.isfinite(shapely.get_coordinates(one)).all()]

    def _measure_border(self) -> None:
        """Sample the border every few metres, each sample with its chainage."""
        merged = linemerge(self._plane(self.tables["border"].geometry.to_numpy()))
        places, chainages, reached = [], [], 0.0
        parts = list(merged.geoms) if hasattr(merged, "geoms") else [merged]
        for part in sorted(parts, key=lambda one: min(one.coords[0][0], one.coords[-1][0])):
            line = shapely.segmentize(part, STEP_M)
            lonlat = np.column_stack(self.back.transform(*shapely.get_coordinates(line).T))
            lonlat = lonlat if lonlat[0, 0] <= lonlat[-1, 0] else lonlat[::-1]
            steps = np.array(self.geod.line_lengths(*lonlat.T))
            places.append(lonlat)
            chainages.append(reached + np.concatenate([[0.0], np.cumsum(steps)]))
            reached = float(chainages[-1][-1])
        self.border, self.chainage = np.vstack(places), np.concatenate(chainages)

    def _distances(self, lonlat: np.ndarray, others: np.ndarray) -> np.ndarray:
        here = np.broadcast_to(lonlat, others.shape)
        return np.asarray(self.geod.inv(here[:, 0], here[:, 1], others[:, 0], others[:, 1])[2])

    def excuses(self, lon: float, lat: float) -> list[str]:
        """Say why either answer is right at a place; an empty list says that only one is."""
        place = shapely.Point(*self.into.transform(lon, lat))
        found = ["an edge of an area"] if shapely.distance(place, self.edges) <= NEAR_M else []
        found += self._at_the_border(np.array([[lon, lat]]))
        if len(self.strongholds):
            away = np.sort(self._distances(np.array([[lon, lat]]), self.strongholds))
            if len(away) > 1 and away[1] - away[0] <= NEAR_M:
                found.append("two strongholds")
            if abs(away[0] - self.spec.layers.point.reach_m) <= NEAR_M:
                found.append("the limit of reach")
        return found

    def _at_the_border(self, lonlat: np.ndarray) -> list[str]:
        away = self._distances(lonlat, self.border)
        nearest = int(away.argmin())
        # A sample is at most half a step off the foot, and then the true distance is a little less.
        least, slack = away[nearest], STEP_M**2 / max(away[nearest], STEP_M)
        found = []
        if abs(least - self.spec.layers.line.belt_m) <= NEAR_M + slack:
            found.append("the limit of the belt")
        other = np.abs(self.chainage - self.chainage[nearest]) > APART_M
        if other.any() and away[other].min() - least <= NEAR_M + slack:
            found.append("two places of the border")
        ends = self.tables["sections"][["from_m", "to_m"]].to_numpy(dtype=float).ravel()
        # The sample's own chainage is a step off; the rest is what a rounded line is longer by.
        stretched = self.chainage[nearest] * (ends.max() / self.chainage[-1])
        if np.abs(ends - stretched).min() <= NEAR_M + STEP_M:
            found.append("an end of a section")
        return found
