"""What the page looks like, against pictures kept in the repository.

Fonts, and how a browser smooths edges, differ between machines: both pictures are reduced to a quarter, so
that strokes of letters become greys, and compared with the tolerance below. What is found so: a layer, a
panel or a colour that is gone, an element that moved by a few pixels, a theme that no longer reaches a part.
What is not: another shape of a letter, one dot among hundreds.

``GRIDMAP_PICTURES=write`` keeps the pictures anew: look at each before it is committed.
"""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import gridmap as gm

pytestmark = pytest.mark.browser
KEPT = Path(__file__).parents[1] / "golden" / "pictures"
REDUCED = 4
# Of 255: how far a reduced pixel may be off, and what share of them may be farther.
PIXEL, SHARE = 40, 0.02
# And how far they may be off on average.
MEAN = 4.0
OPEN = {
    "overview": "",
    "answer": "gridmap.parts.goTo(110.0, 42.42, 10.5)",
    "findings": "gridmap.parts.openTab('findings')",
    "filters": "gridmap.filter({layer: 'area', unit: 'U-A1'}); gridmap.parts.openTab('filters')",
    "table": "gridmap.parts.openDock('table')",
    "paper": "window.dispatchEvent(new Event('beforeprint'))",
}

# Looked at in every run; the others in `make stress`.
OFTEN = {
    ("overview", "light"),
    ("answer", "dark"),
    ("filters", "light"),
    ("table", "dark"),
    ("paper", "light"),
}


@pytest.fixture(scope="module")
def html():
    return gm.demo(households=300, seed=5).plan().map(audience="planner").data.decode("utf-8")


def compare(shot: bytes, name: str) -> None:
    image = Image.open(io.BytesIO(shot)).convert("RGB")
    small = image.resize((image.width // REDUCED, image.height // REDUCED), Image.Resampling.BOX)
    path = KEPT / f"{name}.png"
    if os.environ.get("GRIDMAP_PICTURES") == "write":
        KEPT.mkdir(parents=True, exist_ok=True)
        few = small.quantize(128, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        few.save(path, optimize=True)
        return
    kept = np.asarray(Image.open(path).convert("RGB"), dtype=float)
    found = np.asarray(small, dtype=float)
    assert kept.shape == found.shape
    off = np.abs(kept - found).max(axis=2)
    assert off.mean() <= MEAN, f"{name}: off by {off.mean():.2f} on average"
    assert (off > PIXEL).mean() <= SHARE, f"{name}: {(off > PIXEL).mean():.2%} of the picture is another one"


@pytest.mark.parametrize(
    ("what", "scheme"),
    [
        pytest.param(what, scheme, marks=() if (what, scheme) in OFTEN else pytest.mark.stress)
        for what in OPEN
        for scheme in ("light", "dark")
    ],
)
def test_it_looks_as_it_did(open_page, html, what, scheme):
    page = open_page(html, color_scheme=scheme).page
    if OPEN[what]:
        page.evaluate(OPEN[what])
    page.wait_for_timeout(700)
    compare(page.screenshot(), f"{what}-{scheme}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_looks_as_it_did(open_page, html, scheme):
    phone = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}
    page = open_page(html, color_scheme=scheme, **phone).page
    page.evaluate(OPEN["answer"])
    page.wait_for_timeout(700)
    compare(page.screenshot(), f"phone-{scheme}")


def test_a_picture_of_something_else_is_noticed(open_page, html, monkeypatch):
    monkeypatch.delenv("GRIDMAP_PICTURES", raising=False)
    # The tolerance is for fonts: a page without its zones, or with another theme, is beyond it.
    page = open_page(html).page
    page.evaluate("gridmap.parts.toggle('zones', false)")
    page.wait_for_timeout(500)
    with pytest.raises(AssertionError, match=r"another one|on average"):
        compare(page.screenshot(), "overview-light")
