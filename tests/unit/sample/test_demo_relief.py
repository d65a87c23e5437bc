"""The synthetic relief: a grid that every GIS reads and that falls from south to north."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
import shapely

from gridmap.sample import demo_tables, relief_grid


@pytest.fixture(scope="module")
def text():
    return relief_grid(seed=7)


def parsed(text):
    lines = text.splitlines()
    header = {key: float(value) for key, value in (line.split() for line in lines[:6])}
    return header, np.array([[int(cell) for cell in line.split()] for line in lines[6:]])


def test_the_grid_is_whole_and_small_enough_to_mail(text):
    header, cells = parsed(text)
    assert cells.shape == (header["nrows"], header["ncols"])
    assert len(text) < 600_000
    assert text.endswith("\n")
    assert "\r" not in text


def test_heights_are_those_of_a_steppe_that_falls_northward(text):
    _, cells = parsed(text)
    assert 1_000 < cells.min() < cells.max() < 1_900
    assert cells[-40:].mean() - cells[:40].mean() > 250
    assert np.abs(np.diff(cells, axis=0)).max() < 120


def test_the_grid_covers_the_whole_area_with_a_margin(text):
    header, _ = parsed(text)
    west, south = header["xllcorner"], header["yllcorner"]
    east = west + header["ncols"] * header["cellsize"]
    north = south + header["nrows"] * header["cellsize"]
    area = shapely.box(west, south, east, north)
    for seed in (7, 8):
        admin = demo_tables(households=1, seed=seed)["admin"]
        assert area.buffer(-3_000).covers(shapely.union_all(admin.geometry.to_numpy()))


def test_the_relief_is_the_same_on_every_machine(text):
    assert hashlib.blake2b(text.encode(), digest_size=8).hexdigest() == "94a3eaf999571a15"


def test_another_seed_has_other_hills(text):
    assert relief_grid(seed=8) != text
