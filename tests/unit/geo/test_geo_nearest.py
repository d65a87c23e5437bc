"""Where there is nothing to be nearest to, and who wins where two are."""

from __future__ import annotations

import numpy as np
import pytest

from gridmap import geo

CODE = "EPSG:4508"
HERE = np.array([[450_000.0, 4_700_000.0]])


def ids(count):
    return np.array([f"H{number}" for number in range(count)])


def test_without_targets_nobody_is_near():
    found = geo.nearest(HERE, ids(0), np.empty((0, 2)), CODE)
    assert found.index.tolist() == [-1]
    assert found.metres.tolist() == [np.inf]


def test_a_home_or_target_without_position_takes_no_part():
    places = np.vstack([HERE, [[np.nan, np.nan]]])
    targets = np.vstack([[[np.nan, np.nan]], HERE + 100.0])
    found = geo.nearest(places, ids(2), targets, CODE)
    assert found.index.tolist() == [1, -1]
    assert geo.nearest(HERE, ids(1), targets[:1], CODE).index.tolist() == [-1]


def test_targets_a_tenth_of_a_millimetre_apart_are_equally_near():
    targets = HERE + np.array([[1000.0001, 0.0], [1000.0, 0.0]])
    assert geo.nearest(HERE, ids(2), targets, CODE).index.tolist() == [0]
    targets[0, 0] += 0.01
    assert geo.nearest(HERE, ids(2), targets, CODE).index.tolist() == [1]


def test_the_ellipsoid_decides_not_the_plane():
    # 200 km east of the central meridian the plane is stretched: what looks nearer there is not.
    far_east = np.array([[800_000.0, 4_700_000.0]])
    plane = 20_000.0
    targets = far_east + np.array([[plane + 0.5, 0.0], [-plane, 0.0]])
    found = geo.nearest(far_east, ids(2), targets, CODE)
    metres = geo.geodesic_distance(np.vstack([far_east, far_east]), targets, CODE)
    assert metres[0] < metres[1]
    assert found.index.tolist() == [0]
    assert found.metres[0] == pytest.approx(metres[0], abs=5e-4)


def test_ids_must_belong_to_the_targets():
    with pytest.raises(ValueError, match="differ in length"):
        geo.nearest(HERE, ids(3), HERE, CODE)
