"""Laws of chainage that hold whatever the border looks like."""

from __future__ import annotations

import itertools

import geo_oracle as oracle
import numpy as np
import pytest
import shapely
from geo_oracle import CODE, X0, Y0
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap import geo

SOME = settings(max_examples=40, deadline=None)


@st.composite
def lines(draw, west=0, east=90_000):
    """Draw vertices from west to east, on whole metres, with some repeated."""
    count = draw(st.integers(2, 12))
    steps = draw(st.lists(st.integers(west, east), min_size=count, max_size=count, unique=True))
    norths = draw(st.lists(st.integers(-8000, 8000), min_size=count, max_size=count))
    vertices = [(X0 + x, Y0 + y) for x, y in zip(sorted(steps), norths, strict=True)]
    twice = draw(st.sets(st.integers(0, count - 1), max_size=3))
    return [vertex for n, vertex in enumerate(vertices) for _ in range(2 if n in twice else 1)]


@st.composite
def loops(draw):
    """Draw a closed loop around a middle, starting anywhere, in either direction."""
    count = draw(st.integers(3, 9))
    radii = draw(st.lists(st.integers(2000, 20_000), min_size=count, max_size=count))
    angles = np.linspace(0.0, 2.0 * np.pi, count, endpoint=False) + 0.1
    ring = [
        (X0 + r * np.cos(a), Y0 + r * np.sin(a)) for r, a in zip(radii, draw(st.just(angles)), strict=True)
    ]
    turn = draw(st.integers(0, count - 1))
    ring = ring[turn:] + ring[:turn]
    closed = [*ring, ring[0]]
    return closed[::-1] if draw(st.booleans()) else closed


@st.composite
def borders(draw):
    """Draw the rows of a border: one line, or two with a hole between, cut and turned round; or a loop."""
    if draw(st.integers(0, 3)) == 0:
        return [draw(loops())]
    rows = [draw(lines(0, 40_000))]
    if draw(st.booleans()):
        rows.append(draw(lines(45_000, 90_000)))
    cut = []
    for row in rows:
        at = draw(st.integers(0, len(row) - 1))
        halves = [row[: at + 1], row[at:]] if 0 < at < len(row) - 1 else [row]
        cut.extend(half[::-1] if draw(st.booleans()) else half for half in halves)
    return draw(st.permutations(cut))


def built(rows):
    return geo.build_border(np.array([shapely.LineString(row) for row in rows], dtype=object), CODE)


@given(borders())
@SOME
def test_length_is_the_geodesic_length(rows):
    wanted = sum(oracle.length(np.array(row)) for row in rows)
    assert built(rows).length_m == pytest.approx(wanted, rel=1e-6)


@given(borders(), st.randoms(use_true_random=False))
@SOME
def test_the_same_line_cut_and_turned_otherwise_is_the_same_border(rows, random):
    turned = [row[::-1] if random.random() < 0.5 else row for row in rows]
    random.shuffle(turned)
    one, other = built(rows), built(turned)
    assert one.hash == other.hash
    assert one.length_m == other.length_m
    assert all((a == b).all() for a, b in zip(one.parts, other.parts, strict=True))


@given(borders(), st.lists(st.floats(0.0, 1.0), max_size=8))
@SOME
def test_sections_tile_the_border_and_share_their_ends(rows, shares):
    border = built(rows)
    cuts = sorted({0.0, border.length_m, *(share * border.length_m for share in shares)})
    cuts = [at for n, at in enumerate(cuts) if n == 0 or at - cuts[n - 1] > 1e-3]
    pieces = [border.interval(start, end) for start, end in itertools.pairwise(cuts)]
    lengths = geo.geodesic_length(np.array(pieces, dtype=object), CODE)
    assert lengths.sum() == pytest.approx(cuts[-1], abs=1e-3)
    assert lengths == pytest.approx(np.diff(cuts), abs=1e-3)
    seams = {float(chain[-1]) for chain in border.chainages[:-1]}
    for at, before, after in zip(cuts[1:-1], pieces[:-1], pieces[1:], strict=True):
        if min((abs(at - seam) for seam in seams), default=1.0) > 1e-5:
            assert shapely.get_coordinates(before)[-1].tolist() == shapely.get_coordinates(after)[0].tolist()


@given(borders(), st.lists(st.floats(0.0, 1.0), min_size=1, max_size=20))
@SOME
def test_place_to_chainage_to_place_is_within_a_centimetre(rows, shares):
    border = built(rows)
    ends = [part[[0, -1]] for part in border.parts]
    places = np.vstack([border.place(np.array(shares) * border.length_m), *border.parts, *ends])
    found = border.locate(places)
    assert (found.distance_m <= 1e-3).all()
    assert (oracle.metres(border.place(found.chainage_m), places) < 0.01).all()


def test_place_to_chainage_to_place_on_ten_thousand_points():
    spread = np.random.default_rng(1)
    east = np.linspace(0.0, 180_000.0, 900)
    north = 6000.0 * np.sin(east / 9000.0) + spread.normal(0.0, 150.0, 900)
    border = built([np.column_stack([X0 - 200_000.0 + east, Y0 + north])])
    wanted = spread.uniform(0.0, border.length_m, 10_000)
    found = border.locate(border.place(wanted))
    assert np.abs(found.chainage_m - wanted).max() < 0.01
    assert oracle.metres(border.place(found.chainage_m), border.place(wanted)).max() < 0.01


@given(
    borders(),
    st.lists(st.tuples(st.integers(-50_000, 140_000), st.integers(-60_000, 60_000)), min_size=1, max_size=6),
)
@settings(max_examples=25, deadline=None)
def test_no_place_of_the_border_is_nearer_than_the_one_found(rows, offsets):
    border = built(rows)
    points = np.array([(X0 + x, Y0 + y) for x, y in offsets], dtype=float)
    found = border.locate(points)
    every = border.place(np.linspace(0.0, border.length_m, 2000))
    for row, point in enumerate(points):
        assert found.distance_m[row] <= oracle.metres(every, point).min() + 1e-3
        at = border.place(found.chainage_m[[row]])
        assert oracle.metres(at, point)[0] == pytest.approx(found.distance_m[row], rel=1e-5, abs=1e-3)


@given(borders())
@SOME
def test_a_place_left_of_the_line_is_on_its_left(rows):
    border = built(rows)
    for part, corner, chain in zip(border.parts, border.corners, border.chainages, strict=True):
        for start, end in itertools.pairwise(corner):
            along = part[end] - part[start]
            step = np.array([-along[1], along[0]]) / np.hypot(*along)
            middle = (part[start] + part[end]) / 2.0
            found = border.locate(np.array([middle + step, middle - step, middle]))
            if np.abs(found.chainage_m - (chain[start] + chain[end]) / 2.0).max() < 1.0:
                assert found.side.tolist() == [1, -1, 0]
