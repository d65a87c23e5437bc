"""The hand-laid plan of the demo area and its official codes, read from the package's data files."""

from __future__ import annotations

import csv
import json
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from pyproj import Transformer

from gridmap.sample.dice import Floats
from gridmap.sample.plane import MM

CRS = "EPSG:4508"
WEST, EAST = 109.387, 110.333


@dataclass(frozen=True, slots=True)
class Zone:
    """One face of the plan: the gacha it belongs to and its ring of node names."""

    gacha: str
    ring: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """The plan: border nodes as shares of its length, free nodes and places as (2,) metres of EPSG:4508."""

    border: dict[str, float]
    nodes: dict[str, Floats]
    zones: tuple[Zone, ...]
    seats: dict[str, Floats]
    exits: dict[str, Floats]
    posts: dict[str, Floats]


@dataclass(frozen=True, slots=True)
class Code:
    """One row of the official code list."""

    code: str
    name: str
    level: str
    parent: str | None


def _text(name: str) -> str:
    return resources.files("gridmap.sample").joinpath("data", name).read_text(encoding="utf-8")


def _metres(kilometres: dict[str, list[float]]) -> dict[str, Floats]:
    return {name: np.array(xy) * 1000.0 for name, xy in kilometres.items()}


@cache
def layout() -> Layout:
    """Return the plan."""
    raw = tomllib.loads(_text("layout.toml"))
    seats = np.array(list(raw["seats"].values()))
    return Layout(
        border=raw["border"],
        nodes=_metres(raw["nodes"]),
        zones=tuple(Zone(zone["gacha"], tuple(zone["ring"])) for zone in raw["zones"]),
        seats=dict(zip(raw["seats"], to_metres(seats), strict=True)),
        exits=_metres(raw["exits"]),
        posts=_metres(raw["posts"]),
    )


@cache
def codes() -> tuple[Code, ...]:
    """Return the townships and gachas of the demo with their official codes, townships first."""
    rows = csv.DictReader(_text("admin_codes.csv").splitlines())
    return tuple(Code(row["code"], row["name"], row["level"], row["parent"] or None) for row in rows)


def to_metres(lonlat: Floats) -> Floats:
    """Return degrees (n, 2) as metres of EPSG:4508, rounded to the millimetre."""
    transformer = Transformer.from_crs("EPSG:4490", CRS, always_xy=True)
    return np.round(np.column_stack(transformer.transform(lonlat[:, 0], lonlat[:, 1])), MM)


@cache
def border_vertices() -> Floats:
    """Return the stretch of border, west to east, as (n, 2) metres: Natural Earth cut at two longitudes."""
    line = np.array(json.loads(_text("border.geojson"))["features"][0]["geometry"]["coordinates"])
    inner = line[(line[:, 0] > WEST) & (line[:, 0] < EAST)]
    cut = [[lon, np.interp(lon, line[:, 0], line[:, 1])] for lon in (WEST, EAST)]
    return to_metres(np.concatenate([[cut[0]], inner, [cut[1]]]))
