"""Reading KML, KMZ and GPX: places and their texts come in exactly, movements and broken shapes do not."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
import shapely

from gridmap import registry
from gridmap.config import default_spec
from gridmap.errors import InputError
from gridmap.exchange import ReadOptions
from gridmap.exchange import read_rows as isolated_rows
from gridmap.exchange.format import RawTable, ReadRequest
from gridmap.exchange.reading import in_process

SPEC = default_spec()
POINT = "<Point><coordinates>110,42</coordinates></Point>"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


@pytest.fixture
def raw(tmp_path):
    """Return what a format's reader makes of a document."""

    def read(document: str | bytes, name: str = "x.kml", **asked) -> RawTable:
        path = tmp_path / name
        path.write_bytes(document if isinstance(document, bytes) else document.encode("utf-8"))
        request = ReadRequest("household", spatial=True, **asked)
        reader = registry.get("formats", path.suffix.removeprefix(".")).read
        return reader(path, request)

    return read


@pytest.fixture
def refusal(raw):
    def refused(document: str | bytes, name: str = "x.kml", **asked) -> InputError:
        with pytest.raises(InputError) as caught:
            raw(document, name, **asked)
        return caught.value

    return refused


def kml(inside: str, namespace: str = "http://www.opengis.net/kml/2.2") -> str:
    return f'<kml xmlns="{namespace}"><Document>{inside}</Document></kml>'


def mark(inside: str) -> str:
    return f"<Placemark>{inside}</Placemark>"


def data(**values: str) -> str:
    cells = "".join(f'<Data name="{name}"><value>{text}</value></Data>' for name, text in values.items())
    return f"<ExtendedData>{cells}</ExtendedData>"


def gpx(inside: str) -> str:
    return f'{HEAD}<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">{inside}</gpx>'


def shape(raw, geometry: str, **asked):
    """Return the geometry of one placemark as WKT, or the reason why it has none."""
    table = raw(kml(mark(geometry)), **asked)
    if table.faults:
        ((at, column, reason),) = table.faults
        assert (at, column) == (0, "geometry")
        assert table.geometry[0] is None
        return reason
    return None if table.geometry[0] is None else shapely.to_wkt(table.geometry[0], trim=True)


def xy(*pairs: str) -> str:
    return f"<coordinates>{' '.join(pairs)}</coordinates>"


RING = xy("0,0", "1,0", "1,1", "0,0")
HOLE = xy("0.5,0.2", "0.8,0.2", "0.8,0.5", "0.5,0.2")


def went(*places: str) -> str:
    return "<Track>" + "".join(f"<coord>{one}</coord>" for one in places) + "</Track>"


def area(outline: str = RING, *holes: str) -> str:
    inner = "".join(f"<innerBoundaryIs><LinearRing>{one}</LinearRing></innerBoundaryIs>" for one in holes)
    return f"<Polygon><outerBoundaryIs><LinearRing>{outline}</LinearRing></outerBoundaryIs>{inner}</Polygon>"


