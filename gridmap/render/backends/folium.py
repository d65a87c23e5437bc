"""The page, composed with folium: the only file that imports folium and branca.

folium executes data (its templates are compiled a second time after values are in them), so ours
never passes through a template: it is put in place as raw, escaped JSON blocks that the page's own
script reads. What folium's scripts need from outside is either in this page or an error.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import branca.element as branca
import folium
from folium.template import Template

from gridmap.errors import RenderError
from gridmap.model.scene import Scene, to_plain
from gridmap.render import library
from gridmap.render.text import inert, json_block, json_for_template
from gridmap.render.words import LANGUAGES, catalogue

MAP_ID = "gridmap"
# Of the scene, in blocks of their own.
PARTS = (
    "statement", "counts", "codes", "reasons", "layers", "derived", "answering",
    "title", "bounds", "language",
)  # fmt: skip
# Present in every folium map by default; this page does without them, and refuses what does not.
UNUSED = frozenset(
    {
        "jquery",
        "bootstrap",
        "awesome_markers",
        "bootstrap_css",
        "glyphicons_css",
        "awesome_markers_font_css",
        "awesome_markers_css",
        "awesome_rotate_css",
    }
)
HELD = frozenset({"leaflet", "leaflet_css"})
_NEEDS_UNUSED = re.compile(r"(?<![\w.])(?:\$|jQuery)\s*\(|L\.AwesomeMarkers|bootstrap\.|L\.tileLayer")
_VIEWPORT = re.compile(r'<meta name="viewport"[^>]*/?>')
_INLINE = re.compile(r"<(script|style)((?:\s[^>]*)?)>(.*?)</\1>", re.DOTALL | re.IGNORECASE)
# In a block of ours no sign begins a tag, so that megabytes of them are passed over at once.
_BLOCK = re.compile(r'<script type="application/json"[^>]*>[^<]*</script>')
_STYLE_ATTRIBUTE = re.compile(r"<[a-z][^>]*\sstyle\s*=", re.IGNORECASE)
_OUTSIDE = re.compile(
    r"<(?:script|link|img|iframe)\b[^>]*\s(?:src|href)\s*=\s*[\"']?(?!data:|#)", re.IGNORECASE
)


class Raw(branca.Element):
    """An element whose code is inserted as it is, and never compiled."""

    _template = Template("{{ this.code }}")

    def __init__(self, code: str, name: str) -> None:
        super().__init__()
        self._name = name
        self.code = code


class Data(branca.MacroElement):
    """A part of the scene as a folium element: one JSON block in the page's body."""

    _template = Template("")

    def __init__(self, part: str, value: Any) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = f"gridmap_{part}"
        self.part = part
        self.value = value

    def render(self, **_kwargs: Any) -> str:
        """Put the block into the figure; nothing of it is ever a template."""
        data = json_block(to_plain(self.value))
        block = f'<script type="application/json" data-gridmap="{self.part}">{data}</script>'
        page: Any = self.get_root()
        page.html.add_child(Raw(block, "block"), name=self.get_name())
        return ""


class Mount(branca.MacroElement):
    """The one line that starts the page."""

    _template = Template(
        "{% macro script(this, kwargs) %}gridmap.mount({{ this._parent.get_name() }});{% endmacro %}"
    )

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "gridmap_mount"


class Page(branca.Figure):
    """A figure that renders as one offline page.

    Parameters
    ----------
    scene : Scene
        For the title, the language and the words that are there without scripts.
    """

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self.scene = scene

    def render(self, **kwargs: Any) -> str:
        """Return the page: the same scene gives the same bytes.

        Raises
        ------
        RenderError
            GM701 if something on the map needs a script or picture from outside the page.
        """
        _number(self)
        parts = (self.header, self.html, self.script)
        before = [dict(part._children) for part in parts]  # noqa: SLF001 - branca offers no other way
        with _json_kept_inert():
            for child in list(self._children.values()):
                child.render(**kwargs)
        head = "".join(_link(name, child) for name, child in self.header._children.items())  # noqa: SLF001
        body, script = self.html.render(**kwargs), self.script.render(**kwargs)
        for part, children in zip(parts, before, strict=True):
            # Elements leave their code in the page: the next rendering must not find it there.
            part._children = type(part._children)(children)  # noqa: SLF001
        _refuse_outside(head, body, script)
        return _document(self.scene, head=head, body=body, script=script)

    def _repr_html_(self, **kwargs: Any) -> str:
        """Show the same page in a notebook, in a frame that cannot reach the notebook."""
        source = html.escape(self.render(**kwargs))
        return (
            f'<iframe srcdoc="{source}" sandbox="allow-scripts allow-modals allow-downloads" '
            'style="width:100%;height:640px;border:0" allowfullscreen></iframe>'
        )


