"""Cut the second example area out of a public file, and invent its keepers, huts and farms.

Run in the repository: ``python data/second/make.py counties-10m.json``. That file is of the npm package
us-atlas 3.0.1 (ISC licence): cartographic boundary files of the U.S. Census Bureau, 2017 (public domain).
Kept are the 14 counties of Vermont (FIPS 50), the state as their union, and their common edge with New
Hampshire (33), vertex by vertex. Nothing else comes from anywhere: huts, farms, keepers and all their names
are invented by a seeded program. The same file gives the same places.
"""
# ruff: noqa: INP001 - a script beside its files, not a package

from __future__ import annotations

import csv
import json
import random
import sys
from pathlib import Path

import geopandas as gpd
import shapely
from shapely.ops import nearest_points

HERE = Path(__file__).parent
STATE, BEYOND = "50", "33"
WORKING = "EPSG:32145"
SEED = 50
FARMS, SHELTERS = 90, 24
FIRST_HUT_M, HUT_EVERY_M, HUT_INSIDE_M = 15_000.0, 30_000.0, 2_500.0
DECIMALS = 6
SOURCE = "U.S. Census Bureau, cartographic boundary files 2017, generalised"


def counties(path: Path) -> gpd.GeoDataFrame:
    """Return the counties of both states, in degrees as the file has them."""
    every = gpd.read_file(path, layer="counties")
    state = every["id"].str[:2]
    kept = every[state.isin([STATE, BEYOND])].assign(state=state)
    rounded = shapely.transform(kept.geometry.to_numpy(), lambda xy: xy.round(DECIMALS))
    return kept.set_geometry(gpd.GeoSeries(rounded, index=kept.index, crs="EPSG:4326")).sort_values("id")


def write_geojson(name: str, rows: list[tuple[dict, shapely.Geometry]]) -> None:
    """Write features, one a line, in RFC 7946: degrees on WGS 84, which NAD83 is within a metre or two."""
    lines = [
        json.dumps(
            {"type": "Feature", "properties": values, "geometry": json.loads(shapely.to_geojson(shape))},
            ensure_ascii=False,
        )
        for values, shape in rows
    ]
    text = '{"type": "FeatureCollection", "features": [\n' + ",\n".join(lines) + "\n]}\n"
    (HERE / name).write_text(text, encoding="utf-8", newline="\n")


def write_csv(name: str, header: list[str], rows: list[list[object]]) -> None:
    """Write a table; its mark says UTF-8, and the headers of positions what they are in."""
    with (HERE / name).open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def metres(shape: shapely.Geometry) -> shapely.Geometry:
    """Return a shape in the working CRS."""
    return gpd.GeoSeries([shape], crs="EPSG:4326").to_crs(WORKING).iloc[0]


def degrees(x: float, y: float) -> tuple[float, float]:
    """Return a place in degrees, rounded."""
    point = gpd.GeoSeries([shapely.Point(x, y)], crs=WORKING).to_crs("EPSG:4326").iloc[0]
    return round(point.x, DECIMALS), round(point.y, DECIMALS)


def huts(line: shapely.LineString, state: shapely.Polygon) -> list[tuple[float, float]]:
    """Invent a hut every 30 km along the line, some way behind it."""
    found = []
    along = FIRST_HUT_M
    while along < line.length:
        here = line.interpolate(along)
        inner = nearest_points(state.buffer(-HUT_INSIDE_M), here)[0]
        found.append((inner.x, inner.y))
        along += HUT_EVERY_M
    return found


def farms(parts: list[shapely.Polygon], dice: random.Random) -> list[tuple[int, float, float]]:
    """Invent farms: one in every county first, then anywhere; each with its county's number."""
    found = []
    while len(found) < FARMS:
        number = len(found) % len(parts)
        x0, y0, x1, y1 = parts[number].bounds
        x, y = x0 + dice.random() * (x1 - x0), y0 + dice.random() * (y1 - y0)
        if parts[number].buffer(-500).contains(shapely.Point(x, y)):
            found.append((number, x, y))
    return found


def shelters(places: list[tuple[int, float, float]]) -> set[int]:
    """Choose the farms that answer for others: each the farthest from those chosen before."""
    chosen = [0]
    while len(chosen) < SHELTERS:
        gaps = [min((x - places[c][1]) ** 2 + (y - places[c][2]) ** 2 for c in chosen) for _, x, y in places]
        chosen.append(gaps.index(max(gaps)))
    return set(chosen)


def main(path: Path) -> None:
    """Write every file of the example but gridmap.toml."""
    both = counties(path)
    own, beyond = both[both["state"] == STATE], both[both["state"] == BEYOND]
    state = shapely.coverage_union_all(own.geometry.to_numpy())
    edge = shapely.intersection(
        state.boundary, shapely.coverage_union_all(beyond.geometry.to_numpy()).boundary
    )
    line = shapely.line_merge(edge)
    admin = [({"id": STATE, "code": STATE, "name": "Vermont", "level": "state", "parent": None}, state)]
    admin += [
        ({"id": code, "code": code, "name": name, "level": "county", "parent": STATE}, shape)
        for code, name, shape in zip(own["id"], own["name"], own.geometry, strict=True)
    ]
    write_geojson("admin.geojson", admin)
    write_geojson(
        "border.geojson", [({"id": "VT-NH", "name": "Vermont / New Hampshire", "source": SOURCE}, line)]
    )
    codes, names = own["id"].tolist(), own["name"].tolist()
    zones = [
        ({"id": f"D{code[2:]}", "name": f"District {name}", "unit": f"A{number % 3 + 1}"}, shape)
        for number, (code, name, shape) in enumerate(zip(codes, names, own.geometry, strict=True))
    ]
    write_geojson("zones.geojson", zones)
    dice = random.Random(SEED)  # noqa: S311 - no secret: invented places
    posts = huts(metres(line), metres(state))
    rows = [
        [f"R{n:02d}", f"Cabane d'exemple n° {n}", f"L{(n - 1) * 3 // len(posts) + 1}", *degrees(x, y)]
        for n, (x, y) in enumerate(posts, start=1)
    ]
    write_csv("outposts.csv", ["id", "Name", "unit", "lon_wgs84", "lat_wgs84"], rows)
    homes = farms([metres(shape) for shape in own.geometry], dice)
    strong = shelters(homes)
    farm_rows: list[list[object]] = []
    for at, (number, x, y) in enumerate(homes):
        keeper = f"P{number % 2 + 1}" if at in strong else ""
        called, persons = f"Ferme fictive de l'Érable n° {at + 1}", 1 + int(dice.random() * 6)
        shelter = "yes" if at in strong else "no"
        farm_rows.append([f"F{at + 1:03d}", called, shelter, persons, codes[number], keeper, *degrees(x, y)])
    header = ["id", "Ferme", "Shelter", "Personnes", "county", "unit", "lon_wgs84", "lat_wgs84"]
    write_csv("households.csv", header, farm_rows)
    layers = {"L": ("line", "River rangers"), "A": ("area", "Forest wardens"), "P": ("point", "Mutual aid")}
    write_csv(
        "units.csv",
        ["id", "Nom", "Garde"],
        [
            [f"{key}{n}", f"{name} {n} (fictif)", layer]
            for key, (layer, name) in layers.items()
            for n in range(1, 3 if key == "P" else 4)
        ],
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
