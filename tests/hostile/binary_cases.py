"""Bad files in formats that are bytes: shapefile, GeoPackage, FlatGeobuf, Parquet, Excel, archives."""

from __future__ import annotations

import io
import sqlite3
import struct
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import geopandas as gpd
import makers
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from case import ALL, ANY_ROWS, DAMAGED, LARGE, NEVER, QUARANTINED, TABLE, Case

BIG = 2**31 - 1
MEGABYTE = 2**20


def put(data: bytes, at: int, form: str, value: float) -> bytes:
    """Return bytes with one number written over."""
    changed = bytearray(data)
    struct.pack_into(form, changed, at, value)
    return bytes(changed)


def shapefile_cases() -> Iterator[Case]:
    files = makers.shapefile()

    def case(name, changed, taken=NEVER, codes=DAMAGED):
        whole = {end: data for end, data in {**files, **changed}.items() if data is not None}
        return Case(f"shp with {name}", ".shp", whole, codes | {"GM201", "GM105", "GM210"}, taken)

    dbf, shp, shx = files[".dbf"], files[".shp"], files[".shx"]
    yield case("no dbf", {".dbf": None}, ANY_ROWS)
    yield case("no shx", {".shx": None}, ANY_ROWS)
    yield case("no prj", {".prj": None}, NEVER)
    yield case("a dbf of two billion records", {".dbf": put(dbf, 4, "<I", BIG)}, ANY_ROWS, DAMAGED | LARGE)
    yield case("a dbf of fewer records", {".dbf": put(dbf, 4, "<I", 2)}, ANY_ROWS)
    yield case("a dbf without records", {".dbf": put(dbf, 4, "<I", 0)}, ANY_ROWS)
    yield case("a dbf header of no length", {".dbf": put(dbf, 8, "<H", 0)}, ANY_ROWS)
    yield case("a dbf header beyond the file", {".dbf": put(dbf, 8, "<H", 65535)}, ANY_ROWS)
    yield case("dbf records of no length", {".dbf": put(dbf, 10, "<H", 0)}, ANY_ROWS)
    yield case("dbf records beyond the file", {".dbf": put(dbf, 10, "<H", 65535)}, ANY_ROWS)
    yield case("a dbf field longer than its record", {".dbf": put(dbf, 32 + 16, "<B", 255)}, ANY_ROWS)
    yield case("a dbf field of no length", {".dbf": put(dbf, 32 + 16, "<B", 0)}, ANY_ROWS)
    yield case("a dbf field of an unknown type", {".dbf": put(dbf, 32 + 11, "<B", 0x7F)}, ANY_ROWS)
    yield case("a dbf header without an end", {".dbf": dbf.replace(b"\r", b"\x20", 1)}, ANY_ROWS)
    yield case("a dbf of an unknown language", {".dbf": put(dbf, 29, "<B", 0xFE)}, ANY_ROWS)
    yield case("a cpg of nonsense", {".cpg": b"\xff\xfe../../etc/passwd\0"}, ANY_ROWS)
    yield case("a cpg that is wrong", {".cpg": b"GBK"}, ANY_ROWS)
    yield case("a prj of nonsense", {".prj": b"PROJCS[" * 1000}, NEVER, DAMAGED | {"GM203"})
    yield case("a prj that is a file's name", {".prj": b"/etc/passwd"}, NEVER, DAMAGED | {"GM203"})
    yield case("a header that promises more", {".shp": put(shp, 24, ">i", BIG)}, ANY_ROWS, DAMAGED | LARGE)
    yield case("a negative length", {".shp": put(shp, 24, ">i", -1)}, ANY_ROWS)
    yield case("a record that promises more", {".shp": put(shp, 104, ">i", BIG)}, ANY_ROWS, DAMAGED | LARGE)
    yield case("another type than its records", {".shp": put(shp, 32, "<i", 5)}, ANY_ROWS)
    yield case("an unknown type", {".shp": put(shp, 32, "<i", 77)}, ANY_ROWS)
    polygon = put(put(shp, 32, "<i", 5), 108, "<i", 5)
    yield case("two billion parts", {".shp": put(polygon, 108 + 36, "<i", BIG)}, ANY_ROWS, DAMAGED | LARGE)
    yield case("bounds that are no numbers", {".shp": put(shp, 36, "<d", float("nan"))}, ANY_ROWS)
    yield case("a position that is no number", {".shp": put(shp, 112, "<d", float("nan"))}, QUARANTINED)
    yield case("a position without end", {".shp": put(shp, 112, "<d", float("inf"))}, QUARANTINED)
    yield case("an index out of the file", {".shx": put(shx, 100, ">i", BIG)}, ANY_ROWS)
    yield case("an index of another file", {".shx": shx + b"\0" * 8000}, ANY_ROWS)


