"""What stands before the root element of an XML document: a document type or entities refuse it there.

Searched by us, before a parser sees the document. It may be a megabyte of anything, in this very process and
without a limit on time: each character is looked at once.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import NoReturn

from gridmap.errors import InputError

XML_EXTENSIONS = frozenset({".kml", ".gpx"})
# What is searched; a person's comment before the root element is shorter.
PROLOGUE = 2**20
WHITE = re.compile("[\ufeff \t\r\n]*")
# Encodings in which the ASCII characters of markup are single bytes that mean nothing else.
ASCII_BASED = re.compile(
    r"utf-?8|(us-)?ascii|iso[-_]8859-\d+|latin-?1|windows-?125\d|cp125\d|koi8-[ru]|gbk|gb2312|gb18030|big5|euc-kr",
    re.IGNORECASE,
)
DECLARED = re.compile(r"""<\?xml\b[^>]*?\bencoding\s*=\s*["']([^"']*)["']""")
DECLARES = "the document declares a type or entities, which are not read"


def refuse_entities(path: Path, *, name: str) -> None:
    """Refuse an XML document with a document type or entities, before a parser sees it.

    Entities can name other files or grow without end (CWE-611, CWE-776); KML, GPX and the parts of a
    workbook have no use for them. Both may stand only before the root element, so only that is searched, in
    the encoding the document is in.

    Parameters
    ----------
    path : Path
        The document.
    name : str
        The file's name, for messages.

    Raises
    ------
    InputError
        GM202; also if there is nothing but comments and blanks for a whole megabyte.
    """
    with path.open("rb") as stream:
        refuse_entities_in(stream.read(PROLOGUE), name=name)


def refuse_entities_in(head: bytes, *, name: str) -> None:
    """As `refuse_entities`, for the first `PROLOGUE` bytes of a document that is no file.

    Raises
    ------
    InputError
        GM202.
    """
    text = _decoded(head, name)
    at = 0
    while True:
        blank = WHITE.match(text, at)
        at = at if blank is None else blank.end()
        if text.startswith("<!--", at):
            end = text.find("-->", at + 4)
            at = end + 3
        elif text.startswith("<?", at):
            end = text.find("?>", at + 2)
            at = end + 2
        elif text.startswith("<!", at):
            _refuse(DECLARES, name)
        elif at + 1 >= len(text) and len(head) >= PROLOGUE:
            # What comes next nobody has seen: it may be a document type.
            _refuse("the document does not begin within a megabyte of comments and blanks", name)
        else:
            # The root element, or no XML at all: the reader will say so.
            return
        if end < 0:
            _refuse("the document begins with a comment or instruction that has no end", name)


def _decoded(head: bytes, name: str) -> str:
    """Return the beginning of a document as text, its markup exact (XML 1.0, appendix F)."""
    for mark, encoding in (
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        ("<".encode("utf-32-le"), "utf-32-le"),
        ("<".encode("utf-32-be"), "utf-32-be"),
        ("<".encode("utf-16-le"), "utf-16-le"),
        ("<".encode("utf-16-be"), "utf-16-be"),
    ):
        if head.startswith(mark):
            return head.decode(encoding, "replace")
    text = head.removeprefix(codecs.BOM_UTF8).decode("latin-1")
    declared = DECLARED.match(text.lstrip())
    if declared and not ASCII_BASED.fullmatch(declared[1]):
        _refuse("the document is in an encoding that is not read", name)
    return text


def _refuse(what: str, name: str) -> NoReturn:
    raise InputError(
        "GM202", what, where=name, fix="export it again, plain and in UTF-8, from the program it came from"
    )
