"""Running a reader on generated input, for a few seconds or for minutes, and keeping what broke it.

What a run finds is left in ``kept/TARGET/found-...`` and replayed by every later run: commit it with the fix.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

from gridmap.errors import GridmapError

KEPT = Path(__file__).parent / "kept"
EXAMPLES = 150
# Six readers share the ten minutes of `make stress`.
STRESS_SECONDS = 100
SLOWEST = 5.0
OPTIONS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate, Phase.target, Phase.shrink],
)


def kept(target: str) -> list[Path]:
    """Return the inputs that once broke a reader, or that nearly did."""
    return sorted((KEPT / target).glob("*"))


def survive(read: Callable[[bytes], Any], data: bytes) -> None:
    """Read one input; only an error of gridmap's own may come out, and soon.

    Raises
    ------
    AssertionError
        If it took too long.
    """
    begin = time.monotonic()
    try:
        read(data)
    except GridmapError as error:
        assert error.fix, "an error without a way out"  # noqa: PT017 - any error may come, none must
    assert time.monotonic() - begin < SLOWEST, "too slow"


def fuzz(
    target: str, read: Callable[[bytes], Any], inputs: SearchStrategy[bytes], *, seconds: float = 0
) -> int:
    """Read generated inputs, one round or until the time is over; return the number of rounds.

    The smallest input that breaks the reader is kept.
    """
    worst: list[bytes] = []

    def one(data: bytes) -> None:
        try:
            survive(read, data)
        except BaseException:
            # The last one that failed is the smallest: hypothesis ends with what it shrank to.
            worst[:] = [data]
            raise

    end, number = time.monotonic() + seconds, 0
    while number == 0 or time.monotonic() < end:
        try:
            seed(number)(OPTIONS(given(inputs)(one)))()
        except BaseException:
            for data in worst:
                keep(target, data)
            raise
        number += 1
    return number


def keep(target: str, data: bytes) -> None:
    """Leave an input among those that are replayed."""
    folder = KEPT / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"found-{hashlib.sha256(data).hexdigest()[:12]}").write_bytes(data)
