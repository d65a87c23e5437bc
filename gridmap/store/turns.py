"""One process at a time: who reads, works something out and writes it must not be overtaken in between."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gridmap.errors import StoreLocked

PATIENCE_S = 120.0
PAUSE_S = 0.05


@contextmanager
def in_turn(folder: Path, *, patience_s: float = PATIENCE_S) -> Iterator[None]:
    """Wait until no other process (or thread) has its turn in a folder, and keep the turn for a block.

    The turn ends with the process, however that ends. On a disk that knows no locks everybody goes on at
    once.

    Parameters
    ----------
    folder : Path
        A project's folder.
    patience_s : float
        How long to wait.

    Raises
    ------
    StoreLocked
        GM301 if another one still has its turn then.
    """
    with contextlib.ExitStack() as opened:
        end = time.monotonic() + patience_s
        while not _taken(folder, opened):
            if time.monotonic() >= end:
                raise StoreLocked(
                    "GM301",
                    f"another gridmap is preparing a product (waited {patience_s:g} s)",
                    where=str(folder),
                    fix="wait for the other gridmap, or end it, then do it again",
                )
            time.sleep(PAUSE_S)
        yield


if sys.platform == "win32":
    # No folder can be locked there: a file that only one can have open, and that goes with its process.
    def _taken(folder: Path, opened: contextlib.ExitStack) -> bool:
        flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_TEMPORARY
        try:
            descriptor = os.open(folder / ".releases.turn", flags)
        except (FileExistsError, PermissionError):
            return not os.access(folder, os.W_OK)
        except OSError:
            return True
        opened.callback(os.close, descriptor)
        return True

else:
    import fcntl

    def _taken(folder: Path, opened: contextlib.ExitStack) -> bool:
        try:
            descriptor = os.open(folder, os.O_RDONLY)
        except OSError:
            return True
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        except OSError:
            # A network drive may lock no folders.
            os.close(descriptor)
            return True
        opened.callback(os.close, descriptor)
        return True
