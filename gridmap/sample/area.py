"""The demo area as tables: everything invented but the border line, the codes and the names of places."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import shapely

from gridmap.config import default_spec, template_text
from gridmap.sample import (
    cover,
    fords,
    ground,
    homes,
    linework,
    neighbours,
    seasonal,
    settlement,
    villages,
    water,
)
from gridmap.sample.dice import Floats, Ints
from gridmap.sample.layout import CRS, Code, codes, layout
from gridmap.sample.linework import Geoms
from gridmap.sample.tables import frame_of, points, polygons

BORDER_SOURCE = "Natural Earth 1:10m, public domain, generalised 自然地球公有领域概化线"
SOURCE = (
    "Border line: Natural Earth 1:10m (public domain, generalised). Codes and names of townships and gachas: "
    "National Bureau of Statistics of China, 2023. All else, positions and outlines among it, is invented. "
    "边境线：Natural Earth 1:10m（公有领域，概化）；区划代码与名称：国家统计局 2023；"
    "其余（含位置与界线）均为虚构示例。"
)
ORDINALS = "一二三四五六七八九"
LINE_UNITS = ("U-L1", "U-L1", "U-L1", "U-L2", "U-L2", "U-L2", "U-L3", "U-L3")
GATE_EVERY = 9
NAMED_WATERS = 14
# Classes of landmarks whose names are not numbered.
ONE_NAME = frozenset({"port", "seat", "settlement"})
CACHED_SEEDS = 2
LEAST_WIDTH = 4
SCENARIO = "blizzard"
# How many lines of the settings' template show it.
SCENARIO_LINES = 6


@dataclass(frozen=True, slots=True)
class _Area:
    lines: linework.Lines
    gachas: Geoms
    townships: Geoms
    ground: ground.Ground
    places: settlement.Settlement


def demo_settings() -> str:
    """Return the text of the demo's gridmap.toml: synthetic, with its source and its relief."""
    text = template_text(
        name_en="Darhan-like demo area (synthetic)",
        name_zh="示范边境区（合成数据）",
        crs=CRS,
        synthetic=True,
        source=SOURCE,
    )
    text = text.replace('# relief = "relief.asc"  ', 'relief = "relief.asc"    ')
    at = text.index(f"# [scenarios.{SCENARIO}]")
    # The template shows a scenario in comments; the demo has the snow that belongs to it.
    kept = [line for line in text[at:].split("\n")[:SCENARIO_LINES] if "snow_grid" not in line]
    rest = text[at:].split("\n")[SCENARIO_LINES:]
    return text[:at] + "\n".join([*(line.removeprefix("# ") for line in kept), *rest])


def demo_tables(*, households: int = 1400, seed: int = 7) -> dict[str, pd.DataFrame]:
    """Return the synthetic demo area: every kind's table, the same for a seed on every machine.

    Parameters
    ----------
    households : int
        How many, 1 or more; a million takes some seconds.
    seed : int
        Another seed is another area behind the same border and seats.

    Returns
    -------
    dict of str to DataFrame
        By kind, in EPSG:4508, ordered by id. `section_plan` is empty.

    Raises
    ------
    ValueError
        If there is to be no household.
    """
    if households < 1:
        msg = f"households must be 1 or more, not {households}"
        raise ValueError(msg)
    area = _area(seed)
    homes_table = _households(area, households, seed)
    tables = {
        "border": _border(area),
        "admin": _admin(area),
        "unit": _units(set(homes_table["unit"].dropna())),
        "outpost": _outposts(area),
        "patrol_zone": _zones(area),
        "household": homes_table,
        "track": _tracks(area),
        "landmark": _landmarks(area, seed),
        "water": _waters(seed),
        "neighbour": _neighbours(area, seed),
        "camp": _camps(area, homes_table, seed),
        "land": _land(seed),
        "snow": _snow(seed),
        "cell": frame_of("cell", {"id": []}, []),
        "section_plan": frame_of("section_plan", {"id": []}),
    }
    return {kind: tables[kind] for kind in default_spec(CRS).kinds}


@lru_cache(maxsize=CACHED_SEEDS)
def _area(seed: int) -> _Area:
    lines = linework.draw(seed)
    gachas = _union(lines.zones, [zone.gacha for zone in layout().zones], _codes("gacha"))
    townships = _union(gachas, [code.parent for code in _codes("gacha")], _codes("township"))
    raster = ground.survey(gachas, lines.border)
    return _Area(lines, gachas, townships, raster, settlement.found(layout(), raster, lines.border_xy, seed))


def _codes(level: str) -> tuple[Code, ...]:
    return tuple(code for code in codes() if code.level == level)


