import pytest
import shapely
from drawn_area import at, box, line, point


def test_townships_that_overlap_are_found_at_the_larger_id_with_the_place(area):
    area.change("admin", "150223102", geometry=box(0, 0, 21, 20))
    (finding,) = area.findings()
    assert (finding.code, finding.id, finding.related) == ("township-overlap", "150223108", ("150223102",))
    assert finding.geometry.equals(box(20, 0, 21, 20))
    assert finding.size == pytest.approx(20e6, rel=2e-3)


def test_a_hole_between_townships_is_one_finding_without_a_row(area):
    hole = box(19, 5, 20, 6)
    area.change("admin", "150223102", geometry=box(0, 0, 20, 20).difference(box(18, 5, 20, 6)))
    area.change("admin", "150223108", geometry=box(20, 0, 40, 20).union(box(18, 5, 19, 6)))
    area.add("household", **area.home("h4", 19.5, 5.5, "150223102201"))
    found = [f for f in area.findings() if f.code == "township-gap"]
    assert [(f.id, f.geometry.equals(hole)) for f in found] == [(None, True)]


def test_a_hole_in_a_township_is_not_also_told_of_its_gacha_and_the_home_in_it(area):
    area.change("admin", "150223102", geometry=box(0, 0, 20, 20).difference(box(12, 5, 13, 6)))
    area.add("household", **area.home("h4", 12.5, 5.5, "150223102201"))
    assert area.found() == [("township-gap", "admin", None)]


def test_gachas_that_overlap_are_found(area):
    area.change("admin", "150223102200", geometry=box(0, 0, 11, 20))
    assert area.found() == [("gacha-overlap", "admin", "150223102201")]


def test_a_part_of_a_township_in_no_gacha_is_found(area):
    area.change("admin", "150223102200", geometry=box(0, 0, 9, 20))
    (finding,) = area.findings()
    assert (finding.code, finding.id, finding.related) == ("gacha-gap", None, ("150223102",))
    assert finding.geometry.equals(box(9, 0, 10, 20))


def test_a_gacha_outside_its_township_is_found_and_not_as_an_overlap_with_the_neighbour(area):
    area.change("admin", "150223102201", geometry=box(10, 0, 21, 20))
    assert area.found() == [("gacha-outside", "admin", "150223102201")]


def test_slivers_are_not_faults(area):
    area.change("admin", "150223102200", geometry=box(0, 0, 10.000004, 20))
    area.change("admin", "150223108", geometry=box(20.000004, 0, 40, 20))
    assert area.found() == []


def test_an_invalid_township_is_one_finding(area):
    ring = [at(0, 0), at(20, 0), at(20, 20), at(0, 20), at(0, 0), at(-0.5, -0.5), at(0.5, -0.5), at(0, 0)]
    area.change("admin", "150223102", geometry=shapely.Polygon(ring))
    assert area.found() == [("geometry-invalid", "admin", "150223102")]


@pytest.mark.parametrize("name", ["150223102", "150223102200"])
def test_a_polygon_that_is_missing_is_one_finding_though_homes_stand_there(area, name):
    area.change("admin", name, geometry=None)
    assert area.found() == [("geometry-missing", "admin", name)]


def test_a_wrong_parent_is_not_also_a_gap(area):
    area.change("admin", "150223102201", parent=None)
    assert area.found() == [("parent-missing", "admin", "150223102201")]


def test_ends_that_nearly_meet_are_found(area):
    area.change("border", "b2", geometry=line((20.05, 20), (40, 20)))
    (finding,) = area.findings()
    assert (finding.code, finding.id, finding.related) == ("border-not-joined", "b2", ("b1",))
    assert finding.geometry.length == pytest.approx(50)


def test_a_wide_hole_between_parts_is_meant(area):
    area.change("border", "b2", geometry=line((20.2, 20), (40, 20)))
    assert area.found() == []


@pytest.mark.parametrize(
    "geometry",
    [
        line((10, 20), (10, 19.99), (9.99, 19.99), (9.99, 20.01)),
        line((5, 20), (6, 20)),
        line((0, 20), (20, 20)),
    ],
)
def test_a_part_that_crosses_or_repeats_is_found_at_the_shorter_one(area, geometry):
    area.add("border", id="a", geometry=geometry)
    (finding,) = area.findings()
    assert (finding.code, finding.table) == ("border-crosses", "border")
    assert finding.id == ("b1" if geometry.length == 20_000 else "a")


def test_a_line_that_crosses_itself_is_found(area):
    area.change("border", "b1", geometry=line((0, 20), (10, 20), (10, 19.9), (9, 19.9), (9, 20.1), (20, 20)))
    assert [code for code, _, _ in area.found()] == ["border-crosses"]


@pytest.mark.parametrize("start", [(10, 20), (20, 20)])
def test_a_branch_is_found_at_the_branch(area, start):
    area.change("border", "b1", geometry=line((0, 20), (10, 20), (20, 20)))
    area.add("border", id="a", geometry=line(start, (start[0], 19.5)))
    assert area.found() == [("border-branches", "border", "a")]


def test_a_closed_border_is_not_a_crossing(area):
    area.rows["border"] = [{"id": "b", "geometry": line((0, 20), (40, 20), (40, 0), (0, 0), (0, 20))}]
    area.rows["landmark"] = []
    assert area.found() == []


def test_a_part_away_from_the_edge_is_found_and_misleads_nothing_else(area):
    area.add("border", id="a", geometry=line((5, 10), (6, 10)))
    area.add("landmark", **area.marker("m9", "界9", 5.5, 10))
    assert area.found() == [("border-off-edge", "border", "a"), ("marker-off-border", "landmark", "m9")]


def test_every_second_copy_of_a_township_is_told_once(area):
    area.add("admin", **area.admin("150223109", box(20, 0, 40, 20), None))
    assert area.found() == [("township-overlap", "admin", "150223109")]


def test_a_home_on_a_shared_edge_may_name_either_gacha(area):
    area.add("household", **area.home("h4", 10, 5, "150223102200"))
    area.add("household", **area.home("h5", 10, 6, "150223102201"))
    area.change("household", "h2", geometry=point(10.0000005, 3))
    assert area.found() == []


def test_an_id_that_looks_like_a_format_is_only_an_id(area):
    area.change("admin", "150223102", id="{0.__class__} %s {m2")
    area.change("admin", "150223102200", geometry=box(0, 0, 9, 20))
    [message] = [one.message for one in area.findings() if one.code == "gacha-gap"]
    assert message.startswith("{0.__class__} %s {m2: the areas in it leave ")
