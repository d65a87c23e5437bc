"""Runs of base64 and of hexadecimal digits, and what they decode to."""

from __future__ import annotations

import base64
import re
import urllib.parse
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from gridmap.publish.unpacking.piece import Piece

BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
FOR_URLS = bytes.maketrans(b"-_", b"+/")
HEX = b"0123456789abcdefABCDEF"
# A text of four bytes is eight letters of base64, two of them signs of padding; URLs are full of words
# joined by hyphens.
SHORTEST, SHORTEST_PADDED, SHORTEST_FOR_URLS, SHORTEST_HEX = 8, 6, 16, 8
PADDING = ord("=")
# Lines of base64 in a letter or a key.
LINES = frozenset({64, 76})
LINE_ENDS = frozenset({b"\n", b"\r\n", b"\n\n", b"\n\n\n\n"})
# From so many letters on, a run of all sorts of them is packed bytes and no word.
NO_WORD, NO_WORD_HEX = 40, 32
SORTS = (re.compile(rb"[A-Z]"), re.compile(rb"[a-z]"), re.compile(rb"[0-9]"))
HEX_SORTS = (re.compile(rb"[a-fA-F]"), re.compile(rb"[0-9]"))
# More slashes than that are a path of names.
SLASHES = 20
# A run of so many bytes that is text is no word that happens to decode to one.
NO_CHANCE = 12
MARKS_WIDE = (b"\xff\xfe", b"\xfe\xff")
# Runs that decode to less are searched together, unless a container begins there.
SMALL = 4096
ZLIB = tuple(b"\x78" + level for level in (b"\x01", b"\x5e", b"\x9c", b"\xda"))
CONTAINERS = (b"\x1f\x8b\x08", b"PK\x03\x04", b"\x89PNG", b"%PDF-", b"SQLi", b"PAR1", *ZLIB, *MARKS_WIDE)
# Something may be glued to the front of a run; a padded end says how much.
GLUED, LONGEST_GLUED = 16, 2048
ESCAPED_END = re.compile(rb"\\[nrt]")
ESCAPED = re.compile(rb"%2[bBfF]")


def runs(data: bytes) -> tuple[bytes, list[Piece], list[bytes]]:
    """Find the runs in bytes.

    Returns
    -------
    rest : bytes
        The bytes without the runs that are no words.
    letters : list of Piece
        Those runs, as letters in which a short text stands by chance.
    decoded : list of bytes
        What the runs decode to: large ones and containers each by itself, texts joined, the others joined.
    """
    blanked: list[tuple[int, int, int]] = []
    # An escaped line end is two letters of JSON, and the second is none of the run behind it.
    found = list(_base64(ESCAPED_END.sub(b"\n\n", data), blanked, 1))
    if b"\\/" in data or ESCAPED.search(data) is not None:
        found += _base64(urllib.parse.unquote_to_bytes(data.replace(b"\\/", b"/")), [], NO_WORD)
    found += _hex(data, blanked)
    decoded: list[bytes] = []
    texts: list[bytes] = []
    scraps: list[bytes] = []
    for one in found:
        if len(one) >= SMALL or one.startswith(CONTAINERS):
            decoded.append(one)
        else:
            (texts if len(one) >= NO_CHANCE and _is_text(one) else scraps).append(one)
    decoded += [b"\n\n".join(some) for some in (texts, scraps) if some]
    letters = [
        Piece(b"\n".join(data[begin:end] for begin, end, symbols in blanked if symbols == many), many)
        for many in sorted({symbols for *_, symbols in blanked})
    ]
    return _without(data, blanked), letters, decoded


