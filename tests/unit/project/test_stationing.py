"""Chainage of a project: markers, calibration, sections by rule, and a border that becomes another line."""

from __future__ import annotations

import io

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import gridmap as gm
from gridmap import geo
from gridmap.config import ColumnSpec, default_spec
from gridmap.errors import ConfigError, InputError, PublishError, RowsError
from gridmap.exchange import ReadOptions
from gridmap.project import leaving
from gridmap.project.marking import keep_markers, markers_from_file
from gridmap.project.posts import post_table
from gridmap.project.relining import compare, note_of_rows, places
from gridmap.project.sectioning import keep_sections, sections
from gridmap.project.stationing import at_chainage, measured, station

BENDS = [(0, 0), (12_000, 0), (20_000, 6_000), (38_000, 6_000), (50_000, -3_000), (61_500, -3_000)]
SURVEYED = 1.02


def spot(east, north):
    return shapely.Point(450_000.0 + east, 4_700_000.0 + north)


def frame(rows, crs="EPSG:4508"):
    shapes = [row.pop("geometry") for row in rows]
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=crs)


def small():
    """A border with three bends, two townships along it, three outposts, ten surveyed markers and a gate."""
    xy = [spot(*one).coords[0] for one in BENDS]
    border = shapely.LineString(xy)
    line = geo.build_border(np.array([border], dtype=object), "EPSG:4508")
    towns = [
        ("150223101", shapely.Polygon([*xy[:4], spot(38_000, -30_000), spot(0, -30_000)])),
        ("150223102", shapely.Polygon([*xy[3:], spot(61_500, -30_000), spot(38_000, -30_000)])),
    ]
    places = line.place(np.linspace(1_000.0, 60_000.0, 10))
    along = line.locate(places).chainage_m
    marks = [
        {"id": f"M{n}", "class": "marker", "number": f"界{n}", "name": f"mark {n}",
         "surveyed_m": round(SURVEYED * float(along[n]), 3), "geometry": shapely.Point(places[n])}
        for n in range(10)
    ]  # fmt: skip
    gate = {"id": "G1", "class": "gate", "geometry": spot(30_000, 5_900)}
    posts = [
        {"id": name, "name": name, "unit": "UL", "geometry": spot(*at)}
        for name, at in {"O1": (9_000, -4_000), "O2": (30_000, -2_000), "O3": (55_000, -9_000)}.items()
    ]
    return gm.memory(
        {
            "border": frame([{"id": "B", "geometry": border}]),
            "admin": frame(
                [{"id": c, "code": c, "name": c, "level": "township", "geometry": g} for c, g in towns]
            ),
            "unit": pd.DataFrame([{"id": "UL", "name": "line", "layer": "line"}]),
            "outpost": frame(posts),
            "landmark": frame([*marks, gate]),
        }
    )


@pytest.fixture(scope="module")
def area():
    return small()


@pytest.fixture(scope="module")
def where(area):
    return measured(area)


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch):
    """Files here are our own: the child process that reads foreign ones only costs time."""

    def read(source, request, *, limits):  # noqa: ARG001 - the signature of read_isolated
        return source.format.read(source.path, request)

    monkeypatch.setattr("gridmap.exchange.reading.read_isolated", read)


@pytest.fixture
def own():
    """An area that a test may change."""
    return small()


def calibrated(area):
    stationing = area.spec.stationing.model_copy(update={"calibrate": True})
    area.spec = area.spec.model_copy(update={"stationing": stationing})
    return measured(area)


def test_a_place_and_its_station_lead_to_each_other(where):
    lon, lat = geo.to_lonlat(geo.point_xy(gpd.GeoSeries([spot(5_000, -7_000)])), where.border.crs)[0]
    found = station(where, lon, lat)
    assert found.notes == ()
    back = at_chainage(where, f"{found.chainage_m}m", found.offset_m, found.side)
    assert apart(where, found, back) < 2e-3
    assert (back.said, back.side, back.notes) == (found.said, "right", ())


def test_a_place_outside_a_corner_comes_back_by_its_bearing(where):
    lon, lat = geo.to_lonlat(geo.point_xy(gpd.GeoSeries([spot(12_500, -4_000)])), where.border.crs)[0]
    found = station(where, lon, lat)
    assert found.notes[0].startswith("the nearest place of the border is a corner")
    words = (f"{found.chainage_m}m", found.offset_m)
    assert apart(where, found, at_chainage(where, *words, found.side)) > 100.0
    back = at_chainage(where, *words, bearing_deg=found.bearing_deg)
    assert apart(where, found, back) < 2e-3
    assert back.side == found.side


