"""Laws of tiling and containment, and areas against pyproj."""

from __future__ import annotations

import geo_oracle as oracle
import numpy as np
import pytest
import shapely
from geo_oracle import CODE, X0, Y0
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap import geo
from gridmap.geo import fitting, tiling

SOME = settings(max_examples=30, deadline=None)
WHOLE = shapely.box(X0, Y0, X0 + 40_000.0, Y0 + 30_000.0)
LIMITS = {"sliver_m2": 1.0, "sliver_width_m": 0.01}


def oracle_area(shape):
    """Return geodesic square metres by pyproj, edges densified to 50 m in the plane first."""
    dense = shapely.segmentize(shape, 50.0)
    turned = shapely.transform(dense, oracle.lonlat)
    return abs(oracle.GEOD.geometry_area_perimeter(shapely.geometry.polygon.orient(turned))[0])


@st.composite
def mosaics(draw):
    """Draw polygons that tile WHOLE exactly: the cells of lines drawn across it."""
    ends = st.integers(0, 40_000), st.integers(0, 40_000)
    across = draw(st.lists(st.tuples(*ends), min_size=1, max_size=5, unique=True))
    cuts = [shapely.LineString([(X0 + a, Y0 - 10.0), (X0 + b, Y0 + 30_010.0)]) for a, b in across]
    faces = shapely.polygonize([shapely.union_all([WHOLE.boundary, *cuts])])
    return [face for face in faces.geoms if WHOLE.contains(face.representative_point())]


def judged(polygons, whole=WHOLE):
    ids = np.array([f"Z{n:02d}" for n in range(len(polygons))])
    return geo.tile(np.array(polygons, dtype=object), ids, whole, CODE, **LIMITS)


@given(mosaics())
@SOME
def test_what_tiles_exactly_has_no_gap_and_no_overlap(polygons):
    found = judged(polygons)
    assert not found.gaps
    assert not found.overlaps
    assert max(found.gap_m2, found.overlap_m2, found.outside_m2) <= 1e-9 * found.area_m2
    assert found.area_m2 == pytest.approx(oracle_area(WHOLE), rel=1e-6)


@given(mosaics(), st.integers(0, 2**31))
@SOME
def test_a_missing_zone_is_a_gap_of_its_own_size(polygons, seed):
    lost = seed % len(polygons)
    if polygons[lost].area < 10_000.0 or len(polygons) == 1:
        return
    found = judged([one for n, one in enumerate(polygons) if n != lost])
    assert found.gap_m2 == pytest.approx(oracle_area(polygons[lost]), rel=1e-6, abs=1.0)
    assert sum(patch.m2 for patch in found.gaps) == pytest.approx(found.gap_m2, rel=1e-6, abs=1.0)


def test_an_overlap_across_a_shared_edge_has_no_spike_along_it():
    cut = shapely.LineString([(X0, Y0 - 10.0), (X0 + 324.0, Y0 + 30_010.0)])
    zones = list(shapely.polygonize([shapely.union_all([WHOLE.boundary, cut])]).geoms)
    boxes = [shapely.box(X0, Y0 + y, X0 + 8000.0, Y0 + y + 6000.0) for y in (0.0, 105.0)]
    for patch in judged([*zones, *boxes]).overlaps:
        low, high = patch.geometry.bounds[1], patch.geometry.bounds[3]
        assert patch.geometry.buffer(-1e-3).buffer(1e-3).bounds[1] == pytest.approx(low, abs=0.01)
        assert patch.geometry.buffer(-1e-3).buffer(1e-3).bounds[3] == pytest.approx(high, abs=0.01)


@given(mosaics(), st.lists(st.tuples(st.integers(0, 30_000), st.integers(0, 20_000)), min_size=1, max_size=3))
@SOME
def test_each_excess_claim_counts_once_and_its_claimants_are_named(polygons, corners):
    extra = [shapely.box(X0 + x, Y0 + y, X0 + x + 8000.0, Y0 + y + 6000.0) for x, y in corners]
    everyone = [*polygons, *extra]
    found = judged(everyone)
    # Every extra box lies in WHOLE, which is tiled already: all of it is excess.
    assert found.overlap_m2 == pytest.approx(sum(oracle_area(one) for one in extra), rel=1e-6)
    assert not found.gaps
    for patch in found.overlaps:
        place = patch.geometry.representative_point()
        claimants = tuple(f"Z{n:02d}" for n, one in enumerate(everyone) if one.contains(place))
        assert patch.ids == claimants
    excess = sum(patch.m2 * (len(patch.ids) - 1) for patch in found.overlaps)
    assert excess == pytest.approx(found.overlap_m2, rel=1e-6, abs=10.0)


