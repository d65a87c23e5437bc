"""What checks look at: the tables, the settings, and which rows are already known to be faulty."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gridmap.checks.base import GEOMETRY, NO_ROW, Faults, Mask, Rows, shown
from gridmap.checks.columns import Coded, Objects, among, coded, objects
from gridmap.checks.spots import Spots
from gridmap.config import ProjectSpec
from gridmap.errors import AssignmentError
from gridmap.geo.chainage import Border, build_border
from gridmap.geo.frames import xy_of
from gridmap.geo.placed import places
from gridmap.geo.tiling import jurisdiction, polygons_of

Floats = NDArray[np.float64]
# What a check marked: the table, positions of rows, aspects.
Marked = tuple[str, Rows, tuple[str, ...]]
# What leads nowhere: the table that it should lead to, values.
Dangled = tuple[str, frozenset[str]]
COURSE = "course"
POLYGONS = ("Polygon", "MultiPolygon")


class Context:
    """Tables, settings and marks; built once for a run of the engine.

    It notes in `looked` which tables are asked for, in `marked` what is marked, and in `dangled` what leads
    nowhere: a check that never looked at a table finds and leaves the same whatever becomes of it.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Frames of known kinds with known columns. A kind that is left out is not judged, and
        neither are references to it.
    spec : ProjectSpec
        The project's settings.
    """

    def __init__(self, tables: Mapping[str, pd.DataFrame], spec: ProjectSpec) -> None:
        self.spec = spec
        self.looked: set[str] = set()
        self.tables: Mapping[str, pd.DataFrame] = _Watched(
            {kind: _numbered(tables[kind]) for kind in spec.kinds if kind in tables}, self.looked
        )
        self.marks: dict[tuple[str, str], Mask] = {}
        self.marked: list[Marked] = []
        self._ids: dict[str, Objects] = {}
        self._geoms: dict[str, Objects] = {}
        self._texts: dict[tuple[str, str], Objects] = {}
        self._coded: dict[tuple[str, str], Coded] = {}
        self.positions: dict[str, Floats] = {}
        self.spots: dict[str, Spots] = {}
        self.dangling: dict[str, set[str]] = {}
        self.dangled: list[Dangled] = []
        self.disputed: BaseGeometry | None = None

    def has(self, table: str, *columns: str) -> bool:
        """Whether the table is here with all of these columns and at least one row."""
        frame = self.tables.get(table)
        return frame is not None and len(frame) > 0 and all(name in frame.columns for name in columns)

    def has_shape(self, table: str, geometry: str, *columns: str) -> bool:
        """Whether the table is here, as a kind of this geometry, with rows and all of these columns."""
        return self.has(table, "id", GEOMETRY, *columns) and self.spec.kinds[table].geometry == geometry

    def typed(self, table: str, types: Mapping[str, str]) -> bool:
        """Whether the table is here with rows, and with these columns declared as these types."""
        declared = self.spec.kinds[table].columns if table in self.spec.kinds else {}
        return self.has(table, *types) and all(declared[name].type == one for name, one in types.items())

    def ids(self, table: str) -> Objects:
        """Return the ids as an object array."""
        self.looked.add(table)
        if table not in self._ids:
            self._ids[table] = objects(self.tables[table]["id"])
        return self._ids[table]

    def column(self, table: str, name: str) -> pd.Series[Any]:
        """Return a column by name."""
        return self.tables[table][name]

    def texts(self, table: str, name: str) -> Objects:
        """Return a column as an object array of str, with None where it is missing."""
        self.looked.add(table)
        if (table, name) not in self._texts:
            cells = objects(self.tables[table][name])
            if name != "id" and self.spec.kinds[table].columns[name].type != "text":
                cells = np.array([*(None if pd.isna(one) else str(one) for one in cells), None])[:-1]
            self._texts[table, name] = cells
        return self._texts[table, name]

    def coded(self, table: str, name: str) -> Coded:
        """Return a column of texts as codes; of another type, the texts that `texts` has."""
        self.looked.add(table)
        if (table, name) not in self._coded:
            text = name == "id" or self.spec.kinds[table].columns[name].type == "text"
            column = self.column(table, name) if text else self.texts(table, name)
            self._coded[table, name] = coded(column)
        return self._coded[table, name]

    def among(self, values: Objects, table: str, name: str) -> Mask:
        """Return which of these texts a column has; see `texts`."""
        if name == "id" or self.spec.kinds[table].columns[name].type == "text":
            column = self.column(table, name)
            if len(values) < len(column):
                # Of a long column only what is asked for becomes objects.
                found = objects(column[column.isin(values)])
                return among(values, found)
        return among(values, self.texts(table, name))

    def xy(self, table: str) -> Floats:
        """Return positions of points, shape (n, 2), in the working CRS; NaN where a row is no point."""
        self.looked.add(table)
        if table not in self.positions:
            # Points whose places are known are not made for it.
            known = places(self.tables[table], GEOMETRY)
            self.positions[table] = xy_of(self.geoms(table)) if known is None else known
        return self.positions[table]

    def geoms(self, table: str) -> Objects:
        """Return the geometries as an object array."""
        self.looked.add(table)
        if table not in self._geoms:
            self._geoms[table] = np.asarray(self.tables[table][GEOMETRY], dtype=object)
        return self._geoms[table]

    def spatial(self) -> tuple[str, ...]:
        """Return the spatial tables that are here with rows, in the order of the settings."""
        return tuple(kind for kind in self.tables if self.has(kind, GEOMETRY))

    def mark(self, table: str, rows: Rows, *aspects: str) -> None:
        """Remember that these rows cannot be trusted in these aspects."""
        if len(rows) and aspects:
            self.marked.append((table, rows, aspects))
        for aspect in aspects:
            mask = self.marks.setdefault((table, aspect), np.zeros(len(self.tables[table]), dtype=bool))
            mask[rows[rows != NO_ROW]] = True

    def dangle(self, table: str, values: Iterable[str]) -> None:
        """Remember values that should lead to a row of a table, and lead nowhere."""
        self.dangled.append((table, frozenset(values)))
        self.dangling.setdefault(table, set()).update(values)

    def note(self, faults: Faults) -> None:
        """Mark the rows of a batch."""
        self.mark(faults.table, faults.rows, *faults.aspects)

    def sound(self, table: str, *aspects: str) -> Mask:
        """Return which rows are unmarked in all of these aspects."""
        mask = np.ones(len(self.tables[table]), dtype=bool)
        for aspect in aspects:
            marked = self.marks.get((table, aspect))
            if marked is not None:
                mask &= ~marked
        return mask

    def private(self, table: str, column: str) -> bool:
        """Whether a column's values may not be shown."""
        return column in self.spec.kinds[table].private

    def said(self, table: str, column: str, row: int) -> str:
        """Return a cell for a message: quoted; the values of a private column are not shown."""
        return "(private)" if self.private(table, column) else shown(self.texts(table, column)[row])

    def repaired(self, table: str, row: int) -> BaseGeometry | None:
        """Return a row's polygon as far as it can be used: repaired if invalid, None if hopeless.

        An invalid polygon is one fault; that others gap against it would only follow.
        """
        geom: BaseGeometry | None = self.geoms(table)[row]
        if self.sound(table, GEOMETRY)[row]:
            return geom
        if geom is None or geom.is_empty or geom.geom_type not in POLYGONS:
            return None
        if not (np.abs(shapely.get_coordinates(geom)) < _REPAIRABLE_M).all():
            return None
        repaired: BaseGeometry = polygons_of(geom)
        return None if repaired.is_empty else repaired

    def alone(self, table: str) -> Context:
        """Return the same context with one table in sight; marks are shared."""
        made = copy.copy(self)
        made.tables = _Watched({table: self.tables[table]}, self.looked)
        return made

    @cached_property
    def township_rows(self) -> Rows:
        """Positions of the admin rows whose union is the jurisdiction."""
        if not self.has_shape("admin", "polygon", "level"):
            return np.empty(0, dtype=np.intp)
        return np.flatnonzero(self.texts("admin", "level") == self.spec.layers.area.jurisdiction)

    @property
    def lost_rows(self) -> bool:
        """Whether some admin row is nowhere, so that what seems open may be its place."""
        hopeless = np.flatnonzero(~self.sound("admin", GEOMETRY))
        return any(self.repaired("admin", int(row)) is None for row in hopeless)

    @cached_property
    def jurisdiction(self) -> BaseGeometry | None:
        """The union of the townships; None if there is none, or a part of it cannot be known.

        A township without a usable polygon is reported once; that its homes then stand outside
        would only follow. The same holds for a row whose level is unknown and that has no place.
        """
        rows = self.township_rows
        if not len(rows):
            return None
        unsure = np.flatnonzero(~self.sound("admin", "level"))
        if any(self.repaired("admin", int(row)) is None for row in unsure):
            return None
        polygons = [self.repaired("admin", int(row)) for row in rows]
        if any(polygon is None for polygon in polygons):
            return None
        whole: BaseGeometry = jurisdiction(np.array(polygons, dtype=object))
        if whole.is_empty:
            return None
        shapely.prepare(whole)
        return whole

    @cached_property
    def border(self) -> Border | None:
        """The border as rows without a fault make it; None if there is none."""
        return self._border(GEOMETRY, COURSE)

    @cached_property
    def whole_border(self) -> Border | None:
        """The border as it is stored, which is what section plans are made for."""
        return self._border(GEOMETRY)

    def _border(self, *aspects: str) -> Border | None:
        if not self.has_shape("border", "line"):
            return None
        kept = self.sound("border", *aspects)
        if not kept.any():
            return None
        try:
            return build_border(self.geoms("border")[kept], self.spec.crs)
        except AssignmentError:
            return None


def _numbered(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose rows are numbered from 0."""
    index = frame.index
    plain = isinstance(index, pd.RangeIndex) and (index.start, index.step) == (0, 1)
    return frame if plain else frame.reset_index(drop=True)


class _Watched(dict[str, pd.DataFrame]):
    """Tables that note which of them are looked at."""

    def __init__(self, tables: Mapping[str, pd.DataFrame], looked: set[str]) -> None:
        super().__init__(tables)
        self._looked = looked

    def __getitem__(self, table: str) -> pd.DataFrame:
        self._looked.add(table)
        return super().__getitem__(table)

    def __contains__(self, table: object) -> bool:
        self._looked.add(str(table))
        return super().__contains__(table)

    def get(self, table: str, default: Any = None) -> Any:
        self._looked.add(table)
        return super().get(table, default)

    def __iter__(self) -> Iterator[str]:
        self._looked.update(super().keys())
        return super().__iter__()

    def items(self) -> Any:
        self._looked.update(super().keys())
        return super().items()

    def keys(self) -> Any:
        self._looked.update(super().keys())
        return super().keys()


_REPAIRABLE_M = 1e8
