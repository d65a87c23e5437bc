"""One of each fault that a store can hold, planted so that none follows from another.

The faults of the arrangement (gaps of line and area, overlaps of zones, orphans) are not planted: what is
planted leaves the arrangement complete but for what follows from it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely

from gridmap.config import ProjectSpec
from gridmap.sample.dice import Floats
from gridmap.sample.planting import Ground, Planter

BOX_M = 12.0
CUT_M = 20.0
STUB_M = 2.0
LONG_EDGE_M = 200.0
ACROSS_M, OFF_EDGE_M, OUTSIDE_M = 300.0, 3_000.0, 3_000.0


def plant_faults(
    tables: Mapping[str, pd.DataFrame], spec: ProjectSpec, *, seed: int
) -> tuple[dict[str, pd.DataFrame], list[dict[str, str | None]]]:
    """Return the demo with one of each fault that a store can hold, and the list of them.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The demo's tables as `demo_tables` makes them; left as they are.
    spec : ProjectSpec
        The demo's settings.
    seed : int
        Another seed plants elsewhere.

    Returns
    -------
    tables, planted : dict of str to DataFrame, list of dict
        New tables, and ``{"code", "table", "id"}`` of each fault; a gap has the id None. The checks
        find these and nothing else.

    Raises
    ------
    ValueError
        If the area has no free place left.
    """
    ground = Ground(tables, spec, seed=seed)
    planter = Planter(ground)
    for plant in _PLANTS:
        plant(planter, ground)
    order = sorted(planter.planted, key=lambda one: (str(one["code"]), str(one["table"]), str(one["id"])))
    return planter.tables(), order


def _box(xy: Floats, metres: float = BOX_M) -> Any:
    x, y = xy
    return shapely.box(x - metres, y - metres, x + metres, y + metres)


def _shapes(planter: Planter, ground: Ground) -> None:
    """Faults of a geometry itself."""
    planter.fault("geometry-missing", "landmark", None)
    planter.fault("geometry-empty", "track", shapely.LineString())
    planter.fault("geometry-wrong-type", "landmark", _stroke(ground.spot()))
    planter.fault("geometry-not-finite", "landmark", shapely.Point(float("inf"), ground.spot()[1]))
    x, y = ground.spot()
    planter.fault("line-zero-length", "track", shapely.LineString([(x, y), (x, y)]))
    planter.fault("vertices-repeated", "track", shapely.LineString([(x, y), (x, y), (x + CUT_M, y)]))
    xy = ground.spot()
    x, y = xy
    bow = shapely.Polygon([(x, y), (x + BOX_M, y + BOX_M), (x + BOX_M, y), (x, y + BOX_M)])
    planter.fault("geometry-invalid", "admin", bow, **_gacha(ground, xy, 0))
    xy = ground.spot()
    planter.fault("polygon-tiny", "admin", _box(xy, 0.25), **_gacha(ground, xy, 1))


def _stroke(xy: Floats) -> Any:
    return shapely.LineString([xy, xy + CUT_M])


def _misplaced(planter: Planter, ground: Ground) -> None:
    """Positions that are wrong."""
    x, y = ground.spot()
    planter.fault("coordinates-swapped", "household", shapely.Point(y, x))
    x, y = ground.spot()
    planter.fault("coordinates-zone-prefix", "household", shapely.Point(x + 19_000_000, y))
    planter.fault("coordinates-degrees", "landmark", shapely.Point(109.9, 42.1))
    x, y = ground.spot()
    planter.fault("coordinates-outside-crs", "landmark", shapely.Point(x, y - 4_000_000))
    planter.fault("position-across", "household", shapely.Point(ground.beyond(ACROSS_M, 0.37)))
    planter.fault("position-outside", "household", shapely.Point(_south(ground)))
    homes: Any = ground.tables["household"]
    # On an ordinary home: a second stronghold on the spot would change who answers.
    plain = homes[~homes["stronghold"].to_numpy(dtype=bool)]
    plain = plain if len(plain) else homes
    twin = plain.iloc[len(plain) // 2]
    planter.fault("position-duplicate", "household", twin["geometry"], gacha=twin["gacha"])
    at = _undisputed(ground, home=True)
    gachas = ground.polygons("gacha")
    other = gachas[gachas["code"] != ground.gacha_at(at)["code"]].iloc[-1]
    planter.fault("gacha-mismatch", "household", shapely.Point(at), gacha=other["code"])


def _south(ground: Ground) -> Floats:
    """Return a place outside the jurisdiction, on its far end from the border."""
    x0, y0, x1, _ = ground.whole.bounds
    return np.array([round((x0 + x1) / 2, 3), round(y0 - OUTSIDE_M, 3)])


def _values(planter: Planter, ground: Ground) -> None:
    """Values that are missing, not allowed, out of range, damaged."""
    planter.fault("value-missing", "household", shapely.Point(ground.spot(home=True)), persons=None)
    planter.fault("value-out-of-range", "household", shapely.Point(ground.spot(home=True)), persons=99)
    planter.fault("value-not-allowed", "track", _stroke(ground.spot()), **{"class": "footpath"})
    planter.fault("text-mojibake", "landmark", shapely.Point(ground.spot()), name="锟斤拷")
    planter.fault("text-control", "landmark", shapely.Point(ground.spot()), name="水井\u200b一")
    early, late = dt.datetime(2024, 1, 1), dt.datetime(2024, 2, 1)  # noqa: DTZ001 - dates, of no time zone
    at = shapely.Point(ground.spot())
    planter.fault("validity-reversed", "landmark", at, valid_from=late, valid_to=early)
    year = dt.datetime(2924, 1, 1)  # noqa: DTZ001 - a date, of no time zone
    planter.fault("date-implausible", "landmark", shapely.Point(ground.spot()), valid_from=year)


def _names(planter: Planter, ground: Ground) -> None:
    """Ids, names and references."""
    planter.fault("id-untidy", "landmark", shapely.Point(ground.spot()), id="zz-id-untidy ")
    known = str(ground.tables["landmark"]["id"].iloc[0])
    # The first letter in its full width: larger in code-point order, so it is the one that is reported.
    wide = chr(ord(known[0]) + 0xFEE0) + known[1:]
    planter.fault("id-lookalike", "landmark", shapely.Point(ground.spot()), id=wide)
    posts = ground.tables["outpost"]
    same = posts["name"].iloc[0]
    planter.fault("name-duplicate", "outpost", shapely.Point(ground.spot()), name=same)
    planter.fault("reference-dangling", "outpost", shapely.Point(ground.spot()), unit="no-such-unit")
    at = shapely.Point(ground.spot(home=True))
    planter.fault(
        "reference-dangling", "household", at, gacha="no-such-gacha", as_="reference-dangling-gacha"
    )


def _gacha(ground: Ground, xy: Floats, number: int, **values: Any) -> dict[str, Any]:
    """Return the columns of a gacha with an unused code, in the township at a place."""
    parent = str(ground.gacha_at(xy)["parent"])
    return {"code": f"{parent}{999 - number:03d}", "parent": parent, **values}


def _ranks(planter: Planter, ground: Ground) -> None:
    """Administrative codes, levels and parents; each on a small gacha of its own."""
    xy = ground.spot()
    planter.fault("level-unknown", "admin", _box(xy), **_gacha(ground, xy, 2, level="hamlet"))
    xy = ground.spot()
    code = str(_gacha(ground, xy, 3)["code"])[:-1] + "X"
    planter.fault("code-pattern", "admin", _box(xy), **_gacha(ground, xy, 3, code=code))
    xy = ground.spot()
    planter.fault("parent-missing", "admin", _box(xy), **_gacha(ground, xy, 4, parent=None))
    xy = _undisputed(ground)
    beside = ground.gacha_at(xy)["code"]
    planter.fault("parent-level", "admin", _box(xy), **_gacha(ground, xy, 5, parent=beside))
    xy = ground.spot()
    planter.fault("code-not-nested", "admin", _box(xy), **_gacha(ground, xy, 6, code="990000000001"))
    xy = ground.spot()
    known = ground.polygons("gacha").iloc[0]
    planter.fault("code-duplicate", "admin", _box(xy), code=known["code"], parent=known["parent"])


def _coverage(planter: Planter, ground: Ground) -> None:
    """Townships and gachas that overlap, leave holes, or lie outside."""
    townships = ground.polygons("township")
    taken = set(ground.tables["admin"]["code"])
    code = next(str(n) for n in range(150_223_999, 150_223_000, -1) if str(n) not in taken)
    planter.fault("township-overlap", "admin", _box(ground.spot()), code=code, level="township")
    xy = ground.spot()
    at = townships["id"][shapely.contains_xy(townships["geometry"].to_numpy(), *xy)].iloc[0]
    planter.reshape("admin", at, shapely.difference(planter.shape("admin", at), _box(xy)))
    planter.note("township-gap", "admin", None)
    xy = _undisputed(ground)
    planter.fault("gacha-overlap", "admin", _box(xy), **_gacha(ground, xy, 7))
    xy = _undisputed(ground)
    at = ground.gacha_at(xy)["id"]
    planter.reshape("admin", at, shapely.difference(planter.shape("admin", at), _box(xy)))
    planter.note("gacha-gap", "admin", None)
    away = _south(ground) - np.array([5_000.0, 0.0])
    parent = townships.iloc[0]["code"]
    planter.fault("gacha-outside", "admin", _box(away), code=f"{parent}991", parent=parent)


def _undisputed(ground: Ground, *, home: bool = False) -> Floats:
    """Return a place that is not in the gacha whose code is used twice: nothing can be said there."""
    known = ground.polygons("gacha").iloc[0]["id"]
    while True:
        xy = ground.spot(home=home)
        if ground.gacha_at(xy)["id"] != known:
            return xy


def _course(planter: Planter, ground: Ground) -> None:
    """Faults of the border: a cut, a crossing, a branch, and a piece that is off the edge."""
    rows: Any = ground.tables["border"]
    row = rows.iloc[int(np.argmax(rows.geometry.length))]
    xy = shapely.get_coordinates(row["geometry"])
    long = np.flatnonzero(np.sqrt((np.diff(xy, axis=0) ** 2).sum(axis=1)) > LONG_EDGE_M)
    cut, cross, branch = (int(long[len(long) * share // 8]) for share in (3, 5, 6))
    middle, step = _middle(xy, cut)
    first = np.vstack([xy[: cut + 1], middle - step * CUT_M / 2])
    rest = np.vstack([middle + step * CUT_M / 2, xy[cut + 1 :]])
    planter.reshape("border", row["id"], shapely.LineString(first))
    planter.fault("border-not-joined", "border", shapely.LineString(rest))
    middle, step = _middle(xy, cross)
    normal = np.array([-step[1], step[0]])
    planter.fault("border-crosses", "border", shapely.LineString([middle - normal, middle + normal]))
    _, step = _middle(xy, branch)
    end = xy[branch] + STUB_M * np.array([-step[1], step[0]])
    planter.fault("border-branches", "border", shapely.LineString([xy[branch], end]))
    away = ground.beyond(OFF_EDGE_M, 0.5)
    planter.fault("border-off-edge", "border", _stroke(away))


def _middle(xy: Floats, at: int) -> tuple[Floats, Floats]:
    """Return the middle of an edge and its direction."""
    step = xy[at + 1] - xy[at]
    return (xy[at] + xy[at + 1]) / 2, step / np.sqrt((step**2).sum())


def _keepers(planter: Planter, ground: Ground) -> None:
    """Units, strongholds, outposts."""
    units = ground.tables["unit"]
    line, point = (units["id"][units["layer"] == layer].iloc[0] for layer in ("line", "point"))
    at = shapely.Point(ground.spot())
    planter.fault("stronghold-empty", "household", at, stronghold=True, persons=0)
    planter.fault("unit-layer", "outpost", shapely.Point(ground.spot()), unit=point)
    planter.fault("unit-unused", "unit")
    planter.fault("outpost-beyond-belt", "outpost", shapely.Point(ground.spot(belt=False)), unit=line)


def _plan(planter: Planter, ground: Ground) -> None:
    """Planned sections; kept by an outpost of its own, so that no other one loses its share."""
    units = ground.tables["unit"]
    line = units["id"][units["layer"] == "line"].iloc[0]
    post = planter.add("outpost", "planned", shapely.Point(ground.spot(belt=True)), unit=line)
    end = ground.border.length_m
    plan = "section_plan"
    planter.fault("section-plan-reversed", plan, from_m=3_000.0, to_m=2_900.0, outpost=post)
    planter.fault("section-plan-beyond", plan, from_m=round(end - 100), to_m=round(end + 5_000), outpost=post)
    stale = {"from_m": 1_000.0, "to_m": 1_100.0, "outpost": post, "border_hash": "0" * 32}
    planter.fault("section-plan-stale", plan, **stale)
    police = planter.add("outpost", "police", shapely.Point(ground.spot()))
    planter.fault("section-plan-keeper", plan, from_m=5_000.0, to_m=5_100.0, outpost=police)


def _markers(planter: Planter, ground: Ground) -> None:
    """Boundary markers, and what was surveyed."""
    landmarks: Any = ground.tables["landmark"]
    markers = landmarks[(landmarks["class"] == "marker") & landmarks["number"].notna()]
    same = markers.iloc[len(markers) // 3]
    shares = ground.border.length_m * np.array([0.3, 0.6, 0.5])
    on_border = [shapely.Point(xy) for xy in ground.border.place(shares)]
    marker = {"class": "marker"}
    planter.fault("marker-duplicate", "landmark", on_border[0], number=same["number"], **marker)
    planter.fault("marker-order", "landmark", on_border[1], number="示999", **marker)
    planter.fault("surveyed-falls", "landmark", on_border[2], surveyed_m=1.0, **{"class": "other"})
    far = shapely.Point(ground.spot(belt=False))
    planter.fault("marker-off-border", "landmark", far, number="示998", **marker)


def _camps(planter: Planter, ground: Ground) -> None:
    """Camps, each of a household of its own."""

    def home(label: str) -> str:
        return planter.add("household", label, shapely.Point(ground.spot(home=True)))

    def camp() -> Any:
        return shapely.Point(ground.spot(home=True))

    planter.fault("camp-season", "camp", camp(), household=home("camper-a"), season="monsoon")
    planter.fault("camp-months", "camp", camp(), household=home("camper-b"), season="winter", months="13")
    both = home("camper-c")
    planter.add("camp", "camp-first", camp(), household=both, season="summer")
    planter.fault("camp-twice", "camp", camp(), household=both, season="summer", months="7-8")


_PLANTS = (
    _shapes,
    _misplaced,
    _values,
    _names,
    _ranks,
    _coverage,
    _course,
    _keepers,
    _plan,
    _markers,
    _camps,
)
