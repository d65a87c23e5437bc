"""What is in a file before it is read, through fiona: the one file that imports it.

fiona opens with one named driver and nothing else; pyogrio, which then reads in bulk, tries them all.
"""

from __future__ import annotations

from pathlib import Path

import fiona
import fiona.errors

ERRORS = (fiona.errors.FionaError, fiona.errors.FionaValueError, OSError)


def layers(path: Path, driver: str) -> tuple[str, ...]:
    """Return the names of a file's tables; only `driver` is tried."""
    with fiona.open(path, enabled_drivers=[driver]) as first:
        # `listlayers` takes no driver list: it is asked only once the driver has proved to be right.
        found = first.driver == driver
    return tuple(fiona.listlayers(path)) if found else ()
