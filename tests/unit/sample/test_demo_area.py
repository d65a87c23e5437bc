"""The demo area: what a newcomer sees first must hold together and must not pass for the real thing."""

from __future__ import annotations

import hashlib
import tomllib

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS, Geod
from scipy.spatial import cKDTree

from gridmap.config import default_spec, parse_spec
from gridmap.sample import demo_settings, demo_tables
from gridmap.sample.area import BORDER_SOURCE
from gridmap.sample.homes import REACH_M, stronghold_count

GEOD = Geod(ellps="GRS80")


@pytest.fixture(scope="module")
def tables():
    return demo_tables()


def level(tables, name):
    admin = tables["admin"]
    return admin[admin["level"] == name]


def xy_of(frame):
    return shapely.get_coordinates(frame.geometry.to_numpy())


def fingerprint(tables):
    digest = hashlib.blake2b()
    for kind, frame in tables.items():
        flat = frame.drop(columns="geometry", errors="ignore")
        digest.update(kind.encode() + flat.to_csv(lineterminator="\n").encode())
        if "geometry" in frame:
            digest.update(b"".join(shapely.to_wkb(frame.geometry.to_numpy(), byte_order=1)))
    return digest.hexdigest()


def test_every_table_has_the_shape_that_the_store_and_the_rules_expect(tables):
    spec = default_spec("EPSG:4508")
    dtypes = {
        "text": "str",
        "integer": "Int64",
        "real": "float64",
        "boolean": "boolean",
        "date": "datetime64[s]",
    }
    assert list(tables) == list(spec.kinds)
    for kind, one in spec.kinds.items():
        frame = tables[kind]
        geometry = ["geometry"] if one.spatial else []
        assert list(frame.columns) == ["id", *one.columns, *geometry], kind
        assert list(frame["id"]) == sorted(set(frame["id"])), kind
        assert frame.index.equals(type(frame.index)(range(len(frame)))), kind
        for name, column in one.columns.items():
            assert str(frame[name].dtype) == dtypes[column.type], (kind, name)
            if column.required:
                assert frame[name].notna().all(), (kind, name)
        if one.spatial:
            assert frame.crs == CRS("EPSG:4508"), kind
            assert frame.geometry.is_valid.all(), kind
            assert not frame.geometry.has_z.any(), kind


def test_the_demo_has_the_numbers_that_the_readme_promises(tables):
    counts = {kind: len(frame) for kind, frame in tables.items()}
    assert counts["household"] == 1400
    assert tables["household"]["stronghold"].sum() == 40
    assert counts["unit"] == 9
    assert counts["outpost"] == 14
    assert 12 <= counts["patrol_zone"] <= 20
    assert counts["section_plan"] == 0
    classes = {"marker", "port", "well", "gate", "seat", "settlement", "ford", "other"}
    assert set(tables["landmark"]["class"]) == classes
    assert set(tables["water"]["class"]) == {"river", "stream"}
    assert counts["neighbour"] == 4
    assert set(tables["track"]["class"]) == {"road", "gravel", "track"}


def test_official_codes_are_those_of_the_code_list(tables):
    towns = level(tables, "township").set_index("code")["name"]
    assert towns.to_dict() == {
        "150223102": "满都拉镇",
        "150223108": "巴音花镇",
        "150223214": "查干哈达苏木",
    }
    gachas = level(tables, "gacha")
    assert gachas["parent"].value_counts().to_dict() == {"150223108": 6, "150223214": 4, "150223102": 2}
    assert (gachas["code"].str[:9] == gachas["parent"]).all()


def test_townships_gachas_and_zones_tile_the_same_area_without_gap_or_overlap(tables):
    towns, gachas = level(tables, "township"), level(tables, "gacha")
    whole = shapely.union_all(towns.geometry.to_numpy())
    assert whole.geom_type == "Polygon"
    assert not whole.interiors
    for frame in (towns, gachas, tables["patrol_zone"]):
        polygons = frame.geometry.to_numpy()
        assert shapely.coverage_is_valid(polygons)
        assert shapely.equals(shapely.normalize(shapely.union_all(polygons)), shapely.normalize(whole))
        assert abs(shapely.area(polygons).sum() / whole.area - 1) < 1e-12
    homes = dict(zip(towns["code"], towns.geometry, strict=True))
    for code, polygon in zip(gachas["code"], gachas.geometry, strict=True):
        assert homes[code[:9]].covers(polygon)


