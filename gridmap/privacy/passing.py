"""Which rows and columns of a table pass to an audience as they are."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap import registry
from gridmap.config import ANALYSIS_TABLES, AudienceSpec, ProjectSpec, sees_analysis
from gridmap.model import TARGETS, Redacted
from gridmap.privacy.keepers import own_rows
from gridmap.privacy.redaction import Ground, admin_of

Mask = np.ndarray[Any, np.dtype[np.bool_]]
# The column of a result that says which table a row is about, and the one that says which row.
ABOUT = {"assignments": ("kind", "feature"), "findings": ("table", "id")}
# Results that name the unit they are about.
OF_UNIT = ("sections", "assignments")
# What an assignment says of its target: distances to a hidden place from three known ones are that place.
OF_TARGET = ("target", "metres", "reason")


@dataclass(frozen=True, slots=True)
class Passing:
    """What passes of one table.

    Parameters
    ----------
    frame : DataFrame or GeoDataFrame
        The passing rows and columns, with their geometry, in the project's CRS.
    rows : (n,) bool array
        Which rows of the table they are.
    """

    frame: pd.DataFrame
    rows: Mask


def pass_tables(
    tables: Mapping[str, pd.DataFrame], spec: ProjectSpec, allowed: AudienceSpec, unit: str
) -> tuple[dict[str, Passing], list[Redacted]]:
    """Return what passes of each table as it is, and what was dropped of it by a redaction."""
    if allowed.everything:
        return {name: _whole(frame) for name, frame in tables.items()}, []
    own = own_rows(tables, spec, unit) if allowed.per_unit else {}
    blind = {name for name in ANALYSIS_TABLES if not sees_analysis(allowed, name, kinds=spec.kinds)}
    tables = {name: frame for name, frame in tables.items() if name not in blind}
    shown = {
        name: _passing(frame, name, allowed, own.get(name))
        for name, frame in tables.items()
        if name in allowed.columns or (name in allowed.others and name in own)
    }
    dropped = [_drop(shown, tables, position, spec, allowed) for position in range(len(allowed.redactions))]
    shown = _results_about_what_passes(shown, tables, spec, allowed, unit)
    return shown, [one for one in dropped if one is not None]


def _whole(frame: pd.DataFrame) -> Passing:
    return Passing(frame, np.ones(len(frame), dtype=bool))


def geometry_name(frame: pd.DataFrame) -> str | None:
    """Return the name of a frame's geometry column, None if it has none."""
    return str(frame.geometry.name) if isinstance(frame, gpd.GeoDataFrame) else None


def _passing(frame: pd.DataFrame, name: str, allowed: AudienceSpec, own: Mask | None) -> Passing:
    mine = np.ones(len(frame), dtype=bool) if own is None else own
    theirs = ~mine & (name in allowed.others)
    rows = (mine & (name in allowed.columns)) | theirs
    # What is everybody's has no others: only the columns listed for all pass.
    others = () if own is None else allowed.others.get(name, ())
    listed = allowed.columns.get(name, ())
    kept = _columns(frame, {*listed, *others})
    passed = frame.loc[rows, kept].copy()
    for column in set(kept) - {geometry_name(frame)}:
        seen = (mine & (column in listed)) | (theirs & (column in others))
        if not seen[rows].all():
            passed[column] = _only(passed[column], seen[rows])
    return Passing(passed, rows)


def _columns(frame: pd.DataFrame, listed: Collection[str]) -> list[Any]:
    """Return the columns that pass, in the frame's own order, with the geometry if it has one."""
    place = geometry_name(frame)
    return [column for column in frame.columns if column == place or column in listed]


def _only(values: pd.Series[Any], rows: Mask) -> pd.Series[Any]:
    """Return values with those of other rows missing, in a type that can say so."""
    if pd.api.types.is_bool_dtype(values.dtype):
        values = values.astype("boolean")
    elif pd.api.types.is_integer_dtype(values.dtype):
        values = values.astype("Int64")
    return values.where(rows)


