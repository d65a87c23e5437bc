"""Laws of an arrangement that hold whatever the steppe looks like."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from steppe import X0, Y0, box, built, home, outpost, planned, steppe, township, zone

from gridmap.assign import answers, arrange
from gridmap.config import default_spec

SPEC = default_spec()
# Each example builds a border and an arrangement: tenths of a second.
FEW = settings(max_examples=20, deadline=None)

# A place on the line and back is within a centimetre; sections end to the millimetre.
EDGE_M = 0.01

metres = st.integers(0, 80_000)
posts = st.lists(st.tuples(metres, st.integers(-22_000, -10)), max_size=7)
plans = st.lists(
    st.tuples(st.integers(-1_000, 90_000), st.integers(-500, 30_000), st.integers(0, 8)), max_size=4
)


def wavy(rng: np.random.Generator, count: int) -> np.ndarray:
    """Return vertices of a line from west to east that turns but does not cross itself."""
    east = np.sort(rng.uniform(0, 80_000, count))
    east[[0, -1]] = 0, 80_000
    return np.column_stack([X0 + east, Y0 + rng.uniform(0, 6_000, count)])


@st.composite
def borders(draw: st.DrawFn) -> list[Any]:
    """Draw rows of a border: whole or in parts, reversed or not, with holes or not, or a closed loop."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    if draw(st.booleans()):
        angle = np.sort(rng.uniform(0, 2 * np.pi, 12))
        ring = np.column_stack([X0 + 40_000 + 30_000 * np.cos(angle), Y0 + 15_000 * np.sin(angle)])
        lines = [np.vstack([ring, ring[:1]])]
    else:
        line = wavy(rng, draw(st.integers(4, 12)))
        cut = draw(st.integers(1, len(line) - 2))
        hole = draw(st.booleans()) and cut + 1 < len(line) - 1
        lines = [line[: cut + 1], line[cut + int(hole) :]]
    turned = [line[::-1] if draw(st.booleans()) else line for line in lines]
    return [{"id": f"B{at}", "geometry": shapely.LineString(one)} for at, one in enumerate(turned)]


def rows_of(
    border: list[Any], at: list[tuple[int, int]], plan: list[tuple[int, int, int]]
) -> dict[str, list[Any]]:
    return {
        **steppe(),
        "border": border,
        "outpost": [outpost(f"O{i}", *place) for i, place in enumerate(at)],
        "section_plan": [planned(f"P{i}", a, a + n, f"O{who}") for i, (a, n, who) in enumerate(plan)],
    }


@FEW
@given(borders(), posts, plans)
def test_sections_and_gaps_tile_the_border(
    border: list[Any], at: list[tuple[int, int]], plan: list[tuple[int, int, int]]
) -> None:
    made = arrange(built(rows_of(border, at, plan)), SPEC)
    figures, sections = made.figures.line, made.sections
    kept = float((sections["to_m"] - sections["from_m"]).sum())
    assert abs(kept + figures.gap_m - figures.overlap_m - figures.length_m) < 0.001
    assert abs(figures.length_m - made.border.length_m) <= 0.0005
    assert (sections["from_m"] < sections["to_m"]).all()
    assert sections["id"].is_monotonic_increasing
    if not plan:
        assert figures.overlap_m == 0
        ends = np.column_stack([sections["from_m"], sections["to_m"]])
        assert (ends[1:, 0] >= ends[:-1, 1]).all()
    gaps = sum(one.size for one in made.findings if one.code == "line-gap")
    assert abs(gaps - figures.gap_m) < 0.001
    leads = made.assignments.query("layer == 'line' and role == 'lead'")
    assert sorted(leads["target"]) == sections["id"].tolist()


@FEW
@given(borders(), posts, plans, st.integers(0, 1_000))
def test_each_metre_of_the_border_answers_with_its_section(
    border: list[Any], at: list[tuple[int, int]], plan: list[tuple[int, int, int]], seed: int
) -> None:
    made = arrange(built({**rows_of(border, at, plan), "admin": []}), SPEC)
    chainage = np.random.default_rng(seed).uniform(0, made.figures.line.length_m, 40).round(3)
    found = answers(made, made.border.place(chainage))
    for where, name in zip(chainage.tolist(), found["section"].tolist(), strict=True):
        start, stop = made.sections["from_m"], made.sections["to_m"]
        maybe = made.sections.loc[(start - EDGE_M <= where) & (where < stop + EDGE_M), "id"].tolist()
        surely = made.sections.loc[(start + EDGE_M <= where) & (where < stop - EDGE_M), "id"].tolist()
        assert name in maybe if isinstance(name, str) else not surely