def _union(parts: Geoms, owner: list[Any], wholes: tuple[Code, ...]) -> Geoms:
    """Return for each whole the union of its parts, with every vertex kept."""
    owners = np.array(owner, dtype=object)
    joined = [shapely.coverage_union_all(parts[owners == whole.code]) for whole in wholes]
    return np.asarray(shapely.normalize(np.array(joined, dtype=object)))


def _short(name: str) -> str:
    """Return what a gacha is called in short: 巴音嘎查村 is 巴音."""
    return name.removesuffix("村").removesuffix("嘎查")


def _border(area: _Area) -> pd.DataFrame:
    owner = ["150223108", "150223102", "150223214"]
    names = {code.code: code.name for code in _codes("township")}
    columns = {
        "id": ["B1", "B2", "B3"],
        "name": [f"边境线·{names[code]}段（示意）" for code in owner],
        "source": [BORDER_SOURCE] * len(owner),
    }
    return frame_of("border", columns, area.lines.border)


def _admin(area: _Area) -> pd.DataFrame:
    every = [*_codes("township"), *_codes("gacha")]
    columns = {
        "id": [code.code for code in every],
        "code": [code.code for code in every],
        "name": [code.name for code in every],
        "level": [code.level for code in every],
        "parent": [code.parent for code in every],
    }
    return frame_of("admin", columns, np.concatenate([area.townships, area.gachas]))


def _units(stations: set[str]) -> pd.DataFrame:
    """Return the units; a demo of a few households leaves out stations that keep none of them."""
    seats = [code.name for code in _codes("township")]
    names = {f"U-L{n}": f"示例边管{ORDINALS[n - 1]}队" for n in (1, 2, 3)}
    names |= {f"U-A{n}": f"示例派出所·{seat}" for n, seat in enumerate(seats, start=1)}
    names |= {f"U-P{n}": f"示例牧区服务站·{seat}" for n, seat in enumerate(seats, start=1)}
    layers = {"L": "line", "A": "area", "P": "point"}
    columns = {
        "id": list(names),
        "name": list(names.values()),
        "layer": [layers[key[2]] for key in names],
        "contact": [f"值班电话 000-{number:04d}（示例）" for number in range(1, len(names) + 1)],
    }
    units = frame_of("unit", columns)
    return units[(units["layer"] != "point") | units["id"].isin(stations)].reset_index(drop=True)


def _outposts(area: _Area) -> pd.DataFrame:
    places = area.places
    seats = [code.name for code in _codes("township")]
    names = [f"示例哨所{number}" for number in range(1, len(places.line_posts) + 1)]
    names += [f"示例警务站·{seat}" for seat in seats] + [f"示例警务点·{seat}" for seat in seats]
    area_units = ["U-A1", "U-A2", "U-A3"]
    columns = {
        "id": [f"O{number:02d}" for number in range(1, len(names) + 1)],
        "name": names,
        "unit": [*LINE_UNITS, *area_units, *area_units],
    }
    return frame_of(
        "outpost",
        columns,
        points(np.concatenate([places.line_posts, places.seat_posts, places.field_posts])),
    )


def _zones(area: _Area) -> pd.DataFrame:
    plan = layout().zones
    short = {code.code: _short(code.name) for code in _codes("gacha")}
    unit = {code.code: f"U-A{number}" for number, code in enumerate(_codes("township"), start=1)}
    names = []
    for position, zone in enumerate(plan):
        same = [other for other, one in enumerate(plan) if one.gacha == zone.gacha]
        ordinal = f"第{ORDINALS[same.index(position)]}" if len(same) > 1 else ""
        names.append(f"{short[zone.gacha]}{ordinal}网格")
    columns = {
        "id": [f"Z{number:02d}" for number in range(1, len(plan) + 1)],
        "name": names,
        "unit": [unit[zone.gacha[:9]] for zone in plan],
    }
    return frame_of("patrol_zone", columns, shapely.normalize(area.lines.zones))


def _households(area: _Area, count: int, seed: int) -> pd.DataFrame:
    made = homes.settle(count, seed=seed, ground=area.ground, places=area.places.homes)
    made = made.sort_values(["gacha", "x", "y"], ignore_index=True)
    gachas = np.array([code.code for code in _codes("gacha")], dtype=object)
    parents = [code.code for code in _codes("township")]
    station = np.array(
        [f"U-P{parents.index(str(code.parent)) + 1}" for code in _codes("gacha")], dtype=object
    )
    stronghold = made["stronghold"].to_numpy()
    width = max(LEAST_WIDTH, len(str(count)))
    at: Ints = made["gacha"].to_numpy()
    unit = station[at]
    unit[~stronghold] = None
    columns = {
        "id": [f"H{number:0{width}d}" for number in range(1, count + 1)],
        "name": made["name"],
        "contact": made["contact"],
        "stronghold": stronghold,
        "persons": made["persons"],
        "gacha": gachas[at],
        "unit": unit,
    }
    return frame_of("household", columns, points(made[["x", "y"]].to_numpy()))