@pytest.mark.parametrize(
    ("geometry", "wkt"),
    [
        ("<Point><coordinates>110.5,42.25,1234</coordinates></Point>", "POINT (110.5 42.25)"),
        ("<Point><coordinates>\n  110.5, 42.25, 0\n</coordinates></Point>", "POINT (110.5 42.25)"),
        ("<Point><coordinates>110.5,42.25,NaN</coordinates></Point>", "POINT (110.5 42.25)"),
        (f"<LineString><tessellate>1</tessellate>{xy('1,2,0', '3,4')}</LineString>", "LINESTRING (1 2, 3 4)"),
        (f"<LineString>{xy('1, 2, 0', '3, 4, 0')}</LineString>", "LINESTRING (1 2, 3 4)"),
        (f"<LinearRing>{RING}</LinearRing>", "LINESTRING (0 0, 1 0, 1 1, 0 0)"),
        (
            area(RING, HOLE),
            "POLYGON ((0 0, 1 0, 1 1, 0 0), (0.5 0.2, 0.8 0.2, 0.8 0.5, 0.5 0.2))",
        ),
        (f"<MultiGeometry>{POINT}</MultiGeometry>", "MULTIPOINT ((110 42))"),
        (f"<MultiGeometry>{area()}</MultiGeometry>", "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)))"),
        (
            f"<MultiGeometry><MultiGeometry>{POINT}</MultiGeometry>{area()}</MultiGeometry>",
            "GEOMETRYCOLLECTION (POINT (110 42), POLYGON ((0 0, 1 0, 1 1, 0 0)))",
        ),
        ("<MultiGeometry></MultiGeometry>", "GEOMETRYCOLLECTION EMPTY"),
        ("<Track><coord>1 2 0</coord><coord>3 4 0</coord></Track>", "LINESTRING (1 2, 3 4)"),
        (
            f"<MultiTrack>{went('1 2', '3 4')}{went('5 6')}{went('7 8', '9 9')}</MultiTrack>",
            "MULTILINESTRING ((1 2, 3 4), (7 8, 9 9))",
        ),
        ("<Track></Track>", None),
        ("<name>nowhere</name>", None),
    ],
)
def test_every_shape_of_kml_is_read(raw, geometry, wkt):
    assert shape(raw, geometry) == wkt


@pytest.mark.parametrize(
    ("geometry", "reason"),
    [
        ("<Point/>", "has no position"),
        ("<Point><coordinates> </coordinates></Point>", "has no position"),
        ("<Point><coordinates>110</coordinates></Point>", "not lon,lat in numbers"),
        ("<Point><coordinates>110,5,42,5</coordinates></Point>", "not lon,lat in numbers"),
        ("<Point><coordinates>1_1,42</coordinates></Point>", "not lon,lat in numbers"),
        ("<Point><coordinates>１１０,42</coordinates></Point>", "not lon,lat in numbers"),
        ("<Point><coordinates>nan,42</coordinates></Point>", "not lon,lat in numbers"),
        ("<Point><coordinates>1e999,42</coordinates></Point>", "not finite"),
        ("<Point><coordinates>1,2 3,4</coordinates></Point>", "several positions"),
        (f"<LineString>{xy('1,2')}</LineString>", "a single position"),
        (f"<LineString>{xy('1,2', '3,x')}</LineString>", "not lon,lat in numbers"),
        (f"<LineString>{xy('1,2', '3,inf')}</LineString>", "not lon,lat in numbers"),
        (f"<LineString>{xy('1,2', '3,')}</LineString>", "not lon,lat in numbers"),
        (f"<LineString>{xy('1,2', '3,1e999')}</LineString>", "not finite"),
        ("<Track><coord>1 2</coord></Track>", "a single position"),
        ("<Track><coord>1 2</coord><coord>1 x</coord></Track>", "not lon,lat in numbers"),
        (area(xy("0,0", "1,0", "0,0")), "fewer than three corners"),
        (area(xy("0,0", "1,0")), "fewer than three corners"),
        (area(xy("0,0", "1,0", "1,1")), "not closed (--repair"),
        (area(RING, xy("0.1,0.1", "0.2,0.1", "0.2,0.2")), "not closed (--repair"),
        (f"<LinearRing>{xy('0,0', '1,0', '1,1')}</LinearRing>", "not closed (--repair"),
        ("<Polygon></Polygon>", "without an outline"),
        (f"<MultiGeometry>{POINT}<Point/></MultiGeometry>", "has no position"),
    ],
)
def test_a_broken_shape_is_told_by_its_row(raw, geometry, reason):
    assert reason in shape(raw, geometry)


def test_open_rings_are_closed_only_when_that_was_asked(raw):
    triangle = area(xy("0,0", "1,0", "1,1"), xy("0.5,0.1", "0.6,0.1", "0.6,0.2"))
    closed = "POLYGON ((0 0, 1 0, 1 1, 0 0), (0.5 0.1, 0.6 0.1, 0.6 0.2, 0.5 0.1))"
    assert shape(raw, triangle, repair=True) == closed
    assert "fewer than three corners" in shape(raw, area(xy("0,0", "1,0")), repair=True)


