"""Rows saved and edited by a caller: into the working CRS, through the structure's gate, into the log."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from gridmap import geo, project
from gridmap.config import STORE_NAME, KindSpec
from gridmap.config.suggesting import suggest
from gridmap.errors import ConfigError
from gridmap.store import conform, nothing_waits

if TYPE_CHECKING:
    from gridmap.project.area import Area

QUARANTINE = "quarantine"


def save(area: Area, frame: pd.DataFrame, *, kind: str, action: str, source: str | None) -> str:
    """Add rows to a kind's table or change them by id, and return the new revision."""
    if _kind(area, kind).spatial and isinstance(frame, gpd.GeoDataFrame):
        frame = geo.to_working(frame, area.spec.crs, name=f"the frame of {kind}")
    ready = conform(frame, kind, area.spec)
    if kind == "section_plan":
        ready = stamped(area, ready)
    moved = project.relining.note_of_rows(area, kind, ready)
    revision = area.store.upsert(kind, ready, action=action)
    area.write_log(action, table=kind, rows=len(ready), source=source, note=moved)
    return revision


def edit(area: Area, kind: str, row_id: str, values: dict[str, Any]) -> str:
    """Change some values of one row, and return the new revision."""
    known = {*_kind(area, kind).columns, "geometry"}
    for column in values:
        refuse_unknown(area, f"column of {kind}", column, known)
    if kind == "section_plan" and values.get("border_hash", "") is None:
        # Emptied means measured anew: along the line as it is now.
        values = {**values, "border_hash": _stamp(area)}
    revision = area.store.edit(kind, row_id, values)
    area.write_log("edit", table=kind, id=row_id, columns=sorted(values))
    return revision


def discard(area: Area, source: str) -> int:
    """Take the rows of a file out of the quarantine, and return how many they were."""
    waiting = area.store.read(QUARANTINE) if area.store.tables().get(QUARANTINE) else nothing_waits()
    refuse_unknown(area, "file in quarantine", source, sorted(set(waiting["source"])))
    gone = area.store.discard(source)
    area.write_log("discard", source=source, rows=gone)
    return gone


def stamped(area: Area, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a section plan with the border that it was made for, where it names none."""
    stamp = _stamp(area)
    return frame.assign(border_hash=frame["border_hash"].fillna(stamp)) if stamp else frame


def refuse_unknown(area: Area, word: str, name: str, known: Collection[str]) -> None:
    """Refuse a name that is not known.

    Parameters
    ----------
    area : Area
        The project, for the message.
    word, name : str
        What it should be the name of, and the name.
    known : collection of str
        The names there are.

    Raises
    ------
    ConfigError
        GM105, with the likeliest correction.
    """
    if name not in known:
        where = "the area in memory" if area.folder is None else str(area.folder / STORE_NAME)
        raise ConfigError("GM105", f"no such {word}: {name}", where=where, fix=suggest(name, known))


def _stamp(area: Area) -> str | None:
    from gridmap import assign  # noqa: PLC0415 - heavy, and few changes need it

    return assign.border_hash(area.store.read("border"), area.spec)


def _kind(area: Area, kind: str) -> KindSpec:
    refuse_unknown(area, "kind", kind, area.spec.kinds)
    return area.spec.kinds[kind]
