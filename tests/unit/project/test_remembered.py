"""What a project remembers of its releases, and that a unit gets what is assigned to it now."""

from __future__ import annotations

import csv
import io
import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

import gridmap as gm
from gridmap.errors import ConfigError

UNIT = {"audience": "partner", "unit": "U-A1", "format": "csv"}


@pytest.fixture
def stored(tmp_path):
    with gm.demo(tmp_path / "area", households=60) as made:
        yield made


def names(product):
    return {row["name"] for row in csv.DictReader(io.StringIO(product.data.decode("utf-8-sig")))}


@pytest.mark.skipif(os.name != "posix", reason="rights as POSIX has them")
def test_the_secret_is_readable_for_its_owner_alone(stored):
    stored.export("household", **UNIT)
    kept = stored.folder / "releases.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    # A copy that was put back may be readable for everybody.
    kept.chmod(0o644)
    stored.export("household", **UNIT)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_link_that_leads_nowhere_is_no_beginning(stored):
    kept = stored.folder / "releases.json"
    kept.symlink_to(stored.folder / "elsewhere.json")
    with pytest.raises(ConfigError) as caught:
        stored.export("household", **UNIT)
    assert caught.value.code == "GM112"
    assert kept.is_symlink()


def test_a_unit_gets_the_homes_that_it_leads_now_not_when_results_were_stored(stored):
    stored.assign().save()
    before = names(stored.export("household", **UNIT))
    homes = stored.table("household")
    mine, others = homes["name"].isin(before), ~homes["name"].isin(before)
    assert mine.any()
    assert others.any()
    # One of the others moves beside one of the unit's own.
    moved = homes[others].index[0]
    homes.loc[moved, "geometry"] = homes[mine].geometry.iloc[0]
    homes.loc[moved, "unit"] = None
    stored.save(homes, kind="household")
    assert homes["name"][moved] in names(stored.export("household", **UNIT))


def test_of_two_at_once_neither_loses_what_the_other_remembers(stored):
    with ThreadPoolExecutor(3) as pool:
        for one in ("U-A1", "U-A2", "U-A3"):
            pool.submit(exported_apart, stored.folder, one)
    kept = json.loads((stored.folder / "releases.json").read_text(encoding="utf-8"))["partitions"]
    assert {name.rpartition("/")[2] for name in kept} >= {"U-A1", "U-A2", "U-A3"}


def exported_apart(folder, unit):
    with gm.open(folder) as area:
        return area.export("household", audience="partner", unit=unit, format="csv")
