"""Workbooks made part by part, so that a test can say what is in their XML to the letter."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from gridmap.exchange.format import RawTable, ReadRequest
from gridmap.exchange.formats.xlsx import FORMAT

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORDS = frozenset(
    {"id", "户号", "户主", "姓名", "人口", "电话", "经度", "纬度", "坐标", "name", "lon", "lat"}
)
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'spreadsheetml.sheet.main+xml"/></Types>'
)


def sheet_xml(rows: str, after: str = "", before: str = "") -> str:
    return f'<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def inline(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def line(number: int, *texts: str | None, attributes: str = "") -> str:
    """Return a row of texts; a text that begins with ``<`` is a cell of its own."""
    cells = [
        text if text.startswith("<") else inline(f"{chr(ord('A') + at)}{number}", text)
        for at, text in enumerate(texts)
        if text is not None
    ]
    return f'<row r="{number}"{attributes}>{"".join(cells)}</row>'


def parts_of(
    sheets: dict[str, str], *, styles: str = "", shared: str = "", settings: str = ""
) -> dict[str, str]:
    """Return the parts of a workbook; a sheet whose name begins with ``-`` is hidden."""
    listed, related = [], []
    parts = {"[Content_Types].xml": TYPES}
    for at, (name, text) in enumerate(sheets.items(), start=1):
        hidden = ' state="hidden"' if name.startswith("-") else ""
        listed.append(f'<sheet name="{name.lstrip("-")}" sheetId="{at}" r:id="s{at}"{hidden}/>')
        related.append(
            f'<Relationship Id="s{at}" Type="{RELATIONS}/worksheet" Target="worksheets/s{at}.xml"/>'
        )
        parts[f"xl/worksheets/s{at}.xml"] = text
    for key, text in {"styles": styles, "sharedStrings": shared}.items():
        if text:
            parts[f"xl/{key}.xml"] = text
            related.append(f'<Relationship Id="{key}" Type="{RELATIONS}/{key}" Target="/xl/{key}.xml"/>')
    inside = f"{settings}<sheets>{''.join(listed)}</sheets>"
    parts["xl/workbook.xml"] = f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">{inside}</workbook>'
    parts["xl/_rels/workbook.xml.rels"] = f"<Relationships>{''.join(related)}</Relationships>"
    return parts


def zipped(parts: dict[str, str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return stream.getvalue()


def book(folder: Path, rows: str, *, after: str = "", before: str = "", **more: str) -> Path:
    """Write a workbook of one sheet."""
    return written(folder, parts_of({"名单": sheet_xml(rows, after, before)}, **more))


def written(folder: Path, parts: dict[str, str]) -> Path:
    path = folder / "data.xlsx"
    path.write_bytes(zipped(parts))
    return path


def read(path: Path, *, layer: str | None = None, words: frozenset[str] = WORDS) -> RawTable:
    return FORMAT.read(path, ReadRequest("household", spatial=True, layer=layer, words=words))


def styles_xml(*codes: str) -> str:
    """Return styles whose number formats are these, from style 1 on; a number is one Excel knows."""
    formats, cells = [], ['<xf numFmtId="0"/>']
    for at, code in enumerate(codes, start=200):
        number = code if code.isdigit() and len(code) < 3 and code != "00" else str(at)
        if number != code:
            shown = code.replace('"', "&quot;")
            formats.append(f'<numFmt numFmtId="{at}" formatCode="{shown}"/>')
        cells.append(f'<xf numFmtId="{number}"/>')
    return (
        f'<styleSheet xmlns="{MAIN}"><numFmts>{"".join(formats)}</numFmts>'
        f"<cellStyleXfs><xf numFmtId='14'/></cellStyleXfs><cellXfs>{''.join(cells)}</cellXfs></styleSheet>"
    )
