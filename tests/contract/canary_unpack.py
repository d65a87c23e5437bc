"""Everything that can be read out of finished bytes, with the standard library and pyarrow.

Written without a look at how gridmap unpacks: the two must not share a blind spot.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import html
import io
import itertools
import json
import re
import sqlite3
import struct
import urllib.parse
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np

DEEPEST = 6
LARGEST = 200_000_000
SHORTEST_RUN, LONG_RUN = 14, 200
SHORTEST_PACKED = 8
AROUND = 200
BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{%d,}={0,2}" % SHORTEST_RUN)
WRAPPED = re.compile(rb"(?:[A-Za-z0-9+/]{60,76}\r?\n){2,}[A-Za-z0-9+/]*={0,2}")
HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){8,}")
ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]")
ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([0-7]{1,3})|(.))", re.DOTALL)
OOXML = re.compile(r"_x([0-9a-fA-F]{4})_")
JSON_BLOCK = re.compile(rb"<script\b[^>]*json[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE)
PDF_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
SIGNS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
PNG = b"\x89PNG\r\n\x1a\n"


def unpack(data: bytes, path: str = "") -> Iterator[tuple[str, bytes]]:
    """Yield (where, bytes) for the bytes themselves and all that is packed in them, each once."""
    seen: set[bytes] = set()
    waiting = [(path, data, 0)]
    left = LARGEST
    while waiting:
        where, blob, depth = waiting.pop()
        digest = hashlib.blake2b(blob, digest_size=16).digest()
        if digest in seen or not blob:
            continue
        seen.add(digest)
        left -= len(blob)
        assert left > 0, "a product that unpacks without end"
        yield where, blob
        if depth < DEEPEST:
            waiting += [(f"{where}>{name}", part, depth + 1) for name, part in _inside(where, blob, depth)]


def _inside(where: str, blob: bytes, depth: int) -> Iterator[tuple[str, bytes]]:
    # What a spelling was undone in is a text: as a packed file it would be damaged.
    if where.rpartition(">")[2] not in SPELLED:
        for opened in (_zip, _gzip, _zlib, _sqlite, _parquet, _png, _pdf):
            yield from opened(blob)
    yield from _texts(blob)
    if depth < DEEPEST - 2:
        yield from _runs(blob)


def _zip(blob: bytes) -> Iterator[tuple[str, bytes]]:
    if b"PK\x03\x04" not in blob:
        return
    broken = (zipfile.BadZipFile, zlib.error, ValueError, RuntimeError, EOFError, OSError)
    with contextlib.suppress(*broken), zipfile.ZipFile(io.BytesIO(blob)) as archive:
        yield "zip-comment", archive.comment
        for info in archive.infolist():
            yield "zip-entry", info.filename.encode() + b"\n" + info.comment + b"\n" + info.extra
            with contextlib.suppress(*broken):
                yield info.filename, archive.read(info)
    # Members that no directory lists.
    for at in _places(blob, b"PK\x03\x04"):
        if at + 30 > len(blob):
            continue
        method, size, name, extra = (
            *struct.unpack_from("<H", blob, at + 8),
            *struct.unpack_from("<I", blob, at + 18),
            *struct.unpack_from("<HH", blob, at + 26),
        )
        begin = at + 30 + name + extra
        if method == zipfile.ZIP_DEFLATED:
            yield "zip-hidden", _inflated(blob[begin:], -15)
        elif method == zipfile.ZIP_STORED:
            yield "zip-hidden", blob[begin : begin + size]


def _gzip(blob: bytes) -> Iterator[tuple[str, bytes]]:
    for at in _places(blob, b"\x1f\x8b\x08"):
        yield "gzip", _inflated(blob[at:], 31)


def _zlib(blob: bytes) -> Iterator[tuple[str, bytes]]:
    for match in ZLIB.finditer(blob):
        made = _inflated(blob[match.start() :], 15)
        if len(made) >= SHORTEST_PACKED:
            yield "zlib", made


def _inflated(data: bytes, bits: int) -> bytes:
    """Return what unpacks before the first fault, so that a stream cut short is no hiding place."""
    engine = zlib.decompressobj(bits)
    made = []
    for at in range(0, len(data), 4096):
        try:
            made.append(engine.decompress(data[at : at + 4096], LARGEST))
        except zlib.error:
            break
        if engine.eof:
            break
    return b"".join(made)


def _sqlite(blob: bytes) -> Iterator[tuple[str, bytes]]:
    if not blob.startswith(b"SQLite format 3\0"):
        return
    connection = sqlite3.connect(":memory:")
    try:
        connection.deserialize(blob)
        connection.text_factory = bytes
        names = connection.execute("SELECT name, sql FROM sqlite_master").fetchall()
        yield "sqlite-schema", b"\n".join(sql for _, sql in names if sql)
        for name, _ in names:
            yield from _rows(connection, name)
    except sqlite3.Error:
        return
    finally:
        connection.close()


def _rows(connection: sqlite3.Connection, name: bytes) -> Iterator[tuple[str, bytes]]:
    quoted = '"' + name.decode("utf-8", "replace").replace('"', '""') + '"'
    with contextlib.suppress(sqlite3.Error):
        rows = connection.execute(f"SELECT * FROM {quoted}").fetchall()
        cells = [cell if isinstance(cell, bytes) else str(cell).encode() for row in rows for cell in row]
        yield f"sqlite-{quoted}", b"\n".join(cells)
        for cell in cells:
            if cell.startswith((b"\x1f\x8b", b"PK\x03\x04", PNG, b"SQLite format 3", b"%PDF")):
                yield f"sqlite-{quoted}-blob", cell


def _parquet(blob: bytes) -> Iterator[tuple[str, bytes]]:
    if not (blob.startswith(b"PAR1") and blob.endswith(b"PAR1")):
        return
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        schema = pq.ParquetFile(io.BytesIO(blob)).schema_arrow
    except (pa.ArrowException, OSError, ValueError):
        return
    kinds = {field.name: field.type for field in schema}
    texts = [name for name, one in kinds.items() if pa.types.is_string(one) or pa.types.is_binary(one)]
    source = pq.ParquetFile(io.BytesIO(blob), read_dictionary=texts)
    notes = {**(source.metadata.metadata or {}), **(source.schema_arrow.metadata or {})}
    yield "parquet-notes", b"\n".join([*notes, *notes.values(), str(source.schema).encode()])
    for number in range(source.num_row_groups):
        group = source.read_row_group(number)
        for name, column in zip(group.column_names, group.columns, strict=True):
            for chunk in column.chunks:
                # Also entries of a dictionary that no row names.
                values = chunk.dictionary if pa.types.is_dictionary(chunk.type) else chunk
                yield f"parquet-{name}", b"\n".join(b for b in _buffers(values) if b)


def _buffers(values: Any) -> Iterator[bytes]:
    for buffer in values.buffers():
        if buffer is not None:
            yield buffer.to_pybytes()


def _png(blob: bytes) -> Iterator[tuple[str, bytes]]:
    for begin in _places(blob, PNG):
        at = begin + len(PNG)
        while at + 8 <= len(blob):
            size, kind = struct.unpack_from(">I4s", blob, at)
            part = blob[at + 8 : at + 8 + size]
            yield f"png-{kind.decode('latin-1')}", part
            if kind in {b"zTXt", b"iTXt"}:
                for match in re.finditer(rb"\0", part):
                    yield "png-text", _inflated(part[match.end() :], 15)
            at += size + 12
            if kind == b"IEND" or not kind.isalpha():
                break


def _pdf(blob: bytes) -> Iterator[tuple[str, bytes]]:
    if b"%PDF-" not in blob:
        return
    for match in PDF_STREAM.finditer(blob):
        yield "pdf-stream", match[1]
        yield "pdf-stream", _inflated(match[1], 15)
    yield "pdf-octal", re.sub(rb"\\([0-3][0-7]{2})", lambda match: bytes([int(match[1], 8)]), blob)
    for match in re.finditer(rb"<([0-9A-Fa-f\s]{8,})>", blob):
        digits = re.sub(rb"\s", b"", match[1])
        yield "pdf-hex", bytes.fromhex(digits[: len(digits) // 2 * 2].decode())


def _places(blob: bytes, mark: bytes) -> Iterator[int]:
    at = blob.find(mark)
    while at >= 0:
        yield at
        at = blob.find(mark, at + 1)


def _texts(blob: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the text with each kind of spelling undone, one at a time: the others follow by recursion."""
    if blob.count(b"\0") * 4 > len(blob):
        for encoding in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
            text = blob.decode(encoding, "ignore")
            if sum(map(str.isprintable, text)) > len(text) // 2:
                yield encoding, text.encode("utf-8", "replace")
        return
    text = blob.decode("utf-8", "surrogateescape")
    for name, spelled, undone in SPELLINGS:
        around = _around(text, spelled)
        if around:
            yield name, undone(around).encode("utf-8", "replace")
    for value in documents(blob):
        yield "json-spelled", "\n".join(_spelled(value)).encode("utf-8", "replace")