def altered(change: Callable[[sqlite3.Connection], object]) -> bytes:
    """Return the GeoPackage, changed by SQL."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.gpkg"
        path.write_bytes(makers.gpkg())
        opened = sqlite3.connect(path, isolation_level=None)
        # GDAL's own triggers ask for functions that plain SQLite lacks.
        for (name,) in opened.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            opened.execute(f'DROP TRIGGER "{name}"')
        change(opened)
        opened.close()
        return path.read_bytes()


def script(text: str) -> bytes:
    return altered(lambda opened: opened.executescript(text))


def unchecked(text: str) -> bytes:
    return script(f"PRAGMA writable_schema = ON; {text}; PRAGMA writable_schema = OFF")


# GeoPackage binary: magic, version, flags, SRS, WKB.
GP = b"GP\x00\x01\xe6\x10\x00\x00"


def blob(data: bytes) -> bytes:
    return altered(lambda opened: opened.execute("UPDATE household SET geom = ? WHERE fid = 2", [data]))


def gpkg_cases() -> Iterator[Case]:
    def case(name, make, taken=NEVER, codes=DAMAGED):
        return Case(
            f"gpkg with {name}",
            ".gpkg",
            lambda: {".gpkg": make()},
            codes | {"GM105", "GM201", "GM203"},
            taken,
        )

    trigger = "CREATE TRIGGER t AFTER {} ON household BEGIN DELETE FROM household; END"
    count = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n AS id, 0 AS geom FROM c"
    # gpkg_contents goes on naming the table, which is a view now.
    swapped = "ALTER TABLE household RENAME TO y; {}"
    yield case(
        "triggers",
        lambda: script(trigger.format("INSERT") + ";" + trigger.format("UPDATE").replace("t A", "u A")),
        ALL,
    )
    yield case(
        "a view for its table",
        lambda: script(swapped.format("CREATE VIEW household AS SELECT * FROM y")),
        ANY_ROWS,
    )
    yield case(
        "a view without end",
        lambda: script(swapped.format(f"CREATE VIEW household AS {count}")),
        NEVER,
        DAMAGED | LARGE,
    )
    attach = "CREATE VIEW household AS SELECT load_extension('/etc/x.so') AS id, geom FROM y"
    yield case("a view that loads code", lambda: script(swapped.format(attach)), ANY_ROWS)
    itself = "CREATE VIEW household AS SELECT * FROM household"
    itself = f"INSERT INTO sqlite_master VALUES('view','household','household',0,'{itself}')"
    yield case("a view of itself", lambda: unchecked(swapped.format(itself)), NEVER)
    virtual = "CREATE VIRTUAL TABLE z USING fts4(a)"
    yield case("a virtual table", lambda: script(virtual), ANY_ROWS)
    yield case(
        "a virtual table of no module",
        lambda: unchecked(
            "INSERT INTO sqlite_master VALUES('table','z','z',0,'CREATE VIRTUAL TABLE z USING nosuch(1)')"
        ),
        ANY_ROWS,
    )
    yield case(
        "a damaged schema",
        lambda: unchecked(
            "UPDATE sqlite_master SET sql = 'CREATE TABLE household (' WHERE name = 'household'"
        ),
        NEVER,
    )
    yield case(
        "a root page out of the file",
        lambda: unchecked("UPDATE sqlite_master SET rootpage = 99999 WHERE name = 'household'"),
        NEVER,
    )
    yield case(
        "a root page of another table",
        lambda: unchecked("UPDATE sqlite_master SET rootpage = 1 WHERE name = 'household'"),
        ANY_ROWS,
    )
    yield case("no contents", lambda: script("DROP TABLE gpkg_contents"), ANY_ROWS)
    yield case("contents of no table", lambda: script("DROP TABLE household"), NEVER)
    yield case(
        "a geometry column that is not there",
        lambda: script("UPDATE gpkg_geometry_columns SET column_name = 'nowhere'"),
        ANY_ROWS,
    )
    yield case(
        "no coordinate reference systems", lambda: script("DELETE FROM gpkg_spatial_ref_sys"), ANY_ROWS
    )
    yield case(
        "a CRS of nonsense",
        lambda: script(
            "UPDATE gpkg_spatial_ref_sys SET definition = 'http://127.0.0.1:9/', "
            "organization = 'x', organization_coordsys_id = 0"
        ),
        ANY_ROWS,
    )
    for name, data in {
        "no bytes": b"",
        "a word": b"GP",
        "no WKB": GP,
        "an unknown type": GP + struct.pack("<BI", 1, 99),
        "a huge claim": GP + struct.pack("<BII", 1, 2, BIG),
        "a claim of polygons": GP + struct.pack("<BII", 1, 6, BIG),
        "no number": GP + struct.pack("<BIdd", 1, 1, float("nan"), 42),
        "nested collections": GP + struct.pack("<BII", 1, 7, 1) * 5000,
        "another file's bytes": b"SQLite format 3\0" * 99,
    }.items():
        yield case(f"a geometry of {name}", lambda data=data: blob(data), QUARANTINED, DAMAGED | LARGE)
    yield case(
        "text for a geometry",
        lambda: script("UPDATE household SET geom = 'POINT (1 2)' WHERE fid = 2"),
        QUARANTINED,
    )
    yield case(
        "bytes for a name", lambda: script("UPDATE household SET name = x'fffe00' WHERE fid = 2"), QUARANTINED
    )
    yield case(
        "a huge claimed blob",
        lambda: script("UPDATE household SET geom = zeroblob(200000000) WHERE fid = 2"),
        QUARANTINED,
        DAMAGED | LARGE,
    )
    yield case("a page size that is none", lambda: put(makers.gpkg(), 16, ">H", 3), NEVER)
    yield case("fewer pages than it has", lambda: put(makers.gpkg(), 28, ">I", 3), ANY_ROWS)
    yield case("a page in a circle", lambda: makers.gpkg()[:4096] * 24, NEVER)
    yield case("a format of the future", lambda: put(makers.gpkg(), 18, ">H", 0x0909), NEVER)


def table_cases() -> Iterator[Case]:
    fgb, parquet = makers.by_gdal("FlatGeobuf", ".fgb")[".fgb"], makers.parquet()

    def flat(name, data, taken=NEVER, codes=DAMAGED | LARGE):
        return Case(f"fgb with {name}", ".fgb", {".fgb": data}, codes | {"GM201", "GM105"}, taken)

    yield flat("nothing but a magic word", fgb[:8])
    yield flat("a header of two billion bytes", put(fgb, 8, "<I", BIG))
    yield flat("a header of no bytes", put(fgb, 8, "<I", 0))
    yield flat("a header of noise", fgb[:12] + bytes(at * 31 % 256 for at in range(len(fgb) - 12)))
    yield flat("a version of the future", fgb[:3] + b"\x09" + fgb[4:])
    length = struct.unpack_from("<I", fgb, 8)[0]
    yield flat("features of noise", fgb[: 12 + length] + b"\xff" * 1000)
    yield flat("no features", fgb[: 12 + length])

    def columns(name, data, taken=NEVER, codes=DAMAGED | LARGE):
        return Case(
            f"parquet with {name}",
            ".parquet",
            data if callable(data) else {".parquet": data},
            codes | {"GM201", "GM203", "GM105", "GM210"},
            taken,
        )

    yield columns("a footer of two billion bytes", put(parquet, len(parquet) - 8, "<I", BIG))
    yield columns("a footer of no bytes", put(parquet, len(parquet) - 8, "<I", 0))
    yield columns(
        "a footer of noise", parquet[:-200] + bytes(at * 37 % 256 for at in range(192)) + parquet[-8:]
    )
    yield columns("pages of noise", b"PAR1" + b"\xff" * 600 + parquet[604:], ANY_ROWS)
    for name, metadata in {
        "no JSON": b"{",
        "a list": b"[]",
        "no columns": b'{"version":"1.0.0"}',
        "a column that is not there": about("z", '"WKB"'),
        "an unknown encoding": about("g", '"../x"'),
        "a CRS of nonsense": about("g", '"WKB","crs":{"a":1}'),
    }.items():
        yield columns(f"geo metadata of {name}", geo(metadata), NEVER)
    good = about("g", '"WKB","geometry_types":[]')
    yield columns(
        "a shape of noise",
        geo(good, [b"\x01\xff\xff", shapely.to_wkb(shapely.Point(110.02, 42.57))]),
        QUARANTINED,
    )
    yield columns("ten million vertices", lambda: {".parquet": giant_parquet()}, QUARANTINED)


def about(column: str, encoding: str) -> bytes:
    """Return GeoParquet's metadata of one geometry column."""
    columns = f'{{"{column}":{{"encoding":{encoding}}}}}'
    return f'{{"version":"1.0.0","primary_column":"{column}","columns":{columns}}}'.encode()


