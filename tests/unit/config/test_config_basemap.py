"""A basemap on another datum is refused when the project is opened, before anybody draws on it."""

from __future__ import annotations

import pytest

from gridmap.config.load import parse_spec, template_text
from gridmap.errors import ConfigError


def settings(*, project: str = "EPSG:4508", overlays: str | None = None, **more: str) -> str:
    said = {
        "file": '"topo.png"',
        "crs": '"EPSG:4490"',
        "datum": '"cgcs2000"',
        "bounds": "[109.0, 42.0, 110.0, 43.0]",
        "audiences": '["planner"]',
        **more,
    }
    table = "\n".join(f"{key} = {value}" for key, value in said.items() if value)
    made = template_text(name_en="a", name_zh="b", crs=project, synthetic=True, source="")
    made = made if overlays is None else made.replace('overlays = ["basemap", ', overlays)
    return f"{made}\n[maps.main.basemap]\n{table}\n"


def refused(**more: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        parse_spec(settings(**more), where="gridmap.toml")
    assert caught.value.code == "GM103"
    return caught.value


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_a_picture_of_a_web_map_is_refused_with_what_it_would_cost(datum):
    error = refused(datum=f'"{datum}"')
    assert datum in error.what
    assert "500 to 650 m" in error.what
    assert error.where == "gridmap.toml: maps.main.basemap.datum"
    assert "WGS 84 or CGCS2000" in error.fix


def test_a_datum_must_be_said():
    assert "datum" in refused(datum="").what


@pytest.mark.parametrize(
    ("crs", "says"),
    [
        ("EPSG:2381", "Xian 1980"),
        ("EPSG:4214", "Beijing 1954"),
        ("EPSG:32649", "is not placed"),
        ("EPSG:4508", "is not placed"),
        ("EPSG:99999", "no such coordinate reference system"),
        ("topographic", "no such coordinate reference system"),
    ],
)
def test_a_crs_that_a_page_cannot_place_is_refused(crs, says):
    error = refused(crs=f'"{crs}"')
    assert says in error.what
    assert "gdalwarp" in error.fix


def test_a_project_on_an_older_datum_gets_no_basemap_on_a_newer_one():
    # Xian 1980 and Beijing 1954 lie some 100 m off.
    for crs in ("EPSG:2345", "EPSG:2422"):
        with pytest.raises(ConfigError, match="up to 150 m off"):
            parse_spec(settings(project=crs), where="gridmap.toml")


@pytest.mark.parametrize("crs", ["EPSG:4508", "EPSG:32649"])
@pytest.mark.parametrize(("given", "datum"), [("EPSG:4490", "wgs84"), ("EPSG:4326", "cgcs2000")])
def test_wgs84_and_cgcs2000_are_the_same_within_decimetres(crs, given, datum):
    text = settings(project=crs, crs=f'"{given}"', datum=f'"{datum}"')
    made = parse_spec(text, where="x")
    assert made.maps["main"].basemap is not None


def test_audiences_that_are_not_there_and_a_map_that_does_not_draw_it_are_said():
    assert "no such audience: planer" in refused(audiences='["planer"]').what
    error = refused(overlays="overlays = [")
    assert "does not draw it" in error.what
    assert '"basemap"' in error.fix


def test_nobody_is_listed_unless_somebody_is():
    made = parse_spec(settings(audiences=""), where="x")
    assert made.maps["main"].basemap.audiences == ()


def test_old_settings_without_the_new_kinds_still_open():
    text = template_text(name_en="a", name_zh="b", crs="EPSG:4508", synthetic=True, source="")
    lines, skip = [], False
    for line in text.splitlines():
        if line.startswith("["):
            skip = line.startswith(("[kinds.water", "[kinds.neighbour"))
        if skip or line.startswith(("water = ", "neighbour = ")):
            continue
        lines.append(line)
    old = "\n".join(lines).replace(
        '[[audiences.public.redactions]]\nkind = "water"               # and so does a channel\n'
        'redaction = "drop"\nonly = { class = ["river", "stream"] }\n',
        "",
    )
    old = old.replace('"basemap", "relief", "neighbours", "admin", "water",', '"relief", "admin",')
    made = parse_spec(old, where="old")
    assert not {"water", "neighbour"} & made.kinds.keys()
