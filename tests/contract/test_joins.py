"""Two products cannot be joined by their ids, or by the order of their rows."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from canary_unpack import column_texts, page_tables
from scipy.stats import spearmanr

import gridmap as gm
from gridmap.privacy import make_view, prepare
from gridmap.privacy.releases import Releases
from gridmap.sample import demo_tables

HOMES = 400
SECRET, OTHER_SECRET = bytes(range(32)), bytes(range(1, 33))
# Two units that keep zones, one with strongholds, one of the line; a home is a zone's and a stronghold's.
RECEIVERS = [
    ("partner", "U-A1"),
    ("partner", "U-A2"),
    ("partner", "U-P1"),
    ("partner", "U-L1"),
    ("public", None),
]
# A chance of 1 in 10**9 is none. Of n rows in two unrelated orders the number that stand at the same place is
# about Poisson(1), with a mean of 1 whatever n is: k or more have a chance below 1 / k!, and 13! is
# 6 * 10**9. A rank correlation of n such rows has the standard error 1 / sqrt(n - 1), and 6.2 of these are
# a chance of 6 * 10**-10.
MOST_AT_ONE_PLACE, MOST_ERRORS = 13, 6.2
ENOUGH = 25


@pytest.fixture(scope="module")
def area():
    made = gm.memory(demo_tables(households=HOMES, seed=5))
    # Its own is new for every project: a test is the same every day.
    made.remembered = Releases(SECRET)
    made.plan().save()
    return made


@pytest.fixture(scope="module")
def tables(area):
    results = {name: area.table(name) for name in ("sections", "assignments", "findings")}
    return {**area.frames(), **results}


@pytest.fixture(scope="module")
def received(area, tables):
    """Return what each receiver gets: a view by receiver."""
    return {one: view_of(area.spec, tables, one) for one in [*RECEIVERS, ("planner", None)]}


def view_of(spec, tables, receiver, secret=SECRET):
    audience, unit = receiver
    begun = Releases(secret)
    done = prepare(tables, spec, audience, unit=unit, releases=begun)
    return make_view(tables, spec, audience, facts={}, unit=unit, releases=done)


def true_rows(view, name: str, tables) -> pd.Series:
    """Return the true id of every row of a product, by its place: the attacker's prize, known to the test.

    A row is known by all that it shows and does not change; where that is not unique it is left out.
    """
    shown = view.tables[name].frame
    frame = tables[name]
    given = frame.to_crs(shown.crs) if hasattr(shown, "geometry") else frame
    keys = []
    for one in (shown, given):
        if hasattr(one, "geometry"):
            points = one.geometry.representative_point() if name != "household" else one.geometry
            places = zip(points.x.round(view.decimals), points.y.round(view.decimals), strict=True)
            keys.append([*places])
        else:
            keys.append([*one["name"]])
    known = pd.Series(
        given["id"].to_numpy(), index=pd.MultiIndex.from_tuples(keys[1]) if name != "unit" else keys[1]
    )
    known = known[~known.index.duplicated(keep=False)]
    return pd.Series([known.get(key) for key in keys[0]], dtype=object)


def shared(one: pd.Series, other: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return the ranks that the rows in both have among those, in each of the two."""
    both = set(one.dropna()) & set(other.dropna())
    first = {row: at for at, row in enumerate(row for row in one if row in both)}
    second = {row: at for at, row in enumerate(row for row in other if row in both)}
    rows = sorted(both)
    return np.array([first[row] for row in rows]), np.array([second[row] for row in rows])


def assert_orders_are_unrelated(first: np.ndarray, second: np.ndarray) -> None:
    assert len(first) >= ENOUGH, "too few rows in common to tell anything"
    assert int((first == second).sum()) < MOST_AT_ONE_PLACE
    limit = MOST_ERRORS / math.sqrt(len(first) - 1)
    assert abs(spearmanr(first, second).statistic) < limit
    # Nor from behind, nor by neighbours: rows that follow each other in both.
    assert int((first[::-1] == second).sum()) < MOST_AT_ONE_PLACE
    follows = {(a, b) for a, b in zip(np.argsort(first)[:-1], np.argsort(first)[1:], strict=True)}
    again = {(a, b) for a, b in zip(np.argsort(second)[:-1], np.argsort(second)[1:], strict=True)}
    assert len(follows & again) < MOST_AT_ONE_PLACE


def ids(view) -> dict[str, set[str]]:
    return {
        name: {*one.frame["id"].dropna()} for name, one in view.tables.items() if "id" in one.frame.columns
    }


@pytest.mark.parametrize(("one", "other"), [*combinations(RECEIVERS, 2)], ids=str)
def test_no_id_stands_in_two_products(received, one, other):
    first, second = (set().union(*ids(received[receiver]).values()) for receiver in (one, other))
    assert len(first) > ENOUGH
    assert len(second) > ENOUGH
    assert not first & second


@pytest.mark.parametrize("receiver", RECEIVERS, ids=str)
def test_no_true_id_stands_in_a_product_with_new_ones(received, tables, receiver):
    true = {one for name, frame in tables.items() if name != "findings" for one in frame.get("id", ())}
    for name, one in received[receiver].tables.items():
        for column in one.frame.columns:
            if column in {"code", "parent", "gacha", "geometry"}:
                continue  # a township's code is no id of a row, and is on every road sign
            assert not true & {str(cell) for cell in one.frame[column].dropna()}, f"{name}.{column}"


