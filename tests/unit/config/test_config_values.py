"""A value of the wrong type in gridmap.toml is an error when the project is opened, never a guess."""

from __future__ import annotations

import pytest

from gridmap.config import parse_spec, template_text
from gridmap.errors import ConfigError


def settings() -> str:
    return template_text(name_en="a", name_zh="甲", crs="EPSG:4508", synthetic=False, source="")


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("belt_m = 20000", "belt_m = true"),
        ("belt_m = 20000", 'belt_m = "20000"'),
        ("sliver_m2 = 1.0", 'sliver_m2 = "1"'),
        ("response_min = 120", "response_min = true"),
        ("synthetic = false", 'synthetic = "yes"'),
        ("private = true", "private = 1"),
        ("everything = true", 'everything = "on"'),
        ("decimals = 5", "decimals = true"),
        ("min = 0, max = 60", "min = 60, max = 0"),
        ("min = 0, max = 60", "min = nan, max = 60"),
        ("min = 0, max = 60", 'min = "0", max = 60'),
    ],
)
def test_a_value_of_the_wrong_type_is_an_error(right: str, wrong: str) -> None:
    text = settings()
    assert right in text
    with pytest.raises(ConfigError) as caught:
        parse_spec(text.replace(right, wrong, 1), where="gridmap.toml")
    assert caught.value.code == "GM103"


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        ('ethnicity = { type = "text" }', "ethnicity"),
        ('minzu = { type = "text", private = true }', "ethnicity"),
        ('id_card = { type = "text", required = true }', "identity numbers"),
        ('zz = { type = "text", title = { en = "Status", zh = "政治面貌" } }', "politics"),
    ],
)
def test_a_kind_that_keeps_what_gridmap_keeps_for_nobody_is_refused(column: str, reason: str) -> None:
    """A file's columns are refused by name; settings that declare them would be the way around it."""
    herder = (
        '\n[kinds.herder]\ngeometry = "none"\ntitle = { en = "Herder", zh = "牧民" }\n'
        f"[kinds.herder.columns]\n{column}\n"
    )
    with pytest.raises(ConfigError) as caught:
        parse_spec(settings() + herder, where="gridmap.toml")
    assert caught.value.code == "GM103"
    assert f"the column {column.split(maxsplit=1)[0]} is refused ({reason})" in caught.value.what
    assert "kinds.herder.columns" in caught.value.where


def test_whole_numbers_are_distances_too() -> None:
    parsed = parse_spec(settings().replace("belt_m = 20000", "belt_m = 20000.5"), where="gridmap.toml")
    assert parsed.layers.line.belt_m == 20_000.5
    assert parsed.layers.point.reach_m == 15_000
