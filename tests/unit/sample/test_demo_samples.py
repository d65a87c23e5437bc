"""The sample files: what a newcomer imports first is what the script beside them writes, and no more."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from gridmap.sample import demo_tables

DATA = Path(__file__).parents[3] / "data"
SEED, HOUSEHOLDS = 11, 120


@pytest.fixture(scope="module")
def tables():
    return demo_tables(households=HOUSEHOLDS, seed=SEED)


@pytest.mark.parametrize(
    ("name", "kind"), [("border_line", "border"), ("admin", "admin"), ("zones", "patrol_zone")]
)
def test_packages_hold_the_exact_outlines_so_that_shared_edges_stay_shared(tables, name, kind):
    stored = gpd.read_file(DATA / "samples" / f"{name}.gpkg")
    assert stored.crs.to_epsg() == 4508
    assert stored["id"].tolist() == tables[kind]["id"].tolist()
    assert shapely.equals_exact(
        stored.geometry.to_numpy(), tables[kind].geometry.to_numpy(), tolerance=0
    ).all()


def test_households_are_those_of_the_script(tables):
    text = pd.read_csv(DATA / "samples" / "households.csv", dtype=str)
    homes = tables["household"]
    assert text["id"].tolist() == homes["id"].tolist()
    assert text["name"].tolist() == homes["name"].tolist()
    assert text["gacha"].tolist() == homes["gacha"].tolist()
    degrees = homes.geometry.to_crs("EPSG:4490")
    assert (text["lon_cgcs2000"].astype(float) - degrees.x).abs().max() < 1e-8
    assert (text["lat_cgcs2000"].astype(float) - degrees.y).abs().max() < 1e-8


@pytest.mark.parametrize(("name", "kind"), [("outposts", "outpost"), ("landmarks", "landmark")])
def test_places_in_geojson_are_those_of_the_script(tables, name, kind):
    features = json.loads((DATA / "samples" / f"{name}.geojson").read_text(encoding="utf-8"))["features"]
    assert [one["properties"]["id"] for one in features] == tables[kind]["id"].tolist()
    for one, place in zip(features, tables[kind].geometry.to_crs("EPSG:4490"), strict=True):
        assert one["geometry"]["coordinates"] == pytest.approx([place.x, place.y], abs=1e-8)


def test_everything_that_comes_from_outside_says_where_from():
    sources = (DATA / "SOURCES.md").read_text(encoding="utf-8")
    for name in ("border.geojson", "admin_codes.csv", "layout.toml"):
        assert name in sources
    assert "public domain" in sources
    listed = (DATA / "README.md").read_text(encoding="utf-8")
    for path in (DATA / "samples").iterdir():
        assert path.name in listed
