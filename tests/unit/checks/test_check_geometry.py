import numpy as np
import pytest
import shapely
from drawn_area import X, Y, at, box, line, point

from gridmap.checks import check_frame
from gridmap.config import default_spec


@pytest.mark.parametrize(
    ("code", "kind", "name", "geometry"),
    [
        ("geometry-missing", "household", "h2", None),
        ("geometry-empty", "household", "h2", shapely.Point()),
        ("geometry-empty", "track", "t1", shapely.LineString()),
        ("geometry-wrong-type", "household", "h2", line((1, 1), (2, 2))),
        ("geometry-wrong-type", "household", "h2", shapely.MultiPoint([at(1, 1)])),
        ("geometry-wrong-type", "track", "t1", point(1, 1)),
        ("geometry-wrong-type", "patrol_zone", "z1", shapely.GeometryCollection([box(0, 0, 20, 20)])),
        ("geometry-not-finite", "household", "h2", shapely.Point(float("inf"), Y)),
        ("geometry-not-finite", "household", "h2", shapely.Point(float("nan"), Y)),
        ("geometry-not-finite", "track", "t1", shapely.LineString([(X, Y), (X, float("-inf"))])),
        ("geometry-invalid", "patrol_zone", "z1", shapely.Polygon([at(0, 0), at(2, 2), at(2, 0), at(0, 2)])),
        ("line-zero-length", "track", "t1", line((1, 1), (1, 1))),
        ("polygon-tiny", "patrol_zone", "z1", box(1, 1, 1.0005, 1.0005)),
        ("polygon-tiny", "patrol_zone", "z1", box(1, 1, 9, 1.000005)),
        ("vertices-repeated", "track", "t1", line((1, 1), (1, 1), (2, 2))),
        ("coordinates-degrees", "household", "h2", shapely.Point(110.1, 42.2)),
        ("coordinates-degrees", "household", "h2", shapely.Point(42.2, 110.1)),
        ("coordinates-swapped", "household", "h2", shapely.Point(at(6, 11)[1], at(6, 11)[0])),
        ("coordinates-zone-prefix", "household", "h2", shapely.Point(at(6, 11)[0] + 19e6, at(6, 11)[1])),
        ("coordinates-outside-crs", "household", "h2", shapely.Point(X, 9_900_000)),
        ("coordinates-outside-crs", "household", "h2", shapely.Point(1e300, -1e300)),
    ],
)
def test_a_faulty_geometry_is_found_once(area, code, kind, name, geometry):
    area.change(kind, name, geometry=geometry)
    assert area.found() == [(code, kind, name)]
    assert [(f.code, f.id) for f in check_frame(area.frame(kind), kind=kind, spec=area.spec)] == [
        (code, name)
    ]


def test_an_invalid_geometry_says_why_and_where(area):
    area.change("patrol_zone", "z1", geometry=shapely.Polygon([at(0, 0), at(2, 2), at(2, 0), at(0, 2)]))
    (finding,) = area.findings()
    assert finding.message == "Self-intersection"
    assert finding.geometry.equals(point(1, 1))


def test_a_mistaken_position_is_shown_where_it_is_meant(area):
    x, y = at(6, 11)
    for wrong in (shapely.Point(y, x), shapely.Point(x + 19e6, y)):
        area.change("household", "h2", geometry=wrong)
        (finding,) = area.findings()
        assert finding.geometry.distance(shapely.Point(x, y)) < 1e-6


def test_swapped_coordinates_that_the_crs_could_hold_are_known_by_the_jurisdiction(area):
    # In UTM near the equator eastings and northings look alike, and a local grid may start at zero.
    area.spec = default_spec("EPSG:32648")
    for rows in area.rows.values():
        for row in rows:
            if row.get("geometry") is not None:
                row["geometry"] = shapely.transform(row["geometry"], lambda xy: np.add(xy, (0, 650_000 - Y)))
    assert area.found() == []
    x, y = at(6, 11)
    area.change("household", "h2", geometry=shapely.Point(y + 650_000 - Y, x))
    assert area.found() == [("coordinates-swapped", "household", "h2")]