def _tracks(area: _Area) -> pd.DataFrame:
    ways = area.places.ways
    roads = iter(range(1, len(ways) + 1))
    columns = {
        "id": [f"T{number:03d}" for number in range(1, len(ways) + 1)],
        "name": [f"示例公路{next(roads)}段" if name == "road" else None for name, _ in ways],
        "class": [name for name, _ in ways],
    }
    lines = np.array([shapely.LineString(xy) for _, xy in ways], dtype=object)
    return frame_of("track", columns, lines)


def _landmarks(area: _Area, seed: int) -> pd.DataFrame:
    places = area.places
    seats = [code.name for code in _codes("township")]
    tracks = [xy for name, xy in places.ways if name == "track"]
    gates = np.array([xy[len(xy) // 2] for xy in tracks[::GATE_EVERY]])
    taken = np.concatenate([places.wells, places.hills, gates, places.field_posts, places.line_posts])
    gachas, settled = villages.villages(area.ground, places.ways, places.seats, taken)
    called = [f"{_short(code.name)}（示例）" for code in _codes("gacha")]
    groups: list[tuple[str, str, str, Floats]] = [
        ("M", "marker", "示例界标", area.lines.markers),
        ("W", "well", "示例水井", places.wells),
        ("G", "gate", "示例围栏门", gates),
        ("K", "other", "示例敖包", places.hills),
        ("E", "port", "示例口岸", places.port[None, :]),
        ("S", "seat", "", places.seats),
        ("F", "ford", "示例渡口", fords.fords(water.reaches(seed), places.ways, area.ground)),
    ]
    rows = [
        (f"{letter}{number:02d}", kind, name or seats[number - 1], number)
        for letter, kind, name, xy in groups
        for number in range(1, len(xy) + 1)
    ]
    rows += [
        (f"V{number:02d}", "settlement", called[gacha], 0) for number, gacha in enumerate(gachas, start=1)
    ]
    surveyed = iter(linework.surveyed(area.lines))
    numbers = [f"示{number:03d}" if kind == "marker" else None for _, kind, _, number in rows]
    columns = {
        "id": [row[0] for row in rows],
        "name": [name if kind in ONE_NAME else f"{name}{number}" for _, kind, name, number in rows],
        "class": [row[1] for row in rows],
        "number": numbers,
        "surveyed_m": [next(surveyed) if kind == "marker" else None for _, kind, _, _ in rows],
    }
    return frame_of("landmark", columns, points(np.concatenate([*(xy for *_, xy in groups), settled])))


def _waters(seed: int) -> pd.DataFrame:
    found = water.reaches(seed)
    columns = {
        "id": [f"R{number:03d}" for number in range(1, len(found) + 1)],
        "name": [f"示例季节河{one.water + 1}" if one.water < NAMED_WATERS else None for one in found],
        "class": [one.name for one in found],
    }
    return frame_of("water", columns, np.array([shapely.LineString(one.line) for one in found], dtype=object))


def _neighbours(area: _Area, seed: int) -> pd.DataFrame:
    found = neighbours.around(area.ground.outline, area.lines.border_xy, seed)
    columns = {
        "id": [f"N{number}" for number in range(1, len(found) + 1)],
        "name": [one.name for one in found],
        "class": [one.kind for one in found],
    }
    return frame_of("neighbour", columns, polygons([one.ring for one in found]))


def _camps(area: _Area, table: pd.DataFrame, seed: int) -> pd.DataFrame:
    held = shapely.get_coordinates(table["geometry"].to_numpy())
    made = seasonal.camps(held, table["stronghold"].to_numpy(dtype=bool), area.ground, seed)
    ids = table["id"].to_numpy(dtype=object)
    columns = {
        "id": [f"{ids[home]}-{one.season}" for one in made for home in one.home],
        "household": [ids[home] for one in made for home in one.home],
        "season": [one.season for one in made for _ in one.home],
        "months": [one.months for one in made for _ in one.home],
    }
    return frame_of("camp", columns, points(np.concatenate([one.xy for one in made])))


def _land(seed: int) -> pd.DataFrame:
    found = cover.land(seed)
    columns = {
        "id": [f"D{number}" for number in range(1, len(found) + 1)],
        "name": [one.name for one in found],
        "class": [one.kind for one in found],
    }
    return frame_of("land", columns, polygons([one.ring for one in found]))


def _snow(seed: int) -> pd.DataFrame:
    found = cover.snow(seed)
    columns = {
        "id": [f"X{number}" for number in range(1, len(found) + 1)],
        "scenario": [SCENARIO] * len(found),
        "depth_cm": [one.depth_cm for one in found],
    }
    return frame_of("snow", columns, polygons([one.ring for one in found]))
