"""The parts of an Office Open XML workbook: a ZIP archive of XML documents, read as streams.

Read by us and not by openpyxl, which holds a part as a whole, drops escapes in shared texts, cannot tell a
formula without a value from an empty cell, and fails on styles that it does not know; what a number format
means is asked of openpyxl. No part is trusted: what is unpacked is counted, and entities are refused before a
parser sees them.
"""

from __future__ import annotations

import contextlib
import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn
from xml.parsers import expat

from gridmap.errors import InputError
from gridmap.exchange import archives
from gridmap.exchange.cell_texts import cleaned, unescaped
from gridmap.exchange.number_formats import NumberFormat, number_format
from gridmap.exchange.prologue import refuse_entities_in

DEEPEST = 100
MAIN_TYPE = re.compile(r"application/vnd\.(openxmlformats-officedocument|ms-excel)\..*\.main\+xml")
SAVE_AGAIN = "open it in the program it came from and save it again as an Excel workbook (.xlsx)"
Attributes = dict[str, str]


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A sheet of a workbook: its name, the part that holds it, and whether it is hidden."""

    name: str
    part: str
    hidden: bool


class Parts:
    """The parts of an opened document by name, unpacked piece by piece and counted.

    Parameters
    ----------
    opened : ZipFile
        The document.
    members : mapping of str to ZipInfo
        Its parts, by names with small letters.
    path : Path
        The document, for messages and its size.
    """

    def __init__(self, opened: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo], path: Path) -> None:
        self._opened = opened
        self._members = members
        self.path = path
        self._most = max(archives.SMALL, archives.STEEPEST * path.stat().st_size)
        self._total = 0

    def __contains__(self, part: str) -> bool:
        return part.casefold() in self._members

    def blocks(self, part: str) -> Iterator[bytes]:
        """Give a part's bytes; refuse one that is missing, packed oddly, a bomb, or declares entities."""
        info = self._members.get(part.casefold())
        if info is None:
            self.damaged("a part of the workbook is missing")
        if info.flag_bits & archives.ENCRYPTED or info.compress_type not in archives.METHODS:
            self.damaged("a part of the workbook is encrypted, or packed in a way that is not read")
        first = True
        for block in archives.blocks(self._opened, info, name=self.path.name):
            self._total += len(block)
            if self._total > self._most:
                raise InputError(
                    "GM209",
                    "the workbook unpacks to far more than an honest one of its size",
                    where=self.path.name,
                    fix=SAVE_AGAIN,
                )
            if first:
                refuse_entities_in(block, name=self.path.name)
                first = False
            yield block

    def damaged(self, what: str) -> NoReturn:
        """Refuse the workbook.

        Raises
        ------
        InputError
            GM202.
        """
        raise InputError("GM202", what, where=self.path.name, fix=SAVE_AGAIN)

    def walk(
        self,
        part: str,
        start: Callable[[str, Attributes], None],
        end: Callable[[str], None] | None = None,
        text: Callable[[str], None] | None = None,
    ) -> None:
        """Call handlers for the elements of a part, by their names without a namespace.

        Raises
        ------
        InputError
            GM202 if it is not well-formed XML.
        """
        names: dict[str, str] = {}
        depth = 0

        def opened(tag: str, attributes: Attributes) -> None:
            nonlocal depth
            depth += 1
            if depth > DEEPEST:
                self.damaged("a part of the workbook nests its elements too deeply")
            start(names.get(tag) or names.setdefault(tag, tag.rpartition(":")[2]), attributes)

        def closed(tag: str) -> None:
            nonlocal depth
            depth -= 1
            if end is not None:
                end(names[tag])

        parser = expat.ParserCreate()
        parser.buffer_text, parser.StartElementHandler = True, opened
        parser.EndElementHandler = closed
        parser.CharacterDataHandler = text
        self._parse(parser, part)

    def _parse(self, parser: expat.XMLParserType, part: str) -> None:
        try:
            for block in self.blocks(part):
                parser.Parse(block, False)  # noqa: FBT003 - expat's own signature
            parser.Parse(b"", True)  # noqa: FBT003
        except expat.ExpatError as error:
            if error.code == expat.errors.codes[expat.errors.XML_ERROR_NO_MEMORY]:
                raise MemoryError from error
            raise InputError(
                "GM202",
                f"a part of the workbook is not well-formed XML ({expat.ErrorString(error.code)})",
                where=self.path.name,
                fix=SAVE_AGAIN,
            ) from error


@dataclass(slots=True)
class Workbook:
    """What all sheets of a workbook share.

    Parameters
    ----------
    parts : Parts
        Its parts.
    sheets : list of SheetPart
        Its sheets in their order.
    from_1904 : bool
        Whether days are counted from 1904 on.
    formats : list of NumberFormat
        What the style of each number makes of a number.
    texts : list of (str or None, bool)
        The texts that cells name by number, cleaned, and whether blanks were taken away.
    """

    parts: Parts
    sheets: list[SheetPart] = field(default_factory=list)
    from_1904: bool = False
    formats: list[NumberFormat] = field(default_factory=list)
    texts: list[tuple[str | None, bool]] = field(default_factory=list)


