"""Write data/samples: a small synthetic area as files that ``gridmap import`` takes.

Run in the repository: ``python data/make_samples.py``. The same code gives the same rows; the bytes of a
GeoPackage may differ with the version of GDAL.
"""
# ruff: noqa: INP001 - a script beside its files, not a package

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio

from gridmap.sample import demo_tables

SEED = 11
HOUSEHOLDS = 120
FOLDER = Path(__file__).parent / "samples"
GEODETIC = "EPSG:4490"
DECIMALS = 8
# The columns that every kind has; the samples leave them out, as most people's files would.
LEFT_OUT = ["status", "valid_from", "valid_to"]
PACKAGES = {"border": "border_line", "admin": "admin", "patrol_zone": "zones"}
FIXED_DATE = "2026-01-01T00:00:00.000Z"


def main() -> None:
    """Write every sample file."""
    FOLDER.mkdir(exist_ok=True)
    tables = demo_tables(households=HOUSEHOLDS, seed=SEED)
    _csv(tables["unit"].drop(columns=LEFT_OUT), "units")
    _csv(_with_lonlat(tables["household"]), "households")
    _geojson(tables["outpost"], "outposts")
    _geojson(tables["landmark"], "landmarks")
    # Without this the file says when it was made, and every run differs.
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": FIXED_DATE})
    for kind, name in PACKAGES.items():
        path = FOLDER / f"{name}.gpkg"
        path.unlink(missing_ok=True)
        tables[kind].drop(columns=LEFT_OUT).to_file(path, driver="GPKG", layer=kind, SPATIAL_INDEX="NO")


def _csv(frame: pd.DataFrame, name: str) -> None:
    text = frame.to_csv(index=False, lineterminator="\n")
    (FOLDER / f"{name}.csv").write_text(text, encoding="utf-8", newline="\n")


def _with_lonlat(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    degrees = frame.geometry.to_crs(GEODETIC)
    flat = pd.DataFrame(frame.drop(columns=["geometry", *LEFT_OUT]))
    flat["stronghold"] = flat["stronghold"].map({True: "true", False: "false"})
    # The headers say what the degrees are in: a bare lon and lat would have to be told with --datum.
    return flat.assign(lon_cgcs2000=degrees.x.round(DECIMALS), lat_cgcs2000=degrees.y.round(DECIMALS))


def _geojson(frame: gpd.GeoDataFrame, name: str) -> None:
    degrees = frame.geometry.to_crs(GEODETIC)
    rows = frame.drop(columns=["geometry", *LEFT_OUT]).astype(object).where(lambda cell: cell.notna(), None)
    features = [
        {
            "type": "Feature",
            "properties": row,
            "geometry": {
                "type": "Point",
                "coordinates": [round(place.x, DECIMALS), round(place.y, DECIMALS)],
            },
        }
        for row, place in zip(rows.to_dict("records"), degrees, strict=True)
    ]
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False) for feature in features)
    text = f'{{"type": "FeatureCollection", "name": "{name}", "features": [\n{lines}\n]}}\n'
    (FOLDER / f"{name}.geojson").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
