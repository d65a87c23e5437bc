"""What coordinates are in: stated, told by the caller, or asked about; never guessed."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from pyproj import Transformer

from gridmap.config import default_spec
from gridmap.errors import ConfigError, InputError
from gridmap.exchange.options import ReadOptions
from gridmap.exchange.placing import AROUND, NO_NUMBER, NO_PLACE, Given, UnstatedCrsError, place
from gridmap.geo.crs import geoms_from_lonlat, geoms_to_lonlat
from gridmap.geo.datum import from_wgs84
from gridmap.geo.territory import mask

SPEC = default_spec()
PLACES = np.array([(110.0, 42.2), (110.5, 42.3), (109.7, 41.9)])
AREA = geoms_from_lonlat([shapely.box(109.0, 41.7, 111.5, 42.8)], SPEC.crs)[0]
AWAY = np.array((2.5, -0.5))
CODINGS = ("EPSG:4525", "EPSG:4546", "EPSG:4497", "EPSG:4508")


def coded(crs):
    way = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    return np.column_stack(way.transform(PLACES[:, 0], PLACES[:, 1]))


def placed(xy, crs=None, *, jurisdiction=AREA, defined=False, shapes=None, **options):
    given = Given(
        shapely.points(xy) if shapes is None else np.array(shapes, dtype=object), crs, defined=defined
    )
    return place(
        given, spec=SPEC, options=ReadOptions(**options), jurisdiction=jurisdiction, name="homes.csv"
    )


def degrees(done):
    return shapely.get_coordinates(geoms_to_lonlat(done.geometry, SPEC.crs))


@pytest.mark.parametrize("swap", [False, True])
@pytest.mark.parametrize("crs", CODINGS)
def test_a_survey_without_a_crs_is_asked_about_and_then_exact(crs, swap):
    xy = coded(crs)[:, ::-1] if swap else coded(crs)
    with pytest.raises(UnstatedCrsError) as caught:
        placed(xy)
    error = caught.value
    assert error.code == "GM201"
    # What is to be typed stands there, with the meridian's twin among it.
    option = f"--crs {crs}" + (" --swap-axes" if swap else "")
    assert option in error.where
    assert error.readings[0].swap is swap
    for reading in (crs, error.readings[0].crs):
        done = told(xy, reading, swap=swap)
        assert np.abs(degrees(done) - PLACES).max() < 1e-9
        assert "northing" in done.crs or not swap


def told(xy, crs, *, swap=False):
    given = Given(shapely.points(xy), None)
    options = ReadOptions(crs=crs, swap_axes=swap)
    return place(given, spec=SPEC, options=options, jurisdiction=AREA, name="homes.csv")


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_points_of_a_web_map_come_back(datum):
    shifted = from_wgs84(PLACES, datum)
    done = placed(shifted, datum=datum)
    assert np.abs(degrees(done) - PLACES).max() < 1e-8
    assert placed(shifted, datum).crs == done.crs
    with pytest.raises(UnstatedCrsError) as caught:
        placed(shifted)
    assert [one.datum for one in caught.value.readings] == ["wgs84", "gcj02", "bd09"]


def test_points_near_the_border_are_said_to_be_unsure():
    edge = shapely.get_coordinates(mask())
    near = edge[(edge[:, 0] > 109) & (edge[:, 0] < 111) & (edge[:, 1] > 42)][:1] - (0, 0.005)
    done = placed(near, datum="gcj02", jurisdiction=None)
    assert done.notes == (
        "1 vertices are within 2 km of where web maps stop shifting: look at them on the map",
    )
    # The project's own townships know better.
    assert placed(PLACES, datum="gcj02").notes == ()


@pytest.mark.parametrize(
    ("crs", "name"),
    [("EPSG:2344", "Xian 1980"), ("EPSG:21459", "Beijing 1954"), ("EPSG:2436", "Beijing 1954")],
)
def test_an_old_survey_comes_with_a_warning(crs, name):
    done = told(coded(crs), crs)
    assert any(note.startswith(f"{name}: the true shift is not public") for note in done.notes)
    assert any("+proj=pipeline" in note for note in done.notes)
    # As exact as PROJ's own way back.
    assert np.abs(degrees(done) - PLACES).max() < 1e-8


def test_a_pipeline_of_the_user_is_taken_as_it_is():
    """An office that has its own shift parameters says them."""
    pipeline = (
        "+proj=pipeline +step +inv +proj=tmerc +lat_0=0 +lon_0=111 +k=1 +x_0=500000 +ellps=krass "
        "+step +proj=cart +ellps=krass +step +proj=helmert +x=15.8 +y=-154.4 +z=-82.3 "
        "+step +inv +proj=cart +ellps=WGS84 +step +proj=unitconvert +xy_in=rad +xy_out=deg"
    )
    given = np.array([(420_000.0, 4_680_000.0)])
    done = told(given, pipeline)
    assert done.crs == "your pipeline"
    expected = Transformer.from_pipeline(pipeline).transform(*given[0])
    assert np.allclose(degrees(done)[0], expected[:2], rtol=0, atol=1e-9)
    with pytest.raises(InputError, match="GM201"):
        told(given, "+proj=pipeline +step +proj=nonsense")


@pytest.mark.parametrize("crs", ["EPSG:32649", "EPSG:3857", "EPSG:4490", "EPSG:4326", "EPSG:4508"])
def test_what_is_stated_is_used(crs):
    done = placed(coded(crs), crs)
    assert np.abs(degrees(done) - PLACES).max() < 1e-8
    assert crs in done.crs or "degrees" in done.crs


@pytest.mark.parametrize(
    ("stated", "really", "option"),
    [
        ("EPSG:4326", "EPSG:4525", "--crs EPSG:4525"),
        ("EPSG:4525", "EPSG:4326", "--datum wgs84"),
        ("EPSG:4508", "EPSG:4497", "--crs EPSG:4497"),
        ("EPSG:32649", "EPSG:4525", "--crs EPSG:4525"),
    ],
)
def test_a_file_that_states_one_thing_and_holds_another_is_refused(stated, really, option):
    with pytest.raises(InputError) as caught:
        placed(coded(really), stated)
    assert caught.value.code == "GM208"
    assert option in caught.value.where


def test_swapped_axes_are_named():
    with pytest.raises(InputError) as caught:
        placed(PLACES[:, ::-1], "OGC:CRS84", defined=True)
    assert caught.value.code == "GM208"
    assert "--datum wgs84 --swap-axes" in caught.value.where
    done = placed(PLACES[:, ::-1], "OGC:CRS84", defined=True, swap_axes=True)
    assert np.abs(degrees(done) - PLACES).max() < 1e-9


def test_data_that_lie_elsewhere_are_no_contradiction():
    """A neighbour's township is for `gridmap check` to speak of."""
    done = placed(PLACES + AWAY, "EPSG:4326")
    assert np.abs(degrees(done) - (PLACES + AWAY)).max() < 1e-9


