"""A scene of one frame alone, for a quick look: no settings, no audience, no arrangement.

Whoever asks for it holds the frame already and looks with own eyes: nothing is cleared here, and the page
says that it is no product. Which columns may be in it is decided before, in `gridmap.project.shown`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.model import Bilingual
from gridmap.model.packed import Geometry, Table
from gridmap.model.scene import Case, Drawing, Label, Scene, Statement, Style
from gridmap.render.pack import pack_column, pack_geometry, pack_ints
from gridmap.render.style import BLUE, WHITE
from gridmap.render.words import both, word

TABLE = "frame"
DECIMALS = 6  # a tenth of a metre
FEW = 2_000  # rows up to which points are large, and named
MARGIN, SMALLEST = 0.06, 0.004
MOST_LON, MOST_LAT = 180.0, 85.0
WORLD = (-170.0, -60.0, 170.0, 75.0)
COUNTED = 2**53  # whole numbers that JavaScript tells apart
NAMES = ("name", "Name", "NAME", "名称")
# By GEOS's numbers of types: points, lines, areas and mixtures.
CASES = np.array([0, 1, 1, 2, 0, 1, 2, 2])
TITLES = ("show.points", "show.lines", "show.areas")

Objects = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Said:
    """What a page says of itself.

    Parameters
    ----------
    title : Bilingual
        What it is called.
    language : {"en", "zh"}
        What it opens in.
    crs : str
        What the frame was in.
    version : str
        Of gridmap.
    left_out : tuple of str
        Names of columns that are not shown.
    """

    title: Bilingual
    language: Literal["en", "zh"]
    crs: str
    version: str
    left_out: tuple[str, ...] = ()


def quick_scene(
    columns: Mapping[str, pd.Series[Any]],
    geoms: Objects,
    move: Callable[[Floats], Floats],
    *,
    said: Said,
) -> Scene:
    """Return the scene of a frame.

    Parameters
    ----------
    columns : mapping of str to Series, each of n rows
        What is shown of every row, by the name that it is shown by.
    geoms : ndarray of object, shape (n,)
        None where there is no place.
    move : callable
        From their coordinates, shape (m, 2), to degrees, lon then lat.
    said : Said
        What the page says of itself.
    """
    title = said.title
    kinds = shapely.get_type_id(geoms)
    if (kinds <= 0).all():
        geometry, bounds = _points(move(shapely.get_coordinates(geoms)), kinds == 0, geoms)
    else:
        placed = shapely.transform(geoms, move, include_z=False)
        boxes = shapely.bounds(placed)
        geometry, bounds = pack_geometry(placed, decimals=DECIMALS), _bounds(boxes[:, :2], boxes[:, 2:])
    packed = tuple(pack_column(name, _plain(values), title=both(name)) for name, values in columns.items())
    table = Table(TABLE, title, len(geoms), None, packed, geometry)
    return Scene(
        title=title,
        language=said.language,
        statement=_statement(said),
        bounds=bounds,
        tables=(table,),
        joins=(),
        counts={TABLE: len(geoms)},
        drawings=(
            Drawing("graticule", "base", word("drawing.graticule"), graticule=True),
            _drawing(kinds, columns, title),
        ),
    )


def _plain(values: pd.Series[Any]) -> pd.Series[Any]:
    """Return values in a type that packs at once: texts as texts, numbers no page could count as texts."""
    values = values.reset_index(drop=True)
    kind = values.dtype
    if pd.api.types.is_object_dtype(kind) and pd.api.types.infer_dtype(values, skipna=True) == "string":
        return values.astype("str")
    if isinstance(kind, pd.CategoricalDtype):
        return _plain(values.astype(kind.categories.dtype))
    whole = pd.api.types.is_integer_dtype(kind)
    if whole and len(values) and values.notna().any() and max(-values.min(), values.max()) > COUNTED:
        return values.astype("str")
    return values


def _points(xy: Floats, there: npt.NDArray[np.bool_], geoms: Objects) -> tuple[Geometry, Box]:
    """Return points as a page holds them, and what it opens on; no geometry is made anew for it."""
    placed = np.full((len(geoms), 2), np.nan)
    placed[there & ~shapely.is_empty(geoms)] = xy
    good = np.isfinite(placed).all(axis=1)
    # The others stand within the others' range, so that packing stays narrow.
    fill = placed[good].min(axis=0) if good.any() else np.zeros(2)
    whole = np.rint(np.where(good[:, None], placed, fill) * 10**DECIMALS).astype(np.int64)
    missing = None if good.all() else pack_ints(np.flatnonzero(~good))
    geometry = Geometry(DECIMALS, x=pack_ints(whole[:, 0]), y=pack_ints(whole[:, 1]), missing=missing)
    return geometry, _bounds(placed, placed)


def _drawing(kinds: npt.NDArray[Any], columns: Mapping[str, Any], title: Bilingual) -> Drawing:
    codes = np.where(kinds < 0, len(TITLES), CASES[np.maximum(kinds, 0)])
    few = len(kinds) <= FEW
    styles = (
        Style(fill=BLUE, stroke=WHITE, width=1, shape="circle" if few else "dot", size=4.2 if few else 2.4),
        Style(stroke=BLUE, width=1.8),
        Style(stroke=BLUE, width=1.2, fill=BLUE, fill_opacity=0.14),
    )
    cases = tuple(
        Case(word(key), style, int((codes == at).sum()))
        for at, (key, style) in enumerate(zip(TITLES, styles, strict=True))
    )
    name = next((one for one in NAMES if one in columns), "")
    label = Label(column=name, size=11.5, priority=20) if few and name else None
    labels = () if label is None else (label,)
    return Drawing(TABLE, "base", title, table=TABLE, cases=cases, codes=pack_ints(codes), labels=labels)


def _bounds(low: Floats, high: Floats) -> Box:
    """Return what the page opens on; a faulty row (axes swapped, metres) does not make it the world.

    Corners of the rows' boxes, each (n, 2); a comparison with what is no number is false.
    """
    sound = (low[:, 0] >= -MOST_LON) & (low[:, 1] >= -MOST_LAT)
    sound &= (high[:, 0] <= MOST_LON) & (high[:, 1] <= MOST_LAT)
    if not sound.any():
        return WORLD
    (west, south), (east, north) = low[sound].min(axis=0).tolist(), high[sound].max(axis=0).tolist()
    wide, tall = max((east - west) * MARGIN, SMALLEST), max((north - south) * MARGIN, SMALLEST)
    edges = (west - wide, max(south - tall, -MOST_LAT), east + wide, min(north + tall, MOST_LAT))
    west, south, east, north = (round(edge, DECIMALS) for edge in edges)
    return west, south, east, north


def _statement(said: Said) -> Statement:
    banner = word("show.banner")
    if said.left_out:
        listed = word("show.left")
        banner = Bilingual(
            en=f"{banner.en}. {listed.en.replace('{columns}', ', '.join(said.left_out))}",
            zh=f"{banner.zh}。{listed.zh.replace('{columns}', '、'.join(said.left_out))}",
        )
    return Statement(
        project=said.title,
        crs=said.crs,
        revision="",
        version=said.version,
        source="",
        audience="",
        audience_title=word("show.own"),
        banner=banner,
        synthetic=False,
    )
