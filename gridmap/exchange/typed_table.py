"""A file's columns as the typed columns of a kind; what no header gives is missing or set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from gridmap.config import KindSpec
from gridmap.config.suggesting import suggest
from gridmap.errors import ConfigError
from gridmap.exchange.checksums import holds_resident_id
from gridmap.exchange.format import RawTable
from gridmap.exchange.headers import Headers
from gridmap.exchange.meanings import columns_option
from gridmap.exchange.typed import RowFault, missing_column, typed_column

IDENTITY = "holds an identity number, which gridmap keeps for nobody"
IDENTITY_LENGTH = 18


def typed_table(
    raw: RawTable, headers: Headers, schema: KindSpec, constants: Mapping[str, str]
) -> tuple[pd.DataFrame, list[RowFault]]:
    """Return the ids and the columns of a kind, and the cells that are not of their column's type.

    Parameters
    ----------
    raw : RawTable
        The file.
    headers : Headers
        Which header is which column.
    schema : KindSpec
        The kind.
    constants : mapping of str to str
        Columns that have one value in every row, because the caller says so.

    Returns
    -------
    DataFrame
        ``id`` and every column of the kind, in its order.
    list of RowFault
        Cells that are not of their column's type.

    Raises
    ------
    ConfigError
        GM105 for a constant of a column that the kind does not have; GM106 for one that has a header as well,
        or whose value is not of the column's type.
    """
    source = headers.sources
    set_ = _constants(constants, schema, headers)
    data: dict[str, pd.Series[Any]] = {}
    faults: list[RowFault] = []
    types = {"id": "text", **{name: one.type for name, one in schema.columns.items()}}
    for name, wanted in types.items():
        if name in set_:
            data[name] = set_[name].take([0] * len(raw.rows)).reset_index(drop=True)
        elif name not in source:
            data[name] = missing_column(len(raw.rows), wanted)
        else:
            data[name], misfits = typed_column(raw.columns[source[name]], wanted)
            faults += [RowFault(int(raw.rows[at]), name, reason) for at, reason in misfits]
            faults += [RowFault(int(raw.rows[at]), name, IDENTITY) for at in _identity_numbers(data[name])]
    return pd.DataFrame(data), faults


def _identity_numbers(cells: pd.Series[Any]) -> list[int]:
    """Return the positions of identity numbers in a column of which most cells are something else."""
    if pd.api.types.is_string_dtype(cells.dtype):
        long = (cells.str.len() >= IDENTITY_LENGTH).to_numpy(dtype=bool, na_value=False)
    elif cells.dtype == "Int64":
        long = (cells >= 10 ** (IDENTITY_LENGTH - 1)).to_numpy(dtype=bool, na_value=False)
    else:
        return []
    return [int(at) for at in np.flatnonzero(long) if holds_resident_id(_plain(cells.iloc[at]))]


def _plain(value: Any) -> Any:
    return value if isinstance(value, str) else int(value)


def _constants(constants: Mapping[str, str], schema: KindSpec, headers: Headers) -> dict[str, pd.Series[Any]]:
    made: dict[str, pd.Series[Any]] = {}
    for name, value in constants.items():
        where = f"--set {name}="
        if name not in schema.columns:
            raise ConfigError(
                "GM105", f"no such column: {name}", where=where, fix=suggest(name, schema.columns)
            )
        if name in headers.sources:
            header = headers.sources[name]
            raise ConfigError(
                "GM106",
                f"{name} comes from the header {header} and is set as well",
                where=where,
                fix=f"leave one of them out: {columns_option(header)} leaves the header out",
            )
        made[name], misfits = typed_column([value], schema.columns[name].type)
        if misfits:
            raise ConfigError(
                "GM106", f"the value {misfits[0][1]}", where=where, fix=f"give one of the type of {name}"
            )
    return made
