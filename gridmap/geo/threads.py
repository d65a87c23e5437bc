"""Parts of a long array worked on at once: numpy, GEOS and compiled kernels let go of the interpreter."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

One = TypeVar("One")
Other = TypeVar("Other")

# Below so many rows a thread costs more than it saves; more threads than this wait for memory.
WORTH, MOST = 100_000, 4


def in_parts(count: int, work: Callable[[slice], None], *, worth: int = WORTH) -> None:
    """Let threads work on parts of an array; each row's outcome must not depend on the part that it is in.

    Parameters
    ----------
    count : int
        Number of rows.
    work : callable
        Works on the rows of a slice, and writes into its own rows alone.
    worth : int
        Fewer rows than this for each thread are worked on by this one.
    """
    threads = min(_processors(), MOST, count // worth)
    if threads <= 1:
        work(slice(0, count))
        return
    bounds = [count * part // threads for part in range(threads + 1)]
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(work, slice(*ends)) for ends in pairwise(bounds)]:
            done.result()


def at_once(one: Callable[[], One], other: Callable[[], Other]) -> tuple[One, Other]:
    """Do two things, `one` in a thread of its own if there is a processor for it; return what they return.

    On one processor threads would take turns, and each turn finds the processor's cache filled by the other.
    """
    if _processors() == 1:
        return one(), other()
    with ThreadPoolExecutor(1) as pool:
        started = pool.submit(one)
        made = other()
        return started.result(), made


def _processors() -> int:
    """Return how many processors this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def cut(rows: slice, most: int) -> Iterator[slice]:
    """Return the rows in slices of no more than `most`."""
    for start in range(rows.start, rows.stop, most):
        yield slice(start, min(start + most, rows.stop))
