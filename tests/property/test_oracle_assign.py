"""The arrangement against brute force: every candidate measured, one by one, by pyproj and shapely alone."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from steppe import GEOD, LONLAT, X0, Y0, box, built, geodesic, home, outpost, steppe, township, zone

from gridmap.assign import answers, arrange
from gridmap.assign.who import OUTSIDE
from gridmap.config import default_spec

SPEC = default_spec()
REACH = SPEC.layers.point.reach_m
BELT = SPEC.layers.line.belt_m
LINE = [(0, 0), (13_000, 2_500), (21_000, -1_800), (37_000, 900), (44_000, -200), (60_000, 1_000)]


def triangles() -> list[tuple[str, shapely.Polygon]]:
    """Return zones whose edges run askew, with places on their vertices and edges to be asked for."""
    corners = {
        "Z3": [(0, 1_000), (25_000, 1_000), (20_000, -15_000), (0, -30_000)],
        "Z1": [(25_000, 1_000), (60_000, 1_000), (60_000, -4_000), (20_000, -15_000)],
        "Z2": [(20_000, -15_000), (60_000, -4_000), (60_000, -30_000), (0, -30_000)],
    }
    return [(name, shapely.Polygon([(X0 + x, Y0 + y) for x, y in ring])) for name, ring in corners.items()]


@pytest.fixture(scope="module")
def spots() -> dict[str, tuple[float, float]]:
    rng = np.random.default_rng(11)
    free = rng.uniform((0, -30_000), (60_000, 900), (150, 2)).round(0)
    # On vertices, on the middle of an edge, on the line, mirrored about a stronghold pair, all at one place.
    special = [(20_000, -15_000), (22_500, -7_000), (10_000, -22_500), (0, 0), (13_000, 2_500)]
    pairs = [(50_000 - 2_000, -9_000), (50_000 + 2_000, -9_000), (50_000, -9_000), (50_000, -7_000)]
    places = [*map(tuple, free.tolist()), *special, *pairs, pairs[0], pairs[0]]
    return {f"H{number:03d}": place for number, place in enumerate(places)}


@pytest.fixture(scope="module")
def strongholds(spots: dict[str, tuple[float, float]]) -> list[str]:
    names = sorted(spots)
    return [*names[:12], *names[-6:-4], *names[-2:]]


@pytest.fixture(scope="module")
def plan(spots: dict[str, tuple[float, float]], strongholds: list[str]) -> Any:
    border = shapely.LineString([(X0 + x, Y0 + y) for x, y in LINE])
    rows = {
        **steppe(),
        "border": [{"id": "B1", "geometry": border}],
        "admin": [township("150000001", box(0, -30_000, 60_000, 1_000))],
        "patrol_zone": [zone(*each) for each in triangles()],
        "outpost": [outpost(f"O{at}", east, -700) for at, east in enumerate((52_000, 9_000, 9_000, 30_000))],
        "household": [home(name, *at, stronghold=name in strongholds) for name, at in spots.items()],
    }
    return arrange(built(rows), SPEC)


def xy(place: tuple[float, float]) -> tuple[float, float]:
    return X0 + place[0], Y0 + place[1]


def by_feature(plan: Any, layer: str) -> dict[str, tuple[str, float]]:
    rows = plan.assignments[(plan.assignments["layer"] == layer) & (plan.assignments["kind"] == "household")]
    return dict(zip(rows["feature"], zip(rows["target"], rows["metres"], strict=True), strict=True))


def test_point_is_the_nearest_of_all(
    plan: Any, spots: dict[str, tuple[float, float]], strongholds: list[str]
) -> None:
    found = by_feature(plan, "point")
    for name, place in spots.items():
        away, best = min((round(geodesic(xy(place), xy(spots[one])), 3), one) for one in sorted(strongholds))
        if name in strongholds:
            assert found[name] == (name, 0.0)
        elif away > REACH:
            assert name not in found
        else:
            assert found[name][0] == best
            assert found[name][1] == pytest.approx(away, rel=1e-5, abs=1e-3)


def test_area_is_the_zone_around_it(plan: Any, spots: dict[str, tuple[float, float]]) -> None:
    found = by_feature(plan, "area")
    for name, place in spots.items():
        point = shapely.Point(xy(place))
        touched = sorted((zone_, shape) for zone_, shape in triangles() if shape.distance(point) <= 0.001)
        deep = [
            one for one, shape in touched if shape.contains(point) and shape.exterior.distance(point) > 0.001
        ]
        expected = (deep or [one for one, _ in touched] or [None])[0]
        assert found.get(name, (None,))[0] == expected


def walked() -> tuple[np.ndarray, np.ndarray]:
    """Return places every few metres along the border, and their chainage, by pyproj alone."""
    places: list[np.ndarray] = []
    for (ax, ay), (bx, by) in pairwise(LINE):
        steps = np.linspace(0, 1, 4_000)[:, None]
        places.append(np.array([[X0 + ax, Y0 + ay]]) * (1 - steps) + np.array([[X0 + bx, Y0 + by]]) * steps)
    along = np.vstack(places)
    lon, lat = LONLAT.transform(along[:, 0], along[:, 1])
    hops = GEOD.inv(lon[:-1], lat[:-1], lon[1:], lat[1:])[2]
    return np.column_stack([lon, lat]), np.concatenate([[0], np.cumsum(hops)])


def test_line_is_the_section_at_the_nearest_place_of_the_border(
    plan: Any, spots: dict[str, tuple[float, float]]
) -> None:
    lonlat, chainage = walked()
    assert plan.figures.line.length_m == pytest.approx(chainage[-1], abs=0.05)
    found = by_feature(plan, "line")
    asked = answers(plan, np.array([xy(place) for place in spots.values()]))
    for (name, place), row in zip(spots.items(), asked.to_dict("records"), strict=True):
        lon, lat = LONLAT.transform(*xy(place))
        away = GEOD.inv(np.full(len(lonlat), lon), np.full(len(lonlat), lat), *lonlat.T)[2]
        at, nearest = chainage[np.argmin(away)], away.min()
        if nearest > BELT + 1:
            assert name not in found
            continue
        assert found[name][1] == pytest.approx(nearest, rel=1e-5, abs=1)
        near = (plan.sections["from_m"] - 5 <= at) & (at <= plan.sections["to_m"] + 5)
        held = plan.sections.loc[near, "id"].tolist()
        assert found[name][0] in held
        # Who asks from a place gets the section that the home there supports; outside there is no answer.
        assert pd.isna(row["section"]) == bool(row["notes"] == OUTSIDE)
        assert pd.isna(row["section"]) or row["section"] == found[name][0]


def test_sections_meet_halfway_between_outposts(plan: Any) -> None:
    lonlat, chainage = walked()
    stations: dict[float, str] = {}
    for at, east in sorted(
        ((at, east) for at, east in enumerate((52_000, 9_000, 9_000, 30_000))), reverse=True
    ):
        lon, lat = LONLAT.transform(X0 + east, Y0 - 700)
        away = GEOD.inv(np.full(len(lonlat), lon), np.full(len(lonlat), lat), *lonlat.T)[2]
        stations[float(chainage[np.argmin(away)])] = f"O{at}"
    ordered = sorted(stations)
    assert plan.sections["outpost"].tolist() == [stations[each] for each in ordered]
    middles = [(one + other) / 2 for one, other in pairwise(ordered)]
    assert plan.sections["to_m"].tolist()[:-1] == pytest.approx(middles, abs=5)
