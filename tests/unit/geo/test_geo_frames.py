"""Findings as a frame, and points as arrays."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from gridmap import geo
from gridmap.model import Finding, Findings

CODE = "EPSG:4508"


def test_findings_become_rows_with_their_place():
    findings = Findings.of(
        [
            Finding(
                "b",
                "warning",
                "household",
                "H1",
                "m",
                "f",
                related=("H2", "H3"),
                geometry=shapely.Point(1, 2),
            ),
            Finding("a", "error", "patrol_zone", None, "m", "f", size=12.5),
        ]
    )
    frame = geo.findings_frame(findings, CODE)
    assert frame["code"].tolist() == ["a", "b"]
    assert frame["id"].isna().tolist() == [True, False]
    assert frame["related"].tolist() == ["", "H2 H3"]
    assert frame["size"].iloc[0] == 12.5
    assert frame.geometry.iloc[1].equals(shapely.Point(1, 2))
    assert frame.crs == CRS(CODE)
    assert frame.columns[-1] == "geometry"


def test_no_findings_is_a_frame_with_the_same_columns():
    frame = geo.findings_frame(Findings(), CODE)
    assert len(frame) == 0
    assert frame.crs == CRS(CODE)
    assert {"code", "level", "table", "id", "related", "message", "fix", "size", "geometry"} == set(
        frame.columns
    )


def test_a_row_without_a_point_has_no_position_and_spoils_no_other():
    series = gpd.GeoSeries([shapely.Point(1, 2), None, shapely.Point(), shapely.box(0, 0, 1, 1)], crs=CODE)
    found = geo.point_xy(series)
    assert found[0].tolist() == [1.0, 2.0]
    assert np.isnan(found[1:]).all()


def test_the_position_of_a_point_is_what_is_written_number_or_not():
    series = np.array(
        [
            shapely.Point(1, 2, 3),
            shapely.Point(np.nan, 5),
            shapely.Point(np.inf, -np.inf),
            shapely.MultiPoint([(1, 2)]),
            shapely.LineString([(1, 2), (3, 4)]),
            None,
        ],
        dtype=object,
    )
    expected = [[1, 2], [np.nan, 5], [np.inf, -np.inf], *[[np.nan, np.nan]] * 3]
    assert np.array_equal(geo.xy_of(series), expected, equal_nan=True)
    with_empty = np.array([*series, shapely.Point(), shapely.Polygon(), shapely.Point(7, 8)], dtype=object)
    expected += [[np.nan, np.nan], [np.nan, np.nan], [7, 8]]
    assert np.array_equal(geo.xy_of(with_empty), expected, equal_nan=True)
    assert geo.xy_of(series[:0]).shape == (0, 2)
