"""The suite of figures says what it measured: lose this, and docs/benchmarks.md misleads whoever reads it."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import shapely

from tests.bench import areas, core_page, files, imports, pipeline, rivals, start
from tests.bench.edit import section as edit_section
from tests.bench.growth import exponent
from tests.bench.measure import Clock, Run, rounds
from tests.bench.page import page, sections, table
from tests.bench.plot import Panel, Series, drawn

MACHINE = "Machine: made up."


def took(cpu_s: float, **said: object) -> Run:
    return Run(cpu_s * 2, cpu_s, 100.0, said)


def cells() -> tuple[list[core_page.Cell], list[core_page.Cell]]:
    """Return cells along homes, and along zones.

    gridmap grows linearly at 1 us a home, and geopandas at 100 us; zones drawn as closely cost nothing.
    """
    counts = {"in_zone": 9, "in_reach": 8, "in_belt": 7, "frames_mib": 50.0}
    found = []
    for homes, zones in ((10_000, 1_000), (100_000, 1_000), (1_000_000, 1_000), (1_000_000, 10_000)):
        steps = {"ground": 0.2e-6, "index": 0.3e-6, "assign": 0.5e-6}
        said = {f"{k}_{c}_s": v * homes for k, v in steps.items() for c in ("cpu", "wall")}
        said["start_cpu_s"] = 0.25
        at = core_page.Point(homes, zones, 94 if zones == 1_000 else 30)
        found.append(core_page.Cell("gridmap", at, (took(9.0, **counts, **said),)))
        steps = {"area": 1e-6, "point": 1e-6, "line": 98e-6, "belt_join": 3e-6, "belt_along": 5e-6}
        said = {f"{k}_{c}_s": v * homes for k, v in steps.items() for c in ("cpu", "wall")}
        if zones == 1_000:
            found.append(core_page.Cell("geopandas", at, (took(9.0, **counts, **said),)))
    twice = {f"{k}_{c}_s": 2.0 for k in ("ground", "index", "assign") for c in ("cpu", "wall")}
    for steps, times in ((9, 0.75), (94, 1.0)):
        said = {name: seconds * times for name, seconds in twice.items()}
        drawn = core_page.Point(1_000_000, 10_000, steps)
        found.append(core_page.Cell("gridmap", drawn, (took(9.0, **counts, **said),)))
    along = [one for one in found if one.zones == 1_000]
    return along, [one for one in found if one.homes == 1_000_000 and one.way == "gridmap"]


def row(text: str, start_with: str) -> list[str]:
    line = next(one for one in text.splitlines() if one.startswith(f"| {start_with} |"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_the_exponent_is_that_of_the_law_the_times_follow():
    sizes = [10_000, 100_000, 1_000_000]
    for law in (0.5, 1.0, 1.1, 2.0):
        assert exponent(sizes, [3e-6 * size**law for size in sizes]) == pytest.approx(law)
    # Least squares, not the two ends: the middle counts.
    assert exponent([1, 10, 100, 1000], [1, 10, 10, 100]) == pytest.approx(0.6)


def test_no_exponent_is_made_of_one_size():
    for sizes, seconds in (([10, 10], [1.0, 2.0]), ([10, 100], [0.0, 1.0])):
        with pytest.raises(ValueError, match="no exponent"):
            exponent(sizes, seconds)


def test_rates_ratios_and_growth_of_the_core_are_those_of_its_runs():
    made = core_page.section(*cells(), MACHINE)
    text = made.body
    chief = row(text, "gridmap")
    assert chief[4:9] == ["0.50", "one run", "2,000,000", "1.00", "1.00"]
    times = text.partition("in times those of gridmap")[2]
    assert row(times, "geopandas") == ["geopandas", "100.0", "100.0"]
    assert row(times, "geopandas, belt first") == ["geopandas, belt first", "10.0", "10.0"]
    growth = text.partition("exponent of growth")[2]
    assert row(growth, "gridmap") == ["gridmap", "0.010", "0.100", "1.000", "100.00", "1.00", "1.00"]
    along_zones = growth.partition("1,000 zones")[2]
    assert row(along_zones, "gridmap")[-3:] == ["1.00", "0.00", "0.00"]
    alone = along_zones.partition("assigning alone")[2]
    assert row(alone, "gridmap")[1:3] == ["0.500", "0.500"]
    clock = alone.partition("by the clock")[2]
    assert row(clock, "gridmap")[1:3] == ["1.000", "1.000"]
    drawn = alone.partition("as many vertices in all: 36")[2]
    assert "as closely: 120 | as many vertices a zone: 376" in drawn
    assert row(drawn, "gridmap")[1:] == [
        "4.500 s, 4.50 times",
        "1.000 s, 1.00 times",
        "6.000 s, 6.00 times",
        "100",
    ]
    assert "loads before, 0.25 s (gridmap)" in text
    assert "9, 8, 7, by every way" in text
    assert f"]({next(iter(made.images))})" in text


def test_ways_that_disagree_are_named():
    odd, across = cells()
    odd[4] = core_page.Cell("gridmap", odd[4].at, (took(9.0, **{**odd[4].runs[0].said, "in_belt": 6}),))
    text = core_page.section(odd, across, MACHINE).body
    assert "by every way" not in text
    assert "gridmap 9, 8, 6; geopandas 9, 8, 7" in text


def test_the_plot_is_one_and_the_same_and_well_formed():
    picture = core_page.section(*cells(), MACHINE).images
    assert picture == core_page.section(*cells(), MACHINE).images
    tree = ET.fromstring(next(iter(picture.values())))  # noqa: S314 - our own
    words = [one.text for one in tree.iter("{http://www.w3.org/2000/svg}text")]
    assert {"homes", "zones", "10,000", "1,000,000", "geopandas", "gridmap"} <= set(words)
    assert "prefers-color-scheme: dark" in next(iter(picture.values()))


def test_a_line_rises_where_times_do():
    found = drawn([Panel("p", "homes", [Series("a", [(10, 1), (100, 10), (1000, 100)])])], seconds="s")
    path = re.search(r'class="line s0" d="M([^"]+)"', found)
    assert path is not None
    places = [tuple(map(float, pair.split())) for pair in path[1].split("L")]
    assert all(b[0] > a[0] and b[1] < a[1] for a, b in pairwise(places))
    with pytest.raises(ValueError, match="drawn"):
        drawn([Panel("p", "homes", [Series("a", [(10, 0.0)])])], seconds="s")


def test_one_part_anew_leaves_the_others():
    titles = ["One", "Two", "Three"]
    text = page("", {"Two": "old two", "One": "old one"}, titles)
    assert list(sections(text)) == ["One", "Two"]
    text = page(text, {"Three": "new three", "One": "new one"}, titles)
    assert sections(text) == {"One": "new one\n", "Two": "old two\n", "Three": "new three\n"}
    assert text == page(text, {}, titles)
    # A part that is no more goes, and its figures with it.
    assert list(sections(page(text, {}, ["Two"]))) == ["Two"]


def test_a_table_that_lost_a_cell_is_no_table():
    with pytest.raises(ValueError, match="cells"):
        table(["a", "b"], [["1"]])


def test_every_other_part_makes_its_page():
    stages = [
        pipeline.Row(stage, size, (took(size * 1e-5), took(size * 3e-5), took(size * 2e-5)))
        for stage in pipeline.STAGES
        for size in (10_000, 100_000, 1_000_000)
    ]
    text = pipeline.section(stages, MACHINE).body
    whole = row(text.partition("| 100,000 |")[2], "assign")
    assert whole[1] == "10,000"
    assert "| assign | 1,000,000 | 3 | 40.00 | 20.00 | 10.00 to 30.00 | 100 | 45.3 | 3,261 |" in text
    assert "| assign | 1.00 | 1.00 |" in text
    sampled = {"measured_s": 1.0, "whole_s": 181.0, "measured_cpu_s": 1.0, "whole_cpu_s": 101.0}
    runs = {"gridmap": [took(2.0)], "geopandas": [took(10.0, **sampled)], "shapely": [took(1.0)]}
    text = files.section(runs, 1_000_000, 1_000, MACHINE).body
    assert row(text, "geopandas") == ["geopandas", "1", "200.00", "110.00", "one run", "100", "50.0"]
    assert "scaled linearly" in text
    text = imports.section([imports.Row("import csv", 10, 1.0, [took(3.0)], [took(2.0)])], MACHINE).body
    assert row(text, "import csv")[-2:] == ["1.50", "1.00"]
    text = start.section({"gridmap --help": [took(0.25), took(0.35), took(0.3)]}, MACHINE).body
    assert row(text, "`gridmap --help`")[2:4] == ["0.300", "0.25 to 0.35"]


def test_an_update_that_gives_another_plan_is_said():
    said = {f"{step}_{clock}_s": 0.5 for step in ("stored", "updated") for clock in ("cpu", "wall")}
    said |= {"full_cpu_s": 50.0, "full_wall_s": 60.0}
    assert "1/100 of *full*" in edit_section([took(9.0, same=1.0, **said)], 10, 1, MACHINE).body
    assert (
        "DIFFER"
        in edit_section([took(9.0, same=1.0, **said), took(9.0, same=0.0, **said)], 10, 1, MACHINE).body
    )


def test_no_way_always_goes_first():
    order = []

    def way(name: str) -> Run:
        order.append(name)
        return took(1.0)

    both = {"a": lambda: way("a"), "b": lambda: way("b")}
    found = rounds(both, repeats=3, budget_s=60.0, work=lambda: 1.0)
    assert order == ["a", "b", "b", "a", "a", "b"]
    assert [len(runs) for runs in found.values()] == [3, 3]


def test_runs_while_others_have_the_machine_are_left_out_of_all_ways_alike():
    """A rival that is measured in a busy minute would be slower than it is, and so would we."""
    # The fixed work before the first run, and after each of eight.
    work = iter([1.0, 1.0, 1.0, 1.9, 1.8, 1.0, 1.1, 1.0, 1.0])
    number = iter(range(8))
    both = {way: lambda: took(float(next(number))) for way in "ab"}
    found = rounds(both, repeats=2, budget_s=60.0, work=lambda: next(work))
    assert {way: [run.cpu_s for run in runs] for way, runs in found.items()} == {
        "a": [0.0, 7.0],
        "b": [1.0, 5.0, 6.0],
    }


def test_no_run_is_left_out_if_a_way_had_no_quiet_minute():
    work = iter([1.0, 1.0, 1.9, 1.9, 1.0])
    both = {way: lambda: took(1.0) for way in "ab"}
    found = rounds(both, repeats=2, budget_s=0.0, work=lambda: next(work))
    assert [len(runs) for runs in found.values()] == [1, 1]


def test_zones_that_are_measured_on_tile_the_area():
    """Ways are compared on the same ground: a hole would be a home that only one of them finds."""
    made = areas.made(areas.Size(homes=500, zones=40, strongholds=20, border_vertices=400))
    zones = made["patrol_zone"].geometry.to_numpy()
    whole = made["admin"].geometry.iloc[0]
    assert shapely.coverage_is_valid(zones)
    assert shapely.area(zones).sum() == pytest.approx(whole.area, rel=1e-12)
    assert shapely.contains_properly(whole, made["household"].geometry.to_numpy()).all()
    again = areas.made(areas.Size(homes=500, zones=40, strongholds=20, border_vertices=400))
    assert all(made[kind].equals(again[kind]) for kind in made)


def test_the_rivals_find_the_nearest_by_every_shortcut():
    """A rival that is fast because it is wrong would be no measure."""
    made = areas.made(areas.Size(homes=800, zones=40, strongholds=20, border_vertices=400))
    points = made["household"].geometry.to_numpy()
    border = made["border"].geometry.iloc[0]
    found = rivals.vectorised(rivals.prepare(made), points, threads=2)
    away = shapely.distance(points, border)
    inside = away <= rivals.BELT_M
    assert inside.any()
    assert np.array_equal(np.isfinite(found.chainage), inside)
    assert found.border_m[inside] == pytest.approx(away[inside], abs=1e-6)
    assert found.chainage[inside] == pytest.approx(
        shapely.line_locate_point(border, points[inside]), abs=1e-6
    )
    zones = made["patrol_zone"].geometry.to_numpy()
    assert shapely.contains(zones[found.zone], points).all()
    counts = rivals.geopandas_way(made, Clock())
    assert counts == found.counts()
