import pytest

from gridmap.assign import arrange
from gridmap.checks import check_tables, codes
from gridmap.config import default_spec
from gridmap.sample.area import demo_tables
from gridmap.sample.faults import plant_faults

SPEC = default_spec()


def listed(planted):
    return {(one["code"], one["table"], one["id"]) for one in planted}


@pytest.mark.parametrize("households", [1, 200, 1400, 5000])
@pytest.mark.parametrize("seed", [1, 7])
def test_every_planted_fault_is_found_and_nothing_else(households, seed):
    tables = demo_tables(households=households, seed=seed)
    planted_tables, planted = plant_faults(tables, SPEC, seed=seed)
    findings = check_tables(planted_tables, SPEC)
    assert {(one.code, one.table, one.id) for one in findings} == listed(planted)
    assert len(findings) == len(planted)
    assert {one["code"] for one in planted} == {code for code, doc in codes().items() if doc.stored}
    assert len(arrange(planted_tables, SPEC, known=findings).findings) == 0


def test_planting_leaves_the_clean_area_alone():
    tables = demo_tables(households=200)
    before = {kind: frame.copy(deep=True) for kind, frame in tables.items()}
    planted_tables, _ = plant_faults(tables, SPEC, seed=7)
    assert all(tables[kind].equals(before[kind]) for kind in tables)
    assert len(check_tables(tables, SPEC)) == 0
    for kind, frame in planted_tables.items():
        assert frame["id"].tolist() == sorted(frame["id"])
        assert frame.dtypes.equals(tables[kind].dtypes)


def test_the_same_seed_plants_the_same():
    tables = demo_tables(households=200)
    (first, told), (second, again) = (plant_faults(tables, SPEC, seed=3) for _ in range(2))
    assert told == again
    assert all(first[kind].equals(second[kind]) for kind in first)
    other, _ = plant_faults(tables, SPEC, seed=4)
    assert not all(first[kind].equals(other[kind]) for kind in first)


def test_a_gap_has_no_id():
    _, planted = plant_faults(demo_tables(households=200), SPEC, seed=7)
    assert {one["code"] for one in planted if one["id"] is None} == {"township-gap", "gacha-gap"}
