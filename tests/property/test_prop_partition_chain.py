"""What two receivers hold, laid over each other, must not be finer than the areas of all homes."""

from __future__ import annotations

import numpy as np
import pytest

import gridmap as gm
from gridmap.config import default_spec
from gridmap.geo import point_xy
from gridmap.privacy.partition import Partition
from gridmap.privacy.partition_chain import joined_as, next_link
from gridmap.privacy.partition_units import units_of

K = 5


@pytest.fixture(scope="module")
def ground():
    tables = gm.demo(households=400, seed=5).frames()
    return point_xy(tables["household"].geometry), units_of(tables["admin"], default_spec())


def refines(fine: Partition, coarse: Partition, xy: np.ndarray) -> bool:
    """Whether each area of one lies in one area of the other, as far as homes tell."""
    pairs = set(zip(fine.locate(xy).tolist(), coarse.locate(xy).tolist(), strict=True))
    return len(pairs) == len({one for one, _ in pairs})


def counts(partition: Partition, xy: np.ndarray) -> np.ndarray:
    return np.bincount(partition.locate(xy), minlength=len(partition.areas))


@pytest.mark.parametrize("seed", range(6))
def test_every_receivers_areas_are_the_common_ones_joined(ground, seed):
    xy, units = ground
    rng = np.random.default_rng(seed)
    common = Partition.build(xy, units, k=K, cell_m=1000.0)
    coarse: Partition | None = None
    own: dict[str, Partition | None] = {"A": None, "B": None}
    mine = {name: rng.random(len(xy)) < share for name, share in (("A", 0.3), ("B", 0.6))}
    for _ in range(6):
        stays = rng.random(len(xy)) > 0.08
        xy, mine = xy[stays], {name: rows[stays] for name, rows in mine.items()}
        common = common.continued(xy, units, K)
        coarse = next_link(common, coarse, xy, 3 * K)
        assert refines(common, coarse, xy)
        assert counts(coarse, xy).min() >= 3 * K
        for name, rows in mine.items():
            before = own[name]
            own[name] = next_link(common, before, xy[~rows], K)
            assert refines(common, own[name], xy)
            assert counts(own[name], xy[~rows]).min() >= K
            if before is not None:
                assert refines(before, own[name], xy)


def test_joining_like_oneself_changes_nothing(ground):
    xy, units = ground
    common = Partition.build(xy, units, k=K, cell_m=1000.0)
    assert joined_as(common, common) == common


def test_an_area_joined_across_groups_stays_one(ground):
    xy, units = ground
    common = Partition.build(xy, units, k=K, cell_m=1000.0)
    coarse = common.settled(xy[:40], K)[0]
    assert len(coarse.areas) < len(common.areas)
    assert joined_as(common, coarse).areas == coarse.areas
