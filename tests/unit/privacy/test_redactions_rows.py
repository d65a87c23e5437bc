"""Rows that pass rougher, or not at all."""

from __future__ import annotations

import numpy as np
import pytest
from small_country import CODE, admin, households, places

from gridmap import registry
from gridmap.config import RedactionSpec, default_spec
from gridmap.privacy.redaction import Ground

SPEC = default_spec(CODE)


def made(name, rows, **options):
    used = RedactionSpec(kind="household", redaction=name, **options)
    return registry.get("redactions", name).make(rows, used, Ground(SPEC, admin()))


def shown(**counts):
    """Return how many rows are shown under each name."""
    frame = made("generalise", households(places(**counts)), k=10).frame
    return frame["area_name"].value_counts().to_dict()


def test_a_row_is_shown_as_its_gacha():
    homes = households(places(A1=12, B1=15))
    found = made("generalise", homes, columns=("persons",))
    assert found.suffix == "generalised"
    assert list(found.frame.columns) == ["id", "persons", "area_name", "geometry"]
    assert len(found.frame) == 27
    assert found.frame["id"].tolist() == homes["id"].tolist()
    assert found.frame["persons"].tolist() == homes["persons"].tolist()
    assert set(found.frame.geom_type) == {"Polygon"}
    # Not a vertex of what is shown is a home's position.
    assert found.frame.geometry.contains(homes.geometry).all()
    assert found.frame.geometry.nunique() == 2


def test_a_gacha_with_few_homes_goes_a_level_up():
    assert shown(A1=12, A2=5, A3=6, B1=15) == {"嘎查A1": 12, "苏木A": 11, "嘎查B1": 15}


def test_the_few_take_others_with_them():
    """Twelve in A1, four under A: who takes A1 and A3 away from A knows that the four live in A2."""
    assert shown(A1=12, A2=4, A3=30) == {"苏木A": 16, "嘎查A3": 30}
    assert shown(A1=12, A2=4) == {"苏木A": 16}


def test_homes_beside_the_gachas_count_for_the_township():
    assert shown(C1=30, rest=11) == {"嘎查C1": 30, "苏木C": 11}
    assert shown(C1=30, rest=3) == {"苏木C": 33}


def test_what_does_not_come_to_k_at_the_top_is_left_out():
    homes = households(places(A1=15, B1=4, B2=5))
    found = made("generalise", homes)
    assert found.frame["area_name"].unique().tolist() == ["嘎查A1"]
    assert found.group.tolist() == [*range(15), *([-1] * 9)]


def test_generalising_starts_at_the_level_asked_for():
    frame = made("generalise", households(places(A1=15, A2=15)), level="township").frame
    assert frame["area_name"].unique().tolist() == ["苏木A"]


@pytest.mark.parametrize("seed", range(20))
def test_no_place_ever_stands_for_fewer_than_k(seed):
    rng = np.random.default_rng(seed)
    counts = {name: int(rng.integers(0, 25)) for name in ("A1", "A2", "A3", "B1", "B2", "C1", "rest")}
    assert all(size >= 10 for size in shown(**counts).values())


def test_only_rows_with_one_of_the_values_pass():
    homes = households(places(A1=5))
    homes["status"] = ["在用", "停用", None, " 在用 ", "新建"]
    found = made("drop", homes, only={"status": ("在用", "新建")})
    assert found.suffix == ""
    assert found.frame["id"].tolist() == ["H0000", "H0003", "H0004"]
    assert found.group.tolist() == [0, -1, -1, 1, 2]
    assert list(found.frame.columns) == list(homes.columns)


def test_truth_values_are_by_the_words_of_the_settings():
    homes = households(places(A1=8))
    found = made("drop", homes, only={"stronghold": ("false",)})
    assert found.group.tolist() == [-1, 0, 1, 2, 3, 4, 5, -1]


def test_dropping_without_values_drops_all():
    found = made("drop", households(places(A1=5)))
    assert len(found.frame) == 0
    assert found.group.tolist() == [-1] * 5


def test_a_row_that_cannot_be_judged_does_not_pass():
    """The column that tells a boundary marker from a port is not in the table."""
    homes = households(places(A1=5)).drop(columns="status")
    assert len(made("drop", homes, only={"status": ("停用",)}).frame) == 0


def test_a_row_must_be_harmless_in_every_column():
    homes = households(places(A1=5))
    homes["status"] = ["停用", "在用", "在用", "在用", "在用"]
    homes["persons"] = [3, 3, 2, 3, 3]
    found = made("drop", homes, only={"status": ("在用",), "persons": ("3",)})
    assert found.group.tolist() == [-1, 0, -1, 1, 2]
