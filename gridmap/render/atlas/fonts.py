"""Small fonts made for one atlas: the glyphs it needs, as TrueType outlines.

A PDF viewer shows, and copies, text of an embedded TrueType font in every version. Many Chinese fonts are
collections of CFF outlines, which matplotlib embeds in a place where the standard (ISO 32000-1, 9.9) has
TrueType alone. So the glyphs that an atlas needs are taken out, of a Chinese face or of the one that
matplotlib brings, their curves turned into quadratic ones (fontTools, cu2qu), and put in a font of their
own: a few hundred glyphs, which also loads a hundred times faster than the whole.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gridmap.render.atlas.typeface import Typeface, Weight, chinese, latin, no_chinese

EM = 1000
EPOCH = 3_786_912_000  # 2024-01-01, in seconds of a font file: of what day it is nothing depends
ERROR = 0.6  # of a thousandth of an em: what a quadratic curve may be off a cubic one
MISSING = "□"
WEIGHTS: tuple[Weight, ...] = ("regular", "bold")
FIRST_CJK, LAST_CJK = 0x2E80, 0x9FFF
BEYOND = 0xFFFF  # where two characters of UTF-16 begin, which a font of this form does not number
# Marks that turn text around or join letters: on paper they only show as boxes.
INVISIBLE = {"Cf", "Cc", "Cs", "Co", "Cn"}


@dataclass(frozen=True, slots=True)
class Font:
    """One weight, ready to measure and to embed.

    Parameters
    ----------
    path : Path
        The file.
    advances : mapping of str to float
        Width of each character, in ems.
    """

    path: Path
    advances: Mapping[str, float]

    def width(self, text: str, size: float) -> float:
        """Return how wide a cleaned text is, in the unit of `size`."""
        return size * sum(self.advances[one] for one in text)


@dataclass(frozen=True, slots=True)
class Fonts:
    """The two weights of an atlas."""

    regular: Font
    bold: Font
    known: frozenset[str] = field(default=frozenset())

    def of(self, weight: Weight) -> Font:
        """Return a weight."""
        return self.bold if weight == "bold" else self.regular

    def clean(self, text: str) -> str:
        """Return a text as it can be written on one line: what has no sign is a box, or left out."""
        flat = unicodedata.normalize("NFC", " ".join(text.split()))
        shown = (one for one in flat if unicodedata.category(one) not in INVISIBLE)
        return "".join(one if one in self.known else MISSING for one in shown)


def make_fonts(texts: Iterable[str], folder: Path) -> Fonts:
    """Make the fonts that some texts need.

    Parameters
    ----------
    texts : iterable of str
        Everything that may be written.
    folder : Path
        Where the two files are put.

    Raises
    ------
    RenderError
        GM703 if there is Chinese in the texts and no Chinese font on this machine.
    ConfigError
        GM111 without matplotlib.
    """
    wanted = set(MISSING) | {chr(code) for code in range(0x20, 0x7F)}
    for text in texts:
        wanted.update(unicodedata.normalize("NFC", " ".join(text.split())))
    wanted = {one for one in wanted if ord(one) <= BEYOND and unicodedata.category(one) not in INVISIBLE}
    made = {weight: _make(wanted, weight, folder) for weight in WEIGHTS}
    known = frozenset(made["regular"].advances) & frozenset(made["bold"].advances)
    return Fonts(made["regular"], made["bold"], known)


def _make(wanted: set[str], weight: Weight, folder: Path) -> Font:
    face = chinese(weight)
    if face is None and any(FIRST_CJK <= ord(one) <= LAST_CJK for one in wanted):
        raise no_chinese()
    faces = [latin(weight)] if face is None else [face, latin(weight)]
    glyphs: dict[str, tuple[Any, int]] = {}
    for one in faces:
        glyphs.update(_glyphs(one, sorted(wanted - glyphs.keys())))
    path = folder / f"gridmap-{weight}.ttf"
    _write(glyphs, path, weight)
    return Font(path, {one: advance / EM for one, (_, advance) in glyphs.items()})


def _glyphs(face: Typeface, wanted: list[str]) -> dict[str, tuple[Any, int]]:
    """Return the outline and width of each wanted character that a face has."""
    from fontTools.pens.cu2quPen import Cu2QuPen  # noqa: PLC0415
    from fontTools.pens.recordingPen import DecomposingRecordingPen  # noqa: PLC0415
    from fontTools.pens.transformPen import TransformPen  # noqa: PLC0415
    from fontTools.pens.ttGlyphPen import TTGlyphPen  # noqa: PLC0415
    from fontTools.ttLib import TTFont  # noqa: PLC0415

    found = {}
    with TTFont(str(face.path), fontNumber=face.number, lazy=True) as font:
        scale = EM / font["head"].unitsPerEm
        names, outlines, widths = font.getBestCmap(), font.getGlyphSet(), font["hmtx"]
        cubic = "CFF " in font
        for one in wanted:
            if ord(one) not in names:
                continue
            name = names[ord(one)]
            recorded = DecomposingRecordingPen(outlines)
            outlines[name].draw(recorded)
            pen = TTGlyphPen(None)
            # PostScript outlines run the other way round than TrueType's.
            ink = Cu2QuPen(pen, ERROR, reverse_direction=cubic)
            recorded.replay(TransformPen(ink, (scale, 0, 0, scale, 0, 0)))
            found[one] = (pen.glyph(), round(widths[name][0] * scale))
    return found


def _write(glyphs: dict[str, tuple[Any, int]], path: Path, weight: Weight) -> None:
    from fontTools.fontBuilder import FontBuilder  # noqa: PLC0415
    from fontTools.pens.ttGlyphPen import TTGlyphPen  # noqa: PLC0415

    chars = sorted(glyphs)
    names = {one: f"uni{ord(one):04X}" for one in chars}
    builder = FontBuilder(EM, isTTF=True)
    builder.setupGlyphOrder([".notdef", *names.values()])
    builder.setupCharacterMap({ord(one): name for one, name in names.items()})
    builder.setupGlyf({".notdef": TTGlyphPen(None).glyph(), **{names[one]: glyphs[one][0] for one in chars}})
    table = builder.font["glyf"]
    widths = {names[one]: (glyphs[one][1], getattr(table[names[one]], "xMin", 0)) for one in chars}
    builder.setupHorizontalMetrics({".notdef": (EM, 0), **widths})
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupNameTable(
        {"familyName": "Gridmap Atlas", "styleName": weight.capitalize(), "psName": f"GridmapAtlas-{weight}"}
    )
    builder.setupOS2(sTypoAscender=880, sTypoDescender=-120, usWinAscent=1000, usWinDescent=250)
    builder.setupPost()
    # No clock: the same atlas twice is the same bytes.
    builder.font.recalcTimestamp = False
    builder.updateHead(created=EPOCH, modified=EPOCH)
    builder.save(str(path))
