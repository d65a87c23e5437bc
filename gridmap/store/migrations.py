"""Steps from one version of the store's schema to the next, in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridmap.errors import StoreError
from gridmap.store import contents, ddl

if TYPE_CHECKING:
    from pathlib import Path

    from gridmap.store.transaction import Transaction

FIRST = 1


@dataclass(frozen=True, slots=True)
class Migration:
    """One step.

    Parameters
    ----------
    title : str
        What it does.
    run : callable
        Takes the open transaction; all steps needed run in one.
    """

    title: str
    run: Callable[[Transaction], None]


def _add_undo(doing: Transaction) -> None:
    there = doing.connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'gridmap_undo'").fetchone()
    if there is None:
        doing.connection.execute(ddl.CORE[ddl.CORE_NAMES.index("gridmap_undo")])
        doing.connection.execute(
            "INSERT INTO gpkg_extensions VALUES (?, ?, ?, ?, 'read-write')", contents.EXTENSIONS[-1]
        )


def _nothing(doing: Transaction) -> None:
    """Leave the assignments as they are: a table of words is read until they are stored anew.

    The step is there for an older gridmap, which would write a table beside columns it does not know.
    """


# MIGRATIONS[0] leads from schema 1 to schema 2.
MIGRATIONS: tuple[Migration, ...] = (
    Migration("a table of what the last actions changed", _add_undo),
    Migration("assignments may be columns under a view", _nothing),
)


def newest(steps: tuple[Migration, ...]) -> int:
    """Return the version that these steps lead to."""
    return FIRST + len(steps)


def refuse_newer(schema: int, steps: tuple[Migration, ...], path: Path) -> None:
    """Refuse a store that a newer gridmap made.

    Raises
    ------
    StoreError
        GM304; the file is left as it is.
    """
    if schema > newest(steps):
        raise StoreError(
            "GM304",
            f"{path.name} was made by a newer gridmap (schema {schema}, this one knows {newest(steps)})",
            where=str(path),
            fix="install the newer gridmap; the file was not changed",
        )
