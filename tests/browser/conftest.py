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


@pytest.fixture
def open_page(chromium, tmp_path):
    """Return a function from HTML to an opened page; at the end the page must have been silent."""
    made: list[Opened] = []

    def opening(html: str, *, width: int = 1440, height: int = 900, **more: Any) -> Opened:
        path = tmp_path / f"地图 {len(made)}.html"
        path.write_text(html, encoding="utf-8", newline="\n")
        context = chromium.new_context(viewport={"width": width, "height": height}, **more)
        context.set_offline(offline=True)
        page = context.new_page()
        opened = Opened(page)
        made.append(opened)

        def record(route: Any) -> None:
            if route.request.url.startswith(("file:", "data:", "blob:")):
                route.continue_()
            else:
                opened.asked.append(route.request.url)
                route.abort()

        page.route("**/*", record)
        page.on(
            "console", lambda said: said.type in {"error", "warning"} and opened.complaints.append(said.text)
        )
        page.on("pageerror", lambda error: opened.complaints.append(str(error)))
        page.on("websocket", lambda socket: opened.asked.append(socket.url))
        page.on("dialog", lambda dialog: (opened.complaints.append(dialog.message), dialog.dismiss()))
        page.goto(path.as_uri())
        page.evaluate("gridmap.ready")
        page.wait_for_timeout(100)
        return opened

    yield opening
    for opened in made:
        opened.page.context.close()
        assert opened.asked == [], "the page asked for something outside its file"
        assert opened.complaints == [], "the page complained"