def apart(where, one, other):
    return geo.geod(where.border.crs).inv(one.lon, one.lat, other.lon, other.lat)[2]


def test_chainage_is_that_of_who(area, where):
    plan = area.assign()
    for words in (("outpost:O2",), ("landmark:G1",), ("K10+250",)):
        assert plan.who(*words).line.chainage_m == pytest.approx(station(where, *words).chainage_m, abs=2e-3)


def test_a_place_that_another_stretch_is_nearer_to_is_told(where):
    deep = at_chainage(where, "K11", 15_000.0, "left")
    assert deep.notes[0].startswith("another stretch of the border is nearer to this place: K")


@pytest.mark.parametrize(
    ("words", "code"), [(("SK23+910",), "GM107"), (("no such place",), "GM107"), (("K400",), "GM107")]
)
def test_what_cannot_be_placed_is_refused(where, words, code):
    with pytest.raises(ConfigError) as caught:
        station(where, *words)
    assert caught.value.code == code


def test_both_figures_are_shown_where_the_border_is_calibrated(own):
    plain = station(measured(own), "K23+450")
    assert (plain.surveyed_m, plain.said) == (None, "K23+450")
    there = calibrated(own)
    found = station(there, "K23+450")
    assert found.chainage_m == 23_450.0
    assert found.surveyed_m == pytest.approx(SURVEYED * 23_450.0, abs=1e-3)
    assert found.said == "K23+450 (surveyed K23+919)"
    spoken = found.said.partition("(surveyed ")[2].rstrip(")")
    assert station(there, f"S{spoken}").chainage_m == pytest.approx(23_450.0, abs=1e-3)
    markers = there.landmarks(only="marker")
    surveyed = there.calibration.to_surveyed(markers["chainage_m"])
    assert surveyed == pytest.approx(markers["surveyed_m"].to_numpy(), abs=1e-6)


def test_a_survey_that_contradicts_itself_is_told_and_does_not_stop_the_rest(own):
    markers = measured(own).landmarks(only="marker")
    one, other = markers["id"].iloc[3], markers["id"].iloc[4]
    own.edit("landmark", other, surveyed_m=float(markers["surveyed_m"].iloc[3]) - 1.0)
    there = calibrated(own)
    assert there.surveyed(23_450.0) == pytest.approx(SURVEYED * 23_450.0, abs=1e-3)
    assert len(there.notes) == 1
    assert f"landmark:{other} (against landmark:{one})" in there.notes[0]
    found = [(item.code, item.id, item.related) for item in own.check() if item.code.startswith("surveyed")]
    assert found == [("surveyed-falls", other, (one,))]


def test_no_surveyed_chainage_is_said_where_it_would_be_below_zero(own):
    for row in measured(own).landmarks(only="marker").itertuples():
        own.edit("landmark", row.id, surveyed_m=row.surveyed_m - 1_000.0 if row.surveyed_m > 1_100.0 else 0.0)
    there = calibrated(own)
    assert there.surveyed(100.0) < 0.0
    assert there.said(100.0) == "K0+100"
    assert there.said(23_450.0).startswith("K23+450 (surveyed K22+")


@pytest.mark.parametrize(
    ("rule", "count"),
    [
        ("equal:7", 7),
        ("every:12345.6", 6),
        ("midpoints", 3),
        ("landmark:marker", 11),
        ("landmark:gate", 2),
        ("level:township", 2),
    ],
)
def test_a_section_plan_by_rule_leaves_neither_gap_nor_overlap(own, rule, count):
    where = measured(own)
    draft = sections(where, rule)
    keep_sections(where, draft)
    plan = own.assign()
    assert not [one for one in plan.findings if one.code.startswith(("line-", "section-plan"))]
    assert len(plan.sections) == len(draft) == count
    assert plan.figures.line.gap_m == 0.0


def test_sections_by_township_end_where_townships_meet_the_border(where):
    meet = where.border.locate(np.array([spot(*BENDS[3]).coords[0]])).chainage_m
    assert sections(where, "level:township")["to_m"].iloc[0] == pytest.approx(meet[0], abs=1e-3)


def test_an_outpost_keeps_the_section_whose_middle_it_is_nearest_to(where):
    ids, along = where.outposts()
    for row in sections(where, "every:9000").itertuples():
        middle = (row.from_m + row.to_m) / 2
        assert row.outpost == ids[int(np.argmin(np.abs(along - middle)))]


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("halves", "GM106"),
        ("equal:x", "GM106"),
        ("equal:2.5", "GM106"),
        ("equal:0", "GM106"),
        ("every:0", "GM106"),
        ("every:nan", "GM106"),
        ("every:0.5", "GM106"),
        ("landmark:castle", "GM105"),
        ("level:province", "GM105"),
    ],
)
def test_a_rule_that_is_none_is_refused(where, rule, code):
    with pytest.raises(ConfigError) as caught:
        sections(where, rule)
    assert caught.value.code == code


