"""What an overlay sees, and what it is: the seam for overlays of third parties."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmap.config import ProjectSpec
from gridmap.model import Bilingual, View
from gridmap.model.scene import Derived, Drawing
from gridmap.render.holdings import derived, derived_title, keeps_ids
from gridmap.render.words import both, catalogue, word

Objects = npt.NDArray[Any]


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
    """

    view: View
    spec: ProjectSpec

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


def texts(frame: pd.DataFrame, column: str) -> list[str]:
    """Return a column as texts, "" where it is missing or absent."""
    if column not in frame.columns:
        return [""] * len(frame)
    return ["" if pd.isna(value) else str(value) for value in frame[column].to_numpy(dtype=object)]