def test_the_caller_counts_before_the_file_and_that_is_said():
    given = Given(shapely.points(coded("EPSG:4525")), "EPSG:4326")
    options = ReadOptions(crs="EPSG:4525")
    done = place(given, spec=SPEC, options=options, jurisdiction=AREA, name="homes.csv")
    assert np.abs(degrees(done) - PLACES).max() < 1e-9
    assert done.notes[0].startswith("the file states degrees on WGS 84; taken as you say")


def test_a_crs_and_a_datum_are_one_too_many():
    with pytest.raises(ConfigError, match="GM106"):
        place(
            Given(shapely.points(PLACES), None),
            spec=SPEC,
            options=ReadOptions(crs="EPSG:4326", datum="gcj02"),
            jurisdiction=AREA,
            name="homes.csv",
        )


def test_a_shape_over_the_line_of_180_degrees_is_told_by_its_row():
    around = shapely.Polygon([(179, 42), (-179, 42), (-179, 43), (179, 43)])
    done = placed(None, "EPSG:4326", shapes=[shapely.Point(110.0, 42.2), around], jurisdiction=None)
    assert done.faults == ((1, AROUND),)


def test_a_position_that_is_none_is_told_by_its_row():
    shapes = [
        shapely.Point(110.0, 42.2),
        shapely.Point(np.nan, 42),
        None,
        shapely.Point(),
        shapely.Point(42, 110),
    ]
    done = placed(None, "EPSG:4326", shapes=shapes)
    assert done.faults == ((1, NO_NUMBER), (4, NO_PLACE))
    assert done.geometry[2] is None
    assert done.geometry[3].is_empty


@pytest.mark.parametrize("stated", ["EPSG:1", "PROJCS[", "/etc/passwd", "http://127.0.0.1:9/crs", "urn:x"])
def test_a_crs_that_nobody_understands_is_refused(stated):
    with pytest.raises(InputError) as caught:
        placed(PLACES, stated)
    assert caught.value.code == "GM201"


def test_a_message_holds_no_position_to_the_metre():
    """The readings name the middle of the data to eleven metres, so that they can be told apart, no more."""
    with pytest.raises(UnstatedCrsError) as caught:
        placed(PLACES[:1] + 1e-5)
    assert "110.00001" not in caught.value.where
