"""A small demo, its views, and its atlas as plain pages: most can be tested before it is printed."""

from __future__ import annotations

from functools import cache
from itertools import islice
from pathlib import Path

import pytest
from chinese_fonts import fonts_or_skip


@pytest.fixture(scope="session")
def area(tmp_path_factory):
    from gridmap import project

    with project.demo(tmp_path_factory.mktemp("atlas") / "demo", households=150) as made:
        yield made


@pytest.fixture(scope="session")
def view_of(area):
    """Return the view of an audience."""
    from gridmap.model.recipe import ATLAS, Recipe
    from gridmap.project import leaving

    plan = area.plan()

    def make(audience="planner", unit=None):
        return leaving.material(area, Recipe(ATLAS, audience, unit), plan, keep=False).view

    return make


@pytest.fixture(scope="session")
def atlas_of(area, view_of):
    """Return what an atlas of the planners will hold."""
    from gridmap.render import compose
    from gridmap.render.atlas.asked import Asked
    from gridmap.render.atlas.book import plan_atlas
    from gridmap.render.atlas.content import Content

    @cache
    def content(audience, unit):
        view = view_of(audience, unit)
        return Content(compose(view, area.spec), view, area.spec)

    def make(audience="planner", unit=None, **asked):
        return plan_atlas(content(audience, unit), Asked(**asked))

    return make


@pytest.fixture(scope="session")
def fonts(atlas_of, tmp_path_factory):
    """Return fonts with all that the tests write: to make them takes longer than to fill a page."""
    from gridmap.render.atlas.book import texts_of
    from gridmap.render.atlas.fonts import make_fonts

    fonts_or_skip()
    every = [atlas_of(language="zh"), atlas_of(language="en"), atlas_of("public"), atlas_of(by="township")]
    texts = [text for one in every for text in texts_of(one)]
    more = [HEAD, "".join(map(chr, range(0x20, 0x7F)))]
    return make_fonts([*texts, *more], Path(tmp_path_factory.mktemp("fonts")))


@pytest.fixture(scope="session")
def pages_of(fonts):
    """Return the first pages of an atlas, or all of them, as plain data."""
    from gridmap.render.atlas.book import pages

    def make(atlas, most=None):
        return list(islice(pages(atlas, fonts), most))

    return make


HEAD = "内部资料注意保存审图号示例第一二三四五号"
