"""New ids and a new order of rows for one audience, so that two products cannot be joined by them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

import pandas as pd

from gridmap.config import ProjectSpec
from gridmap.model import TARGETS
from gridmap.privacy.releases import Releases

DIGITS = 10  # 50 bits: among a million rows two are alike once in two thousand projects, and then longer
MORE_BYTES = 10  # 16 digits of five bits each
ORDER = ("id", "kind", "layer", "feature", "role", "target")


def renew(
    shown: Mapping[str, pd.DataFrame], spec: ProjectSpec, releases: Releases, *, receiver: tuple[str, str]
) -> dict[str, pd.DataFrame]:
    """Return tables with new ids, references that follow them, and rows in the order of the new ids.

    An id is made from the project's secret, the receiver and the old id: the same in every product for one
    receiver, unrelated to it in every other. A reference to a row that the receiver does not see is emptied.

    Parameters
    ----------
    shown : mapping of str to frame
        What passes; tables made by redactions are there under their own names.
    spec : ProjectSpec
        Says which columns hold ids of another table.
    releases : Releases
        The secret.
    receiver : (audience, unit)
        For whom; the unit is "" where the audience is no unit's.
    """
    known = {
        name: _table_ids(name, frame, releases, receiver)
        for name, frame in shown.items()
        if "id" in frame.columns and name != "findings"
    }
    made = {name: _renewed(name, frame, spec, known) for name, frame in shown.items()}
    return {name: _ordered(name, frame, releases, receiver) for name, frame in made.items()}


def _table_ids(
    name: str, frame: pd.DataFrame, releases: Releases, receiver: tuple[str, str]
) -> dict[str, str]:
    old = [str(one) for one in frame["id"].dropna().unique()]
    long = {one: _token(releases.keyed("id", *receiver, name, one)) for one in old}
    short = pd.Series(long, dtype="str").str[:DIGITS]
    alike = set(short[short.duplicated(keep=False)].index)
    return {one: name[0] + (token if one in alike else token[:DIGITS]) for one, token in long.items()}


def _token(digest: bytes) -> str:
    return base64.b32encode(digest[:MORE_BYTES]).decode("ascii").lower()


def _renewed(
    name: str, frame: pd.DataFrame, spec: ProjectSpec, known: Mapping[str, Mapping[str, str]]
) -> pd.DataFrame:
    made = frame.copy()
    for column, table in _references(name, frame, spec).items():
        made[column] = _mapped(frame[column], known.get(table, {}))
    if {"kind", "feature"} <= set(frame.columns):
        made["feature"] = _by_table(frame["feature"], frame["kind"], known)
    if {"layer", "target"} <= set(frame.columns):
        made["target"] = _by_table(frame["target"], frame["layer"].map(TARGETS), known)
    if name == "findings" and {"table", "id"} <= set(frame.columns):
        made["id"] = _by_table(frame["id"], frame["table"], known)
    elif "id" in frame.columns and name in known:
        made["id"] = _mapped(frame["id"], known[name])
    return made


def _references(name: str, frame: pd.DataFrame, spec: ProjectSpec) -> dict[str, str]:
    """Return the columns of a table that hold ids of another one, and of which."""
    if name in {"sections", "assignments"}:
        return {column: column for column in ("unit", "outpost") if column in frame.columns}
    # A table made of a kind's rows has columns of the kind.
    kinds = [one for one in spec.kinds if name == one or name.startswith(f"{one}_")]
    columns = spec.kinds[max(kinds, key=len)].columns if kinds else {}
    named = {column: one.references for column, one in columns.items() if column in frame.columns}
    return {column: table for column, table in named.items() if table is not None and "." not in table}


def _mapped(values: pd.Series[Any], ids: Mapping[str, str]) -> pd.Series[Any]:
    return values.astype(object).map(ids).astype("str")


def _by_table(
    values: pd.Series[Any], tables: pd.Series[Any], known: Mapping[str, Mapping[str, str]]
) -> pd.Series[Any]:
    pairs = zip(tables.astype(object), values.astype(object), strict=True)
    made = [known.get(table, {}).get(value) for table, value in pairs]
    return pd.Series(made, index=values.index, dtype="str")


def _ordered(name: str, frame: pd.DataFrame, releases: Releases, receiver: tuple[str, str]) -> pd.DataFrame:
    """Order rows by their own new id, or by all the new ids they name: the old order tells nothing.

    Rows that these do not tell apart (the audience sees no id of a road) stand in an order that is the
    receiver's own.
    """
    keys = [column for column in ORDER if column in frame.columns]
    if not keys or frame.duplicated(keys).any():
        secret = releases.keyed("order", *receiver, name)
        numbers = [number.to_bytes(8, "big") for number in range(len(frame))]
        marks = [hashlib.blake2b(number, digest_size=16, key=secret).digest() for number in numbers]
        frame = frame.iloc[sorted(range(len(frame)), key=marks.__getitem__)]
    return frame.sort_values(keys, kind="stable") if keys else frame
