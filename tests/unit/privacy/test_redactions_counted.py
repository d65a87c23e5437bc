"""Areas and counts: nothing shown stands for fewer than k homes, and no difference of two figures does."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from small_country import CODE, admin, households, places

from gridmap import registry
from gridmap.config import RedactionSpec, default_spec
from gridmap.errors import ConfigError, InternalError
from gridmap.geo import point_xy
from gridmap.privacy.partition import Partition
from gridmap.privacy.partition_units import units_of
from gridmap.privacy.redaction import Ground

SPEC = default_spec(CODE)
MIXED = {"A1": 60, "A2": 3, "A3": 25, "B1": 2, "B2": 40, "C1": 5, "rest": 4}


def ground(rows, k=10):
    partition = Partition.build(point_xy(rows.geometry), units_of(admin(), SPEC), k=k, cell_m=1000.0)
    return Ground(SPEC, admin(), partition)


def made(name, rows, given=None, **options):
    used = RedactionSpec(kind="household", redaction=name, **{"columns": ("persons",), **options})
    return registry.get("redactions", name).make(rows, used, given or ground(rows))


def rows_of(frame):
    """Return what a reader sees, without the order."""
    plain = frame.drop(columns="geometry").assign(shape=shapely.to_wkt(frame.geometry.to_numpy()))
    return sorted(map(tuple, plain.astype(str).to_numpy().tolist()))


@pytest.mark.parametrize(("name", "suffix"), [("areas", "areas"), ("aggregate", "counts")])
def test_every_row_stands_for_k_homes_or_more(name, suffix):
    homes = households(places(**MIXED))
    found = made(name, homes)
    assert found.suffix == suffix
    assert isinstance(found.frame, gpd.GeoDataFrame)
    assert list(found.frame.columns) == ["id", "area_name", "rows", "persons", "geometry"]
    assert found.frame["rows"].min() >= 10
    assert found.frame["rows"].sum() == len(homes) == (found.group >= 0).sum()
    assert found.frame["persons"].sum() == homes["persons"].sum()
    assert np.array_equal(np.bincount(found.group), found.frame["rows"])
    inside = shapely.dwithin(found.frame.geometry.to_numpy()[found.group], homes.geometry.to_numpy(), 0.01)
    assert inside.all()
    assert found.frame["id"].is_unique
    assert "秘密" not in found.frame.drop(columns="geometry").to_csv()


@pytest.mark.parametrize("name", ["areas", "aggregate", "generalise"])
def test_the_order_of_rows_tells_nothing(name):
    homes = households(places(**MIXED))
    shuffled = homes.sample(frac=1, random_state=3)
    given = ground(homes)
    one, other = made(name, homes, given), made(name, shuffled, given)
    pd.testing.assert_frame_equal(pd.DataFrame(one.frame), pd.DataFrame(other.frame))
    assert np.array_equal(one.group[shuffled.index], other.group)


@pytest.mark.parametrize("name", ["areas", "aggregate", "generalise"])
def test_fewer_than_k_homes_are_not_shown_at_all(name):
    found = made(name, households(places(A1=5, C1=4)))
    assert len(found.frame) == 0
    assert found.group.tolist() == [-1] * 9
    assert "geometry" in found.frame.columns
    assert len(made(name, households(places())).frame) == 0


@pytest.mark.parametrize("name", ["areas", "aggregate", "generalise"])
def test_homes_in_no_unit_are_left_out_and_told(name):
    outside = np.array([(0.0, 0.0), (np.nan, np.nan)])
    homes = households(np.vstack([places(A1=20), outside]))
    found = made(name, homes, ground(homes))
    assert found.group[-2:].tolist() == [-1, -1]
    assert (found.group[:-2] >= 0).all()


def test_a_count_by_unit_is_a_sum_of_whole_areas():
    """A count by gacha less the areas in it must not leave the three homes of a small gacha."""
    homes = households(places(**MIXED))
    given = ground(homes)
    areas = made("areas", homes, given)
    for level in ("gacha", "township"):
        counts = made("aggregate", homes, given, level=level)
        pairs = set(zip(areas.group.tolist(), counts.group.tolist(), strict=True))
        assert len(pairs) == len(areas.frame)
        for number, row in counts.frame.iterrows():
            parts = areas.frame.iloc[[area for area, count in pairs if count == number]]
            assert row["rows"] == parts["rows"].sum()
            assert row["persons"] == parts["persons"].sum()
            assert row.geometry.area == pytest.approx(shapely.union_all(parts.geometry).area)


def test_units_that_are_shown_together_are_named_together():
    counts = made("aggregate", households(places(**MIXED)), level="township")
    assert counts.frame["area_name"].tolist() == ["苏木A", "苏木B、苏木C"]
    by_gacha = made("aggregate", households(places(**MIXED)))
    assert "嘎查B1、嘎查B2" in "".join(by_gacha.frame["area_name"])
    # Township A has no ground beside its gachas, and is not named beside them.
    assert "苏木A" not in "".join(by_gacha.frame["area_name"])


def test_the_default_level_is_the_lowest():
    homes = households(places(A1=20, A2=20, B1=20))
    assert rows_of(made("aggregate", homes).frame) == rows_of(made("aggregate", homes, level="gacha").frame)


def test_an_area_says_what_it_lies_in():
    homes = households(places(A1=60, A2=15, A3=15, B1=30, B2=3, C1=20))
    names = made("areas", homes).frame["area_name"].tolist()
    assert names[:2] == ["嘎查A1", "嘎查A1"]
    assert "嘎查B1、嘎查B2" in names


def test_an_area_of_units_where_nobody_lives_names_them_all():
    names = set(made("areas", households(places(A1=15))).frame["area_name"])
    assert len(names) == 1
    assert all(f"嘎查{code}" in name for name in names for code in ("A1", "A2", "B1", "C1"))


def test_what_is_missing_counts_nothing():
    homes = households(places(A1=20))
    homes.loc[3, "persons"] = pd.NA
    homes.loc[4, "stronghold"] = pd.NA
    frame = made("areas", homes, columns=("persons", "stronghold")).frame
    assert frame["persons"].sum() == homes["persons"].sum()
    assert frame["stronghold"].sum() == homes["stronghold"].sum()
    assert str(frame["persons"].dtype) == "Int64"


@pytest.mark.parametrize("column", ["status", "gacha"])
def test_text_cannot_be_added_up(column):
    with pytest.raises(ConfigError, match="GM103") as refused:
        made("areas", households(places(A1=20)).assign(gacha="A1"), columns=(column,))
    assert column in str(refused.value)


def test_a_column_that_is_made_cannot_be_added_up():
    """The number of homes must not be replaced by a column of the same name."""
    kind = SPEC.kinds["household"]
    columns = {**kind.columns, "rows": kind.columns["persons"]}
    spec = SPEC.model_copy(
        update={"kinds": {**SPEC.kinds, "household": kind.model_copy(update={"columns": columns})}}
    )
    homes = households(places(A1=20)).assign(rows=1)
    given = Ground(spec, admin(), ground(homes).partition)
    with pytest.raises(ConfigError, match="GM103"):
        made("areas", homes, given, columns=("rows",))


def test_a_part_of_the_homes_gets_areas_with_k_of_that_part():
    """A partner who sees its own homes in full must not be left with three of somebody else's."""
    homes = households(places(A1=200, B1=60))
    given = ground(homes)
    others = homes[np.arange(len(homes)) % 4 == 0]
    found = made("areas", others, given)
    assert found.frame["rows"].min() >= 10
    assert found.frame["rows"].sum() == len(others)
    assert len(found.frame) < len(made("areas", homes, given).frame)


def test_areas_without_the_projects_partition_are_a_fault_of_ours():
    homes = households(places(A1=20))
    with pytest.raises(InternalError, match="GM900"):
        made("areas", homes, Ground(SPEC, admin()))


def test_the_last_digit_of_a_sum_does_not_tell_the_order_of_rows():
    schema = SPEC.kinds["household"].columns["persons"].model_copy(update={"type": "real"})
    kind = SPEC.kinds["household"]
    kind = kind.model_copy(update={"columns": {**kind.columns, "persons": schema}})
    spec = SPEC.model_copy(update={"kinds": {**SPEC.kinds, "household": kind}})
    homes = households(places(A1=40)).assign(persons=np.random.default_rng(1).random(40) * 1e3)
    given = Ground(spec, admin(), ground(homes).partition)
    mixed = homes.iloc[np.random.default_rng(2).permutation(40)]
    assert homes["persons"].to_numpy().cumsum()[-1] != mixed["persons"].to_numpy().cumsum()[-1]
    sums = [made("areas", rows, given).frame["persons"].tolist() for rows in (homes, mixed)]
    assert sums[0] == sums[1]
