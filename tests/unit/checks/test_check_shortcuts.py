"""Checks that settle most rows the short way find what the long way finds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from drawn_area import box

from gridmap.checks import course, positions
from gridmap.checks.spots import TOLERANCE_M, Spots

EDGES = (
    shapely.box(0, 0, 40_000, 20_000),
    shapely.MultiPolygon([shapely.box(0, 0, 9_000, 20_000), shapely.box(11_000, 0, 40_000, 20_000)]),
    shapely.box(0, 0, 40_000, 20_000).difference(shapely.box(15_000, 15_000, 16_000, 16_000)),
    # Bends, of which the buffer leaves some out.
    shapely.Polygon(
        [(0, 0), (40_000, 0), *((x, 20_000 + 9.0 * (x // 30 % 2)) for x in range(40_000, -1, -30))]
    ),
)


def border(rng):
    """Return a line along the northern edge, at a distance of its own, with excursions here and there."""
    count = int(rng.integers(2, 60))
    x = np.sort(rng.uniform(0, rng.choice([8_000, 40_000]), count))
    y = 20_000 + rng.choice([0.0, 100.0, 200.0, rng.uniform(300, 1_010)]) + rng.uniform(-150, 150, count)
    away = rng.uniform(size=count) < 0.05 * rng.integers(0, 2)
    y[away] += rng.choice([-3_000.0, 3_000.0])
    return shapely.LineString(np.column_stack([x, y]))


@pytest.mark.parametrize("whole", EDGES)
def test_no_part_that_leaves_the_edge_is_taken_to_follow_it(whole):
    rng = np.random.default_rng(3)
    lines = np.array([border(rng) for _ in range(300)], dtype=object)
    lines[::20] = [shapely.MultiLineString([lines[at], lines[at + 1]]) for at in range(0, 300, 20)]
    off = shapely.length(shapely.difference(lines, whole.boundary.buffer(course.EDGE_M))) > 0
    along = course._along(lines, whole.boundary)
    assert not (along & off).any()
    assert along.sum() > 40
    assert off.sum() > 40
    assert not len(course._along(lines[:0], whole.boundary))


def test_what_is_found_does_not_depend_on_the_short_way(area, monkeypatch):
    area.add("border", id="a", geometry=shapely.LineString([(5e5 + 5, 4.7e6), (5e5 + 6, 4.7e6)]))
    area.change("admin", "150223102", geometry=box(0, 0, 20, 18.9))
    short = area.findings()
    monkeypatch.setattr(course, "_along", lambda lines, _: np.zeros(len(lines), dtype=bool))
    assert [repr(one) for one in area.findings()] == [repr(one) for one in short]
    assert "border-off-edge" in {one.code for one in short}


@pytest.mark.parametrize("far", [0.0, 1e7, -3e6])
@pytest.mark.parametrize("wide", [2e-3, 1.0, 1e5, 1e13])
def test_two_on_one_spot_are_found_wherever_the_spot_is(far, wide):
    rng = np.random.default_rng(4)
    xy = far + rng.uniform(-wide, wide, (40_000, 2))
    xy[17] = xy[39_000]
    spots = np.round(xy / TOLERANCE_M)
    expected = pd.DataFrame(spots).duplicated(keep=False).to_numpy()
    assert np.array_equal(positions._repeated(xy, Spots.of(xy)), expected)
    assert expected.any()
    alone = xy[np.unique(spots, axis=0, return_index=True)[1]]
    assert not positions._repeated(alone, Spots.of(alone)).any()
    known = Spots.of(alone)
    assert (known is not None) == (wide < 1e13)
    assert known is None or known.differ
    assert not len(positions._repeated(xy[:0], Spots.of(xy[:0])))


@pytest.mark.parametrize("far", [0.0, 1e7, -3e6])
@pytest.mark.parametrize("wide", [0.005, 0.02, 4.0])
def test_who_stands_beside_a_place_is_counted(far, wide):
    rng = np.random.default_rng(8)
    xy = far + rng.uniform(-wide, wide, (300, 2))
    known = Spots.of(xy)
    asked = np.concatenate([xy[:40], far + rng.uniform(-2 * wide, 2 * wide, (40, 2)), [[1e300, far]]])
    away = np.abs(np.round(asked / TOLERANCE_M)[:, None] - np.round(xy / TOLERANCE_M)[None]).max(axis=2)
    assert known.beside(asked).tolist() == (away <= 3).sum(axis=1).tolist()
    # Of some of them only those are counted.
    some = known.of_some(xy[5:30])
    assert some.beside(asked).tolist() == (away[:, 5:30] <= 3).sum(axis=1).tolist()
