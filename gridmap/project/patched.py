"""Tables with a few rows replaced: the frame of a million rows is copied only when somebody asks for it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

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
        Those of them that are there now, in any order.
    """

    base: Frame
    edited: frozenset[str]
    rows: Frame

    @cached_property
    def frame(self) -> Frame:
        """All rows as they are now, in the order of ids."""
        kept = self.base.loc[~self.base["id"].isin(self.edited)]
        return joined([kept, self.rows])

    def of(self, ids: frozenset[str]) -> Frame:
        """Return some rows as they are now, in the order of ids."""
        parts = [_found(self.base, ids - self.edited)] if ids - self.edited else []
        if ids & self.edited or not parts:
            named = self.rows["id"].tolist()
            parts.append(self.rows.iloc[[at for at, name in enumerate(named) if name in ids]])
        return joined(parts)

    def with_rows(self, ids: frozenset[str], rows: Frame) -> Patch:
        """Return the patch with more rows replaced."""
        names = self.rows["id"].tolist()
        kept = [at for at, name in enumerate(names) if name not in ids]
        left = self.rows if len(kept) == len(names) else self.rows.iloc[kept]
        parts = [part for part in (left, rows) if len(part)] or [rows]
        added = pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]
        return replace(self, edited=self.edited | ids, rows=added)


def _found(frame: Frame, wanted: frozenset[str]) -> Frame:
    """Return some rows of a frame in the order of ids, found by halving: they are few among many."""
    ids = frame["id"].array
    at = [(bisect_left(ids, name), name) for name in sorted(wanted)]
    found = [place for place, name in at if place < len(ids) and ids[place] == name]
    # A slice shares what the frame holds.
    adjoining = bool(found) and found[-1] - found[0] == len(found) - 1
    return frame.iloc[found[0] : found[-1] + 1] if adjoining else frame.iloc[found]


def joined(parts: list[Frame]) -> Frame:
    """Return the rows of some frames, in any order, in the order of ids."""
    there = [part for part in parts if len(part)] or parts[:1]
    names = [name for part in there for name in part["id"].tolist()]
    order = sorted(range(len(names)), key=names.__getitem__)
    whole: Frame = there[0] if len(there) == 1 else pd.concat(there, ignore_index=True)
    ordered = whole if order == list(range(len(names))) else whole.take(order)
    return ordered.reset_index(drop=True)


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

    def settled(self) -> Tables:
        """Return the same tables without patches."""
        return Tables(dict(self.items()))

    def without(self, kind: str) -> dict[str, Any]:
        """Return the other tables, each with all its rows."""
        return {name: self[name] for name in self if name != kind}
