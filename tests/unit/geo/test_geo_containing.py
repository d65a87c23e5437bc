"""Polygons cleaned all at once are those cleaned one by one: one bad outline spoils no other."""

from __future__ import annotations

import numpy as np
import shapely

from gridmap.geo.containing import all_polygons_of, polygons_of


def test_the_polygonal_part_of_many_is_that_of_each():
    square, far = shapely.box(0, 0, 10, 10), shapely.box(20, 0, 30, 10)
    holed = square.difference(shapely.box(4, 4, 6, 6))
    with np.errstate(invalid="ignore"):
        shapes = [
            square,
            None,
            holed,
            shapely.force_3d(holed, 7.0),
            shapely.Polygon([(0, 0, np.nan), (1, 0, 2), (1, 1, 3)]),
            shapely.Polygon(),
            shapely.MultiPolygon([square]),
            shapely.MultiPolygon([square, far]),
            shapely.MultiPolygon([square, shapely.box(5, 5, 15, 15)]),
            shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)]),
            shapely.Polygon([(0, 0), (1, 0), (1, np.nan), (0, 1)]),
            shapely.Polygon([(0, 0), (1, 0), (1, np.inf), (0, 1)]),
            shapely.Polygon([(0, 0), (5, 0), (10, 0)]),
            shapely.GeometryCollection([square, shapely.Point(50, 50), far]),
            shapely.LineString([(0, 0), (1, 1)]),
            shapely.Point(1, 2),
            far,
        ]
    found = all_polygons_of(np.array([*shapes, None], dtype=object)[:-1])
    for one, shape in zip(found, shapes, strict=True):
        assert shapely.to_wkb(one) == shapely.to_wkb(polygons_of(shape))
    assert shapely.get_type_id(found).tolist()[:4] == [3, 6, 3, 3]
    assert not shapely.has_z(found).any()
    assert not len(all_polygons_of(np.empty(0, dtype=object)))
