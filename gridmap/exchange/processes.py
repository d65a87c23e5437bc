"""A process that is not trusted: started, waited for, ended with all it started, what it left opened."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

# How long to sleep between looks at the process: little at first, most files are small.
SOONEST, LATEST = 0.001, 0.05


def interpreter() -> str | None:
    """Return the path of a Python of this very version, or None.

    In a program that has Python inside (QGIS, a frozen application) ``sys.executable`` is that program, and
    would be started a second time; there the interpreter may lie in the folder of its libraries.
    """
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    known = [sys.executable, getattr(sys, "_base_executable", None)]
    for prefix in (sys.exec_prefix, sys.base_exec_prefix):
        known += [str(Path(prefix, *parts)) for parts in (("python.exe",), ("bin", version))]
    named = (one for one in known if one and re.search("python|pypy", Path(one).name, re.IGNORECASE))
    return next((one for one in named if Path(one).is_file()), None)


def started(
    command: Sequence[str], asked: bytes, folder: Path, environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """Start a process in a group of its own.

    Parameters
    ----------
    command : sequence of str
        What is run.
    asked : bytes
        Its standard input: a file and not a pipe, so that a process that never reads it stops nobody.
    folder : Path
        Where it runs; what it prints goes to ``said.txt`` there.
    environment : mapping of str to str
        All its environment.

    Returns
    -------
    Popen
        To be given to `ends` and `kill`.

    Raises
    ------
    OSError
        If the system starts none.
    """
    with tempfile.TemporaryFile() as request, (folder / "said.txt").open("wb") as said:
        request.write(asked)
        request.seek(0)
        return subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command,
            stdin=request,
            stdout=said,
            stderr=said,
            cwd=folder,
            env=environment,
            start_new_session=True,
        )


def ends(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Wait for a process's end; say whether it came in time.

    It is not reaped where the system lets us only look: until it is, its number is that of nothing else, and
    its group can be ended by it.
    """
    deadline = time.monotonic() + seconds
    pause = SOONEST
    while not _is_over(process):
        if time.monotonic() >= deadline:
            return False
        time.sleep(pause)
        pause = min(2 * pause, LATEST)
    return True


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a process and all of its group, also when it has ended by itself, and take its exit code."""
    if sys.platform == "win32":
        process.kill()
    else:
        # The group may be empty, or (macOS) hold nothing but the ended process.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def opened_left(path: Path) -> BinaryIO:
    """Open a file that a process left: a pipe would block for ever, a link be somebody's other file.

    Raises
    ------
    OSError
        If it is no regular file, or not there.
    """
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0)
    for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC"):
        flags |= getattr(os, name, 0)
    stream = os.fdopen(os.open(path, flags), "rb")
    if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
        stream.close()
        msg = "not a regular file"
        raise OSError(msg)
    return stream


def _is_over(process: subprocess.Popen[bytes]) -> bool:
    # macOS has no waitid before Python 3.13, Windows has none.
    if not hasattr(os, "waitid"):
        return process.poll() is not None
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None
