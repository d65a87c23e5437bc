import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from drawn_area import point

from gridmap.checks import check_frame


def codes(frame, kind, spec):
    return sorted((f.code, f.id) for f in check_frame(frame, kind=kind, spec=spec))


def test_a_frame_as_the_store_reads_it_is_clean(area):
    for kind in area.rows:
        assert codes(area.frame(kind), kind, area.spec) == []


def test_a_frame_of_plain_python_values_is_clean(spec):
    frame = pd.DataFrame(
        {
            "id": ["a", "b"],
            "from_m": [0, 10],
            "to_m": [10.0, 20.0],
            "outpost": ["o", "o"],
            "valid_from": [dt.date(2024, 1, 1), None],
        },
        index=[7, 3],
        dtype=object,
    )
    assert codes(frame, "section_plan", spec) == []


def test_missing_and_unknown_columns_are_findings(area):
    frame = area.frame("household").drop(columns=["persons", "geometry"]).assign(ethnicity="x")
    found = check_frame(pd.DataFrame(frame), kind="household", spec=area.spec)
    assert [f.code for f in found] == ["column-missing", "column-missing", "column-unknown"]
    assert all(f.id is None for f in found)
    assert {"persons", "geometry", "ethnicity"} == {f.message.split()[-1].strip("'") for f in found}


def test_a_column_that_is_there_twice_is_a_finding(area):
    frame = pd.concat([area.frame("unit"), area.frame("unit")[["name"]]], axis=1)
    assert codes(frame, "unit", area.spec) == [("column-unknown", None)]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("persons", "three"),
        ("persons", 2.5),
        ("persons", True),
        ("persons", float("inf")),
        ("persons", 10**30),
        ("stronghold", "yes"),
        ("gacha", 150223102200),
        ("valid_from", "2024-01-01"),
    ],
)
def test_a_value_of_another_type_is_one_finding(area, column, value):
    frame = area.frame("household")
    frame[column] = frame[column].astype(object)
    frame.loc[1, column] = value
    assert codes(frame, "household", area.spec) == [("value-type", "h2")]


def test_numbers_of_numpy_and_whole_floats_are_integers(area):
    frame = area.frame("household")
    frame["persons"] = np.array([1.0, 2.0, 3.0])
    assert codes(frame, "household", area.spec) == []


def test_repeated_and_missing_ids_are_findings(area):
    frame = area.frame("unit")
    frame["id"] = ["ul", "ul", None]
    assert codes(frame, "unit", area.spec) == [("id-duplicate", "ul"), ("id-missing", None)]
    assert codes(frame.drop(columns="id"), "unit", area.spec) == [("column-missing", None)]


def test_a_number_for_an_id_is_of_the_wrong_type(area):
    frame = area.frame("unit").assign(id=[1, 2, 3])
    assert {code for code, _ in codes(frame, "unit", area.spec)} == {"value-type"}


def test_without_a_crs_no_position_is_judged(area):
    frame = area.frame("household")
    bare = gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=list(frame.geometry))
    assert codes(bare, "household", area.spec) == [("crs-missing", None)]
    plain = pd.DataFrame(bare).assign(geometry=list(frame.geometry))
    assert codes(plain, "household", area.spec) == [("crs-missing", None)]


def test_a_frame_in_another_crs_is_brought_to_the_working_one(area):
    assert codes(area.frame("household").to_crs("EPSG:4490"), "household", area.spec) == []


def test_a_geometry_column_may_have_any_name(area):
    assert codes(area.frame("household").rename_geometry("shape"), "household", area.spec) == []


def test_heights_are_said_and_dropped(area):
    frame = area.frame("household")
    frame.geometry = shapely.force_3d(frame.geometry.to_numpy(), 7.0)
    assert codes(frame, "household", area.spec) == [("geometry-heights", None)]


def test_what_is_no_geometry_is_of_the_wrong_type(area):
    frame = area.frame("household")
    geometry = pd.Series([point(1, 1), "POINT (1 1)", None], dtype=object)
    loose = gpd.GeoSeries([point(1, 1)] * 3, crs=area.spec.crs)
    mixed = gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=loose)
    object.__setattr__(mixed.geometry.array, "_data", geometry.to_numpy())
    found = codes(mixed, "household", area.spec)
    assert ("geometry-missing", "h3") in found


def test_codes_within_one_table_are_checked_against_each_other(area):
    area.change("admin", "150223102201", parent="150223999")
    assert codes(area.frame("admin"), "admin", area.spec) == [("reference-dangling", "150223102201")]
