"""Gaps and overlaps as a planner meets them: slivers, cracks, three claimants, zones that are no zones."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gridmap import geo
from gridmap.geo import fitting

CODE = "EPSG:4508"
X0, Y0 = 450_000.0, 4_700_000.0


def box(west, south, east, north):
    return shapely.box(X0 + west, Y0 + south, X0 + east, Y0 + north)


def tiled(*shapes, whole=None, sliver_m2=1.0, sliver_width_m=0.01, ids=None):
    polygons = np.empty(len(shapes), dtype=object)
    polygons[:] = shapes
    names = np.array(ids or [f"Z{number}" for number in range(len(shapes))], dtype=object)
    whole = box(0, 0, 2000, 1000) if whole is None else whole
    limits = {"sliver_m2": sliver_m2, "sliver_width_m": sliver_width_m}
    return geo.tile(polygons, names, whole, CODE, **limits)


WEST, EAST = box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)


def test_nobody_keeps_anything():
    found = tiled()
    assert found.gap_m2 == pytest.approx(found.area_m2)
    assert [patch.ids for patch in found.gaps] == [()]
    assert (found.overlap_m2, found.outside_m2) == (0.0, 0.0)


def test_without_a_jurisdiction_all_is_outside():
    found = tiled(WEST, whole=shapely.MultiPolygon())
    assert (found.area_m2, found.gap_m2, found.overlap_m2) == (0.0, 0.0, 0.0)
    assert found.outside_m2 == pytest.approx(1e6, rel=1e-3)


def test_a_gap_names_its_neighbours_and_has_its_place():
    found = tiled(WEST, box(1100, 0, 2000, 1000))
    assert [patch.ids for patch in found.gaps] == [("Z0", "Z1")]
    assert found.gaps[0].geometry.equals(box(1000, 0, 1100, 1000))
    assert found.gaps[0].m2 == pytest.approx(1e5, rel=1e-3)
    assert found.gap_m2 == pytest.approx(found.gaps[0].m2)


def test_three_claims_on_one_place_are_one_overlap_of_three_and_two_in_excess():
    found = tiled(WEST, EAST, box(200, 200, 400, 400), box(300, 300, 500, 500))
    claims = {patch.ids: patch.m2 for patch in found.overlaps}
    assert set(claims) == {("Z0", "Z2"), ("Z0", "Z3"), ("Z0", "Z2", "Z3")}
    assert claims["Z0", "Z2", "Z3"] == pytest.approx(1e4, rel=1e-3)
    assert found.overlap_m2 == pytest.approx(8e4, rel=1e-3)


def test_what_overlaps_outside_the_jurisdiction_is_outside_once_and_no_overlap():
    found = tiled(WEST, EAST, box(2000, 0, 2100, 100), box(2000, 0, 2100, 100))
    assert found.overlap_m2 == 0.0
    assert not found.overlaps
    assert found.outside_m2 == pytest.approx(1e4, rel=1e-3)


def test_slivers_count_in_the_figures_but_are_not_listed():
    thin = tiled(box(0, 0, 999.995, 1000), EAST)
    assert not thin.gaps
    assert thin.gap_m2 == pytest.approx(5.0, rel=0.01)
    small = tiled(WEST.difference(box(10, 10, 10.9, 10.9)), EAST)
    assert not small.gaps
    assert small.gap_m2 == pytest.approx(0.81, rel=0.01)


def test_a_crack_that_opens_wide_somewhere_is_no_sliver():
    wedge = shapely.Polygon(
        [(X0, Y0 + 500), (X0 + 1000, Y0 + 500), (X0 + 1000, Y0 + 500.005), (X0, Y0 + 500.001)]
    )
    pocket = box(0, 500, 1.5, 501.5)
    found = tiled(WEST.difference(wedge).difference(pocket), EAST)
    assert len(found.gaps) == 1
    assert found.gap_m2 == pytest.approx(2.25 + 3.0, rel=0.05)


def test_a_vertex_of_one_on_the_straight_edge_of_another_opens_nothing():
    slanted = shapely.Polygon([(X0, Y0), (X0 + 1000, Y0 + 333), (X0 + 1000, Y0 + 1000), (X0, Y0 + 1000)])
    third = (X0 + 1000 / 3, Y0 + 333 / 3)
    left = shapely.Polygon([(X0, Y0), third, (X0 + 1000 / 3, Y0)])
    right = shapely.Polygon([third, (X0 + 1000, Y0 + 333), (X0 + 1000, Y0), (X0 + 1000 / 3, Y0)])
    found = tiled(slanted, left, right, whole=box(0, 0, 1000, 1000))
    assert not found.gaps
    assert not found.overlaps
    assert max(found.gap_m2, found.overlap_m2) <= 1e-9 * found.area_m2


def test_zones_that_are_no_polygons_claim_nothing_and_stop_nothing():
    bow = shapely.Polygon([(X0, Y0), (X0 + 1000, Y0 + 1000), (X0 + 1000, Y0), (X0, Y0 + 1000)])
    endless = shapely.Polygon([(X0, np.inf), (X0 + 1, Y0), (X0, Y0)])
    found = tiled(WEST, EAST, None, shapely.Polygon(), shapely.Point(X0, Y0), endless)
    assert not found.gaps
    assert not found.overlaps
    assert tiled(bow, EAST).gap_m2 == pytest.approx(5e5, rel=1e-3)


def test_a_ring_that_crosses_itself_is_mended_before_its_edges_prove_anything():
    middle, high, low = (
        (X0 + 1000, Y0 + 500),
        [(X0, Y0), (X0, Y0 + 1200)],
        [(X0 + 2000, Y0 + 900), (X0 + 2000, Y0)],
    )
    left, right = shapely.Polygon([middle, *high]), shapely.Polygon([middle, *low])
    bow = shapely.Polygon([middle, *high, middle, *low[::-1]])
    # Walked round, the bow is the left half less the right half: with the right half it adds up to the left.
    assert not len(fitting.unfitted(np.array([bow, right], dtype=object), left))
    found = tiled(bow, right, whole=left)
    assert found.outside_m2 == pytest.approx(right.area, rel=1e-3)
    assert found.gap_m2 == pytest.approx(0.0, abs=1e-6)


def test_zones_that_fit_vertex_by_vertex_are_proven_to_tile_and_no_others():
    both = np.array([WEST, None, EAST], dtype=object)
    assert geo.Tiling.proven(both, shapely.union(WEST, EAST), CODE) == tiled(WEST, EAST)
    assert geo.Tiling.proven(both, WEST, CODE) is None
    assert geo.Tiling.proven(both[:1], shapely.union(WEST, EAST), CODE) is None
    # Without a vertex where the two meet, the long edge of the whole is not theirs: the overlay decides.
    assert geo.Tiling.proven(both, box(0, 0, 2000, 1000), CODE) is None
    assert tiled(WEST, EAST).gap_m2 == 0.0


def test_the_order_of_rows_does_not_change_the_figures():
    shapes = [WEST, EAST, box(200, 200, 400, 400), box(300, 300, 500, 500)]
    one = tiled(*shapes, ids=["A", "B", "C", "D"])
    assert tiled(*shapes[::-1], ids=["D", "C", "B", "A"]) == one


def crack(wide):
    return [(X0 + 1000, Y0 + 300), (X0 + 1000 + wide, Y0 + 500), (X0 + 1000, Y0 + 700)]


def test_the_jurisdiction_has_no_cracks_where_townships_do_not_quite_fit():
    west = shapely.Polygon(
        [(X0, Y0), (X0 + 1000, Y0), *crack(0.0004), (X0 + 1000, Y0 + 1000), (X0, Y0 + 1000)]
    )
    east = shapely.Polygon(
        [
            (X0 + 1000, Y0),
            (X0 + 2000, Y0),
            (X0 + 2000, Y0 + 1000),
            (X0 + 1000, Y0 + 1000),
            *crack(0.0008)[::-1],
        ]
    )
    whole = geo.jurisdiction(np.array([west, east], dtype=object))
    assert whole.geom_type == "Polygon"
    assert not whole.interiors
    lake = geo.jurisdiction(np.array([box(0, 0, 1000, 1000).difference(box(10, 10, 20, 20))], dtype=object))
    assert len(lake.interiors) == 1
    assert geo.jurisdiction(np.array([None], dtype=object)).is_empty


def test_the_edge_of_the_jurisdiction_belongs_to_it_to_the_millimetre():
    places = np.array(
        [(X0, Y0 + 5), (X0 - 0.0009, Y0 + 5), (X0 - 0.002, Y0 + 5), (X0 + 5, Y0 + 5), (np.nan, Y0)]
    )
    assert geo.inside(places, WEST).tolist() == [True, True, False, True, False]
    assert geo.inside(places, shapely.MultiPolygon()).tolist() == [False] * 5


def test_a_deeper_claim_beats_an_edge_with_a_smaller_id():
    shapes = np.array([WEST, EAST, box(900, 400, 1100, 600)], dtype=object)
    places = np.array([[X0 + 1000, Y0 + 500], [X0 + 1000, Y0 + 100], [X0 + 950, Y0 + 500]])
    found = geo.contain(places, shapes, np.array(["A", "B", "C"]))
    assert found.lead.tolist() == [2, 0, 0]
    assert found.extra.tolist() == [[2, 2]]


def test_nothing_contains_nothing():
    none = np.array([], dtype=object)
    assert geo.contain(np.array([[X0, Y0]]), none, none).lead.tolist() == [-1]
    assert geo.contain(np.empty((0, 2)), np.array([WEST], dtype=object), np.array(["A"])).lead.tolist() == []
    assert geo.contain(
        np.array([[X0, Y0]]), np.array([None], dtype=object), np.array(["A"])
    ).lead.tolist() == [-1]
