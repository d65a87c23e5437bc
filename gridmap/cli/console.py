"""Where the command line writes: data to standard output, messages and progress to standard error."""

from __future__ import annotations

import errno
import json
import os
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from gridmap.errors import GridmapError
from gridmap.model import Findings

SHOWN_FINDINGS = 40
# Windows calls it an invalid argument.
CLOSED_PIPE = {errno.EPIPE, errno.EINVAL}


@dataclass(frozen=True)
class Console:
    """How talkative the command line is."""

    quiet: bool = False

    def say(self, text: str) -> None:
        """Write a message for the person at the prompt."""
        if not self.quiet:
            sys.stderr.write(f"{text}\n")

    @contextmanager
    def working(self, text: str, *, steps: int | None = None) -> Iterator[Callable[[str], None]]:
        """Show a progress bar, when a person is watching.

        Parameters
        ----------
        text : str
            What is being done.
        steps : int, optional
            How many steps there are; without it the bar only shows that work goes on.

        Yields
        ------
        callable
            Takes the name of the step that begins.
        """
        if self.quiet or not sys.stderr.isatty():
            yield _nothing
            return
        from rich.console import Console as RichConsole  # noqa: PLC0415 - only when somebody watches
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, console=RichConsole(stderr=True), transient=True) as bar:
            task = bar.add_task(text, total=steps)
            begun = 0

            def step(name: str) -> None:
                nonlocal begun
                bar.update(task, description=f"{text}: {name}", completed=begun)
                begun += 1

            yield step


def _nothing(_name: str) -> None:
    """Nobody is watching."""


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
    shown = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(_width, column)) for column in zip(*shown, strict=True)]
    for row in shown:
        cells = [cell + " " * (wide - _width(cell)) for cell, wide in zip(row, widths, strict=True)]
        _out("  ".join(cells).rstrip())


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
