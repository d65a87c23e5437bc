"""The store: a border area's tables in one GeoPackage, or in memory; only here is a database opened."""

from gridmap.store import journal
from gridmap.store.atomic import replacing, write_file
from gridmap.store.create import create_store, open_store
from gridmap.store.gpkg import GpkgStore
from gridmap.store.memory import MemoryStore
from gridmap.store.protocol import Store
from gridmap.store.quarantine import Delivery, nothing_waits
from gridmap.store.structure import conform, empty
from gridmap.store.turns import in_turn
from gridmap.store.undo import Undone

__all__ = [
    "Delivery",
    "GpkgStore",
    "MemoryStore",
    "Store",
    "Undone",
    "conform",
    "create_store",
    "empty",
    "in_turn",
    "journal",
    "nothing_waits",
    "open_store",
    "replacing",
    "write_file",
]
