"""Cleared tables as the bytes of a file."""

from __future__ import annotations

import difflib

from gridmap.errors import ConfigError
from gridmap.exchange.format import WriteRequest, format_named
from gridmap.model.view import View, require_view


def write_table(view: View, table: str, fmt: str) -> bytes:
    """Return the finished bytes of one table of a view; nothing touches the disk.

    Parameters
    ----------
    view : View
        Made by `gridmap.privacy.make_view`; nothing else is accepted.
    table : str
        Name of a table of the view.
    fmt : str
        ``"gpkg"``, ``"geojson"``, ``"csv"`` or another registered format.

    Returns
    -------
    bytes
        Same view, same bytes. Coordinates are lon/lat with the view's decimals.

    Raises
    ------
    PublishError
        GM601 if `view` is not a view that privacy has cleared.
    ConfigError
        GM105 if the view has no such table; GM110 if there is no such format.
    """
    cleared = require_view(view)
    chosen = format_named(fmt)
    if table not in cleared.tables:
        close = difflib.get_close_matches(table, sorted(cleared.tables), n=1)
        fix = f"did you mean {close[0]}?" if close else "one of: " + ", ".join(sorted(cleared.tables))
        raise ConfigError(
            "GM105",
            f"the audience {cleared.audience} has no table {table}",
            where="the table to write",
            fix=fix,
        )
    return chosen.write(WriteRequest(table, cleared.tables[table].frame, cleared.decimals))