def test_a_fault_leaves_the_other_rows_alone(raw):
    table = raw(kml(mark(POINT) + mark("<Point/>") + mark(POINT)))
    assert [fault[0] for fault in table.faults] == [1]
    assert table.rows.tolist() == [1, 2, 3]
    assert table.row_word == "feature"
    assert table.crs == "OGC:CRS84"


def test_a_position_off_the_earth_keeps_its_row_out(tmp_path):
    path = tmp_path / "x.kml"
    off = "<Point><coordinates>42,110</coordinates></Point>"
    path.write_text(
        kml("".join(mark(data(id=str(at)) + (off if at == 1 else POINT)) for at in range(4))),
        encoding="utf-8",
    )
    reading = isolated_rows(path, kind="household", spec=SPEC, reader=in_process)
    assert reading.quarantine["row"].tolist() == [2]
    assert "are lon and lat swapped?" in reading.quarantine["reason"][0]


def test_values_are_read_in_all_three_spellings(raw):
    inside = (
        "<name>甲</name><description><![CDATA[<b>x</b> &amp; y]]></description>"
        '<ExtendedData><Data name="代码"><displayName>x</displayName><value>000123</value></Data>'
        '<SchemaData schemaUrl="#s"><SimpleData name="seit">2024-02-29</SimpleData></SchemaData>'
        "<camp:number>14</camp:number></ExtendedData>"
    )
    table = raw(kml(mark(inside + POINT) + mark(POINT)))
    assert table.columns == {
        "name": ["甲", None],
        "description": ["<b>x</b> &amp; y", None],
        "代码": ["000123", None],
        "seit": ["2024-02-29", None],
        "number": ["14", None],
    }


def test_layout_is_no_text_and_blanks_are(raw):
    table = raw(kml(mark("<name>\n   <![CDATA[a b]]>\n  </name>" + data(x=" 1 ", y="", z=" \n "))))
    assert table.columns == {"name": ["a b"], "x": [" 1 "], "y": [None], "z": [None]}


def test_unescaped_markup_in_a_description_is_not_lost(raw):
    table = raw(kml(mark("<description>look <b>here</b>!</description>")))
    assert table.columns["description"] == ["look here!"]


def test_a_name_and_a_value_called_name_are_one_unless_they_differ(raw):
    same = raw(kml(mark("<name>a</name>" + data(name="a")) + mark(data(name="b"))))
    assert same.columns == {"name": ["a", "b"]}
    other = raw(kml(mark("<name>a</name>" + data(name="b"))))
    assert other.columns == {"name": ["a"], "name (ExtendedData)": ["b"]}


def test_one_value_given_twice_is_told(raw):
    twice = data(x="1") + data(x="2")
    assert raw(kml(mark(twice))).faults == ((0, "x", "stands there twice, with different values"),)


def test_times_and_devices_are_dropped_and_said(raw):
    track = (
        "<TimeStamp><when>2024-01-01T00:00:00Z</when></TimeStamp><gx:Track><when>2024-01-01T00:00:00Z</when>"
        "<gx:coord>1 2 3</gx:coord><gx:coord>3 4 5</gx:coord><ExtendedData><SchemaData>"
        '<gx:SimpleArrayData name="heart_rate"><gx:value>171</gx:value></gx:SimpleArrayData>'
        '<SimpleData name="device">watch</SimpleData></SchemaData></ExtendedData></gx:Track>'
    )
    table = raw(kml(mark("<name>a</name>" + track)))
    assert table.columns == {"name": ["a"]}
    assert table.notes == ("times and devices are dropped",)
    assert not table.geometry[0].has_z
    assert raw(kml(mark(POINT))).notes == ()


def test_what_a_file_links_to_is_not_opened_and_said(raw, refusal):
    link = "<NetworkLink><Link><href>http://127.0.0.1:9/x.kml</href></Link></NetworkLink>"
    (note,) = raw(kml(link + mark(POINT))).notes
    assert "not followed" in note
    assert "no placemarks" in str(refusal(kml(link)))


