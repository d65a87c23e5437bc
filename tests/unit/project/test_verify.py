"""A product a year later: is it the one that was made, and would it still be handed on today?"""

from __future__ import annotations

import json
import os

import pytest

import gridmap as gm
from gridmap.errors import ConfigError, InputError, PublishError

EXPORTS = ("csv", "geojson", "gpkg", "xlsx", "kml", "zip", "parquet")


@pytest.fixture(scope="module")
def area():
    return gm.demo(households=60)


@pytest.fixture
def stored(tmp_path):
    with gm.demo(tmp_path / "area", households=60) as made:
        yield made


def manifest_of(path):
    return path.with_name(path.name + ".manifest.json")


def edit_manifest(path, **changes):
    beside = manifest_of(path)
    told = {**json.loads(beside.read_bytes()), **changes}
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, indent=2) + "\n"
    beside.write_bytes(text.encode())


def listed(area, audience="planner"):
    return area.export("household", audience=audience, format="csv")


def as_made(found):
    return found.matches and found.clean and found.sound and found.columns == () and found.notes == ()


def test_a_product_that_nobody_touched_is_well(stored, tmp_path):
    out = stored.map(audience="planner").save(tmp_path / "map.html")
    found = stored.verify(out)
    assert as_made(found)
    assert found.same_data
    assert (found.path, found.audience, found.unit) == (out, "planner", None)


def test_products_of_a_notebook_have_a_manifest_too(area, tmp_path):
    """Nothing is logged for an area in memory, and nothing is missed."""
    for product, name in [(area.assign().summary(audience="planner"), "s.html"), (listed(area), "h.csv")]:
        out = product.save(tmp_path / name)
        assert manifest_of(out).is_file()
        found = area.verify(out)
        assert as_made(found)
        assert found.same_data
    assert area.log() == []


@pytest.mark.parametrize("format_", EXPORTS)
def test_every_kind_of_file_is_looked_into_whole_or_cut(area, tmp_path, format_):
    out = area.export("landmark", audience="planner", format=format_).save(tmp_path / f"x.{format_}")
    assert as_made(area.verify(out))
    data = out.read_bytes()
    middle = len(data) // 2
    for other in (
        data[:middle],
        data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :],
        b"",
        data + b"x",
    ):
        out.write_bytes(other)
        found = area.verify(out)
        assert not found.matches
        assert not found.sound
        assert found.notes


def test_a_manifest_of_another_product_is_told(area, tmp_path):
    plan = area.assign()
    one = plan.summary(audience="planner").save(tmp_path / "one.html")
    two = plan.summary(audience="custodian").save(tmp_path / "two.html")
    first, second = manifest_of(one).read_bytes(), manifest_of(two).read_bytes()
    manifest_of(one).write_bytes(second)
    manifest_of(two).write_bytes(first)
    assert not area.verify(one).matches
    assert not area.verify(two).matches


@pytest.mark.parametrize("change", [{"audience": "custodian"}, {"k": 3}, {"options": {}}], ids=str)
def test_an_edited_manifest_is_told_by_the_log(stored, tmp_path, change):
    """Edited to `custodian`, who may see everything, it would let the guard look for nothing."""
    out = listed(stored).save(tmp_path / "homes.csv")
    edit_manifest(out, **change)
    found = stored.verify(out)
    assert not found.matches
    assert any("the log" in note for note in found.notes)


def test_what_the_log_does_not_know_is_said(stored, tmp_path):
    out = listed(stored).save(tmp_path / "homes.csv")
    (stored.folder / "log.jsonl").unlink()
    found = stored.verify(out)
    assert found.sound
    assert any("the log has no line" in note for note in found.notes)


def test_a_product_made_twice_is_known_by_both_lines(stored, tmp_path):
    listed(stored).save(tmp_path / "homes.csv")
    out = listed(stored).save(tmp_path / "again.csv")
    assert as_made(stored.verify(out))
    assert as_made(stored.verify(tmp_path / "homes.csv"))