def test_a_plan_that_is_there_is_replaced_only_on_request_and_comes_back(own):
    keep_sections(measured(own), sections(measured(own), "equal:2"))
    draft = sections(measured(own), "equal:3")
    with pytest.raises(ConfigError, match="GM104"):
        keep_sections(measured(own), draft)
    keep_sections(measured(own), draft, force=True)
    assert len(own.table("section_plan")) == 3
    own.undo()
    assert len(own.table("section_plan")) == 2


def listed(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "markers.csv"
    path.write_text(text, encoding=encoding)
    return path


def test_markers_stand_at_their_chainage_and_say_it_back(own, tmp_path):
    where = measured(own)
    text = "编号,里程,偏距(米),侧\n新1,K1+500,,\n新2,12345.5,20,左\n界3,K33,5,right\n"
    path = listed(tmp_path, text, "gbk")
    rows = markers_from_file(where, path, ReadOptions(encoding="gbk"))
    # A marker that is known by its number keeps its id and the rest, and is moved only on request.
    with pytest.raises(InputError, match="GM211") as caught:
        keep_markers(where, rows, source=path.name)
    assert caught.value.where.endswith("landmark M3")
    keep_markers(where, rows, source=path.name, force=True)
    found = measured(own).landmarks(only="marker").set_index("number")
    told = [tuple(found.loc[one, ["chainage_m", "offset_m", "side"]]) for one in ("新1", "新2", "界3")]
    assert told == [(1500.0, 0.0, "on"), (12345.5, 20.0, "left"), (33000.0, 5.0, "right")]
    assert found.loc["新1", "id"] == "marker-新1"
    stored = where.landmarks(only="marker").set_index("number").loc["界3"]
    assert tuple(found.loc["界3", ["id", "name", "surveyed_m"]]) == ("M3", "mark 3", stored["surveyed_m"])
    # A landmark of another class never becomes a marker.
    with pytest.raises(InputError, match="GM211"):
        keep_markers(measured(own), rows[:1].assign(id="G1"), source="x", force=True)


def test_every_row_that_cannot_be_placed_is_named(where, tmp_path):
    text = (
        "number,chainage,offset_m,side\na,K1,,\nb,K400,,\nc,somewhere,,\nd,K2,7,\ne,K3,7,up\nf,K4,,\nf,K5,,\n"
    )
    with pytest.raises(InputError, match="GM206") as caught:
        markers_from_file(where, listed(tmp_path, text), ReadOptions())
    assert caught.value.what == "6 markers cannot be placed"
    assert all(f"row {row}:" in caught.value.where for row in (3, 4, 5, 6, 7))


@pytest.mark.parametrize(
    ("count", "what", "cut"),
    [(1, "1 marker cannot", False), (20, "20 markers", False), (23, "23 markers", True)],
)
def test_a_long_list_of_faulty_rows_is_cut_and_says_so(where, tmp_path, count, what, cut):
    text = "number,chainage\n" + "".join(f"m{number},K400\n" for number in range(count))
    with pytest.raises(RowsError) as caught:
        markers_from_file(where, listed(tmp_path, text), ReadOptions())
    assert caught.value.what.startswith(what)
    assert caught.value.where.endswith("; and 3 more") == cut
    assert [row for row, _, _ in caught.value.faults] == list(range(2, count + 2))


def test_a_file_without_markers_is_refused(where, tmp_path):
    with pytest.raises(InputError, match="GM206"):
        markers_from_file(where, listed(tmp_path, "number,chainage\n"), ReadOptions())


def shifted(area, metres):
    """Return the rows of the border with one vertex of the middle moved south."""
    rows = area.table("border")
    longest = int(np.argmax(rows.geometry.length))
    xy = shapely.get_coordinates(rows.geometry.iloc[longest])
    xy[len(xy) // 2, 1] -= metres
    shapes = rows.geometry.to_numpy().copy()
    shapes[longest] = shapely.LineString(xy)
    return rows.set_geometry(gpd.GeoSeries(shapes, crs=rows.crs)), xy[len(xy) // 2]


def test_another_line_moves_what_is_east_of_where_it_differs(own, tmp_path):
    rows, bend = shifted(own, 800.0)
    path = tmp_path / "new.gpkg"
    rows.to_file(path, layer="border")
    where = measured(own)
    found = compare(where, path, ReadOptions())
    new = geo.build_border(rows.geometry.to_numpy(), own.spec.crs)
    longer = new.length_m - where.border.length_m
    assert (found.before_m, found.after_m) == (where.border.length_m, pytest.approx(new.length_m, abs=1e-3))
    assert 0.0 < found.apart_m <= 800.0
    assert found.apart_at[0] == pytest.approx(bend[0], abs=1e-3)
    posts = found.moved[found.moved["kind"] == "post"].set_index("id")
    assert posts.loc["K0", "shift_m"] == 0.0
    assert posts.iloc[:, 2].abs().max() >= abs(longer) - 1.0
    last = posts.loc[f"K{int(where.border.length_m // 1000)}"]
    assert last["shift_m"] == pytest.approx(longer, abs=2e-3)
    assert set(found.moved["kind"]) == {"post", "marker", "outpost"}
    assert found.moved["shift_m"].abs().is_monotonic_decreasing


def test_who_replaces_the_line_under_a_section_plan_is_told(own, tmp_path):
    rows, _ = shifted(own, 800.0)
    path = tmp_path / "new.gpkg"
    rows.to_file(path, layer="border")
    assert note_of_rows(own, "border", rows) is None
    keep_sections(measured(own), sections(measured(own), "equal:4"))
    assert {"section_plan"} < set(places(measured(own))["kind"])
    said = own.import_file(path, kind="border", how=gm.project.Intake(on_duplicate="update"))
    told = [one for one in said.notes if one.startswith("the border is another line")]
    assert len(told) == 1
    assert "section_plan P004.to_m moves most" in told[0]
    assert "gridmap chainage --compare FILE" in told[0]
    assert note_of_rows(own, "border", rows) is None


def test_posts_leave_for_who_sees_the_border_and_nobody_else(area, tmp_path):
    made = leaving.export_posts(area, "planner", "csv", every_m=20_000.0)
    lines = made.data.decode("utf-8-sig").split()
    assert [line.split(",")[0] for line in lines] == ["id", "K0", "K20", "K40", "K60"]
    assert lines[0].startswith("id,number,name,chainage_m,part,bearing_deg")
    found = area.verify(made.save(tmp_path / "posts.csv"))
    assert (found.sound, found.same_data) == (True, True)
    assert leaving.export_posts(area, "custodian", "csv", every_m=20_000.0).data
    for audience, unit in (("public", None), ("partner", "UL")):
        with pytest.raises((ConfigError, PublishError)) as caught:
            leaving.export_posts(area, audience, "csv", every_m=20_000.0, unit=unit)
        assert caught.value.code == "GM105"


def test_posts_in_a_file_stand_where_they_were_asked_for(area, tmp_path):
    """Not where six digits of the distance are: that is 40 mm off at the fifth post."""
    every = 12_345.678
    made = leaving.export_posts(area, "custodian", "csv", every_m=every)
    rows = pd.read_csv(io.BytesIO(made.data))
    assert rows["chainage_m"].tolist() == [round(every * n, 3) for n in range(len(rows))]
    assert rows["name"].iloc[1] == "K12+345.678"
    assert area.verify(made.save(tmp_path / "posts.csv")).same_data


def test_figures_of_posts_are_to_the_millimetre(where):
    assert post_table(where, 12_345.6789)["chainage_m"].tolist()[1:3] == [12_345.679, 24_691.358]


@pytest.mark.parametrize("columns", [None, ("name", "class"), ("name", "number"), ("class", "number")])
def test_a_project_that_cannot_hold_markers_says_what_to_add(tmp_path, columns):
    spec = default_spec()
    kinds = dict(spec.kinds)
    landmark = kinds.pop("landmark")
    if columns is not None:
        known = {name: one for name, one in landmark.columns.items() if name in columns}
        known |= {"class": ColumnSpec(type="text", values=("well",))} if "number" in columns else {}
        kinds["landmark"] = landmark.model_copy(update={"columns": known})
    border = frame([{"id": "B", "geometry": shapely.LineString([spot(0, 0), spot(9_000, 0)])}])
    bare = gm.memory({"border": border}, spec=spec.model_copy(update={"kinds": kinds}))
    path = listed(tmp_path, "number,chainage\na,K1\n")
    with pytest.raises(ConfigError, match="GM105") as caught:
        markers_from_file(measured(bare), path, ReadOptions())
    assert "[kinds.landmark]" in caught.value.fix
    found = measured(bare).landmarks(only="marker")
    assert found is None or not len(found)
