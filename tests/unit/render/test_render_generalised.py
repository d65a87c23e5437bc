"""What stands for rows that an audience may not see: drawn, named, and never more than the view holds."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import synthetic_view
from shapely import Polygon

from gridmap.model.scene import to_plain
from gridmap.render import compose
from gridmap.render.backends.folium import to_html
from gridmap.render.density import ROUND, classes

SPEC = synthetic_view.spec()


def public(**more):
    return compose(synthetic_view.redacted_view({**synthetic_view.public_tables(), **more}, "public"), SPEC)


def partner():
    view = synthetic_view.redacted_view(
        synthetic_view.partner_tables(), "partner", unit="U2", decimals=5, unit_name="北部派出所"
    )
    return compose(view, SPEC)


def drawn(scene):
    return {drawing.name: drawing for drawing in scene.drawings}


def marked(**texts):
    public_spec = SPEC.audiences["public"].model_copy(update=texts)
    return SPEC.model_copy(update={"audiences": {**SPEC.audiences, "public": public_spec}})


def test_areas_are_a_choropleth_with_round_limits():
    areas = drawn(public())["household-areas"]
    assert areas.group == "point"
    assert (areas.title.en, areas.title.zh) == ("Households by area", "牧户（按片区）")
    assert sum(case.rows for case in areas.cases) == 4
    assert areas.cases[0].title.en.startswith("< ")
    assert areas.cases[-1].title.zh.startswith("≥ ")
    assert len({case.style.fill for case in areas.cases}) == len(areas.cases)
    assert areas.labels[0].texts == ("12", "180", "25", "60")


def test_classes_follow_homes_over_geodesic_square_kilometres():
    frame = synthetic_view.areas()
    found = classes(frame, SPEC)
    # 0.35 x 0.2 degrees at 42.1 N are about 28.9 x 22.2 km: 0.02, 0.28, 0.03 and 0.07 homes per km2.
    order = np.argsort(found.codes, kind="stable")
    assert list(order) == [0, 2, 3, 1]
    assert set(found.limits) <= set(ROUND)


def test_areas_of_one_density_or_without_a_size_are_one_class():
    frame = synthetic_view.areas().assign(rows=0)
    assert classes(frame, SPEC).limits == ()
    frame = synthetic_view.areas()
    frame.loc[0, "geometry"] = Polygon()
    frame.loc[1, "rows"] = pd.NA
    frame.loc[2, "geometry"] = Polygon([(110, 42), (110.1, 42.1), (110.1, 42), (110, 42.1)])
    assert len(classes(frame, SPEC).codes) == 4
    bare = compose(synthetic_view.redacted_view({"household_areas": frame}, "public"), SPEC)
    assert "household-areas" in drawn(bare)


def test_counts_are_only_edges_where_areas_lie_there_too():
    both = drawn(public())
    assert both["household-counts"].cases[0].style.fill == ""
    held = synthetic_view.public_tables()
    del held["household_areas"]
    alone = drawn(compose(synthetic_view.redacted_view(held, "public"), SPEC))
    assert all(case.style.fill for case in alone["household-counts"].cases)


def test_rough_places_are_hatched_and_counted_once_a_place():
    rough = drawn(public(outpost_generalised=synthetic_view.rough()))["outpost-generalised"]
    assert rough.cases[0].style.hatch
    assert rough.cases[0].rows == 3
    assert rough.labels[0].texts == ("×2", "", "×1")
    assert rough.title.zh == "哨所（大致范围）"


def test_the_scene_says_what_derived_tables_stand_for():
    scene = public(outpost_generalised=synthetic_view.rough())
    assert {name: (one.kind, one.form, one.k) for name, one in scene.derived.items()} == {
        "household_areas": ("household", "areas", 10),
        "household_counts": ("household", "counts", 10),
        "outpost_generalised": ("outpost", "generalised", 3),
    }
    columns = {column.name: column.title.zh for table in scene.tables for column in table.columns}
    assert (columns["persons"], columns["area_name"]) == ("人口", "所在")


def test_a_redaction_of_a_third_party_is_drawn_by_its_columns():
    held = {**synthetic_view.public_tables(), "household_blurred": synthetic_view.areas()}
    one = synthetic_view.Redacted("household", "blur", "household_blurred", 4, 9, 4, 0)
    view = synthetic_view.View(
        "public",
        {name: synthetic_view.ViewTable(name, frame) for name, frame in held.items()},
        3,
        redacted=(one,),
    )
    scene = compose(synthetic_view.seal(view), SPEC)
    assert scene.derived["household_blurred"].k == 4
    assert drawn(scene)["household-blurred"].title.en == "Households, not one by one"


def test_new_ids_are_never_labels_nor_lines_of_the_legend():
    for scene in (public(), partner()):
        assert scene.statement.keeps_ids is False
        ids = {
            one
            for table in scene.tables
            for column in (table.ids, *(c for c in table.columns if c.name in {"unit", "outpost"}))
            if column is not None
            for one in to_plain(column)["values"]
        } - {None}
        assert len(ids) > 10
        for drawing in scene.drawings:
            for label in drawing.labels:
                assert label.column != "id", drawing.name
                assert not ids & {*label.texts, *label.shorts}, drawing.name
            assert not ids & {case.title.en for case in drawing.cases}, drawing.name


def test_true_ids_stay_labels():
    scene = compose(synthetic_view.view(), SPEC)
    assert scene.statement.keeps_ids is True
    assert drawn(scene)["sections"].labels[0].shorts == ("S001", "S002")
    assert drawn(scene)["strongholds"].labels[0].column == "id"


def test_a_zone_of_a_unit_that_is_not_in_the_view_is_of_another_unit():
    held = synthetic_view.public_tables()
    held["unit"] = held["unit"].iloc[:0]
    zones = drawn(compose(synthetic_view.redacted_view(held, "public"), SPEC))["zones"]
    assert [case.title.zh for case in zones.cases] == ["其他单位"]


def test_only_a_layer_that_is_whole_may_have_nobody():
    assert public().layers == {"line": "none", "area": "targets", "point": "derived"}
    assert partner().layers == {"line": "own", "area": "own", "point": "mixed"}
    assert set(compose(synthetic_view.view(), SPEC).layers.values()) == {"whole"}
    held = synthetic_view.tables()
    del held["assignments"]
    assert set(compose(synthetic_view.view(held), SPEC).layers.values()) == {"targets"}


def test_a_layer_with_redacted_rows_is_held_in_part():
    made = {name: synthetic_view.ViewTable(name, frame) for name, frame in synthetic_view.tables().items()}
    one = synthetic_view.Redacted("outpost", "drop", "outpost", 0, 9, 3, 6)
    view = synthetic_view.seal(synthetic_view.View("planner", made, 5, redacted=(one,)))
    assert compose(view, SPEC).layers == {"line": "part", "area": "whole", "point": "whole"}


def test_no_figure_is_finer_than_the_audience_s_positions():
    held = {**synthetic_view.public_tables(), "border": synthetic_view.tables()["border"]}
    scene = compose(synthetic_view.redacted_view(held, "public", decimals=3), SPEC)
    figures = [*scene.bounds]
    figures += [one for drawing in scene.drawings for mark in drawing.marks for one in (mark.lon, mark.lat)]
    assert len(figures) > 10
    assert all(round(one, 3) == one for one in figures)


def test_the_title_block_has_the_office_s_texts_only_where_there_are_some():
    plain = to_html(public())
    assert 'id="gm-mark"' not in plain
    assert 'id="gm-approval"' not in plain
    text = type(SPEC.audiences["public"].handling_mark)
    spec = marked(
        handling_mark=text(en="Internal <use>", zh="内部"), approval_number="审图号：蒙S(2024)000号"
    )
    view = synthetic_view.redacted_view(synthetic_view.public_tables(), "public")
    scene = compose(view, spec)
    assert scene.statement.approval.zh == "审图号：蒙S(2024)000号"
    assert scene.statement.approval.en == "Map approval no. 蒙S(2024)000号"
    page = to_html(scene)
    assert '<p id="gm-mark">内部 / Internal &#60;use&#62;</p>' in page
    assert '<p id="gm-approval">审图号：蒙S(2024)000号 / Map approval no. ' in page


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (None, ("", "")),
        ("一队", ("一队", "一队")),
        ({"zh": "一队", "en": "First"}, ("一队", "First")),
        ({"zh": "一队"}, ("一队", "一队")),
    ],
)
def test_the_unit_is_named_in_the_page_s_language(given, said):
    view = synthetic_view.redacted_view(synthetic_view.public_tables(), "public", unit_name=given)
    unit = compose(view, SPEC).statement.unit
    assert (unit.zh, unit.en) == said


def test_the_scene_holds_no_text_that_the_view_does_not():
    shown = json.dumps(to_plain(public()), ensure_ascii=False)
    for hidden in ("H000003", "S001", "北段边防连", "值班室", "150.0", "O1"):
        assert f'"{hidden}' not in shown, hidden
