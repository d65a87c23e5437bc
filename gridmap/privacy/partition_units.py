"""Administrative units as a partition keeps them: their shapes at the time when it was made."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.config import ProjectSpec
from gridmap.geo.containing import all_polygons_of, contain, polygons_of

Floats = np.ndarray[Any, np.dtype[np.float64]]
Ints = np.ndarray[Any, np.dtype[np.int64]]
Geoms = np.ndarray[Any, np.dtype[np.object_]]

# What is left of a township beside its gachas is ground of its own only where it is wider than this:
# outlines drawn apart do not meet, and a ring of slivers around a township is no place.
REST_WIDTH_M = 50.0
# New ground is what today's units cover beyond the old ones, where it is wider than this.
GROWTH_WIDTH_M = 1.0
NOWHERE = shapely.MultiPolygon()


@dataclass(frozen=True, slots=True)
class Place:
    """A unit's level, code and name."""

    level: str
    code: str
    name: str

    @property
    def key(self) -> tuple[str, str]:
        """What makes it the same place, whatever it is called now."""
        return self.level, self.code


Line = tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Units:
    """Administrative units, the lowest level first, then by code.

    Parameters
    ----------
    levels : tuple of str
        Names of the levels, from the top.
    lines : tuple of tuple of Place
        For each unit, the places it lies in from the top down to itself.
    shapes : (n,) array of geometry
        Its polygon, also where lower units lie in it; in the project's CRS.
    """

    levels: tuple[str, ...]
    lines: tuple[Line, ...]
    shapes: Geoms = field(repr=False)

    def __len__(self) -> int:
        return len(self.lines)

    def locate(self, xy: Floats) -> Ints:
        """Return the unit of the lowest level that holds each place, shape (n,); -1 where none does."""
        places = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
        found = np.full(len(places), -1, dtype=np.int64)
        for level in reversed(self.levels):
            some = self._of_level(level)
            waiting = np.flatnonzero(found < 0)
            if not len(some) or not len(waiting):
                continue
            codes = np.array([self.lines[unit][-1].code for unit in some], dtype=object)
            lead = contain(places[waiting], self.shapes[some], codes).lead
            found[waiting[lead >= 0]] = some[lead[lead >= 0]]
        return found

    def territories(self) -> Geoms:
        """Return each unit's polygon without the units of lower levels in it, shape (n,)."""
        made = self.shapes.copy()
        for depth, level in enumerate(self.levels):
            below = np.flatnonzero([line[-1].level in self.levels[depth + 1 :] for line in self.lines])
            some = self._of_level(level)
            if len(below) and len(some):
                covered = shapely.union_all(self.shapes[below])
                rest = [_wide(shapely.difference(one, covered), REST_WIDTH_M) for one in self.shapes[some]]
                made[some] = _array(rest)
        return made

    def place_at(self, unit: int, level: str) -> Place:
        """Return the place of a level that a unit lies in; the unit itself where it lies in none."""
        return next((place for place in self.lines[unit] if place.level == level), self.lines[unit][-1])

    def kinship(self, one: int, other: int) -> int:
        """Return how many places two units lie in together."""
        pairs = zip(self.lines[one], self.lines[other], strict=False)
        return len(list(takewhile(lambda pair: pair[0].key == pair[1].key, pairs)))

    def grown(self, now: Units) -> Units:
        """Return these units with the ground that only today's administrative rows cover, and today's names.

        What lay in a unit stays in it: a boundary that was drawn anew would cut an area that was
        published in two, and the pieces could hold fewer homes than any area may.
        """
        names = {place.key: place.name for line in now.lines for place in line}
        lines = [_named(line, names) for line in self.lines]
        shapes = list(self.shapes)
        if not self._same_ground(now):
            where = {line[-1].key: unit for unit, line in enumerate(lines)}
            covered = shapely.union_all(self.shapes)
            for line, shape in zip(now.lines, now.shapes, strict=True):
                piece = _wide(shapely.difference(shape, covered), GROWTH_WIDTH_M)
                if piece.is_empty:
                    continue
                covered = shapely.union(covered, piece)
                known = where.get(line[-1].key)
                if known is None:
                    lines.append(line)
                    shapes.append(piece)
                else:
                    shapes[known] = polygons_of(shapely.union(shapes[known], piece))
        gone = tuple(level for level in self.levels if level not in now.levels)
        return Units((*now.levels, *gone), tuple(lines), _array(shapes))

    def _same_ground(self, now: Units) -> bool:
        return len(self) == len(now) and bool(np.all(shapely.equals_exact(self.shapes, now.shapes)))

    def _of_level(self, level: str) -> Ints:
        return np.array([n for n, line in enumerate(self.lines) if line[-1].level == level], dtype=np.int64)

    def to_plain(self) -> dict[str, Any]:
        """Return the units as plain JSON; shapes exactly, as WKB in base64."""
        return {
            "levels": list(self.levels),
            "units": [
                {
                    "line": [[place.level, place.code, place.name] for place in line],
                    "shape": b64encode(shapely.to_wkb(shape, byte_order=1)).decode("ascii"),
                }
                for line, shape in zip(self.lines, self.shapes, strict=True)
            ],
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Units:
        """Return the units that `to_plain` wrote."""
        rows = plain["units"]
        lines = tuple(tuple(Place(*place) for place in row["line"]) for row in rows)
        return cls(
            tuple(plain["levels"]), lines, _array([shapely.from_wkb(b64decode(row["shape"])) for row in rows])
        )


def units_of(admin: gpd.GeoDataFrame, spec: ProjectSpec) -> Units:
    """Return the administrative units of a project.

    Parameters
    ----------
    admin : GeoDataFrame
        The administrative rows, in the project's CRS. Rows of no level and rows without a polygon are
        left out; rows of one level and code are one unit.
    spec : ProjectSpec
        The settings: levels.

    Returns
    -------
    Units
        The same whatever the order of the rows.
    """
    shapes: dict[tuple[str, str], list[Any]] = {}
    names: dict[tuple[str, str], str] = {}
    rows = _rows(admin)
    for level, code, name, shape in rows:
        if level in spec.level_names and not shape.is_empty:
            shapes.setdefault((level, code), []).append(shape)
            names.setdefault((level, code), name)
    order = {name: depth for depth, name in enumerate(reversed(spec.level_names))}
    keys = sorted(shapes, key=lambda key: (order[key[0]], key[1]))
    made = _array([polygons_of(shapely.union_all(shapes[key])) for key in keys])
    single = tuple((Place(*key, names[key]),) for key in keys)
    bare = Units(spec.level_names, single, made)
    return replace(bare, lines=tuple(_line(bare, unit) for unit in range(len(bare))))


def _rows(admin: gpd.GeoDataFrame) -> list[tuple[str, str, str, Any]]:
    """Return (level, code, name, polygon) of each row, in an order that is not the rows' own."""
    ids = _texts(admin, "id", [""] * len(admin))
    codes = _texts(admin, "code", ids)
    names = _texts(admin, "name", codes)
    polygons = all_polygons_of(admin.geometry.to_numpy())
    rows = zip(_texts(admin, "level", ids), codes, names, polygons, ids, strict=True)
    return [row[:4] for row in sorted(rows, key=lambda row: (row[0], row[1], row[4], row[2]))]


def _texts(frame: pd.DataFrame, column: str, otherwise: Sequence[str]) -> list[str]:
    if column not in frame.columns:
        return list(otherwise)
    values = zip(frame[column], otherwise, strict=True)
    return [other if pd.isna(value) else str(value) for value, other in values]


def _line(units: Units, unit: int) -> Line:
    """Return the places that a unit lies in, from the top: those that hold a point inside it."""
    own = units.lines[unit][-1]
    point = np.array(shapely.get_coordinates(shapely.point_on_surface(units.shapes[unit])))
    line = []
    for level in units.levels[: units.levels.index(own.level)]:
        some = units._of_level(level)  # noqa: SLF001 - of the same class's making
        codes = np.array([units.lines[one][-1].code for one in some], dtype=object)
        lead = contain(point, units.shapes[some], codes).lead[0]
        if lead >= 0:
            line.append(units.lines[some[lead]][-1])
    return (*line, own)


def _named(line: Line, names: Mapping[tuple[str, str], str]) -> Line:
    return tuple(replace(place, name=names.get(place.key, place.name)) for place in line)


def _wide(shape: Any, metres: float) -> Any:
    """Return the polygons of a shape that are wider than so much in the mean."""
    parts = shapely.get_parts(polygons_of(shape))
    # The outline of a long part or of a ring goes twice along it.
    kept = parts[2 * shapely.area(parts) > metres * shapely.length(parts)]
    return polygons_of(shapely.MultiPolygon(list(kept))) if len(kept) else NOWHERE


def _array(shapes: Sequence[Any]) -> Geoms:
    made = np.empty(len(shapes), dtype=object)
    made[:] = list(shapes)
    return made
