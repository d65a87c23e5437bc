"""Sentences that gridmap makes of other values: what they give away is replaced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from gridmap.config import AudienceSpec, ProjectSpec
from gridmap.model import ViewTable
from gridmap.privacy.kept_back import SENTENCES, Withheld, left_out, texts_of
from gridmap.privacy.passing import Passing
from gridmap.privacy.search import Needles

LEFT_OUT = "(内容不提供 / withheld)"
# Sentences give metres: finer than what five decimals of a degree are, they are not for a coarser audience.
WHOLE_METRES = 5


def without_secrets(
    passing: Mapping[str, Passing],
    tables: Mapping[str, pd.DataFrame],
    spec: ProjectSpec,
    allowed: AudienceSpec,
    facts: Mapping[str, Any],
) -> dict[str, pd.DataFrame]:
    """Replace sentences that hold a private text, or an id or name of a row that does not pass.

    For an audience with new ids, or with positions coarser than a metre, every sentence is replaced: they
    name true ids and distances.
    """
    result = {name: one.frame for name, one in passing.items()}
    blind = not allowed.keeps_ids or allowed.decimals < WHOLE_METRES
    secret, unseen = Withheld({}), Needles(())
    if not blind:
        views = {name: ViewTable(name, frame) for name, frame in result.items()}
        secret = left_out(tables, spec, shown=views, facts=facts)
        unseen = Needles(_unseen_texts(passing, tables, spec))
    for name, columns in SENTENCES.items():
        if name not in result:
            continue
        frame = result[name].copy()
        for column in columns:
            if column in frame.columns:
                said = frame[column]
                frame[column] = _blank(said) if blind else _censored(said, secret, unseen)
        result[name] = frame
    return result


def _unseen_texts(
    passing: Mapping[str, Passing], tables: Mapping[str, pd.DataFrame], spec: ProjectSpec
) -> set[str]:
    """Return ids and names of the rows that the audience does not see, but for those that a seen row has."""
    texts: set[str] = set()
    for kind in spec.kinds.keys() & tables.keys():
        frame = tables[kind]
        seen = passing[kind].rows if kind in passing else np.zeros(len(frame), dtype=bool)
        if seen.all():
            continue
        for column in {"id", "name", *spec.kinds[kind].private} & set(frame.columns):
            values = frame[column].astype("str")
            texts |= texts_of(values[~seen]) - texts_of(values[seen])
    return texts


def _blank(column: pd.Series[Any]) -> pd.Series[Any]:
    return pd.Series(LEFT_OUT, index=column.index, dtype="str").where(column.notna())


def _censored(column: pd.Series[Any], secret: Withheld, unseen: Needles) -> pd.Series[Any]:
    texts = column.fillna("").astype("str").tolist()
    said = "\n".join(texts).encode("utf-8", "surrogatepass")
    places = [*secret.needles.places(said, besides=secret.held), *unseen.places(said)]
    if not places:
        return column
    ends = np.cumsum([len(text.encode("utf-8", "surrogatepass")) + 1 for text in texts])
    hit = np.unique(np.searchsorted(ends, places, side="right"))
    censored = column.copy()
    censored.iloc[hit] = LEFT_OUT
    return censored
