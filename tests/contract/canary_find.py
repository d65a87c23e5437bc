"""Looks for canaries, true ids and exact places in finished bytes, in every spelling of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

import numpy as np
from canary import ID_LENGTH, ID_MARK, SCRIPTS, Places, Planted
from canary_unpack import SPELLED, documents, geometries, packed_numbers, unpack

ENCODINGS = ("utf-8", "gb18030", "utf-16-le", "utf-16-be")
METRES_BEHIND = 5
# How near a number must be to a true one to be it, and not one that is only near.
SAME_DEGREE, SAME_METRE = 2e-10, 2e-5
FINEST = 12
NUMBER = re.compile(rb"(?<![\d.])(\d{1,8})\.(\d+)(?:[eE]\+?(\d{1,2}))?")
INTEGER = re.compile(rb"(?<![\d.])\d{8,16}(?![\d.])")


# Where true numbers lie, how many decimals may be told, and how near one is to be the same.
Axis = tuple[np.ndarray, int, float]


@dataclass(frozen=True)
class Leak:
    """Something found, and where."""

    what: str
    where: str
    text: str


@dataclass(frozen=True)
class Forbidden:
    """What the bytes of a product must not hold.

    Parameters
    ----------
    texts : collection of str
        Canaries and ids, by their marks.
    places : Places
        True coordinates.
    decimals : int
        Of a degree, that may be told; of a metre five fewer.
    """

    texts: Collection[str]
    places: Places
    decimals: int

    @classmethod
    @cache
    def to(cls, project: Planted, audience: str, unit: str | None = None) -> Forbidden:
        """Return what an audience must not get: canaries it may not see, ids that are not its own."""
        allowed = project.spec.audiences[audience]
        texts = project.canaries.keys() - project.seen(audience, unit)
        if not allowed.keeps_ids:
            texts |= project.ids.keys()
        return cls(texts, project.places, allowed.decimals)


def leaks(data: bytes, forbidden: Forbidden) -> list[Leak]:
    """Return all that is found in finished bytes, also in what is packed in them."""
    found = []
    for where, blob in unpack(data):
        found += [Leak("text", where, text) for text in marked(blob) if text in forbidden.texts]
        # Undone spellings of what is no text are no numbers of anybody's.
        binary = where.rpartition(">")[2] not in SPELLED
        found += [Leak(what, where, text) for what, text in _places(blob, forbidden, binary=binary)]
    return found


def marked(blob: bytes) -> set[str]:
    """Return every text with a canary's or an id's mark, in any encoding."""
    kinds = [(mark, length) for mark, _, length in SCRIPTS.values()] + [(ID_MARK, ID_LENGTH)]
    found = set()
    for mark, length in kinds:
        for encoding in ENCODINGS:
            sign = mark.encode(encoding)
            at = blob.find(sign)
            while at >= 0:
                text = blob[at : at + 4 * (len(mark) + length)].decode(encoding, "replace")
                found.add(text[: len(mark) + length])
                at = blob.find(sign, at + 1)
    return found


def _places(blob: bytes, forbidden: Forbidden, *, binary: bool) -> Iterator[tuple[str, str]]:
    places, decimals = forbidden.places, forbidden.decimals
    metres = max(0, decimals - METRES_BEHIND)
    axes = (
        (places.lon, decimals, SAME_DEGREE),
        (places.lat, decimals, SAME_DEGREE),
        (places.x, metres, SAME_METRE),
        (places.y, metres, SAME_METRE),
    )
    for values in (one for order in "<>" for one in doubles(blob, order) if binary):
        if not _about_as_large(values, axes).any():
            continue
        # Where packed bytes are cut, halves of numbers meet: there only true ones count.
        if not blob.startswith(b"PAR1"):
            yield from _fine_pairs(values, *axes[:2])
            yield from _fine_pairs(values, *axes[2:])
        yield from _true_values(values, axes)
    yield from _written(blob, axes)
    yield from _whole(blob, places, decimals)
    for document in documents(blob):
        yield from _drawn(document, places, decimals)


def doubles(blob: bytes, order: str) -> Iterator[np.ndarray]:
    """Yield the doubles that begin at each of the first eight bytes; order "<" or ">"."""
    for shift in range(8):
        count = (len(blob) - shift) // 8
        if count > 0:
            yield np.frombuffer(blob, dtype=f"{order}f8", count=count, offset=shift)


def _about_as_large(values: np.ndarray, axes: Iterable[Axis]) -> np.ndarray:
    """Say which values could be any: what is read out of texts is smaller or larger by far."""
    low, high = min(known[0] for known, _, _ in axes), max(known[-1] for known, _, _ in axes)
    with np.errstate(invalid="ignore"):
        return (values > low / 2) & (values < 2 * high)


def _within(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Say which values are about as large as those known."""
    margin = (known[-1] - known[0]) / 20
    with np.errstate(invalid="ignore"):
        return (values > known[0] - margin) & (values < known[-1] + margin)


