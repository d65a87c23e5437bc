import re
from pathlib import Path

import pytest

from gridmap import checks, registry
from gridmap.checks import check_frame, check_tables, codes, reference_text
from gridmap.errors import ConfigError

ROOT = Path(__file__).parents[3]


def test_a_clean_area_has_no_findings(area):
    assert area.found() == []


def test_there_are_enough_kinds_of_fault_and_each_is_documented():
    assert sum(doc.stored for doc in codes().values()) >= 25
    for code, doc in codes().items():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)+", code), code
        assert doc.code == code
        assert doc.level in {"error", "warning", "info"}
        assert doc.title.en
        assert re.search("[\u4e00-\u9fff]", doc.title.zh), code
        assert doc.fix


def test_the_reference_is_made_from_the_code():
    path = ROOT / "docs" / "reference" / "checks.md"
    assert path.read_text(encoding="utf-8") == reference_text()


def test_every_family_comes_in_by_the_registry():
    assert set(registry.names("checks")) >= {"geometry", "identity", "topology", "domain"}
    listed = {doc.code for family in registry.everything("checks").values() for c in family for doc in c.docs}
    assert listed <= set(codes())


def test_the_order_of_rows_and_of_tables_changes_nothing(area):
    area.change("household", "h2", persons=None).change("unit", "ul", layer="lien")
    area.add(
        "admin", **area.admin("150223108202", area.row("admin", "150223108200")["geometry"], "150223108")
    )
    area.add("border", id="b3", geometry=area.row("border", "b1")["geometry"])
    tables = area.tables()
    mixed = {kind: tables[kind].sample(frac=1, random_state=5) for kind in reversed(tables)}
    expected = check_tables(tables, area.spec)
    assert len(expected) >= 4
    assert check_tables(mixed, area.spec).to_json() == expected.to_json()


def test_the_tables_are_left_as_they_were(area):
    area.change("household", "h2", persons=None)
    tables = area.tables()
    before = {kind: frame.copy(deep=True) for kind, frame in tables.items()}
    check_tables(tables, area.spec)
    assert all(tables[kind].equals(before[kind]) for kind in tables)


def test_no_finding_shows_a_private_value(area):
    area.change("household", "h1", name="PRIVATE\u200bNAME", persons=99)
    area.change("household", "h2", contact="PRIVATE锟斤拷", gacha="nowhere")
    findings = area.findings()
    assert len(findings) == 4
    assert "PRIVATE" not in str(findings.to_json())


def test_a_kind_that_is_left_out_is_not_judged(area):
    tables = area.tables()
    del tables["unit"], tables["admin"]
    assert len(check_tables(tables, area.spec)) == 0


def test_an_unknown_kind_is_said(area):
    with pytest.raises(ConfigError, match="GM105"):
        check_frame(area.frame("unit"), kind="units", spec=area.spec)


def test_two_checks_with_one_code_are_refused(monkeypatch):
    twice = {"a": registry.get("checks", "topology"), "b": registry.get("checks", "topology")}
    engine = checks.engine
    monkeypatch.setattr(registry, "everything", lambda _group: twice)
    engine.in_order.cache_clear()
    engine.codes.cache_clear()
    try:
        with pytest.raises(ConfigError, match="GM110"):
            engine.codes()
    finally:
        engine.in_order.cache_clear()
        engine.codes.cache_clear()


def test_the_package_has_no_other_late_names():
    with pytest.raises(AttributeError, match="NOTHING"):
        _ = checks.NOTHING
