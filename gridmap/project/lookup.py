"""From what a person writes for a place to its position in the project's CRS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap import geo
from gridmap.errors import ConfigError
from gridmap.geo import beidou
from gridmap.geo.stationing import on_border
from gridmap.project.asked import on_datum

if TYPE_CHECKING:
    from gridmap.model.datums import Datum
    from gridmap.project.asking import Asked

SHOWN = 5


def find_position(
    plan: Asked, *place: Any, datum: Datum | None = None
) -> tuple[np.ndarray[Any, np.dtype[np.float64]], tuple[str, ...]]:
    """Return the position of a place, shape (2,), in the project's CRS, and what it was taken to be in.

    Without a datum a coordinate is on the project's own, and nothing is said.

    Raises
    ------
    ConfigError
        GM107 if the text is no place, names nothing, or names several things; GM106 for a datum of
        something that is no coordinate.
    """
    parsed = geo.parse_place(*place)
    if parsed.kind == "lonlat":
        lonlat = np.array([[parsed.lon, parsed.lat]], dtype=np.float64)
        if datum is None:
            return geo.from_lonlat(lonlat, plan.area.spec.crs).reshape(2), ()
        xy, notes = on_datum(lonlat, datum, plan)
        return xy.reshape(2), notes[0]
    if datum is not None:
        raise ConfigError(
            "GM106",
            "a datum is given, and the place is no coordinate",
            where="--datum",
            fix="leave it out: a chainage, an id or a name has its own position",
        )
    if parsed.kind == "chainage":
        return _at_chainage(plan, float(parsed.chainage_m or 0.0)), ()
    return _called(plan, parsed.text), ()


def _called(plan: Asked, text: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    found = list(dict.fromkeys(_named(plan, text)))
    # A seat is called like its township: the point is the place, the polygon only contains it.
    points = [one for one in found if plan.area.spec.kinds[one[0].partition(":")[0]].geometry == "point"]
    found = points if len(points) == 1 else found
    if len(found) == 1:
        return np.array(found[0][1:])
    if not found:
        coded = beidou.parse(text)
        if coded is not None:
            lonlat = np.array([[float(one) for one in coded.centre]])
            return geo.from_lonlat(lonlat, plan.area.spec.crs).reshape(2)
        raise ConfigError(
            "GM107",
            f"no place is called {text}",
            where="landmarks, outposts, households, zones and townships of the project",
            fix="give lon lat, a chainage such as K23+450, a landmark's name or number, a code, or kind:id",
        )
    names = ", ".join(name for name, _, _ in found[:SHOWN])
    raise ConfigError(
        "GM107",
        f"several places are called {text}",
        where=names,
        fix="write kind:id, e.g. " + found[0][0],
    )


def _at_chainage(plan: Asked, chainage: float) -> np.ndarray[Any, np.dtype[np.float64]]:
    border = plan.made.border
    if border is None:
        raise ConfigError(
            "GM107",
            "there is no border to measure a chainage along",
            where="the place",
            fix="give lon lat instead, or ask for an audience that may see the border",
        )
    placed: np.ndarray[Any, np.dtype[np.float64]] = border.place(on_border(border, chainage))[0]
    return placed


def _named(plan: Asked, text: str) -> Iterator[tuple[str, float, float]]:
    """Yield (kind:id, x, y) of everything public that the text names."""
    prefix, _, rest = text.partition(":")
    kinds = plan.area.spec.kinds
    chosen = {prefix: kinds[prefix]} if rest and prefix in kinds else kinds
    wanted = rest if rest and prefix in kinds else text
    for kind, spec in chosen.items():
        frame = plan.tables.get(kind)
        # Of an audience's view a whole table may be missing, its places, or any column.
        if not spec.spatial or frame is None or not isinstance(frame, gpd.GeoDataFrame):
            continue
        public = [c for c in ("name", "number", "code") if c in spec.columns and c not in spec.private]
        columns = [column for column in ("id", *public) if column in frame.columns]
        if "id" not in columns:
            continue
        hit = np.logical_or.reduce([_equals(frame[column], wanted) for column in columns])
        for row_id, shape in zip(frame.loc[hit, "id"], frame.geometry[hit], strict=True):
            if shape is not None and not shape.is_empty:
                spot = shape if shape.geom_type == "Point" else shape.representative_point()
                yield f"{kind}:{row_id}", spot.x, spot.y


def _equals(column: pd.Series[Any], text: str) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return column.eq(text).fillna(value=False).to_numpy(dtype=bool)
