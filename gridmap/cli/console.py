"""Where the command line writes: data to standard output, messages and progress to standard error."""

from __future__ import annotations

import errno
import json
import os
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gridmap.cli.stages import LONG_S, Stages, spoken
from gridmap.errors import GridmapError

if TYPE_CHECKING:
    from gridmap.model import Findings

SHOWN_FINDINGS = 40
# Windows calls it an invalid argument.
CLOSED_PIPE = {errno.EPIPE, errno.EINVAL}


@dataclass
class Console:
    """How talkative the command line is.

    Parameters
    ----------
    quiet : bool
        Only errors.
    verbose : bool
        Also what is being done, and what each stage of it took.
    """

    quiet: bool = False
    verbose: bool = False
    stages: Stages | None = None

    def say(self, text: str) -> None:
        """Write a message for the person at the prompt."""
        if not self.quiet:
            sys.stderr.write(f"{text}\n")

    def measured(self) -> dict[str, object]:
        """Return what an answer in JSON says of its stages: nothing but with --verbose."""
        if not self.verbose or self.stages is None:
            return {}
        self.stages.end()
        return {"stages": [one.to_json() for one in self.stages.done]}

    @contextmanager
    def working(
        self, text: str, *, steps: Mapping[str, float] | int | None = None
    ) -> Iterator[Callable[[str], None]]:
        """Show what is being done and how long it may still take, when a person is watching.

        At the end of a long run, and of any with --verbose, a table says what each stage took.

        Parameters
        ----------
        text : str
            What is being done.
        steps : mapping of str to float, or int, optional
            The steps that there are with their usual shares, or how many; without them the bar only shows
            that work goes on.

        Yields
        ------
        callable
            Takes the name of the step that begins.
        """
        usual = {} if steps is None or isinstance(steps, int) else steps
        self.stages = stages = Stages(usual)
        if steps is None:
            stages.begin(text)
        watched = not self.quiet and sys.stderr.isatty()
        with _bar(text, stages) if watched else nullcontext(stages.begin) as step:
            yield step
        stages.end()
        if self.verbose or (watched and stages.seconds >= LONG_S):
            for row in aligned(stages.rows()):
                self.say(row)


@contextmanager
def _bar(text: str, stages: Stages) -> Iterator[Callable[[str], None]]:
    from rich.console import Console as RichConsole  # noqa: PLC0415 - only when somebody watches
    from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    class Remaining(ProgressColumn):
        """How long it may still take."""

        def render(self, task: Any) -> Text:
            share = stages.share()
            if share is not None:
                task.total, task.completed = 1.0, share
            return Text(spoken(stages.remaining_s()))

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), Remaining())
    with Progress(*columns, console=RichConsole(stderr=True), transient=True) as bar:
        task = bar.add_task(text, total=None)

        def step(name: str) -> None:
            stages.begin(name)
            bar.update(task, description=f"{text}: {name}")

        yield step


_current: list[Console] = [Console()]


def set_console(console: Console) -> None:
    """Set the console of this run."""
    _current[0] = console


def console() -> Console:
    """Return the console of this run."""
    return _current[0]


def print_json(value: object) -> None:
    """Write a value as JSON to standard output."""
    _out(json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False))


def print_line(text: str) -> None:
    """Write a line of data to standard output; data text in it does nothing to the terminal."""
    _out(printable(text))


def print_table(rows: Sequence[Sequence[str]]) -> None:
    """Write rows as aligned columns, a line each; a Chinese character is as wide as two others."""
    for line in aligned([[printable(cell) for cell in row] for row in rows]):
        _out(line)


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as lines with aligned columns; a Chinese character is as wide as two others."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    cells = (
        [cell + " " * (wide - _width(cell)) for cell, wide in zip(row, widths, strict=True)] for row in rows
    )
    return ["  ".join(one).rstrip() for one in cells]


def print_findings(findings: Findings) -> None:
    """Write findings for a reader: a summary, then the worst ones with their fix."""
    for line in findings.summary().splitlines():
        print_line(line)
    for item in findings.items[:SHOWN_FINDINGS]:
        place = f"{item.table}:{item.id}" if item.id is not None else item.table
        print_line(f"{item.level} {item.code} {place}: {item.message}")
        print_line(f"    fix: {item.fix}")
    if len(findings) > SHOWN_FINDINGS:
        print_line(f"... and {len(findings) - SHOWN_FINDINGS} more (all of them with --json)")


def print_error(error: GridmapError) -> None:
    """Write an error in the project's one form to standard error."""
    for line in str(error).split("\n"):
        sys.stderr.write(f"{printable(line)}\n")


def printable(text: str) -> str:
    """Make data text safe for a terminal: control characters become their escapes."""
    return "".join(char if _shows(char) else char.encode("unicode_escape").decode() for char in text)


def _shows(char: str) -> bool:
    # Chinese is written with a wide space and Mongolian with a narrow one, neither "printable" to Python.
    return char.isprintable() or unicodedata.category(char) == "Zs"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _out(line: str) -> None:
    try:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    except OSError as error:
        if error.errno not in CLOSED_PIPE:
            raise
        # The reader went away (e.g. `| head`): the rest goes nowhere, the exit code still tells the truth.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
