"""An honest product is never refused: a guard that cries wolf is switched off."""

from __future__ import annotations

import base64
import json
import random
import sqlite3

import numpy as np
import pytest
import shapely

import gridmap as gm
from gridmap import registry
from gridmap.config import default_spec
from gridmap.errors import ConfigError
from gridmap.exchange import write_table
from gridmap.privacy import Withheld, make_view, withheld
from gridmap.privacy.coordinates import exact_coordinates
from gridmap.publish import guard

FORMATS = sorted(one.name for one in registry.everything("formats").values() if one.write is not None)
WAYS = (
    {},
    {"crs": "EPSG:4508"},
    {"crs": "EPSG:3857"},
    {"datum": "gcj02"},
    {"encoding": "gb18030"},
)


@pytest.fixture(scope="module")
def area():
    return gm.demo(households=80, seed=11)


@pytest.fixture(scope="module")
def plan(area):
    return area.assign()


@pytest.fixture(scope="module", params=["planner", "custodian", "coarse"])
def cleared(request, area, plan):
    """A view, and what it left out; also for planners who see less exactly."""
    tables = {**area.frames(), **plan.results()}
    spec = default_spec()
    coarse = spec.audiences["planner"].model_copy(update={"decimals": 3})
    spec = spec.model_copy(update={"audiences": {**spec.audiences, "coarse": coarse}})
    view = make_view(tables, spec, request.param, facts={})
    return view, withheld(tables, spec, view)


@pytest.mark.parametrize("fmt", FORMATS)
def test_every_table_in_every_format_passes(cleared, fmt):
    view, kept = cleared
    done = 0
    for table in ("household", "admin", "border", "sections", "assignments", "section_plan"):
        for way in WAYS if table == "household" else WAYS[:1]:
            try:
                data = write_table(view, table, fmt, **way)
            except ConfigError:
                continue
            guard(data, kept, where="x")
            done += 1
    assert done >= 6


@pytest.mark.parametrize("audience", ["planner", "custodian"])
def test_maps_and_summaries_pass(plan, audience, tmp_path):
    plan.map(audience=audience).save(tmp_path / "map.html")
    plan.summary(audience=audience).save(tmp_path / "summary.html")


def names(count: int, letters: str, size: int) -> frozenset[str]:
    dice = random.Random(size)  # noqa: S311 - test data
    return frozenset("".join(dice.choices(letters, k=size)) for _ in range(count))


def test_short_texts_in_packed_bytes_are_chance():
    noise = random.Random(1).randbytes(2_000_000)  # noqa: S311 - test data
    kept = Withheld({"household.name": names(20_000, "abcdefghijklmnopqrstuvwxyz", 4)})
    for data in (
        noise,
        json.dumps({"a": base64.b64encode(noise).decode()}).encode(),
        b"sha256-" + base64.b64encode(noise[:32]) + b" " + noise[:4096].hex().encode(),
    ):
        guard(data, kept, where="x")
    # The same texts in a text are no chance.
    with pytest.raises(gm.errors.PublishError):
        guard(b"call " + sorted(kept.by_column["household.name"])[5].encode(), kept, where="x")


def test_two_ideographs_in_packed_bytes_are_chance():
    noise = random.Random(2).randbytes(1_000_000)  # noqa: S311 - test data
    letters = "".join(map(chr, range(0x4E00, 0x4E00 + 900)))
    guard(noise, Withheld({"household.name": names(50_000, letters, 2)}), where="x")


def test_short_numbers_in_codes_and_coordinates_are_chance():
    """Twenty thousand telephone numbers of seven digits stand in any long table of codes."""
    kept = Withheld({"household.contact": frozenset(f"{n:07d}" for n in range(0, 10_000_000, 500))})
    dice = random.Random(3)  # noqa: S311 - test data
    rows = "\n".join(f"{dice.randrange(10**12)},{dice.random():.9f}" for _ in range(3000))
    guard(rows.encode(), kept, where="x")
    with pytest.raises(gm.errors.PublishError):
        guard(f"{rows}\n0000500\n".encode(), kept, where="x")


@pytest.fixture(scope="module")
def crowd():
    """Thirty thousand homes, crowded in valleys."""
    dice = np.random.default_rng(5)
    middles = dice.uniform([360_000, 4_650_000], [480_000, 4_760_000], size=(40, 2))
    xy = middles[dice.integers(0, 40, 30_000)] + dice.normal(0, 2500, size=(30_000, 2))
    frame = gm.demo(households=10).table("household").iloc[[0] * len(xy)]
    homes = frame.set_geometry(shapely.points(np.round(xy, 3))).set_crs("EPSG:4508", allow_override=True)
    return Withheld({}, coordinates=exact_coordinates({"household": homes}, "EPSG:4508", 5)), np.round(xy, 3)


def test_a_column_of_metres_is_not_a_column_of_northings(crowd):
    kept, xy = crowd
    dice = np.random.default_rng(6)
    for low, high in ((370_000, 470_000), (4_660_000, 4_750_000)):
        for decimals in (1, 2, 3):
            values = dice.uniform(low, high, 20_000)
            guard("\n".join(f"a,{one:.{decimals}f}" for one in values).encode(), kept, where="x")
    pairs = dice.uniform([370_000, 4_660_000], [470_000, 4_750_000], (20_000, 2))
    guard("\n".join(f"{x:.3f},{y:.3f}" for x, y in pairs).encode(), kept, where="x")
    # Among them the northings of all homes, and the place of one.
    mixed = [*dice.uniform(4_660_000, 4_750_000, 20_000), *xy[:20_000, 1]]
    for data in (
        "\n".join(f"a,{one:.3f}" for one in mixed),
        "\n".join(f"{x:.3f},{y:.3f}" for x, y in [*pairs, xy[77]]),
    ):
        with pytest.raises(gm.errors.PublishError, match=r"household\.geometry"):
            guard(data.encode(), kept, where="x")


def test_random_bytes_hold_no_coordinate(crowd):
    kept, _ = crowd
    guard(random.Random(4).randbytes(3_000_000), kept, where="x")  # noqa: S311 - test data


def test_the_end_of_one_text_and_the_beginning_of_the_next_are_nobodys_name():
    """A database has nothing between the texts of a row: two villages side by side spell a third."""
    with sqlite3.connect(":memory:") as base:
        base.execute("CREATE TABLE t (a TEXT, b TEXT)")
        base.execute("INSERT INTO t VALUES ('乌兰', '察布')")
        honest = base.serialize()
        base.execute("INSERT INTO t VALUES ('x', '叫兰察的人')")
        leaky = base.serialize()
    base.close()
    kept = Withheld({"household.name": frozenset({"兰察"})})
    guard(honest, kept, where="x")
    with pytest.raises(gm.errors.PublishError):
        guard(leaky, kept, where="x")


@pytest.mark.parametrize("name", ["本户", "Mongol", "最近的"])
def test_a_home_that_is_called_like_a_word_of_every_page_or_workbook_stops_nothing(name, tmp_path):
    with gm.demo(households=40, seed=3) as area:
        homes = area.frames()["household"]
        homes["name"] = name
        named = gm.memory({**area.frames(), "household": homes}, spec=area.spec)
        named.assign().map(audience="planner").save(tmp_path / "map.html")
        named.export("patrol_zone", audience="planner", format="xlsx").save(tmp_path / "zones.xlsx")
