"""A piece of a product, and how much may be unpacked."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gridmap.privacy.coordinates import Numbers

# A product holds containers in containers: pictures in a page, XML in a workbook. None holds more of them.
DEEPEST = 8
# What a product may unpack into: a workbook of a million like rows is some thirty times its file.
LEAST_ROOM, TIMES = 1 << 28, 50
STEP, BLOCK = 1 << 20, 1 << 16
ANY_BYTE = 256


class TooMuchError(ValueError):
    """What is inside the bytes cannot be looked at; the message says why."""


@dataclass(frozen=True, slots=True, repr=False)
class Piece:
    """Bytes to be searched.

    Parameters
    ----------
    data : bytes
        As found in a container, or unpacked.
    symbols : int
        0 where it is to be seen whether this is text; otherwise of how many different bytes it is made, in
        which texts also stand by chance.
    numbers : Numbers or None
        Coordinates that the bytes stand for.
    side_by_side : callable or None
        Gives texts as they stand in the piece without anything between them. What is found only
        across the end of one and the beginning of the next is no text of anybody.
    """

    data: bytes
    symbols: int = 0
    numbers: Numbers | None = None
    side_by_side: Callable[[], bytes] | None = None


@dataclass(slots=True)
class Budget:
    """How much may still be unpacked, and what has been.

    Parameters
    ----------
    room : int
        Bytes that may still come.
    seen : set of bytes
        What was unpacked already: one text, decoded twice, is searched once.
    """

    room: int
    seen: set[bytes] = field(default_factory=set)

    @classmethod
    def of(cls, data: bytes) -> Budget:
        """Return the budget of a product."""
        return cls(LEAST_ROOM + TIMES * len(data))

    def take(self, size: int) -> None:
        """Count bytes that were unpacked."""
        self.room -= size
        if self.room < 0:
            raise TooMuchError("it unpacks into far more bytes than a product of its size holds")

    def inflate(self, packed: bytes, form: int, *, begin: int = 0) -> tuple[bytes, int]:
        """Decompress one stream, to its end.

        Parameters
        ----------
        packed : bytes
            Holds the stream.
        form : int
            zlib's window bits: 15 for a zlib stream, 31 for gzip, -15 for one without a head.
        begin : int
            Where the stream begins.

        Returns
        -------
        data, end : bytes, int
            What could be decompressed (of a damaged stream its beginning), and where the stream ends.
        """
        stream: Any = zlib.decompressobj(form)
        view, parts, at = memoryview(packed), [], begin
        try:
            while at < len(view) and not stream.eof:
                left: Any = view[at : at + BLOCK]
                at += len(left)
                while left and not stream.eof:
                    parts.append(stream.decompress(left, STEP))
                    self.take(len(parts[-1]))
                    left = stream.unconsumed_tail
        except zlib.error:
            return b"".join(parts), at
        return b"".join(parts), at - len(stream.unused_data)
