"""The rows of a table that checks may hold against edited ones."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import shapely

from gridmap.checks.base import Mask, Reads, Rows
from gridmap.checks.spots import TOLERANCE_M, Floats, Spots
from gridmap.config import KindSpec

# So many spots are looked for with a tree.
MANY = 20
# Rows looked through at once.
PART = 1 << 14


@dataclass(frozen=True)
class Edited:
    """Rows of a kind that were edited, each in the order of ids.

    Parameters
    ----------
    before, after : DataFrame
        As they were, and as they are.
    spec : KindSpec
        The kind.
    """

    before: pd.DataFrame
    after: pd.DataFrame
    spec: KindSpec

    @cached_property
    def stood(self) -> Floats:
        """Where they stood, (n, 2); NaN for what is no point."""
        return places_of(self.before)

    @cached_property
    def spots(self) -> Floats:
        """Where any of them stood or stands, (m, 2)."""
        spots = np.concatenate([self.stood, places_of(self.after)])
        return np.asarray(np.unique(spots[np.isfinite(spots).all(axis=1)], axis=0))

    @cached_property
    def changed(self) -> dict[str, set[object]]:
        """The columns that are others in some row, with the values in any of them that are given."""
        old, new = (_cells(frame) for frame in (self.before, self.after))
        both = {name: (old.get(name, []), new.get(name, [])) for name in {*old, *new}}
        return {name: {*was, *now} - {None} for name, (was, now) in sorted(both.items()) if was != now}

    @cached_property
    def named(self) -> dict[str, set[object]]:
        """The names of other rows that an edit brings or takes away, or may, by column."""
        columns = self.spec.columns
        return {name: values for name, values in self.changed.items() if columns[name].references is not None}

    def concerns(self, reads: Reads) -> bool:
        """Whether the edit may matter to what looks at this much of a row."""
        return (reads is not Reads.PLACE and bool(self.changed)) or (reads is not Reads.VALUES and self.moved)

    @cached_property
    def moved(self) -> bool:
        """Whether any geometry is another."""
        if "geometry" not in self.before.columns:
            return False
        old, new = (np.asarray(one["geometry"], dtype=object) for one in (self.before, self.after))
        return bool(shapely.to_wkb(old).tolist() != shapely.to_wkb(new).tolist())


def _cells(frame: pd.DataFrame) -> dict[str, list[object]]:
    """Return the columns but the geometry as plain values, None where they are missing."""
    cells = frame.to_numpy(dtype=object, copy=True)
    cells[pd.isna(cells)] = None
    columns = zip(frame.columns, cells.T.tolist(), strict=True)
    return {name: values for name, values in columns if name != "geometry"}


def peers(
    rows: pd.DataFrame, edited: Edited, *, held: Mask, xy: Floats | None, spots: Spots | None = None
) -> Rows:
    """Return which rows checks may hold against edited ones.

    Parameters
    ----------
    rows : DataFrame
        Rows of the kind.
    edited : Edited
        The edited rows.
    held : (n,) bool
        Which of the edited rows stand among `rows`, as they were before.
    xy : (n, 2) metres
        Positions of `rows`; None where the kind has none.
    spots : Spots, optional
        The same positions, sorted, where that is known: mostly they tell that nobody stands there.

    Returns
    -------
    (k,) int
        Positions of those on the same spot; and where an edit brings or takes away the name of another row
        (a unit), of some that have it too: whether anything still has it is a question to all rows.
    """
    found = [np.empty(0, dtype=np.intp)]
    if xy is not None and len(rows) and (spots is None or _somebody(spots, edited.stood[held], edited.spots)):
        found.append(_beside(xy, edited.spots))
    for name, values in edited.named.items():
        for value in values:
            same = np.flatnonzero((rows[name] == value).fillna(value=False).to_numpy(dtype=bool))
            # One more than were edited: one of them was not.
            found.append(same[: len(edited.before) + 1])
    return np.unique(np.concatenate(found))


def places_of(frame: pd.DataFrame) -> Floats:
    """Return where the rows of a frame with geometry stand, (n, 2); NaN for what is no point."""
    shapes = np.asarray(frame["geometry"], dtype=object)
    points = (shapely.get_type_id(shapes) == shapely.GeometryType.POINT) & ~shapely.is_empty(shapes)
    found = np.full((len(shapes), 2), np.nan)
    found[points] = shapely.get_coordinates(shapes[points])
    return found


def _somebody(spots: Spots, own: Floats, asked: Floats) -> bool:
    """Whether anybody but edited rows themselves, where they stood, is beside one of some places."""
    if not np.isfinite(own).all():
        return True
    return bool((spots.beside(asked) != spots.of_some(own).beside(asked)).any())


def _beside(xy: Floats, asked: Floats) -> Rows:
    """Return which positions are as good as on one of a few places."""
    if len(asked) > MANY:
        placed = np.flatnonzero(np.isfinite(xy).all(axis=1))
        from scipy.spatial import cKDTree  # noqa: PLC0415 - takes long to load, and only edits need it

        away = cKDTree(asked).query(xy[placed], distance_upper_bound=3.0 * TOLERANCE_M)[0]
        return np.asarray(placed[np.isfinite(away)])
    rows = [np.empty(0, dtype=np.intp)]
    # Part by part, in memory that stays in the processor.
    for start in range(0, len(xy), PART) if len(asked) else ():
        x, y = xy[start : start + PART].T
        for east, north in asked.tolist():
            near = np.flatnonzero(np.abs(x - east) <= 2.0 * TOLERANCE_M)
            rows.append(start + near[np.abs(y[near] - north) <= 2.0 * TOLERANCE_M])
    return np.concatenate(rows)
