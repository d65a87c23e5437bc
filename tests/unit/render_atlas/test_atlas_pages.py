"""What stands on the pages: nothing cut at an edge, nothing written over its box, nothing that runs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gridmap.model import Bilingual
from gridmap.render.atlas.asked import Asked
from gridmap.render.atlas.content import Content
from gridmap.render.atlas.layout import layout
from gridmap.render.atlas.page import Words, corners

PAPERS = [(size, lies) for size in ("A4", "A3") for lies in ("landscape", "portrait")]
SLACK = 0.35  # millimetres: letters' accents


def words(page):
    return [one for one in page.items if isinstance(one, Words)]


def assert_inside(page):
    for one in words(page):
        ring = corners(one)
        assert ring.min() >= 0, one.text
        assert ring[:, 0].max() <= page.width, one.text
        assert ring[:, 1].max() <= page.height, one.text
        if one.box is not None:
            assert ring[:, 0].min() >= one.box.left - SLACK, one
            assert ring[:, 0].max() <= one.box.right + SLACK, one
            assert ring[:, 1].min() >= one.box.bottom - SLACK, one
            assert ring[:, 1].max() <= one.box.top + SLACK, one


@pytest.mark.parametrize(("size", "orientation"), PAPERS)
def test_nothing_is_cut_on_any_paper(atlas_of, pages_of, size, orientation):
    atlas = atlas_of(size=size, orientation=orientation, by="township")
    for page in pages_of(atlas):
        assert (page.width, page.height) == Asked(size=size, orientation=orientation).paper
        assert_inside(page)


def doubled(atlas):
    """Return an atlas in which every title and name is twice as long."""

    def twice(text):
        return text * 2

    scene = atlas.content.scene
    drawings = tuple(
        replace(
            one,
            title=Bilingual(en=twice(one.title.en), zh=twice(one.title.zh)),
            cases=tuple(
                replace(case, title=Bilingual(en=twice(case.title.en), zh=twice(case.title.zh)))
                for case in one.cases
            ),
        )
        for one in scene.drawings
    )
    names = ("project", "banner", "audience_title", "handling_mark", "approval", "unit")
    longer = {
        name: Bilingual(
            en=twice(getattr(scene.statement, name).en), zh=twice(getattr(scene.statement, name).zh)
        )
        for name in names
    } | {
        "handling_mark": Bilingual(en="RESTRICTED " * 4, zh="内部资料注意保存" * 3),
        "approval": Bilingual(en="Map approval no. 12345 " * 3, zh="审图号示例第一二三四五号" * 3),
    }
    statement = replace(scene.statement, source=twice(scene.statement.source), **longer)
    content = Content(
        replace(scene, drawings=drawings, statement=statement), atlas.content.view, atlas.content.spec
    )
    sheets = tuple(
        replace(one, subject=replace(one.subject, name=twice(one.subject.name), facts=one.subject.facts * 2))
        for one in atlas.sheets
    )
    return replace(atlas, content=content, sheets=sheets)


@pytest.mark.parametrize(("size", "orientation"), PAPERS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_texts_of_double_length_stay_in_their_boxes(atlas_of, pages_of, size, orientation, language):
    atlas = doubled(atlas_of(size=size, orientation=orientation, language=language, by="township"))
    for page in pages_of(atlas, 2):
        assert_inside(page)
        assert any("审图号" in one.text or "approval" in one.text for one in words(page))


def test_a_sheet_says_what_it_is(atlas_of, pages_of, area):
    atlas = atlas_of(by="township")
    made = pages_of(atlas)
    for number, page in enumerate(made, start=1):
        said = [one.text for one in words(page)]
        joined = "".join(said)
        assert f"第 {number} 页，共 {len(made)} 页" in said
        assert "示意·合成数据" in said
        assert area.spec.crs in joined
        assert atlas.content.scene.statement.revision in joined
        assert "规划人员（内部）" in joined
        assert "N" in said
    for leaf, page in zip(atlas.sheets, made[1:], strict=True):
        said = [one.text for one in words(page)]
        assert leaf.subject.name in said
        assert f"第 {leaf.number} 幅" in said
        assert f"1:{leaf.plane.scale:,}" in said
        assert "图例" in said
        assert any(one.endswith(("′E", "′N")) for one in said)
        assert any(one.endswith(" km") for one in said)


def test_the_index_lists_every_sheet_with_its_page(atlas_of, pages_of):
    atlas = atlas_of()
    said = [one.text for one in words(pages_of(atlas, 1)[0])]
    for at, leaf in enumerate(atlas.sheets):
        assert said.count(leaf.number) >= 1
        assert str(at + 2) in said


def test_many_sheets_continue_on_further_pages_of_the_index(atlas_of, pages_of):
    atlas = atlas_of(by="section", scale=20_000)
    made = pages_of(atlas, atlas.index_pages + 1)
    assert atlas.index_pages > 1
    said = [one.text for page in made[: atlas.index_pages] for one in words(page)]
    assert all(leaf.number in said for leaf in atlas.sheets)
    for page in made[: atlas.index_pages + 1]:
        assert_inside(page)


def test_the_legend_shows_what_is_on_the_sheet_and_nothing_else(atlas_of, pages_of):
    atlas = atlas_of("public")
    said = "".join(one.text for one in words(pages_of(atlas, 2)[1]))
    assert "边境段" not in said
    assert "堡垒户" not in said
    assert "户/平方公里" in said


def test_names_do_not_lie_on_each_other(atlas_of, pages_of):
    atlas = atlas_of()
    frame = layout(Asked()).frame
    for page in pages_of(atlas, 3)[1:]:
        boxes = []
        for one in words(page):
            ring = corners(one)
            (left, bottom), (right, top) = ring.min(axis=0), ring.max(axis=0)
            if left >= frame.left and right <= frame.right and bottom >= frame.bottom and top <= frame.top:
                boxes.append((left + 0.3, bottom + 0.5, right - 0.3, top - 0.5, one.text))
        for at, a in enumerate(boxes):
            for b in boxes[at + 1 :]:
                assert not (a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]), (a, b)


HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "$\\frac{1}{0}$",
    "{{7*7}}",
    "${x}",
    "a\u202eb\u0000c\nd",
    "😀\U00020000",
]


def test_hostile_text_is_shown_and_does_nothing(atlas_of, pages_of):
    from gridmap.render.atlas.press import to_pdf

    atlas = atlas_of()
    sheets = tuple(
        replace(one, subject=replace(one.subject, name=text))
        for one, text in zip(atlas.sheets, HOSTILE, strict=False)
    )
    atlas = replace(atlas, sheets=sheets)
    made = pages_of(atlas, 7)
    said = [one.text for page in made for one in words(page)]
    assert HOSTILE[0] in said
    assert HOSTILE[1] in said
    assert "abc d" in said
    assert "□□" in said
    assert to_pdf(made[1:3], title=HOSTILE[0], creator="test").startswith(b"%PDF")
