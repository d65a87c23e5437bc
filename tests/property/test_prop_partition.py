"""Laws of the areas that products share: lose one, and somebody's home can be told from its neighbours'."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scattered import CODE, HIGH, WIDE, X0, Y0, country, edited

from gridmap.config import default_spec
from gridmap.privacy.linkage import link_rates
from gridmap.privacy.partition import Partition
from gridmap.privacy.partition_units import units_of

SPEC = default_spec(CODE)
SOME = settings(max_examples=15, deadline=None)
SEEDS = st.integers(0, 10_000)


@st.composite
def cases(draw):
    """Draw homes, units, k and a grid: from a few homes to some hundred, in villages or alone."""
    seed, count = draw(SEEDS), draw(st.sampled_from([0, 3, 12, 40, 150, 400]))
    rng = np.random.default_rng(seed)
    spread = draw(st.sampled_from([0.0, 300.0, 5_000.0, 40_000.0]))
    seats = rng.uniform((X0, Y0), (X0 + WIDE, Y0 + HIGH), (5, 2))
    xy = seats[rng.integers(0, 5, count)] + rng.normal(0, 1, (count, 2)) * spread
    gachas = draw(st.integers(1, 9))
    admin = country(seed, gachas=gachas, townships=min(gachas, 1 + seed % 2))
    return (
        xy,
        units_of(admin, SPEC),
        draw(st.sampled_from([2, 5, 10])),
        draw(st.sampled_from([500.0, 4_000.0])),
    )


def sizes(partition, xy):
    group = partition.locate(xy)
    return np.bincount(group[group >= 0], minlength=len(partition.areas))


@given(cases())
@SOME
def test_every_area_holds_at_least_k(case):
    xy, units, k, cell_m = case
    partition = Partition.build(xy, units, k=k, cell_m=cell_m)
    held = sizes(partition, xy)
    assert held.sum() == (units.locate(xy) >= 0).sum()
    assert held.sum() < k or held.min() >= k


@given(cases())
@SOME
def test_areas_tile_the_units_and_hold_their_homes(case):
    """A place in no area is one where a new home would stand alone; an overlap counts a home twice."""
    xy, units, k, cell_m = case
    partition = Partition.build(xy, units, k=k, cell_m=cell_m)
    shapes, group = partition.drawn().shapes, partition.locate(xy)
    whole = shapely.union_all(units.shapes)
    assert shapely.area(shapes).sum() == pytest.approx(whole.area, rel=1e-9)
    assert shapely.union_all(shapes).area == pytest.approx(whole.area, rel=1e-9)
    there = group >= 0
    assert shapely.dwithin(shapes[group[there]], shapely.points(xy[there]), 0.01).all()


@given(cases())
@SOME
def test_edges_lie_on_grid_lines_or_on_the_units_edges_only(case):
    """An edge drawn at a home tells where the home is."""
    xy, units, k, cell_m = case
    partition = Partition.build(xy, units, k=k, cell_m=cell_m)
    for shape in partition.drawn().shapes:
        inner = shape.boundary.difference(shapely.union_all(shapely.boundary(units.shapes)).buffer(0.01))
        ends = shapely.get_coordinates(shapely.get_parts(inner))
        off = np.abs(ends / cell_m - np.round(ends / cell_m)) * cell_m
        # One coordinate of every vertex on an inner edge is a grid line's.
        assert (off.min(axis=1) < 1e-6).all() if len(off) else True


@given(cases(), SEEDS)
@SOME
def test_the_order_of_rows_tells_nothing(case, seed):
    xy, units, k, cell_m = case
    order = np.random.default_rng(seed).permutation(len(xy))
    one = Partition.build(xy, units, k=k, cell_m=cell_m)
    other = Partition.build(xy[order], units, k=k, cell_m=cell_m)
    assert one.to_plain() == other.to_plain()
    assert np.array_equal(one.locate(xy)[order], other.locate(xy[order]))


@given(SEEDS)
@SOME
def test_the_order_of_administrative_rows_tells_nothing(seed):
    order = np.random.default_rng(seed).permutation(11)
    assert units_of(country(7), SPEC).to_plain() == units_of(country(7, order=order), SPEC).to_plain()


@given(cases())
@SOME
def test_what_is_remembered_is_plain_and_whole(case):
    xy, units, k, cell_m = case
    partition = Partition.build(xy, units, k=k, cell_m=cell_m)
    again = Partition.from_plain(json.loads(json.dumps(partition.to_plain())))
    assert again.to_plain() == partition.to_plain()
    assert np.array_equal(again.locate(xy), partition.locate(xy))
    assert shapely.equals_exact(again.drawn().shapes, partition.drawn().shapes).all()


@given(cases(), SEEDS, st.sampled_from([0.2, 0.5, 0.9]))
@SOME
def test_coarsening_only_joins(case, seed, share):
    """Two releases laid over each other: what was in one area of the first must be in one of the second."""
    xy, units, k, cell_m = case
    rng = np.random.default_rng(seed)
    partition = Partition.build(xy, units, k=k, cell_m=cell_m)
    kept = xy[rng.random(len(xy)) < share]
    coarse = partition.settled(kept, k)[0]
    held = sizes(coarse, kept)
    assert held.sum() < k or held.min() >= k
    everywhere = rng.uniform((X0, Y0), (X0 + WIDE, Y0 + HIGH), (3_000, 2))
    pairs = {(a, b) for a, b in zip(partition.locate(everywhere), coarse.locate(everywhere), strict=True)}
    assert len(pairs) == len({a for a, _ in pairs})
    assert set(coarse.areas) <= set(partition.areas)


@given(cases(), SEEDS)
@SOME
def test_after_edits_every_area_still_holds_k(case, seed):
    xy, units, k, cell_m = case
    partition = Partition.build(xy, units, k=k, cell_m=cell_m)
    ids = np.arange(len(xy))
    for step in range(3 if len(xy) else 0):
        ids, xy = edited(seed + step, ids, xy)
        before, partition = partition, partition.continued(xy, units, k)
        held = sizes(partition, xy)
        assert held.sum() < k or held.min() >= k
        assert set(partition.areas) <= set(before.areas)


@given(cases())
@SOME
def test_a_lone_home_is_not_given_away_by_an_areas_middle(case):
    xy, units, k, cell_m = case
    partition = Partition.build(xy, units, k=k, cell_m=cell_m)
    group = partition.locate(xy)
    if (group >= 0).sum() >= k:
        assert link_rates(xy, partition.drawn().shapes, group).worst <= 1 / k + 1e-9


@given(SEEDS, SEEDS)
@SOME
def test_boundaries_drawn_anew_cut_no_area(seed, other):
    """A township's edge that was moved by a kilometre must not leave three homes of an area apart."""
    rng = np.random.default_rng(seed)
    xy = rng.uniform((X0, Y0), (X0 + WIDE, Y0 + HIGH), (300, 2))
    partition = Partition.build(xy, units_of(country(seed), SPEC), k=10, cell_m=1000.0)
    after = partition.continued(xy, units_of(country(other, gachas=5), SPEC), 10)
    assert after.areas == partition.areas
    assert np.array_equal(after.locate(xy), partition.locate(xy))


@given(SEEDS)
@SOME
def test_new_ground_gets_areas_and_the_old_ones_stay(seed):
    rng = np.random.default_rng(seed)
    admin = country(seed)
    west = admin[shapely.get_x(shapely.centroid(admin.geometry.to_numpy())) < X0 + WIDE / 2]
    xy = rng.uniform((X0, Y0), (X0 + WIDE, Y0 + HIGH), (600, 2))
    partition = Partition.build(xy, units_of(west, SPEC), k=10, cell_m=1000.0)
    after = partition.continued(xy, units_of(admin, SPEC), 10)
    assert (after.locate(xy) >= 0).all()
    assert sizes(after, xy).min() >= 10
    old = partition.locate(xy)
    pairs = {(a, b) for a, b in zip(old[old >= 0], after.locate(xy)[old >= 0], strict=True)}
    assert len(pairs) == len({a for a, _ in pairs})
