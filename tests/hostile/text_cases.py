"""Bad files in formats that are text: CSV, GeoJSON, KML, GPX."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

import makers
from case import ALL, ANY_ROWS, DAMAGED, LARGE, NEVER, QUARANTINED, TABLE, TOLD, Case
from makers import HEADER, collection, feature, with_geometry

PLAIN = {"id": "H1", "name": "x"}
ROW = "H1,x,110.02,42.57"
GIANT = 10_000_000


def table(*rows: str, header: str = HEADER) -> bytes:
    return "\r\n".join([header, *rows, ""]).encode("utf-8", "surrogatepass")


def csv_cases() -> Iterator[Case]:
    def case(name, data, codes=frozenset(), taken=NEVER):
        return Case(f"csv with {name}", ".csv", data if callable(data) else {".csv": data}, codes, taken)

    yield case("nothing but a header", table(), TABLE, ANY_ROWS)
    yield case("nothing but line ends", b"\r\n" * 1000, TABLE)
    yield case(
        "a quote that is never closed", table('H1,"x,110.02,42.57', "H2,y,110.02,42.57"), TABLE, QUARANTINED
    )
    yield case("a row too short", table(ROW, "H2,y"), TABLE, QUARANTINED)
    yield case("a row too long", table(ROW, "H2,y,110.02,42.57,1,2,3"), TABLE, QUARANTINED)
    yield case(
        "a header twice", table("H1,x,y,110.02,42.57", header="id,name,name,lon_wgs84,lat_wgs84"), TABLE
    )
    yield case("no header for a column", table(ROW, header="id,,lon_wgs84,lat_wgs84"), TABLE, ANY_ROWS)
    yield case("NULs in a cell", table("H1,a\0b,110.02,42.57"), TABLE, QUARANTINED)
    yield case("NULs for a header", table(ROW, header="id,\0\0,lon_wgs84,lat_wgs84"), TABLE, ANY_ROWS)
    yield case("half a surrogate pair", table("H1,\ud800,110.02,42.57"), TABLE)
    yield case("text run over from right to left", table("H1,\u202etxt.exe\u202c,110.02,42.57"), set(), ALL)
    yield case("invisible marks in an id", table("H\u200b1,x,110.02,42.57", ROW), set(), ALL)
    yield case(
        "a destroyed text", table("H1,锟斤拷,110.02,42.57", "H2,\ufffd,110.02,42.57"), DAMAGED, QUARANTINED
    )
    yield case("formulas", table("H1,\"=cmd|' /C calc'!A0\",110.02,42.57"), set(), ALL)
    yield case("markup", table('H1,"<img src=x onerror=alert(1)>{{7*7}}",110.02,42.57'), set(), ALL)
    yield case("settings for content", b'[imports]\nmax_seconds = 1\nname = { en = "x", zh = "y" }\n', TABLE)
    yield case("SQL for an id", table("'); DROP TABLE household; --,x,110.02,42.57"), set(), ALL)
    yield case("a path for an id", table("../../etc/passwd,x,110.02,42.57"), set(), ALL)
    for name, lon, lat in [
        ("not a number", "nan", "nan"),
        ("without end", "inf", "-inf"),
        ("beyond a double", "1e999", "42.57"),
        ("of five thousand digits", "1" * 5000, "42.57"),
        ("off the globe", "110.02", "99"),
        ("in words", "east", "north"),
        ("with an underscore", "110_0", "42.57"),
        ("in hexadecimal", "0x6e", "0x2a"),
    ]:
        yield case(f"a position {name}", table(ROW, f"H2,y,{lon},{lat}"), {"GM201", "GM208"}, QUARANTINED)
    yield case("a position missing", table(ROW, "H2,y,,"), taken=TOLD)
    yield case("a position with another sign", table(ROW, "H2,y,−110.02,٤٢"), taken=TOLD)
    yield case("a shape empty", with_wkt("POINT EMPTY"), {"GM208"}, TOLD)
    bow_tie = "POLYGON ((110 42, 110.1 42.1, 110.1 42, 110 42.1, 110 42))"
    yield case("a shape that is a bow-tie", with_wkt(bow_tie), {"GM208"}, TOLD)
    for name, text in [
        ("nested", "GEOMETRYCOLLECTION (" * 2000 + "POINT EMPTY" + ")" * 2000),
        # So deep that parsing it overflows the stack.
        ("nested without end", "GEOMETRYCOLLECTION (" * 200_000 + "POINT EMPTY" + ")" * 200_000),
        ("open", "POLYGON ((110 42, 110.1 42, 110.1 42.1))"),
        ("of one point", "LINESTRING (110 42)"),
        ("not numbers", "POINT (nan nan)"),
        ("beyond a double", "POINT (1e999 42)"),
        ("cut", "POINT (110"),
        ("curved", "CURVEPOLYGON (CIRCULARSTRING (0 0, 1 1, 2 0, 1 -1, 0 0))"),
    ]:
        yield case(f"a shape {name}", with_wkt(text), {"GM208"}, QUARANTINED)
    yield case("a hundred thousand columns", lambda: {".csv": wide(100_000)}, TABLE | LARGE, ANY_ROWS)
    yield case(
        "one cell of 100 MB", lambda: {".csv": table(f"H1,{'x' * 10**8},110.02,42.57")}, LARGE, ANY_ROWS
    )
    yield case("a shape of ten million vertices", lambda: {".csv": giant_wkt()}, LARGE, QUARANTINED)
    yield case("utf-16 without a mark", table(ROW).decode().encode("utf-16-le"), TABLE, ANY_ROWS)
    yield case("utf-32", codecs.BOM_UTF32_LE + table(ROW).decode().encode("utf-32-le"), TABLE)
    yield case(
        "two encodings", table("H1,巴雅尔,110.02,42.57") + "H2,巴雅尔,110.02,42.57".encode("gbk"), TABLE
    )
    yield case("lone returns", table(ROW, "H2,y,110.03,42.57").replace(b"\r\n", b"\r"), TABLE, ANY_ROWS)


def with_wkt(text: str) -> bytes:
    return table('H1,x,"POINT (110.02 42.57)"', f'H2,y,"{text}"', header="id,name,wkt_wgs84")


def wide(count: int) -> bytes:
    more = "".join(f",c{at}" for at in range(count))
    return table(ROW + "," * count, header=HEADER + more)


def giant_wkt() -> bytes:
    line = "110 42," * (GIANT - 1) + "110.02 42.57"
    return table('H1,x,"POINT (110.02 42.57)"', f'H2,y,"LINESTRING ({line})"', header="id,name,wkt_wgs84")


def giant_json() -> bytes:
    line = "[1,2]," * (GIANT - 1) + "[110,42]"
    return with_geometry(f'{{"type":"LineString","coordinates":[{line}]}}')


def shape_of(sort: str, coordinates: str) -> str:
    return f'{{"type":"{sort}","coordinates":{coordinates}}}'


def json_cases() -> Iterator[Case]:
    def case(name, data, codes=frozenset(), taken=NEVER):
        return Case(
            f"geojson with {name}", ".geojson", data if callable(data) else {".geojson": data}, codes, taken
        )

    good = feature(makers.HOMES[0])
    deep = b'{"type":"FeatureCollection","features":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    yield case("values nested 100,000 deep", deep, DAMAGED | LARGE)
    yield case("objects nested 100,000 deep", b'{"a":' * 100_000 + b"1" + b"}" * 100_000, DAMAGED | LARGE)
    nested = '{"type":"GeometryCollection","geometries":[' * 3000 + "]}" * 3000
    yield case("collections nested 3,000 deep", with_geometry(nested), DAMAGED | LARGE, QUARANTINED)
    properties = good.replace('"name"', '"id":"H2","name"', 1)
    yield case("one key twice", collection(properties), DAMAGED, ANY_ROWS)
    yield case(
        "two members called features", b'{"type":"FeatureCollection","features":[],"features":1}', DAMAGED
    )
    yield case("features that are no list", b'{"type":"FeatureCollection","features":{}}', DAMAGED)
    yield case("features that are no objects", collection("1", "null", '"x"', "[]"), DAMAGED, QUARANTINED)
    yield case(
        "properties that are no object",
        collection('{"type":"Feature","properties":[1],"geometry":null}'),
        TABLE,
        QUARANTINED,
    )
    yield case("a topology", b'{"type":"Topology","objects":{},"arcs":[]}', TABLE)
    yield case("a list at the top", b"[1, 2, 3]", TABLE)
    yield case("a number out of JSON", collection(good.replace("110.01", "NaN")), DAMAGED, QUARANTINED)
    yield case(
        "a crs of nothing",
        b'{"type":"FeatureCollection","crs":{"properties":7},"features":[' + good.encode() + b"]}",
        {"GM201", "GM202"},
        NEVER,
    )
    yield case(
        "a crs from an address",
        b'{"type":"FeatureCollection","crs":{"type":"link","properties":{"href":"http://a:9/x"}},"features":['
        + good.encode()
        + b"]}",
        {"GM201", "GM202"},
        NEVER,
    )
    yield case(
        "a crs that is a file",
        b'{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"/etc/passwd"}},"features":['
        + good.encode()
        + b"]}",
        {"GM201", "GM202"},
        NEVER,
    )
    yield case("half a surrogate pair", collection(good.replace("示例", r"\ud800")), DAMAGED, QUARANTINED)
    yield case(
        "an integer of 5,000 digits",
        collection(good.replace('"name"', f'"persons":{"9" * 5000},"name"')),
        DAMAGED,
        QUARANTINED,
    )
    yield case(
        "an integer of 65 bits",
        collection(good.replace('"name"', '"persons":18446744073709551616,"name"')),
        DAMAGED,
        QUARANTINED,
    )
    yield case("ten million vertices", lambda: {".geojson": giant_json()}, LARGE, QUARANTINED)
    yield from shape_cases(case)
    for name, shape in {
        "a position beyond the antimeridian": '{"type":"Point","coordinates":[250.02,42.57]}',
        "a position on the antimeridian": '{"type":"Point","coordinates":[180,42.57]}',
        "swapped axes": '{"type":"Point","coordinates":[42.57,110.02]}',
        "metres": '{"type":"Point","coordinates":[37428000,4716000]}',
    }.items():
        yield case(name, with_geometry(shape), {"GM208", "GM202"}, ANY_ROWS)


def shape_cases(case) -> Iterator[Case]:
    """Give shapes that are none (a reason for the row), and those that a store can hold (a finding)."""
    line = "[[110,42],[110.1,42.1]]"
    for name, shape in {
        "no geometry": "null",
        "an empty point": shape_of("Point", "[]"),
        "an empty polygon": shape_of("Polygon", "[]"),
        "a ring of one point": shape_of("Polygon", "[[[110,42],[110,42],[110,42],[110,42]]]"),
        "a bow-tie": shape_of("Polygon", "[[[110,42],[110.1,42.1],[110.1,42],[110,42.1],[110,42]]]"),
        "the wrong type": shape_of("LineString", line),
        "a collection": f'{{"type":"GeometryCollection","geometries":[{shape_of("Point", "[110,42]")}]}}',
    }.items():
        yield case(name, with_geometry(shape), {"GM202", "GM208"}, TOLD)
    for name, shape in {
        "coordinates in words": shape_of("Point", '["110","42"]'),
        "coordinates of nothing": shape_of("Point", "[null,null]"),
        "coordinates nested wrong": shape_of("Point", "[[110,42]]"),
        "coordinates that are true": shape_of("Point", "[true,false]"),
        "a position beyond a double": shape_of("Point", "[1e999,42]"),
        "an unknown type": shape_of("Curve", "[110,42]"),
        "no type": '{"coordinates":[110,42]}',
        "an open ring": shape_of("Polygon", "[[[110,42],[110.1,42],[110.1,42.1]]]"),
        "an open ring of four": shape_of("Polygon", "[[[110,42],[110.1,42],[110.1,42.1],[110,42.1]]]"),
        "a line of one point": shape_of("LineString", "[[110,42]]"),
        "a line around the earth": shape_of("LineString", "[[179,42],[-179,42]]"),
    }.items():
        yield case(name, with_geometry(shape), {"GM202", "GM208"}, QUARANTINED)


LOL = "".join(f'<!ENTITY l{at} "{f"&l{at - 1};" * 10}">' for at in range(1, 10))
BOMB = f'<!DOCTYPE x [<!ENTITY l0 "lol">{LOL}]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY l9 SYSTEM "file:///etc/passwd">]>'
ADDRESS = '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">'


def xml_cases() -> Iterator[Case]:
    for main, make, item in (
        (
            ".kml",
            makers.kml,
            "<Placemark><name>&l9;</name><Point><coordinates>1,2</coordinates></Point></Placemark>",
        ),
        (".gpx", makers.gpx, '<wpt lat="42" lon="110"><name>&l9;</name></wpt>'),
    ):
        for name, before in {"a bomb": BOMB, "an outside file": OUTSIDE, "an address": ADDRESS}.items():
            data = make(item, before)
            yield Case(f"{main} with {name}", main, {main: data}, {"GM202"}, NEVER)
            wide = data.decode().replace("UTF-8", "UTF-16").encode("utf-16")
            yield Case(f"{main} with {name} in utf-16", main, {main: wide}, {"GM202", "GM205"}, NEVER)
        yield Case(f"{main} with an entity of its own", main, {main: make(item)}, DAMAGED, NEVER)
        deep = make("<a>" * 100_000 + "</a>" * 100_000)
        yield Case(f"{main} nested 100,000 deep", main, {main: deep}, TABLE | LARGE, ANY_ROWS)
        # Each is searched for what it declares before it is read, in the user's own process.
        for name, piece in {"comments": "<!---->", "instructions": "<?a?>", "blanks": " "}.items():
            late = piece * (2**20 // len(piece) + 1) + BOMB
            yield Case(
                f"{main} with a bomb behind a megabyte of {name}",
                main,
                {main: make(item, late)},
                {"GM202"},
                NEVER,
            )
        yield Case(f"{main} without rows", main, {main: make(" ")}, TABLE, ANY_ROWS)
        wrong = make(item.replace("&l9;", "x\x01y"))
        yield Case(f"{main} with a control character", main, {main: wrong}, DAMAGED, NEVER)
        yield Case(f"{main} of HTML", main, {main: b"<html><body>x</body></html>"}, TABLE, NEVER)
    zipped = makers.zipped({"doc.kml": makers.kml("<Placemark/>", BOMB)})
    yield Case(".kmz with a bomb", ".kmz", {".kmz": zipped}, {"GM202"}, NEVER)
    for name, text in {
        "in words": "here,there",
        "not a number": "nan,nan",
        "beyond a double": "1e999,1",
        "of nothing": "",
        "of one number": "110",
    }.items():
        mark = f"<Placemark><name>x</name><Point><coordinates>{text}</coordinates></Point></Placemark>"
        yield Case(f".kml with a position {name}", ".kml", {".kml": makers.kml(mark)}, TABLE, QUARANTINED)
    for name, where in {
        "in words": 'lat="x" lon="y"',
        "missing": "",
        "off the globe": 'lat="99" lon="999"',
    }.items():
        data = makers.gpx(f"<wpt {where}><name>x</name></wpt>")
        yield Case(f".gpx with a position {name}", ".gpx", {".gpx": data}, TABLE | {"GM208"}, QUARANTINED)


def text_cases() -> Iterator[Case]:
    """Give all of them."""
    yield from csv_cases()
    yield from json_cases()
    yield from xml_cases()