def test_every_zone_lies_in_the_township_whose_unit_keeps_it(tables):
    towns = level(tables, "township")
    units = dict(zip(["U-A1", "U-A2", "U-A3"], towns.geometry, strict=True))
    for unit, zone in zip(tables["patrol_zone"]["unit"], tables["patrol_zone"].geometry, strict=True):
        assert units[unit].covers(zone)


def test_the_border_is_one_line_and_is_the_area_s_own_northern_edge(tables):
    border = tables["border"]
    line = shapely.line_merge(shapely.union_all(border.geometry.to_numpy()))
    assert line.geom_type == "LineString"
    assert line.coords[0][0] < line.coords[-1][0]
    whole = shapely.union_all(level(tables, "township").geometry.to_numpy())
    assert whole.boundary.covers(line)
    degrees = border.geometry.to_crs("EPSG:4490")
    assert sum(GEOD.geometry_length(part) for part in degrees) == pytest.approx(86_685, abs=5)
    assert set(border["source"]) == {BORDER_SOURCE}
    # Each part is kept by one township, in the quoted proportions.
    shares = shapely.length(border.geometry.to_numpy()) / line.length
    assert shares == pytest.approx([26.9 / 88.6, 53.13 / 88.6, 8.57 / 88.6], abs=0.002)
    by_code = level(tables, "township").set_index("code").geometry
    for code, part in zip(["150223108", "150223102", "150223214"], border.geometry, strict=True):
        assert by_code[code].boundary.covers(part)


def test_markers_stand_on_the_line_so_that_planners_find_places_along_it(tables):
    landmarks = tables["landmark"]
    markers = landmarks[landmarks["class"] == "marker"]
    line = shapely.union_all(tables["border"].geometry.to_numpy())
    assert shapely.distance(markers.geometry.to_numpy(), line).max() == 0
    assert markers["number"].is_unique
    assert markers["number"].str.startswith("示").all()
    assert landmarks.loc[landmarks["class"] != "marker", "number"].isna().all()


def test_line_outposts_leave_no_stretch_of_border_without_a_keeper(tables):
    units = tables["unit"].set_index("id")["layer"]
    outposts = tables["outpost"]
    line = shapely.line_merge(shapely.union_all(tables["border"].geometry.to_numpy()))
    keepers = outposts[outposts["unit"].map(units) == "line"]
    assert len(keepers) == 8
    assert shapely.distance(keepers.geometry.to_numpy(), line).max() < 3_000
    at = np.sort(shapely.line_locate_point(line, keepers.geometry.to_numpy()))
    assert max(at[0], line.length - at[-1], np.diff(at).max() / 2) < 20_000


def test_references_lead_somewhere(tables):
    units = set(tables["unit"]["id"])
    assert set(tables["outpost"]["unit"]) <= units
    assert set(tables["patrol_zone"]["unit"]) <= units
    homes = tables["household"]
    strongholds = homes[homes["stronghold"]]
    assert set(strongholds["unit"]) <= units
    assert homes.loc[~homes["stronghold"], "unit"].isna().all()
    polygons = level(tables, "gacha").set_index("code").geometry
    assert shapely.contains_properly(
        polygons.reindex(homes["gacha"]).to_numpy(), homes.geometry.to_numpy()
    ).all()