FOLDERS = kml(
    "<name>file</name>"
    f"<Folder><name>冬</name>{mark('<name>a</name>')}<Folder>{mark('<name>b</name>')}<name>井</name></Folder></Folder>"
    f"<Folder><name>夏</name>{mark('<name>c</name><Point/>')}</Folder>{mark('<name>d</name>')}"
)


def test_folders_are_a_column(raw):
    assert raw(FOLDERS).columns == {"name": ["a", "b", "c", "d"], "folder": ["冬", "冬/井", "夏", None]}


@pytest.mark.parametrize(
    ("layer", "names", "rows"),
    [
        ("冬", "ab", [1, 2]),
        ("井", "b", [2]),
        ("冬/井", "b", [2]),
        ("夏", "c", [3]),
        ("file", "abcd", [1, 2, 3, 4]),
    ],
)
def test_a_folder_is_read_alone(raw, layer, names, rows):
    table = raw(FOLDERS, layer=layer)
    assert table.columns["name"] == list(names)
    assert table.rows.tolist() == rows
    assert [fault[0] for fault in table.faults] == ([names.index("c")] if "c" in names else [])


def test_a_folder_that_is_not_there_is_named_with_those_that_are(refusal):
    error = refusal(FOLDERS, layer="秋")
    assert error.code == "GM202"
    assert "冬, 冬/井, " in error.fix
    assert "夏" in error.fix


@pytest.mark.parametrize(
    "document",
    [
        kml(mark("<name>甲</name>"), "http://earth.google.com/kml/2.1"),
        f"<kml>{mark('<name>甲</name>')}</kml>",
        '<k:kml xmlns:k="urn:x"><k:Placemark><k:name>甲</k:name></k:Placemark></k:kml>',
        f"<Document>{mark('<name>甲</name>')}</Document>",
        f"\ufeff\n{HEAD}{kml(mark('<name>甲</name>'))}",
        f"\n {HEAD}<!-- 甲 -->{kml(mark('<name>甲</name>'))}",
    ],
)
def test_any_version_and_prefix_is_read(raw, document):
    assert raw(document).columns == {"name": ["甲"]}


@pytest.mark.parametrize("stated", ["GBK", "gb2312", "GB18030", "UTF-8", "ISO-8859-1", None])
@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "gb18030"])
def test_texts_are_right_whatever_the_document_says_of_itself(raw, encoding, stated):
    head = "" if stated is None else f'<?xml version="1.0" encoding="{stated}"?>'
    document = (head + kml(mark("<name>满都拉镇巴音花牧户</name>"))).encode(encoding)
    if stated == "ISO-8859-1" and encoding != "utf-8":
        # Any byte is Latin-1: refused with samples, never read as mojibake.
        with pytest.raises(InputError) as caught:
            raw(document)
        assert caught.value.code == "GM207"
        assert "满都拉镇" in caught.value.where
        return
    table = raw(document)
    assert table.columns == {"name": ["满都拉镇巴音花牧户"]}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_wide_encodings_are_read(raw, encoding):
    document = HEAD.replace("UTF-8", "UTF-16") + kml(mark("<name>牧户😀</name>"))
    assert raw(document.encode(encoding)).columns == {"name": ["牧户😀"]}
    assert raw(gpx('<wpt lat="1" lon="2"><name>牧户</name></wpt>').encode(encoding), "x.gpx").columns == {
        "name": ["牧户"]
    }


def test_the_encoding_that_the_caller_names_must_fit(raw, refusal):
    document = kml(mark("<name>满都拉</name>"))
    assert raw(document.replace("满", "滿").encode("big5"), encoding="big5").columns == {"name": ["滿都拉"]}
    assert raw(document.encode("gbk"), encoding="gbk").columns == {"name": ["满都拉"]}
    assert refusal(document.encode("gbk"), encoding="utf-8").code == "GM207"
    assert refusal(document, encoding="klingon").code == "GM207"


