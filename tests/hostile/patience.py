"""A limit on the time of this very process, which ends also a pattern that would run for hours."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Iterator

import pytest


@contextlib.contextmanager
def in_time(seconds: float) -> Iterator[None]:
    """Fail unless what is done inside ends in time; where the system has alarms, at that very moment."""

    def late(*_signal):
        pytest.fail(f"still at it after {seconds} seconds")

    begin = time.monotonic()
    alarm = hasattr(signal, "setitimer")
    before = signal.signal(signal.SIGALRM, late) if alarm else None
    if alarm:
        signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        if alarm:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
    assert time.monotonic() - begin < seconds
