"""Run every registered check, in stages, and turn what they yield into findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from gridmap import registry
from gridmap.checks.base import GEOMETRY, NO_ROW, Check, CheckDoc, Faults
from gridmap.checks.context import Context, Objects
from gridmap.checks.structure import STRUCTURE_DOCS, take_in
from gridmap.config import ProjectSpec
from gridmap.errors import ConfigError
from gridmap.model import Finding, Findings


@cache
def _checks() -> tuple[Check, ...]:
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
    for doc in (*STRUCTURE_DOCS, *(doc for check in _checks() for doc in check.docs)):
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
    return Findings.of(_run(Context(tables, spec), ()))


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
    for check in _checks():
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
