"""A mapping that is saved: the settings around it keep every byte, and what was saved is what is read."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import settings as trying
from hypothesis import strategies as st

from gridmap.config import load_spec, parse_spec, settings_text, template_text
from gridmap.config.imports import ProfileSpec
from gridmap.config.profiles import add_profile
from gridmap.errors import ConfigError
from gridmap.store import write_file

PROFILE = ProfileSpec(columns={"户主": "name", "备注": ""}, id="户号", datum="gcj02", encoding="gbk")


def settings() -> str:
    return template_text(name_en="a", name_zh="甲", crs="EPSG:4508", synthetic=False, source="")


def refusal(text: str, name: str, profile: ProfileSpec = PROFILE, *, replace: bool = False) -> str:
    with pytest.raises(ConfigError) as caught:
        add_profile(text, name, profile, replace=replace)
    return str(caught.value)


def test_the_settings_keep_every_byte_and_comment():
    text = settings()
    made = add_profile(text, "township", PROFILE)
    assert made.startswith(text)
    assert parse_spec(made, where="x").imports.profiles == {"township": PROFILE}


def test_a_second_profile_goes_below_the_first():
    made = add_profile(add_profile(settings(), "one", PROFILE), "two", ProfileSpec(crs="EPSG:4525"))
    assert list(parse_spec(made, where="x").imports.profiles) == ["one", "two"]


def test_settings_without_a_last_newline_do_not_run_into_it():
    made = add_profile(settings().rstrip("\n"), "one", PROFILE)
    assert parse_spec(made, where="x").imports.profiles["one"] == PROFILE


def test_line_endings_of_windows_stay():
    text = settings().replace("\n", "\r\n")
    made = add_profile(text, "one", PROFILE)
    assert made.startswith(text)
    assert "\n" not in made.replace("\r\n", "")


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("replace", [False, True])
def test_a_file_of_an_editor_of_windows_keeps_its_mark_and_line_ends(tmp_path, newline, mark, replace):
    path = tmp_path / "gridmap.toml"
    text = settings() + ("\n[imports.profiles.one]\nid = 'x'\n" if replace else "")
    before = (mark + text.replace("\n", newline)).encode()
    path.write_bytes(before)
    write_file(path, add_profile(settings_text(path), "one", PROFILE, replace=replace))
    kept = before.partition(b"[imports.profiles.one]")[0]
    assert path.read_bytes().startswith(kept)
    assert path.read_bytes().count(b"\r") == (path.read_bytes().count(b"\n") if newline == "\r\n" else 0)
    assert load_spec(path).imports.profiles == {"one": PROFILE}


def test_a_name_that_is_taken_is_not_overwritten():
    text = add_profile(settings(), "one", PROFILE)
    assert "[GM104]" in refusal(text, "one")


def test_replacing_changes_that_table_and_nothing_else():
    before = add_profile(settings(), "one", PROFILE) + "# mine\n\n[imports.profiles.two]\nid = 'x' # kept\n"
    after = add_profile(before, "one", ProfileSpec(id="编号", swap_axes=True), replace=True)
    head, _, tail = before.partition("[imports.profiles.one]")
    assert after.startswith(head)
    assert after.endswith(tail[tail.index("# mine") :])
    profiles = parse_spec(after, where="x").imports.profiles
    assert profiles["one"] == ProfileSpec(id="编号", swap_axes=True)
    assert profiles["two"].id == "x"


def test_a_mapping_in_a_table_of_its_own_is_replaced_with_its_profile():
    text = settings() + '\n[imports.profiles.one]\nid = "x"\n\n[imports.profiles.one.columns]\n"a" = "name"\n'
    made = add_profile(text, "one", PROFILE, replace=True)
    assert parse_spec(made, where="x").imports.profiles["one"] == PROFILE
    assert made.startswith(settings())


def test_a_text_that_looks_like_a_table_is_not_one():
    trap = 'source = """\n[imports.profiles.one]\n"""'
    text = settings().replace('source = ""', trap, 1)
    made = add_profile(add_profile(text, "one", PROFILE), "one", ProfileSpec(id="z"), replace=True)
    assert trap in made
    assert parse_spec(made, where="x").imports.profiles["one"].id == "z"


def test_profiles_in_one_line_are_told_not_broken():
    text = settings().replace("[imports]", '[imports]\nprofiles = { one = { id = "x" } }', 1)
    assert "[GM104]" in refusal(text, "two")
    assert "[GM104]" in refusal(text, "one", replace=True)


@pytest.mark.parametrize("name", ["", "A", "1a", "a b", "a.b", "乡镇", "a]\nx"])
def test_a_name_that_is_no_key_is_refused(name):
    assert "[GM103]" in refusal(settings(), name)


def test_half_a_character_is_not_written_to_the_settings():
    assert "[GM103]" in refusal(settings(), "one", ProfileSpec(id="x\ud800"))


ANY = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)


# Settings are read twice an example: on a busy machine that may take longer than a test is given by default.
@trying(deadline=None)
@given(st.dictionaries(ANY, ANY, max_size=4), ANY)
def test_any_header_comes_back_as_it_was(columns, header):
    profile = ProfileSpec(columns=columns, id=header, crs=header)
    made = add_profile(settings(), "one", profile)
    assert ProfileSpec(**tomllib.loads(made)["imports"]["profiles"]["one"]) == profile
