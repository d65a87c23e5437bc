"""Roads and settlement: a map whose roads end nowhere or leave the country shows that nobody looked."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gridmap.sample import demo_tables
from gridmap.sample.ground import Ground
from gridmap.sample.network import lattice, smooth


@pytest.fixture(scope="module", params=[7, 8])
def tables(request):
    return demo_tables(households=5, seed=request.param)


def area_of(tables):
    admin = tables["admin"]
    return shapely.union_all(admin[admin["level"] == "township"].geometry.to_numpy())


def test_every_way_stays_in_the_area(tables):
    assert shapely.contains_properly(area_of(tables), tables["track"].geometry.to_numpy()).all()


def test_ways_form_one_network(tables):
    lines = tables["track"].geometry.to_numpy()
    ends = {tuple(end) for line in lines for end in (line.coords[0], line.coords[-1])}
    joined = {end: end for end in ends}

    def root(end):
        while joined[end] != end:
            end = joined[end]
        return end

    for line in lines:
        joined[root(tuple(line.coords[0]))] = root(tuple(line.coords[-1]))
    assert len({root(end) for end in ends}) == 1


def test_seats_port_and_wells_are_on_the_network(tables):
    landmarks = tables["landmark"]
    ways = shapely.union_all(tables["track"].geometry.to_numpy())
    for kind in ("seat", "port"):
        places = landmarks[landmarks["class"] == kind].geometry.to_numpy()
        roads = tables["track"][tables["track"]["class"] == "road"]
        assert shapely.distance(places, shapely.union_all(roads.geometry.to_numpy())).max() < 300, kind
    wells = landmarks[landmarks["class"] == "well"].geometry.to_numpy()
    assert shapely.distance(wells, ways).max() < 1_000
    gates = landmarks[landmarks["class"] == "gate"].geometry.to_numpy()
    assert len(gates) > 3
    assert shapely.distance(gates, ways).max() < 0.01


def test_wells_keep_their_distance(tables):
    landmarks = tables["landmark"]
    wells = landmarks[landmarks["class"] == "well"].geometry.to_numpy()
    gaps = shapely.distance(wells[:, None], wells[None, :])
    assert len(wells) > 50
    assert gaps[~np.eye(len(wells), dtype=bool)].min() > 5_000


def test_no_way_is_laid_across_ground_that_is_not_the_area_s():
    shape = (448, 552)
    clear = np.ones(shape, dtype=bool)
    clear[:, 200:204] = False
    nowhere = np.zeros(shape, dtype=np.int64)
    ground = Ground(
        gachas=np.array([], dtype=object),
        inside=nowhere,
        mixed=~clear,
        clear=clear,
        border_m=np.full(shape, 9_000.0),
        outline=np.empty((0, 2)),
    )
    net = lattice(ground, stops=np.empty((0, 2)), seed=1)
    west_of = net.xy[net.ends][:, :, 0] < 354_000.0 + 200 * 250.0
    assert len(net.ends) > 10_000
    assert (west_of[:, 0] == west_of[:, 1]).all()


def test_smoothing_leaves_the_ends_where_they_are():
    line = np.array([[0.0, 0.0], [1_000.0, 0.0], [1_000.0, 1_000.0], [2_000.0, 1_000.0]])
    drawn = smooth(line)
    assert drawn[[0, -1]].tolist() == line[[0, -1]].tolist()
    assert len(drawn) > len(line)
    assert not (drawn == line[1]).all(axis=1).any()


def test_a_port_that_no_edge_leads_to_does_not_stop_the_demo():
    """The border bends round it with this seed: its road ends beside it."""
    assert len(demo_tables(households=1, seed=196)["track"]) > 10
