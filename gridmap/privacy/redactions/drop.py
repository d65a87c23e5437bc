"""Rows that do not pass at all."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from gridmap.config import RedactionSpec
from gridmap.privacy.redaction import Ground, Made, Redaction

Bools = np.ndarray[Any, np.dtype[np.bool_]]


def drop(rows: pd.DataFrame, used: RedactionSpec, ground: Ground) -> Made:  # noqa: ARG001 - the seam's form
    """Leave out all rows but those that have one of the values of ``only`` in each of its columns.

    A row without a value does not pass, nor does any where a column is not there: what is not known to be
    harmless stays behind. Values are compared as text, without regard to case and to blanks around them.
    """
    passes = np.full(len(rows), bool(used.only))
    for column, values in used.only.items():
        passes &= _has(rows, column, values)
    group = np.where(passes, np.cumsum(passes) - 1, -1).astype(np.int64)
    return Made("", rows[passes], group)


def _has(rows: pd.DataFrame, column: str, values: tuple[str, ...]) -> Bools:
    if column not in rows.columns:
        return np.zeros(len(rows), dtype=np.bool_)
    wanted = {value.strip().casefold() for value in values}
    texts = rows[column].astype(object)
    return np.array(
        [not pd.isna(text) and str(text).strip().casefold() in wanted for text in texts], dtype=bool
    )


REDACTION = Redaction("drop", drop, in_place=True)
