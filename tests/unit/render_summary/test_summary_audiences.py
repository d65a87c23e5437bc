"""The summary of a view that does not hold everything: it says so, and claims nothing of the rest."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from gridmap.render.summary import summary_html


def _by_path():
    path = Path(__file__).parents[1] / "render" / "synthetic_view.py"
    spec = importlib.util.spec_from_file_location("synthetic_view_by_path", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SAMPLE = _by_path()
SPEC = SAMPLE.spec()
BANNER = {"zh": "公开版", "en": "Public edition"}
AREA = {"targets": 4, "area_m2": 6.6e9, "gap_m2": 0.0, "overlap_m2": 0.0, "outside_m2": 0.0}


def shown(page: str) -> str:
    body = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


@pytest.fixture(scope="module")
def public():
    figures = {"layers": {"area": AREA}}
    held = {**SAMPLE.public_tables(), "outpost_generalised": SAMPLE.rough()}
    return summary_html(SAMPLE.redacted_view(held, "public", banner=BANNER, figures=figures), SPEC)


@pytest.fixture(scope="module")
def partner():
    view = SAMPLE.redacted_view(
        SAMPLE.partner_tables(), "partner", unit="U2", decimals=5, unit_name="北部派出所"
    )
    return summary_html(view, SPEC)


def test_a_layer_that_is_not_there_has_no_card_and_is_said_to_be_missing(public):
    assert public.count("<article") == 2, "the area's figures, and what is not in the product"
    assert "军管线 Line : 本产品不含此层 not part of this product" in shown(public)
    assert "户管点 Point : 以片区表示，不显示位置" in shown(public)
    assert "assignments in all" not in public
    assert "None" not in shown(public)


def test_a_view_with_all_of_it_says_nothing_of_what_is_missing():
    assert "本产品" not in summary_html(SAMPLE.view(), SPEC)


def test_homes_stand_as_areas_and_by_township(public):
    text = shown(public)
    assert "牧户（按片区） Households by area" in text
    assert "277" in text, "the homes of all areas"
    assert "满都拉镇 37 91" in text
    assert "不少于 10 户" in text
    assert "哨所（大致范围）" in text
    assert "西哨所 满都拉镇" in text


def test_units_are_named_and_not_called_by_their_new_ids(public, partner):
    for page, held in ((public, SAMPLE.public_tables()), (partner, SAMPLE.partner_tables())):
        assert "北部派出所" in page
        for one in held["unit"]["id"]:
            assert one not in page
        for one in held["patrol_zone"]["id"]:
            assert one not in page


def test_what_cannot_be_counted_is_not_none(public, partner):
    # The public sees no home: units of the point layer keep an unknown number of strongholds, not 0.
    assert re.search(r"联户组.*?</bdi></td><td>.*?<td class=\"n\">—</td>", public)
    assert re.search(r"北段边防连.*?</bdi></td><td>.*?<td class=\"n\">—</td>", partner)
    assert "负责户 households" not in shown(public), "no assignments, no such column"


def test_a_partner_is_named_and_is_not_told_that_all_is_complete(partner):
    assert "北部派出所" in re.search(r"<header>.*?</header>", partner, re.DOTALL)[0]
    held = {**SAMPLE.partner_tables(), "findings": SAMPLE.tables()["findings"].iloc[:0]}
    page = summary_html(SAMPLE.redacted_view(held, "partner", unit="U2", decimals=5), SPEC)
    assert "本产品所含部分没有问题" in page
    assert "✓ 没有发现问题" not in page
    # Figures without their faults say nothing of completeness.
    some = SAMPLE.redacted_view(
        held, "partner", unit="U2", figures={"layers": {"line": {"targets": 3, "length_m": 5e4}}}
    )
    assert "完整 complete" not in shown(summary_html(some, SPEC))


def test_banner_and_mark_stand_at_the_head_of_every_printed_page(public):
    head = re.search(r"<thead aria-hidden.*?</thead>", public, re.DOTALL)[0]
    assert "公开版" in head
    text = type(SPEC.audiences["public"].handling_mark)
    marked = SPEC.audiences["public"].model_copy(
        update={"handling_mark": text(zh="内部", en="Internal"), "approval_number": "蒙S(2024)000号"}
    )
    spec = SPEC.model_copy(update={"audiences": {**SPEC.audiences, "public": marked}})
    page = summary_html(SAMPLE.redacted_view(SAMPLE.public_tables(), "public", banner=BANNER), spec)
    assert "内部" in re.search(r"<thead aria-hidden.*?</thead>", page, re.DOTALL)[0]
    assert "审图号：蒙S(2024)000号" in page
    assert "审图号" not in public


def test_the_picture_draws_the_areas_in_tints(public):
    assert public.count('fill-rule="evenodd" stroke="#86A896"') >= 2
    assert ">一区<" in public, "zones by name, where ids are nobody's"
