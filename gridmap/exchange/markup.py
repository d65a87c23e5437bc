"""XML documents as a stream of elements, for the formats that are XML: nothing is resolved, nothing grows.

The bytes are decoded here and not by the parser: so a document in GBK is read, and one that says UTF-8 and is
not is found out. Prefixes of names are dropped, declared or not: files from phones use some that they do not
declare, and no format here means two things by one name.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from xml.parsers import expat

from gridmap.errors import InputError
from gridmap.exchange import encodings
from gridmap.exchange.format import HEAD_BYTES, unreadable
from gridmap.exchange.prologue import DECLARED
from gridmap.exchange.uncollected import uncollected

# Folders in folders in folders: nobody's document is as deep.
DEEPEST = 200
MOST_COLUMNS = 2_000
STEP = 2**20
# The longest marks first: UTF-16's begins UTF-32's.
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
# What separates texts: no second byte of GBK or Big5 is a bracket.
BETWEEN = re.compile(rb"[<>\r\n]+")


@dataclass(frozen=True, slots=True)
class Dialect:
    """A format that is XML: what it is called, and the names that its root element may have."""

    title: str
    roots: frozenset[str]


class Listener:
    """What is made of a document's elements; a format derives its reader from it.

    ``path`` holds the names from the root to the element that the call is about.
    """

    def __init__(self) -> None:
        self.path: list[str] = []

    def opened(self, name: str, attributes: dict[str, str]) -> bool:
        """Take note of an element; return whether its text is wanted (then what is in it is nothing else)."""
        raise NotImplementedError

    def said(self, name: str, text: str) -> None:
        """Take the text of an element that was wanted, with that of the elements in it."""
        raise NotImplementedError

    def closed(self, name: str) -> None:
        """Take note of the end of an element whose text was not wanted."""
        raise NotImplementedError


class Cells:
    """Columns that are found while a document is read: a row has some of them."""

    def __init__(self) -> None:
        self._columns: dict[str, list[Any]] = {}

    def put(self, row: int, name: str, value: Any) -> None:
        """Give a row, the last one so far, a value.

        Raises
        ------
        TooManyError
            If the document has more names of columns than any table.
        """
        column = self._columns.get(name)
        if column is None:
            if len(self._columns) >= MOST_COLUMNS:
                raise TooManyError
            column = self._columns[name] = []
        if len(column) < row:
            column.extend([None] * (row - len(column)))
        column.append(value)

    def columns(self, rows: int) -> dict[str, list[Any]]:
        """Return every column with as many values as there are rows."""
        return {name: column + [None] * (rows - len(column)) for name, column in self._columns.items()}


class TooManyError(Exception):
    """A document has more names of columns than any table."""


def looks_like_xml(head: bytes) -> bool:
    """Say whether a file begins like an XML document, in whatever encoding."""
    for mark, encoding in MARKS:
        if head.startswith(mark):
            return head.decode(encoding, "ignore").lstrip("\ufeff \t\r\n").startswith("<")
    return head.lstrip().startswith((b"<", b"\0<", b"\0\0\0<"))


def walk(path: Path, listener: Listener, dialect: Dialect, *, asked: str | None) -> encodings.Decision:
    """Read a document from its beginning to its end.

    Parameters
    ----------
    path : Path
        A private copy of the file.
    listener : Listener
        Called for every element.
    dialect : Dialect
        What the document must be.
    asked : str or None
        How the caller says that it is encoded.

    Returns
    -------
    Decision
        How it was decoded.

    Raises
    ------
    InputError
        GM202 if it is not well-formed XML, cut short, or nested as no honest document is; GM205 if it is
        another kind of document; GM207 if its encoding cannot be told.
    """
    fix = f"open it in the program it came from and export it again as {dialect.title}, in UTF-8"
    decision = _decision(path, asked)
    parser = _parser(listener, dialect, path)
    try:
        with uncollected():
            for text in _texts(path, decision.encoding):
                parser.Parse(text, False)  # noqa: FBT003 - expat's own signature
            parser.Parse("", True)  # noqa: FBT003
    except expat.ExpatError as error:
        if error.code == expat.errors.codes[expat.errors.XML_ERROR_NO_MEMORY]:
            raise MemoryError from error
        what = f"not well-formed XML: {expat.ErrorString(error.code)} in line {error.lineno}"
        raise unreadable(path, what, fix) from error
    except UnicodeError as error:
        raise unreadable(path, f"the text is not {decision.encoding} to its end", fix) from error
    except TooManyError as error:
        what = f"the features have more than {MOST_COLUMNS} different names of values"
        raise unreadable(path, what, "export it again without those that are not needed") from error
    return decision


def trimmed(text: str) -> str | None:
    """Return a text without the line breaks that only lay the document out; None if there is nothing else."""
    start = text.lstrip()
    if not start:
        return None
    if len(start) < len(text) and "\n" in text[: len(text) - len(start)]:
        text = start
    end = text.rstrip()
    return end if "\n" in text[len(end) :] else text


def _parser(listener: Listener, dialect: Dialect, path: Path) -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    names, texts = listener.path, list[str]()
    # How deep the element lies whose text is being collected; 0 if there is none.
    held = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal held
        name = tag.rpartition(":")[2] if ":" in tag else tag
        names.append(name)
        depth = len(names)
        if depth == 1 and name not in dialect.roots:
            raise _other(path, dialect)
        if depth > DEEPEST:
            raise unreadable(path, "the document nests its elements too deeply", "export it again, plainly")
        if not held and listener.opened(name, attributes):
            held = depth
            parser.CharacterDataHandler = texts.append

    def end(_tag: str) -> None:
        nonlocal held
        if not held:
            listener.closed(names[-1])
        elif held == len(names):
            held = 0
            # Taking the handler away empties the parser's buffer into it first.
            parser.CharacterDataHandler = None
            text = "".join(texts)
            texts.clear()
            listener.said(names[-1], text)
        names.pop()

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = partial(_refuse_doctype, path)
    return parser


def _refuse_doctype(path: Path, *_declared: Any) -> None:
    what = "the document declares a type or entities, which are not read"
    raise unreadable(path, what, "export it again, plain and in UTF-8")


def _other(path: Path, dialect: Dialect) -> InputError:
    return InputError(
        "GM205",
        f"the content is not {dialect.title}, whatever the name says",
        where=path.name,
        fix=f"export it again as {dialect.title}, or give it the extension of what it is",
    )


def _texts(path: Path, encoding: str) -> Iterator[str]:
    """Give the document piece by piece, without what stands before its first bracket."""
    decoder = codecs.getincrementaldecoder(encoding)()
    begun = False
    with path.open("rb") as stream:
        while block := stream.read(STEP):
            text = decoder.decode(block)
            if not begun:
                text = text.lstrip("\ufeff \t\r\n")
                begun = bool(text)
            yield text
    yield decoder.decode(b"", final=True)


def _decision(path: Path, asked: str | None) -> encodings.Decision:
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    for mark, encoding in MARKS:
        if head.startswith(mark):
            return encodings.Decision(encoding, "byte order mark")
    for encoding in WIDE:
        if head.startswith("<".encode(encoding)):
            return encodings.Decision(encoding, "its first bytes")
    declared = DECLARED.match(head.decode("latin-1").lstrip())
    stated = declared[1] if declared else None
    if encodings.canonical(asked or stated or "utf-8") == "utf-8" and _is_utf8(path):
        return encodings.Decision("utf-8", "as you say" if asked else "valid UTF-8")
    samples = [text for text in BETWEEN.split(path.read_bytes()) if not text.isascii()]
    return encodings.decide(samples, asked=asked, stated=stated, by="the XML declaration", where=path.name)


def _is_utf8(path: Path) -> bool:
    try:
        for _ in _texts(path, "utf-8"):
            pass
    except UnicodeDecodeError:
        return False
    return True
