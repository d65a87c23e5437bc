"""Codes that stay: unchanged cells keep theirs, changed ones get new ones, old ones are never used again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap import geo
from gridmap.analyse.cells.drawing import MOST_CELLS, Gacha, Recipe, draw, too_many
from gridmap.analyse.demand import Bools, Floats, Objects

ACTIVE, RETIRED = "active", "retired"
CODE = re.compile(r"\d{15}", re.ASCII)
GACHA_DIGITS = 12
UNCHANGED_M = 1e-3
# A smaller overlap is the rounding of an edge, not a part of an old cell.
OVERLAP_M2 = 1.0


@dataclass(frozen=True, slots=True)
class Renewed:
    """A grid made anew.

    Parameters
    ----------
    rows : GeoDataFrame
        Every row, retired ones too, in the order of codes: ``id``, ``gacha``, ``form``, ``predecessors``,
        ``status``, geometry in the working CRS.
    added, retired, kept : tuple of str
        Codes.
    touched : tuple of str
        Ids of the rows that are not as they were.
    """

    rows: gpd.GeoDataFrame
    added: tuple[str, ...]
    retired: tuple[str, ...]
    kept: tuple[str, ...]
    touched: tuple[str, ...]


def is_active(status: pd.Series[Any]) -> Bools:
    """Return which cells are in use, (n,): all that are not retired."""
    return np.asarray(status.ne(RETIRED).fillna(value=True), dtype=bool)


@dataclass
class _Book:
    """The rows as they become, by id."""

    rows: dict[str, dict[str, Any]]
    added: list[str]
    retired: list[str]
    kept: list[str]
    touched: set[str]

    def change(self, code: str, **values: Any) -> None:
        row = self.rows.setdefault(code, {"id": code, "predecessors": None})
        for name, value in values.items():
            if name not in row or not _same(row[name], value):
                row[name] = value
                self.touched.add(code)


def renew(gachas: Sequence[Gacha], recipe: Recipe, homes: Floats, existing: gpd.GeoDataFrame) -> Renewed:
    """Divide gachas into cells, and keep the codes of what has not changed.

    Parameters
    ----------
    gachas : sequence of Gacha
        What is divided, each code once.
    recipe : Recipe
        How.
    homes : (n, 2) metres
        Households; NaN for one without a position.
    existing : GeoDataFrame
        The rows there are, retired ones too.

    Returns
    -------
    Renewed
        The same for any order of gachas, homes and rows. A cell whose outline is within a millimetre of
        an active one of its gacha keeps that one's code. Another gets the next serial that is higher than
        any its gacha ever had; the codes of the cells that lay there are its predecessors.

    Raises
    ------
    ConfigError
        GM103 if a gacha has, or over the years had, more cells than serials.
    """
    ordered = sorted(gachas, key=lambda one: one.code)
    former = _former(existing)
    book = _Book({row["id"]: row for row in former}, [], [], [], set())
    active = [row for row in former if row["status"] != RETIRED]
    home_of = _home_gachas(ordered, homes)
    fresh: list[tuple[str, Any]] = []
    for number, gacha in enumerate(ordered):
        own = [row for row in active if row["id"][:GACHA_DIGITS] == gacha.code and CODE.fullmatch(row["id"])]
        like = [row["geometry"] for row in own if row["form"] == recipe.text]
        shapes = draw(gacha, recipe, homes[home_of == number], _objects(like))
        fresh += _numbered(book, gacha, recipe, own, shapes)
    _retire(book, active, fresh)
    rows = [book.rows[code] for code in sorted(book.rows)]
    return Renewed(
        _frame(rows, existing),
        tuple(sorted(book.added)),
        tuple(sorted(book.retired)),
        tuple(sorted(book.kept)),
        tuple(sorted(book.touched)),
    )


def _former(existing: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    frame = existing.sort_values("id", kind="stable")
    plain = frame.drop(columns="geometry").astype(object)
    plain = plain.where(plain.notna(), None)
    rows = plain.to_dict("records")
    return [
        {"form": None, "predecessors": None, "status": None, **row, "geometry": shape}
        for row, shape in zip(rows, frame.geometry.to_numpy(), strict=True)
    ]


def _home_gachas(gachas: list[Gacha], homes: Floats) -> Any:
    """Return which gacha each home belongs to, -1 for none."""
    codes = np.array([one.code for one in gachas], dtype=object)
    return geo.contain(homes, _objects([one.shape for one in gachas]), codes).lead


def _numbered(
    book: _Book, gacha: Gacha, recipe: Recipe, own: list[dict[str, Any]], shapes: Objects
) -> list[tuple[str, Any]]:
    """Give every shape of a gacha its code, and return those that are new."""
    matched = _matches(shapes, own)
    used = [int(code[GACHA_DIGITS:]) for code in book.rows if _is_of(code, gacha.code)]
    serial = max(used, default=0)
    if serial + matched.count(None) > MOST_CELLS:
        said = f"{serial} codes used already and {matched.count(None)} more cells"
        raise too_many(gacha.code, said, recipe)
    new = []
    for shape, code in zip(shapes, matched, strict=True):
        if code is not None:
            book.kept.append(code)
        else:
            serial += 1
            code = f"{gacha.code}{serial:03d}"  # noqa: PLW2901 - the code that the shape gets
            book.added.append(code)
            new.append((code, shape))
        book.change(code, gacha=gacha.code, form=recipe.text, status=ACTIVE, geometry=shape)
    return new


def _is_of(code: str, gacha: str) -> bool:
    return code[:GACHA_DIGITS] == gacha and CODE.fullmatch(code) is not None


def _matches(shapes: Objects, own: list[dict[str, Any]]) -> list[str | None]:
    """Return the code of the old cell that each shape is, None for another shape."""
    found: list[str | None] = [None] * len(shapes)
    if not own or not len(shapes):
        return found
    old = _objects([row["geometry"] for row in own])
    tree = shapely.STRtree(shapely.centroid(old))
    one, other = tree.query(shapely.centroid(shapes), predicate="dwithin", distance=10 * UNCHANGED_M)
    apart = shapely.hausdorff_distance(shapely.boundary(shapes[one]), shapely.boundary(old[other]))
    for at, number in zip(one[apart <= UNCHANGED_M], other[apart <= UNCHANGED_M], strict=True):
        found[at] = own[number]["id"] if found[at] is None else found[at]
    return found


def _retire(book: _Book, active: list[dict[str, Any]], fresh: list[tuple[str, Any]]) -> None:
    """Retire the active cells that are no more, and name them as predecessors of the new ones over them."""
    kept = set(book.kept)
    gone = [row for row in active if row["id"] not in kept]
    for row in gone:
        book.change(row["id"], status=RETIRED)
        book.retired.append(row["id"])
    placed = [row for row in gone if row["geometry"] is not None]
    if not placed or not fresh:
        return
    shapes = _objects([geo.polygons_of(row["geometry"]) for row in placed])
    made = _objects([shape for _, shape in fresh])
    new, old = shapely.STRtree(shapes).query(made, predicate="intersects")
    enough = shapely.area(shapely.intersection(made[new], shapes[old])) > OVERLAP_M2
    for at, (code, _) in enumerate(fresh):
        before = sorted(placed[number]["id"] for number in old[enough & (new == at)])
        if before:
            book.change(code, predecessors=",".join(before))


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, shapely.Geometry) and isinstance(other, shapely.Geometry):
        return bool(shapely.equals_exact(shapely.normalize(one), shapely.normalize(other), tolerance=0.0))
    return bool(one == other)


def _frame(rows: list[dict[str, Any]], existing: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    columns = {
        name: pd.array([row.get(name) for row in rows], dtype="str")
        for name in ("id", "gacha", "form", "predecessors", "status")
    }
    others = {
        name: pd.Series([row.get(name) for row in rows], dtype=object)
        for name in existing.columns
        if name not in {*columns, "geometry"}
    }
    shapes = gpd.GeoSeries(_objects([row["geometry"] for row in rows]), crs=existing.crs)
    return gpd.GeoDataFrame({**columns, **others}, geometry=shapes)


def _objects(values: Sequence[Any]) -> Objects:
    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out
