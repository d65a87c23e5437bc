"""Products with something hidden in them, one way for each container format."""

from __future__ import annotations

import base64
import gzip
import html
import io
import json
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from gridmap.exchange.format import WriteRequest, format_named

Made = Callable[[str], bytes]


@dataclass(frozen=True)
class Place:
    """Where a home is, exactly."""

    lon: float
    lat: float
    x: float
    y: float


def table(text: str, at: Place | None = None) -> gpd.GeoDataFrame:
    """Return a table whose open column holds a text, at an exact or a rounded place."""
    lon, lat = (110.12, 42.34) if at is None else (at.lon, at.lat)
    rows = {"id": ["H1", "H2"], "remark": ["plain", text], "persons": [3, 4]}
    return gpd.GeoDataFrame(rows, geometry=gpd.points_from_xy([110.5, lon], [42.5, lat]), crs=4326)


def written(fmt: str, frame: gpd.GeoDataFrame, *, decimals: int = 15, encoding: str = "utf-8") -> bytes:
    """Write a frame with a format's own writer, with all its digits."""
    return format_named(fmt).write(WriteRequest("household", frame, decimals, "EPSG:4326", encoding))


def page(block: object) -> bytes:
    """Return a page with a packed block."""
    inner = json.dumps(block, ensure_ascii=False, separators=(",", ":"))
    return f'<html><script type="application/json" data-gridmap="table">{inner}</script></html>'.encode()


def letters(text: str) -> dict[str, object]:
    """Return a column that spells a text letter by letter, behind another of one letter."""
    return {"form": "letters", "values": [f"{one}x" for one in text], "letters": [two(2, 1) for _ in text]}


def two(first: int, second: int) -> dict[str, object]:
    """Return two packed integers."""
    low, high = sorted((first, second))
    data = struct.pack("<BBxxHH", 0, 16, first - low, second - low)
    return {"size": 2, "low": low, "high": high, "steps": None, "data": base64.b64encode(data).decode()}


def packed(value: float, decimals: int) -> dict[str, object]:
    """Return a packed column of two integers."""
    low = round(value * 10**decimals)
    return two(low, low - 1)


def database(*statements: str, values: dict[str, object] | None = None) -> bytes:
    """Run statements on an empty database, and return it."""
    with sqlite3.connect(":memory:", isolation_level=None) as base:
        base.execute("PRAGMA secure_delete = OFF")
        for statement in ("CREATE TABLE t (a, b, c)", *statements):
            base.execute(statement, values or {})
        made = base.serialize()
    base.close()
    return made


def overflow(text: str) -> bytes:
    """Put a text where it goes on on another page, for one of many lengths in front."""
    rows = [
        f"INSERT INTO t VALUES ('{'.' * size}' || :text || '{'.' * 9000}', 1, 2)"
        for size in range(3500, 4200, 3)
    ]
    return database(*rows, values={"text": text})


def parquet(frame: pa.Table, **options: object) -> bytes:
    """Write an Arrow table, compressed."""
    stream = io.BytesIO()
    pq.write_table(frame, stream, compression="zstd", **options)
    return stream.getvalue()


def unused_entry(text: str) -> bytes:
    """Return a column whose dictionary has an entry that no row uses."""
    codes = pa.array([0] * 50, pa.int32())
    values = pa.DictionaryArray.from_arrays(codes, ["plain", text])
    return parquet(pa.table({"class": values}), write_statistics=False)


