"""Commands of a page, run in this process: loading the heavy libraries anew takes two seconds each time.

That the command itself starts as a process of its own is tested where the package is installed.
"""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

from gridmap.cli import main


def at_prompt(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run ``gridmap ...`` in a folder, and return what a process would."""
    said, told = io.StringIO(), io.StringIO()
    code = 0
    with (
        contextlib.chdir(folder),
        patch.object(sys, "argv", ["gridmap", *words]),
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(told),
    ):
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
    return subprocess.CompletedProcess(["gridmap", *words], code, said.getvalue(), told.getvalue())
