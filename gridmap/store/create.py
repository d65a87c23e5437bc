"""Make a store, or open one."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from gridmap.config.spec import ProjectSpec
from gridmap.errors import ConfigError
from gridmap.store import atomic, contents, ddl, migrations, sql, transaction
from gridmap.store.gpkg import GpkgStore
from gridmap.store.meta import Meta
from gridmap.store.structure import Frame, column_types, conform, empty

TIMEOUT_S = 5.0
SIDECARS = ("-journal", "-wal", "-shm")
OWN_PREFIXES = ("gpkg_", "rtree_", "sqlite_", "gridmap_")


def open_store(
    path: Path,
    spec: ProjectSpec,
    *,
    lock_timeout_s: float = TIMEOUT_S,
    vfs: str | None = None,
    steps: tuple[migrations.Migration, ...] = migrations.MIGRATIONS,
) -> GpkgStore:
    """Open a store; an older one is brought to this version first.

    Parameters
    ----------
    path : Path
        The GeoPackage.
    spec : ProjectSpec
        The project's settings.
    lock_timeout_s : float
        How long to wait for another program, in seconds.
    vfs : str, optional
        Name of a registered SQLite VFS.
    steps : tuple of Migration
        The migrations that are known.

    Raises
    ------
    StoreError
        GM302 if it is not a store or cannot be read, GM304 if a newer gridmap made it, GM307 if it is
        damaged.
    ConfigError
        GM103 if it is in another CRS than the settings say.
    """
    context = transaction.Context(sql.Target(Path(path), lock_timeout_s, vfs), spec, steps)
    with sql.reading(context.target) as connection:
        schema = transaction.load_meta(connection, context).schema
    if schema < migrations.newest(steps):
        _migrate(context)
    return GpkgStore(context)


def _migrate(context: transaction.Context) -> None:
    with transaction.action(context, "migrate") as doing:
        # Another process may have been first.
        for step in context.steps[doing.meta.schema - migrations.FIRST :]:
            step.run(doing)
        doing.meta["schema"] = str(migrations.newest(context.steps))


def create_store(
    path: Path, spec: ProjectSpec, frames: Mapping[str, Frame] | None = None, *, vfs: str | None = None
) -> GpkgStore:
    """Make a store, whole or not at all; a store that is there is replaced.

    Parameters
    ----------
    path : Path
        The GeoPackage to make.
    spec : ProjectSpec
        The project's settings.
    frames : mapping of kind to frame, optional
        Kinds left out are empty.
    vfs : str, optional
        Name of a registered SQLite VFS.

    Raises
    ------
    StructureError
        GM305 if a frame does not have the structure of its kind.
    StoreError
        GM301 if the store that is there is locked, GM303 if the folder cannot be written.
    """
    path = Path(path)
    ready = _tables(spec, frames or {})
    # The old file stays locked until the new one is in its place: nobody writes to what is replaced.
    with _held(path), atomic.replacing(path) as temporary:
        context = transaction.Context(sql.Target(temporary, TIMEOUT_S, vfs), spec)
        with sql.connected(context.target, writing=True) as connection:
            _fill(connection, context, ready)
    return open_store(path, spec, vfs=vfs)


def _tables(spec: ProjectSpec, given: Mapping[str, Frame]) -> dict[str, Frame]:
    """Return a conformed table for every kind."""
    for kind in given:
        column_types(kind, spec)
    for kind in spec.kinds:
        if kind.startswith(OWN_PREFIXES):
            raise ConfigError(
                "GM103", f"a kind cannot be called {kind}", where="gridmap.toml", fix="give it another name"
            )
    return {
        kind: conform(given[kind], kind, spec) if kind in given else empty(kind, spec) for kind in spec.kinds
    }


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """Keep others from writing to the file that is to be replaced, and finish what a crash left of it."""
    if not path.exists():
        for suffix in SIDECARS:
            # A journal without its file would be played back into the new one.
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        yield
    elif sys.platform == "win32":
        with sql.writing(sql.Target(path, TIMEOUT_S)):
            pass
        yield
    else:
        with sql.writing(sql.Target(path, TIMEOUT_S)):
            yield


def _fill(connection: sql.Connection, context: transaction.Context, frames: Mapping[str, Frame]) -> None:
    """Write a whole store into an empty file that nobody else knows; it is synced as a file later."""
    connection.execute("PRAGMA journal_mode=OFF")
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("BEGIN EXCLUSIVE")
    connection.execute(f"PRAGMA application_id={ddl.APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version={ddl.USER_VERSION}")
    for statement in ddl.CORE:
        connection.execute(statement)
    contents.fill_reference_systems(connection, context.spec.crs)
    contents.fill_extensions(connection)
    newest = migrations.newest(context.steps)
    meta = Meta(schema=str(newest), crs=context.spec.crs, srs_id=str(contents.srs_id_of(context.spec.crs)))
    doing = transaction.Transaction(connection, context, meta)
    for kind, frame in frames.items():
        doing.put_kind(kind, frame)
    doing.meta["action"] = "create"
    transaction.finish(doing, Meta(), None)
    connection.execute("COMMIT")
