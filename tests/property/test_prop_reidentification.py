"""The attack: somebody has the product and a list of all homes, and looks for the loneliest of them.

Every figure that is asserted here is one of docs/decisions/0009-redactions.md.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import shapely
from scattered import CODE, attack, country, edited, homes, most_isolated

from gridmap.config import default_spec
from gridmap.errors import PublishError
from gridmap.geo import point_xy
from gridmap.privacy.linkage import link_limit, link_rates, refuse_linkable
from gridmap.privacy.partition import Partition
from gridmap.privacy.partition_units import units_of
from gridmap.sample import demo_tables

SPEC = default_spec(CODE)
K, CELL_M = 10, 1000.0
LIMIT = link_limit(K, 200)


@cache
def place(name):
    """Return (homes, units) of the scattered steppe or of the demo."""
    if name == "steppe":
        return homes(1), units_of(country(1), SPEC)
    tables = demo_tables(households=1400, seed=int(name.removeprefix("demo")))
    return point_xy(tables["household"].geometry), units_of(tables["admin"], SPEC)


def areas(xy, units):
    partition = Partition.build(xy, units, k=K, cell_m=CELL_M)
    return partition.drawn().shapes, partition.locate(xy)


def donut(xy, units):  # noqa: ARG001 - all redactions are called alike
    """Move every home by 200 to 1,000 m in any direction."""
    rng = np.random.default_rng(5)
    far, angle = np.sqrt(rng.uniform(200.0**2, 1000.0**2, len(xy))), rng.uniform(0, 2 * np.pi, len(xy))
    moved = xy + np.column_stack([np.cos(angle), np.sin(angle)]) * far[:, np.newaxis]
    return shapely.points(moved), np.arange(len(xy))


def grid(xy, units):  # noqa: ARG001 - all redactions are called alike
    """Show every home as the cell of a grid of one kilometre."""
    cells, group = np.unique(np.floor(xy / 1000.0), axis=0, return_inverse=True)
    low = cells * 1000.0
    return shapely.box(low[:, 0], low[:, 1], low[:, 0] + 1000.0, low[:, 1] + 1000.0), group.reshape(-1)


def test_the_limit_is_that_of_the_promise():
    assert link_limit(10, 200) == pytest.approx(0.1424, abs=1e-4)
    assert link_limit(10, 12) == pytest.approx(0.273, abs=1e-3)


@pytest.mark.parametrize("name", ["steppe", "demo0", "demo1"])
def test_areas_of_ten_hide_the_loneliest_homes(name):
    xy, units = place(name)
    shapes, group = areas(xy, units)
    measured = refuse_linkable(xy, shapes, group, k=K, where="household_areas")
    assert measured.homes == 200
    assert measured.nearest <= 0.1, measured
    assert measured.assigned <= 0.1, measured
    nearest, assigned = attack(xy, shapes, group)
    assert (nearest, assigned) <= (LIMIT, LIMIT)
    assert nearest == pytest.approx(measured.nearest, abs=1e-9)
    # The assignment by hand is one throw of the dice that the measured figure is the mean of.
    assert assigned == pytest.approx(measured.assigned, abs=0.06)


@pytest.mark.parametrize(("rival", "least"), [(donut, 0.6), (grid, 0.6)])
@pytest.mark.parametrize("name", ["steppe", "demo0"])
def test_displaced_points_and_small_cells_are_refused(name, rival, least):
    xy, units = place(name)
    shapes, group = rival(xy, units)
    with pytest.raises(PublishError, match="GM605") as refused:
        refuse_linkable(xy, shapes, group, k=K, where="household_donut")
    assert "H0" not in str(refused.value)
    measured = link_rates(xy, shapes, group)
    assert min(measured.nearest, measured.assigned) >= least, measured
    played = attack(xy, shapes, group)
    assert played == pytest.approx((measured.nearest, measured.assigned), abs=0.05)


def laid_over(releases, made):
    """Return the shares of the loneliest homes found by laying all releases' areas over each other.

    For every home the attacker knows the area that its row was in at each release, and keeps the homes of
    today's list that lie in all of them (today's area alone where none does).
    """
    ids, xy = releases[-1]
    sought = most_isolated(xy)
    today = [partition.locate(xy) for partition in made]
    # One row for a home that is sought, one column for a home of the list.
    among = np.ones((len(sought), len(xy)), dtype=bool)
    shapes = made[-1].drawn().shapes[today[-1][sought]]
    for (then_ids, then_xy), partition, now in zip(releases, made, today, strict=True):
        at = np.full(ids.max() + 1, -1)
        at[then_ids[then_ids <= ids.max()]] = partition.locate(then_xy)[then_ids <= ids.max()]
        own = at[ids[sought]]
        known = own >= 0
        among[known] &= own[known, np.newaxis] == now
        narrower = shapely.intersection(shapes[known], partition.drawn().shapes[own[known]])
        shapes[known] = np.where(shapely.area(narrower) > 0, narrower, shapes[known])
    lost = ~among.any(axis=1)
    among[lost] = today[-1][sought[lost], np.newaxis] == today[-1]
    found = among[np.arange(len(sought)), sought]
    middle = shapely.centroid(shapes)[:, np.newaxis]
    metres = np.where(among, shapely.distance(middle, shapely.points(xy)), np.inf)
    return float((metres.argmin(axis=1) == sought).mean()), float((found / among.sum(axis=1)).mean())


def thirty(seed):
    xy = homes(seed)
    releases = [(np.arange(len(xy)), xy)]
    for step in range(29):
        releases.append(edited(100 * seed + step, *releases[-1]))
    return releases


def continued(releases, units):
    made = [Partition.build(releases[0][1], units, k=K, cell_m=CELL_M)]
    for _, xy in releases[1:]:
        made.append(made[-1].continued(xy, units, K))
    return made


def test_thirty_releases_tell_no_more_than_one():
    """Who keeps every month's map must not find homes in them that no single map gives away."""
    releases, units = thirty(1), units_of(country(1), SPEC)
    made = continued(releases, units)
    one = laid_over(releases[-1:], made[-1:])
    all_of_them = laid_over(releases, made)
    assert max(all_of_them) <= LIMIT, all_of_them
    assert all_of_them[0] <= one[0] + 0.01, (one, all_of_them)
    assert all_of_them[1] <= one[1] + 0.01, (one, all_of_them)
    # What is given up for it: few areas in thirty months.
    assert len(made[-1].areas) >= 0.8 * len(made[0].areas)


