"""Open pages in a real Chromium, as a planner's PC does, and measure: ``python -m tests.bench.browser PAGE``.

Without a network and without a GPU. Prints JSON: seconds until the page can be used, frames a second while
it is dragged, and the longest time between two frames then and right after (when what came into view is
painted).

A page of folium asks for ten files from the network. Leaflet, without which nothing is drawn, comes from the
file that gridmap's pages hold; jQuery, Bootstrap and the icon fonts, which points in a GeoJson do not need,
are empty files. So its figures are those of a machine on which everything was loaded already.
"""

from __future__ import annotations

import itertools
import json
import sys
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Route, sync_playwright

from gridmap.render.library import third_party
from tests.browser.conftest import ARGUMENTS, find_chromium

WIDTH, HEIGHT = 1440, 900
PATIENCE_S = 300.0
DRAG_S = 2.0
HELD = {"leaflet.js": "text/javascript", "leaflet.css": "text/css"}
# Both draw before or when they have loaded, in a frame; the second frame shows it, and then events are heard.
USABLE = """() => new Promise((done) => {
  const end = () => setTimeout(() => done(performance.now()), 0);
  const drawn = () => requestAnimationFrame(() => requestAnimationFrame(end));
  if (document.readyState === "complete") drawn(); else addEventListener("load", drawn);
})"""
TAKE = "() => { const all = window.frames_seen; window.frames_seen = []; return all; }"
RECORD = """() => { window.frames_seen = [];
  const one = (at) => { window.frames_seen.push(at); requestAnimationFrame(one); };
  requestAnimationFrame(one); }"""


def measure(path: Path) -> dict[str, float]:
    """Open one page in a new browser."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT})
        page = context.new_page()
        page.set_default_timeout(PATIENCE_S * 1000)
        page.route("**/*", _held)
        start = time.perf_counter()
        page.goto(path.absolute().as_uri(), wait_until="commit")
        usable = page.evaluate(USABLE) / 1000
        waited = time.perf_counter() - start
        found = {"usable_s": usable, "waited_s": waited, **_dragged(page)}
        browser.close()
    return found


def _held(route: Route) -> None:
    url = route.request.url
    if url.startswith(("file:", "data:", "blob:")):
        route.continue_()
        return
    name = url.rsplit("/", 1)[-1]
    if name in HELD:
        route.fulfill(body=third_party(name), content_type=HELD[name])
    else:
        kind = "text/css" if name.endswith(".css") else "text/javascript"
        route.fulfill(body="", content_type=kind)


def _dragged(page: Page) -> dict[str, float]:
    """Drag the map to and fro, then let go."""
    box: Any = page.locator(".leaflet-container").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.wait_for_timeout(1500)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 5, y + 5)
    page.evaluate(RECORD)
    start, turn = time.perf_counter(), 0
    while time.perf_counter() - start < DRAG_S:
        turn += 1
        page.mouse.move(x + 150 * abs((turn % 80) - 40) / 40 - 40, y + 90 * abs((turn % 60) - 30) / 30 - 30)
    dragged: list[float] = page.evaluate(TAKE)
    page.mouse.move(x + 170, y + 60)
    page.mouse.up()
    page.wait_for_timeout(2000)
    let_go: list[float] = page.evaluate("window.frames_seen")
    gaps = [(b - a) for a, b in itertools.pairwise(dragged)]
    after = [(b - a) for a, b in itertools.pairwise(let_go)]
    return {
        "frames_a_second": 1000 * len(gaps) / sum(gaps) if gaps else 0.0,
        "longest_dragging_ms": max(gaps, default=0.0),
        "longest_after_ms": max(after, default=0.0),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(Path(sys.argv[1]))) + "\n")