@given(mosaics(), st.randoms(use_true_random=False))
@SOME
def test_the_order_of_rows_changes_nothing(polygons, random):
    ids = [f"Z{n:02d}" for n in range(len(polygons))]
    order = list(range(len(polygons)))
    random.shuffle(order)
    points = np.array([(X0 + x, Y0 + y) for x in range(0, 40_001, 4000) for y in range(0, 30_001, 5000)])
    one = geo.contain(points, np.array(polygons, dtype=object), np.array(ids))
    other = geo.contain(
        points, np.array([polygons[n] for n in order], dtype=object), np.array([ids[n] for n in order])
    )
    assert (one.lead >= 0).all()
    assert one.lead.tolist() == [order[n] for n in other.lead]


corner = st.tuples(st.floats(-150_000.0, 150_000.0), st.floats(-150_000.0, 150_000.0))


@given(st.lists(corner, min_size=3, max_size=7), st.sampled_from([1e-4, 1e-2, 1.0]))
@settings(max_examples=60, deadline=None)
def test_area_and_length_agree_with_pyproj_at_every_size(corners, size):
    shape = shapely.MultiPoint([(X0 + x * size, Y0 + y * size) for x, y in corners]).convex_hull
    if shape.geom_type != "Polygon" or shape.area < shape.length**2 / 1000.0 or shape.area < 1.0:
        return
    holed = shape.difference(shapely.affinity.scale(shape, 0.4, 0.4))
    wanted = oracle_area(shape) - oracle_area(shapely.affinity.scale(shape, 0.4, 0.4))
    # pyproj's own sum of large numbers is good to about a square centimetre.
    assert geo.geodesic_area(np.array([holed]), CODE)[0] == pytest.approx(wanted, rel=1e-6, abs=0.02)
    ring = shapely.get_coordinates(shape.exterior)
    assert geo.geodesic_length(np.array([shape]), CODE)[0] == pytest.approx(oracle.length(ring), rel=1e-6)


@st.composite
def nearly(draw):
    """Draw what tiles exactly, with some of it gone, doubled, moved or drawn otherwise."""
    polygons = draw(mosaics())
    whole = draw(st.sampled_from([WHOLE, shapely.coverage_union_all(polygons)]))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(polygons) - 1))
        one = polygons[at]
        change = draw(st.sampled_from(["gone", "twice", "moved", "turned", "noded", "holed", "two"]))
        if change == "gone" and len(polygons) > 1:
            polygons.pop(at)
        elif change == "twice":
            polygons.append(one)
        elif change == "moved":
            polygons[at] = shapely.affinity.translate(one, draw(st.integers(-900, 900)), 40.0)
        elif change == "turned":
            polygons[at] = shapely.reverse(one)
        elif change == "noded":
            polygons[at] = shapely.segmentize(one, 7_000.0)
        elif change == "holed":
            polygons[at] = one.difference(one.representative_point().buffer(300.0))
        elif change == "two" and len(polygons) > 1:
            other = polygons.pop(0 if at else 1)
            at = polygons.index(one)
            if one.disjoint(other):
                polygons[at] = shapely.MultiPolygon([one, other])
    return polygons, whole


@given(nearly())
@SOME
def test_what_edges_prove_is_what_the_overlay_finds_to_the_last_bit(drawn):
    polygons, whole = drawn
    fast = judged(polygons, whole)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiling, "_loose", lambda *_: None)
        slow = judged(polygons, whole)
    assert fast == slow
    for one, other in zip(fast.gaps + fast.overlaps, slow.gaps + slow.overlaps, strict=True):
        assert shapely.to_wkb(one.geometry) == shapely.to_wkb(other.geometry)


@given(mosaics())
@SOME
def test_what_fits_vertex_by_vertex_is_proven_without_an_overlay(polygons):
    whole = shapely.coverage_union_all(polygons)
    assert not len(fitting.unfitted(np.array(polygons, dtype=object), whole))
    rest = polygons[1:]
    assert len(fitting.unfitted(np.array(rest, dtype=object), whole)) == len(polygons[0].exterior.coords) - 1
