"""Laws of stationing that hold whatever the border looks like."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from geo_oracle import CODE, X0, Y0
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from test_prop_chainage import borders, built

from gridmap.analyse.stationing import (
    compare_borders,
    draft_sections,
    equal_cuts,
    every_cuts,
    polygon_cuts,
    tiled,
)
from gridmap.geo.calibration import calibrate
from gridmap.geo.stationing import placed, posts, stationed

SOME = settings(max_examples=40, deadline=None)
SHARES = st.lists(st.floats(0.0, 1.0), min_size=1, max_size=8)


@given(borders(), SHARES, st.floats(0.001, 300.0), st.sampled_from([1, -1]))
@SOME
def test_there_and_back_is_the_same_to_the_millimetre(rows, shares, away, side):
    """Where the foot is the chainage that was asked for: else another stretch of the line is nearer."""
    line = built(rows)
    along = np.array(shares) * line.length_m
    place = placed(line, along, away, side)
    found = stationed(line, place)
    unique = np.abs(found.offset_m - away) < 1e-3
    again = placed(line, found.chainage_m, found.offset_m, found.side)
    same = stationed(line, again)
    assert (found.offset_m <= away + 1e-3).all()
    assert np.abs(same.offset_m - found.offset_m)[unique].max(initial=0.0) < 1e-3
    corner = np.isin(found.chainage_m, np.concatenate(line.chainages))
    straight = unique & ~corner
    assert np.hypot(*(again - place).T)[straight].max(initial=0.0) < 1e-3


@given(borders(), st.lists(st.tuples(st.integers(-9_000, 90_000), st.integers(-9_000, 9_000)), max_size=8))
@SOME
def test_a_place_comes_back_to_itself_unless_a_corner_is_its_foot(rows, spots):
    assume(spots)
    line = built(rows)
    xy = np.array(spots, dtype=float) + np.array([X0, Y0])
    found = stationed(line, xy)
    on_edge = ~np.isin(found.chainage_m, np.concatenate(line.chainages))
    # The last number below a hole is the end of a part, too.
    on_edge &= ~np.isin(np.nextafter(found.chainage_m, np.inf), np.concatenate(line.chainages))
    back = placed(line, found.chainage_m, found.offset_m, found.side)
    assert np.hypot(*(back - xy).T)[on_edge].max(initial=0.0) < 1e-3


@given(borders(), st.integers(1, 60), st.floats(50.0, 50_000.0), SHARES)
@SOME
def test_sections_by_any_rule_tile_the_border(rows, count, every, shares):
    line = built(rows)
    posts_m = np.array(shares) * line.length_m
    ids = [f"O{number}" for number in range(len(posts_m))]
    for cuts in (
        equal_cuts(line.length_m, count),
        every_cuts(line.length_m, max(every, line.length_m / 1_000)),
        tiled(line.length_m, posts_m),
    ):
        draft = draft_sections(line, cuts, ids, posts_m)
        start, stop = draft["from_m"].to_numpy(), draft["to_m"].to_numpy()
        assert start[0] == 0.0
        assert stop[-1] == round(line.length_m, 3)
        assert (start[1:] == stop[:-1]).all()
        assert (start < stop).all()
        assert draft["id"].is_monotonic_increasing


@given(borders(), st.randoms(use_true_random=False))
@SOME
def test_a_border_drawn_the_other_way_round_changes_nothing(rows, random):
    turned = [row[::-1] if random.random() < 0.5 else row for row in rows]
    random.shuffle(turned)
    one, other = built(rows), built(turned)
    pd.testing.assert_frame_equal(posts(one, 1_000.0), posts(other, 1_000.0))
    west, east = (shapely.box(X0 + x, Y0 - 90_000, X0 + x + 45_000, Y0 + 90_000) for x in (-45_000, 0))
    cuts = [polygon_cuts(line, [west, east], ["w", "e"]) for line in (one, other)]
    assert (cuts[0] == cuts[1]).all()
    places = pd.DataFrame({"kind": ["post"], "id": ["K1"], "chainage_m": [one.length_m / 3]}).assign(
        x=np.nan, y=np.nan
    )
    found = compare_borders(one, other, places)
    assert (found.apart_m, found.moved["shift_m"].tolist()) == (0.0, [0.0])


@given(
    st.lists(st.tuples(st.integers(1, 5_000_000), st.integers(1, 5_000_000)), min_size=1, max_size=12),
    st.lists(st.floats(-50_000.0, 300_000.0), min_size=2, max_size=12),
)
@SOME
def test_a_calibration_rises_is_exact_at_its_markers_and_leads_back(steps, asked):
    measured, surveyed = np.cumsum(np.array(steps), axis=0).T / 1000.0
    known = calibrate(measured[::-1], surveyed[::-1], [str(at) for at in range(len(measured))])
    assert (known.to_surveyed(measured) == surveyed).all()
    given = np.unique(np.round(asked, 3))
    assert (np.diff(known.to_surveyed(given)) > 0.0).all()
    back = known.to_measured(known.to_surveyed(given))
    assert np.abs(back - given).max() < 1e-3


def test_the_hash_of_the_line_goes_with_every_draft():
    line = built([[(X0, Y0), (X0 + 9_000, Y0)]])
    assert set(draft_sections(line, equal_cuts(line.length_m, 3), ["O1"], [5.0])["border_hash"]) == {
        line.hash
    }
    assert line.crs.to_string() == CODE
