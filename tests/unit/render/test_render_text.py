"""A name that can run is a hole in every map that shows it."""

from __future__ import annotations

import html
import json

import jinja2
import pytest

from gridmap.render.text import inert, json_block, json_for_template

HOSTILE = [
    "{{7*7}}",
    "{% raw %}",
    "{# gone #}",
    "${alert(1)}",
    "`tick`",
    "back\\slash\\u0041",
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "<img src=x onerror=alert(1)>",
    "\u2028\u2029",
    "\u202egnp.exe",
    "'\"&amp;",
    "满都拉镇",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_title_is_shown_as_it_is(text):
    shown = inert(text)
    assert html.unescape(shown) == text
    assert not set(shown) & set("<>\"'`${}%\\")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_title_passes_a_template_unchanged(text):
    assert html.unescape(jinja2.Template(inert(text)).render()) == text


@pytest.mark.parametrize("text", ["\x00", "a\x08b", "\ud800", "\ufffe", "\x85"])
def test_what_html_cannot_hold_becomes_a_mark(text):
    shown = inert(text)
    assert "\ufffd" in shown
    shown.encode("utf-8")


@pytest.mark.parametrize("text", [*HOSTILE, "\x00", "\ud800"])
def test_data_comes_back_from_its_block_and_cannot_leave_it(text):
    block = json_block({text: [text]})
    assert json.loads(block) == {text: [text]}
    assert not set(block) & set("<>&\u2028\u2029")
    block.encode("utf-8")


def test_a_figure_that_is_no_number_is_refused_here_and_not_in_the_readers_browser():
    with pytest.raises(ValueError, match="JSON"):
        json_block([float("nan")])


@pytest.mark.parametrize("text", HOSTILE)
def test_an_analysts_geojson_is_not_run_by_the_second_template(text):
    made = json_for_template({"properties": {text: {"name": text}}})
    assert json.loads(jinja2.Template(made).render()) == {"properties": {text: {"name": text}}}
