"""The view as a PNG: a picture that can be sent on must say what it is, and hold nothing that runs."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import numpy as np
import pytest
from matplotlib import image as pixels

from gridmap.model.nouns import Bilingual
from gridmap.render import compose
from gridmap.render.backends.folium import to_html

pytestmark = pytest.mark.browser
HOSTILE = "../..\\\u202egnp.exe/<img src=x onerror=alert(1)>\x07{{7*7}}${x} : *?\ud800"
UNSAFE_FREE = r"[^\\/:*?\"<>|%\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]+"


@pytest.fixture(scope="session")
def scene(synthetic_view):
    return compose(synthetic_view.view(relief_asc=synthetic_view.relief()), synthetic_view.spec())


@pytest.fixture(scope="session")
def html(scene):
    return to_html(scene)


def saved(opened, path):
    """Press the button and return the file's name and its pixels, red to alpha from 0 to 255."""
    with opened.page.expect_download() as waiting:
        opened.page.click("#gm-tool-picture")
    waiting.value.save_as(path)
    data = path.read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    found = np.rint(pixels.imread(io.BytesIO(data), format="png") * 255).astype(int)
    return waiting.value.suggested_filename, found


def corner(opened) -> tuple[float, float]:
    """Return where on the picture the map's corner is: the sheet is laid out as it was for the file."""
    found = opened.page.evaluate("gridmap.parts.picture().then((one) => [one.mapX, one.mapY])")
    return found[0], found[1]


