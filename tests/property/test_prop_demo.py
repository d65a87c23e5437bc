"""Whatever the seed and the size: the demo is clean."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.sample import demo_tables
from gridmap.sample.dice import Dice
from gridmap.sample.homes import _names, _spread
from gridmap.sample.linework import draw


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(-(2**70), 2**70), households=st.integers(1, 600))
def test_any_seed_and_size_gives_a_clean_area(seed, households):
    tables = demo_tables(households=households, seed=seed)
    admin = tables["admin"]
    whole = shapely.union_all(admin[admin["level"] == "township"].geometry.to_numpy())
    for polygons in (tables["patrol_zone"].geometry.to_numpy(), admin[admin["level"] == "gacha"].geometry):
        assert shapely.coverage_is_valid(np.asarray(polygons))
        assert abs(shapely.area(np.asarray(polygons)).sum() / whole.area - 1) < 1e-12
    assert len(tables["household"]) == households
    for kind in ("household", "outpost"):
        places = tables[kind].geometry.to_numpy()
        assert shapely.contains_properly(whole.buffer(-5), places).all()
    assert whole.covers(shapely.union_all(tables["track"].geometry.to_numpy()))
    assert shapely.covers(whole, tables["landmark"].geometry.to_numpy()).all()
    xy = shapely.get_coordinates(tables["household"].geometry.to_numpy())
    strongholds = xy[tables["household"]["stronghold"].to_numpy(dtype=bool)]
    gap = ((xy[:, None] - strongholds[None]) ** 2).sum(axis=2).min(axis=1)
    assert np.sqrt(gap.max()) < 14_900


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_any_seed_draws_boundaries_that_meet_and_never_cross(seed):
    lines = draw(seed)
    assert shapely.is_valid(lines.zones).all()
    assert shapely.coverage_is_valid(lines.zones)
    whole = shapely.coverage_union_all(lines.zones)
    assert whole.geom_type == "Polygon"
    assert not whole.interiors
    assert whole.boundary.covers(shapely.union_all(lines.border))


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 300), st.integers(0, 2**32), st.floats(1.0, 400.0))
def test_spreading_keeps_the_first_and_leaves_no_two_too_close(count, seed, spacing):
    xy = np.random.default_rng(seed).uniform(0, 3_000, (count, 2)) + 300_000
    kept = _spread(xy, spacing)
    assert (kept[0] == xy[0]).all()
    gaps = np.sqrt(((kept[:, None] - kept[None]) ** 2).sum(axis=2))
    assert gaps[~np.eye(len(kept), dtype=bool)].min(initial=np.inf) >= spacing
    order = [int(np.flatnonzero((xy == place).all(axis=1))[0]) for place in kept]
    assert order == sorted(order)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 40_000), st.integers(0, 2**32))
def test_names_never_repeat(count, seed):
    assert len(set(_names(count, Dice(seed, 0)))) == count
