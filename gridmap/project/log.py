"""The log beside the store: what was done, when, by which configured name, from which file."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import gridmap
from gridmap.config import LOG_NAME, ProjectSpec
from gridmap.store import Store, journal


def record(folder: Path | None, spec: ProjectSpec, store: Store, action: str, **details: object) -> None:
    """Add a line to a project's log; an area in memory (no folder) has none.

    This is the only place that reads the clock: nothing in the store or in a product tells the time.
    """
    if folder is None:
        return
    said = {key: value for key, value in details.items() if value is not None}
    entry = {
        "time": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "action": action,
        "by": spec.operator,
        "revision": store.revision(),
        "version": gridmap.__version__,
        **said,
    }
    journal.append(folder / LOG_NAME, entry)


def lines(folder: Path | None) -> list[dict[str, Any]]:
    """Return the lines of a project's log, oldest first."""
    return journal.read(folder / LOG_NAME) if folder is not None else []
