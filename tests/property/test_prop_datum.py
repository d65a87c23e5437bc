"""Any position in the territory comes back from a web map's datum; any other is left alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from gridmap.geo.datum import from_wgs84, to_wgs84
from gridmap.geo.territory import applies, doubtful

GEOD = Geod(ellps="WGS84")
MOST = {"gcj02": 1e-5, "bd09": 1e-3}
CHINA = st.tuples(st.floats(73.0, 135.5), st.floats(18.0, 54.0))
EARTH = st.tuples(st.floats(-180.0, 180.0), st.floats(-90.0, 90.0))


@pytest.mark.parametrize("datum", MOST)
@given(place=CHINA)
@settings(max_examples=200, deadline=None)
def test_a_place_comes_back(datum, place):
    xy = np.array([place])
    back = to_wgs84(from_wgs84(xy, datum), datum)
    # Within the doubt of the mask a place may be taken for one that is shifted, or the other way round.
    if applies(xy)[0] or not doubtful(xy)[0]:
        assert GEOD.inv(*xy[0], *back[0])[2] < MOST[datum]


@pytest.mark.parametrize("datum", MOST)
@given(place=EARTH)
@settings(max_examples=200, deadline=None)
def test_a_place_elsewhere_is_left_alone(datum, place):
    xy = np.array([place])
    if not applies(xy)[0]:
        assert (from_wgs84(xy, datum) == xy).all()
        if not doubtful(xy)[0]:
            assert (to_wgs84(xy, datum) == xy).all()


@given(places=st.lists(CHINA, min_size=1, max_size=30))
@settings(max_examples=50, deadline=None)
def test_a_place_does_not_depend_on_its_neighbours(places):
    """The inverse goes on until nothing moves: what one point needs must not change another by much."""
    together = to_wgs84(places, "bd09")
    alone = np.vstack([to_wgs84([one], "bd09") for one in places])
    assert np.abs(together - alone).max() < 1e-11
