"""What a scene draws, as arrays in the working CRS: the one door of the atlas to packed columns.

The scene says what is drawn and how (drawings, cases, styles, labels); the rows' shapes and texts are read
from the view's frames, which the scene was packed from in the same order.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.config import ProjectSpec
from gridmap.geo import from_lonlat, geoms_from_lonlat
from gridmap.model import View
from gridmap.model.scene import Drawing, Label, Mark, Scene
from gridmap.render.codec import unpack_ints
from gridmap.render.sheet import Sheet, geometry_of

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
POINT, LINE, AREA = 0, 1, 2
STEP_DEG = 1e-4  # along a line's bearing, to turn it with the plane


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """The rows of a table: shapes in metres of the working CRS, None where a row has none.

    Parameters
    ----------
    geoms : (n,) object array
        Geometries.
    kinds : (n,) int array
        0 for points, 1 for lines, 2 for areas, -1 for nothing.
    xy : (n, 2) float array
        Of points their place; NaN for everything else.
    """

    geoms: Any
    kinds: Ints
    xy: Floats


@dataclass(frozen=True, eq=False)
class Content:
    """A scene with its rows.

    Parameters
    ----------
    scene : Scene
        What is drawn.
    view : View
        What it was composed from.
    spec : ProjectSpec
        The settings.
    map_name : str
        Which of the project's maps it is.
    """

    scene: Scene
    view: View
    spec: ProjectSpec
    map_name: str = "main"

    @cached_property
    def sheet(self) -> Sheet:
        """The questions that overlays ask; its tables are in the order of the scene's."""
        return replace(Sheet.ordered(self.view, self.spec), map_name=self.map_name)

    @cached_property
    def _rows(self) -> dict[str, Rows]:
        names = {one.table for one in self.scene.drawings if one.table} | {"patrol_zone", "sections", "admin"}
        return {name: made for name in sorted(names) if (made := self._read(name)) is not None}

    def rows(self, table: str) -> Rows | None:
        """Return the rows of a table that is drawn; None if the view has none with a geometry."""
        return self._rows.get(table)

    def frame(self, table: str) -> pd.DataFrame | None:
        """Return a table's frame, or None."""
        return self.sheet.frame(table)

    def _read(self, table: str) -> Rows | None:
        frame = self.sheet.drawn(table)
        held = None if frame is None else geometry_of(frame)
        if held is None:
            return None
        geoms = geoms_from_lonlat(held, self.spec.crs)
        # What the projection cannot show has no place on paper.
        finite = np.isfinite(shapely.bounds(geoms)).all(axis=1)
        geoms[~finite] = None
        kinds = np.where(finite, shapely.get_dimensions(geoms), -1).astype(np.int64)
        xy = np.full((len(geoms), 2), np.nan)
        single = shapely.get_type_id(geoms) == 0
        xy[single] = shapely.get_coordinates(geoms[single])
        return Rows(geoms, kinds, xy)

    def codes(self, drawing: Drawing) -> Ints:
        """Return, for every row of a drawing's table, which of its cases it is."""
        return np.zeros(0, dtype=np.int64) if drawing.codes is None else unpack_ints(drawing.codes)

    def _many(self, drawing: Drawing) -> int:
        frame = self.sheet.frame(drawing.table)
        return 0 if frame is None else len(frame)

    def texts(self, drawing: Drawing, label: Label) -> list[str]:
        """Return the text of a label for every row; "" for none."""
        if label.texts:
            return [one if isinstance(one, str) else one.zh or one.en for one in label.texts]
        frame = self.sheet.frame(drawing.table)
        if frame is None or label.column not in frame.columns:
            return [""] * self._many(drawing)
        return ["" if pd.isna(one) else str(one) for one in frame[label.column].to_numpy(dtype=object)]

    def written(self) -> list[str]:
        """Return every text of the data that a label may write."""
        found = [one.text for drawing in self.scene.drawings for one in drawing.marks]
        for drawing in self.scene.drawings:
            for label in drawing.labels:
                found += [*self.texts(drawing, label), *label.shorts]
        return found


def plane_bearing(mark: Mark, crs: str) -> tuple[Floats, float]:
    """Return a mark's place in the working CRS, shape (2,), and its bearing in degrees from grid north."""
    turn = np.radians(mark.bearing)
    lon = mark.lon + STEP_DEG * np.sin(turn) / np.cos(np.radians(mark.lat))
    ends = from_lonlat([[mark.lon, mark.lat], [lon, mark.lat + STEP_DEG * np.cos(turn)]], crs)
    east, north = ends[1] - ends[0]
    return ends[0], float(np.degrees(np.arctan2(east, north)))
