"""Run one thing in a fresh process and measure it: wall time, CPU time, peak memory."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

KIB = 1024


@dataclass(frozen=True)
class Run:
    """What one process took; `said` is the JSON it printed, if it printed any.

    Memory is the peak of the process itself (or of a child it waited for, whichever is larger).
    """

    wall_s: float
    cpu_s: float
    peak_mib: float
    said: dict[str, object] = field(default_factory=dict)


def run(words: Sequence[str | Path], *, folder: Path, expected: Sequence[int] = (0,)) -> Run:
    """Run a command to its end in a process of its own; another exit code than `expected` is an error."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        child = subprocess.Popen([str(word) for word in words], cwd=folder, stdout=out, stderr=err)
        _, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        # The process has been waited for here, so that Popen must not wait again.
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if child.returncode not in expected:
            text = err.read().decode("utf-8", "replace")
            message = f"{' '.join(map(str, words))} exited with {child.returncode}\n{text}"
            raise RuntimeError(message)
        printed = out.read().decode("utf-8")
    said = json.loads(printed) if printed.lstrip().startswith("{") else {}
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / KIB, said)


def median(runs: Sequence[Run], value: Callable[[Run], float]) -> float:
    return statistics.median(value(one) for one in runs)


def spread(runs: Sequence[Run]) -> str:
    """Return the smallest and the largest wall time, where there is more than one."""
    walls = [one.wall_s for one in runs]
    return f"{min(walls):.2f} to {max(walls):.2f}" if len(walls) > 1 else "one run"


def pairs(
    ours: Callable[[], Run], plain: Callable[[], Run], *, repeats: int, budget_s: float
) -> tuple[list[Run], list[Run]]:
    """Run the two in turn, so that a busy minute of the machine hits both; stop when time is up."""
    mine: list[Run] = []
    theirs: list[Run] = []
    start = time.perf_counter()
    for turn in range(repeats):
        order = ((ours, mine), (plain, theirs))
        for action, into in order if turn % 2 == 0 else reversed(order):
            into.append(action())
        spent = time.perf_counter() - start
        if spent + spent / (turn + 1) > budget_s:
            break
    return mine, theirs


def alone(action: Callable[[], Run], *, repeats: int, budget_s: float) -> list[Run]:
    """Run one thing several times, while there is time."""
    runs: list[Run] = []
    start = time.perf_counter()
    for turn in range(repeats):
        runs.append(action())
        spent = time.perf_counter() - start
        if spent + spent / (turn + 1) > budget_s:
            break
    return runs
