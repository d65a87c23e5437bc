"""Our own packed form: the JSON blocks of a page, their texts and their integer coordinates.

See `gridmap.model.scene`. Packed integers are not searched as bytes or as letters, in which short texts
stand by chance: codes and metres are nothing that is withheld, and coordinates are checked as what they are.
What integers spell (ids, names) is read as texts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from gridmap.model.packed import Packed
from gridmap.privacy.coordinates import Numbers
from gridmap.publish.unpacking.numbers import any_scale, packed
from gridmap.publish.unpacking.piece import Piece, TooMuchError
from gridmap.render.codec import unpack_ints

Ints = npt.NDArray[np.int64]

BLOCK = re.compile(
    rb'<script type="application/json" data-gridmap="[^"<>]*">(.*?)</script>', re.DOTALL | re.IGNORECASE
)
INTEGERS = frozenset({"size", "low", "high", "steps", "data"})
# More rows than any page could open.
MOST_INTEGERS = 1 << 25
# Whole numbers below this are counts, codes and metres.
LEAST_NUMBER = 10**6
# What integers must span to be coordinates of many decimals.
WIDE = 1 << 16
SPELLED = frozenset({"pattern", "letters"})
# Texts that are joined at once.
STRETCH = 1 << 16


def blocks(data: bytes) -> tuple[bytes, list[Piece]]:
    """Take the packed blocks out of a page.

    Returns
    -------
    rest : bytes
        The page without them. A block that is not JSON stays in it.
    pieces : list of Piece
        Their texts, those that are spelled with integers too; their numbers; their packed coordinates.
    """
    found = _Found()
    kept: list[bytes] = []
    at = 0
    for match in BLOCK.finditer(data):
        try:
            block = json.loads(match[1])
        except (ValueError, RecursionError):
            continue
        kept.append(data[at : match.start(1)])
        at = match.end(1)
        found.walk(block)
    return b"".join([*kept, data[at:]]), list(found.pieces())


class _Found:
    """What blocks hold: texts; numbers, as they are written; coordinates."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.numbers: list[str] = []
        self.coordinates: list[Numbers] = []

    def pieces(self) -> Iterator[Piece]:
        """Yield what was found."""
        if self.texts:
            yield Piece("\n".join(self.texts).encode("utf-8", "surrogatepass"))
        if self.numbers:
            yield Piece(",".join(self.numbers).encode("ascii"))
        for numbers in self.coordinates:
            yield Piece(b"", numbers=numbers)

    def walk(self, value: Any) -> None:
        """Take a value and everything in it."""
        if isinstance(value, str):
            self.texts.append(value)
        elif isinstance(value, list):
            for one in value:
                self.walk(one)
        elif isinstance(value, dict):
            self._object(value)
        elif isinstance(value, float) or (type(value) is int and abs(value) >= LEAST_NUMBER):
            self.numbers.append(repr(value))

    def _object(self, value: dict[str, Any]) -> None:
        integers = _integers(value)
        if integers is not None:
            if value["high"] - value["low"] >= WIDE or value["high"] >= LEAST_NUMBER:
                self.coordinates += any_scale(integers)
            return
        if value.get("form") in SPELLED:
            self.texts.extend(_spelled(value))
            value = {name: one for name, one in value.items() if name not in {"codes", "letters"}}
        decimals, shapes = value.get("decimals"), value.get("shapes")
        if type(decimals) is int:
            value = self._without_places(value, decimals)
            if isinstance(shapes, dict):
                value["shapes"] = self._without_places(shapes, decimals)
        self.texts.extend(value)
        for one in value.values():
            self.walk(one)

    def _without_places(self, value: dict[str, Any], decimals: int) -> dict[str, Any]:
        """Take integers that are coordinates of known decimals out of an object."""
        x, y = (_integers(value.get(axis)) for axis in "xy")
        if x is None or y is None or len(x) != len(y):
            return dict(value)
        self.coordinates.append(packed(np.column_stack([x, y]), decimals))
        return {name: one for name, one in value.items() if name not in {"x", "y"}}


def _integers(value: Any) -> Ints | None:
    """Return packed integers; None if it is something else."""
    if not isinstance(value, dict) or value.keys() != INTEGERS:
        return None
    steps, counts = value["steps"], [value["size"], value["low"], value["high"]]
    if any(type(one) is not int for one in [*counts, 0 if steps is None else steps]):
        return None
    if value["size"] > MOST_INTEGERS:
        raise TooMuchError("it unpacks into far more integers than a page holds")
    try:
        return unpack_ints(Packed(**value))
    except (TypeError, ValueError, OverflowError):
        return None


def _spelled(column: dict[str, Any]) -> Iterator[str]:
    """Yield the texts that integers spell: a number behind a beginning, or letters one by one."""
    values, codes, letters = column.get("values"), _integers(column.get("codes")), column.get("letters")
    if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
        return
    if column.get("form") == "pattern" and values and codes is not None:
        digits = column["digits"] if type(column.get("digits")) is int else 0
        yield from (values[0] + str(code).zfill(digits) for code in codes.tolist())
    if isinstance(letters, list) and letters:
        places = [_integers(one) for one in letters]
        if len(places) == len(values) and all(one is not None for one in places):
            yield from _letters(values, [one for one in places if one is not None])


def _letters(alphabets: list[str], places: list[Ints]) -> Iterator[str]:
    size = min(map(len, places))
    for begin in range(0, size, STRETCH):
        joined = [""] * (min(size, begin + STRETCH) - begin)
        for alphabet, place in zip(alphabets, places, strict=True):
            signs = np.array(["", *alphabet, "\ufffd"], dtype=object)
            codes = np.clip(place[begin : begin + STRETCH], 0, len(signs) - 1)
            joined = [before + sign for before, sign in zip(joined, signs[codes].tolist(), strict=True)]
        yield from joined
