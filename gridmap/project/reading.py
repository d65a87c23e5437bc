"""Files whose rows need no ids of their own: a list of markers, another border line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gridmap import exchange
from gridmap.errors import InputError
from gridmap.exchange.ids import ROW_ID

if TYPE_CHECKING:
    from gridmap.config import ProjectSpec
    from gridmap.exchange import ReadOptions

NO_IDS = "GM210"


def read_unnamed(
    path: Path, *, kind: str, spec: ProjectSpec, options: ReadOptions, jurisdiction: Any
) -> exchange.Reading:
    """Read rows; where the file has no usable ids, and none were asked for, they are numbered.

    Parameters
    ----------
    path, kind, spec, options, jurisdiction
        As `gridmap.exchange.read_rows` takes them.

    Raises
    ------
    InputError, ConfigError
        As `gridmap.exchange.read_rows`.
    """
    if options.id_column is None:
        try:
            found = exchange.read_rows(path, kind=kind, spec=spec, options=options, jurisdiction=jurisdiction)
        except InputError as error:
            if error.code != NO_IDS:
                raise
        else:
            if not any(fault.column == "id" for fault in found.faults):
                return found
        options = replace(options, id_column=ROW_ID)
    return exchange.read_rows(path, kind=kind, spec=spec, options=options, jurisdiction=jurisdiction)
