"""A small view built by hand: a border of 60 km, two townships, four zones, some homes, some faults."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import LineString, Point, Polygon, box

from gridmap.config import ProjectSpec
from gridmap.config.load import parse_spec, template_text
from gridmap.model import View, ViewTable
from gridmap.model.redacted import Redacted
from gridmap.model.view import seal

WEST, SOUTH, EAST, NORTH = 110.0, 42.0, 110.7, 42.5


def spec(name_en: str = "Sample area", name_zh: str = "示例地区") -> ProjectSpec:
    text = template_text(
        name_en=name_en, name_zh=name_zh, crs="EPSG:4508", synthetic=True, source="invented for a test"
    )
    return parse_spec(text, where="test")


def text(values: list[str | None]) -> pd.Series:
    return pd.Series(values, dtype="str")


def _frame(geoms: list[object], **columns: object) -> gpd.GeoDataFrame:
    shapes = np.empty(len(geoms), dtype=object)
    shapes[:] = geoms
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(shapes, crs="EPSG:4490"))


def homes(count: int = 30) -> gpd.GeoDataFrame:
    """Households on a lattice; every tenth a stronghold; the last without a place."""
    rows = np.arange(count)
    step = max(2, int(np.sqrt(count)))
    lon = np.round(WEST + 0.03 + (rows % step) / step * 0.64, 5)
    lat = np.round(SOUTH + 0.03 + (rows // step) / step * 0.40, 5)
    geoms = [Point(x, y) for x, y in zip(lon, lat, strict=True)]
    geoms[-1] = None
    return _frame(
        geoms,
        id=text([f"H{row:06d}" for row in rows]),
        stronghold=pd.array(rows % 10 == 0, dtype="boolean"),
        persons=pd.array(rows % 6 + 1, dtype="Int64"),
        gacha=text([None if row % 7 == 0 else "150223102201" for row in rows]),
        unit=text(["U3" if row % 10 == 0 else None for row in rows]),
        status=text([None] * count),
    )


def assignments(home: gpd.GeoDataFrame) -> pd.DataFrame:
    """Every home to a zone, most to a stronghold; the last is an orphan; outposts to sections."""
    ids = home["id"].tolist()
    rows = [
        ("outpost", f"O{at}", "line", f"S00{at}", "U1", "lead", 850.4, "chainage_midpoint") for at in (1, 2)
    ]
    rows += [
        ("household", one, "area", f"Z{at % 4 + 1}", "U2", "lead", 0.0, "containing_zone")
        for at, one in enumerate(ids)
    ]
    rows += [("household", ids[1], "area", "Z4", "U2", "support", 0.0, "containing_zone")]
    rows += [
        (
            "household",
            one,
            "point",
            ids[at // 10 * 10],
            "U3",
            "lead",
            float(at % 10) * 1234.0,
            "nearest_stronghold",
        )
        for at, one in enumerate(ids[:-1])
    ]
    frame = pd.DataFrame(
        rows, columns=["kind", "feature", "layer", "target", "unit", "role", "metres", "rule"]
    )
    frame["reason"] = "stored reason"
    return frame


def tables(count: int = 30) -> dict[str, pd.DataFrame]:
    line = LineString([(WEST, 42.45), (110.2, 42.5), (110.45, 42.44), (EAST, 42.49)])
    first = LineString([(WEST, 42.45), (110.2, 42.5)])
    second = LineString([(110.2, 42.5), (110.45, 42.44)])
    quarters = [
        box(WEST, SOUTH, 110.35, 42.2),
        box(110.35, SOUTH, EAST, 42.2),
        box(WEST, 42.2, 110.35, 42.46),
        box(110.35, 42.2, EAST, 42.46),
    ]
    home = homes(count)
    return {
        "border": _frame([line], id=text(["B1"]), name=text(["Line"])),
        "admin": _frame(
            [box(WEST, SOUTH, 110.35, 42.46), box(110.35, SOUTH, EAST, 42.46), quarters[0]],
            id=text(["A1", "A2", "A3"]),
            code=text(["150223102", "150223108", "150223102201"]),
            name=text(["满都拉镇", "巴音花镇", "某嘎查"]),
            level=text(["township", "township", "gacha"]),
            parent=text([None, None, "150223102"]),
        ),
        "unit": pd.DataFrame(
            {
                "id": text(["U1", "U2", "U3"]),
                "name": text(["北段边防连", "北部派出所", "联户组"]),
                "layer": text(["line", "area", "point"]),
                "contact": text(["值班室 1", "值班室 2", None]),
            }
        ),
        "outpost": _frame(
            [Point(110.1, 42.46), Point(110.33, 42.45), Point(110.2, 42.2)],
            id=text(["O1", "O2", "O3"]),
            name=text(["西哨所", "东哨所", "派出所驻地"]),
            unit=text(["U1", "U1", "U2"]),
        ),
        "patrol_zone": _frame(
            quarters,
            id=text(["Z1", "Z2", "Z3", "Z4"]),
            name=text(["一区", "二区", "三区", "四区"]),
            unit=text(["U2"] * 4),
        ),
        "household": home,
        "track": _frame(
            [LineString([(110.05, 42.1), (110.6, 42.3)])],
            id=text(["T1"]),
            name=text(["某路"]),
            **{"class": text(["road"])},
        ),
        "landmark": _frame(
            [Point(110.2, 42.12), Point(110.2, 42.5), Point(110.5, 42.2)],
            id=text(["L1", "L2", "L3"]),
            name=text(["满都拉", None, "某井"]),
            number=text([None, "701", None]),
            **{"class": text(["seat", "marker", "well"])},
        ),
        "section_plan": pd.DataFrame(
            {
                "id": text([]),
                "from_m": pd.Series([], dtype=float),
                "to_m": pd.Series([], dtype=float),
                "outpost": text([]),
            }
        ),
        "sections": _frame(
            [first, second],
            id=text(["S001", "S002"]),
            unit=text(["U1", "U1"]),
            outpost=text(["O1", "O2"]),
            from_m=[0.0, 17310.25],
            to_m=[17310.25, 38900.0],
        ),
        "assignments": assignments(home),
        "findings": _frame(
            [
                LineString([(110.45, 42.44), (EAST, 42.49)]),
                Polygon([(110.3, 42.1), (110.4, 42.1), (110.35, 42.18)]),
                Point(110.6, 42.4),
                None,
            ],
            code=text(["line-gap", "zone-overlap", "household-orphan", "unit-unknown"]),
            level=text(["error", "error", "error", "warning"]),
            table=text(["sections", "patrol_zone", "household", "outpost"]),
            id=text([None, "Z1", home["id"].iloc[-1], "O3"]),
            related=text(["", "Z2", "", ""]),
            message=text(["nobody keeps 20 km", "two keep this", "no stronghold in reach", "no such unit"]),
            fix=text(["add an outpost", "redraw", "name a stronghold", "correct it"]),
            size=[20100.0, 3.5e7, np.nan, np.nan],
        ),
    }


def relief() -> str:
    """Return a grid of 24 x 16 cells of 4 km in EPSG:4508 with one hill and one missing cell."""
    y, x = np.mgrid[0:16, 0:24]
    heights = np.rint(1100 + 300 * np.exp(-(((x - 12) / 5) ** 2 + ((y - 8) / 4) ** 2))).astype(int)
    heights[0, 0] = -9999
    rows = "\n".join(" ".join(str(value) for value in row) for row in heights)
    head = "ncols 24\nnrows 16\nxllcorner 400000\nyllcorner 4640000\ncellsize 4000\nNODATA_value -9999"
    return f"{head}\n{rows}\n"


def view(
    held: Mapping[str, pd.DataFrame] | None = None,
    *,
    audience: str = "planner",
    decimals: int = 5,
    **facts: object,
) -> View:
    """Seal a view of the tables, as privacy would for an audience that may see them all."""
    frames = tables() if held is None else held
    said = {"revision": "0123456789abcdef", "version": "0.0-test", "synthetic": True, **facts}
    return seal(
        View(audience, {name: ViewTable(name, frame) for name, frame in frames.items()}, decimals, said)
    )


def _new(kind: str, ids: Iterable[str | None]) -> pd.Series:
    """Return ids as they are made for one audience: ten characters that say nothing."""
    made = [
        None if pd.isna(one) else base64.b32encode(f"{one:>6}{kind:<6}".encode()[:8]).decode().lower()[2:12]
        for one in ids
    ]
    return text(made)


def areas() -> gpd.GeoDataFrame:
    """Return the homes as four areas of ten and more."""
    zones = tables()["patrol_zone"].geometry
    return _frame(
        list(zones),
        id=_new("area", list("abcd")),
        area_name=text(["满都拉镇", "巴音花镇", "满都拉镇、某嘎查", "巴音花镇"]),
        rows=pd.array([12, 180, 25, 60], dtype="Int64"),
        persons=pd.array([30, 400, 61, 150], dtype="Int64"),
    )


def counts() -> gpd.GeoDataFrame:
    """Return the homes counted by township."""
    towns = tables()["admin"].geometry[:2]
    return _frame(
        list(towns),
        id=_new("count", list("ab")),
        area_name=text(["满都拉镇", "巴音花镇"]),
        rows=pd.array([37, 240], dtype="Int64"),
        persons=pd.array([91, 550], dtype="Int64"),
    )


def rough() -> gpd.GeoDataFrame:
    """Return three outposts of which only the township is said: two lie in one."""
    towns = tables()["admin"].geometry
    return _frame(
        [towns[0], towns[0], towns[1]],
        id=_new("rough", list("abc")),
        name=text(["西哨所", "东哨所", "南哨所"]),
        area_name=text(["满都拉镇", "满都拉镇", "巴音花镇"]),
    )


def public_tables() -> dict[str, pd.DataFrame]:
    """Return what the public may see: zones and their units under new ids, homes as areas and counts."""
    held = tables()
    keepers = held["unit"][held["unit"]["layer"] != "line"].reset_index(drop=True)
    keepers = keepers.drop(columns="contact").assign(id=_new("unit", keepers["id"]))
    zones = held["patrol_zone"]
    zones = zones.assign(id=_new("zone", zones["id"]), unit=_new("unit", zones["unit"]))
    marks = held["landmark"][held["landmark"]["class"] != "marker"].reset_index(drop=True)
    return {
        "admin": held["admin"].assign(id=_new("admin", held["admin"]["id"])),
        "unit": keepers,
        "patrol_zone": zones,
        "track": held["track"].assign(id=_new("track", held["track"]["id"])),
        "landmark": marks.assign(id=_new("mark", marks["id"])).drop(columns="number"),
        "household_areas": areas(),
        "household_counts": counts(),
    }


def partner_tables() -> dict[str, pd.DataFrame]:
    """Return what unit U2 may see: its zones and homes under new ids, the others' homes as areas."""
    held = tables()
    home, joined, zones = held["household"], held["assignments"], held["patrol_zone"]
    own = joined[(joined["unit"] == "U2") & (joined["kind"] == "household")].reset_index(drop=True)
    return {
        "border": held["border"].assign(id=_new("border", held["border"]["id"])),
        "unit": held["unit"].assign(id=_new("unit", held["unit"]["id"])),
        "patrol_zone": zones.assign(id=_new("zone", zones["id"]), unit=_new("unit", zones["unit"])),
        "household": home.assign(id=_new("home", home["id"]), unit=_new("unit", home["unit"])),
        "sections": held["sections"].iloc[:0],
        "assignments": own.assign(
            feature=_new("home", own["feature"]),
            target=_new("zone", own["target"]),
            unit=_new("unit", own["unit"]),
        ).drop(columns="reason"),
        "household_areas": areas(),
    }


REDACTED = (
    Redacted("household", "areas", "household_areas", 10, 277, 4, 0),
    Redacted("household", "aggregate", "household_counts", 10, 277, 2, 0),
    Redacted("outpost", "generalise", "outpost_generalised", 3, 3, 3, 0),
)


def redacted_view(
    held: Mapping[str, pd.DataFrame], audience: str, *, unit: str = "", decimals: int = 3, **facts: object
) -> View:
    """Seal a view of which some tables stand for rows that are not in it."""
    said = {"revision": "0123456789abcdef", "version": "0.0-test", "synthetic": True, **facts}
    made = {name: ViewTable(name, frame) for name, frame in held.items()}
    done = tuple(one for one in REDACTED if one.table in held)
    return seal(View(audience, made, decimals, said, unit=unit, redacted=done))
