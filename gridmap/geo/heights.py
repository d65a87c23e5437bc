"""Grids of numbers over the ground, as ESRI ASCII files hold them: heights, depths of snow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridmap.errors import InputError

Grid = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Heights:
    """A grid of heights: row 0 is the northernmost; (left, top) is its outer corner, in metres.

    Values are of the cells' centres, and NaN where there is none.
    """

    left: float
    top: float
    cell: float
    values: Grid


def read_asc(
    text: str, *, named: str = "relief", where: str = "the file that relief names in gridmap.toml"
) -> Heights:
    """Read an ESRI ASCII grid.

    Parameters
    ----------
    text : str
        The file's text.
    named, where : str
        What the grid is, and where it is from, for the message.

    Returns
    -------
    Heights
        Metres in the CRS that the file is in, which it does not say.

    Raises
    ------
    InputError
        GM202 if it is not one.
    """
    lines = text.split("\n")
    head: dict[str, float] = {}
    row = 0
    try:
        while row < len(lines) and lines[row].strip()[:1].isalpha():
            key, value = lines[row].split()
            head[key.lower()] = float(value)
            row += 1
        columns, rows, cell = int(head["ncols"]), int(head["nrows"]), head["cellsize"]
        values = np.array(" ".join(lines[row:]).split(), dtype=np.float64).reshape(rows, columns)
        left = head["xllcorner"] if "xllcorner" in head else head["xllcenter"] - cell / 2
        bottom = head["yllcorner"] if "yllcorner" in head else head["yllcenter"] - cell / 2
        if cell <= 0 or not np.isfinite([left, bottom, cell]).all() or min(rows, columns) < 2:  # noqa: PLR2004
            raise ValueError("a grid needs a size")  # noqa: TRY301 - one answer to every fault of the file
    except (KeyError, ValueError) as error:
        raise InputError(
            "GM202",
            f"the {named} is not an ESRI ASCII grid",
            where=where,
            fix="give ncols, nrows, "
            "xllcorner, yllcorner, cellsize, then the values row by row from the north",
        ) from error
    values[values == head.get("nodata_value", -9999.0)] = np.nan
    return Heights(left, bottom + rows * cell, cell, values)


def sample(values: Grid, heights: Heights, xy: Grid) -> Grid:
    """Return values of a grid at places, linear between the centres of its cells.

    Parameters
    ----------
    values : (rows, columns)
        Numbers on the grid of `heights`; its own, or others.
    heights : Heights
        Where the grid lies.
    xy : (n, 2) metres
        Places in the grid's CRS.

    Returns
    -------
    (n,) float
        NaN outside the grid, and where one of the cells around has no number.
    """
    rows, columns = values.shape
    across = (xy[:, 0] - heights.left) / heights.cell - 0.5
    down = (heights.top - xy[:, 1]) / heights.cell - 0.5
    inside = (across >= -0.5) & (across <= columns - 0.5) & (down >= -0.5) & (down <= rows - 0.5)  # noqa: PLR2004
    left = np.clip(np.floor(np.where(inside, across, 0)), 0, columns - 2).astype(np.int64)
    top = np.clip(np.floor(np.where(inside, down, 0)), 0, rows - 2).astype(np.int64)
    u, v = np.clip(across - left, 0, 1), np.clip(down - top, 0, 1)
    upper = values[top, left] * (1 - u) + values[top, left + 1] * u
    lower = values[top + 1, left] * (1 - u) + values[top + 1, left + 1] * u
    result: Grid = np.where(inside, upper * (1 - v) + lower * v, np.nan)
    return result
