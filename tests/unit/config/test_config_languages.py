"""Titles in a project's own languages: a keeper must read their own words, and never an empty one."""

from __future__ import annotations

import pytest

from gridmap.config import parse_spec, template_text
from gridmap.config.texts import Text
from gridmap.errors import ConfigError

TEMPLATE = template_text(name_en="a", name_zh="b", crs="EPSG:3067", synthetic=True, source="")


def spoken(languages: str, text: str = TEMPLATE) -> str:
    """Return the template in other languages: Chinese titles stand for those of the last."""
    last = languages.split('"')[-2]
    return text.replace("schema = 1\n", f"schema = 1\nlanguages = {languages}\n").replace(
        " zh = ", f" {last} = "
    )


def test_without_the_key_titles_are_in_english_and_chinese():
    spec = parse_spec(TEMPLATE, where="t")
    assert spec.languages == ("en", "zh")
    assert spec.kinds["household"].title.every == ("Households", "牧户")


def test_another_language_stands_where_chinese_is_missing():
    spec = parse_spec(spoken('["en", "fi"]'), where="t")
    title = spec.kinds["household"].title
    assert (title.en, title.zh) == ("Households", "牧户")
    assert title.model_dump()["fi"] == "牧户"
    assert spec.opens_in("main") == "zh"


def test_a_map_opens_in_a_language_the_project_has():
    text = spoken('["en", "fi"]').replace('language = "zh" ', "# ")
    assert parse_spec(text, where="t").opens_in("main") == "en"
    assert parse_spec(TEMPLATE.replace('language = "zh" ', "# "), where="t").opens_in("main") == "zh"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TEMPLATE.replace('name = { en = "a", zh = "b" }', 'name = { en = "a" }'), "zh is missing"),
        (TEMPLATE.replace('name = { en = "a"', 'name = { fi = "c", en = "a"'), "fi is none of the project's"),
        (
            spoken('["en", "fi"]').replace('name = { en = "a", fi = "b" }', 'name = { en = "a" }'),
            "fi is missing",
        ),
        (spoken('["en", "fi"]').replace("languages = [", "languages = [3, "), "languages"),
        (TEMPLATE.replace("schema = 1\n", "schema = 1\nlanguages = []\n"), "languages"),
        (TEMPLATE.replace("schema = 1\n", 'schema = 1\nlanguages = ["Suomi"]\n'), ""),
    ],
)
def test_a_language_too_few_or_too_many_is_an_error(text, said):
    with pytest.raises(ConfigError) as caught:
        parse_spec(text, where="t")
    assert caught.value.code == "GM103"
    assert said in str(caught.value)


def test_one_language_alone_is_enough():
    assert Text(en="x", zh="x").every == ("x",)