def geo(metadata: bytes, shapes: list[bytes] | None = None) -> bytes:
    shapes = shapes or [shapely.to_wkb(shapely.Point(110.02, 42.57))]
    ids = [f"H{at}" for at in range(len(shapes))]
    made = pa.table({"id": ids, "name": ids, "g": pa.array(shapes, pa.binary())})
    stream = io.BytesIO()
    pq.write_table(made.replace_schema_metadata({b"geo": metadata}), stream)
    return stream.getvalue()


def giant_parquet() -> bytes:
    line = shapely.LineString(np.tile([[110.0, 42.0], [110.1, 42.1]], (5_000_000, 1)))
    point = shapely.Point(110.02, 42.57)
    made = gpd.GeoDataFrame({"id": ["H1", "H2"], "name": ["x", "y"]}, geometry=[point, line], crs="EPSG:4326")
    stream = io.BytesIO()
    made.to_parquet(stream, compression="zstd")
    return stream.getvalue()


def sheet(rows: str, before: str = "") -> bytes:
    """Return a workbook with a sheet of its own."""
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    name = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    text = f'{head}{before}<worksheet xmlns="{name}"><sheetData>{rows}</sheetData></worksheet>'.encode()
    return makers.rezipped(makers.xlsx(), lambda part, data: text if part.endswith("sheet1.xml") else data)


