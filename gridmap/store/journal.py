"""The log beside the store: one JSON object a line, added and never changed.

Time stamps live here and nowhere else, so that making a map never changes the data.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gridmap.errors import StoreError

logger = logging.getLogger(__name__)


def append(path: Path, entry: Mapping[str, object]) -> None:
    """Add a line and make sure that it is on the disk.

    A torn last line, left by a machine that lost its power, is closed first.

    Raises
    ------
    StoreError
        GM303 if the line cannot be written.
    """
    text = json.dumps(dict(entry), ensure_ascii=False, sort_keys=False, allow_nan=False)
    data = text.encode("utf-8", errors="backslashreplace") + b"\n"
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags, 0o644)
        try:
            if _torn(descriptor):
                data = b"\n" + data
            _write_whole(descriptor, data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise StoreError(
            "GM303",
            "the log cannot be written",
            where=str(path),
            fix="see that the folder may be written to and the disk is not full",
        ) from error


def read(path: Path) -> list[dict[str, Any]]:
    """Return the entries in order; a missing file has none, a torn line is left out.

    Raises
    ------
    StoreError
        GM302 if the file is there and cannot be read.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StoreError(
            "GM302", "the log cannot be read", where=str(path), fix="see that you may read it"
        ) from error
    entries: list[dict[str, Any]] = []
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line.decode("utf-8"))
        except ValueError:
            logger.warning("%s: line %d is torn and left out", path.name, number)
            continue
        if isinstance(entry, dict):
            entries.append(entry)
    return entries


def _torn(descriptor: int) -> bool:
    size = os.lseek(descriptor, 0, os.SEEK_END)
    if size == 0:
        return False
    os.lseek(descriptor, size - 1, os.SEEK_SET)
    return os.read(descriptor, 1) != b"\n"


def _write_whole(descriptor: int, data: bytes) -> None:
    before = os.lseek(descriptor, 0, os.SEEK_END)
    # One call, so that lines of two processes do not mix.
    written = os.write(descriptor, data)
    if written != len(data):
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, before)
        raise OSError(28, "the disk is full")