def test_data_that_changed_since_are_said_and_do_not_make_it_unfit(stored, tmp_path):
    before = listed(stored).save(tmp_path / "before.csv")
    stored.edit("household", stored.table("household")["id"].iloc[0], persons=19)
    after = listed(stored).save(tmp_path / "after.csv")
    assert (stored.verify(before).same_data, stored.verify(after).same_data) == (False, True)
    assert stored.verify(before).sound


def test_settings_that_changed_since_are_said(stored, tmp_path):
    out = listed(stored).save(tmp_path / "homes.csv")
    path = stored.folder / "gridmap.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("reach_m = 15000", "reach_m = 14000"), encoding="utf-8")
    assert path.read_text(encoding="utf-8") != text
    with gm.open(stored.folder) as again:
        assert not again.verify(out).same_data


def test_a_plan_made_before_an_edit_is_not_taken_for_one_of_today(stored, tmp_path):
    plan = stored.assign()
    stored.edit("household", stored.table("household")["id"].iloc[0], persons=19)
    out = plan.summary(audience="planner").save(tmp_path / "page.html")
    assert not stored.verify(out).same_data
    plan.save()
    assert stored.plan().notes


def test_results_that_were_stored_anew_are_other_data_for_their_export(stored, tmp_path):
    stored.assign().save()
    out = stored.export("assignments", audience="planner", format="csv").save(tmp_path / "a.csv")
    homes = listed(stored).save(tmp_path / "homes.csv")
    assert stored.verify(out).same_data
    stored.edit("household", stored.table("household")["id"].iloc[0], persons=19)
    stored.assign().save()
    assert not stored.verify(out).same_data
    assert not stored.verify(homes).same_data


def test_a_private_text_that_came_in_later_is_found_in_what_was_given_away(stored, tmp_path):
    """A well was called after a person, and is not any more: its old list may not go out again."""
    word, mark = "巴特尔夫的井", stored.table("landmark")["id"].iloc[0]
    stored.edit("landmark", mark, name=word)
    out = stored.export("landmark", audience="planner", format="csv").save(tmp_path / "marks.csv")
    assert stored.verify(out).clean
    stored.edit("landmark", mark, name="三号井")
    stored.edit("household", stored.table("household")["id"].iloc[0], name=word)
    found = stored.verify(out)
    assert (found.matches, found.clean, found.sound) == (True, False, False)
    assert found.columns == ("household.name",)
    assert word not in repr(found)


def test_a_private_text_put_into_a_product_is_found_and_never_told(stored, tmp_path):
    out = listed(stored).save(tmp_path / "homes.csv")
    name = stored.table("household")["name"].dropna().iloc[0]
    out.write_bytes(out.read_bytes() + name.encode())
    found = stored.verify(out)
    assert not found.matches
    assert found.columns == ("household.name",)
    assert name not in json.dumps(found.to_json(), ensure_ascii=False)


def test_a_moved_and_renamed_product_is_still_known(stored, tmp_path):
    out = listed(stored).save(tmp_path / "homes.csv")
    moved = out.rename(tmp_path / "to-send.csv")
    manifest_of(out).rename(manifest_of(moved))
    found = stored.verify(moved)
    assert found.sound
    assert found.notes == ("it was called homes.csv when it was made",)


@pytest.mark.parametrize("audience", ["partner", "public"])
def test_who_gets_new_ids_gets_no_hash_that_could_confirm_a_guess(stored, tmp_path, audience):
    unit = stored.table("unit")["id"].iloc[0] if audience == "partner" else None
    out = stored.summary(audience=audience, unit=unit).save(tmp_path / "page.html")
    text = manifest_of(out).read_text(encoding="utf-8")
    told = json.loads(text)
    assert (told["ids"], told["unit"], told["k"], told["input"]["keyed"]) == ("new", unit, 10, True)
    assert told["redactions"]
    assert stored.store.revision() not in text
    found = stored.verify(out)
    assert as_made(found)
    assert found.same_data
    assert found.unit == unit
    assert stored.log()[-1].get("unit") == unit
    stored.edit("household", stored.table("household")["id"].iloc[0], persons=19)
    assert not stored.verify(out).same_data