class GridMap(folium.Map):
    """A `folium.Map` that saves and shows as an offline page; add to it as to any other."""

    page_id = MAP_ID

    def _repr_html_(self, **kwargs: Any) -> str:
        page: Any = self.get_root()
        return str(page._repr_html_(**kwargs))


def to_folium(scene: Scene) -> GridMap:
    """Compose a scene as a folium map.

    Parameters
    ----------
    scene : Scene
        See `gridmap.render.compose`.

    Returns
    -------
    GridMap
        ``.save(path)`` writes, and a notebook shows, the page of `to_html` with what was added since.
    """
    west, south, _, _ = scene.bounds
    page = Page(scene)
    made = GridMap(
        # A corner, since a middle has a digit more than the audience may see; the page fits the bounds.
        location=(south, west),
        zoom_start=8,
        tiles=None,
        zoom_control=False,
        max_zoom=18,
        min_zoom=3,
        zoom_snap=0.25,
        zoom_delta=0.5,
        wheel_px_per_zoom_level=90,
        attribution_control=False,
    )
    page.add_child(made, name="map")
    for part in PARTS:
        made.add_child(Data(part, getattr(scene, part)), name=f"scene-{part}")
    made.add_child(Data("messages", catalogue()), name="messages")
    for group, values in (("table", scene.tables), ("join", scene.joins), ("drawing", scene.drawings)):
        for at, value in enumerate(values):
            made.add_child(Data(group, value), name=f"{group}-{at}")
    made.add_child(Mount(), name="mount")
    return made


def to_html(scene: Scene) -> str:
    """Return a scene as one HTML page that needs no network; the same scene gives the same bytes."""
    return str(to_folium(scene).get_root().render())


def _number(page: Page) -> None:
    """Give every element an id from its place in the tree: folium's are random."""
    waiting: list[tuple[str, Any]] = [("", page)]
    while waiting:
        path, element = waiting.pop()
        element._id = getattr(element, "page_id", path or "page")  # noqa: SLF001
        for at, child in enumerate(element._children.values()):  # noqa: SLF001
            waiting.append((f"{path}_{at}" if path else f"e{at}", child))


@contextmanager
def _json_kept_inert() -> Iterator[None]:
    """Write braces in folium's own JSON as escapes while a page renders, then put things back."""
    policies = Template("").environment.policies
    before = policies.get("json.dumps_function")
    policies["json.dumps_function"] = json_for_template
    try:
        yield
    finally:
        policies["json.dumps_function"] = before


def _link(name: str, child: Any) -> str:
    if name == "meta_http":
        return ""  # the page says its encoding itself
    if isinstance(child, branca.Link):
        if name in UNUSED or name in HELD:
            return ""
        raise RenderError(
            "GM701",
            f"something on the map needs {name}, which an offline page does not hold",
            where=str(child.url),
            fix="use folium's own vectors (CircleMarker, PolyLine, GeoJson), tooltips and layer control",
        )
    return _VIEWPORT.sub("", str(child.render()))


def _refuse_outside(head: str, body: str, script: str) -> None:
    needs = _NEEDS_UNUSED.search(script)
    outside = _OUTSIDE.search(head + body)
    if needs or outside:
        found = (needs or outside).group()[:60]  # type: ignore[union-attr]
        raise RenderError(
            "GM701",
            "something on the map needs a script, tiles or a picture that an offline page does not hold",
            where=found,
            fix="folium's Popup and Icon need jQuery or icon fonts: use a Tooltip, a CircleMarker or a "
            "GeoJsonTooltip instead; pictures only as data URIs",
        )


