"""The faults that no store can hold: an import must put each aside with its reason, and take the rest in."""

from __future__ import annotations

import csv
import io

import pytest

import gridmap as gm
from gridmap.config import default_spec
from gridmap.sample import FILE_NAME, demo_tables, unstorable_file


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    with gm.demo(tmp_path_factory.mktemp("unstorable") / "area", households=200, faults=True) as area:
        yield area


@pytest.fixture(scope="module")
def report(faulty):
    return faulty.import_file(faulty.folder / FILE_NAME, kind="household")


def test_every_planted_row_is_quarantined_with_its_reason_and_no_other(faulty, report):
    wanted = {(one["row"], one["column"]): one["reason"] for one in faulty.unstorable}
    misfits = {(one.row, one.column): one.reason for one in report.misfits}
    assert {row for row, _ in misfits} == {row for row, _ in wanted}
    for place, part in wanted.items():
        assert part in misfits[place], place
    waiting = faulty.table("quarantine")
    assert len(waiting) == report.quarantined == len(faulty.unstorable)
    assert set(waiting["row"]) == {one["row"] for one in faulty.unstorable}


def test_sound_rows_come_in_and_nothing_is_lost(report):
    assert report.added == report.accepted == 3
    assert report.accepted + report.quarantined == report.rows


def test_what_came_in_is_sound(faulty, report):
    assert report.stored
    new = {one for one in faulty.table("household")["id"] if one.startswith("X")}
    assert len(new) == 3
    assert not new & {one.id for one in faulty.check()}


def test_reasons_hold_no_value(report):
    said = " ".join(one.reason for one in report.misfits)
    for value in ("many", "3.5", "perhaps", "soon", "锟斤拷"):
        assert value not in said


def test_every_row_says_that_it_is_synthetic(faulty):
    text = (faulty.folder / FILE_NAME).read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == len(faulty.unstorable) + 3
    assert all(row["synthetic"].startswith("synthetic 合成数据") for row in rows)


@pytest.mark.parametrize("households", [1, 1400])
def test_the_same_seed_gives_the_same_file(households):
    tables = demo_tables(households=households)
    first, second = (unstorable_file(tables, default_spec(), seed=7) for _ in range(2))
    assert first == second
    assert unstorable_file(tables, default_spec(), seed=8)[0] != first[0]


def test_a_demo_without_faults_has_no_such_file(tmp_path):
    with gm.demo(tmp_path / "area", households=20) as area:
        assert not (area.folder / FILE_NAME).exists()
        assert area.unstorable == []
