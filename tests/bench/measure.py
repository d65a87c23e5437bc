"""Run one thing in a fresh process and measure it: wall time, CPU time, peak memory."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from tests.bench.quiet import quiet, work_s

KIB = 1024
# Rounds are made until there are enough on a quiet machine, at most so many times as many.
AGAIN = 3

# What ways are told apart by.
Way = TypeVar("Way", bound=Hashable)


@dataclass(frozen=True)
class Run:
    """What one process took; `said` is the JSON it printed, if it printed any.

    Memory is the peak of the process itself (or of a child it waited for, whichever is larger).
    """

    wall_s: float
    cpu_s: float
    peak_mib: float
    said: dict[str, object] = field(default_factory=dict)

    def figure(self, name: str) -> float:
        """Return one number that the process printed."""
        return float(str(self.said[name]))


def run(
    words: Sequence[str | Path],
    *,
    folder: Path,
    expected: Sequence[int] = (0,),
    environment: Mapping[str, str] | None = None,
) -> Run:
    """Run a command to its end in a process of its own; another exit code than `expected` is an error."""
    surroundings = {**os.environ, **(environment or {})}
    # As after an installation: Python keeps what it compiled of the sources.
    surroundings.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        child = subprocess.Popen(
            [str(word) for word in words], cwd=folder, stdout=out, stderr=err, env=surroundings
        )
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


class Clock:
    """The wall and CPU seconds of this process since the last look, by name; threads count in CPU time."""

    def __init__(self) -> None:
        self.taken: dict[str, float] = {}
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def mark(self, name: str, *, times: float = 1.0) -> None:
        """Take what has passed as `name`; what was done for a share of the rows only counts `times`."""
        wall, cpu = time.perf_counter(), time.process_time()
        self.taken[f"{name}_wall_s"] = (wall - self._wall) * times
        self.taken[f"{name}_cpu_s"] = (cpu - self._cpu) * times
        self._wall, self._cpu = time.perf_counter(), time.process_time()


def peak_mib() -> float:
    """Return the peak of this process's resident memory until now."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB


def wall_of(one: Run) -> float:
    return one.wall_s


def cpu_of(one: Run) -> float:
    return one.cpu_s


def peak_of(one: Run) -> float:
    return one.peak_mib


def median(runs: Sequence[Run], value: Callable[[Run], float]) -> float:
    return statistics.median(value(one) for one in runs)


def spread(runs: Sequence[Run], value: Callable[[Run], float] = wall_of) -> str:
    """Return the smallest and the largest figure, where there is more than one run."""
    found = [value(one) for one in runs]
    return f"{min(found):.2f} to {max(found):.2f}" if len(found) > 1 else "one run"


def rounds(
    ways: Mapping[Way, Callable[[], Run]],
    *,
    repeats: int,
    budget_s: float,
    work: Callable[[], float] = work_s,
) -> dict[Way, list[Run]]:
    """Run all ways in turn, again and again, so that a busy minute hits all; stop when time is up.

    Every other round goes backwards: no way is always the one that finds the disk's cache warm. Runs while
    others had the machine are left out, and made again while there is time; see `tests.bench.quiet`.
    """
    measured: dict[Way, list[tuple[float, Run]]] = {name: [] for name in ways}
    start, before = time.perf_counter(), work()
    for turn in range(repeats * AGAIN if repeats > 1 else 1):
        order = list(ways.items())
        for name, action in order if turn % 2 == 0 else reversed(order):
            one, after = action(), work()
            measured[name].append((max(before, after), one))
            before = after
        spent = time.perf_counter() - start
        done = min(map(len, quiet(measured).values())) >= repeats
        if done or spent + spent / (turn + 1) > budget_s:
            break
    return quiet(measured)


def pairs(
    ours: Callable[[], Run], plain: Callable[[], Run], *, repeats: int, budget_s: float
) -> tuple[list[Run], list[Run]]:
    """Run the two in turn: ours, plain, plain, ours..."""
    found = rounds({"ours": ours, "plain": plain}, repeats=repeats, budget_s=budget_s)
    return found["ours"], found["plain"]


def alone(action: Callable[[], Run], *, repeats: int, budget_s: float) -> list[Run]:
    """Run one thing several times, while there is time."""
    return rounds({"alone": action}, repeats=repeats, budget_s=budget_s)["alone"]
