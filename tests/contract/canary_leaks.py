"""Writers that leak on purpose: each takes an honest product and hides one thing in it."""

from __future__ import annotations

import base64
import gzip
import html
import io
import json
import sqlite3
import struct
import urllib.parse
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

Hide = Callable[[bytes, str], bytes]
HidePlace = Callable[[bytes, "Place"], bytes]


@dataclass(frozen=True)
class Place:
    """A home as it truly is."""

    lon: float
    lat: float
    x: float
    y: float


def _into_page(made: Callable[[str], str]) -> Hide:
    return lambda page, secret: page.replace(b"</body>", made(secret).encode() + b"</body>", 1)


def _json_block(value: object) -> str:
    return f'<script type="application/json" data-gridmap="table">{json.dumps(value)}</script>'


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _letters(secret: str) -> str:
    """Hide a text as the page spells one: letter by letter, beside another text."""
    places = [_packed([0, at % 2 + 1]) for at in range(len(secret))]
    values = [f"{one}?" if at % 2 == 0 else f"?{one}" for at, one in enumerate(secret)]
    return _json_block({"name": "contact", "form": "letters", "values": values, "letters": places})


def _zipped(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """Rewrite one member of an archive; the name is how it ends."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as given, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as out:
        for one in given.namelist():
            part = given.read(one)
            out.writestr(one, change(part) if one.endswith(name) else part)
    return made.getvalue()


def _zip_member(data: bytes, secret: str) -> bytes:
    made = io.BytesIO(data)
    with zipfile.ZipFile(made, "a", zipfile.ZIP_DEFLATED) as out:
        out.writestr("notes.txt", f"{secret} and more, and more, and more".encode("gb18030"))
    return made.getvalue()


def _zip_comment(data: bytes, secret: str) -> bytes:
    made = io.BytesIO(data)
    with zipfile.ZipFile(made, "a") as out:
        out.comment = secret.encode()
    return made.getvalue()


def _zip_hidden(data: bytes, secret: str) -> bytes:
    """Take a deflated member out of the directory, but leave it where it is."""
    body = zlib.compress(secret.encode() * 3, 9)[2:-4]
    name = b"gone.txt"
    local = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 8, 0, 0, 0, len(body), 3 * len(secret), len(name), 0)
    hidden = local + name + body
    archive = io.BytesIO()
    archive.write(hidden)
    with zipfile.ZipFile(io.BytesIO(data)) as given, zipfile.ZipFile(archive, "a") as out:
        for one in given.namelist():
            out.writestr(one, given.read(one))
    return archive.getvalue()


def _dbf_tail(data: bytes, secret: str) -> bytes:
    def change(part: bytes) -> bytes:
        header = struct.unpack_from("<H", part, 8)[0]
        extra = secret.encode("gb18030")
        return part[:8] + struct.pack("<H", header + len(extra)) + part[10:header] + extra + part[header:]

    return _zipped(data, ".dbf", change)


def _sql(data: bytes, *statements: tuple[str, tuple[object, ...]]) -> bytes:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.deserialize(data)
    connection.execute("PRAGMA secure_delete = OFF")
    for statement, values in statements:
        connection.execute(statement, values)
    made = connection.serialize()
    connection.close()
    return made


def _sqlite_free(data: bytes, secret: str) -> bytes:
    return _sql(
        data,
        ("CREATE TABLE notes (text TEXT)", ()),
        ("INSERT INTO notes VALUES (?)", (secret,)),
        ("DROP TABLE notes", ()),
    )


def _sqlite_overflow(data: bytes, secret: str) -> bytes:
    """Put it where a page ends, in a cell that goes on on another: of 5,000 bytes some 900 stay."""
    rows = [
        ("INSERT INTO notes VALUES (?)", ("." * at + secret + "." * (5000 - at - len(secret.encode())),))
        for at in range(880, 915, 3)
    ]
    return _sql(data, ("CREATE TABLE notes (text TEXT)", ()), *rows)


def _sqlite_blob(data: bytes, secret: str) -> bytes:
    packed = gzip.compress(secret.encode("utf-16-le"), mtime=0)
    return _sql(data, ("CREATE TABLE notes (data BLOB)", ()), ("INSERT INTO notes VALUES (?)", (packed,)))


def _parquet(data: bytes, change: Callable[[pa.Table], pa.Table]) -> bytes:
    made = io.BytesIO()
    table = change(pq.read_table(io.BytesIO(data)))
    pq.write_table(table, made, compression="zstd", write_statistics=False)
    return made.getvalue()


def _parquet_notes(data: bytes, secret: str) -> bytes:
    return _parquet(
        data,
        lambda table: table.replace_schema_metadata(
            {**(table.schema.metadata or {}), b"by": secret.encode()}
        ),
    )


def _parquet_dictionary(data: bytes, secret: str) -> bytes:
    def change(table: pa.Table) -> pa.Table:
        codes = pa.array([0] * len(table), pa.int32())
        return table.append_column("class2", pa.DictionaryArray.from_arrays(codes, ["plain", secret]))

    return _parquet(data, change)


def _parquet_column(data: bytes, secret: str) -> bytes:
    return _parquet(data, lambda table: table.append_column("memo", pa.array([secret] * len(table))))


def _sheet(part: str, before: bytes, made: Callable[[str], str]) -> Hide:
    def hide(data: bytes, secret: str) -> bytes:
        return _zipped(data, part, lambda xml: xml.replace(before, made(secret).encode() + before, 1))

    return hide


def _shared_strings(data: bytes, secret: str) -> bytes:
    made = io.BytesIO(data)
    with zipfile.ZipFile(made, "a", zipfile.ZIP_DEFLATED) as out:
        out.writestr("xl/sharedStrings.xml", f"<sst><si><t>{html.escape(secret)}</t></si></sst>")
    return made.getvalue()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png() -> bytes:
    """Return a picture of one pixel."""
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + _chunk(b"IDAT", zlib.compress(b"\0\0")) + _chunk(b"IEND", b"")


def pdf() -> bytes:
    """Return an empty document."""
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
        b"trailer<</Root 1 0 R>>\n%%EOF\n"
    )


def _into_png(kind: bytes, made: Callable[[str], bytes]) -> Hide:
    return lambda data, secret: data[:33] + _chunk(kind, made(secret)) + data[33:]


def _into_pdf(made: Callable[[str], bytes]) -> Hide:
    return lambda data, secret: data.replace(b"trailer", made(secret) + b"\ntrailer", 1)


def _pdf_octal(secret: str) -> bytes:
    escaped = "".join(f"\\{byte:03o}" for byte in b"\xfe\xff" + secret.encode("utf-16-be"))
    return f"3 0 obj<</Title({escaped})>>endobj".encode()


def _pdf_stream(secret: str) -> bytes:
    packed = zlib.compress(f"<x:xmpmeta>{secret}</x:xmpmeta>".encode())
    return b"3 0 obj<</Filter/FlateDecode/Length %d>>stream\n%b\nendstream endobj" % (len(packed), packed)


def _member(data: bytes, name: str, value: object) -> bytes:
    """Add a foreign member to a GeoJSON document."""
    document = json.loads(data)
    document[name] = value
    return json.dumps(document).encode()


TEXTS: dict[str, tuple[str, Hide]] = {
    "a comment of the page": ("map", _into_page(lambda secret: f"<!-- {secret} -->")),
    "an attribute, in entities": (
        "map",
        _into_page(lambda secret: "<p title='" + "".join(f"&#x{ord(one):x};" for one in secret) + "'></p>"),
    ),
    "a script, in escapes": (
        "map",
        _into_page(
            lambda secret: "<script>var a='" + "".join(f"\\u{ord(one):04x}" for one in secret) + "'</script>"
        ),
    ),
    "JSON in JSON": ("map", _into_page(lambda secret: _json_block({"more": json.dumps([secret])}))),
    "a column that is spelled letter by letter": ("map", _into_page(_letters)),
    "base64 in a page": ("map", _into_page(lambda secret: f"<i data-a={_base64(secret.encode())}></i>")),
    "base64 behind something": (
        "map",
        _into_page(lambda secret: f"<i data-a=xy{_base64(f'{secret}, {secret}'.encode())}></i>"),
    ),
    "gz in base64 in a page": (
        "summary",
        _into_page(lambda secret: f"<i data-a={_base64(gzip.compress(secret.encode(), mtime=0))}></i>"),
    ),
    "a data address": (
        "summary",
        _into_page(lambda secret: f"<a href='data:text/plain,{urllib.parse.quote(secret)}'></a>"),
    ),
    "hexadecimal": ("map", _into_page(lambda secret: f"<i>{secret.encode('gb18030').hex()}</i>")),
    "a picture in a page": (
        "map",
        _into_page(
            lambda secret: (
                "<img src='data:image/png;base64,"
                + _base64(
                    _into_png(b"zTXt", lambda text: b"a\0\0" + zlib.compress(text.encode()))(png(), secret)
                )
                + "'>"
            )
        ),
    ),
    "a foreign member": ("geojson", lambda data, secret: _member(data, "notes", secret)),
    "a line": (
        "geojsonl",
        lambda data, secret: data + json.dumps({"type": "Feature", "properties": {"a": secret}}).encode(),
    ),
    "a remark": ("csv", lambda data, secret: data + f'x,"{secret.replace(chr(34), chr(34) * 2)}"\n'.encode()),
    "a remark in GBK": ("csv", lambda data, secret: data + secret.encode("gb18030")),
    "the whole in UTF-16": ("csv", lambda data, secret: (data.decode() + secret).encode("utf-16")),
    "one more member": ("shapefile", _zip_member),
    "the archive's comment": ("shapefile", _zip_comment),
    "a member that no directory lists": ("shapefile", _zip_hidden),
    "behind the header of a table": ("shapefile", _dbf_tail),
    "the description of a CRS": (
        "shapefile",
        lambda data, secret: _zipped(data, ".prj", lambda part: part + secret.encode("utf-16-be")),
    ),
    "a free page": ("gpkg", _sqlite_free),
    "a cell over two pages": ("gpkg", _sqlite_overflow),
    "gz in a cell": ("gpkg", _sqlite_blob),
    "a description": (
        "gpkg",
        lambda data, secret: _sql(data, ("UPDATE gpkg_contents SET description = ?", (secret,))),
    ),
    "notes of a file": ("geoparquet", _parquet_notes),
    "a dictionary's entry that nothing names": ("geoparquet", _parquet_dictionary),
    "one more column": ("geoparquet", _parquet_column),
    "the title of a workbook": (
        "xlsx",
        _sheet("core.xml", b"</cp:coreProperties>", lambda secret: f"<t>{html.escape(secret)}</t>"),
    ),
    "texts that no cell names": ("xlsx", _shared_strings),
    "the escapes of a workbook": (
        "xlsx",
        _sheet("sheet1.xml", b"</sheetData>", lambda secret: "".join(f"_x{ord(one):04X}_" for one in secret)),
    ),
    "a description in base64": (
        "kml",
        lambda data, secret: data.replace(
            b"</Document>", f"<description>{_base64(secret.encode())}</description></Document>".encode()
        ),
    ),
    "a description in UTF-16 in base64": (
        "kml",
        lambda data, secret: data.replace(
            b"</Document>",
            f"<d>{base64.encodebytes(secret.encode('utf-16') * 9).decode()}</d></Document>".encode(),
        ),
    ),
    "behind the last row": ("flatgeobuf", lambda data, secret: data + secret.encode()),
    "zlib behind the last row": ("flatgeobuf", lambda data, secret: data + zlib.compress(secret.encode())),
    "the text of a picture": ("png", _into_png(b"tEXt", lambda secret: b"Author\0" + secret.encode())),
    "the packed text of a picture": (
        "png",
        _into_png(b"iTXt", lambda secret: b"XML\0\1\0\0\0" + zlib.compress(secret.encode())),
    ),
    "behind a picture": ("png", lambda data, secret: data + secret.encode("utf-16-le")),
    "a document's author": ("pdf", _into_pdf(lambda secret: f"3 0 obj<</Author({secret})>>endobj".encode())),
    "a document's title, in octal": ("pdf", _into_pdf(_pdf_octal)),
    "a document's title, in hexadecimal": (
        "pdf",
        _into_pdf(lambda secret: f"3 0 obj<</Title<FEFF{secret.encode('utf-16-be').hex()}>>>endobj".encode()),
    ),
    "a document's stream": ("pdf", _into_pdf(_pdf_stream)),
}


def _packed(values: list[int]) -> dict[str, object]:
    """Pack up to 32 integers in one block of 32 bits each."""
    low = min(values)
    data = bytes([0, 32, 0, 0]) + b"".join(struct.pack("<I", value - low) for value in values)
    return {"size": len(values), "low": low, "high": max(values), "steps": None, "data": _base64(data)}


def _block(decimals: int) -> HidePlace:
    """Hide a geometry as a page packs it; with fewer decimals said than it has."""

    def hide(page: bytes, at: Place) -> bytes:
        x, y = (_packed([0, round(value * 10**decimals)]) for value in (at.lon, at.lat))
        return _into_page(lambda _: _json_block({"far": x, "near": y}))(page, "")

    return hide


def _points(data: bytes, at: Place) -> bytes:
    """Write a home's true place into the points of a shapefile."""
    return _zipped(data, ".shp", lambda part: part + struct.pack("<2d", at.lon, at.lat))


PLACES: dict[str, tuple[str, HidePlace]] = {
    "digits in a comment": (
        "map",
        lambda page, at: _into_page(lambda _: f"<!-- {at.lon:.9f} {at.lat:.9f} -->")(page, ""),
    ),
    "one digit too many": ("map", lambda page, at: _into_page(lambda _: f"<i>{at.lat:.6f}</i>")(page, "")),
    "a packed block": ("map", _block(7)),
    "a geometry that says its decimals": (
        "map",
        lambda page, at: _into_page(
            lambda _: _json_block(
                {
                    "decimals": 7,
                    "shapes": {"x": _packed([round(at.lon * 1e7)]), "y": _packed([round(at.lat * 1e7)])},
                }
            )
        )(page, ""),
    ),
    "degrees without a point": (
        "map",
        lambda page, at: _into_page(lambda _: f"<i>[{round(at.lon * 1e7)}]</i>")(page, ""),
    ),
    "a foreign member": ("geojson", lambda data, at: _member(data, "bbox", [at.lon, at.lat])),
    "metres in a remark": ("csv", lambda data, at: data + f"{at.x:.3f},{at.y:.3f}\n".encode()),
    "digits in the whole in UTF-16": (
        "csv",
        lambda data, at: (data.decode() + f"{at.lon:.8f}").encode("utf-16"),
    ),
    "an exponent": ("csv", lambda data, at: data + f"{at.lon:.11e}\n".encode()),
    "points of a shapefile": ("shapefile", _points),
    "a cell of a deleted row": (
        "gpkg",
        lambda data, at: _sql(
            data,
            ("CREATE TABLE notes (lon REAL, lat REAL)", ()),
            ("INSERT INTO notes VALUES (?, ?)", (at.lon, at.lat)),
            ("DROP TABLE notes", ()),
        ),
    ),
    "a shape of a cell": (
        "gpkg",
        lambda data, at: _sql(
            data,
            ("CREATE TABLE notes (shape BLOB)", ()),
            ("INSERT INTO notes VALUES (?)", (struct.pack(">bI2d", 0, 1, at.lon, at.lat),)),
        ),
    ),
    "a column of metres": (
        "geoparquet",
        lambda data, at: _parquet(
            data, lambda table: table.append_column("x", pa.array([at.x] * len(table), pa.float64()))
        ),
    ),
    "the bounds of a file": (
        "geoparquet",
        lambda data, at: _parquet(
            data,
            lambda table: table.replace_schema_metadata({b"geo": json.dumps({"bbox": [at.lon]}).encode()}),
        ),
    ),
    "a cell of a workbook": (
        "xlsx",
        lambda data, at: _zipped(
            data,
            "sheet1.xml",
            lambda xml: xml.replace(b"</sheetData>", f"<v>{at.lon!r}</v></sheetData>".encode()),
        ),
    ),
    "a place of KML": (
        "kml",
        lambda data, at: data.replace(
            b"</Document>", f"<coordinates>{at.lon:.8f},{at.lat:.8f}</coordinates></Document>".encode()
        ),
    ),
    "behind the last row": ("flatgeobuf", lambda data, at: data + struct.pack("<x2d", at.lat, at.lon)),
    "the text of a picture": (
        "png",
        lambda data, at: _into_png(b"tEXt", lambda _: f"at\0{at.lon:.9f}".encode())(data, ""),
    ),
    "a document's stream": (
        "pdf",
        lambda data, at: _into_pdf(lambda _: _pdf_stream(f"{at.lat:.9f}"))(data, ""),
    ),
}