@pytest.mark.parametrize(
    ("one", "other", "name"),
    [
        (("partner", "U-A1"), ("partner", "U-P1"), "household"),
        (("partner", "U-A2"), ("planner", None), "household"),
        (("partner", "U-A1"), ("planner", None), "household"),
        (("partner", "U-A1"), ("partner", "U-A2"), "track"),
        (("partner", "U-A1"), ("public", None), "track"),
        (("public", None), ("planner", None), "track"),
        (("partner", "U-P1"), ("partner", "U-L1"), "landmark"),
        (("partner", "U-A2"), ("planner", None), "landmark"),
    ],
    ids=str,
)
def test_rows_of_two_products_cannot_be_matched_by_their_order(received, tables, one, other, name):
    true = [true_rows(received[receiver], name, tables) for receiver in (one, other)]
    assert_orders_are_unrelated(*shared(*true))


@pytest.mark.parametrize(
    ("receiver", "name"), [(("partner", "U-A1"), "household"), (("public", None), "landmark")]
)
def test_the_order_of_rows_tells_nothing_of_the_place(received, receiver, name):
    frame = received[receiver].tables[name].frame
    for axis in (frame.geometry.x, frame.geometry.y):
        assert abs(spearmanr(range(len(frame)), axis).statistic) < MOST_ERRORS / math.sqrt(len(frame) - 1)


def test_what_stands_for_homes_is_not_numbered_by_place(received):
    """Areas are made in the order of the map: their ids and rows must not be."""
    frame = received["public", None].tables["household_areas"].frame
    other = received["partner", "U-L1"].tables["household_areas"].frame
    assert not {*frame["id"]} & {*other["id"]}
    centres = frame.geometry.representative_point()
    for axis in (centres.x, centres.y):
        assert abs(spearmanr(range(len(frame)), axis).statistic) < MOST_ERRORS / math.sqrt(len(frame) - 1)


def test_rows_of_pages_and_files_stand_in_the_order_of_new_ids(area):
    """What is drawn and written is the view: no writer puts rows back into another order."""
    page = page_tables(area.map(audience="partner", unit="U-A1").data)
    for name, table in page.items():
        if table["ids"] is not None:
            texts = column_texts(table["ids"], table["rows"])
            assert texts == sorted(texts), name
    lines = area.export("household", audience="partner", unit="U-A1", format="csv").data.decode("utf-8-sig")
    listed = [line.split(",")[0] for line in lines.splitlines()[1:]]
    assert listed == sorted(listed)
    assert listed == column_texts(page["household"]["ids"], page["household"]["rows"])


def test_one_receiver_keeps_its_ids_from_release_to_release(area, tables, received):
    """A partner's own notes fit the next edition."""
    receiver = ("partner", "U-A1")
    before = received[receiver].tables["household"].frame
    edited = tables["household"].copy()
    edited["persons"] = edited["persons"] + 1
    edited = edited.drop(index=edited.index[::17]).reset_index(drop=True)
    after = view_of(area.spec, {**tables, "household": edited}, receiver).tables["household"].frame
    assert len(after) < len(before)
    assert {*after["id"]} < {*before["id"]}
    both = after.merge(before, on="id", suffixes=("", "_before"))
    assert (both["name"] == both["name_before"]).all()


def test_the_project_keeps_its_secret_between_products(area):
    first, second = (
        area.export("household", audience="partner", unit="U-A1", format="csv").data for _ in "ab"
    )
    assert first == second


def test_another_projects_secret_gives_other_ids(area, tables, received):
    for receiver in RECEIVERS:
        other = ids(view_of(area.spec, tables, receiver, OTHER_SECRET))
        for name, known in ids(received[receiver]).items():
            assert not known & other[name], name


def test_a_fresh_project_has_a_secret_of_its_own():
    homes = demo_tables(households=30, seed=5)
    first, second = (
        {*ids_of(gm.memory(homes).export("track", audience="public", format="csv").data)} for _ in "ab"
    )
    assert first
    assert not first & second


def ids_of(csv: bytes) -> list[str]:
    return [line.split(",")[0] for line in csv.decode("utf-8-sig").splitlines()[1:]]


@pytest.mark.parametrize("receiver", RECEIVERS, ids=str)
def test_the_order_of_the_input_does_not_matter(area, tables, received, receiver):
    dice = np.random.default_rng(3)
    mixed = {
        name: frame.iloc[dice.permutation(len(frame))].reset_index(drop=True)
        for name, frame in tables.items()
    }
    again = view_of(area.spec, mixed, receiver)
    for name, one in received[receiver].tables.items():
        other = again.tables[name].frame
        assert {*one.frame.columns} == {*other.columns}
        if "id" in one.frame.columns and name != "findings":
            assert one.frame["id"].tolist() == other["id"].tolist(), name
        plain = [column for column in one.frame.columns if column != "geometry"]
        pd.testing.assert_frame_equal(
            pd.DataFrame(one.frame[plain]), pd.DataFrame(other[plain]), check_dtype=False
        )


def test_an_id_tells_nothing_of_the_one_that_it_stands_for(received, tables):
    """New ids look alike whatever the old ones: they are as long, and in another order."""
    for receiver in RECEIVERS:
        for name, known in ids(received[receiver]).items():
            if name != "findings" and known:
                assert len({len(one) for one in known}) == 1, name
    true = true_rows(received["partner", "U-A1"], "household", tables)
    new = received["partner", "U-A1"].tables["household"].frame["id"]
    rows = pd.DataFrame({"true": true, "new": new}).dropna()
    assert_orders_are_unrelated(rows["true"].rank().to_numpy(), rows["new"].rank().to_numpy())
