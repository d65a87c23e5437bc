"""How the ground of a gacha is divided into cells: squares, or squares merged by households."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import shapely

from gridmap import geo
from gridmap.analyse.cells.lattice import cut, in_reading_order, joined, shared_edges
from gridmap.analyse.cells.merging import merge
from gridmap.analyse.demand import Floats, Ints, Objects
from gridmap.errors import ConfigError

Form = Literal["squares", "merged"]
FORMS: tuple[Form, ...] = ("squares", "merged")
MOST_CELLS = 999
# More squares than this in a gacha are cut by nobody who means it.
MOST_SQUARES = 250_000
# No cell is smaller than this, whatever the settings: it is the rounding of coordinates.
SLIVER_M2 = 1.0


@dataclass(frozen=True, slots=True)
class Recipe:
    """How cells are made.

    Parameters
    ----------
    form : {"squares", "merged"}
        Squares clipped to the gacha, or those merged until each holds enough households.
    size_m : float
        Side of a square, metres in the working CRS.
    households : int
        How many households a merged cell should hold.
    sparse_share : float
        A piece smaller than this share of a square joins its neighbour.
    """

    form: Form
    size_m: float
    households: int
    sparse_share: float

    @property
    def text(self) -> str:
        """What the column ``form`` of a cell says."""
        size = f"{self.form} {self.size_m:g} m"
        return size if self.form == "squares" else f"{size}, {self.households} households"


@dataclass(frozen=True, slots=True)
class Gacha:
    """A gacha that is divided.

    Parameters
    ----------
    code : str
        12 digits.
    shape : Polygon or MultiPolygon
        In the working CRS.
    """

    code: str
    shape: Any


def draw(gacha: Gacha, recipe: Recipe, homes: Floats, former: Objects) -> Objects:
    """Divide a gacha into cells.

    Parameters
    ----------
    gacha : Gacha
        What is divided.
    recipe : Recipe
        How.
    homes : (n, 2) metres
        Households of the gacha.
    former : (m,) polygons
        Cells that were made by the same recipe: merged ones that still hold enough stay as they are.

    Returns
    -------
    (k,) polygons
        Contiguous; they tile the gacha; in the order of their codes.

    Raises
    ------
    ConfigError
        GM103 if the squares are too small for the gacha.
    """
    if shapely.area(gacha.shape) / recipe.size_m**2 > MOST_SQUARES:
        raise too_many(gacha.code, f"more than {MOST_SQUARES:,} squares", recipe)
    shapes = cut(gacha.shape, recipe.size_m)
    area = shapely.area(shapes)
    least = max(recipe.sparse_share * recipe.size_m**2, SLIVER_M2)
    shapes = joined(shapes, merge(area, shared_edges(shapes), least=least))
    if recipe.form == "merged":
        seeds = _within(shapes, former)
        count = _counted(shapes, homes)
        size = shapely.area(shapes)
        groups = merge(count, shared_edges(shapes), least=recipe.households, size=size, seeds=seeds)
        shapes = joined(shapes, groups)
    if len(shapes) > MOST_CELLS:
        raise too_many(gacha.code, f"{len(shapes):,} cells", recipe)
    return shapes[in_reading_order(shapes, recipe.size_m)]


def too_many(code: str, what: str, recipe: Recipe) -> ConfigError:
    """Return the error for a gacha with more cells than serials."""
    return ConfigError(
        "GM103",
        f"gacha {code} would have {what}, and a code has room for {MOST_CELLS}",
        where="gridmap.toml: grid.size_m",
        fix=f"cut it into larger squares (size_m is {recipe.size_m:g} now), or merge them by households",
    )


def _within(pieces: Objects, former: Objects) -> list[Ints]:
    """Return the pieces whose inside lies in each of the former cells."""
    if not len(former):
        return []
    tree = shapely.STRtree(shapely.point_on_surface(pieces))
    cell, piece = tree.query(former, predicate="contains")
    return [np.sort(piece[cell == at]).astype(np.int64) for at in range(len(former))]


def _counted(pieces: Objects, homes: Floats) -> Floats:
    names = np.array([f"{at:06d}" for at in range(len(pieces))], dtype=object)
    held = geo.contain(homes, pieces, names).lead
    return np.bincount(held[held >= 0], minlength=len(pieces)).astype(np.float64)