def test_the_attack_would_find_areas_that_are_drawn_anew():
    """Shows that the test above can fail."""
    releases, units = thirty(1), units_of(country(1), SPEC)
    made = [Partition.build(xy, units, k=K, cell_m=CELL_M) for _, xy in releases]
    one = laid_over(releases[-1:], made[-1:])
    all_of_them = laid_over(releases, made)
    assert max(all_of_them) > LIMIT, (one, all_of_them)
    assert all_of_them[1] > one[1] + 0.05, (one, all_of_them)


def test_homes_in_one_place_are_not_told_apart():
    """A settlement whose homes were all given one position is no reason to refuse."""
    xy = np.repeat([[500_000.0, 4_710_000.0]], 12, axis=0)
    units = units_of(country(1), SPEC)
    shapes, group = areas(xy, units)
    assert refuse_linkable(xy, shapes, group, k=K, where="areas").worst == pytest.approx(1 / 12)


def test_nothing_shown_is_nothing_found():
    xy, _ = place("steppe")
    none = np.full(len(xy), -1)
    assert link_rates(xy, np.empty(0, dtype=object), none).homes == 0
    assert link_rates(xy, np.array([None], dtype=object), np.zeros(len(xy), dtype=int)).homes == 0


@pytest.mark.stress
@pytest.mark.parametrize("seed", range(2, 8))
def test_thirty_releases_of_other_steppes(seed):
    releases, units = thirty(seed), units_of(country(seed), SPEC)
    made = continued(releases, units)
    one, all_of_them = laid_over(releases[-1:], made[-1:]), laid_over(releases, made)
    assert max(all_of_them) <= LIMIT, all_of_them
    assert all_of_them[1] <= one[1] + 0.01, (one, all_of_them)
