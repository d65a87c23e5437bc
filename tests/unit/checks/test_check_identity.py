import pytest
from drawn_area import box, point


@pytest.mark.parametrize(
    ("code", "kind", "name", "values"),
    [
        ("value-missing", "household", "h2", {"persons": None}),
        ("value-missing", "household", "h2", {"stronghold": None}),
        ("value-missing", "outpost", "o1", {"name": "  "}),
        ("value-missing", "outpost", "o2", {"unit": None}),
        ("value-not-allowed", "track", "t1", {"class": "footpath"}),
        ("value-out-of-range", "household", "h2", {"persons": -1}),
        ("value-out-of-range", "household", "h2", {"persons": 61}),
        ("text-mojibake", "outpost", "o1", {"name": "锟斤拷哨所"}),
        ("text-mojibake", "outpost", "o1", {"name": "\ufffd"}),
        ("text-mojibake", "household", "h1", {"name": "å“¨æ‰€"}),
        ("text-control", "outpost", "o1", {"name": "one\u202e"}),
        ("text-control", "outpost", "o1", {"name": "one\ntwo"}),
        ("reference-dangling", "outpost", "o2", {"unit": "nobody"}),
        ("reference-dangling", "household", "h2", {"gacha": "150223999999"}),
        ("reference-dangling", "admin", "150223102201", {"parent": "nowhere"}),
        ("name-duplicate", "outpost", "o2", {"name": "one"}),
        ("name-duplicate", "admin", "150223102201", {"name": "n150223102200"}),
    ],
)
def test_a_faulty_value_is_found_once(area, code, kind, name, values):
    area.change(kind, name, **values)
    assert area.found() == [(code, kind, name)]


@pytest.mark.parametrize(
    "name", ["ᠮᠣᠩᠭᠣᠯ\u202fᠤᠨ", "满都拉镇 一", "Ünïcödé", "O'Neil <b>{{x}}</b> ${y} `z` \\ %s"]
)
def test_scripts_that_are_only_unusual_are_not_faults(area, name):
    area.change("outpost", "o1", name=name)
    assert area.found() == []


def test_a_full_limit_is_within_range(area):
    area.change("household", "h2", persons=60).change("household", "h3", persons=1)
    assert area.found() == []


def test_messages_name_the_column_and_show_public_values(area):
    area.change("track", "t1", **{"class": "foot\u202epath"}).change("household", "h2", persons=61)
    said = [f.message for f in area.findings()]
    assert any("persons 61" in message and "at most 60" in message for message in said)
    assert "\u202e" not in "".join(said)


@pytest.mark.parametrize("name", [" o3", "o3 ", "o/3", "o:3", "o\t3", "o<3>"])
def test_an_untidy_id_is_found(area, name):
    area.add("outpost", id=name, name="three", unit="ua", geometry=point(30, 5))
    assert area.found() == [("id-untidy", "outpost", name)]


@pytest.mark.parametrize("name", ["O1", "ｏ1", "o１"])
def test_ids_that_look_alike_are_found_at_the_later_one(area, name):
    area.add("outpost", id=name, name="three", unit="ua", geometry=point(30, 5))
    (finding,) = area.findings()
    assert (finding.code, {finding.id, *finding.related}) == ("id-lookalike", {name, "o1"})
    assert finding.id == max(name, "o1")


def test_a_code_used_twice_is_one_finding_though_everything_hangs_on_it(area):
    area.add("admin", **area.admin("150223102200", box(12, 2, 13, 3), "150223102", id="x", name="other"))
    area.add("household", **area.home("h4", 12.5, 2.5, "150223102200"))
    assert area.found() == [("code-duplicate", "admin", "x")]


def test_a_misspelt_unit_is_one_finding_and_says_which_is_meant(area):
    area.change("outpost", "o1", unit="u l")
    (finding,) = area.findings()
    assert (finding.code, finding.id) == ("reference-dangling", "o1")
    assert area.change("outpost", "o1", unit="ull").findings().items[0].fix.startswith("did you mean 'ul'?")
    assert len(area.findings()) == 1


def test_a_missing_code_is_one_finding_though_rows_refer_to_it(area):
    area.change("admin", "150223102200", code=None)
    assert area.found() == [("value-missing", "admin", "150223102200")]


def test_a_damaged_code_is_one_finding_though_rows_refer_to_it(area):
    area.change("admin", "150223102200", code="15022310220O")
    assert area.found() == [("code-pattern", "admin", "150223102200")]


def test_the_same_name_in_two_townships_is_no_fault(area):
    area.change("admin", "150223108200", name="n150223102200")
    assert area.found() == []


def test_the_values_of_a_private_column_are_in_no_message(area):
    columns = area.spec.kinds["admin"].columns
    secret = {name: columns[name].model_copy(update={"private": True}) for name in ("code", "parent")}
    admin = area.spec.kinds["admin"].model_copy(update={"columns": {**columns, **secret}})
    area.spec = area.spec.model_copy(update={"kinds": {**area.spec.kinds, "admin": admin}})
    area.row("admin", "150223102200").update(code="99-SECRET")
    area.row("admin", "150223102201").update(parent="150223108200")
    area.row("admin", "150223108201").update(code="150223102201")
    found = area.findings()
    assert {one.code for one in found} >= {"code-pattern", "code-duplicate"}
    assert not [
        one for one in found if one.table == "admin" and ("SECRET" in one.message or "'15" in one.message)
    ]
    assert not [one for one in found if "did you mean" in one.fix]
