"""From a kind's declared columns to a pandera schema, and from its failures to rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gridmap.checks.base import Rows
from gridmap.config import ColumnSpec, KindSpec

if TYPE_CHECKING:
    import pandera.pandas as pa

Rule = Callable[["pd.Series[Any]"], "pd.Series[Any]"]

# Names of the checks inside the schema -> the code of the finding.
_CODES = {
    "not_nullable": "value-missing",
    "filled": "value-missing",
    "allowed": "value-not-allowed",
    "range": "value-out-of-range",
}


def schema_of(kind: KindSpec) -> pa.DataFrameSchema:
    """Return the pandera schema of a kind: required, allowed values, ranges.

    Types are not in it: the store guarantees them, and `take_in` looks at them cell by cell.
    """
    import pandera.pandas as pa  # noqa: PLC0415 - half a second to import, and only a fault needs it

    columns = {
        name: pa.Column(
            None,
            [pa.Check(holds, name=rule, error=rule) for rule, holds in _rules(column).items()],
            nullable=not column.required,
            required=False,
        )
        for name, column in kind.columns.items()
        if _rules(column) or column.required
    }
    return pa.DataFrameSchema(columns)


def failures(frame: pd.DataFrame, kind: KindSpec) -> Iterator[tuple[str, str, Rows]]:
    """Yield (code, column, positions) for every way that cells fail a kind's schema.

    Parameters
    ----------
    frame : DataFrame
        With a RangeIndex and the column types of the frame contract.
    kind : KindSpec
        What its columns should be.
    """
    if all(_sound(frame[name], column) for name, column in kind.columns.items() if name in frame.columns):
        return
    import pandera.pandas as pa  # noqa: PLC0415 - half a second to import, and only a fault needs it

    schema = schema_of(kind)
    names = [name for name in schema.columns if name in frame.columns]
    try:
        schema.validate(pd.DataFrame(frame[names]), lazy=True)
    except pa.errors.SchemaErrors as error:
        cases = error.failure_cases
        cases = cases.assign(code=cases["check"].map(_CODES))
        for (column, code), group in cases.groupby(["column", "code"], sort=True):
            yield str(code), str(column), np.unique(group["index"].to_numpy(dtype=np.intp))


def _sound(cells: pd.Series[Any], column: ColumnSpec) -> bool:
    """Whether the schema would find nothing: asked first, of the same rules."""
    rules = _rules(column)
    if column.required and bool(cells.isna().any()):
        return False
    known = cells.dropna() if rules else cells
    return all(bool(holds(known).all()) for holds in rules.values())


def _rules(column: ColumnSpec) -> dict[str, Rule]:
    """Return what must hold of the known cells of a column, by the name of the rule."""
    rules: dict[str, Rule] = {}
    if column.type == "text" and column.required:
        rules["filled"] = _filled
    listed = column.model_dump()["values"]
    if listed is not None:
        allowed = frozenset(listed)
        rules["allowed"] = lambda cells: cells.isin(allowed)
    if column.type == "real" or (column.min, column.max) != (None, None):
        low = -np.inf if column.min is None else column.min
        high = np.inf if column.max is None else column.max
        rules["range"] = lambda cells: _between(cells, low, high)
    return rules


def _filled(cells: pd.Series[Any]) -> pd.Series[Any]:
    return cells.str.strip() != ""


def _between(cells: pd.Series[Any], low: float, high: float) -> pd.Series[Any]:
    """Whether numbers are within limits, inclusive; an infinite one never is."""
    values = cells.astype("float64")
    return (values >= low) & (values <= high) & np.isfinite(values)