def test_a_demo_cannot_be_taken_for_real_people_or_posts(tables):
    homes = tables["household"]
    assert homes["name"].str.startswith("示例").all()
    assert homes["contact"].str.startswith("000-").all()
    assert tables["unit"]["name"].str.contains("示例").all()
    assert tables["unit"]["contact"].str.contains("000-").all()
    assert tables["outpost"]["name"].str.contains("示例").all()
    invented = ~tables["landmark"]["class"].isin(["seat"])
    assert tables["landmark"].loc[invented, "name"].str.contains("示例").all()
    settings = tomllib.loads(demo_settings())
    assert settings["synthetic"] is True
    assert "public domain" in settings["source"]


def test_settings_hold_together_and_name_the_relief():
    spec = parse_spec(demo_settings(), where="the demo's settings")
    assert spec.relief == "relief.asc"
    assert spec.crs == "EPSG:4508"


def test_homes_lie_thinly_and_unevenly_and_off_the_border_strip(tables):
    homes = xy_of(tables["household"])
    line = shapely.union_all(tables["border"].geometry.to_numpy())
    assert shapely.distance(shapely.points(homes), line).min() > 1_500
    gaps = cKDTree(homes).query(homes, k=2)[0][:, 1]
    assert gaps.min() > 200
    # Evenly strewn places would have a coefficient of variation of counts per cell near 0.4.
    cells = np.unique(np.floor(homes / 5_000), axis=0, return_counts=True)[1]
    assert cells.std() / cells.mean() > 0.6


@pytest.mark.parametrize("households", [1, 2, 5, 10, 39, 40, 41, 50, 200, 3_000])
def test_a_demo_of_any_size_has_no_orphan_and_no_two_homes_on_one_spot(households):
    homes = demo_tables(households=households)["household"]
    assert len(homes) == households
    assert homes["name"].is_unique
    assert homes["contact"].is_unique
    assert homes["persons"].between(1, 7).all()
    xy, stronghold = xy_of(homes), homes["stronghold"].to_numpy(dtype=bool)
    assert stronghold.sum() == stronghold_count(households) >= 1
    assert len(np.unique(xy, axis=0)) == households
    assert cKDTree(xy[stronghold]).query(xy)[0].max() < REACH_M + 500


def test_a_demo_of_few_households_has_no_unit_that_keeps_nothing():
    tables = demo_tables(households=1)
    kept = {*tables["outpost"]["unit"], *tables["patrol_zone"]["unit"], *tables["household"]["unit"]}
    assert set(tables["unit"]["id"]) == kept


def test_ids_keep_their_order_when_there_are_many():
    homes = demo_tables(households=12_345)["household"]
    assert homes["id"].iloc[[0, -1]].tolist() == ["H00001", "H12345"]
    assert homes["id"].is_monotonic_increasing


def test_strongholds_are_forty_in_the_usual_demo_and_grow_slowly_beyond():
    counts = [stronghold_count(size) for size in (1, 4, 10, 200, 1_400, 100_000, 1_000_000)]
    assert counts == [1, 1, 2, 40, 40, 338, 1_069]


def test_no_household_at_all_is_a_mistake():
    with pytest.raises(ValueError, match="1 or more"):
        demo_tables(households=0)


def test_the_same_seed_gives_the_same_area_and_another_seed_another():
    again = fingerprint(demo_tables(households=60, seed=3))
    assert again == fingerprint(demo_tables(households=60, seed=3))
    assert again != fingerprint(demo_tables(households=60, seed=4))


def test_the_demo_is_the_same_on_every_machine():
    # Recorded once: it changes when the demo is redrawn on purpose, or where arithmetic differs.
    assert fingerprint(demo_tables(households=200, seed=7))[:16] == "e8365f8c89c2546e"


def test_more_households_leave_the_rest_of_the_area_as_it_was():
    small, large = demo_tables(households=20), demo_tables(households=400)
    for kind in ("household", "unit", "camp"):
        small.pop(kind)
        large.pop(kind)
    assert fingerprint(small) == fingerprint(large)


def test_frames_handed_out_do_not_share_state():
    changed = demo_tables(households=10)
    changed["border"].loc[0, "name"] = "x"
    assert demo_tables(households=10)["border"].loc[0, "name"] != "x"
    assert isinstance(changed["border"], gpd.GeoDataFrame)