def test_to_look_again_changes_nothing(stored, tmp_path):
    """Not even areas, which are only ever made coarser; and an archive may be on a disk that is read only."""
    out = stored.summary(audience="public").save(tmp_path / "page.html")
    homes = stored.table("household")["id"]
    stored.store.remove("household", list(homes.iloc[:20]))
    for gone in (None, "releases.json"):
        if gone:
            (stored.folder / gone).unlink()
        before = {one.name: one.read_bytes() for one in stored.folder.iterdir()}
        stored.verify(out)
        assert {one.name: one.read_bytes() for one in stored.folder.iterdir()} == before


def test_without_a_manifest_it_says_what_to_do(area, tmp_path):
    out = listed(area).save(tmp_path / "homes.csv")
    manifest_of(out).unlink()
    with pytest.raises(PublishError) as caught:
        area.verify(out)
    assert caught.value.code == "GM604"


def test_without_the_product_it_says_so(area, tmp_path):
    out = listed(area).save(tmp_path / "homes.csv")
    out.unlink()
    for make in (out.mkdir, out.rmdir):
        make()
        with pytest.raises(InputError, match="GM202"):
            area.verify(out)


def test_a_file_that_no_memory_holds_is_refused(area, tmp_path):
    out = listed(area).save(tmp_path / "homes.csv")
    os.truncate(out, 5 << 30)
    with pytest.raises(InputError, match="GM202"):
        area.verify(out)


def test_an_audience_that_is_no_more_is_told(area, tmp_path):
    out = listed(area).save(tmp_path / "homes.csv")
    edit_manifest(out, audience="nobody")
    with pytest.raises(ConfigError, match="GM109"):
        area.verify(out)


def test_every_product_is_a_line_in_the_log(stored, tmp_path):
    products = [
        (stored.map(audience="planner"), "map", "m.html"),
        (stored.summary(audience="custodian"), "summary", "s.html"),
        (listed(stored), "export household", "h.csv"),
    ]
    for product, action, name in products:
        out = product.save(tmp_path / name)
        line = stored.log()[-1]
        told = json.loads(manifest_of(out).read_bytes())
        assert (line["action"], line["audience"], line["product"]) == (action, product.audience, name)
        assert line["sha256"] == told["output"]["sha256"]
        assert (told["action"], told["audience"]) == (action, product.audience)


def test_a_product_whose_line_cannot_be_written_is_not_left(stored, tmp_path):
    (stored.folder / "log.jsonl").unlink()
    (stored.folder / "log.jsonl").mkdir()
    with pytest.raises(gm.GridmapError, match="GM303"):
        listed(stored).save(tmp_path / "homes.csv")
    assert not (tmp_path / "homes.csv").exists()
    assert not manifest_of(tmp_path / "homes.csv").exists()


def test_the_options_that_made_it_are_told(area, tmp_path):
    written = {"crs": "EPSG:4508", "encoding": "gbk"}
    out = area.export("household", audience="planner", format="csv", **written).save(tmp_path / "h.csv")
    told = json.loads(manifest_of(out).read_bytes())
    assert told["options"] == {"table": "household", "format": "csv", **written}
    out = area.assign().map(audience="planner", name="main").save(tmp_path / "m.html")
    assert json.loads(manifest_of(out).read_bytes())["options"] == {"map": "main"}


def test_the_same_data_give_the_same_manifest(tmp_path):
    texts = []
    for name in ("a", "b"):
        with gm.demo(tmp_path / name, households=40) as made:
            out = made.summary(audience="custodian").save(tmp_path / name / "page.html")
            texts.append(manifest_of(out).read_bytes())
    assert texts[0] == texts[1]


def test_no_manifest_holds_a_private_value(area, tmp_path):
    out = area.assign().map(audience="planner").save(tmp_path / "map.html")
    text = manifest_of(out).read_text(encoding="utf-8")
    homes = area.table("household")
    private = [value for column in ("name", "contact") for value in homes[column].dropna()]
    assert not [value for value in private if value in text]
