"""Projections, distances and the border in the page: as PROJ, GeographicLib and gridmap.geo have them."""

from __future__ import annotations

from importlib import resources

import numpy as np
import pytest
import shapely

from gridmap import geo
from gridmap.geo import scripted
from gridmap.geo.viewed import working_border
from gridmap.model.scene import to_plain
from gridmap.render import compose
from gridmap.render.answering import _path, _series
from gridmap.render.backends.folium import to_html

pytestmark = pytest.mark.browser

STEPPE = (108.0, 40.0, 114.0, 45.0)
TWO_POINTS = "+proj=tpeqd +lat_1=41 +lat_2=44 +lon_1=108 +lon_2=114 +ellps=GRS80 +units=m"
# At least one of every projection that is left to the page's own script, and some that are not.
PLANES = {
    "EPSG:4508": STEPPE,
    "EPSG:32649": STEPPE,
    "EPSG:32719": (-72.0, -30.0, -66.0, -20.0),
    "EPSG:3857": STEPPE,
    "EPSG:2154": (0.0, 43.0, 6.0, 48.0),
    "EPSG:5070": (-100.0, 35.0, -95.0, 40.0),
    "EPSG:3031": (10.0, -80.0, 30.0, -72.0),
    "EPSG:28992": (4.0, 51.0, 7.0, 53.0),
    "EPSG:3078": (-87.0, 42.0, -83.0, 46.0),
    "EPSG:2056": (6.0, 46.0, 10.0, 47.5),
    "EPSG:3035": (5.0, 45.0, 15.0, 50.0),
    TWO_POINTS: STEPPE,
}
GEODESY = resources.files("gridmap.render").joinpath("assets", "js", "geodesy.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def html(synthetic_view):
    return to_html(compose(synthetic_view.view(), synthetic_view.spec()))


def measuring(opened, crs, box, *, lines=(), length_m=0.0):
    """Put another working CRS, and another border, into the page, and let it begin anew."""
    text = scripted.proj_text(crs, box)
    made = None if text else scripted.polynomials(crs, scripted.widened(box))
    course = []
    if len(lines):
        border = working_border(np.array(lines, dtype=object), crs, length_m=length_m)
        corners = [part[corner] for part, corner in zip(border.parts, border.corners, strict=True)]
        course = [to_plain(_path(geo.to_lonlat(xy, crs), 9)) for xy in corners]
    told = {
        "proj4": text,
        "series": made and to_plain(_series(crs, made.box)),
        "a": geo.geod(crs).a,
        "f": geo.geod(crs).f,
        "course": course,
        "length_m": length_m,
    }  # fmt: skip
    # The strip under the map draws the border when the browser finds the time: it keeps to the first.
    opened.page.evaluate(
        "() => { const kept = gridmap.parts.border(); if (kept) gridmap.parts.border = () => kept; }"
    )
    opened.page.evaluate("told => Object.assign(gridmap.scene.answering, told)", told)
    opened.page.evaluate(f"() => {{ {GEODESY} }}")
    return text


def scattered(box, count=200, seed=1):
    dice = np.random.default_rng(seed)
    return np.column_stack([dice.uniform(box[0], box[2], count), dice.uniform(box[1], box[3], count)])


def test_every_projection_is_that_of_proj_both_ways(open_page, html):
    opened = open_page(html)
    used = set()
    for crs, box in PLANES.items():
        text = measuring(opened, crs, box)
        used |= {text.split()[0].removeprefix("+proj=")} if text else {"polynomials"}
        lonlat = scattered(box)
        found = np.array(
            opened.page.evaluate(
                """places => places.map(([lon, lat]) => { const xy = gridmap.parts.geo.forward(lon, lat);
                return xy.concat(gridmap.parts.geo.back(xy[0], xy[1])); })""",
                lonlat.tolist(),
            )
        )
        assert np.hypot(*(found[:, :2] - geo.from_lonlat(lonlat, crs)).T).max() < 2e-4, crs
        assert np.abs(found[:, 2:] - lonlat).max() * 111e3 < 1e-4, crs
    assert used == scripted.SCRIPTED | {"polynomials"}


def test_beyond_its_box_a_projection_by_polynomials_says_nothing(open_page, html):
    opened = open_page(html)
    measuring(opened, TWO_POINTS, STEPPE)
    assert opened.page.evaluate("gridmap.parts.geo.forward(100, 42).every(Number.isNaN)")


def test_distances_bearings_and_areas_are_geodesic(open_page, html):
    opened = open_page(html)
    measuring(opened, "EPSG:4508", STEPPE)
    one, other = scattered(STEPPE, 100, 2), scattered(STEPPE, 100, 3)
    crs = "EPSG:4508"
    xy = [geo.from_lonlat(each, crs) for each in (one, other)]
    both = (
        "pairs => pairs.map((one) => ['distance', 'bearing'].map((name) => gridmap.parts.geo[name](...one)))"
    )
    found = np.array(opened.page.evaluate(both, np.hstack([one, other]).tolist()))
    assert found[:, 0] == pytest.approx(geo.geodesic_distance(*xy, crs), abs=1e-5)
    assert found[:, 1] == pytest.approx(geo.bearing(*xy, crs), abs=1e-7)
    ring = [[110.0, 42.0], [111.0, 42.0], [111.0, 43.0], [110.0, 43.0]]
    area, around = geo.geod(crs).polygon_area_perimeter(*np.array(ring).T)
    measured = (
        "ring => [gridmap.parts.geo.polygonArea(ring), gridmap.parts.geo.pathLength([...ring, ring[0]])]"
    )
    for written in (ring, ring[::-1]):
        assert opened.page.evaluate(measured, written) == pytest.approx([abs(area), around], rel=1e-9)
    flat = np.array(ring).ravel().tolist()
    assert opened.page.evaluate("ring => gridmap.parts.geo.polygonArea(ring)", flat) == pytest.approx(
        abs(area)
    )


LOOP = shapely.LineString([(110, 42), (110.3, 42.2), (110.6, 42), (110.3, 41.8), (110, 42)])
HOLED = [
    shapely.LineString([(110.5, 42.1), (110.3, 42.3), (110, 42.2)]),
    shapely.LineString([(110.7, 42.15), (111, 42.2), (111.3, 42.0)]),
]


@pytest.mark.parametrize(
    ("lines", "length_m"),
    [([LOOP], 0.0), (HOLED, 0.0), (HOLED, 120_000.0)],
    ids=["loop", "hole", "stretched"],
)
def test_the_border_is_measured_and_asked_as_in_python(open_page, html, lines, length_m):
    opened = open_page(html)
    crs = "EPSG:4508"
    measuring(opened, crs, STEPPE, lines=lines, length_m=length_m)
    border = working_border(np.array(lines, dtype=object), crs, length_m=length_m)
    assert opened.page.evaluate("gridmap.parts.geo.border.length") == pytest.approx(border.length_m, abs=1e-4)
    # The middle of the loop is as far from everything: ties go to the smaller chainage there, too.
    places = np.vstack([scattered((109.8, 41.7, 111.5, 42.4), 500), [[110.6, 42.1], [110.0, 42.0]]])
    found = opened.page.evaluate(
        """places => places.map(([lon, lat]) => { const one = gridmap.parts.geo.border.locate(lon, lat);
        return [one.chainage, one.metres]; })""",
        places.tolist(),
    )
    right = border.locate(geo.from_lonlat(places, crs))
    assert np.array(found)[:, 1] == pytest.approx(right.distance_m, abs=0.002)
    assert np.array(found)[:, 0] == pytest.approx(right.chainage_m, abs=0.01)
    posts = np.linspace(-5.0, border.length_m + 5.0, 101)
    shown = np.array(
        opened.page.evaluate(
            """posts => posts.map((one) => { const at = gridmap.parts.geo.border.place(one);
            return [at.lon, at.lat]; })""",
            posts.tolist(),
        )
    )
    there = geo.to_lonlat(border.place(posts), crs)
    assert np.abs(shown - there).max() * 111e3 < 0.001


def test_nothing_is_measured_before_it_is_asked_for(open_page, html):
    opened = open_page(html)
    # In one go: what the page draws in the background measures, too.
    found = opened.page.evaluate(f"""() => {{
        const kept = [window.proj4.Proj, window.geodesic.Geodesic];
        [window.proj4.Proj, window.geodesic.Geodesic] = [null, null];
        {GEODESY}
        [window.proj4.Proj, window.geodesic.Geodesic] = kept;
        return typeof gridmap.parts.geo.forward;
    }}""")
    assert found == "function"
