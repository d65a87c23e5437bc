"""Relief that is lit from the wrong side turns hills into hollows; off its place it misleads."""

from __future__ import annotations

import numpy as np
import pytest
import synthetic_view

from gridmap.errors import InputError
from gridmap.geo.crs import to_lonlat
from gridmap.render.codec import unpack_ints
from gridmap.render.overlays.relief import LONGEST, Heights, _raster, draw, hillshade, read_asc
from gridmap.render.sheet import Sheet


def test_the_slope_towards_the_north_west_is_the_bright_one():
    rows, columns = np.mgrid[0:9, 0:9]
    cone = 500.0 - 60.0 * np.hypot(rows - 4, columns - 4)
    lit = hillshade(Heights(0, 0, 1000, cone))
    flat = hillshade(Heights(0, 0, 1000, np.zeros((9, 9))))[4, 4]
    assert lit[2, 2] > flat > lit[6, 6]
    assert lit[2, 6] == pytest.approx(lit[6, 2])


def test_a_grid_is_read_with_its_corner_its_centre_and_its_holes():
    grid = read_asc(
        "ncols 2\nnrows 3\nxllcorner 10\nyllcorner 20\ncellsize 5\nNODATA_value -1\n1 2\n3 -1\n5 6\n"
    )
    assert (grid.left, grid.top) == (10, 35)
    assert np.isnan(grid.values[1, 1])
    assert grid.values[0].tolist() == [1, 2]
    assert read_asc("ncols 2\nnrows 2\nxllcenter 10\nyllcenter 20\ncellsize 4\n1 2\n3 4").left == 8


@pytest.mark.parametrize(
    "text",
    [
        "ncols 2",
        "ncols 2\nnrows 2\ncellsize 1\nxllcorner 0\nyllcorner 0\n1 2 3",
        "ncols 2\nnrows 1\nxllcorner 0\nyllcorner 0\ncellsize 1\n1 2",
        "ncols a\n",
        "ncols 2\nnrows 2\nxllcorner 0\nyllcorner 0\ncellsize 0\n1 2 3 4",
    ],
)
def test_what_is_no_grid_is_said_to_be_none(text):
    with pytest.raises(InputError, match="not an ESRI ASCII grid"):
        read_asc(text)


def test_the_summit_stands_where_it_stands():
    spec = synthetic_view.spec()
    (drawing,) = draw(Sheet(synthetic_view.view(relief_asc=synthetic_view.relief()), spec))
    raster = drawing.raster
    height = unpack_ints(raster.height).reshape(raster.height_rows, raster.height_columns)
    rows, columns = np.nonzero(height == height.max())
    lon = raster.west + (columns.mean() + 0.5) / raster.height_columns * (raster.east - raster.west)
    mercator = np.arctanh(np.sin(np.radians([raster.south, raster.north])))
    lat = np.degrees(
        np.arcsin(np.tanh(mercator[1] - (rows.mean() + 0.5) / raster.height_rows * np.diff(mercator)[0]))
    )
    # Row 8, column 12 of cells of 4 km from (400000, 4640000 + 16 cells).
    true = to_lonlat(np.array([[400_000 + 12.5 * 4000, 4_640_000 + 7.5 * 4000]]), spec.crs)[0]
    assert abs(lon - true[0]) < 0.05
    assert abs(lat - true[1]) < 0.04


def test_holes_and_what_is_outside_the_grid_are_no_ground():
    (drawing,) = draw(Sheet(synthetic_view.view(relief_asc=synthetic_view.relief()), synthetic_view.spec()))
    shade = unpack_ints(drawing.raster.shade)
    assert len(shade) == drawing.raster.rows * drawing.raster.columns
    assert 0 == shade.min() < shade.max() <= drawing.raster.shades
    assert (shade > 0).mean() > 0.9


@pytest.mark.parametrize("text", [None, "", "  "])
def test_a_project_without_relief_has_none(text):
    assert draw(Sheet(synthetic_view.view(relief_asc=text), synthetic_view.spec())) == ()


def test_a_fine_grid_is_drawn_as_fine_as_paper_shows_and_no_finer():
    y, x = np.mgrid[0:900, 0:1200]
    heights = Heights(400_000, 4_740_000, 100, 1200 + 40 * np.sin(x / 60) * np.cos(y / 45))
    raster = _raster(heights, "EPSG:4508")
    assert max(raster.columns, raster.rows) == LONGEST
    assert len(raster.shade.data) < LONGEST * LONGEST * 0.7


def test_the_range_of_heights_is_that_of_the_grid_itself():
    grid = read_asc(synthetic_view.relief())
    raster = _raster(grid, "EPSG:4508")
    assert (raster.min_m, raster.max_m) == (round(np.nanmin(grid.values)), round(np.nanmax(grid.values)))
