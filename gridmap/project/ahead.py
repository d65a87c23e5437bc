"""What is needed after the tables is loaded while they are read: SQLite leaves the interpreter idle."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gridmap.store import Store

# From so many rows on reading takes longer than loading.
MANY = 50_000
MODULES = ("gridmap.checks", "gridmap.assign", "gridmap.geo.index.loading")

log = logging.getLogger(__name__)


@contextmanager
def loading(store: Store) -> Iterator[None]:
    """Load, in a thread, what checks and rules need, while the caller reads the tables inside.

    The thread has ended at the end of the block. It decides nothing and keeps nothing: what it could not
    load is loaded when it is used, and is told of then; the log names the failure for those who look for it.

    Parameters
    ----------
    store : Store
        The tables that are read: of few rows nothing is loaded ahead.
    """
    thread = threading.Thread(target=_load, args=(store,), name="gridmap-ahead")
    thread.start()
    try:
        yield
    finally:
        thread.join()


def _load(store: Store) -> None:
    try:
        rows = max(store.tables().values(), default=0)
        if rows >= MANY:
            for name in MODULES:
                import_module(name)
            import_module(MODULES[-1]).load(rows)
    except Exception:
        # The same comes up again where it matters.
        log.debug("not loaded ahead", exc_info=True)
