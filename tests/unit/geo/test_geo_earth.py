"""Which places and shapes are on Earth: settled many at a time, with the verdict of each vertex alone."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gridmap import geo
from gridmap.geo import earth
from gridmap.geo.extent import WIDE, extent

# Gauss-Kruger, Mercator, an equal-area disc, an equal-area cone: each with another rim.
CODES = ("EPSG:4508", "EPSG:3857", "EPSG:3035", "EPSG:5070")


def alone(shape, crs):
    """Ask PROJ for every vertex."""
    xy = shapely.get_coordinates(shape)
    finite = np.isfinite(xy).all(axis=1)
    return bool(len(xy) and finite.all() and np.isfinite(geo.to_lonlat(xy, crs)).all())


def blob(rng, x, y, size):
    around = np.sort(rng.uniform(0, 2 * np.pi, 40))
    far = size * rng.uniform(0.5, 1.0, 40)
    return shapely.Polygon(np.column_stack([x + far * np.cos(around), y + far * np.sin(around)]))


def shapes_of(seed):
    """Shapes of the area, at and beyond the rim of the map, and with vertices that are no numbers."""
    rng = np.random.default_rng(seed)
    home = rng.uniform([4e5, 4.4e6], [6e5, 4.6e6], (60, 2))
    found = [blob(rng, x, y, 10.0 ** rng.uniform(0, 5)) for x, y in home]
    found += [blob(rng, *rng.uniform(-4e7, 4e7, 2), 10.0 ** rng.uniform(3, 7)) for _ in range(120)]
    with np.errstate(invalid="ignore"):
        for bad in (np.nan, np.inf, -np.inf):
            ring = [(5e5, 4e6), (5e5, 4.01e6), (5.1e5, bad), (5.1e5, 4e6)]
            hole = [(5e5, 4e6), (5.01e5, 4e6), (bad, 4.001e6)]
            square = shapely.box(4e5, 3e6, 4.1e5, 3.01e6)
            found += [
                shapely.Polygon(ring),
                shapely.LineString(ring),
                shapely.Polygon(square.exterior, [hole]),
                shapely.MultiPolygon([square, shapely.Polygon(ring)]),
                shapely.MultiLineString([square.exterior, ring]),
                shapely.Point(bad, 4e6),
                shapely.GeometryCollection([square, shapely.Point(bad, 4e6)]),
            ]
    found += [None, shapely.Point(), shapely.Polygon(), shapely.MultiPolygon(), shapely.Point(5e5, 4e6)]
    return np.array([*found, None], dtype=object)


@pytest.mark.parametrize("crs", CODES)
@pytest.mark.parametrize("from_how_many", [1, earth.SQUARED])
def test_a_shape_is_on_earth_if_each_of_its_vertices_is(monkeypatch, crs, from_how_many):
    monkeypatch.setattr(earth, "SQUARED", from_how_many)
    shapes = shapes_of(5)
    expected = [alone(one, crs) for one in shapes]
    assert geo.on_earth(shapes, crs).tolist() == expected
    assert geo.on_earth(shapes, crs, valid=geo.valid(shapes)).tolist() == expected
    assert 10 < sum(expected) < len(shapes) - 20
    assert geo.on_earth(shapes[:0], crs).tolist() == []


def test_a_vertex_that_is_no_number_is_seen_in_every_sort_of_shape():
    shapes = shapes_of(5)
    found = earth.all_finite(shapes)
    assert found.tolist() == [bool(np.isfinite(shapely.get_coordinates(one)).all()) for one in shapes]
    assert 20 < (~found).sum() < 30
    huge = np.array([shapely.LineString([(-1e308, 0), (1e308, 1)])], dtype=object)
    assert earth.all_finite(huge).all()


@pytest.mark.parametrize("crs", CODES)
def test_many_places_have_a_longitude_where_each_alone_has_one(crs):
    rng = np.random.default_rng(6)
    xy = rng.uniform(-4e7, 4e7, (2 * earth.SQUARED, 2))
    xy[::1_000, 0], xy[7::1_000, 1] = np.nan, np.inf
    expected = np.isfinite(geo.to_lonlat(xy, crs)).all(axis=1) & np.isfinite(xy).all(axis=1)
    assert np.array_equal(geo.projectable(xy, crs), expected)


def test_zones_with_a_million_vertices_are_not_asked_vertex_by_vertex(monkeypatch):
    asked = []

    def counted(xy, crs):
        asked.append(len(np.atleast_2d(xy)))
        return geo.to_lonlat(xy, crs)

    monkeypatch.setattr(earth, "to_lonlat", counted)
    fine = shapely.segmentize(shapely.box(5e5, 4e6, 5.2e5, 4.02e6), 2.0)
    assert geo.on_earth(np.array([fine] * 25, dtype=object), "EPSG:4508").all()
    assert sum(asked) < 1_000


@pytest.mark.parametrize("count", [1, 2, WIDE - 1, WIDE, WIDE + 1, 5 * WIDE + 3])
def test_no_place_is_outside_the_box_of_all(count):
    rng = np.random.default_rng(count)
    xy = rng.normal(size=(count, 2)) * [1e6, 3.0]
    for places in (xy, np.asfortranarray(xy), np.repeat(xy, 2, axis=0)[::2]):
        low, high = extent(places)
        assert (low.tolist(), high.tolist()) == (xy.min(axis=0).tolist(), xy.max(axis=0).tolist())
    for at in {0, count // 2, count - 1}:
        lost = xy.copy()
        lost[at, 1] = np.nan
        low, high = extent(lost)
        assert np.isnan([low[1], high[1]]).all()
        assert np.isfinite([low[0], high[0]]).all()
