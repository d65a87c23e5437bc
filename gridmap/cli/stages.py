"""The stages of a long job: what each took, and how long the rest may take."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

# Usual shares of the stages, in seconds for a million households: only how they compare counts.
PLAN: Mapping[str, float] = {"reading": 3.5, "checking": 2.0, "assigning": 3.0}
STORING: Mapping[str, float] = {"storing": 6.0}
COVERING: Mapping[str, float] = {"covering": 4.0}
DRAWING: Mapping[str, float] = {"drawing": 22.0, "looking through": 20.0}
CHECK: Mapping[str, float] = {"reading": 3.5, "checking": 2.0}
DEMO: Mapping[str, float] = {"inventing": 15.0, "storing": 12.0}
INTAKE: Mapping[str, float] = {"reading": 10.0, "sorting": 2.0, "storing": 8.0}
# A run that takes longer says at its end where the time went.
LONG_S = 10.0
# Of a stage that takes longer than it usually does nobody knows how far it is.
ALMOST = 0.95
MIB, KIB_A_MIB = 1 << 20, 1 << 10


def peak_mib() -> float | None:
    """Return the largest memory that this process has held so far, in MiB; None where nobody counts it."""
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return None
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Bytes on macOS, KiB elsewhere.
    return held / (MIB if sys.platform == "darwin" else KIB_A_MIB)


def cpu_s() -> float:
    """Return the CPU seconds of this process and of its children that have ended."""
    return sum(os.times()[:4])


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage that is over.

    Parameters
    ----------
    name : str
        What was done.
    seconds, cpu_seconds : float
        By the clock, and of work.
    peak_mib : float or None
        The largest memory that the process has held until its end, in MiB.
    """

    name: str
    seconds: float
    cpu_seconds: float
    peak_mib: float | None

    def to_json(self) -> dict[str, object]:
        """Return the stage as other programs read it."""
        return {
            "name": self.name,
            "seconds": round(self.seconds, 3),
            "cpu_seconds": round(self.cpu_seconds, 3),
            "peak_mib": None if self.peak_mib is None else round(self.peak_mib),
        }


@dataclass
class Stages:
    """The stages of one job, as they begin and end.

    Parameters
    ----------
    usual : mapping of str to float
        The stages that there will be, in order, with their usual shares; empty where that is not known.
    clock, cpu : callable
        Seconds by the clock, and of work.
    """

    usual: Mapping[str, float] = field(default_factory=dict)
    clock: Callable[[], float] = time.perf_counter
    cpu: Callable[[], float] = cpu_s
    done: list[Stage] = field(default_factory=list)
    _open: tuple[str, float, float] | None = None

    def begin(self, name: str) -> None:
        """End the stage that is open, and begin the next."""
        self.end()
        self._open = (name, self.clock(), self.cpu())

    def end(self) -> None:
        """End the stage that is open, if one is."""
        if self._open is not None:
            name, clock, cpu = self._open
            self.done.append(Stage(name, self.clock() - clock, self.cpu() - cpu, peak_mib()))
            self._open = None

    @property
    def seconds(self) -> float:
        """How long the stages that are over took together."""
        return sum(one.seconds for one in self.done)

    def share(self) -> float | None:
        """Return how much of the job is done, 0 to 1; None where that is not known."""
        expected = self._expected()
        if expected is None:
            return None
        past, now, coming = expected
        whole = past + now + coming
        return (past + min(self._running(), now * ALMOST)) / whole if whole > 0.0 else None

    def remaining_s(self) -> float | None:
        """Return how many seconds the rest will take; None before the first stage is over."""
        expected = self._expected()
        if expected is None:
            return None
        _, now, coming = expected
        return max(now - self._running(), 0.0) + coming

    def _running(self) -> float:
        return 0.0 if self._open is None else self.clock() - self._open[1]

    def _expected(self) -> tuple[float, float, float] | None:
        """Return the seconds of what is over, of the open stage and of those to come, at this job's pace."""
        known = [one for one in self.done if one.name in self.usual]
        share = sum(self.usual[one.name] for one in known)
        if not known or share <= 0.0:
            return None
        pace = sum(one.seconds for one in known) / share
        over = {one.name for one in self.done}
        now = None if self._open is None else self._open[0]
        coming = sum(one for name, one in self.usual.items() if name not in over and name != now)
        return self.seconds, pace * self.usual.get(now or "", 0.0), pace * coming

    def rows(self) -> list[tuple[str, str, str, str]]:
        """Return a table of the stages that are over: name, seconds, CPU seconds, MiB."""
        heads = ("stage", "seconds", "CPU s", "peak MiB so far")
        cells = [
            (one.name, f"{one.seconds:.1f}", f"{one.cpu_seconds:.1f}", _mib(one.peak_mib))
            for one in self.done
        ]
        work = sum(one.cpu_seconds for one in self.done)
        whole = (
            "together",
            f"{self.seconds:.1f}",
            f"{work:.1f}",
            _mib(self.done[-1].peak_mib if cells else None),
        )
        return [heads, *cells, *([whole] if len(cells) > 1 else [])]


def _mib(peak: float | None) -> str:
    return "-" if peak is None else f"{peak:,.0f}"


def spoken(seconds: float | None) -> str:
    """Return a time to go in words: ``about 2 min left``; nothing where it is not known."""
    if seconds is None:
        return ""
    if seconds < 90.0:  # noqa: PLR2004 - a minute and a half
        return f"about {max(1, round(seconds))} s left"
    return f"about {round(seconds / 60.0)} min left"
