"""Free places for planted faults, and rows that are well made but for their fault."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy
import shapely

from gridmap.config import ProjectSpec
from gridmap.geo import Border, build_border, contain, jurisdiction
from gridmap.sample.dice import Dice, Floats

STREAM = 90
PREFIX = "zz-"
# What is planted stands apart: from homes, from every boundary, and from what else is planted.
FROM_HOMES_M, FROM_EDGES_M, APART_M = 40.0, 150.0, 400.0
# Well within the 15 km of a stronghold's reach, so that no planted home is an orphan.
WITHIN_REACH = 0.6
MARGIN_M = 1_000.0
TRIES = 40_000


class Ground:
    """The clean area, and the free places in it.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The demo's tables, without a fault.
    spec : ProjectSpec
        The demo's settings.
    seed : int
        Another seed plants elsewhere.
    """

    def __init__(self, tables: Mapping[str, pd.DataFrame], spec: ProjectSpec, *, seed: int) -> None:
        self.tables = tables
        self.spec = spec
        self._dice = Dice(seed, STREAM)
        self._free = self._places()

    @cached_property
    def border(self) -> Border:
        """The border line."""
        return build_border(self.tables["border"].geometry.to_numpy(), self.spec.crs)

    @cached_property
    def _strongholds(self) -> Any:
        homes = self.tables["household"]
        return scipy.spatial.cKDTree(_xy(homes[homes["stronghold"].to_numpy(dtype=bool)]))

    @cached_property
    def whole(self) -> Any:
        """The jurisdiction."""
        return jurisdiction(self.polygons("township")["geometry"].to_numpy())

    def polygons(self, level: str) -> pd.DataFrame:
        """Return the admin rows of a level."""
        admin = self.tables["admin"]
        return admin[admin["level"] == level].reset_index(drop=True)

    def spot(self, *, belt: bool | None = None, home: bool = False) -> Floats:
        """Take the next free place, (2,) metres.

        Parameters
        ----------
        belt : bool, optional
            Well inside the border belt, or well outside it.
        home : bool
            Well within reach of a stronghold.
        """
        limit = self.spec.layers.line.belt_m
        for place in self._free:
            if home and self._strongholds.query(place)[0] > self.spec.layers.point.reach_m * WITHIN_REACH:
                continue
            away = float(self.border.locate(place[None, :]).distance_m[0])
            if belt is not None and (abs(away - limit) < MARGIN_M or (away < limit) != belt):
                continue
            self._free = self._free[((self._free - place) ** 2).sum(axis=1) > APART_M**2]
            return np.asarray(place, dtype=np.float64)
        msg = "there is no free place left to plant a fault"
        raise ValueError(msg)

    def gacha_at(self, xy: Floats) -> pd.Series[Any]:
        """Return the admin row of the gacha at a place."""
        gachas = self.polygons("gacha")
        lead = contain(xy[None, :], gachas["geometry"].to_numpy(), gachas["id"].to_numpy(dtype=object)).lead
        return gachas.iloc[int(lead[0])]

    def beyond(self, metres: float, share: float) -> Floats:
        """Return a place on the far side of the border, opposite `share` of its length."""
        at = self.border.length_m * share
        here, there = self.border.place(np.array([at, at + 1.0]))
        normal: Floats = np.array([here[1] - there[1], there[0] - here[0]])
        normal /= np.sqrt((normal**2).sum())
        sides = [here + metres * normal, here - metres * normal]
        away = shapely.distance(shapely.points(sides), self.whole)
        chosen: Floats = np.round(sides[int(np.argmax(away))], 3)
        return chosen

    def _places(self) -> Floats:
        """Return places clear of homes and edges, in random order."""
        x0, y0, x1, y1 = self.whole.bounds
        drawn = self._dice.between(0.0, 1.0, 2 * TRIES).reshape(-1, 2)
        xy = np.round(np.array([x0, y0]) + drawn * np.array([x1 - x0, y1 - y0]), 3)
        edges = [self.tables["patrol_zone"], self.tables["admin"]]
        lines = shapely.union_all([shape.boundary for one in edges for shape in one.geometry])
        shapely.prepare(self.whole)
        shapely.prepare(lines)
        points = shapely.points(xy)
        xy = xy[shapely.contains(self.whole, points) & ~shapely.dwithin(lines, points, FROM_EDGES_M)]
        posts = np.concatenate([_xy(self.tables[kind]) for kind in ("household", "outpost", "landmark")])
        clear = scipy.spatial.cKDTree(posts).query(xy)[0] > FROM_HOMES_M
        return np.asarray(xy[clear], dtype=np.float64)


def _xy(frame: Any) -> Floats:
    return np.asarray(shapely.get_coordinates(frame.geometry.to_numpy()), dtype=np.float64)


class Planter:
    """Tables being planted: rows to add, geometries to change, and the list of what was planted."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.planted: list[dict[str, str | None]] = []
        self._rows: dict[str, list[dict[str, Any]]] = {}
        self._changed: dict[tuple[str, str], Any] = {}

    def add(self, kind: str, label: str, geometry: Any = None, /, **values: Any) -> str:
        """Add a row that is well made but for the values given; return its id."""
        row_id = str(values.pop("id", PREFIX + label))
        made: dict[str, Any] = {"id": row_id, "name": f"植入 {label}", "geometry": geometry}
        made |= self._fitting(kind, geometry) | values
        self._rows.setdefault(kind, []).append(made)
        return row_id

    def fault(self, code: str, kind: str, geometry: Any = None, /, **values: Any) -> None:
        """Add a row whose one fault is `code`."""
        name = str(values.pop("as_", code))
        self.note(code, kind, self.add(kind, name, geometry, **values))

    def note(self, code: str, kind: str, row_id: str | None) -> None:
        """List a planted fault; a gap has no id."""
        self.planted.append({"code": code, "table": kind, "id": row_id})

    def shape(self, kind: str, row_id: str) -> Any:
        """Return the geometry of a row as it is now."""
        if (kind, row_id) in self._changed:
            return self._changed[kind, row_id]
        frame: Any = self.ground.tables[kind]
        return frame.geometry[frame["id"] == row_id].iloc[0]

    def reshape(self, kind: str, row_id: str, geometry: Any) -> None:
        """Give a row that is there already another geometry."""
        self._changed[kind, row_id] = geometry

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return new tables with what was planted, ordered by id."""
        return {kind: self._table(kind, frame) for kind, frame in self.ground.tables.items()}

    def _fitting(self, kind: str, geometry: Any) -> dict[str, Any]:
        ground = self.ground
        units = ground.tables["unit"]
        area = units["id"][units["layer"] == "area"].iloc[0]
        if kind == "household":
            home = {"name": None, "stronghold": False, "persons": 3}
            inside = geometry is not None and ground.whole.contains(geometry)
            code = ground.gacha_at(shapely.get_coordinates(geometry)[0])["code"] if inside else None
            return {**home, "gacha": code}
        return {
            "outpost": {"unit": area},
            "landmark": {"class": "well"},
            "track": {"class": "track"},
            "admin": {"level": "gacha"},
            "unit": {"layer": "point"},
        }.get(kind, {})

    def _table(self, kind: str, frame: pd.DataFrame) -> pd.DataFrame:
        rows = self._rows.get(kind, [])
        changed = {row: shape for (table, row), shape in self._changed.items() if table == kind}
        if not rows and not changed:
            return frame
        data = {
            name: pd.Series([row.get(name) for row in rows], dtype=object).astype(frame[name].dtype)
            for name in frame.columns
            if name != "geometry"
        }
        extra = pd.DataFrame(data, index=pd.RangeIndex(len(rows)))
        spatial = isinstance(frame, gpd.GeoDataFrame)
        joined = pd.concat([frame.drop(columns="geometry", errors="ignore"), extra], ignore_index=True)
        if spatial:
            old = [changed.get(row, shape) for row, shape in zip(frame["id"], frame.geometry, strict=True)]
            shapes = np.array([*old, *(row["geometry"] for row in rows), None], dtype=object)[:-1]
            joined = gpd.GeoDataFrame(joined, geometry=gpd.GeoSeries(shapes, crs=frame.crs))
        order = sorted(range(len(joined)), key=joined["id"].tolist().__getitem__)
        result: pd.DataFrame = joined.iloc[order].reset_index(drop=True)
        return result