def test_it_is_twice_the_screen_and_everything_is_on_it(open_page, html, tmp_path):
    opened = open_page(html)
    name, found = saved(opened, tmp_path / "one.png")
    assert name.endswith(".png")
    size = opened.page.evaluate("gridmap.map.getSize()")
    assert found.shape[0] > 2 * size["y"]
    assert found.shape[1] > 2 * (size["x"] + 200), "a legend stands beside the map"
    left, top = corner(opened)
    dark = (found[:, :, :3].sum(axis=2) < 200) & (found[:, :, 3] == 255)
    assert dark[: int(top), : found.shape[1] // 2].sum() > 500, "the title"
    foot = dark[int(top + 2 * size["y"]) + 4 :]
    grey = (found[:, :, :3].sum(axis=2) < 420)[int(top + 2 * size["y"]) + 4 :]
    assert grey.sum() > 500, "the data statement"
    assert foot.shape == grey.shape
    legend = found[int(top) : int(top + 2 * size["y"]), int(left + 2 * size["x"]) + 10 :, :3]
    for colour in ((213, 94, 0), (0, 122, 89), (194, 0, 122)):
        assert (np.abs(legend - colour).sum(axis=2) < 12).sum() > 20, f"{colour} in the legend"
    assert (found[:, :, 3] == 255).all(), "nothing is see-through"


def test_a_symbol_is_where_it_belongs_and_has_its_colour(open_page, html, tmp_path):
    opened = open_page(html)
    opened.page.evaluate("gridmap.map.setView([42.3, 110.33], 10, {animate: false})")
    opened.page.wait_for_timeout(150)
    _, found = saved(opened, tmp_path / "one.png")
    left, top = corner(opened)
    for lon, lat, colour in ((110.2, 42.2, (0, 114, 178)), (110.33, 42.45, (213, 94, 0))):
        at = opened.page.evaluate(
            "([lon, lat]) => gridmap.map.latLngToContainerPoint([lat, lon])", [lon, lat]
        )
        x, y = round(left + 2 * at["x"]), round(top + 2 * at["y"])
        near = found[y - 8 : y + 9, x - 8 : x + 9, :3]
        assert (np.abs(near - colour).sum(axis=2) < 12).sum() > 20, (lon, lat)


def test_a_hatch_and_a_name_of_the_map_are_on_it(open_page, html, tmp_path):
    opened = open_page(html)
    _, found = saved(opened, tmp_path / "one.png")
    left, top = corner(opened)
    at = opened.page.evaluate("gridmap.map.latLngToContainerPoint([42.14, 110.35])")
    x, y = round(left + 2 * at["x"]), round(top + 2 * at["y"])
    overlap = found[y - 20 : y + 20, x - 20 : x + 20, :3]
    share = (np.abs(overlap - (194, 0, 122)).sum(axis=2) < 90).mean()
    assert 0.1 < share < 0.9, "stripes of the overlap, not a plain fill"


def test_it_is_on_white_in_the_dark_as_well_and_the_screen_stays_dark(open_page, html, tmp_path):
    light = saved(open_page(html), tmp_path / "light.png")[1]
    opened = open_page(html, color_scheme="dark")
    dark = saved(opened, tmp_path / "dark.png")[1]
    assert dark.shape == light.shape
    assert (np.abs(dark - light).max(axis=2) > 40).mean() < 0.002
    assert opened.page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_only_what_is_shown_is_on_it(open_page, html, tmp_path):
    opened = open_page(html)
    opened.page.evaluate("gridmap.parts.visible().forEach((one) => gridmap.parts.toggle(one.name, false))")
    opened.page.wait_for_timeout(150)
    _, found = saved(opened, tmp_path / "one.png")
    for colour in ((213, 94, 0), (0, 122, 89), (0, 114, 178)):
        assert (np.abs(found[:, :, :3] - colour).sum(axis=2) < 6).sum() < 5, colour


def test_a_phone_has_the_legend_below_the_map(open_page, html, tmp_path):
    opened = open_page(html, width=390, height=844)
    _, found = saved(opened, tmp_path / "one.png")
    size = opened.page.evaluate("gridmap.map.getSize()")
    assert found.shape[1] < 2 * size["x"] + 100
    assert found.shape[0] > 2 * size["y"] + 600


def test_a_hostile_title_is_a_harmless_name_and_nothing_runs(open_page, synthetic_view, tmp_path):
    held = synthetic_view.tables()
    held["outpost"] = held["outpost"].assign(name=synthetic_view.text([HOSTILE[:-1]] * 3))
    scene = compose(synthetic_view.view(held), synthetic_view.spec())
    title = Bilingual(en=HOSTILE, zh=HOSTILE)
    drawings = tuple(replace(one, title=title) for one in scene.drawings)
    said = replace(scene.statement, audience_title=title, banner=title, project=title, source=HOSTILE)
    safe = replace(scene, title=title, drawings=drawings, statement=said)
    opened = open_page(to_html(safe).encode("utf-8", "replace").decode("utf-8"))
    opened.page.evaluate("gridmap.map.setView([42.3, 110.33], 10, {animate: false})")
    opened.page.wait_for_timeout(150)
    assert "onerror" in opened.page.locator(".gm-labels").text_content()
    name, found = saved(opened, tmp_path / "one.png")
    assert re.fullmatch(
        r"[^\\/:*?\"<>|%\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]+\.png", name
    )
    assert not name.startswith((".", " ", "-"))
    assert len(name) < 200
    assert found.shape[0] > 800, "the whole sheet is there in spite of what XML cannot hold"
    assert opened.page.evaluate("document.querySelectorAll('img[src=x]').length") == 0


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("a/b\\c", "a b c"),
        ("CON", "_CON"),
        ("...", ""),
        ("\u202egpj.exe", "gpj.exe"),
        ("x\x00y\ny", "x y y"),
        ("图" * 300, "图" * 80),
        ("é", "é"),
        ("a\ud83dz", "a z"),
        ("😀 map", "😀 map"),
    ],
)
def test_names_of_files(open_page, html, title, expected):
    opened = open_page(html)
    made = opened.page.evaluate(
        """(units) => { const title = String.fromCharCode(...units);
        gridmap.scene.title = {en: title, zh: title}; gridmap.scene.statement.audience = '';
        gridmap.scene.statement.audience_title = gridmap.scene.statement.unit = {en: '', zh: ''};
        return gridmap.parts.pictureName(); }""",
        np.frombuffer(title.encode("utf-16-le", "surrogatepass"), dtype="<u2").tolist(),
    )
    assert made == (expected or "gridmap") + ".png"


def test_a_picture_that_fails_says_so(open_page, html):
    opened = open_page(html)
    opened.page.evaluate("() => { HTMLCanvasElement.prototype.toBlob = (work) => work(null); }")
    opened.page.click("#gm-tool-picture")
    opened.page.wait_for_selector(".gm-picture-note")
    assert "无法生成图片" in opened.text("#gm-live")
