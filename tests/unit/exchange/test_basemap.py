"""Where a basemap lies is read, never guessed: half a kilometre off, it sends people the wrong way."""

from __future__ import annotations

import picture_files as made
import pytest
from pydantic import ValidationError

from gridmap.config import BasemapSpec
from gridmap.errors import InputError
from gridmap.exchange import basemap
from gridmap.exchange.basemap import read_basemap

BOUNDS = (109.0, 42.0, 110.0, 43.0)


def spec(**more: object) -> BasemapSpec:
    said = {"file": "topo.png", "crs": "EPSG:4490", "datum": "cgcs2000", "bounds": BOUNDS, **more}
    return BasemapSpec.model_validate({key: value for key, value in said.items() if value is not None})


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "topo.png").write_bytes(made.png(made.colours()))
    return tmp_path


def box(found):
    return found.west, found.south, found.east, found.north


def test_bounds_in_degrees_are_taken_as_they_are(folder):
    found = read_basemap(folder, spec(opacity=0.5, attribution="X", audiences=("planner",)))
    assert box(found) == BOUNDS
    assert (found.spacing, found.opacity, found.attribution) == ("degrees", 0.5, "X")
    assert found.audiences == ("planner",)


def test_bounds_in_web_mercator_become_degrees(folder):
    corners = (12_133_824.58, 5_160_979.44, 12_245_143.99, 5_311_971.85)
    found = read_basemap(folder, spec(crs="EPSG:3857", datum="wgs84", bounds=corners))
    assert box(found) == pytest.approx(BOUNDS, abs=1e-6)
    assert found.spacing == "mercator"


@pytest.mark.parametrize("name", ["topo.pgw", "topo.pngw", "topo.wld", "topo.PGW"])
def test_a_world_file_gives_the_centre_of_the_first_pixel(folder, name):
    step_x, step_y = 1 / 60, 1 / 40
    text = f"{step_x}\n0\n0\n{-step_y}\n{109 + step_x / 2}\n{43 - step_y / 2}\n"
    (folder / name).write_text(text, encoding="ascii")
    assert box(read_basemap(folder, spec(bounds=None))) == pytest.approx(BOUNDS, abs=1e-9)


def test_without_bounds_and_world_file_nothing_is_guessed(folder):
    with pytest.raises(InputError, match="nothing says where the basemap lies") as caught:
        read_basemap(folder, spec(bounds=None))
    assert "topo.pgw" in caught.value.fix


@pytest.mark.parametrize("text", ["1 0 0 -1 109", "1 0.1 0 -1 109 43", "1 0 0 1 109 43", "a b c d e f", ""])
def test_a_world_file_that_turns_or_says_nothing_is_refused(folder, text):
    (folder / "topo.pgw").write_text(text, encoding="ascii")
    with pytest.raises(InputError, match="world file"):
        read_basemap(folder, spec(bounds=None))


def test_a_place_off_the_world_is_refused(folder):
    (folder / "topo.pgw").write_text("1000 0 0 -1000 480000 4700000", encoding="ascii")
    with pytest.raises(InputError, match="map of the world"):
        read_basemap(folder, spec(bounds=None))


def test_a_missing_and_a_heavy_picture_are_told_apart(folder, monkeypatch):
    with pytest.raises(InputError, match=r"\[GM202\] the basemap cannot be read"):
        read_basemap(folder, spec(file="none.png"))
    monkeypatch.setattr(basemap, "MOST_BYTES", 50)
    with pytest.raises(InputError, match=r"\[GM209\]"):
        read_basemap(folder, spec())


@pytest.mark.parametrize(
    "more",
    [
        {"datum": None},
        {"datum": "beijing54"},
        {"bounds": (110.0, 42.0, 109.0, 43.0)},
        {"bounds": (109.0, 42.0, 110.0)},
        {"bounds": (480_000.0, 4_600_000.0, 490_000.0, 4_700_000.0)},
        {"crs": "EPSG:3857"},
        {"opacity": 0.0},
        {"opacity": 1.5},
        {"opacity": True},
        {"attribution": "x" * 301},
        {"file": ""},
        {"tiles": "https://example.org"},
    ],
)
def test_what_makes_no_sense_is_an_error_of_the_settings(more):
    with pytest.raises(ValidationError):
        spec(**more)
