"""What the store knows about itself: the table ``gridmap_meta``, sealed by a hash of its own."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping

from gridmap.config.spec import ColumnType
from gridmap.errors import StoreError
from gridmap.store.ddl import quoted
from gridmap.store.records import State, content_of, revision_of

SEAL = "seal"
# Tables of the GeoPackage itself that a row hash does not cover.
SIDE_TABLES = (
    "gpkg_spatial_ref_sys",
    "gpkg_contents",
    "gpkg_geometry_columns",
    "gpkg_extensions",
    "gpkg_data_columns",
    "gpkg_data_column_constraints",
    "layer_styles",
)


def digest(rows: list[tuple[object, ...]]) -> str:
    """Return the hash of rows of plain values, whatever their order."""
    found = hashlib.blake2b(digest_size=16)
    for line in sorted(repr(row) for row in rows):
        found.update(line.encode("utf-8", errors="surrogatepass") + b"\n")
    return found.hexdigest()


def _damaged() -> StoreError:
    return StoreError(
        "GM307", "the store's own notes are damaged", where="gridmap_meta", fix="put back a copy"
    )


class Meta(dict[str, str]):
    """The rows of ``gridmap_meta`` by key."""

    @classmethod
    def load(cls, connection: sqlite3.Connection) -> Meta:
        """Read the table."""
        return cls(connection.execute("SELECT key, value FROM gridmap_meta"))

    def save(self, connection: sqlite3.Connection, before: Mapping[str, str]) -> None:
        """Write what differs from `before`, with a new seal."""
        self[SEAL] = self.seal()
        gone = [(key,) for key in before if key not in self]
        new = [(key, value) for key, value in sorted(self.items()) if before.get(key) != value]
        connection.executemany("DELETE FROM gridmap_meta WHERE key = ?", gone)
        connection.executemany("INSERT OR REPLACE INTO gridmap_meta VALUES (?, ?)", new)

    def seal(self) -> str:
        """Return the hash of every other row."""
        return digest([(key, value) for key, value in self.items() if key != SEAL])

    def check_seal(self) -> None:
        """See that nothing in the table was changed.

        Raises
        ------
        StoreError
            GM307: the next write would build on damage.
        """
        if self.get(SEAL) != self.seal():
            raise _damaged()

    @property
    def schema(self) -> int:
        """Version of the store's schema."""
        return int(self["schema"])

    def kinds(self) -> Iterator[str]:
        """Names of the kinds that have a table, sorted."""
        return (key.removeprefix("state:") for key in sorted(self) if key.startswith("state:"))

    def state(self, kind: str) -> State:
        """Return the state of a kind's table."""
        try:
            return State.from_text(self[f"state:{kind}"]) if f"state:{kind}" in self else State()
        except ValueError as error:
            raise _damaged() from error

    def columns(self, table: str) -> dict[str, ColumnType]:
        """Return the columns that a table was made with."""
        try:
            found: dict[str, ColumnType] = json.loads(self.get(f"columns:{table}", "{}"))
        except ValueError as error:
            raise _damaged() from error
        return found

    def is_spatial(self, table: str) -> bool:
        """Whether a table was made with geometry."""
        return f"indexed:{table}" in self

    def revision(self) -> str:
        """Return the hash of the tables of data."""
        return revision_of({kind: self.state(kind) for kind in self.kinds()})

    def results(self) -> dict[str, str]:
        """Return the hashes of the tables of results."""
        return {
            key.removeprefix("result:"): value for key, value in self.items() if key.startswith("result:")
        }

    def content(self) -> str:
        """Return the hash of data and results."""
        hashes = self.results()
        if "results.input" in self:
            hashes["input"] = self["results.input"]
        return content_of(self.revision(), hashes)


def side_digests(connection: sqlite3.Connection) -> dict[str, str]:
    """Return the hash of each table of the GeoPackage itself; a missing one has none."""
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return {
        f"side:{table}": digest(connection.execute(f"SELECT * FROM {quoted(table)}").fetchall())
        for table in SIDE_TABLES
        if table in there
    }
