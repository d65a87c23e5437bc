"""What a view left out, private texts and exact coordinates: what no byte of its products may hold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from gridmap.config import ProjectSpec
from gridmap.model import View, ViewTable
from gridmap.privacy.coordinates import ExactCoordinates, exact_coordinates
from gridmap.privacy.search import Needles

# Chinese, Japanese and Korean ideographs: two of them are a name.
IDEOGRAPH = re.compile("[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
SHORTEST, SHORTEST_IDEOGRAPHS = 4, 2
# Sentences that gridmap makes from other values; what they hold is not "held elsewhere".
SENTENCES: Mapping[str, tuple[str, ...]] = {
    "assignments": ("reason",),
    "findings": ("message", "fix", "related"),
}


@dataclass(frozen=True, repr=False)
class Withheld:
    """Private texts by column, and exact coordinates; never printed, never part of a view.

    Parameters
    ----------
    by_column : mapping of str to frozenset of str
        ``"household.name"`` -> the texts that the view left out.
    held : frozenset of str
        Those of them that the audience may see elsewhere (a household that bears its gacha's name):
        finding them in a product proves nothing.
    coordinates : ExactCoordinates or None
        Where things are, more exactly than the audience may see it.
    """

    by_column: Mapping[str, frozenset[str]]
    held: frozenset[str] = field(default=frozenset())
    coordinates: ExactCoordinates | None = None

    def __repr__(self) -> str:
        counts = [f"{name}: {len(texts)}" for name, texts in self.by_column.items()]
        if self.coordinates is not None:
            counts.append(repr(self.coordinates))
        return f"<Withheld {', '.join(counts) or 'nothing'}>"

    @cached_property
    def texts(self) -> list[str]:
        """All texts, those that are held elsewhere among them; not to be changed."""
        return [text for texts in self.by_column.values() for text in texts]

    @cached_property
    def needles(self) -> Needles:
        """The texts, ready to be looked for."""
        return Needles(self.texts)

    def found(self, haystack: bytes, *, symbols: int = 0) -> frozenset[str]:
        """Return the withheld texts that occur in UTF-8 bytes and are not held elsewhere.

        ``symbols`` is for bytes that are no text, see `Needles.found`.
        """
        if not self.needles:
            return frozenset()
        return frozenset(self.needles.found(haystack, symbols=symbols)) - self.held

    def columns_of(self, texts: Iterable[str]) -> tuple[str, ...]:
        """Return the names of the columns that some texts come from: what an error may say."""
        wanted = frozenset(texts)
        return tuple(sorted(name for name, own in self.by_column.items() if own & wanted))


def withheld(tables: Mapping[str, pd.DataFrame], spec: ProjectSpec, view: View) -> Withheld:
    """Collect every private text that a view left out, and every coordinate that it rounded.

    Parameters
    ----------
    tables : mapping of str to frame
        What the view was made from, in the working CRS.
    spec : ProjectSpec
        Says which columns are private, and the working CRS.
    view : View
        What the audience may see.

    Returns
    -------
    Withheld
        Texts of four characters or more (two or more in Chinese), without spaces around them; the vertices of
        all tables.
    """
    found = left_out(tables, spec, shown=view.tables, facts=view.facts)
    result = replace(found, coordinates=exact_coordinates(tables, spec.crs, view.decimals))
    return _with_needles_of(found, result)


def left_out(
    tables: Mapping[str, pd.DataFrame],
    spec: ProjectSpec,
    *,
    shown: Mapping[str, ViewTable],
    facts: Mapping[str, Any],
) -> Withheld:
    """Collect like `withheld`, from the parts of a view that is still being made."""
    by_column: dict[str, frozenset[str]] = {}
    for table, schema in spec.kinds.items():
        for column in sorted(schema.private):
            if table not in tables or schema.columns[column].type != "text":
                continue
            hidden = texts_of(tables[table][column])
            if table in shown and column in shown[table].frame.columns:
                hidden -= texts_of(shown[table].frame[column])
            if hidden:
                by_column[f"{table}.{column}"] = hidden
    found = Withheld(by_column)
    if not by_column:
        return found
    held = found.needles.found("\n".join(_open_texts(spec, shown, facts)).encode("utf-8", "surrogatepass"))
    return _with_needles_of(found, Withheld(by_column, frozenset(held)))


def _with_needles_of(found: Withheld, result: Withheld) -> Withheld:
    """Hand the needles on: the same texts, and building them is most of the work for a million homes."""
    result.__dict__.update(texts=found.texts, needles=found.needles)
    return result


def texts_of(column: pd.Series[Any]) -> frozenset[str]:
    """Return the distinct texts of a column that are long enough to tell something."""
    # A million of them: what is plainly long enough is not asked one by one.
    stripped = [str(text).strip() for text in _distinct(column)]
    return frozenset([text for text in stripped if len(text) >= SHORTEST or telling(text)])


def _distinct(column: pd.Series[Any]) -> list[Any]:
    """Return the distinct values of a column, as they first appear."""
    found: list[Any] = np.asarray(pd.unique(column.dropna()), dtype=object).tolist()
    return found


def telling(text: str) -> bool:
    """Say whether a text is long enough to be recognised: four characters, or two with Chinese."""
    return len(text) >= SHORTEST or (len(text) >= SHORTEST_IDEOGRAPHS and bool(IDEOGRAPH.search(text)))


def _open_texts(spec: ProjectSpec, shown: Mapping[str, ViewTable], facts: Mapping[str, Any]) -> Iterator[str]:
    """Yield every text that the audience sees anyway: open columns, settings, the data statement."""
    yield json.dumps(spec.model_dump(mode="json"), ensure_ascii=False)
    yield json.dumps(dict(facts), ensure_ascii=False, default=str, sort_keys=True)
    for name, table in shown.items():
        for column in table.frame.columns:
            values = table.frame[column]
            if column in SENTENCES.get(name, ()) or not pd.api.types.is_string_dtype(values.dtype):
                continue
            yield "\n".join(sorted(map(str, _distinct(values))))