def _base64(data: bytes, blanked: list[tuple[int, int, int]], least: int) -> Iterator[bytes]:
    words: dict[tuple[bytes, int], None] = {}
    for begin, end in _joined(data, _runs_of(data, BASE64, max(SHORTEST, least))):
        behind = data[end : end + 2]
        padding = 2 if behind == b"==" else int(behind[:1] == b"=")
        if end - begin < NO_WORD:
            # A table repeats its codes and words in every row.
            words[data[begin:end], padding] = None
            continue
        letters = data[begin:end].replace(b"\r", b"").replace(b"\n", b"")
        if _is_sorts(letters, SORTS) and letters.count(b"/") * SLASHES <= len(letters) + SLASHES:
            blanked.append((begin, end, len(BASE64)))
        yield from (_decoded(letters[skipped:]) for skipped in _fronts(len(letters), padding))
    for run, padding in words:
        if not run.isdigit():
            yield from (_decoded(run[skipped:]) for skipped in _fronts(len(run), padding))
    for begin, end in _runs_of(data, BASE64 + b"-_", max(SHORTEST_FOR_URLS, least)):
        run = data[begin:end]
        if (b"-" in run or b"_" in run) and len(run) % 4 != 1:
            yield _decoded(run.translate(FOR_URLS))


def _fronts(size: int, padding: int) -> tuple[int, ...]:
    """Return how many letters at the front of a run may not be of it."""
    if padding and (size + padding) % 4:
        return (0, (size + padding) % 4)
    if not padding and GLUED <= size <= LONGEST_GLUED:
        return (0, 1, 2, 3)
    # One letter over is no base64; a short run with one is a word.
    return (0,) if size % 4 != 1 or size >= NO_WORD else ()


def _hex(data: bytes, blanked: list[tuple[int, int, int]]) -> Iterator[bytes]:
    found: dict[bytes, None] = {}
    for begin, end in _runs_of(data, HEX, SHORTEST_HEX):
        run = data[begin:end]
        found[run] = None
        if end - begin >= NO_WORD_HEX and _is_sorts(run, HEX_SORTS):
            blanked.append((begin, end, 16))
    for run in found:
        yield bytes.fromhex(run[: len(run) // 2 * 2].decode("ascii"))


def _runs_of(data: bytes, alphabet: bytes, least: int) -> list[tuple[int, int]]:
    table = np.zeros(256, dtype=np.int8)
    table[list(alphabet)] = 1
    inside = table[np.frombuffer(data, dtype=np.uint8)]
    steps: npt.NDArray[Any] = np.diff(inside, prepend=np.int8(0), append=np.int8(0))
    begins, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    kept = ends - begins >= least
    if least == SHORTEST and alphabet == BASE64:
        padded = np.append(np.frombuffer(data, dtype=np.uint8), np.uint8(0))[ends] == PADDING
        kept |= padded & (ends - begins >= SHORTEST_PADDED)
    return list(zip(begins[kept].tolist(), ends[kept].tolist(), strict=True))


def _joined(data: bytes, found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join the lines of one run that is broken into lines of one length."""
    if not any(end - begin in LINES for begin, end in found):
        return found
    made: list[tuple[int, int]] = []
    line = 0
    for begin, end in found:
        if made and line in LINES and data[made[-1][1] : begin] in LINE_ENDS:
            made[-1] = (made[-1][0], end)
        else:
            made.append((begin, end))
        line = end - begin
    return made


def _decoded(letters: bytes) -> bytes:
    whole = letters[: len(letters) - (len(letters) % 4 == 1)]
    return base64.b64decode(whole + b"=" * (-len(whole) % 4))


def _is_sorts(run: bytes, sorts: tuple[re.Pattern[bytes], ...]) -> bool:
    """Say whether there are letters of all sorts in a run."""
    return all(sort.search(run) is not None for sort in sorts)


def _is_text(data: bytes) -> bool:
    try:
        return data.decode("utf-8").isprintable()
    except UnicodeDecodeError:
        return False


def _without(data: bytes, blanked: list[tuple[int, int, int]]) -> bytes:
    if not blanked:
        return data
    parts, at = [], 0
    for begin, end, _ in sorted(blanked):
        if begin >= at:
            parts += [data[at:begin], b" "]
        at = max(at, end)
    return b"".join([*parts, data[at:]])