def _fine(values: np.ndarray, decimals: int) -> np.ndarray:
    """Say which values have more decimals than that."""
    return np.abs(values - np.round(values, decimals)) > 10.0 ** -(decimals + 2)


def _fine_pairs(values: np.ndarray, first: Axis, second: Axis) -> Iterator[tuple[str, str]]:
    """Look for two numbers side by side that are a place, with more decimals than may be."""
    one, other = _within(values, first[0]), _within(values, second[0])
    pairs = (one[:-1] & other[1:]) | (other[:-1] & one[1:])
    for at in np.flatnonzero(pairs):
        if _fine(values[at : at + 2], first[1]).any():
            yield "pair of doubles", repr(values[at : at + 2].tolist())


def _nearest(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    at = np.clip(np.searchsorted(known, values), 1, len(known) - 1)
    return np.minimum(np.abs(values - known[at - 1]), np.abs(values - known[at]))


def _true_values(values: np.ndarray, axes: Iterable[Axis]) -> Iterator[tuple[str, str]]:
    for known, decimals, same in axes:
        some = values[_within(values, known)]
        some = some[_fine(some, decimals)]
        for value in some[_nearest(some, known) < same]:
            yield "double", repr(float(value))


def _written(blob: bytes, axes: Iterable[Axis]) -> Iterator[tuple[str, str]]:
    """Look for numbers in digits that could be a place by their size, with more decimals than may be."""
    found = {match[0]: match.groups() for match in NUMBER.finditer(blob)}
    for text in found.keys() - _own():
        _, part, power = found[text]
        value, digits = float(text), len(part.rstrip(b"0")) - int(power or 0)
        for known, decimals, _ in axes:
            if digits > decimals and _within(value, known) and not _single(value, decimals):
                yield "digits", text.decode()


def _single(value: float, decimals: int) -> bool:
    """Say whether a number is what single precision makes of a rounded one: an index of GDAL holds these."""
    step = float(np.spacing(np.float32(value)))
    return float(np.float32(value)) == value and abs(value - round(value, decimals)) <= 2 * step


def _whole(blob: bytes, places: Places, decimals: int) -> Iterator[tuple[str, str]]:
    """Look for degrees without their point: 1101234567."""
    by_length: dict[int, set[bytes]] = {}
    for text in INTEGER.findall(blob):
        by_length.setdefault(len(text), set()).add(text)
    for length, texts in by_length.items():
        values = np.array(sorted(map(int, texts)))
        for known, whole in ((places.lon, 3), (places.lat, 2)):
            if length - whole > decimals:
                for value in values[_is_true(values, known, length - whole)]:
                    yield "integer", str(value)


def _is_true(values: np.ndarray, known: np.ndarray, power: int) -> np.ndarray:
    """Say which integers are a true number of 10**-power degrees, rounded or cut off."""
    scaled = values / 10.0**power
    near = _within(scaled, known)
    near[near] = _nearest(scaled[near], known) <= 10.0**-power
    return near


def _drawn(document: object, places: Places, decimals: int) -> Iterator[tuple[str, str]]:
    """Look into the columns of numbers that a page packs."""
    for geometry in geometries(document):
        if geometry["decimals"] > decimals and (geometry.get("shapes") or geometry.get("x")):
            yield "geometry of a page", f"{geometry['decimals']} decimals"
    for values in packed_numbers(document):
        for known in (places.lon, places.lat):
            # With fewer digits a number of metres could be one.
            for power in range(max(decimals + 1, METRES_BEHIND), FINEST):
                for value in values[_is_true(values, known, power)][:1]:
                    yield "packed number", str(value)


@cache
def _own() -> frozenset[bytes]:
    """Return the numbers of gridmap's own scripts and styles."""
    texts = b"\n".join(_files(resources.files("gridmap.render") / "assets"))
    return frozenset(match[0] for match in NUMBER.finditer(texts))


def _files(folder: Traversable) -> Iterator[bytes]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _files(entry)
        else:
            yield entry.read_bytes()


def by_origin(found: Iterable[Leak], project: Planted) -> dict[str, int]:
    """Return how often something leaked, by what it is and where: for a message."""
    counts: dict[str, int] = {}
    # Where it lies barest: the spellings undone show it again.
    barest = {leak.text: leak for leak in sorted(found, key=lambda one: -len(one.where))}
    for leak in barest.values():
        at = project.canaries.get(leak.text)
        what = leak.what
        if at is not None:
            what = f"{at.kind}.{at.column}"
        elif leak.text in project.ids:
            what = f"id of {project.ids[leak.text]}"
        name = f"{what} in {leak.where or 'the bytes'}"
        counts[name] = counts.get(name, 0) + 1
    return counts
