"""Turn frames into pages, gridmap's way and folium's: ``python -m tests.bench.pages WAY FRAME OUT``.

Run in a process of its own. Both start from the same GeoDataFrame in memory and end with HTML in memory; a
page of twenty rows is made before, so that imports and first uses are paid on both sides and counted on none.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.config.load import default_spec
from gridmap.model import View, ViewTable
from gridmap.model.view import seal
from gridmap.render import compose
from gridmap.render.backends.folium import to_html

WARM = 20
HEXAGONS = (120, 150)
UNITS = 6


def ours(kind: str, frame: gpd.GeoDataFrame) -> str:
    view = seal(View("planner", {kind: ViewTable(kind, frame)}, 5, {}))
    return to_html(compose(view, default_spec()))


def theirs(_kind: str, frame: gpd.GeoDataFrame) -> str:
    """Draw as a good analyst would: one layer, a canvas, circles for markers, fields in tooltips."""
    page = folium.Map(prefer_canvas=True, tiles=None)
    fields = [column for column in frame.columns if column != "geometry"]
    folium.GeoJson(frame, marker=folium.CircleMarker(radius=3), tooltip=folium.GeoJsonTooltip(fields)).add_to(
        page
    )
    west, south, east, north = frame.total_bounds
    page.fit_bounds([[south, west], [north, east]])
    return str(page.get_root().render())


def cells() -> gpd.GeoDataFrame:
    """Return 18,000 hexagons that share their edges, in six units."""
    columns, rows = (part.ravel() for part in np.meshgrid(*map(np.arange, HEXAGONS)))
    turns = np.radians(np.arange(6) * 60)
    corners = np.column_stack([np.cos(turns), np.sin(turns)])
    middles = np.column_stack([columns * 1.5, (rows + columns % 2 / 2) * np.sqrt(3)])
    xy = [109.6, 41.9] + (middles[:, None, :] + corners) * [0.0078, 0.0035]
    count = len(columns)
    return gpd.GeoDataFrame(
        {
            "id": pd.Series([f"Z{at:05d}" for at in range(count)], dtype="str"),
            "name": pd.Series([f"网格 {at % 977}" for at in range(count)], dtype="str"),
            "unit": pd.Series([f"U{unit}" for unit in (columns // 20 + rows // 50 * 6) % UNITS], dtype="str"),
        },
        geometry=shapely.polygons(np.round(xy, 5)),
        crs=4490,
    )


def main() -> None:
    way, kind, source, out = sys.argv[1:]
    make: Callable[[str, gpd.GeoDataFrame], str] = {"ours": ours, "theirs": theirs}[way]
    frame = cells() if source == "cells" else pd.read_pickle(source)  # noqa: S301 - written by this bench
    make(kind, frame.iloc[:WARM].reset_index(drop=True))
    start = time.process_time()
    page = make(kind, frame)
    took = time.process_time() - start
    Path(out).write_text(page, encoding="utf-8", newline="\n")
    sys.stdout.write(json.dumps({"cpu_s": took, "bytes": len(page.encode("utf-8"))}) + "\n")


if __name__ == "__main__":
    main()