homes = st.lists(
    st.tuples(st.integers(-5, 65), st.integers(-35, 5), st.sampled_from([True, False, None])), max_size=25
)


@FEW
@given(homes)
def test_every_household_has_one_point_lead_or_is_listed(spots: list[tuple[int, int, bool | None]]) -> None:
    rows = {
        **steppe(),
        "household": [
            home(f"H{at}", east * 1_000, north * 1_000, stronghold=flag)
            for at, (east, north, flag) in enumerate(spots)
        ],
    }
    made = arrange(built(rows), SPEC)
    led = made.assignments.query("layer == 'point'")["feature"].tolist()
    orphans = [one.id for one in made.findings if one.code == "household-orphan"]
    assert sorted([*led, *orphans]) == sorted(row["id"] for row in rows["household"])
    assert (made.figures.point.served, made.figures.point.orphans) == (len(led), len(orphans))
    zoned = made.assignments.query("layer == 'area' and role == 'lead' and kind == 'household'")[
        "feature"
    ].tolist()
    unzoned = [one.id for one in made.findings if one.code == "area-unzoned"]
    assert sorted([*zoned, *unzoned]) == sorted(row["id"] for row in rows["household"])


@st.composite
def mosaics(draw: st.DrawFn) -> dict[str, list[Any]]:
    """Draw zones on a grid: some missing, some doubled, some outside."""
    cells = draw(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 3)), max_size=30))
    zones = [
        zone(f"Z{at}", box(x * 10_000, -y * 10_000 - 10_000, x * 10_000 + 10_000, -y * 10_000))
        for at, (x, y) in enumerate(cells)
    ]
    return {**steppe(), "patrol_zone": zones}


@FEW
@given(mosaics())
def test_areas_add_up(rows: dict[str, list[Any]]) -> None:
    made = arrange(built(rows), SPEC)
    area = made.figures.area
    cells = [one["geometry"] for one in rows["patrol_zone"]]
    whole = box(0, -30_000, 60_000, 0)
    union = shapely.union_all(cells)
    scale = area.area_m2 / whole.area
    expected = {
        "gap_m2": whole.difference(union).area,
        "outside_m2": union.difference(whole).area,
        "overlap_m2": sum(one.intersection(whole).area for one in cells) - union.intersection(whole).area,
    }
    for name, plane in expected.items():
        assert abs(getattr(area, name) - plane * scale) <= 1e-3 * plane + 1
    listed = sum(one.size for one in made.findings if one.code == "area-gap")
    assert abs(listed - area.gap_m2) <= 1e-6 * area.area_m2


def same(one: Any, other: Any) -> None:
    pd.testing.assert_frame_equal(one.assignments, other.assignments)
    pd.testing.assert_frame_equal(pd.DataFrame(one.sections), pd.DataFrame(other.sections))
    assert one.sections.geometry.to_wkb().tolist() == other.sections.geometry.to_wkb().tolist()
    assert one.findings == other.findings
    assert [str(item.geometry) for item in one.findings] == [str(item.geometry) for item in other.findings]
    assert (one.figures, one.notes, one.border.hash) == (other.figures, other.notes, other.border.hash)


@FEW
@given(borders(), posts, plans, homes, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(
    border: list[Any],
    at: list[tuple[int, int]],
    plan: list[tuple[int, int, int]],
    spots: list[tuple[int, int, bool | None]],
    random: Any,
) -> None:
    rows = rows_of(border, at, plan)
    rows["household"] = [
        home(f"H{i}", east * 1_000, north * 1_000, stronghold=flag)
        for i, (east, north, flag) in enumerate(spots)
    ]
    rows["patrol_zone"] = [*rows["patrol_zone"], zone("Z0", box(10_000, -9_000, 35_000, -1_000))]
    rows["admin"] = [*rows["admin"], township("150000003", box(29_000, -31_000, 61_000, -20_000))]
    tables = built(rows)
    shuffled = {
        name: frame.iloc[random.sample(range(len(frame)), len(frame))] for name, frame in tables.items()
    }
    before = {name: frame.copy() for name, frame in tables.items()}
    same(arrange(tables, SPEC), arrange(shuffled, SPEC))
    for name, frame in tables.items():
        pd.testing.assert_frame_equal(pd.DataFrame(before[name]), pd.DataFrame(frame))
