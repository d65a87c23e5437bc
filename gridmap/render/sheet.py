"""What an overlay sees, and what it is: the seam for overlays of third parties."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.config import ProjectSpec
from gridmap.model import Bilingual, View, ViewTable
from gridmap.model.packed import Geometry
from gridmap.model.scene import Derived, Drawing
from gridmap.render.holdings import derived, derived_title, keeps_ids
from gridmap.render.order import spatial_order
from gridmap.render.pack import DRAWN_DECIMALS, only_points, pack_geometry, pack_points, whole_points
from gridmap.render.words import both, catalogue, word

Objects = npt.NDArray[Any]
Points = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.bool_]]
IN_PLACE = 500  # rows of a table that stay as they are: so few are small in any order, and are read as lists
LISTED = frozenset({"findings", "assignments"})  # their order says something, or is another table's


@dataclass(frozen=True, slots=True)
class Sheet:
    """A view and its settings, with the few questions that overlays ask.

    A table or column that the audience may not see is absent: every method answers with None or
    nothing then, and the overlay draws less.

    Parameters
    ----------
    view : View
        Geometry in lon/lat, rounded.
    spec : ProjectSpec
        The project's settings.
    map_name : str
        Which of the project's maps is drawn.
    points : mapping of str to Points
        Places of the tables that were put in order, as whole numbers.
    """

    view: View
    spec: ProjectSpec
    map_name: str = "main"
    points: Mapping[str, Points] = field(default_factory=dict)

    @classmethod
    def ordered(cls, view: View, spec: ProjectSpec) -> Sheet:
        """Return a sheet whose large tables of points are in spatial order: neighbours stand together.

        Only what the sheet is asked shows it: the view itself stays as it is. Rows at one place keep their
        order; rows without a place come last.
        """
        tables, points = dict(view.tables), {}
        for name, one in view.tables.items():
            found = _in_order(name, one.frame, view)
            if found is not None:
                frame, points[name] = found
                tables[name] = ViewTable(name, frame)
        return cls(replace(view, tables=tables), spec, points=points)

    def geometry(self, table: str) -> Geometry | None:
        """Return the packed places of a table, or None if it has none."""
        if table in self.points:
            return pack_points(*self.points[table], decimals=self.view.decimals)
        frame = self.frame(table)
        geoms = None if frame is None else geometry_of(frame)
        return None if geoms is None else pack_geometry(geoms, decimals=self.view.decimals)

    def boxes(self, table: str) -> npt.NDArray[np.float64] | None:
        """Return west, south, east, north of every row, shape (n, 4), or None if a table has no places."""
        if table in self.points:
            x, y, good = self.points[table]
            xy = np.column_stack([x[good], y[good]]) / 10.0 ** min(self.view.decimals, DRAWN_DECIMALS)
            return np.concatenate([xy, xy], axis=1)
        frame = self.frame(table)
        geoms = None if frame is None else geometry_of(frame)
        return None if geoms is None else np.asarray(shapely.bounds(geoms))

    def frame(self, table: str) -> pd.DataFrame | None:
        """Return a table's frame, or None."""
        held = self.view.tables.get(table)
        return None if held is None else held.frame

    def drawn(self, table: str) -> pd.DataFrame | None:
        """Return a table's frame if it has a geometry column and rows, else None."""
        frame = self.frame(table)
        if frame is None or not len(frame) or geometry_of(frame) is None:
            return None
        return frame

    def title(self, table: str) -> Bilingual:
        """Return a table's title: as the settings say, as the catalogue says, or its own name."""
        if table in self.spec.kinds:
            title = self.spec.kinds[table].title
            return Bilingual(en=title.en, zh=title.zh)
        if table in self.derived():
            return derived_title(self.derived()[table])
        return word(f"table.{table}") if f"table.{table}" in catalogue()["en"] else both(table)

    @property
    def keeps_ids(self) -> bool:
        """Whether ids are the project's own; new ones are no names, and nothing is labelled with them."""
        return keeps_ids(self.view, self.spec)

    def derived(self) -> Mapping[str, Derived]:
        """Return the tables that stand for rows which are not in the view, by name."""
        return derived(self.view, self.spec)

    def name_column(self, table: str) -> str:
        """Return the column that rows are labelled with: ``name``, else an ``id`` of their own, else ""."""
        frame = self.frame(table)
        if frame is not None and "name" in frame.columns:
            return "name"
        return "id" if self.keeps_ids else ""

    def fact(self, name: str) -> Any:
        """Return a fact of the view, or None."""
        return self.view.facts.get(name)

    def unit_layers(self) -> Mapping[str, str]:
        """Return the defence layer that each unit keeps, by unit id."""
        frame = self.frame("unit")
        if frame is None or not {"id", "layer"} <= set(frame.columns):
            return {}
        known = frame[frame["layer"].notna()]
        return dict(zip(known["id"].astype(str), known["layer"].astype(str), strict=True))

    def unit_names(self) -> Mapping[str, str]:
        """Return the name of each unit, by unit id."""
        frame = self.frame("unit")
        if frame is None or not {"id", "name"} <= set(frame.columns):
            return {}
        known = frame[frame["name"].notna()]
        return dict(zip(known["id"].astype(str), known["name"].astype(str), strict=True))


@dataclass(frozen=True, slots=True)
class Overlay:
    """One thing that maps can show, registered in the group ``gridmap.overlays``.

    Parameters
    ----------
    name : str
        As in ``maps.*.overlays`` of gridmap.toml.
    draw : callable
        From a `Sheet` to drawings, from bottom to top; none where there is nothing to draw.
    """

    name: str
    draw: Callable[[Sheet], tuple[Drawing, ...]]


def geometry_of(frame: pd.DataFrame) -> Objects | None:
    """Return the geometries of a frame, shape (n,), or None if it has no geometry column."""
    if "geometry" not in frame.columns:
        return None
    values: Objects = np.asarray(gpd.GeoSeries(frame["geometry"], crs=None).to_numpy(), dtype=object)
    return values


def _in_order(name: str, frame: pd.DataFrame, view: View) -> tuple[pd.DataFrame, Points] | None:
    geoms = geometry_of(frame) if len(frame) > IN_PLACE and name not in LISTED else None
    if geoms is None or not only_points(geoms):
        return None
    x, y, good = whole_points(geoms, decimals=view.decimals)
    placed = np.flatnonzero(good)
    order = np.concatenate([placed[spatial_order(x[placed], y[placed])], np.flatnonzero(~good)])
    return frame.take(order).reset_index(drop=True), (x[order], y[order], good[order])


def texts(frame: pd.DataFrame, column: str) -> list[str]:
    """Return a column as texts, "" where it is missing or absent."""
    if column not in frame.columns:
        return [""] * len(frame)
    return ["" if pd.isna(value) else str(value) for value in frame[column].to_numpy(dtype=object)]
