"""The page: nothing from outside, nothing that runs but ours, the same bytes every time."""

from __future__ import annotations

import base64
import hashlib
import json
import re

import folium
import pytest
import synthetic_view

from gridmap.errors import RenderError
from gridmap.render import compose, library
from gridmap.render.backends.folium import to_folium, to_html
from gridmap.render.words import catalogue


@pytest.fixture(scope="module")
def scene():
    return compose(synthetic_view.view(relief_asc=synthetic_view.relief()), synthetic_view.spec())


@pytest.fixture(scope="module")
def page(scene):
    return to_html(scene)


def policy(page):
    return re.search(r'<head>\s*<meta http-equiv="Content-Security-Policy" content="([^"]*)">', page)[1]


def test_the_same_scene_gives_the_same_bytes(scene, page):
    assert to_html(scene) == page


def test_nothing_points_outside_the_page(page):
    markup = re.sub(r"<script>.*?</script>|<!--.*?-->", "", page, flags=re.DOTALL)
    assert not re.search(
        r"""(?:src|href)\s*=\s*["']?(?!data:)""", re.sub(r"<style>.*?</style>", "", markup, flags=re.DOTALL)
    )
    styles = "".join(re.findall(r"<style>(.*?)</style>", page, re.DOTALL))
    assert all(url.startswith(('"data:', "#")) for url in re.findall(r"url\(([^)]*)\)", styles))
    assert "sourceMappingURL" not in page
    assert "cdn." not in page


def test_the_policy_comes_first_and_allows_only_what_is_in_the_page(page):
    said = policy(page)
    assert said.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in said
    scripts = [
        code
        for attributes, code in re.findall(r"<script([^>]*)>(.*?)</script>", page, re.DOTALL)
        if "json" not in attributes
    ]
    for code in scripts:
        assert base64.b64encode(hashlib.sha256(code.encode()).digest()).decode() in said


def test_data_is_only_in_json_blocks(page):
    blocks = re.findall(
        r'<script type="application/json" data-gridmap="(\w+)">(.*?)</script>', page, re.DOTALL
    )
    held = {part: json.loads(block) for part, block in blocks}
    assert held["counts"]["household"] == 30
    outside = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert "北段边防连" not in outside


def test_licences_of_third_parties_go_with_the_page(page):
    assert "BSD 2-Clause License" in page
    assert "Leaflet 1.9.4" in page or "leaflet 1.9.4" in page


def test_an_analyst_can_add_folium_layers(scene, page):
    made = to_folium(scene)
    folium.CircleMarker((42.2, 110.2), radius=9, tooltip="mine").add_to(made)
    folium.GeoJson(
        {
            "type": "Feature",
            "properties": {"a": "{{7*7}}"},
            "geometry": {"type": "Point", "coordinates": [110, 42]},
        }
    ).add_to(made)
    folium.LayerControl().add_to(made)
    added = made.get_root().render()
    assert "circleMarker" in added
    assert "circleMarker(" not in page.replace(library.own_script(), "").replace(library.leaflet_script(), "")
    assert "{{7*7}}" not in added
    assert "49" not in re.findall(r'"a": "([^"]*)"', added)
    assert made.get_root().render() == added, "rendering twice gives the same page"


def test_what_an_offline_page_cannot_hold_is_an_error_and_no_broken_map(scene):
    made = to_folium(scene)
    folium.Marker((42.2, 110.2), popup="needs jQuery").add_to(made)
    with pytest.raises(RenderError, match="GM701"):
        made.get_root().render()


def test_tiles_from_the_network_are_refused(scene):
    made = to_folium(scene)
    folium.TileLayer("OpenStreetMap").add_to(made)
    with pytest.raises(RenderError, match="GM701"):
        made.get_root().render()


def test_other_maps_of_the_process_are_left_as_they_were(scene):
    plain = folium.Map((42, 110))
    to_html(scene)
    shown = plain.get_root().render()
    assert "leaflet.js" in shown
    assert "jquery" in shown
    assert (
        '"properties": {"a": "{x}"}'
        in folium.GeoJson(
            {
                "type": "Feature",
                "properties": {"a": "{x}"},
                "geometry": {"type": "Point", "coordinates": [0, 0]},
            }
        )
        .add_to(folium.Map((0, 0)))
        .get_root()
        .render()
    )


def test_a_notebook_shows_the_same_page_in_a_frame_of_its_own(scene, page):
    shown = to_folium(scene)._repr_html_()
    assert shown.startswith("<iframe srcdoc=")
    assert 'sandbox="allow-scripts' in shown
    assert "allow-same-origin" not in shown
    assert page.count("data-gridmap") == shown.count("data-gridmap")


def test_an_altered_asset_stops_the_map(monkeypatch):
    library.third_party.cache_clear()
    monkeypatch.setattr(library, "_read", lambda name: "// altered" if name == "leaflet.js" else "{}")
    monkeypatch.setattr(library, "notices", lambda: {"leaflet.js": {"sha256": "0" * 64}})
    with pytest.raises(RenderError, match="GM701"):
        library.third_party("leaflet.js")
    library.third_party.cache_clear()


def test_both_languages_have_every_word():
    words = catalogue()
    assert words["en"].keys() == words["zh"].keys()
    blanks = re.compile(r"\{[a-z]+\}")
    for key, text in words["en"].items():
        assert sorted(blanks.findall(text)) == sorted(blanks.findall(words["zh"][key])), key


def test_every_word_the_scripts_ask_for_is_in_the_catalogue():
    words = catalogue()["en"]
    asked = set(re.findall(r"""\bt\("([a-z_.]+)"[,)]""", library.own_script()))
    assert len(asked) > 20
    assert {key for key in asked if not key.endswith(".")} <= words.keys()


def test_scripts_stay_small_and_strict():
    for name in library.SCRIPTS:
        text = library._read(f"js/{name}")
        assert text.count("\n") < 350, name
        assert '"use strict";' in text
        assert "innerHTML" not in text
        assert "eval(" not in text
