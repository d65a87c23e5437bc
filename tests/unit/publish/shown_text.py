"""PDF documents whose pages show a text, as glyph codes of an embedded font."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable


def document(*objects: bytes) -> bytes:
    """Return a document of some objects, the first with number 1."""
    body = b"".join(b"%d 0 obj\n%b\nendobj\n" % (at, one) for at, one in enumerate(objects, start=1))
    return b"%PDF-1.5\n" + body + b"trailer<</Root 1 0 R>>\n"


def stream(data: bytes, entries: bytes = b"", *, deflate: bool = True) -> bytes:
    """Return a stream."""
    packed = zlib.compress(data) if deflate else data
    kind = b"/Filter/FlateDecode" if deflate else b""
    return b"<<%b%b/Length %d>>\nstream\n%b\nendstream" % (entries, kind, len(packed), packed)


def codes_of(text: str, first: int = 7) -> dict[str, int]:
    """Return glyph codes that have nothing to do with the characters."""
    return {one: first + at for at, one in enumerate(sorted(set(text)))}


def cmap(codes: dict[str, int], *, ranges: bool, width: int = 4) -> bytes:
    """Return a ToUnicode map."""
    wide = {one: one.encode("utf-16-be").hex() for one in codes}
    if ranges:
        lines = [f"<{code:0{width}x}> <{code:0{width}x}> [<{wide[one]}>]" for one, code in codes.items()]
        body = f"{len(lines)} beginbfrange\n" + "\n".join(lines) + "\nendbfrange"
    else:
        lines = [f"<{code:0{width}x}> <{wide[one]}>" for one, code in codes.items()]
        body = f"{len(lines)} beginbfchar\n" + "\n".join(lines) + "\nendbfchar"
    return (
        f"begincmap\n1 begincodespacerange <{'0' * width}> <{'f' * width}> endcodespacerange\n{body}".encode()
    )


def _literal(data: bytes) -> bytes:
    return b"(" + data.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)") + b")"


def _shown(text: str, codes: dict[str, int], how: str) -> bytes:
    each = [codes[one].to_bytes(2, "big") for one in text]
    if how == "one string":
        return b"BT /F1 9 Tf 20 30 Td " + _literal(b"".join(each)) + b" Tj ET"
    if how == "hexadecimal":
        return b"BT /F1 9 Tf <" + b"".join(each).hex().encode() + b"> Tj ET"
    if how == "kerned":
        return b"BT /F1 9 Tf [" + b" -12.5 ".join(map(_literal, each)) + b"] TJ ET"
    if how == "letter by letter":
        return b"\n".join(
            b"BT /F1 9 Tf %d 30 Td %b Tj ET" % (at, _literal(one)) for at, one in enumerate(each)
        )
    return b"BT /F1 9 Tf " + b" ".join(_literal(one) + b" Tj 5 0 Td" for one in each) + b" ET"


def type0(text: str, how: str = "one string", *, ranges: bool = False, deflate: bool = True) -> bytes:
    """Return a document with a text in a composite font."""
    codes = codes_of(text)
    return document(
        b"<</Type/Catalog>>",
        b"<</Font<</F1 3 0 R>>>>",
        b"<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/ToUnicode 4 0 R>>",
        stream(cmap(codes, ranges=ranges), deflate=deflate),
        stream(_shown(text, codes, how), deflate=deflate),
    )


def simple(text: str) -> bytes:
    """Return a document with a text in a font of single bytes, whose glyphs have names."""
    codes = codes_of(text, 65)
    names = b"".join(b"%d /uni%04X " % (code, ord(one)) for one, code in codes.items())
    return document(
        b"<</Type/Catalog>>",
        b"<</Font<</F1 3 0 R>>>>",
        b"<</Type /Font /Subtype /Type1 /Encoding 4 0 R>>",
        b"<</Type /Encoding /Differences [" + names + b"]>>",
        stream(b"BT /F1 9 Tf " + _literal(bytes(codes[one] for one in text)) + b" Tj ET"),
    )


def in_object_stream(text: str) -> bytes:
    """Return a document whose font is an object in an object stream."""
    codes = codes_of(text)
    fonts, font = b"<</F1 12 0 R>>", b"<</Type/Font/Subtype/Type0/Encoding/Identity-H/ToUnicode 3 0 R>>"
    head = b"11 0 12 %d " % (len(fonts) + 1)
    packed = head + fonts + b" " + font
    return document(
        b"<</Type/Catalog/Resources<</Font 11 0 R>>>>",
        stream(packed, b"/Type/ObjStm/N 2/First %d" % len(head)),
        stream(cmap(codes, ranges=True)),
        stream(_shown(text, codes, "kerned")),
    )


def two_fonts_of_one_name(text: str) -> bytes:
    """Return a document in which one name means another font on each page."""
    codes, others = codes_of(text), codes_of("otherwise")
    return document(
        b"<</Font<</F1 2 0 R>>>>",
        b"<</Type/Font/Subtype/Type0/ToUnicode 3 0 R>>",
        stream(cmap(others, ranges=False)),
        b"<</Font<</F1 5 0 R>>>>",
        b"<</Type/Font/Subtype/Type0/ToUnicode 6 0 R>>",
        stream(cmap(codes, ranges=False)),
        stream(_shown(text, codes, "one string")),
    )


def atlas_like(texts: Iterable[str]) -> bytes:
    """Return a page of an atlas with some texts on it."""
    import tempfile
    from pathlib import Path

    from gridmap.render.atlas.fonts import make_fonts
    from gridmap.render.atlas.page import Page
    from gridmap.render.atlas.press import to_pdf

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        page = Page(210, 297, make_fonts(texts, Path(folder)))
        for at, text in enumerate(texts):
            page.write(text, (20, 280 - 5 * at), 9.0)
        return to_pdf([page], title="plain", creator="plain")


HOWS = ("one string", "hexadecimal", "kerned", "letter by letter", "in pieces")
WAYS: dict[str, Callable[[str], bytes]] = {
    **{how: lambda text, how=how: type0(text, how) for how in HOWS},
    "ranges": lambda text: type0(text, ranges=True),
    "not compressed": lambda text: type0(text, deflate=False),
    "single bytes": simple,
    "object stream": in_object_stream,
    "two fonts of one name": two_fonts_of_one_name,
}
