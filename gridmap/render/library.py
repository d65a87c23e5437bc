"""The scripts and styles that go into a page: ours, and third parties' as they were published.

Third-party files are pinned by SHA-256 in ``assets/NOTICES.json``: an altered one is an error, never
a page.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import cache
from importlib import resources

from gridmap.errors import RenderError

# In the order they load: each needs only those before it.
SCRIPTS = (
    "core.js",
    "shell.js",
    "codec.js",
    "joins.js",
    "unpack.js",
    "words.js",
    "theme.js",
    "geodesy.js",
    "rows.js",
    "filter.js",
    "keys.js",
    "highlight.js",
    "facets.js",
    "canvas.js",
    "shapes.js",
    "polygons.js",
    "points.js",
    "density.js",
    "relief.js",
    "basemap.js",
    "inview.js",
    "labels.js",
    "places.js",
    "derived.js",
    "keepers.js",
    "answer.js",
    "answer_panel.js",
    "answer_lines.js",
    "details.js",
    "legend.js",
    "findings.js",
    "written.js",
    "search.js",
    "finder.js",
    "csv.js",
    "table.js",
    "link.js",
    "strip_model.js",
    "strip_draw.js",
    "strip_link.js",
    "strip.js",
    "measure_draw.js",
    "measure.js",
    "readout.js",
    "picture_map.js",
    "picture_sheet.js",
    "picture.js",
    "furniture.js",
    "print.js",
    "main.js",
)
STYLES = ("base.css", "answer.css", "aids.css", "strip.css", "ground.css", "density.css")
# Leaflet's pictures: the icon of its layer control, drawn here, for a map that an analyst adds one to.
_LAYERS_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="26" height="26" viewBox="0 0 26 26" fill="#333">'
    '<path d="M13 3 2 9l11 6 11-6z"/><path d="m2 14 11 6 11-6-2.5-1.4L13 17l-8.5-4.4z" opacity=".7"/></svg>'
)
_URL = re.compile(r"url\(([^)]*)\)")


@cache
def notices() -> dict[str, dict[str, str]]:
    """Return what is known of each third-party file: package, version, licence, SHA-256."""
    found: dict[str, dict[str, str]] = json.loads(_read("NOTICES.json"))
    return found


@cache
def third_party(name: str) -> str:
    """Return a third-party asset, once its SHA-256 has been found right.

    Raises
    ------
    RenderError
        GM701 if it is missing, altered or not in the notices.
    """
    known = notices().get(name)
    text = _read(name)
    found = hashlib.sha256(text.encode("utf-8")).hexdigest()
    if known is None or found != known["sha256"]:
        raise RenderError(
            "GM701",
            f"the map asset {name} is not the one that was published",
            where=f"gridmap/render/assets/{name}",
            fix="install gridmap again; a checkout must not change the line ends of this file",
        )
    return text


@cache
def leaflet_style() -> str:
    """Return Leaflet's style sheet with nothing left in it that points outside the page."""
    icon = "data:image/svg+xml;base64," + base64.b64encode(_LAYERS_ICON.encode("ascii")).decode("ascii")

    def inside(match: re.Match[str]) -> str:
        return f'url("{icon}")' if "layers" in match.group(1) else "none"

    return _URL.sub(inside, third_party("leaflet.css"))


@cache
def leaflet_script() -> str:
    """Return Leaflet without its pointer to a source map."""
    return third_party("leaflet.js").split("\n//# sourceMappingURL=", maxsplit=1)[0]


@cache
def geodesy_script() -> str:
    """Return the two libraries that measure: projections (proj4) and geodesics (geographiclib)."""
    return "\n".join(third_party(name) for name in ("proj4.js", "geographiclib.js"))


@cache
def own_script() -> str:
    """Return gridmap's scripts as one."""
    return "\n".join(_read(f"js/{name}") for name in SCRIPTS)


@cache
def own_style() -> str:
    """Return gridmap's style sheets as one."""
    return "\n".join(_read(f"css/{name}") for name in STYLES)


def licences() -> str:
    """Return the licences of what the page holds, as they ask to be kept."""
    parts = []
    for file in sorted({one["licence_file"] for one in notices().values()}):
        one = next(one for one in notices().values() if one["licence_file"] == file)
        parts.append(f"{one['package']} {one['version']} ({one['licence']})\n{third_party(file)}")
    return "\n".join(parts)


def _read(name: str) -> str:
    path = resources.files("gridmap.render").joinpath("assets", *name.split("/"))
    try:
        # Bytes, not text mode: the hash is of what was published, line ends included.
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RenderError(
            "GM701",
            f"the map asset {name} is missing",
            where=f"gridmap/render/assets/{name}",
            fix="install gridmap again",
        ) from error
