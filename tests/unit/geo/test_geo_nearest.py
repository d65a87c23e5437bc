"""Where there is nothing to be nearest to, and who wins where two are."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import numpy as np
import pytest

from gridmap import geo

# The package's function of this name hides the module.
under_test = import_module("gridmap.geo.nearest")
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


def test_few_and_many_are_answered_alike(monkeypatch):
    """Few pairs are worked out one by one, many by a tree: who is nearest must not depend on how many ask."""
    rng = np.random.default_rng(3)
    targets = HERE + np.round(rng.uniform(0.0, 20_000.0, (400, 2)), -2)
    places = HERE + np.round(rng.uniform(-5_000.0, 25_000.0, (900, 2)), -2)
    found = []
    for pairs in (0, 10**9):
        monkeypatch.setattr(under_test, "PAIRS", pairs)
        found.append(geo.nearest(places, ids(400), targets, CODE))
    assert found[0].index.tolist() == found[1].index.tolist()
    assert found[0].metres.tolist() == found[1].metres.tolist()


def test_the_nearest_come_first_and_none_is_missed():
    rng = np.random.default_rng(4)
    there, here = rng.uniform(0.0, 1000.0, (70, 3)), rng.uniform(0.0, 1000.0, (40, 3))
    every = np.sort(np.sqrt(((here[:, None] - there[None]) ** 2).sum(axis=2)), axis=1)
    for k in (1, 3, 69, 70):
        chord, which = under_test.Places(there).neighbours(here, k)
        assert chord == pytest.approx(every[:, :k])
        assert np.sqrt(((here[:, None] - there[which]) ** 2).sum(axis=2)) == pytest.approx(chord)
    assert under_test.Places(there).neighbours(here[:0], 3)[1].shape == (0, 3)


def test_few_places_are_answered_without_loading_a_library_for_many():
    """Loading it takes a quarter of a second of every command."""
    words = (
        "import sys, numpy as np; from gridmap import geo; from gridmap.geo.index import line, sites; "
        "xy = np.array([[4.5e5, 4.7e6]]); geo.nearest(xy, np.array(['a']), xy, 'EPSG:4508'); "
        "print({'scipy.spatial', 'scipy.sparse'} & set(sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"
