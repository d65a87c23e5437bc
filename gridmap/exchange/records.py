"""Files record by record, through fiona: the one file that imports it.

fiona opens with one named driver and nothing else, says what is in the file before it is read, and
gives every value as the file has it; pyogrio is faster, but turns an integer column with missing
values into floats.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fiona
import fiona.errors

ERRORS = (fiona.errors.FionaError, fiona.errors.FionaValueError, OSError)


@dataclass(frozen=True, slots=True)
class LayerSchema:
    """What a table of a file holds: field types by name, and whether it has a geometry."""

    fields: dict[str, str]
    spatial: bool


def layers(path: Path, driver: str) -> tuple[str, ...]:
    """Return the names of a file's tables; only `driver` is tried."""
    with fiona.open(path, enabled_drivers=[driver]) as first:
        # `listlayers` takes no driver list: it is asked only once the driver has proved to be right.
        found = first.driver == driver
    return tuple(fiona.listlayers(path)) if found else ()


def schema(path: Path, driver: str, layer: str) -> LayerSchema:
    """Return the fields of a table."""
    with fiona.open(path, layer=layer, enabled_drivers=[driver]) as source:
        described = source.schema
        return LayerSchema(dict(described["properties"]), described["geometry"] != "None")


def exact(path: Path, driver: str, layer: str, names: list[str]) -> dict[str, list[Any]]:
    """Return the values of some columns, record by record, every digit kept."""
    with fiona.open(path, layer=layer, enabled_drivers=[driver], ignore_geometry=True) as source:
        rows = [record.properties for record in source]
    return {name: [row[name] for row in rows] for name in names}
