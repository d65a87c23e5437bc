"""What leaves a project: tables cleared for an audience, finished bytes, the guard, the log."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from gridmap import exchange, privacy, publish
from gridmap.config import RESULT_TABLES
from gridmap.exchange import WriteKeywords
from gridmap.model import View
from gridmap.project import statement
from gridmap.project.product import Product
from gridmap.store import nothing_waits

if TYPE_CHECKING:
    from gridmap.project.area import Area


def export(area: Area, table: str, audience: str, fmt: str, written: WriteKeywords) -> Product:
    """Write one table for an audience.

    Parameters
    ----------
    area : Area
        The project.
    table, audience, fmt : str
        What, for whom, and in which registered format.
    written : WriteKeywords
        CRS, datum and encoding, as `gridmap.exchange.write_table` takes them.
    """
    known = area.store.tables()
    more = {name: area.store.read(name) for name in (*RESULT_TABLES, "quarantine") if name in known}
    more.setdefault("quarantine", nothing_waits())
    tables = {**area.frames(), **more}
    cleared = view(area, tables, audience)
    data = exchange.write_table(cleared, table, fmt, **written)
    return product(area, data, cleared, tables, f"export {table}")


def view(area: Area, tables: Mapping[str, pd.DataFrame], audience: str, **facts: object) -> View:
    """Clear tables for an audience."""
    stated = statement.facts(
        area.spec, revision=area.store.revision(), audience=audience, relief=area.relief()
    )
    return privacy.make_view(tables, area.spec, audience, facts={**stated, **facts})


def product(
    area: Area, data: bytes, cleared: View, tables: Mapping[str, pd.DataFrame], action: str
) -> Product:
    """Wrap finished bytes; saving them runs the guard and is a line in the log.

    Parameters
    ----------
    area : Area
        The project.
    data : bytes
        The finished product.
    cleared : View
        What it was made from.
    tables : mapping of str to frame
        All there is: what the view left out must not be in the bytes.
    action : str
        What the log says was done.
    """

    def leave(finished: bytes, path: Path, force: bool) -> Path:  # noqa: FBT001 - Product's own call
        withheld = privacy.withheld(tables, area.spec, cleared)
        out = publish.publish(finished, path, withheld=withheld, force=force)
        area.write_log(action, audience=cleared.audience, product=out.name)
        return out

    return Product(data, cleared.audience, leave)