def without(part: str) -> bytes:
    return makers.rezipped(makers.xlsx(), lambda name, data: None if name.endswith(part) else data)


def xlsx_cases() -> Iterator[Case]:
    def case(name, make, taken=NEVER, codes=TABLE | LARGE):
        return Case(f"xlsx with {name}", ".xlsx", lambda: {".xlsx": make()}, codes, taken)

    cell = '<c r="{}"><v>1</v></c>'
    yield case("a row of a million columns", lambda: sheet(f'<row r="1">{"<c><v>1</v></c>" * 10**6}</row>'))
    yield case(
        "a cell in the last place", lambda: sheet(f'<row r="1048576">{cell.format("XFD1048576")}</row>')
    )
    yield case("a cell beyond the last place", lambda: sheet(f'<row r="1">{cell.format("ZZZZZZ1")}</row>'))
    yield case("a row of two billion", lambda: sheet(f'<row r="{BIG}">{cell.format("A1")}</row>'))
    yield case("a text that is not there", lambda: sheet('<row r="1"><c r="A1" t="s"><v>9999</v></c></row>'))
    yield case("a number that is none", lambda: sheet('<row r="1"><c r="A1"><v>1e999x</v></c></row>'))
    yield case(
        "an entity bomb",
        lambda: sheet(
            '<row r="1"><c r="A1" t="str"><v>&b;</v></c></row>',
            '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>',
        ),
    )
    yield case(
        "an outside entity",
        lambda: sheet(
            '<row r="1"><c r="A1" t="str"><v>&b;</v></c></row>',
            '<!DOCTYPE x [<!ENTITY b SYSTEM "file:///etc/passwd">]>',
        ),
    )
    yield case("a sheet that unpacks to 500 MB", lambda: sheet(" " * 500 * MEGABYTE))
    yield case("no workbook", lambda: without("workbook.xml"))
    yield case("no sheet", lambda: without("sheet1.xml"))
    yield case("no list of types", lambda: without("[Content_Types].xml"))
    yield case("no rows", lambda: sheet(""))
    yield case("nothing but an archive", lambda: makers.zipped({"a.txt": b"a"}))


def archive_cases() -> Iterator[Case]:
    files = makers.shapefile()

    def case(name, make, codes=DAMAGED):
        return Case(f"zip with {name}", ".zip", lambda: {".zip": make()}, codes, NEVER)

    members = {f"x{end}": data for end, data in files.items()}
    yield case("a bomb", lambda: makers.zipped({**members, "x.dbf": b"\0" * (300 * MEGABYTE)}), LARGE)
    yield case("an archive inside", lambda: makers.zipped({"x.zip": makers.zipped(members)}))
    yield case("nothing", lambda: makers.zipped({}))
    yield case(
        "a name that leads out",
        lambda: makers.zipped({f"../../{name}": data for name, data in members.items()}),
    )
    yield case(
        "a name from the root",
        lambda: makers.zipped({f"/etc/{name}": data for name, data in members.items()}),
    )
    yield case("two datasets", lambda: makers.zipped({**members, "y.shp": files[".shp"]}))
    yield case(
        "fifty thousand members", lambda: makers.zipped({**members, **{f"{at}": b"" for at in range(50_000)}})
    )
    yield case("a link", lambda: linked(members))
    yield case(
        "a damaged member",
        lambda: makers.zipped(members, zipfile.ZIP_STORED).replace(files[".dbf"][:40], b"\xff" * 40),
    )
    yield case("another packing", lambda: makers.zipped(members, zipfile.ZIP_LZMA))
    yield case(
        "a list out of the file",
        lambda: put(makers.zipped(members), len(makers.zipped(members)) - 6, "<I", BIG),
    )


def linked(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (0o120777 if name == "x.dbf" else 0o100644) << 16
            archive.writestr(info, b"/etc/passwd" if name == "x.dbf" else data)
    return stream.getvalue()


def binary_cases() -> Iterator[Case]:
    """Give all of them."""
    yield from shapefile_cases()
    yield from gpkg_cases()
    yield from table_cases()
    yield from xlsx_cases()
    yield from archive_cases()
