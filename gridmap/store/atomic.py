"""Whole-file replacement: a temporary file in the same folder, on the disk, then in place."""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gridmap.errors import StoreError


def sync_file(path: Path) -> None:
    """Make sure that a file's bytes are on the disk."""
    descriptor = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Make sure that a folder's names are on the disk; Windows has no such call."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary file to fill; without an error it takes the place of `path`.

    Raises
    ------
    StoreError
        GM303 if the folder or the disk does not allow it; what was there before is left as it was.
    """
    # Not tempfile.mkstemp: its files are for their owner alone, a project follows the folder's habit.
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o666))
    except OSError as error:
        raise _cannot(path) from error
    try:
        yield temporary
        _settle(temporary, path)
    except OSError as error:
        raise _cannot(path) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _settle(temporary: Path, path: Path) -> None:
    sync_file(temporary)
    temporary.replace(path)
    sync_folder(path.parent)


def _cannot(path: Path) -> StoreError:
    return StoreError(
        "GM303",
        f"{path.name} cannot be written",
        where=str(path),
        fix="see that the folder is there and may be written to, and that the disk is not full",
    )


def write_file(path: Path, text: str) -> Path:
    """Write a small text file, all or nothing, in UTF-8, with the line ends that it has.

    Raises
    ------
    StoreError
        GM303 if it cannot be written.
    """
    with replacing(path) as temporary:
        temporary.write_bytes(text.encode("utf-8"))
    return path