@pytest.mark.parametrize(
    ("document", "code", "what"),
    [
        ("<kml><Document>", "GM202", "no element found in line 1"),
        ("<kml>\n<a></b></kml>", "GM202", "mismatched tag in line 2"),
        ("<kml>&nbsp;</kml>", "GM202", "undefined entity"),
        ("<kml>\x01</kml>", "GM202", "invalid token"),
        ("<kml>" + "<Folder>" * 300 + "</Folder>" * 300 + "</kml>", "GM202", "too deeply"),
        ('<!DOCTYPE kml [<!ENTITY a "b">]><kml>&a;</kml>', "GM202", "entities"),
        ("<kml/>", "GM202", "no placemarks"),
        ("<html><body/></html>", "GM205", "not KML"),
        ("<gpx/>", "GM205", "not KML"),
        (
            "<kml>" + mark(data(**{f"c{at}": "x" for at in range(3000)})) + "</kml>",
            "GM202",
            "more than 2000",
        ),
    ],
)
def test_a_document_that_is_damaged_or_another_is_refused(refusal, document, code, what):
    error = refusal(document)
    assert error.code == code
    assert what in error.what
    assert error.fix


def test_a_long_number_that_is_none_takes_no_time(raw):
    line = xy("1" * 1_000_000 + "x,2", "3,4")
    assert "not lon,lat" in shape(raw, f"<LineString>{line}</LineString>")
    assert "not lon,lat" in shape(raw, f"<Point>{xy('1' * 1_000_000 + 'x,2')}</Point>")


def kmz(**members: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("_", "/").replace("/kml", ".kml"), text)
    return stream.getvalue()


@pytest.mark.parametrize("members", [{"doc_kml": 1, "files_more_kml": 0}, {"files_only_kml": 1}])
def test_a_kmz_is_read_in_the_child(tmp_path, members):
    path = tmp_path / "从手机.kmz"
    documents = {
        name: kml(mark(data(id="000123", 户主="甲") + POINT)) if wanted else kml("")
        for name, wanted in members.items()
    }
    path.write_bytes(kmz(**documents))
    reading = isolated_rows(path, kind="household", spec=SPEC, options=ReadOptions())
    assert reading.frame["id"].tolist() == ["000123"]
    assert reading.frame["name"].tolist() == ["甲"]
    assert reading.crs == "degrees on WGS 84"
    assert reading.file.name == "从手机.kmz"


TRACK = (
    "<trk><name>路</name><src>watch</src><trkseg>"
    '<trkpt lat="42" lon="110"><ele>1</ele><time>2024-01-01T00:00:00Z</time>'
    "<extensions><hr>171</hr></extensions>"
    '</trkpt><trkpt lat="42.5" lon="110.5"/></trkseg>{more}</trk>'
)
WAYPOINT = (
    '<wpt lat="42.25" lon="110.5"><ele>1</ele>'
    "<name>井</name><cmt>c</cmt><desc>d</desc><sym>s</sym><type>t</type></wpt>"
)
ROUTE = '<rte><name>r</name><rtept lat="1" lon="2"><name>p</name></rtept><rtept lat="3" lon="4"/></rte>'


def test_waypoints_keep_their_texts(raw):
    table = raw(gpx(WAYPOINT), "x.gpx")
    assert table.columns == {"name": ["井"], "cmt": ["c"], "desc": ["d"], "sym": ["s"], "type": ["t"]}
    assert shapely.to_wkt(table.geometry[0], trim=True) == "POINT (110.5 42.25)"
    assert (table.crs, table.row_word, table.notes) == ("OGC:CRS84", "feature", ())


def test_of_a_track_only_where_it_went_is_read(raw):
    segments = (
        '<trkseg><trkpt lat="1" lon="2"/><trkpt lat="3" lon="4"/></trkseg>'
        '<trkseg><trkpt lat="9" lon="9"/></trkseg>'
    )
    table = raw(gpx(TRACK.format(more="") + TRACK.format(more=segments)), "x.gpx")
    assert table.columns == {"name": ["路", "路"]}
    assert shapely.to_wkt(table.geometry, trim=True).tolist() == [
        "LINESTRING (110 42, 110.5 42.5)",
        "MULTILINESTRING ((110 42, 110.5 42.5), (2 1, 4 3))",
    ]
    assert table.notes[0] == "times and devices are dropped"
    assert table.notes[1].startswith("1 segments of a single position")


