"""What is left of a run of checks: enough to check a few rows later as if all were there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from gridmap.checks.context import Context, Dangled, Floats, Marked
from gridmap.checks.spots import Spots
from gridmap.config import ProjectSpec

# What a context works out once from tables of administration and of the border.
WORKED_OUT = ("jurisdiction", "border", "whole_border", "township_rows")


@dataclass(frozen=True, slots=True)
class Trace:
    """What a check looked at, and what it left for later ones.

    Parameters
    ----------
    looked : frozenset of str
        Tables.
    marked : tuple of (table, rows, aspects)
        Rows that it marked.
    dangled : tuple of (table, values)
        Values that it found to lead nowhere, by the table they should lead to.
    disputed : geometry or None
        Holes and overlaps of the townships, as known after it.
    """

    looked: frozenset[str]
    marked: tuple[Marked, ...]
    dangled: tuple[Dangled, ...]
    disputed: Any


@dataclass(frozen=True)
class Remains:
    """What was worked out; no table.

    Parameters
    ----------
    spec : ProjectSpec
        The settings.
    worked_out : mapping of str to object
        Jurisdiction and border, as far as a check asked for them.
    xy : mapping of table to (n, 2) metres
        Positions, as far as a check asked for them.
    spots : mapping of table to Spots
        The same, sorted, where every row of the table has one.
    """

    spec: ProjectSpec
    worked_out: Mapping[str, Any]
    xy: Mapping[str, Floats]
    spots: Mapping[str, Spots]

    @classmethod
    def of(cls, context: Context) -> Remains:
        """Return what is left of a context."""
        return cls(
            spec=context.spec,
            worked_out={name: value for name, value in vars(context).items() if name in WORKED_OUT},
            xy=context.positions,
            spots=context.spots,
        )

    def context(self, tables: Mapping[str, pd.DataFrame]) -> Context:
        """Return a context of other tables, in which this need not be worked out again."""
        made = Context(tables, self.spec)
        vars(made).update(self.worked_out)
        return made
