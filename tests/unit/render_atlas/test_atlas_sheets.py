"""Which sheets there are: a unit without its sheet, or cut off at its edge, is a unit nobody plans for."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gridmap.errors import ConfigError, RenderError
from gridmap.render.atlas import Asked, read_scale
from gridmap.render.atlas.asked import ROUND
from gridmap.render.atlas.layout import layout
from gridmap.render.atlas.series import AIR_MM, beside, fitting, leaves
from gridmap.render.atlas.subjects import Subject

CRS = "EPSG:4508"
FRAME = layout(Asked()).frame


def subject(name="a", box=(400_000, 4_690_000, 440_000, 4_720_000)):
    return Subject(name, "", shapely.box(*box), ())


def test_every_unit_has_its_sheet(area, atlas_of):
    atlas = atlas_of()
    assert [one.subject.name for one in atlas.sheets] == area.table("unit")["name"].tolist()
    assert atlas.pages == len(atlas.sheets) + 1


@pytest.mark.parametrize(("by", "table"), [("township", "admin"), ("section", "sections")])
def test_every_township_and_section_has_its_sheet(area, atlas_of, by, table):
    frame = area.plan().sections if table == "sections" else area.table("admin").query("level == 'township'")
    assert len(atlas_of(by=by).sheets) == len(frame)


def test_a_unit_of_which_the_audience_sees_nothing_is_named_and_has_no_sheet(atlas_of):
    atlas = atlas_of("public")
    assert len(atlas.sheets) == 3
    assert len(atlas.without) == 3


@pytest.mark.parametrize("size", ["A4", "A3"])
@pytest.mark.parametrize("orientation", ["landscape", "portrait"])
def test_what_a_sheet_is_about_is_inside_its_frame(atlas_of, size, orientation):
    for leaf in atlas_of(size=size, orientation=orientation).sheets:
        left, bottom, right, top = leaf.plane.extent
        box = shapely.bounds(leaf.subject.shape)
        air = (AIR_MM - 0.1) / leaf.plane.mm
        assert leaf.plane.scale in ROUND
        assert left + air <= box[0]
        assert bottom + air <= box[1]
        assert box[2] <= right - air
        assert box[3] <= top - air


def test_the_scale_is_the_largest_round_one_that_fits(atlas_of):
    for leaf in atlas_of().sheets:
        larger = [one for one in ROUND if one < leaf.plane.scale]
        box = shapely.bounds(leaf.subject.shape)
        room = FRAME.width - 2 * AIR_MM, FRAME.height - 2 * AIR_MM
        if larger:
            mm = 1000 / larger[-1]
            assert (box[2] - box[0]) * mm > room[0] or (box[3] - box[1]) * mm > room[1]


def test_a_subject_too_large_for_the_asked_scale_takes_sheets_that_overlap_and_cover_it():
    made = leaves([subject()], Asked(scale=100_000), FRAME, CRS)
    assert len(made) > 1
    assert [one.number for one in made] == [f"1.{at}" for at in range(1, len(made) + 1)]
    boxes = [shapely.box(*one.plane.extent) for one in made]
    assert shapely.union_all(boxes).contains(made[0].subject.shape)
    together = [
        shapely.intersection(a, b).area
        for at, a in enumerate(boxes)
        for b in boxes[at + 1 :]
        if a.intersects(b)
    ]
    assert together
    assert min(together) > 0


def test_parts_without_anything_of_the_subject_are_not_printed():
    corner = shapely.union_all([shapely.box(0, 0, 1000, 1000), shapely.box(60_000, 60_000, 61_000, 61_000)])
    made = leaves([Subject("a", "", corner, ())], Asked(scale=50_000), FRAME, CRS)
    assert len(made) == 2


def test_sheets_beside_each_other_name_each_other():
    made = leaves([subject()], Asked(scale=150_000), FRAME, CRS)
    numbers = {one.number: one for one in made}
    opposite = {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}
    seen = 0
    for one in made:
        for edge, near in beside(one, made).items():
            for number in near:
                seen += 1
                assert one.number in beside(numbers[number], made)[opposite[edge]]
    assert seen >= 2


def test_a_scale_that_takes_hundreds_of_sheets_is_refused():
    with pytest.raises(RenderError) as caught:
        leaves([subject()], Asked(scale=2_000), FRAME, CRS)
    assert caught.value.code == "GM704"


def test_an_atlas_of_nothing_is_refused():
    with pytest.raises(RenderError) as caught:
        leaves([], Asked(), FRAME, CRS)
    assert caught.value.code == "GM702"


def test_one_home_alone_still_has_a_neighbourhood():
    made = leaves([Subject("a", "", shapely.Point(400_000, 4_700_000), ())], Asked(), FRAME, CRS)
    left, _, right, _ = made[0].plane.extent
    assert right - left >= 2000


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("1:100000", 100_000), ("1:100,000", 100_000), ("100 000", 100_000), ("1：50000", 50_000), (None, None)],
)
def test_a_scale_is_read_as_people_write_it(text, wanted):
    assert read_scale(text) == wanted


@pytest.mark.parametrize("text", ["", "large", "1:", "1:-5", "0.5", "1:1e5", "1:99999999999999"])
def test_a_scale_that_is_none_is_said(text):
    with pytest.raises(ConfigError) as caught:
        read_scale(text)
    assert caught.value.code == "GM106"


@pytest.mark.parametrize(
    "asked", [{"by": "home"}, {"size": "A5"}, {"orientation": "round"}, {"scale": 10}, {"language": "xx"}]
)
def test_an_option_that_does_not_exist_is_said(asked):
    with pytest.raises(ConfigError) as caught:
        Asked(**asked)
    assert caught.value.code == "GM106"


def test_fitting_takes_the_next_round_scale():
    wide = FRAME.width - 2 * AIR_MM
    assert fitting((wide * 100, 1.0), FRAME) == 100_000
    assert fitting((wide * 100 + 1, 1.0), FRAME) == 150_000
    assert np.all(np.diff(ROUND) > 0)