def _around(text: str, spelled: re.Pattern[str]) -> str:
    """Return what stands around each spelling: the rest of a page was looked at as it is."""
    spans: list[list[int]] = []
    for match in spelled.finditer(text):
        begin, end = max(0, match.start() - AROUND), match.end() + AROUND
        if spans and begin <= spans[-1][1]:
            spans[-1][1] = end
        else:
            spans.append([begin, end])
    return "\n".join(text[begin:end] for begin, end in spans)


def _unescaped(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        code, short, octal, sign = match.groups()
        if code or short:
            return chr(int(code or short, 16))
        return chr(int(octal, 8)) if octal else SIGNS.get(sign, sign)

    made = ESCAPE.sub(one, text)
    # Pairs of halves become the character that they stand for.
    return made.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


SPELLINGS = (
    ("entities", re.compile(r"&(?:#\w+;?|\w+;)"), html.unescape),
    ("escapes", ESCAPE, _unescaped),
    ("ooxml", OOXML, lambda text: OOXML.sub(lambda match: chr(int(match[1], 16)), text)),
    ("csv", re.compile('""'), lambda text: text.replace('""', '"')),
    ("percent", re.compile("%[0-9a-fA-F]{2}"), lambda text: urllib.parse.unquote(text, errors="replace")),
)
SPELLED = frozenset(name for name, _, _ in SPELLINGS)


def _runs(blob: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield what runs of base64 and hexadecimal digits say, all small ones together."""
    for match in WRAPPED.finditer(blob):
        yield "base64-lines", _decoded(re.sub(rb"\s", b"", match[0]))
    small = []
    for match in BASE64.finditer(blob):
        run = match[0]
        if len(run) < LONG_RUN:
            # What is in one case alone is a word, or hexadecimal.
            small += [] if run.islower() or run.isupper() else [run]
            continue
        for shift in range(4):
            yield "base64", _decoded(run[shift:])
    for shift in range(4):
        # A run may begin in the middle of what looks like one: any of its first four signs.
        parts = (run.rstrip(b"=")[shift:] for run in small)
        yield "base64-words", _decoded(b"".join(run + b"A" * (4 - len(run) % 4) for run in parts))
    yield "hex", b"\n".join(bytes.fromhex(match[0].decode()) for match in HEX.finditer(blob))


def _decoded(run: bytes) -> bytes:
    bare = run.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
    bare = bare[: len(bare) // 4 * 4] if len(bare) % 4 == 1 else bare + b"=" * (-len(bare) % 4)
    try:
        return base64.b64decode(bare)
    except binascii.Error:
        return b""


def documents(blob: bytes) -> Iterator[Any]:
    """Yield the JSON documents of some bytes: the whole, its lines, or blocks of a page."""
    parts = [match[1] for match in JSON_BLOCK.finditer(blob)]
    if blob.lstrip()[:1] in {b"{", b"["}:
        parts += [blob, *blob.split(b"\n")]
    for part in parts:
        if part.lstrip()[:1] in {b"{", b"["}:
            with contextlib.suppress(ValueError, RecursionError):
                yield json.loads(part)
                if part is blob:
                    return


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield one
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def _spelled(value: Any) -> Iterator[str]:
    """Yield the texts of columns that are written as numbers."""
    for node in _nodes(value):
        if node.get("form") == "pattern" and isinstance(node.get("codes"), dict):
            for number in _integers(node["codes"]):
                yield f"{node['values'][0]}{number:0{node['digits']}d}"
        if node.get("form") == "letters" and node.get("letters"):
            for signs in zip(*map(_integers, node["letters"]), strict=True):
                pairs = zip(node["values"], signs, strict=True)
                yield "".join(alphabet[sign - 1] for alphabet, sign in pairs if sign)


def _integers(node: dict[str, Any]) -> list[int]:
    """Read one packed column, bit by bit: slow, and like nothing in gridmap."""
    size, low, steps, data = node["size"], node["low"], node["steps"], node["data"]
    if not data:
        return [low] * size
    raw = base64.b64decode(data)
    blocks = -(-size // 32)
    head = (blocks + 4) // 4 * 4

    def read(begin: int, count: int, width: int) -> list[int]:
        bits = int.from_bytes(raw[begin : begin + 4 * -(-count * width // 32)], "little")
        return [bits >> place * width & ((1 << width) - 1) for place in range(count)]

    at = head + 4 * -(-blocks * raw[0] // 32)
    found: list[int] = []
    for reference, width in zip(read(head, blocks, raw[0]), raw[1 : 1 + blocks], strict=True):
        found += [reference + above for above in read(at, min(32, size - len(found)), width)]
        at += 4 * width
    if steps is None:
        return [low + one for one in found]
    return [low + one for one in itertools.accumulate(steps + one for one in found)]


def packed_numbers(value: Any) -> Iterator[np.ndarray]:
    """Yield the integers of every packed column of a page."""
    for node in _nodes(value):
        if {"size", "low", "steps", "data"} <= node.keys():
            yield np.array(_integers(node), dtype=np.int64)


def geometries(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the geometries of a page's tables, as the page has them."""
    for node in _nodes(value):
        if "decimals" in node and ("shapes" in node or "x" in node):
            yield node


def page_tables(page: bytes) -> dict[str, dict[str, Any]]:
    """Return the tables that a map page holds, by name."""
    found = {}
    for value in documents(page):
        if isinstance(value, dict) and {"name", "rows", "columns"} <= value.keys():
            found[value["name"]] = value
    return found


def points(geometry: dict[str, Any]) -> list[tuple[int, int]]:
    """Return the points of a page's geometry, in its own units."""
    if geometry.get("x") and geometry.get("y"):
        x, y = (next(packed_numbers(geometry[axis])) for axis in "xy")
        return [*zip(x.tolist(), y.tolist(), strict=True)]
    return [corner for kind, path in paths(geometry) if kind == 1 for corner in path]


def paths(geometry: dict[str, Any]) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """Yield the paths of a page's geometry: 1 a point, 2 a line, 3 a ring; and its corners."""
    if not geometry.get("shapes"):
        return
    run = {name: _integers(one) for name, one in geometry["shapes"].items()}
    kinds = [kind for kind, rings in zip(run["kinds"], run["rings"], strict=True) for _ in range(rings)]
    at = 0
    for kind, size in zip(kinds, run["sizes"], strict=True):
        yield kind, [*zip(run["x"][at : at + size], run["y"][at : at + size], strict=True)]
        at += size


def column_texts(column: dict[str, Any], rows: int) -> list[Any]:
    """Return a column of a page row by row."""
    if column["form"] in {"pattern", "letters"}:
        return [*_spelled(column)]
    if column["form"] == "numbers":
        return [one / 10 ** column["digits"] for one in _integers(column["codes"])]
    if column["form"] == "list":
        return column["values"]
    codes = next(packed_numbers(column["codes"]))
    codes = np.resize(codes, rows)
    return [None if code == 0 else column["values"][code - 1] for code in codes.tolist()]
