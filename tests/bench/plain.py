"""The plain geopandas and folium way, written as a good analyst would: what gridmap is measured against.

Run in a process of its own: ``python -m tests.bench.plain assign STORE OUT`` ``... map STORE RESULT OUT``
or ``... import FILE OUT``. It reads the same GeoPackage, and leaves out what gridmap adds: checks, ties,
the proof, reasons, one metric, all-or-nothing writing.
"""

from __future__ import annotations

import itertools
import json
import sys
import time
from pathlib import Path

import folium
import geopandas as gpd
import shapely
from shapely.ops import substring

BELT_M = 20_000
REACH_M = 15_000
# If all places would take longer than this along the border (a line of many vertices: there is no index on
# it), only a sample is measured and the rest is reckoned from it.
PATIENCE_S = 60.0
CHAINAGE_SAMPLE = 10_000


def read(store: Path, table: str) -> gpd.GeoDataFrame:
    return gpd.read_file(store, layer=table)


def chainage(homes: gpd.GeoDataFrame, line: shapely.LineString) -> dict[str, float]:
    """Add chainage and distance to the border; return how long it took, and how long all would take."""
    took, cpu = _chainage(homes, line, CHAINAGE_SAMPLE)
    times = max(len(homes) / CHAINAGE_SAMPLE, 1)
    if took * times > PATIENCE_S:
        return _times((took, took * times), (cpu, cpu * times))
    again, cpu_again = _chainage(homes, line, len(homes))
    # The sample's time is not the plain way's: an analyst would make one call.
    return _times((took + again, again), (cpu + cpu_again, cpu_again))


def _times(wall: tuple[float, float], cpu: tuple[float, float]) -> dict[str, float]:
    """Return what was measured here, and what the whole takes: wall and CPU seconds."""
    return {"measured_s": wall[0], "whole_s": wall[1], "measured_cpu_s": cpu[0], "whole_cpu_s": cpu[1]}


def _chainage(homes: gpd.GeoDataFrame, line: shapely.LineString, rows: int) -> tuple[float, float]:
    start, busy = time.perf_counter(), time.process_time()
    some = homes.geometry.iloc[:rows]
    homes.loc[some.index, "chainage_m"] = shapely.line_locate_point(line, some.to_numpy())
    homes.loc[some.index, "border_m"] = some.distance(line)
    return time.perf_counter() - start, time.process_time() - busy


def assign(store: Path, out: Path) -> dict[str, float]:
    homes = read(store, "household")
    zones = read(store, "patrol_zone")[["id", "unit", "geometry"]]
    outposts = read(store, "outpost")[["id", "unit", "geometry"]]
    border = shapely.line_merge(read(store, "border").union_all())

    named_zones = zones.rename(columns={"id": "zone", "unit": "zone_unit"})
    homes = homes.sjoin(named_zones, how="left", predicate="within").drop(columns="index_right")
    strongholds = homes.loc[homes["stronghold"].astype(bool), ["id", "geometry"]]
    homes = homes.sjoin_nearest(
        strongholds.rename(columns={"id": "nearest"}), how="left", max_distance=REACH_M, distance_col="metres"
    ).drop(columns="index_right")
    homes = homes.drop_duplicates("id").reset_index(drop=True)
    times = chainage(homes, border)
    homes["in_belt"] = homes["border_m"] <= BELT_M

    outposts["chainage_m"] = shapely.line_locate_point(border, outposts.geometry.to_numpy())
    outposts["border_m"] = outposts.distance(border)
    line = outposts[outposts["border_m"] <= BELT_M].sort_values("chainage_m")
    at = line["chainage_m"].to_numpy()
    cuts = [0.0, *((at[:-1] + at[1:]) / 2), border.length]
    parts = [substring(border, a, b) for a, b in itertools.pairwise(cuts)]
    sections = gpd.GeoDataFrame(
        {"outpost": line["id"].to_numpy(), "from_m": cuts[:-1], "to_m": cuts[1:]},
        geometry=parts,
        crs=homes.crs,
    )

    homes.to_file(out, layer="household", driver="GPKG")
    sections.to_file(out, layer="sections", driver="GPKG")
    return times


def draw(store: Path, result: Path, out: Path) -> dict[str, float]:
    homes = read(result, "household")[["id", "zone", "nearest", "metres", "stronghold", "geometry"]]
    layers = {
        "zones": read(store, "patrol_zone")[["id", "name", "unit", "geometry"]],
        "admin": read(store, "admin")[["id", "name", "geometry"]],
        "tracks": read(store, "track")[["id", "name", "geometry"]],
        "sections": read(result, "sections"),
        "outposts": read(store, "outpost")[["id", "name", "unit", "geometry"]],
        "landmarks": read(store, "landmark")[["id", "name", "class", "geometry"]],
        "households": homes,
    }
    page = folium.Map(prefer_canvas=True, tiles=None)
    for name, frame in layers.items():
        fields = [column for column in frame.columns if column != "geometry"]
        folium.GeoJson(
            frame.to_crs(4326),
            name=name,
            marker=folium.CircleMarker(radius=3),
            tooltip=folium.GeoJsonTooltip(fields),
        ).add_to(page)
    folium.LayerControl().add_to(page)
    west, south, east, north = homes.to_crs(4326).total_bounds
    page.fit_bounds([[south, west], [north, east]])
    page.save(out)
    return {}


def take_in(file: Path, out: Path) -> dict[str, float]:
    """Read a file of households and write it again: no check, no mapping, no transaction."""
    if file.suffix == ".csv":
        points = {"X_POSSIBLE_NAMES": "lon*", "Y_POSSIBLE_NAMES": "lat*", "KEEP_GEOM_COLUMNS": "NO"}
        homes = gpd.read_file(file, **points).set_crs(4326)
    else:
        homes = gpd.read_file(file)
    homes.to_crs(4508).to_file(out, layer="household", driver="GPKG")
    return {}


if __name__ == "__main__":
    task, *names = sys.argv[1:]
    said = {"assign": assign, "map": draw, "import": take_in}[task](*(Path(name) for name in names))
    sys.stdout.write(json.dumps(said) + "\n")
