"""Prepared targets: built once from a ground, asked for millions of places, the same answers as without.

Few places are asked directly: building an index costs as much as some ten thousand answers.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gridmap import geo
from gridmap.assign.intervals import Ints, to_m, to_mm
from gridmap.geo.threads import at_once

if TYPE_CHECKING:
    from gridmap.assign.ground import Features, Floats, Objects
    from gridmap.assign.rule import Rows
    from gridmap.config import ProjectSpec
    from gridmap.geo.index.line import LineIndex
    from gridmap.geo.index.sites import SiteIndex
    from gridmap.geo.index.zones import ZoneIndex

log = logging.getLogger(__name__)

Contacts = tuple["Floats", list["Floats"]]

# From so many places on an index pays.
WORTH = 10_000


@dataclass(frozen=True)
class Index:
    """The targets of a ground, prepared for many questions. Nothing is built before it is asked for.

    Parameters
    ----------
    spec : ProjectSpec
        The settings: the working CRS and the belt.
    border : Border or None
        The one border.
    near_zones, near_strongholds : Features
        The targets of the area and the point layer.
    expected : int
        How many places will be asked: what an index may cost depends on it.
    """

    spec: ProjectSpec
    border: geo.Border | None
    near_zones: Features
    near_strongholds: Features
    expected: int

    @cached_property
    def zones(self) -> ZoneIndex:
        """The zones, as labels of small squares."""
        from gridmap.geo.index.zones import ZoneIndex  # noqa: PLC0415 - only many places need an index

        # The survey left valid polygons only.
        zones = self.near_zones
        return ZoneIndex.of(zones.shapes, zones.ids, expected=self.expected, valid=True)

    @cached_property
    def sites(self) -> SiteIndex:
        """The strongholds."""
        from gridmap.geo.index.sites import SiteIndex  # noqa: PLC0415 - the same

        near = self.near_strongholds
        return SiteIndex.of(near.ids, near.xy, self.spec.crs, expected=self.expected)

    @cached_property
    def line(self) -> LineIndex | None:
        """The border within the belt; None without a border."""
        from gridmap.geo.index.line import LineIndex  # noqa: PLC0415 - the same

        if self.border is None:
            return None
        return LineIndex.of(self.border, within_m=self.spec.layers.line.belt_m, expected=self.expected)

    @cached_property
    def _zones_along(self) -> Contacts:
        """Where the border is nearest to each zone."""
        return self._contacts(self.near_zones.shapes)

    def build(self) -> Index:
        """Build all of it now, whoever may ask, and load what answering needs; return the index."""
        from gridmap.geo.index.loading import load  # noqa: PLC0415 - the same

        load(self.expected)
        # GEOS finds the box of a shape when it is first asked, which two threads must not do at once.
        shapely.bounds(self.near_zones.shapes)
        # The zones stay in the plane; the others ask PROJ, which is for one thread at a time.
        built = at_once(lambda: self.zones, lambda: (self.sites, self.line, self._zones_along))
        log.debug("indexes built: %s", [type(one).__name__ for one in (built[0], *built[1])])
        return self

    def after(self, *, zones: Features, strongholds: Features) -> Index:
        """Return the index of other zones and strongholds; what is built of those that stay is kept."""
        made = Index(self.spec, self.border, zones, strongholds, expected=self.expected)
        stays = {
            "line": True,
            "zones": zones is self.near_zones,
            "_zones_along": zones is self.near_zones,
            "sites": strongholds is self.near_strongholds,
        }
        made.__dict__.update({name: one for name, one in self.__dict__.items() if stays.get(name)})
        return made

    def _serves(self, part: str, xy: Floats) -> bool:
        """Whether to ask a part of the index: it is there already, or so many ask that it pays."""
        return part in self.__dict__ or len(xy) >= WORTH

    def contain(self, xy: Floats) -> geo.Containment:
        """Find the zone of each place, shape (n, 2), and what overlaps there; as `geo.contain`."""
        if not self._serves("zones", xy):
            return geo.contain(xy, self.near_zones.shapes, self.near_zones.ids)
        return self.zones.contain(xy)

    def nearest(self, xy: Floats) -> tuple[Rows, Ints]:
        """Find the nearest stronghold of each place, and how many millimetres away; -1 for none."""
        if not self._serves("sites", xy):
            near = self.near_strongholds
            found = geo.nearest(xy, near.ids, near.xy, self.spec.crs)
            return found.index.astype(np.int32), to_mm(found.metres)
        return self.sites.nearest_mm(xy)

    def touching(self, shapes: Objects) -> Contacts:
        """Find where the border is nearest to polygons of the belt; as `Border.locate_geoms`."""
        known = self.near_zones.shapes
        if len(shapes) == len(known) and all(one is other for one, other in zip(shapes, known, strict=True)):
            return self._zones_along
        return self._contacts(shapes)

    def _contacts(self, shapes: Objects) -> Contacts:
        if self.border is None:
            return np.full(len(shapes), np.nan), [np.empty((0, 2))] * len(shapes)
        within = self.spec.layers.line.belt_m
        bounds = self.line.bounds_m if "line" in self.__dict__ and self.line is not None else None
        return self.border.locate_geoms(shapes, within_m=within, locate=self.located, bounds=bounds)

    def located(self, xy: Floats) -> geo.Located:
        """Find the nearest place of the border to each place within the belt, to the millimetre."""
        chainage, away = self.along(xy)
        beyond = away < 0
        return geo.Located(
            np.where(beyond, np.nan, to_m(chainage)),
            np.where(beyond, np.nan, to_m(away)),
            np.zeros(len(xy), dtype=np.int8),
        )

    def along(self, xy: Floats) -> tuple[Ints, Ints]:
        """Find chainage and distance of each place in millimetres; -1 beyond the belt or without a border."""
        if self.border is None:
            return np.full(len(xy), -1, np.int64), np.full(len(xy), -1, np.int64)
        if self._serves("line", xy) and self.line is not None:
            return self.line.locate_mm(xy)
        located = self.border.locate(xy)
        chainage, away = to_mm(located.chainage_m), to_mm(located.distance_m)
        beyond = away > to_mm(self.spec.layers.line.belt_m)
        return np.where(beyond, -1, chainage), np.where(beyond, -1, away)
