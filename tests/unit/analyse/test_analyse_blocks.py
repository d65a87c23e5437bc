"""Homes are counted block by block: no home may be counted in or out for standing beside another."""

import numpy as np
import pytest

from gridmap.analyse.blocks import TOGETHER, Blocks, within

LEAST, MOST = 900.0, 910.0


def scattered(kind, count, rng):
    # Flat here, as the crust is nearly: the third axis counts all the same.
    xyz = rng.uniform(0.0, 6000.0, (count, 3)) * np.array([1.0, 1.0, 0.02])
    if kind == "clumps":
        xyz = np.round(xyz / 2500.0) * 2500.0 + rng.normal(0.0, 20.0, (count, 3))
    if kind == "one spot":
        xyz[:] = xyz[0]
    if kind == "one far away":
        xyz[0] += 5e6
    return xyz


@pytest.mark.parametrize("kind", ["even", "clumps", "one spot", "one far away"])
@pytest.mark.parametrize(("count", "keepers"), [(1, 1), (2, 40), (900, 35)])
def test_it_counts_what_every_pair_by_itself_gives(kind, count, keepers):
    rng = np.random.default_rng(count)
    xyz = scattered(kind, count, rng)
    posts = np.vstack([xyz[: keepers // 3], scattered("even", keepers - keepers // 3, rng)])
    chord = np.sqrt(np.square(xyz[:, None, :] - posts[None, :, :]).sum(axis=2))
    found = within(xyz, posts, LEAST, MOST)
    sure = chord <= LEAST
    assert found.count.tolist() == sure.sum(axis=1).tolist()
    assert found.summed.tolist() == (sure * np.arange(len(posts))).sum(axis=1).tolist()
    doubt = set(zip(found.place.tolist(), found.keeper.tolist(), strict=True))
    assert doubt == {(int(a), int(b)) for a, b in zip(*np.nonzero(~sure & (chord <= MOST)), strict=True)}


def test_blocks_hold_every_place_once_and_are_no_wider_than_allowed():
    xyz = scattered("even", 5000, np.random.default_rng(1))
    blocks = Blocks.of(xyz, 500.0)
    assert sorted(blocks.order.tolist()) == list(range(5000))
    assert int(np.diff(blocks.first).max()) <= TOGETHER
    assert float(blocks.radius.max()) <= 500.0
