"""A planner lays a ruler on the sheet: what it measures must be what is on the ground."""

from __future__ import annotations

import re

import numpy as np
import pytest
from pyproj import CRS, Geod, Transformer

from gridmap.render.atlas.grid import degrees_minutes, grid_step
from gridmap.render.atlas.measures import bar_length
from gridmap.render.atlas.page import Box, Shape, Words, points
from gridmap.render.atlas.plane import Plane

FRAME = Box(20, 20, 220, 170)
# Central meridians, the edge of a zone, another hemisphere, a conic and a plate carrée of metres.
PLACES = [
    ("EPSG:4508", (500_000.0, 4_700_000.0)),
    ("EPSG:4508", (380_000.0, 4_700_000.0)),
    ("EPSG:4508", (255_000.0, 5_600_000.0)),
    ("EPSG:32719", (300_000.0, 6_300_000.0)),
    ("EPSG:2154", (700_000.0, 6_600_000.0)),
]


def ground(plane, a, b):
    """Measure between two places on paper, independently of gridmap."""
    metres = (np.array([a, b]) - np.array(plane.frame.middle)) / plane.mm + np.array(plane.centre)
    crs = CRS.from_user_input(plane.crs)
    to_degrees = Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    lon, lat = to_degrees.transform(metres[:, 0], metres[:, 1])
    geod = Geod(a=crs.ellipsoid.semi_major_metre, rf=crs.ellipsoid.inverse_flattening)
    return geod.inv(lon[0], lat[0], lon[1], lat[1])


@pytest.mark.parametrize(("crs", "centre"), PLACES)
@pytest.mark.parametrize("scale", [10_000, 100_000, 500_000])
def test_the_scale_bar_is_the_geodesic(crs, centre, scale):
    plane = Plane(FRAME, centre, scale, crs)
    metres = bar_length(plane, 40.0)
    long = plane.ground_mm(float(metres))
    x, y = FRAME.middle
    assert 8 < long <= 40
    assert ground(plane, (x - long / 2, y), (x + long / 2, y))[2] == pytest.approx(metres, rel=1e-5)
    # Anywhere on the sheet it is right within one percent.
    for corner in ((25, 25), (180, 25), (25, 165), (180, 165)):
        assert ground(plane, corner, (corner[0] + long, corner[1]))[2] == pytest.approx(metres, rel=0.01)
        assert ground(plane, corner, (corner[0], corner[1] - long))[2] == pytest.approx(metres, rel=0.01)


@pytest.mark.parametrize(("crs", "centre"), PLACES)
def test_the_convergence_is_that_of_the_sheet(crs, centre):
    plane = Plane(FRAME, centre, 50_000, crs)
    x, y = FRAME.middle
    azimuth = ground(plane, (x, y), (x, y + 1))[0]
    assert plane.convergence == pytest.approx(azimuth, abs=1e-3)


def test_plane_metres_are_exactly_to_scale():
    plane = Plane(FRAME, (412_345.0, 4_698_765.0), 100_000, "EPSG:4508")
    xy = plane.place([[412_345.0, 4_698_765.0], [413_345.0, 4_698_765.0], [412_345.0, 4_688_765.0]])
    assert xy.tolist() == [list(FRAME.middle), [130.0, 95.0], [120.0, -5.0]]


def test_the_bar_that_is_printed_is_as_long_as_it_says(atlas_of, pages_of):
    """Read back from the shapes of the page: the black and white fields between the figures 0 and n."""
    atlas = atlas_of(by="township")
    for page, leaf in zip(pages_of(atlas)[atlas.index_pages :], atlas.sheets, strict=True):
        fields = [
            one.parts[0][0]
            for one in page.items
            if isinstance(one, Shape) and len(one.parts) == 1 and len(one.parts[0][0]) == 4
            and one.pen.width == 0.4 and one.pen.fill in {"#1B1F23", "#FFFFFF"}
        ]  # fmt: skip
        left = min(one[:, 0].min() for one in fields)
        right = max(one[:, 0].max() for one in fields)
        metres = bar_length(leaf.plane, FRAME.width)
        long = (right - left) * 25.4 / 72
        x, y = leaf.plane.frame.middle
        found = ground(leaf.plane, (x - long / 2, y), (x + long / 2, y))[2]
        said = max(
            float(one.text) * (1000 if found >= 1000 else 1)
            for one in page.items
            if isinstance(one, Words) and re.fullmatch(r"[\d.]+", one.text) and one.size == 6.6
        )
        assert found == pytest.approx(said, rel=0.01)
        assert metres >= said


def test_grid_lines_are_at_whole_kilometres(atlas_of, pages_of):
    atlas = atlas_of()
    page, leaf = pages_of(atlas, atlas.index_pages + 1)[-1], atlas.sheets[0]
    step = grid_step(leaf.plane.scale)
    left, _, right, _ = leaf.plane.extent
    wanted = [x for x in range(0, 1_000_000, step) if left <= x <= right]
    lines = [
        one.parts[0][0]
        for one in page.items
        if isinstance(one, Shape) and one.pen.width == 0.3 and len(one.parts[0][0]) == 2
    ]
    upright = sorted({float(one[0, 0]) for one in lines if one[0, 0] == one[1, 0]} & {
        float(points([[leaf.plane.place([[x, 0.0]])[0, 0], 0]])[0, 0]) for x in wanted
    })  # fmt: skip
    assert len(upright) == len(wanted)


def test_degrees_and_minutes():
    assert degrees_minutes(110 * 60 + 5, upright=False) == "110°05′E"
    assert degrees_minutes(-(72 * 60 + 30), upright=False) == "72°30′W"
    assert degrees_minutes(-15, upright=True) == "0°15′S"
