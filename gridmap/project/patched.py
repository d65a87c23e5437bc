"""Tables with a few rows replaced: the frame of a million rows is copied only when somebody asks for it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

Frame = pd.DataFrame


@dataclass(frozen=True)
class Patch:
    """A frame, and the rows of it that are others now.

    Parameters
    ----------
    base : DataFrame
        All rows as they were once, in the order of ids.
    edited : frozenset of str
        Ids of rows that came, went or changed since.
    rows : DataFrame
        Those of them that are there now.
    """

    base: Frame
    edited: frozenset[str]
    rows: Frame

    @cached_property
    def frame(self) -> Frame:
        """All rows as they are now, in the order of ids."""
        kept = self.base.loc[~self.base["id"].isin(self.edited)]
        parts = [part for part in (kept, self.rows) if len(part)]
        joined = pd.concat(parts, ignore_index=True) if len(parts) > 1 else (parts or [kept])[0]
        order = np.argsort(joined["id"].to_numpy(dtype=object), kind="stable")
        whole: Frame = joined.take(order).reset_index(drop=True)
        return whole

    def of(self, ids: frozenset[str]) -> Frame:
        """Return some rows as they are now, in the order of ids."""
        return _some(self.base, ids - self.edited, self.rows, ids & self.edited)

    def with_rows(self, ids: frozenset[str], rows: Frame) -> Patch:
        """Return the patch with more rows replaced."""
        kept = self.rows.loc[~self.rows["id"].isin(ids)]
        return replace(self, edited=self.edited | ids, rows=_joined([kept, rows]))


def _some(base: Frame, wanted: frozenset[str], rows: Frame, others: frozenset[str]) -> Frame:
    # Ids are in order: a few are found by halving, without a look at them all.
    ids = base["id"].array
    at = [bisect_left(ids, name) for name in sorted(wanted)]
    found = base.iloc[[place for place in at if place < len(base)]]
    found = found.loc[found["id"].isin(wanted)]
    return _joined([found, rows.loc[rows["id"].isin(others)]])


def _joined(parts: list[Frame]) -> Frame:
    there = [part for part in parts if len(part)]
    joined = pd.concat(there, ignore_index=True) if len(there) > 1 else (there or parts)[0]
    whole: Frame = joined.sort_values("id", kind="stable").reset_index(drop=True)
    return whole


class Tables(Mapping[str, Frame]):
    """Tables by kind, some of them patched.

    Parameters
    ----------
    tables : mapping of str to DataFrame or Patch
        What they are.
    """

    def __init__(self, tables: Mapping[str, Frame | Patch]) -> None:
        self._tables = dict(tables)

    def __getitem__(self, kind: str) -> Frame:
        held = self._tables[kind]
        return held.frame if isinstance(held, Patch) else held

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)

    def patch(self, kind: str) -> Patch:
        """Return a kind as a patch; without edits it is one of no rows."""
        held = self._tables[kind]
        return held if isinstance(held, Patch) else Patch(held, frozenset(), held.iloc[:0])

    def patched(self, kind: str, ids: frozenset[str], rows: Frame) -> Tables:
        """Return the tables with some rows of a kind replaced."""
        return Tables({**self._tables, kind: self.patch(kind).with_rows(ids, rows)})

    def without(self, kind: str) -> dict[str, Any]:
        """Return the other tables, each with all its rows."""
        return {name: self[name] for name in self if name != kind}
