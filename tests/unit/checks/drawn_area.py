"""A small border area, drawn by hand: two townships of two gachas each, north of them the border."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely

from gridmap.checks import check_tables

X, Y = 400_000.0, 4_650_000.0
DTYPES = {"text": "str", "integer": "Int64", "real": "float64", "boolean": "boolean", "date": "datetime64[s]"}


def at(east_km, north_km):
    return (X + east_km * 1000, Y + north_km * 1000)


def box(x0, y0, x1, y1):
    return shapely.box(*at(x0, y0), *at(x1, y1))


def point(x, y):
    return shapely.Point(at(x, y))


def line(*places):
    return shapely.LineString([at(*place) for place in places])


def frame(kind, rows, spec):
    """Make a frame as the store reads it from rows of {column: value}."""
    one = spec.kinds[kind]
    data = {"id": pd.Series([row["id"] for row in rows], dtype="str")}
    for name, column in one.columns.items():
        data[name] = pd.Series([row.get(name) for row in rows], dtype=object).astype(DTYPES[column.type])
    made = pd.DataFrame(data, index=pd.RangeIndex(len(rows)))
    if not one.spatial:
        return made
    return gpd.GeoDataFrame(made, geometry=gpd.GeoSeries([row["geometry"] for row in rows], crs=spec.crs))


class Area:
    """Rows by kind that tests change; `found()` checks them."""

    def __init__(self, spec):
        self.spec = spec
        north = {"geometry": line((0, 20), (20, 20)), "id": "b1"}
        self.rows = {
            "border": [north, {"id": "b2", "geometry": line((20, 20), (40, 20))}],
            "admin": [
                self.admin("150223102", box(0, 0, 20, 20), None),
                self.admin("150223108", box(20, 0, 40, 20), None),
                self.admin("150223102200", box(0, 0, 10, 20), "150223102"),
                self.admin("150223102201", box(10, 0, 20, 20), "150223102"),
                self.admin("150223108200", box(20, 0, 30, 20), "150223108"),
                self.admin("150223108201", box(30, 0, 40, 20), "150223108"),
            ],
            "unit": [
                {"id": "ul", "name": "line", "layer": "line"},
                {"id": "ua", "name": "area", "layer": "area"},
                {"id": "up", "name": "point", "layer": "point"},
            ],
            "outpost": [
                {"id": "o1", "name": "one", "unit": "ul", "geometry": point(10, 19)},
                {"id": "o2", "name": "two", "unit": "ua", "geometry": point(30, 10)},
            ],
            "patrol_zone": [
                {"id": "z1", "name": "west", "unit": "ua", "geometry": box(0, 0, 20, 20)},
                {"id": "z2", "name": "east", "unit": "ua", "geometry": box(20, 0, 40, 20)},
            ],
            "household": [
                self.home("h1", 5, 10, "150223102200", stronghold=True, unit="up"),
                self.home("h2", 6, 11, "150223102200"),
                self.home("h3", 35, 10, "150223108201", stronghold=True, unit="up"),
            ],
            "track": [{"id": "t1", "class": "track", "geometry": line((1, 1), (9, 9))}],
            "landmark": [self.marker(f"m{n}", f"界{n}", n * 5, 20) for n in range(1, 7)],
            "section_plan": [],
        }

    @staticmethod
    def admin(code, geometry, parent, **more):
        level = "township" if parent is None and len(code) == 9 else "gacha"
        made = {"id": code, "code": code, "name": f"n{code}", "level": level, "parent": parent}
        return {**made, "geometry": geometry, **more}

    @staticmethod
    def home(name, x, y, gacha=None, **more):
        made = {"id": name, "stronghold": False, "persons": 3, "gacha": gacha, "geometry": point(x, y)}
        return {**made, "name": "PRIVATE-NAME", "contact": "PRIVATE-CONTACT", **more}

    @staticmethod
    def marker(name, number, x, y):
        return {"id": name, "class": "marker", "number": number, "geometry": point(x, y)}

    def row(self, kind, name):
        return next(row for row in self.rows[kind] if row["id"] == name)

    def change(self, kind, row, /, **values):
        self.row(kind, row).update(values)
        return self

    def add(self, kind, /, **values):
        self.rows[kind].append(values)
        return self

    def frame(self, kind):
        return frame(kind, self.rows[kind], self.spec)

    def tables(self):
        return {kind: self.frame(kind) for kind in self.rows}

    def findings(self):
        return check_tables(self.tables(), self.spec)

    def found(self):
        """Check, and return sorted (code, table, id)."""
        return sorted(((f.code, f.table, f.id) for f in self.findings()), key=str)