def _hash(code: str) -> str:
    digest = hashlib.sha256(code.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def _policy(document: str) -> str:
    """Return the page's Content-Security-Policy: only the very scripts and styles that are in it."""
    document = _BLOCK.sub("", document)
    hashes: dict[str, list[str]] = {"script": [], "style": []}
    for tag, attributes, code in _INLINE.findall(document):
        if "application/json" not in attributes:
            hashes[tag.lower()].append(_hash(code))
    scripts, styles = (" ".join(dict.fromkeys(hashes[tag])) for tag in ("script", "style"))
    rules = [
        "default-src 'none'",
        f"script-src {scripts}",
        f"style-src {styles}",
        "img-src data: blob:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    if _STYLE_ATTRIBUTE.search(_INLINE.sub("", document)):
        # Ours has none; folium's layers that an analyst adds may.
        rules.insert(3, "style-src-attr 'unsafe-inline'")
    return "; ".join(rules)


def _document(scene: Scene, *, head: str, body: str, script: str) -> str:
    title = inert(getattr(scene.title, scene.language))
    inner_head = (
        f"<title>{title}</title>\n<style>{library.leaflet_style()}</style>\n{head}\n"
        f"<style>{library.own_style()}</style>\n"
        f"<script>{library.leaflet_script()}</script>\n<script>{library.geodesy_script()}</script>\n"
        f"<script>{library.own_script()}</script>\n"
    )
    inner_body = _shell(scene, title, body) + f"\n<script>\n{script}\n</script>\n"
    # A browser reads every line end as LF before it hashes.
    inner_head, inner_body = (text.replace("\r\n", "\n") for text in (inner_head, inner_body))
    policy = _policy(inner_head + inner_body)
    language = "zh-CN" if scene.language == "zh" else "en"
    licences = library.licences().replace("\r\n", "\n").replace("--", "- -")
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"{inner_head}</head>\n<body>\n{inner_body}</body>\n"
        f"<!--\nThird-party code in this file:\n{licences}-->\n</html>\n"
    )


def _marks(scene: Scene) -> str:
    """Return the office's texts of the title block: they stand there without any script, too."""
    said = (("gm-mark", scene.statement.handling_mark), ("gm-approval", scene.statement.approval))
    marks = ""
    for name, text in said:
        shown = " / ".join(dict.fromkeys(one for one in (text.zh, text.en) if one))
        marks += f'<p id="{name}">{inert(shown)}</p>' if shown else ""
    return f'<div id="gm-marks">{marks}</div>' if marks else ""


def _figures(scene: Scene) -> str:
    """Return the figures of the map as a plain table: a browser that cannot draw it still has them."""
    rows = []
    for table in scene.tables:
        title = " / ".join(dict.fromkeys(one for one in (table.title.zh, table.title.en) if one))
        rows.append(f"<tr><td>{inert(title)}</td><td>{scene.counts.get(table.name, table.rows):,}</td></tr>")
    return f"<table>{''.join(rows)}</table>"


def _shell(scene: Scene, title: str, body: str) -> str:
    """Return the page's frame: what is there before, and without, any script."""
    words = catalogue()
    spoken = [scene.language, *(one for one in words if one != scene.language)]
    noscript = "<br>".join(inert(words[one]["noscript"]) for one in spoken)
    old = "<br>".join(inert(words[one]["old"]) for one in spoken)
    opening = " / ".join(inert(words[one]["loading"]) for one in spoken)
    banner = (
        inert(" / ".join(words[one]["synthetic"] for one in LANGUAGES)) if scene.statement.synthetic else ""
    )
    return (
        '<div id="gm-app">\n<header id="gm-header"><div id="gm-titles">'
        f'<h1 id="gm-title">{title}</h1><p id="gm-subtitle"></p></div>'
        f'<p id="gm-synthetic">{banner}</p>{_marks(scene)}<div id="gm-tools"></div></header>\n'
        f'<main id="gm-main">{body}</main>\n<aside id="gm-panel"></aside>\n<section id="gm-dock"></section>\n'
        '<footer id="gm-footer"></footer>\n<p id="gm-live" class="gm-unseen" role="status"></p>\n'
        f'<noscript><p class="gm-message">{noscript}</p></noscript>\n'
        f'<p id="gm-opening">{opening}</p>\n'
        f'<div id="gm-old" class="gm-message"><p>{old}</p>{_figures(scene)}</div>\n</div>'
    )


__all__ = ["GridMap", "to_folium", "to_html"]