def archive(members: dict[str, bytes], *, comment: bytes = b"", extra: bytes = b"") -> bytes:
    """Return a ZIP archive, deflated."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        made.comment = comment
        for name, data in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type, info.extra = zipfile.ZIP_DEFLATED, extra
            made.writestr(info, data)
    return stream.getvalue()


def xlsx(cell: str) -> bytes:
    """Return a workbook's sheet with one cell's XML."""
    sheet = f"<worksheet><sheetData><row>{cell}</row></sheetData></worksheet>"
    return archive({"xl/worksheets/sheet1.xml": sheet.encode(), "[Content_Types].xml": b"<Types/>"})


def png(*chunks: tuple[bytes, bytes], after: bytes = b"") -> bytes:
    """Return a picture of one pixel with further chunks."""
    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    parts = [(b"IHDR", head), *chunks, (b"IDAT", zlib.compress(b"\0\0")), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + body + after


def pdf(info: bytes) -> bytes:
    """Return a document with one more object."""
    return b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n2 0 obj" + info + b"endobj\ntrailer<</Root 1 0 R>>\n"


def stream(data: bytes) -> bytes:
    """Return a compressed stream of a document."""
    made = zlib.compress(data)
    return b"<</Filter/FlateDecode/Length %d>>stream\n%b\nendstream" % (len(made), made)


def entities(text: str) -> str:
    return "".join(f"&#x{ord(one):x};" for one in text)


def octal(text: str) -> bytes:
    return b"".join(b"\\%03o" % byte for byte in b"\xfe\xff" + text.encode("utf-16-be"))


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


TEXTS: dict[str, Made] = {
    "html": lambda text: f"<html><p>{text}</p></html>".encode(),
    "html packed list": lambda text: page({"form": "list", "values": ["plain", text]}),
    "html packed letters": lambda text: page(letters(text)),
    "html packed pattern": lambda text: page(
        {"form": "pattern", "values": [text[:-1]], "codes": two(int(text[-1]), 0), "digits": 1}
        if text[-1].isdecimal()
        else {"form": "pattern", "values": [text], "codes": two(1, 0), "digits": 1}
    ),
    "html packed key": lambda text: page({"counts": {text: 3}}),
    "html base64": lambda text: f"<img src=data:text/plain;base64,{b64(text.encode())}>".encode(),
    "html base64 unpadded": lambda text: f"<i x={b64(text.encode()).rstrip('=')} y=1>".encode(),
    "html base64 glued": lambda text: f"<i x=ab{b64((text + '----').encode())}>".encode(),
    "base64 in lines": lambda text: b"<i>" + base64.encodebytes(b"-" * 45 + text.encode() * 9) + b"</i>",
    "base64 for urls": lambda text: b"x=" + base64.urlsafe_b64encode(b"\xff\xfb\xfe" * 5 + text.encode()),
    "hexadecimal": lambda text: f"<i>{text.encode().hex()}</i>".encode(),
    "gzip in base64 in json": lambda text: json.dumps({"a": b64(gzip.compress(text.encode()))}).encode(),
    "json": lambda text: json.dumps({"a": text}).encode(),
    "json in json": lambda text: json.dumps({"a": json.dumps([text])}).encode(),
    "geojson": lambda text: written("geojson", table(text)),
    "geojsonl": lambda text: written("geojsonl", table(text)),
    "kml": lambda text: written("kml", table(text)),
    "csv": lambda text: written("csv", table(text)),
    "csv gbk": lambda text: written("csv", table(text), encoding="gbk"),
    "csv utf-16": lambda text: f"id,remark\n1,{text}\n".encode("utf-16"),
    "xlsx": lambda text: written("xlsx", table(text)),
    "xlsx entities": lambda text: xlsx(f"<c><is><t>{entities(text)}</t></is></c>"),
    "xlsx escapes": lambda text: xlsx("".join(f"_x{ord(one):04X}_" for one in text)),
    "gpkg": lambda text: written("gpkg", table(text)),
    "gpkg free page": lambda text: database(
        "CREATE TABLE gone (a)", "INSERT INTO gone VALUES (:text)", "DROP TABLE gone", values={"text": text}
    ),
    "gpkg overflow": overflow,
    "gpkg gzip in a cell": lambda text: database(
        "INSERT INTO t VALUES (:blob, 1, 2)", values={"blob": gzip.compress(text.encode())}
    ),
    "geoparquet": lambda text: written("geoparquet", table(text)),
    "geoparquet dictionary": unused_entry,
    "geoparquet metadata": lambda text: parquet(
        pa.table({"a": [1]}).replace_schema_metadata({"by": text.encode()})
    ),
    "geoparquet nested": lambda text: parquet(pa.table({"a": [[text]], "b": [{"c": text}]})),
    "flatgeobuf": lambda text: written("flatgeobuf", table(text)),
    "flatgeobuf zlib behind": lambda text: written("flatgeobuf", table("-")) + zlib.compress(text.encode()),
    "shapefile": lambda text: written("shapefile", table(text)),
    "shapefile gbk": lambda text: written("shapefile", table(text), encoding="gbk"),
    "shapefile prj": lambda text: archive({"a.prj": f"PROJCS[{text!r}]".encode()}),
    "shapefile sidecar": lambda text: archive({"a.columns.json": json.dumps({"a": [text]}).encode()}),
    "zip comment": lambda text: archive({"a": b"b"}, comment=text.encode()),
    "zip extra": lambda text: archive(
        {"a": b"b"}, extra=struct.pack("<HH", 0x7075, len(text.encode())) + text.encode()
    ),
    "zip name": lambda text: archive({f"{text}.txt": b"b"}),
    "gzip": lambda text: gzip.compress(b"-") + gzip.compress(text.encode()),
    "png tEXt": lambda text: png((b"tEXt", b"Author\0" + text.encode())),
    "png zTXt": lambda text: png((b"zTXt", b"Author\0\0" + zlib.compress(text.encode()))),
    "png iTXt": lambda text: png((b"iTXt", b"XML\0\x01\0zh\0a\0" + zlib.compress(text.encode()))),
    "png eXIf": lambda text: png((b"eXIf", b"MM\0*" + text.encode("utf-16-le"))),
    "png behind": lambda text: png(after=text.encode()),
    "pdf info": lambda text: pdf(b"<</Author(" + octal(text) + b")>>"),
    "pdf info hexadecimal": lambda text: pdf(f"<</Title<FEFF{text.encode('utf-16-be').hex()}>>>".encode()),
    "pdf xmp": lambda text: pdf(stream(f"<x:xmpmeta>{html.escape(text)}</x:xmpmeta>".encode())),
    "pdf object stream": lambda text: pdf(stream(b"<</Author(" + octal(text) + b")>>")),
}


def _wkb(at: Place) -> bytes:
    return shapely.to_wkb(shapely.Point(at.lon, at.lat))


PLACES: dict[str, Callable[[Place], bytes]] = {
    "html": lambda at: f"<p>{at.lat:.8f}, {at.lon:.8f}</p>".encode(),
    "html one digit": lambda at: f"<p>{at.lon:.6f} {at.lat:.6f}</p>".encode(),
    "html cut off": lambda at: f"<p>{str(at.lon)[:11]} {str(at.lat)[:10]}</p>".encode(),
    "html metres": lambda at: f"<p>{at.x:.3f} {at.y:.3f}</p>".encode(),
    "html exponent": lambda at: f"<p>{at.lon:.11e} {at.lat:.11E}</p>".encode(),
    "html no point": lambda at: f"<p>{round(at.lon * 1e9)},{round(at.lat * 1e9)}</p>".encode(),
    "html one alone": lambda at: f"<p>{at.lon!r}</p>".encode(),
    "html packed points": lambda at: page(
        {"decimals": 7, "x": packed(at.lon, 7), "y": packed(at.lat, 7), "shapes": []}
    ),
    "html packed path": lambda at: page(
        {"decimals": 7, "x": None, "shapes": {"x": packed(at.lon, 7), "y": packed(at.lat, 7)}}
    ),
    "html packed marks": lambda at: page({"marks": [{"lon": at.lon, "lat": at.lat}]}),
    "wkb in hexadecimal": lambda at: f"id,geom\n1,{_wkb(at).hex()}\n".encode(),
    "wkb in base64": lambda at: json.dumps({"geom": b64(_wkb(at))}).encode(),
    "geojson": lambda at: json.dumps({"type": "Point", "coordinates": [at.lon, at.lat]}).encode(),
    "geojsonl": lambda at: b'\x1e{"coordinates":[%r,%r]}\n' % (at.lon, at.lat),
    "csv": lambda at: written("csv", table("-", at)),
    "csv utf-16": lambda at: f"lon,lat\n{at.lon},{at.lat}\n".encode("utf-16"),
    "kml": lambda at: b"<kml><coordinates>%r,%r,0</coordinates></kml>" % (at.lon, at.lat),
    "xlsx": lambda at: written("xlsx", table("-", at)),
    "gpkg": lambda at: written("gpkg", table("-", at)),
    "gpkg free page": lambda at: database(
        "CREATE TABLE gone (a)",
        "INSERT INTO gone VALUES (:blob)",
        "DROP TABLE gone",
        values={"blob": _wkb(at)},
    ),
    "gpkg columns": lambda at: database("INSERT INTO t VALUES (:x, :y, 1)", values={"x": at.x, "y": at.y}),
    "geoparquet": lambda at: written("geoparquet", table("-", at)),
    "geoparquet columns": lambda at: parquet(pa.table({"x": [at.x], "y": [at.y]})),
    "flatgeobuf": lambda at: written("flatgeobuf", table("-", at)),
    "shapefile": lambda at: written("shapefile", table("-", at)),
    "big endian": lambda at: b"\x01" + struct.pack(">2d", at.lon, at.lat),
    "little endian": lambda at: b"\x01\x02\x03" + struct.pack("<2d", at.y, at.x),
    "gzip": lambda at: gzip.compress(f"{at.lon} {at.lat}".encode()),
    "png zTXt": lambda at: png((b"zTXt", b"at\0\0" + zlib.compress(f"{at.lon} {at.lat}".encode()))),
    "pdf stream": lambda at: pdf(stream(f"{at.lon} {at.lat}".encode())),
}
