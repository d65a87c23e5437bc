"""Open containers in containers, down to what can be searched."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

from gridmap.publish.unpacking import archives, documents, pictures, tables
from gridmap.publish.unpacking.page import blocks
from gridmap.publish.unpacking.piece import ANY_BYTE, DEEPEST, Budget, Piece, TooMuchError
from gridmap.publish.unpacking.runs import runs

Opener = Callable[[bytes, Budget], Iterator[bytes | Piece]]
# What a container looks like, and what opens it.
OPENERS: tuple[tuple[Callable[[bytes], bool], Opener], ...] = (
    (archives.is_gzip, archives.gunzip),
    (archives.is_zip, archives.unzip),
    (archives.is_zlib, archives.inflate),
    (tables.is_sqlite, tables.database),
    (tables.is_parquet, tables.parquet),
    (tables.is_dbf, tables.dbf),
    (pictures.is_png, pictures.png),
    (documents.is_pdf, documents.pdf),
)
# In the bytes of these, other containers may stand anywhere; the bytes of the others are packed.
PLAIN: frozenset[Opener] = frozenset({tables.database, tables.dbf})


def unpack(data: bytes) -> Iterator[Piece]:
    """Yield everything in finished bytes that is to be searched.

    Parameters
    ----------
    data : bytes
        A product.

    Yields
    ------
    Piece
        The bytes themselves, then what they hold, at any depth. Packed pages and base64 stand in them as
        what they decode to.

    Raises
    ------
    TooMuchError
        If there is more in them than is looked at, or a container cannot be opened.
    """
    budget = Budget.of(data)
    yield from _opened(data, budget, 0)


def _opened(data: bytes, budget: Budget, depth: int) -> Iterator[Piece]:
    if depth > DEEPEST:
        raise TooMuchError("it holds containers in containers, deeper than any product does")
    digest = hashlib.blake2b(data, digest_size=16).digest()
    if not data or digest in budget.seen:
        return
    budget.seen.add(digest)
    opener = next((open_ for looks_right, open_ in OPENERS if looks_right(data)), None)
    if opener is None:
        rest, pieces = blocks(data)
        for piece in (*pieces, Piece(rest)):
            yield from _searched(piece, budget, depth)
        return
    yield from _searched(
        Piece(data, ANY_BYTE, side_by_side=tables.beside(data)), budget, depth, plain=opener in PLAIN
    )
    for child in opener(data, budget):
        if isinstance(child, Piece):
            yield from _searched(child, budget, depth)
        else:
            yield from _opened(child, budget, depth + 1)


def _searched(piece: Piece, budget: Budget, depth: int, *, plain: bool = True) -> Iterator[Piece]:
    """Yield a piece with its runs taken for what they decode to, and what begins within it."""
    rest, letters, decoded = runs(piece.data)
    yield Piece(rest, piece.symbols, piece.numbers, piece.side_by_side)
    yield from letters
    for one in decoded:
        budget.take(len(one))
        yield from _opened(one, budget, depth + 1)
    for one in archives.embedded(piece.data, budget) if plain else ():
        yield from _opened(one, budget, depth + 1)
