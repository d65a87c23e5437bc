"""Pages become PDF, by matplotlib: text as text in embedded TrueType, everything else as paths.

No clock, no version of a library, no name of this machine goes into the file, and settings of whoever runs
it (matplotlibrc) change nothing: the same pages with the same fonts are the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

import numpy as np

from gridmap.render.atlas.fonts import Fonts
from gridmap.render.atlas.page import POINT, Marks, Page, Part, Picture, Shape, Words
from gridmap.render.atlas.symbols import outline
from gridmap.render.atlas.typeface import tools

INCH = 72.0
GLYPH_SIZE = 100.0
RAW = {
    "pdf.fonttype": 42,
    "ps.fonttype": 42,
    "pdf.compression": 9,
    "path.simplify": False,
    "lines.scale_dashes": False,
    "text.parse_math": False,
    "text.usetex": False,
    "text.hinting": "none",
    "image.composite_image": False,
    "image.interpolation": "none",
    "image.resample": False,
    "axes.unicode_minus": False,
}


def to_pdf(pages: Iterable[Page], *, title: str, creator: str) -> bytes:
    """Return pages as one PDF document.

    Parameters
    ----------
    pages : iterable of Page
        Asked for one after the other: a page that is written needs no memory any more.
    title, creator : str
        What the document says of itself.
    """
    mpl = tools()
    from matplotlib.backends.backend_pdf import PdfPages  # noqa: PLC0415

    out = io.BytesIO()
    # Of "Producer" and the date matplotlib would give its own.
    about = {"Title": title, "Creator": creator, "Producer": None, "CreationDate": None}
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(RAW)
        with PdfPages(out, metadata=about) as document:
            for page in pages:
                document.savefig(figure(page))
    return out.getvalue()


def figure(page: Page) -> Any:
    """Return a page as a matplotlib figure of 72 dots an inch: its display coordinates are points."""
    from matplotlib.figure import Figure  # noqa: PLC0415

    made = Figure(figsize=(page.width * POINT / INCH, page.height * POINT / INCH), dpi=INCH)
    made.patch.set_visible(False)
    drawn = 0
    for item in page.items:
        for artist in _artists(item, page.fonts):
            drawn += 1
            artist.set_zorder(drawn)
            made.add_artist(artist)
    return made


def _artists(item: Any, fonts: Fonts) -> Iterator[Any]:
    makers: dict[type, Callable[[Any, Fonts], Iterator[Any]]] = {
        Shape: _shape, Marks: _marks, Picture: _picture, Words: _words,
    }  # fmt: skip
    yield from makers[type(item)](item, fonts)


def _path(parts: Iterable[Part]) -> Any:
    from matplotlib.path import Path  # noqa: PLC0415

    vertices, codes = [], []
    for xy, closed in parts:
        code = np.full(len(xy) + closed, Path.LINETO, dtype=np.uint8)
        code[0] = Path.MOVETO
        if closed:
            code[-1] = Path.CLOSEPOLY
        vertices.append(np.vstack([xy, xy[:1]]) if closed else xy)
        codes.append(code)
    return Path(np.concatenate(vertices), np.concatenate(codes))


def _clip(artist: Any, parts: tuple[Part, ...]) -> None:
    from matplotlib.transforms import IdentityTransform  # noqa: PLC0415

    if parts:
        artist.set_clip_path(_path(parts), IdentityTransform())
    else:
        artist.set_clip_on(False)


def _shape(item: Shape, _: Fonts) -> Iterator[Any]:
    from matplotlib.patches import PathPatch  # noqa: PLC0415
    from matplotlib.transforms import IdentityTransform  # noqa: PLC0415

    pen = item.pen
    ends = "round" if pen.round_ends else "butt"
    made = PathPatch(
        _path(item.parts),
        facecolor=(pen.fill, pen.fill_opacity) if pen.fill else "none",
        edgecolor=(pen.stroke, pen.opacity) if pen.stroke else "none",
        linewidth=pen.width if pen.stroke else 0.0,
        linestyle=(0, pen.dash) if pen.dash else "solid",
        capstyle=ends,
        joinstyle="round",
        transform=IdentityTransform(),
    )
    _clip(made, item.clip)
    yield made


def _marks(item: Marks, fonts: Fonts) -> Iterator[Any]:
    from matplotlib.lines import Line2D  # noqa: PLC0415
    from matplotlib.transforms import IdentityTransform  # noqa: PLC0415

    font = None if item.glyph_of is None else str(fonts.of(item.glyph_of).path)
    path = outline(item.symbol) if font is None else _glyph(item.symbol, font)
    if not len(path.vertices):
        return
    pen = item.pen
    # matplotlib scales a marker until its farthest ordinate is half the size.
    reach = float(np.abs(path.vertices).max())
    made = Line2D(
        item.places[:, 0],
        item.places[:, 1],
        linestyle="none",
        marker=path,
        markersize=2 * reach * item.radius,
        markerfacecolor=(pen.fill, pen.fill_opacity) if pen.fill else "none",
        markeredgecolor=(pen.stroke, pen.opacity) if pen.stroke else "none",
        markeredgewidth=pen.width if pen.stroke else 0.0,
        transform=IdentityTransform(),
    )
    _clip(made, item.clip)
    yield made


@lru_cache(maxsize=4096)
def _glyph(one: str, font: str) -> Any:
    """Return the outline of a character in ems."""
    from matplotlib.font_manager import FontProperties  # noqa: PLC0415
    from matplotlib.path import Path  # noqa: PLC0415
    from matplotlib.textpath import TextPath  # noqa: PLC0415
    from matplotlib.transforms import Affine2D  # noqa: PLC0415

    prop = FontProperties(fname=font)
    # Chords are enough for what lies under a letter, and are written ten times as fast as curves.
    path = TextPath((0, 0), one, size=GLYPH_SIZE, prop=prop).cleaned(curves=False)
    codes = np.asarray(path.codes)
    kept = codes != Path.STOP
    return Affine2D().scale(1 / GLYPH_SIZE).transform_path(Path(np.asarray(path.vertices)[kept], codes[kept]))


def _picture(item: Picture, _: Fonts) -> Iterator[Any]:
    yield _pixels_class()(item)


@lru_cache(maxsize=1)
def _pixels_class() -> Any:
    """Return an artist that hands pixels on as they are; those of matplotlib sample them to 72 an inch."""
    from matplotlib.artist import Artist  # noqa: PLC0415
    from matplotlib.transforms import Affine2D  # noqa: PLC0415

    class Pixels(Artist):
        """Pixels in a box of points."""

        def __init__(self, item: Picture) -> None:
            super().__init__()
            self._item = item

        def draw(self, renderer: Any) -> None:
            """Put them into the page; the first row of matplotlib's pictures is the lowest."""
            left, bottom, right, top = self._item.box
            pen = renderer.new_gc()
            size = Affine2D().scale(right - left, top - bottom)
            renderer.draw_image(pen, left, bottom, self._item.pixels[::-1], size)
            pen.restore()

    return Pixels


def _words(item: Words, fonts: Fonts) -> Iterator[Any]:
    from matplotlib.font_manager import FontProperties  # noqa: PLC0415
    from matplotlib.text import Text  # noqa: PLC0415
    from matplotlib.transforms import IdentityTransform  # noqa: PLC0415

    made = Text(
        item.x,
        item.y,
        item.text,
        color=item.colour,
        fontproperties=FontProperties(fname=str(fonts.of(item.weight).path), size=item.size),
        rotation=item.angle,
        rotation_mode="anchor",
        horizontalalignment="left",
        verticalalignment="baseline",
        parse_math=False,
        transform_rotates_text=False,
        transform=IdentityTransform(),
    )
    made.set_clip_on(False)
    yield made
