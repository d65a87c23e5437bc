"""Run every registered check, in stages, and turn what they yield into findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from gridmap import registry
from gridmap.checks.base import GEOMETRY, NO_ROW, Check, CheckDoc, Faults
from gridmap.checks.columns import Objects
from gridmap.checks.context import Context
from gridmap.checks.remains import Remains, Trace
from gridmap.checks.structure import STRUCTURE_DOCS, take_in
from gridmap.config import ProjectSpec
from gridmap.errors import ConfigError
from gridmap.model import Finding, Findings


@cache
def in_order() -> tuple[Check, ...]:
    """Return every registered check, in the order in which they run."""
    families = registry.everything("checks").values()
    # sorted() is stable: within a stage, families run by name and checks in the order they are listed.
    return tuple(sorted((check for family in families for check in family), key=lambda one: one.stage))


@cache
def codes() -> dict[str, CheckDoc]:
    """Return every code that a check may report, sorted by code.

    Raises
    ------
    ConfigError
        GM110 if two checks claim one code.
    """
    found: dict[str, CheckDoc] = {}
    for doc in (*STRUCTURE_DOCS, *(doc for check in in_order() for doc in check.docs)):
        if doc.code in found:
            raise ConfigError(
                "GM110",
                f"two checks report the code {doc.code}",
                where="the registry of checks",
                fix="rename the code of the check that was added last",
            )
        found[doc.code] = doc
    return dict(sorted(found.items()))


def check_tables(tables: Mapping[str, pd.DataFrame], spec: ProjectSpec) -> Findings:
    """Check a whole project.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Frames as the store reads them (ids unique, columns and types known), by kind; spatial
        ones in the working CRS. A kind that is left out is not judged. The order of rows does
        not matter.
    spec : ProjectSpec
        The project's settings.

    Returns
    -------
    Findings
        Each fault once: what only follows from a fault that is reported is left out.
    """
    return checked(tables, spec).findings


@dataclass(frozen=True)
class Checked:
    """What checks found, and what a later run after an edit can build on.

    Parameters
    ----------
    findings : Findings
        Each fault once.
    traces : tuple of Trace
        What each check looked at and left for later ones, in the order of `in_order`.
    remains : Remains
        What is left of what they looked at.
    doubtful : frozenset of str
        Kinds whose rows may be marked otherwise since: what looks at them is checked whole.
    """

    findings: Findings
    traces: tuple[Trace, ...] = field(repr=False)
    remains: Remains = field(repr=False)
    doubtful: frozenset[str] = frozenset()


def checked(tables: Mapping[str, pd.DataFrame], spec: ProjectSpec) -> Checked:
    """Check a whole project, as `check_tables`, and keep what a later run can build on."""
    context = Context(tables, spec)
    found: list[Finding] = []
    traces: list[Trace] = []
    for check in in_order():
        context.looked.clear()
        context.marked.clear()
        context.dangled.clear()
        found.extend(run_one(check, context))
        left = tuple(context.marked), tuple(context.dangled)
        traces.append(Trace(frozenset(context.looked), *left, context.disputed))
    return Checked(Findings.of(found), tuple(traces), Remains.of(context))


def check_frame(frame: pd.DataFrame, *, kind: str, spec: ProjectSpec) -> Findings:
    """Check one frame, which need not be fit to be stored.

    Parameters
    ----------
    frame : DataFrame or GeoDataFrame
        Any index; unknown or missing columns, wrong types and repeated ids are findings too. A
        GeoDataFrame in another CRS is brought to the working CRS first.
    kind : str
        The kind that its rows are.
    spec : ProjectSpec
        The project's settings.

    Raises
    ------
    ConfigError
        GM105 if there is no such kind.
    """
    if kind not in spec.kinds:
        raise ConfigError(
            "GM105", f"no such kind: {kind}", where="kind", fix="one of: " + ", ".join(sorted(spec.kinds))
        )
    clean, faults = take_in(frame, kind=kind, spec=spec)
    return Findings.of(_run(Context({kind: clean}, spec), faults))


def _run(context: Context, given: Iterable[Faults]) -> Iterator[Finding]:
    for faults in given:
        context.note(faults)
        yield from _findings(context, faults)
    for check in in_order():
        yield from run_one(check, context)


def run_one(check: Check, context: Context) -> Iterator[Finding]:
    """Run one check: note what it marks, yield what it finds."""
    for faults in check.run(context):
        context.note(faults)
        yield from _findings(context, faults)


def _findings(context: Context, faults: Faults) -> Iterator[Finding]:
    doc = codes()[faults.code]
    ids = context.ids(faults.table)
    places = _places(context, faults)
    one = isinstance(faults.messages, str)
    for position, row in enumerate(faults.rows.tolist()):
        yield Finding(
            code=doc.code,
            level=doc.level,
            table=faults.table,
            id=None if row == NO_ROW else ids[row],
            message=str(faults.messages if one else faults.messages[position]),
            fix=doc.fix if faults.fixes is None else faults.fixes[position],
            related=() if faults.related is None else faults.related[position],
            geometry=None if places is None else places[position],
            size=None if faults.sizes is None else float(faults.sizes[position]),
        )


def _places(context: Context, faults: Faults) -> Sequence[Any] | Objects | None:
    if faults.places is not None:
        return faults.places
    if not context.has(faults.table, GEOMETRY):
        return None
    geoms = context.geoms(faults.table)
    kept = np.full(len(faults.rows), None, dtype=object)
    rows = faults.rows != NO_ROW
    kept[rows] = geoms[faults.rows[rows]]
    return kept
