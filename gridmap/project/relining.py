"""Another border line: what moves along it, for who thinks of replacing it and for who has done so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gridmap import exchange, geo
from gridmap.analyse.stationing import Comparison, compare_borders
from gridmap.assign.columns import geometries, on_earth
from gridmap.errors import AssignmentError
from gridmap.geo.stationing import posts, spoken
from gridmap.project.reading import read_unnamed
from gridmap.project.stationing import MARKER, OUTPOST, Measured, measured

if TYPE_CHECKING:
    from gridmap.exchange import ReadOptions
    from gridmap.project.area import Area

BORDER, PLAN, SECTIONS = "border", "section_plan", "sections"
POST = "post"
KM = 1000.0
COLUMNS = ("kind", "id", "chainage_m", "x", "y")


def compare(where: Measured, path: Path, options: ReadOptions) -> Comparison:
    """Say what moves if the border is replaced by the line in a file; nothing is stored.

    Parameters
    ----------
    where : Measured
        The project's border, and what has a chainage on it.
    path : Path
        Lines in any format that `import` reads, e.g. an earlier copy of ``border.gpkg`` (layer ``border``).
    options : ReadOptions
        What the file does not say itself.

    Raises
    ------
    InputError, ConfigError
        As `gridmap.exchange.read_rows`; GM206 if a row cannot be read as a line.
    AssignmentError
        GM501 if the file has no usable line.
    """
    # Ids do not matter to a comparison.
    spec, jurisdiction = where.area.spec, where.ground.jurisdiction
    reading = read_unnamed(path, kind=BORDER, spec=spec, options=options, jurisdiction=jurisdiction)
    exchange.refuse_faulty(reading)
    new = geo.build_border(reading.frame.geometry.to_numpy(), where.area.spec.crs)
    return compare_borders(where.border, new, places(where))


def places(where: Measured, *, every_m: float | None = None) -> pd.DataFrame:
    """Return all that has a chainage: ends of sections, markers, outposts in the belt, kilometre posts.

    Parameters
    ----------
    where : Measured
        The border.
    every_m : float, optional
        Distance of the posts; that of the settings if left out.

    Returns
    -------
    DataFrame
        ``kind``, ``id``; ``chainage_m``; ``x``, ``y`` of what stands somewhere, NaN for a place of the line.
    """
    rows = [*_ends(where), *_markers(where), *_outposts(where), *_posts(where, every_m)]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    return frame.astype(dict.fromkeys(COLUMNS[2:], float))


def _ends(where: Measured) -> Iterator[tuple[Any, ...]]:
    area = where.area
    held = {PLAN: where.tables.get(PLAN)}
    if SECTIONS in area.store.tables():
        held[SECTIONS] = area.store.read(SECTIONS)
    for kind, frame in held.items():
        if frame is None:
            continue
        for column in ("from_m", "to_m"):
            given = frame[column].to_numpy(dtype=np.float64, na_value=np.nan)
            for row_id, along in zip(frame["id"].tolist(), given.tolist(), strict=True):
                # Of an end that is off the line nothing can be said; the checks report it.
                if 0.0 <= along <= where.border.length_m + 1.0 / KM:
                    yield kind, f"{row_id}.{column}", min(along, where.border.length_m), np.nan, np.nan


def _markers(where: Measured) -> Iterator[tuple[Any, ...]]:
    found = where.landmarks(only=MARKER)
    if found is None:
        return
    held = where.ground.of("landmark")
    at = dict(zip(held.ids.tolist(), held.xy.tolist(), strict=True))
    for row_id, along in zip(found["id"].tolist(), found["chainage_m"].tolist(), strict=True):
        yield MARKER, row_id, along, *at[row_id]


def _outposts(where: Measured) -> Iterator[tuple[Any, ...]]:
    held = where.ground.of(OUTPOST)
    xy = held.xy[held.usable]
    found = where.border.locate(xy)
    near = found.distance_m <= where.area.spec.layers.line.belt_m
    for row_id, along, spot in zip(
        held.ids[held.usable][near].tolist(),
        found.chainage_m[near].tolist(),
        xy[near].tolist(),
        strict=True,
    ):
        yield OUTPOST, row_id, along, *spot


def _posts(where: Measured, every_m: float | None) -> Iterator[tuple[Any, ...]]:
    found = posts(where.border, every_m or where.area.spec.stationing.post_m)
    for name, along in zip(found["name"].tolist(), found["chainage_m"].tolist(), strict=True):
        yield POST, name, along, np.nan, np.nan


def note_of_rows(area: Area, kind: str, rows: Any) -> str | None:
    """Say what moves most when rows come into a table; None but where the border becomes another line."""
    if kind != BORDER or not len(rows):
        return None
    before: Any = area.store.read(BORDER)
    kept = before[~before["id"].isin(rows["id"])]
    return moved_note(area, before, pd.concat([kept, rows], ignore_index=True) if len(kept) else rows)


def moved_note(area: Area, before: pd.DataFrame, after: pd.DataFrame) -> str | None:
    """Say what moves most when the rows of the border become others; None if nothing depends on it.

    Parameters
    ----------
    area : Area
        The project.
    before, after : GeoDataFrame
        The rows of the border, in the project's CRS.

    Returns
    -------
    str or None
        None where the line is the same, there was none or is none, or there is neither a section plan nor a
        stored section.
    """
    held = area.store.tables()
    if not (held.get(PLAN) or held.get(SECTIONS)):
        return None
    old, new = _line(area, before), _line(area, after)
    if old is None or new is None or old.hash == new.hash:
        return None
    where = replace(measured(area, checked=False), border=old)
    known = places(where)
    # Ends of sections are what silently means another place; the foot of a far outpost may jump anywhere.
    found = compare_borders(old, new, known[known["kind"].isin([PLAN, SECTIONS])])
    if not len(found.moved):
        return None
    most = found.moved.iloc[0]
    lengths = f"{found.before_m / KM:,.3f} km before, {found.after_m / KM:,.3f} km after"
    moves = f"{most['kind']} {most['id']} moves most, by {most['shift_m']:+,.1f} m"
    return (
        f"the border is another line: {lengths}, {found.apart_m:,.0f} m apart at most; {moves} from "
        f"{spoken(most['before_m'])}. All that moves is listed by gridmap chainage --compare FILE before the "
        "line is replaced (gridmap undo takes it back)"
    )


def _line(area: Area, frame: pd.DataFrame) -> geo.Border | None:
    shapes = geometries(frame)
    try:
        return geo.build_border(shapes[on_earth(shapes, area.spec.crs)], area.spec.crs)
    except AssignmentError:
        return None
