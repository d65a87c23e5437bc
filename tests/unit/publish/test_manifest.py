"""What can still be told of a product a year later: for whom, from what, and what was left out."""

from __future__ import annotations

import hashlib
import json

import product_records
import pytest
from product_records import AREAS, RELEASES, SOURCE, record

from gridmap import publish
from gridmap.errors import PublishError
from gridmap.model.recipe import Recipe
from gridmap.privacy import Withheld
from gridmap.privacy.releases import Releases

DATA = b"<html>a product</html>"


def left(folder, made, name="map.html", **given):
    out = publish.publish(DATA, folder / name, withheld=Withheld({}), record=made, **given)
    return publish.manifest_path(out)


def told(folder, made, name="map.html"):
    return json.loads(left(folder, made, name).read_bytes())


def test_it_tells_what_the_product_is_and_for_whom(tmp_path):
    recipe = Recipe("export household", "partner", unit="U1", options={"table": "household", "format": "csv"})
    found = told(tmp_path, record(recipe=recipe), name="homes.csv")
    assert found["format"] == 1
    assert found["product"] == "homes.csv"
    assert (found["action"], found["audience"], found["unit"]) == ("export household", "partner", "U1")
    assert found["options"] == {"table": "household", "format": "csv"}
    assert (found["decimals"], found["ids"]) == (5, "true")
    assert found["output"] == {"bytes": len(DATA), "sha256": hashlib.sha256(DATA).hexdigest()}
    wanted = {"gridmap", "python", "shapely", "GEOS", "pyproj", "PROJ", "geopandas", "pandas", "numpy"}
    assert wanted <= set(found["versions"])


def test_it_says_in_both_languages_that_it_need_not_be_handed_on(tmp_path):
    text = left(tmp_path, record()).read_text(encoding="utf-8")
    assert "For the holder of the data" in text
    assert "供数据保管方留存" in text


def test_it_counts_the_rows_and_names_the_columns_that_were_left_out(tmp_path):
    found = told(tmp_path, record())["tables"]
    assert found["household"] == {"before": 3, "after": 2, "columns_left_out": ["name"]}
    assert found["unit"] == {"before": 1, "after": None, "columns_left_out": ["id", "phone"]}


def test_it_tells_what_was_redacted_and_the_smallest_k(tmp_path):
    assert told(tmp_path, record(), "a.html")["k"] is None
    wider = product_records.Redacted("household", "aggregate", "household_counts", 25, 3, 1, 0)
    dropped = product_records.Redacted("landmark", "drop", "", 0, 9, 4, 5)
    found = told(tmp_path, record(redacted=(wider, AREAS, dropped)))
    assert found["k"] == 10
    assert [one["redaction"] for one in found["redactions"]] == ["aggregate", "areas", "drop"]
    assert found["redactions"][1] == {
        "kind": "household",
        "redaction": "areas",
        "table": "household_areas",
        "k": 10,
        "before": 3,
        "after": 1,
        "left_out": 0,
    }


def test_the_same_product_has_the_same_manifest(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    first, second = left(one, record()).read_bytes(), left(two, record()).read_bytes()
    assert first == second
    assert first.endswith(b"}\n")
    keys = list(json.loads(first))
    assert keys == sorted(keys)


def test_who_keeps_true_ids_has_the_hashes_as_they_are(tmp_path):
    assert told(tmp_path, record())["input"] == {
        "keyed": False,
        "data": SOURCE.data,
        "settings": SOURCE.settings,
        "changed_outside": 0,
    }


def test_a_hash_of_private_data_is_keyed_where_ids_are_new(tmp_path):
    """With a plain one, whoever knows all but one telephone number could try them all."""
    made = record(keeps_ids=False, releases=RELEASES)
    path = left(tmp_path, made)
    text, found = path.read_text(encoding="utf-8"), json.loads(path.read_bytes())
    assert found["input"]["keyed"] is True
    assert found["ids"] == "new"
    assert SOURCE.data not in text
    assert SOURCE.settings not in text
    other = told(tmp_path, record(keeps_ids=False, releases=Releases(b"x" * 32)), "other.html")
    assert other["input"]["data"] != found["input"]["data"]
    assert other["input"]["settings"] != found["input"]["settings"]


def test_the_secret_and_its_keyed_hashes_are_not_those_of_another_receiver(tmp_path):
    recipes = [
        Recipe("map", "partner", unit="U1"),
        Recipe("map", "partner", unit="U2"),
        Recipe("map", "public"),
    ]
    texts = []
    for number, recipe in enumerate(recipes):
        made = record(recipe=recipe, keeps_ids=False, releases=RELEASES)
        texts.append(left(tmp_path, made, f"{number}.html").read_text(encoding="utf-8"))
    assert len({json.loads(text)["input"]["data"] for text in texts}) == 3
    assert not [text for text in texts if RELEASES.secret.hex() in text]


def test_without_a_secret_there_is_no_hash_rather_than_a_plain_one(tmp_path):
    found = told(tmp_path, record(keeps_ids=False))
    assert (found["input"]["data"], found["input"]["settings"]) == (None, None)


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("巴特尔.html", record()),
        ("map.html", record(recipe=Recipe("map", "planner", unit="巴特尔"))),
        ("map.html", record(recipe=Recipe("map", "planner", options={"map": "巴特尔"}))),
    ],
)
def test_a_private_text_in_the_manifest_stops_both_files(tmp_path, name, made):
    secrets = Withheld({"household.name": frozenset({"巴特尔"})})
    with pytest.raises(PublishError) as caught:
        publish.publish(DATA, tmp_path / name, withheld=secrets, record=made)
    assert caught.value.code == "GM602"
    assert caught.value.columns == ("household.name",)
    assert list(tmp_path.iterdir()) == []


def test_what_a_manifest_says_by_itself_gives_nobody_away(tmp_path):
    """A remark "none", a room "1000" or "abcd": such words and digits stand in every manifest."""
    common = Withheld(
        {"household.remark": frozenset({"null", "shapely", "before", "abab", "2.2.0", "output"})}
    )
    out = publish.publish(DATA, tmp_path / "map.html", withheld=common, record=record())
    assert publish.manifest_path(out).exists()
