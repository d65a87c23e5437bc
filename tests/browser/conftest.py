"""A real Chromium with the network off, that records everything a page asks for or complains about."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import sync_playwright

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
]


# Tests of single tools, each of them with a page of its own: of these every fifth runs each time, and all of
# them in `make stress`.
DETAIL = frozenset(
    f"test_browser_{name}"
    for name in ("base", "geodesy", "link", "measure", "picture", "readout", "search", "table")
)
ONE_OF = 5


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave most tests of single tools to `make stress`."""
    seen: Counter[str] = Counter()
    for item in items:
        name = Path(item.path).stem
        if name in DETAIL:
            if seen[name] % ONE_OF:
                item.add_marker(pytest.mark.stress)
            seen[name] += 1


def find_chromium() -> str | None:
    """Return the browser's path: as CHROMIUM says, or the first that the system has."""
    named = os.environ.get("CHROMIUM")
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome", "msedge"))
    return named or next((path for path in found if path), None)


@pytest.fixture(scope="session")
def synthetic_view():
    path = Path(__file__).parents[1] / "unit" / "render" / "synthetic_view.py"
    spec = importlib.util.spec_from_file_location("synthetic_view_by_path", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def chromium():
    path = find_chromium()
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no Chromium: the page cannot be proven; install one or set CHROMIUM")
        pytest.skip("no Chromium found; install one or set CHROMIUM to its path")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@dataclass
class Opened:
    """A page as a planner opens it from a stick, and what it did that it should not."""

    page: Any
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def text(self, selector: str) -> str:
        return self.page.locator(selector).inner_text()

    def place(self, lon: float, lat: float) -> tuple[float, float]:
        """Return where a place is on the screen."""
        found = self.page.evaluate(
            """([lon, lat]) => { const box = gridmap.map.getContainer().getBoundingClientRect();
            const at = gridmap.map.latLngToContainerPoint([lat, lon]);
            return [box.left + at.x, box.top + at.y]; }""",
            [lon, lat],
        )
        return found[0], found[1]

    def click(self, lon: float, lat: float) -> None:
        self.page.mouse.click(*self.place(lon, lat))
        self.page.wait_for_timeout(50)


def opened_in(browser: Any, path: Path, *, width: int = 1440, height: int = 900, **more: Any) -> Opened:
    """Open a file in a context of its own, without a network, and note what it asks for or complains of."""
    context = browser.new_context(viewport={"width": width, "height": height}, **more)
    context.set_offline(offline=True)
    page = context.new_page()
    opened = Opened(page)

    def record(route: Any) -> None:
        if route.request.url.startswith(("file:", "data:", "blob:")):
            route.continue_()
        else:
            opened.asked.append(route.request.url)
            route.abort()

    page.route("**/*", record)
    page.on("console", lambda said: said.type in {"error", "warning"} and opened.complaints.append(said.text))
    page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    page.on("websocket", lambda socket: opened.asked.append(socket.url))
    page.on("dialog", lambda dialog: (opened.complaints.append(dialog.message), dialog.dismiss()))
    page.goto(path.as_uri())
    page.evaluate("gridmap.ready")
    page.wait_for_timeout(100)
    return opened


def was_silent(opened: Opened) -> None:
    assert opened.asked == [], "the page asked for something outside its file"
    assert opened.complaints == [], "the page complained"


@pytest.fixture
def open_page(chromium, tmp_path):
    """Return a function from HTML to an opened page; at the end the page must have been silent."""
    made: list[Opened] = []

    def opening(html: str, **more: Any) -> Opened:
        path = tmp_path / f"地图 {len(made)}.html"
        path.write_text(html, encoding="utf-8", newline="\n")
        made.append(opened_in(chromium, path, **more))
        return made[-1]

    yield opening
    for opened in made:
        opened.page.context.close()
        was_silent(opened)


# What somebody sees and can come upon; the reading under the pointer stays as the pointer left it.
SEEN = """() => { const said = document.getElementById("gm-app").innerText;
  const reading = document.querySelector(".gm-reading output");
  return JSON.stringify([gridmap.state(), reading ? said.replace(reading.innerText, "") : said,
    gridmap.parts.selected.getLayers().length, gridmap.parts.busy(), Object.keys(window).length,
    document.querySelectorAll("dialog[open]").length, gridmap.map.getSize()]); }"""
# Back by the page's own means: nothing selected, then the link to the view that it opened with.
BACK = """async start => { gridmap.map.stop(); document.activeElement.blur(); gridmap.parts.show([], null);
  document.querySelectorAll("dialog[open]").forEach((one) => one.close());
  const link = { at: start.centre.join(","), z: start.zoom, tab: start.tab, dock: start.dock || "" };
  window.history.replaceState(null, "", "#" + new URLSearchParams(link));
  window.dispatchEvent(new Event("hashchange")); gridmap.parts.home();
  window.history.replaceState(null, "", window.location.href.split("#")[0]);
  for (let frame = 0; frame < 3; frame += 1) await new Promise((done) => requestAnimationFrame(done));
  document.getElementById("gm-live").textContent = ""; }"""


def settled(page: Any) -> str:
    """Return what is seen when nothing is being drawn any more: the strip comes after the map."""
    before, seen = "", str(page.evaluate(SEEN))
    while seen != before:
        page.wait_for_timeout(250)
        before, seen = seen, str(page.evaluate(SEEN))
    return seen


@dataclass
class Kept:
    """A page that serves several tests, and how it was when it opened."""

    opened: Opened
    state: Any
    seen: str

    def comes_back(self) -> bool:
        """Put the page back, and return whether it is as it was when it opened."""
        try:
            self.opened.page.mouse.move(0, 0)
            self.opened.page.evaluate(BACK, self.state)
            self.opened.page.wait_for_function(
                f"seen => ({SEEN})() === seen", arg=self.seen, polling=50, timeout=600
            )
        except PlaywrightError:
            return False
        return True


@pytest.fixture(scope="module")
def kept_pages():
    """Hold the pages that tests of a module share, by their HTML."""
    pages: dict[str, Kept] = {}
    yield pages
    for kept in pages.values():
        kept.opened.page.context.close()


@pytest.fixture
def same_page(chromium, kept_pages, tmp_path):
    """Return a function like `open_page`, whose page the other tests of the module use as well.

    It is for tests that look, click and choose. To open a page costs more than most of them. After each the
    page is put back; one that is not exactly as it opened is closed, and the next test gets a new one. A test
    that changes what the page's scripts are made of takes `open_page`.
    """
    used: list[str] = []

    def opening(html: str) -> Opened:
        if html not in kept_pages:
            path = tmp_path / "地图.html"
            path.write_text(html, encoding="utf-8", newline="\n")
            opened = opened_in(chromium, path)
            state = opened.page.evaluate("gridmap.state()")
            opened.page.evaluate(BACK, state)
            kept_pages[html] = Kept(opened, state, settled(opened.page))
        used.append(html)
        return kept_pages[html].opened

    yield opening
    for html in dict.fromkeys(used):
        kept = kept_pages[html]
        if not kept.comes_back():
            del kept_pages[html]
            kept.opened.page.context.close()
        was_silent(kept.opened)