def test_a_gpx_of_several_sorts_asks_which(raw, refusal):
    document = gpx(WAYPOINT + ROUTE + "<rte/>" + TRACK.format(more=""))
    error = refusal(document, "x.gpx")
    assert error.code == "GM202"
    assert error.fix == "name one with --layer: waypoints, routes, tracks"
    routes = raw(document, "x.gpx", layer="routes")
    assert shapely.to_wkt(routes.geometry, trim=True).tolist() == ["LINESTRING (2 1, 4 3)", None]
    assert routes.columns == {"name": ["r", None]}
    assert len(raw(document, "x.gpx", layer="waypoints").rows) == 1
    assert len(raw(document, "x.gpx", layer="trk").rows) == 1
    assert "no routes" in str(refusal(gpx(WAYPOINT), "x.gpx", layer="routes"))
    assert "no waypoints, routes or tracks" in str(refusal(gpx("<metadata/>"), "x.gpx"))


@pytest.mark.parametrize(
    ("where", "reason"),
    [
        ('lat="42"', "without lat or lon"),
        ('lat="22,5" lon="110"', "decimals are written with a point"),
        ('lat="" lon="110"', "is no number"),
        ('lat="nan" lon="110"', "is no number"),
        ('lat="1_0" lon="110"', "is no number"),
        ('lat="1e999" lon="110"', "not finite"),
    ],
)
def test_a_broken_position_is_told_by_its_feature(raw, where, reason):
    table = raw(gpx(WAYPOINT + f"<wpt {where}/>"), "x.gpx")
    assert table.geometry[1] is None
    ((at, column, said),) = table.faults
    assert (at, column) == (1, "geometry")
    assert reason in said
    track = raw(gpx(f'<trk><trkseg><trkpt lat="1" lon="1"/><trkpt {where}/></trkseg></trk>'), "x.gpx")
    assert reason in track.faults[0][2]


def test_a_track_of_one_position_is_told(raw):
    table = raw(gpx('<trk><trkseg><trkpt lat="1" lon="1"/></trkseg></trk><trk/>'), "x.gpx")
    assert [(at, reason) for at, _, reason in table.faults] == [(0, "is a line of a single position")]
    assert shapely.is_missing(table.geometry).all()


def test_many_placemarks_keep_their_order(raw):
    count = 20_000
    marks = "".join(
        mark(f"<name>n{at}</name>" + data(id=f"{at:06}") + f"<Point>{xy(f'{at / 1000},{at / 2000}')}</Point>")
        for at in range(count)
    )
    table = raw(kml(marks))
    assert table.columns["id"][-1] == "019999"
    assert np.array_equal(shapely.get_x(table.geometry), np.arange(count) / 1000)


def test_the_file_is_never_named_by_its_copy(tmp_path):
    path = Path(tmp_path) / "牧户.kml"
    path.write_text("<kml>", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        isolated_rows(path, kind="household", spec=SPEC)
    assert "牧户.kml" in str(caught.value)
    assert "data.kml" not in str(caught.value)


def test_one_of_several_documents_in_a_kmz_is_named(tmp_path):
    path = tmp_path / "两份.kmz"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("甲", "乙"):
            point = "<Point><coordinates>110,42.5</coordinates></Point>"
            archive.writestr(f"{name}.kml", kml(mark(f"<name>{name}</name>{point}")))
    options = ReadOptions(id_column="name", layer="乙")
    reading = isolated_rows(path, kind="landmark", spec=default_spec(), options=options, reader=in_process)
    assert reading.frame["id"].tolist() == ["乙"]
    with pytest.raises(InputError, match="--layer: 乙, 甲"):
        isolated_rows(path, kind="landmark", spec=default_spec(), reader=in_process)
