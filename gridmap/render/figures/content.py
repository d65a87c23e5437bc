"""What figures are drawn from: the tables of a view, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.config import ProjectSpec
from gridmap.errors import AssignmentError, RenderError
from gridmap.geo.chainage import build_border
from gridmap.geo.crs import geoms_from_lonlat
from gridmap.model import LAYERS, View
from gridmap.render.sheet import Sheet, geometry_of, texts

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
KM = 1000.0
# A boundary marker stands at the border: one farther off marks something else.
MARKER_M = 500.0
KEPT = {
    "line": ("line_km", "line_covered_km"),
    "area": ("area_km2", "area_covered_km2"),
    "point": ("households", "households_covered"),
}


@dataclass(frozen=True, slots=True)
class Spans:
    """Stretches of border with a name each: (n,) kilometres from the west."""

    from_km: Floats
    to_km: Floats
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Strip:
    """The border unrolled.

    Parameters
    ----------
    length_km : float
        Its length.
    steps : Floats, shape (k, 3)
        From, to (kilometres) and how many outposts reach, tiling the border.
    bins : Floats, shape (n, 2)
        From and to of the bins of what follows, in kilometres.
    depth : (n,) int
        Layers that answer.
    minutes, km : (n,) float
        To the nearest outpost: minutes are NaN where none were asked for, infinite where none gets there.
    homes : (n,) int
        Homes of the belt.
    sections, units : Spans
        Sections of the border, and stretches that one unit keeps.
    markers : Spans
        Boundary markers with their numbers; from and to are one place.
    """

    length_km: float
    steps: Floats
    bins: Floats
    depth: Ints
    minutes: Floats
    km: Floats
    homes: Ints
    sections: Spans
    units: Spans
    markers: Spans

    @property
    def gaps(self) -> Floats:
        """Stretches that nobody reaches, (g, 2) kilometres."""
        return np.asarray(self.steps[self.steps[:, 2] == 0, :2])

    @property
    def covered_km(self) -> float:
        """Kilometres that somebody reaches."""
        reached = self.steps[self.steps[:, 2] > 0]
        return float((reached[:, 1] - reached[:, 0]).sum())


@dataclass(frozen=True, slots=True)
class Kept:
    """One layer's units: names, and what each keeps and has within reach (kilometres, km², homes)."""

    layer: str
    names: tuple[str, ...]
    kept: Floats
    covered: Floats


def strip_of(view: View, spec: ProjectSpec) -> Strip:
    """Read the border unrolled from a view.

    Raises
    ------
    RenderError
        GM702 if there is no border, or the view does not hold what is drawn.
    """
    sheet = Sheet(view, spec)
    line, bins = _needed(sheet, "cover_line", "keepers"), _needed(sheet, "cover_strip", "depth")
    steps = np.column_stack([_km(line, "from_m"), _km(line, "to_m"), _numbers(line, "keepers")])
    sections = _sections(sheet)
    return Strip(
        length_km=float(steps[-1, 1]),
        steps=steps,
        bins=np.column_stack([_km(bins, "from_m"), _km(bins, "to_m")]),
        depth=_numbers(bins, "depth").astype(np.int64),
        minutes=_numbers(bins, "minutes"),
        km=_km(bins, "metres"),
        homes=_numbers(bins, "homes").astype(np.int64),
        sections=sections[0],
        units=sections[1],
        markers=_markers(sheet),
    )


def units_of(view: View, spec: ProjectSpec) -> tuple[Kept, ...]:
    """Read from a view what the units of each layer keep; units without a layer keep none.

    Raises
    ------
    RenderError
        GM702 if the view does not hold it.
    """
    frame = _needed(Sheet(view, spec), "cover_units", "layer")
    layer = np.array(texts(frame, "layer"))
    # A unit without a name is called by its id.
    names = [name or own for name, own in zip(texts(frame, "name"), texts(frame, "id"), strict=True)]
    found = []
    for one in LAYERS:
        rows = np.flatnonzero(layer == one)
        kept, covered = (_numbers(frame, column)[rows] for column in KEPT[one])
        found.append(Kept(one, tuple(names[row] for row in rows), kept, covered))
    return tuple(found)


def _needed(sheet: Sheet, table: str, column: str) -> pd.DataFrame:
    frame = sheet.frame(table)
    if frame is None or not len(frame) or column not in frame.columns:
        raise RenderError(
            "GM702",
            f"there is nothing to draw: no rows of {table}",
            where=f"the view of {sheet.view.audience}",
            fix=f"import a border and units, and list {table} with all its columns for the audience",
        )
    return frame


def _numbers(frame: pd.DataFrame, column: str) -> Floats:
    if column not in frame.columns:
        return np.full(len(frame), np.nan)
    return np.asarray(
        pd.to_numeric(frame[column], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    )


def _km(frame: pd.DataFrame, column: str) -> Floats:
    return np.asarray(_numbers(frame, column) / KM)


def _sections(sheet: Sheet) -> tuple[Spans, Spans]:
    """Return the sections, and neighbouring ones of one unit together."""
    frame = sheet.frame("sections")
    if frame is None or not {"from_m", "to_m"} <= set(frame.columns):
        none = Spans(np.empty(0), np.empty(0), ())
        return none, none
    start, stop = _km(frame, "from_m"), _km(frame, "to_m")
    order = np.argsort(start, kind="stable")
    known = sheet.unit_names()
    units = [known.get(one, one) for one in np.array(texts(frame, "unit"), dtype=object)[order]]
    ids = np.array(texts(frame, "id"), dtype=object)[order]
    sections = Spans(start[order], stop[order], tuple(ids))
    runs: list[tuple[float, float, str]] = []
    for begin, end, unit in zip(start[order].tolist(), stop[order].tolist(), units, strict=True):
        if runs and runs[-1][2] == unit and begin - runs[-1][1] <= 2 / KM:
            runs[-1] = (runs[-1][0], end, unit)
        else:
            runs.append((begin, end, unit))
    ends = np.array([run[:2] for run in runs]).reshape(-1, 2)
    return sections, Spans(ends[:, 0], ends[:, 1], tuple(run[2] for run in runs))


def _markers(sheet: Sheet) -> Spans:
    """Return the boundary markers of the view, by the chainage of the border of the view."""
    none = Spans(np.empty(0), np.empty(0), ())
    frame, drawn = sheet.drawn("landmark"), sheet.drawn("border")
    if frame is None or drawn is None:
        return none
    crs = sheet.spec.crs
    lines, places = geometry_of(drawn), geometry_of(frame)
    is_marker = np.array(texts(frame, "class")) == "marker"
    if lines is None or places is None or not is_marker.any():
        return none
    try:
        border = build_border(geoms_from_lonlat(lines[~shapely.is_missing(lines)], crs), crs)
    except AssignmentError:
        return none
    rows = np.flatnonzero(is_marker & (shapely.get_type_id(places) == 0))
    xy = shapely.get_coordinates(geoms_from_lonlat(places[rows], crs))
    at = border.locate(xy)
    near = at.distance_m <= MARKER_M
    numbers = [
        number or name for number, name in zip(texts(frame, "number"), texts(frame, "name"), strict=True)
    ]
    order = np.argsort(at.chainage_m[near], kind="stable")
    km = at.chainage_m[near][order] / KM
    return Spans(km, km, tuple(numbers[row] for row in rows[near][order]))