def _drop(
    shown: dict[str, Passing],
    tables: Mapping[str, pd.DataFrame],
    position: int,
    spec: ProjectSpec,
    allowed: AudienceSpec,
) -> Redacted | None:
    """Take dropped rows out of what passes (in `shown`), and say how many they were."""
    used = allowed.redactions[position]
    redaction = registry.get("redactions", used.redaction)
    if not redaction.in_place or used.kind not in shown:
        return None
    before = shown[used.kind]
    # The whole rows are asked, and what passes is filtered: the reason to drop need not be a shown column.
    given = tables[used.kind].loc[before.rows]
    made = redaction.make(given, used, Ground(spec, admin_of(tables, spec)))
    stays = made.group >= 0
    rows = before.rows.copy()
    rows[before.rows] = stays
    shown[used.kind] = Passing(before.frame.loc[stays], rows)
    return Redacted(
        kind=used.kind,
        redaction=used.redaction,
        table=used.kind,
        k=0,
        before=len(given),
        after=int(stays.sum()),
        left_out=int((~stays).sum()),
    )


def _results_about_what_passes(
    shown: Mapping[str, Passing],
    tables: Mapping[str, pd.DataFrame],
    spec: ProjectSpec,
    allowed: AudienceSpec,
    unit: str,
) -> dict[str, Passing]:
    """Leave out the results' rows about rows and units that do not pass, and what is said of such targets."""
    result = dict(shown)
    for name in OF_UNIT:
        if allowed.per_unit and name in shown:
            column = tables[name]["unit"].astype(object) == unit
            result[name] = _narrowed(shown[name], column.fillna(value=False).to_numpy(dtype=bool))
    for name, (about, which) in ABOUT.items():
        if name in result:
            result[name] = _narrowed(result[name], _about(tables[name], about, which, shown, tables, spec))
    if "assignments" in result:
        given = tables["assignments"]
        result["assignments"] = _without_hidden_targets(result["assignments"], given, result, tables)
    return result


def _without_hidden_targets(
    passing: Passing, given: pd.DataFrame, shown: Mapping[str, Passing], tables: Mapping[str, pd.DataFrame]
) -> Passing:
    """Empty what assignments say of targets that do not pass."""
    seen = np.zeros(len(given), dtype=bool)
    complete = {"layer", "target"} <= set(given.columns)
    target = _Coded.of(given["target"]) if complete else None
    for layer, table in TARGETS.items() if target is not None else ():
        if target is not None and table in shown:
            known = target.among(tables[table]["id"][shown[table].rows])
            seen |= (given["layer"] == layer).to_numpy(dtype=bool) & known
    kept = seen[passing.rows]
    if kept.all():
        return passing
    frame = passing.frame.copy()
    for column in set(OF_TARGET) & set(frame.columns):
        frame[column] = _only(frame[column], kept)
    return Passing(frame, passing.rows)


def _narrowed(passing: Passing, wanted: Mask) -> Passing:
    rows = passing.rows & wanted
    return Passing(passing.frame.loc[wanted[passing.rows]], rows)


def _about(
    frame: pd.DataFrame,
    about: str,
    which: str,
    shown: Mapping[str, Passing],
    tables: Mapping[str, pd.DataFrame],
    spec: ProjectSpec,
) -> Mask:
    """Say which rows of a result are about a table that passes, and of that about a row that passes."""
    if about not in frame.columns:
        # Without the column, nobody can say which rows are about what: none passes.
        return np.zeros(len(frame), dtype=bool)
    subject = _Coded.of(frame[about])
    found: Mask = ~subject.among(sorted(spec.kinds.keys() - shown.keys()))
    for kind in sorted(spec.kinds.keys() & shown.keys()):
        hidden = tables[kind]["id"][~shown[kind].rows]
        if len(hidden):
            found &= ~(subject.among([kind]) & _Coded.of(frame[which]).among(hidden))
    return found


@dataclass(frozen=True, slots=True)
class _Coded:
    """A column as the distinct values that it has, and which row has which: -1 where it is missing."""

    codes: Any
    values: Any

    @classmethod
    def of(cls, column: pd.Series[Any]) -> _Coded:
        codes, values = pd.factorize(column)
        return cls(codes, np.asarray(values, dtype=object))

    def among(self, wanted: Any) -> Mask:
        """Say which rows have one of the wanted values; a missing one is none."""
        sought = np.asarray(wanted, dtype=object)
        if len(self.values) < len(sought):
            # The fewer of the two are hashed.
            sought = sought[pd.Index(sought, dtype=object).isin(self.values)]
        known = pd.Index(self.values, dtype=object).isin(sought)
        return np.asarray(np.append(known, False)[self.codes], dtype=bool)
