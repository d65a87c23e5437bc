"""A place by chainage, offset and bearing is at that chainage, or is refused."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from pyproj import Geod

from gridmap import geo
from gridmap.errors import ConfigError
from gridmap.geo.aiming import aside, fans
from gridmap.geo.stationing import LEFT, RIGHT, on_border, placed, stationed

CODE, X0, Y0 = "EPSG:4508", 650_000.0, 4_700_000.0
GEOD = Geod(a=6378137.0, rf=298.257222101)
BENT = [(0, 0), (10_000, 0), (16_000, 8_000), (30_000, 8_000)]


def border(*lines):
    drawn = [shapely.LineString([(X0 + x, Y0 + y) for x, y in one]) for one in lines or (BENT,)]
    return geo.build_border(np.array(drawn, dtype=object), CODE)


def test_every_bearing_gives_a_place_with_that_foot_or_is_refused():
    """The law itself, all round: on an edge, at both corners (to the left and to the right), at both ends."""
    line = border()
    corners = line.chainages[0][line.corners[0]]
    for along in (3_333.0, *corners.tolist()):
        taken = 0
        for azimuth in np.arange(0.0, 360.0, 7.2):
            try:
                place = aside(line, along, 500.0, bearing_deg=float(azimuth))
            except ConfigError:
                continue
            taken += 1
            found = stationed(line, place)
            assert found.chainage_m[0] == pytest.approx(along, abs=1e-3)
            assert found.offset_m[0] == pytest.approx(500.0, abs=1e-3)
            assert found.bearing_deg[0] == pytest.approx(azimuth, abs=1e-6)
        # The fan of a turn of 53 degrees, half a circle at an end, nothing on an edge but its two squares.
        assert taken in {3_333.0: (0,), corners[0]: (25, 26), corners[-1]: (25, 26)}.get(along, (7, 8))


def test_a_rounded_bearing_means_the_square_one():
    line = border()
    for side in (LEFT, RIGHT):
        place = placed(line, 3_333.0, 5_000.0, side)
        known = stationed(line, place).bearing_deg[0]
        for typed in (known, round(known, 1), known + 0.04):
            assert aside(line, 3_333.0, 5_000.0, bearing_deg=typed) == pytest.approx(place, abs=1e-6)
        with pytest.raises(ConfigError, match="GM106") as caught:
            aside(line, 3_333.0, 5_000.0, bearing_deg=known + 0.2)
        assert all(str(fan) in caught.value.fix for _, fan in fans(line, 3_333.0))


def test_at_a_hole_the_bearing_says_which_side_of_it():
    line = border([(0, 0), (2_500, 0)], [(9_000, 0), (12_000, 0)])
    along = line.chainages[0][-1]
    west, east = (aside(line, along, 100.0, bearing_deg=one)[0, 0] - X0 for one in (91.0, 271.0))
    assert (west, east) == (pytest.approx(2_600, abs=1), pytest.approx(8_900, abs=1))


def test_the_two_ends_of_a_closed_line_are_one_corner():
    line = border([(0, 0), (0, 5_000), (5_000, 5_000), (5_000, 0), (0, 0)])
    first, last = (aside(line, one, 100.0, bearing_deg=230.0) for one in (0.0, line.length_m))
    assert first == pytest.approx(last, abs=1e-6)
    assert stationed(line, last).offset_m[0] == pytest.approx(100.0, abs=1e-6)


@pytest.mark.parametrize(
    ("offset", "bearing"),
    [(-1.0, None), (np.nan, None), (np.inf, None), (np.nan, 0.0), (1.0, np.nan), (1.0, -1.0), (1.0, 360.5)],
)
def test_figures_that_are_none_are_refused(offset, bearing):
    with pytest.raises(ConfigError, match="GM106"):
        aside(border(), 5.0, offset, LEFT, bearing_deg=bearing)


def test_an_end_that_was_rounded_up_is_the_end():
    line = border()
    length = line.length_m
    assert on_border(line, [-0.0009, length + 0.0009]).tolist() == [0.0, length]
    assert placed(line, length + 0.0009) == pytest.approx(line.place(np.array([length])))
    for wrong in (-0.002, length + 0.002, np.inf):
        with pytest.raises(ConfigError, match="GM107") as caught:
            on_border(line, wrong)
        assert f"{length:.3f}" in caught.value.where