@contextlib.contextmanager
def opened_workbook(path: Path) -> Iterator[Workbook]:
    """Open a workbook and read what its sheets share.

    Parameters
    ----------
    path : Path
        A private copy of the file.

    Yields
    ------
    Workbook
        Its sheets are not read yet.

    Raises
    ------
    InputError
        GM202 if it is damaged or no workbook, GM209 if it unpacks to far too much.
    """
    with archives.document(path, name=path.name) as (opened, members):
        yield _workbook(Parts(opened, members, path))


def _workbook(parts: Parts) -> Workbook:
    main = _main_part(parts)
    book = Workbook(parts)
    related = _related(parts, main)
    listed: list[tuple[str, str, bool]] = []

    def start(name: str, attributes: Attributes) -> None:
        if name == "sheet":
            key = next((one for one in attributes if one.endswith(":id")), "")
            hidden = attributes.get("state", "visible") != "visible"
            listed.append((attributes.get("name", ""), attributes.get(key, ""), hidden))
        elif name == "workbookPr":
            book.from_1904 = attributes.get("date1904") in {"1", "true"}

    parts.walk(main, start)
    for title, key, hidden in listed:
        kind, part = related.get(key, ("", ""))
        # A chart on a sheet of its own has no rows.
        if kind == "worksheet":
            book.sheets.append(SheetPart(title, part, hidden))
    shared = dict(related.values())
    if "styles" in shared:
        book.formats = _formats(parts, shared["styles"])
    if "sharedStrings" in shared:
        book.texts = _texts(parts, shared["sharedStrings"])
    return book


def _main_part(parts: Parts) -> str:
    found: list[str] = []

    def start(name: str, attributes: Attributes) -> None:
        if name == "Override" and MAIN_TYPE.fullmatch(attributes.get("ContentType", "")):
            found.append(attributes.get("PartName", "").lstrip("/"))

    if "[Content_Types].xml" not in parts:
        parts.damaged("the file is a ZIP archive, and no Excel workbook")
    parts.walk("[Content_Types].xml", start)
    # Some programs declare the type of workbooks by the extension alone.
    found = found or ["xl/workbook.xml"]
    if found[0] not in parts:
        parts.damaged("the file is a ZIP archive, and no Excel workbook")
    return found[0]


def _related(parts: Parts, main: str) -> dict[str, tuple[str, str]]:
    """Return what a part refers to inside the document: by its key, the kind and the part's name."""
    folder, _, name = main.rpartition("/")
    found: dict[str, tuple[str, str]] = {}

    def start(tag: str, attributes: Attributes) -> None:
        if tag == "Relationship" and attributes.get("TargetMode") != "External":
            kind = attributes.get("Type", "").rpartition("/")[2]
            target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", "")))
            found[attributes.get("Id", "")] = (kind, target.lstrip("/"))

    parts.walk(posixpath.join(folder, "_rels", f"{name}.rels"), start)
    return found


def _formats(parts: Parts, part: str) -> list[NumberFormat]:
    codes: dict[str, str] = {}
    styles: list[str] = []
    inside = False

    def start(name: str, attributes: Attributes) -> None:
        nonlocal inside
        if name == "numFmt":
            codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            inside = True
        elif name == "xf" and inside:
            styles.append(attributes.get("numFmtId", "0"))

    def end(name: str) -> None:
        nonlocal inside
        inside = inside and name != "cellXfs"

    parts.walk(part, start, end)
    known = {number: number_format(number, codes.get(number)) for number in set(styles)}
    return [known[number] for number in styles]


def _texts(parts: Parts, part: str) -> list[tuple[str | None, bool]]:
    texts: list[tuple[str | None, bool]] = []
    collected = TextCollector()

    def start(name: str, _attributes: Attributes) -> None:
        collected.start(name)

    def end(name: str) -> None:
        collected.end(name)
        if name == "si":
            texts.append(cleaned(collected.taken()))

    parts.walk(part, start, end, collected.said)
    return texts


class TextCollector:
    """The text of a string item: that of its runs, without how it is pronounced."""

    def __init__(self) -> None:
        self._found: list[str] = []
        self._open = False
        self._spoken = False

    def start(self, name: str) -> None:
        """Take note of an element."""
        if name == "t":
            self._open = not self._spoken
        elif name == "rPh":
            self._spoken = True

    def end(self, name: str) -> None:
        """Take note of an element's end."""
        if name == "t":
            self._open = False
        elif name == "rPh":
            self._spoken = False

    def said(self, text: str) -> None:
        """Take text that stands in the element."""
        if self._open:
            self._found.append(text)

    def taken(self) -> str:
        """Return the text so far, its escapes undone, and begin another."""
        text = unescaped("".join(self._found))
        self._found.clear()
        return text
