"""Our own packed form: the JSON blocks of a page, their texts and their integer coordinates.

See `gridmap.render.pack`. Packed integers are not searched as bytes or as letters, in which short texts
stand by chance: codes and metres are nothing that is withheld, and coordinates are checked as what they are.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from gridmap.privacy.coordinates import Numbers
from gridmap.publish.unpacking.numbers import any_scale, packed
from gridmap.publish.unpacking.piece import Piece
from gridmap.render.pack import FRONT_DIGITS, FRONT_SEPARATOR

BLOCK = re.compile(
    rb'<script type="application/json" data-gridmap="[^"<>]*">(.*?)</script>', re.DOTALL | re.IGNORECASE
)
INTEGERS = frozenset({"width", "offset", "data"})
# Whole numbers below this are counts, codes and metres.
LEAST_NUMBER = 10**6
POINT, PATH = 1, 2
# Bytes of an integer that could be a coordinate of many decimals.
WIDE = 3


def blocks(data: bytes) -> tuple[bytes, list[Piece]]:
    """Take the packed blocks out of a page.

    Returns
    -------
    rest : bytes
        The page without them. A block that is not JSON stays in it.
    pieces : list of Piece
        Their texts, with front coding undone; their numbers; their packed coordinates.
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
            if value["width"] >= WIDE:
                self.coordinates += any_scale(integers)
            return
        members = dict(value)
        if value.get("form") == "front" and isinstance(value.get("values"), str):
            self.texts.extend(_from_front(members.pop("values")))
        decimals = value.get("decimals")
        if type(decimals) is int:
            x, y = _integers(value.get("x")), _integers(value.get("y"))
            if x is not None and y is not None and len(x) == len(y):
                self.coordinates.append(packed(np.column_stack([x, y]), decimals))
                members = {name: one for name, one in members.items() if name not in {"x", "y"}}
            if isinstance(value.get("shapes"), list):
                self._shapes(members.pop("shapes"), decimals)
        self.texts.extend(members)
        for one in members.values():
            self.walk(one)

    def _shapes(self, shapes: list[Any], decimals: int) -> None:
        paths: list[list[int]] = []
        for shape in shapes:
            for part in shape or ():
                self._part(part, paths)
        if paths:
            pairs = [np.cumsum(np.array(path[: len(path) // 2 * 2]).reshape(-1, 2), axis=0) for path in paths]
            self.coordinates.append(packed(np.concatenate(pairs), decimals))

    def _part(self, part: Any, paths: list[list[int]]) -> None:
        """Take one part of a shape; what is no part of one is searched like anything else."""
        if not isinstance(part, list) or len(part) != 2 or not isinstance(part[1], list):  # noqa: PLR2004 - kind, path
            self.walk(part)
            return
        for path in [part[1]] if part[0] in {POINT, PATH} else part[1]:
            if isinstance(path, list) and all(type(one) is int for one in path):
                paths.append(path)
            else:
                self.walk(path)


def _integers(value: Any) -> np.ndarray[Any, np.dtype[np.int64]] | None:
    """Return packed integers; None if it is something else."""
    if not isinstance(value, dict) or value.keys() != INTEGERS:
        return None
    width, offset, data = value["width"], value["offset"], value["data"]
    if type(width) is not int or type(offset) is not int or not isinstance(data, str) or not 0 <= width <= 4:  # noqa: PLR2004 - 32 bits
        return None
    try:
        raw = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return None
    if not width or len(raw) % width:
        return None if raw else np.zeros(0, dtype=np.int64)
    wide = np.zeros((len(raw) // width, 4), dtype=np.uint8)
    wide[:, :width] = np.frombuffer(raw, dtype=np.uint8).reshape(-1, width)
    return np.asarray(wide.view("<u4").ravel().astype(np.int64) + offset)


def _from_front(text: str) -> Iterator[str]:
    """Undo front coding: each text is one digit (shared with the one before) and its rest."""
    before = ""
    for one in text.split(FRONT_SEPARATOR):
        shared = FRONT_DIGITS.find(one[:1]) if one else 0
        before = one if shared < 0 else before[:shared] + one[1:]
        yield before
