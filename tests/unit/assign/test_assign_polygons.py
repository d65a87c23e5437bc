"""Which shapes of a table are polygons that somebody can answer for."""

from __future__ import annotations

import numpy as np
import shapely

from gridmap.assign.columns import polygons


def test_a_polygon_whose_area_rounds_to_nothing_is_no_target():
    """Valid all the same: a triangle of kilometres, narrower than the last place of its coordinates."""
    corners = [
        (488149.10205000226, 4999910.712133418),
        (482569.3475890389, 4997005.24511952),
        (486128.72782949783, 4998858.67109927),
    ]
    thin, plain = shapely.Polygon(corners), shapely.box(0.0, 0.0, 1.0, 1.0)
    assert thin.is_valid
    shapes = np.array([thin, plain, None, shapely.Polygon()], dtype=object)
    for known in (None, shapely.is_valid(shapes)):
        assert polygons(shapes, known=known).tolist() == [None, plain, None, None]


def test_a_faulty_polygon_is_mended_and_a_line_left_out():
    bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    line, flat = shapely.LineString([(0, 0), (1, 1)]), shapely.Polygon([(0, 0), (1, 1), (2, 2)])
    found = polygons(np.array([line, bow, flat], dtype=object))
    assert found[0] is found[2] is None
    assert found[1].is_valid
    assert found[1].area == 2.0
