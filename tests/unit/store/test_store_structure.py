"""The structure gate: what it lets in comes back as it was, what it refuses is all named at once."""

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import store_sample

from gridmap.errors import ConfigError, StructureError
from gridmap.store import conform, empty


def test_a_conformed_frame_has_the_contracts_columns_types_and_order(spec):
    frame = conform(store_sample.homes(5).iloc[::-1], "household", spec)
    assert list(frame.columns) == ["id", *spec.kinds["household"].columns, "geometry"]
    assert list(frame["id"]) == sorted(frame["id"])
    assert list(frame.index) == [0, 1, 2, 3, 4]
    assert frame.dtypes.astype(str).to_dict() == {
        "id": "str",
        "name": "str",
        "contact": "str",
        "stronghold": "boolean",
        "persons": "Int64",
        "gacha": "str",
        "unit": "str",
        "status": "str",
        "valid_from": "datetime64[s]",
        "valid_to": "datetime64[s]",
        "geometry": "geometry",
    }


def test_the_input_is_not_changed(spec):
    frame = store_sample.homes(5).iloc[::-1]
    before = frame.copy()
    conform(frame, "household", spec)
    pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(before))


def test_an_empty_frame_is_the_empty_table(spec):
    for kind in spec.kinds:
        made = conform(empty(kind, spec), kind, spec)
        assert len(made) == 0
        assert made.dtypes.equals(empty(kind, spec).dtypes)
    assert len(conform(pd.DataFrame(), "household", spec)) == 0


def test_every_fault_is_named_in_one_error_and_no_value_is_repeated(spec):
    frame = store_sample.homes(4)
    frame["id"] = ["H1", "H1", None, ""]
    frame["persons"] = ["secret-a", 2, 3.5, 4]
    frame["name"] = ["secret-b", 5, None, "x"]
    frame["valid_from"] = pd.Timestamp("2026-01-02 03:04")
    frame["presons"] = 1
    with pytest.raises(StructureError) as caught:
        conform(frame, "household", spec)
    said = str(caught.value)
    for part in ("repeated id: H1", "id is missing in row 3, row 4", "persons is not a whole number"):
        assert part in said
    for part in ("name is not text", "valid_from is not a date", "unknown column presons", "did you mean"):
        assert part in said
    assert "secret" not in said


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("persons", True),
        ("persons", 2**63),
        ("persons", float("inf")),
        ("persons", "4"),
        ("stronghold", 1),
        ("stronghold", "true"),
        ("name", 4),
        ("name", b"x"),
        ("name", "\ud800"),
        ("valid_from", "2026-01-01"),
        ("valid_from", pd.Timestamp("2026-01-01", tz="UTC")),
    ],
)
def test_a_value_of_another_type_is_refused_not_guessed(spec, column, value):
    frame = store_sample.homes(1).astype({"persons": object, "stronghold": object, "name": object})
    frame[column] = pd.Series([value], dtype=object)
    with pytest.raises(StructureError):
        conform(frame, "household", spec)


@pytest.mark.parametrize(
    ("column", "value", "kept"),
    [
        ("persons", 4.0, 4),
        ("persons", np.int8(4), 4),
        ("persons", None, None),
        ("stronghold", np.True_, True),
        ("stronghold", pd.NA, None),
        ("name", "𠮷\u202e{{7*7}}", "𠮷\u202e{{7*7}}"),
        ("valid_from", dt.date(2026, 1, 2), pd.Timestamp("2026-01-02")),
        ("valid_from", np.datetime64("2026-01-02"), pd.Timestamp("2026-01-02")),
        ("valid_from", pd.NaT, None),
    ],
)
def test_a_value_of_the_type_is_kept(spec, column, value, kept):
    frame = store_sample.homes(1).astype({"persons": object, "stronghold": object})
    frame[column] = pd.Series([value], dtype=object)
    found = conform(frame, "household", spec)[column].iloc[0]
    assert pd.isna(found) if kept is None else found == kept


def test_another_crs_and_no_crs_are_refused(spec):
    frame = store_sample.homes(2)
    with pytest.raises(StructureError, match="EPSG:4326"):
        conform(frame.to_crs("EPSG:4326"), "household", spec)
    with pytest.raises(StructureError, match="no CRS"):
        conform(frame.set_crs(None, allow_override=True), "household", spec)
    with pytest.raises(StructureError, match="GeoDataFrame"):
        conform(pd.DataFrame(frame.drop(columns="geometry")), "household", spec)


def test_a_geometry_column_of_another_name_and_third_dimensions_are_taken(spec):
    frame = store_sample.homes(2).rename_geometry("shape")
    frame["shape"] = shapely.force_3d(frame["shape"].to_numpy(), 1200.0)
    made = conform(frame, "household", spec)
    assert made.geometry.name == "geometry"
    assert not made.has_z.any()


def test_what_the_store_holds_for_the_checks_passes(spec):
    shapes = [None, shapely.Point(), shapely.Point(np.nan, np.nan), shapely.Point(np.inf, 1)]
    shapes += [shapely.LinearRing([(0, 0), (1, 0), (1, 1)]), shapely.Polygon()]
    frame = gpd.GeoDataFrame({"id": list("abcdef")}, geometry=shapes, crs=spec.crs)
    made = conform(frame, "household", spec)
    assert made.geometry.iloc[0] is None
    assert made.geometry.iloc[2].is_empty
    assert made.geometry.iloc[4].geom_type == "LineString"


def test_a_table_without_geometry_takes_none(spec):
    frame = gpd.GeoDataFrame(store_sample.units(), geometry=[shapely.Point(0, 0)] * 2, crs=spec.crs)
    with pytest.raises(StructureError, match="geometry"):
        conform(frame, "unit", spec)


def test_a_kind_that_is_not_there_is_said_with_a_suggestion(spec):
    with pytest.raises(ConfigError, match="did you mean household"):
        conform(store_sample.homes(1), "houshold", spec)
