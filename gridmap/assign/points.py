"""Where features stand; where a few of many moved, the whole is copied only when somebody asks for it."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.integer]

# With so many moved the whole is copied at once.
MANY = 10_000


class Points:
    """Positions of features, in metres in the working CRS.

    Parameters
    ----------
    base : array of float, shape (n, 2)
        Where all of them stood once. Nothing is written to it.
    rows : array of int, shape (m,), optional
        Which of them stand elsewhere now, ascending.
    places : array of float, shape (m, 2), optional
        Where those stand.
    """

    def __init__(self, base: Floats, rows: Rows | None = None, places: Floats | None = None) -> None:
        self._base = base
        self._rows = np.empty(0, dtype=np.int64) if rows is None else rows
        self._places = np.empty((0, 2)) if places is None else places

    @cached_property
    def xy(self) -> Floats:
        """All positions, shape (n, 2)."""
        if not len(self._rows):
            return self._base
        whole = self._base.copy()
        whole[self._rows] = self._places
        return whole

    def at(self, rows: Rows) -> Floats:
        """Return the positions of some of them, shape (k, 2), which are the caller's own.

        Parameters
        ----------
        rows : array of int, shape (k,)
            From 0 on, in any order.

        Raises
        ------
        IndexError
            If there is no such row.
        """
        if rows.ndim != 1 or rows.dtype == np.bool_ or rows.min(initial=0) < 0:
            msg = "places are asked by an array of rows, counted from 0"
            raise IndexError(msg)
        found: Floats = np.take(self._base, rows, axis=0)
        if len(self._rows):
            place = np.minimum(np.searchsorted(self._rows, rows), len(self._rows) - 1)
            moved = self._rows[place] == rows
            found[moved] = self._places[place[moved]]
        return found

    def moved(self, rows: Rows, places: Floats) -> Points:
        """Return the positions once some features stand elsewhere; `rows` ascending, each once."""
        stays = ~np.isin(self._rows, rows)
        every = np.concatenate([self._rows[stays], rows])
        order = np.argsort(every)
        made = Points(self._base, every[order], np.vstack([self._places[stays], places])[order])
        return made if len(every) <= MANY else Points(made.xy)
