"""Places that are asked about: degrees on a stated datum, and places that stand in a file."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gridmap import exchange, geo
from gridmap.config import KindSpec, ProjectSpec
from gridmap.config.spec import ColumnSpec
from gridmap.config.texts import Text
from gridmap.errors import InputError
from gridmap.exchange import Reading, ReadOptions
from gridmap.exchange.ids import ROW_ID
from gridmap.exchange.placing import Given, place
from gridmap.geo.datum import SHIFTED
from gridmap.model import Answer

if TYPE_CHECKING:
    from gridmap.model.datums import Datum
    from gridmap.project.asking import Asked as Source

Floats = np.ndarray[Any, np.dtype[np.float64]]

# What a file of places is read as: points that are called something, and need not be.
KIND = "place"
PLACE = KindSpec(
    geometry="point",
    title=Text(en="Place", zh="地点"),
    columns={"name": ColumnSpec(type="text", title=Text(en="Name", zh="名称"))},
)
STILL_M = 0.5
NO_PLACE = "has no position"
NO_POINT = "is not a point"
NUMBERED = "ids are missing or stand there twice: rows go by their number alone"


@dataclass(frozen=True, slots=True)
class Asked:
    """One row of a file of places, and who answers there.

    Parameters
    ----------
    row : int
        Its number in the file, as `FileAnswers.row_word` counts.
    id, name : str or None
        As the file has them.
    answer : Answer or None
        None if the row's position cannot be understood.
    reason : str
        Why not; empty with an answer.
    """

    row: int
    id: str | None
    name: str | None
    answer: Answer | None
    reason: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return what ``gridmap who --file --json`` prints of the row."""
        said: dict[str, Any] = {"row": self.row, "id": self.id, "name": self.name}
        return said | ({"reason": self.reason} if self.answer is None else self.answer.to_json())


@dataclass(frozen=True, slots=True)
class FileAnswers:
    """Who answers at the places of a file.

    Parameters
    ----------
    rows : tuple of Asked
        In the order of the file, every row of it.
    row_word : str
        What a row number counts: ``row``, ``feature`` or ``fid``.
    crs : str
        What the positions were taken to be in.
    notes : tuple of str
        What else was decided while it was read.
    """

    rows: tuple[Asked, ...]
    row_word: str
    crs: str
    notes: tuple[str, ...]


def on_datum(lonlat: Floats, datum: Datum, plan: Source) -> tuple[Floats, tuple[tuple[str, ...], ...]]:
    """Bring degrees on a datum into the project's CRS.

    Parameters
    ----------
    lonlat : (n, 2) degrees
        NaN where there is no place.
    datum : {"wgs84", "cgcs2000", "gcj02", "bd09"}
        What they are in.
    plan : Plan or Viewed
        Says the CRS, and the jurisdiction, which tells better than a mask where web maps shift.

    Returns
    -------
    ndarray, shape (n, 2)
        Metres in the project's CRS.
    tuple of (tuple of str)
        For each place what it was taken to be in, and how far that moved it.
    """
    spec = plan.area.spec
    points = np.full(len(lonlat), None, dtype=object)
    there = np.asarray(np.isfinite(lonlat).all(axis=1), dtype=bool)
    points[there] = shapely.points(lonlat[there])
    placed = place(
        Given(points, None, tabular=True),
        spec=spec,
        options=ReadOptions(datum=datum),
        jurisdiction=plan.made.ground.jurisdiction,
        name="the place",
    )
    xy = np.full((len(lonlat), 2), np.nan)
    xy[there] = shapely.get_coordinates(placed.geometry[there])
    moved = geo.geodesic_distance(geo.from_lonlat(lonlat, spec.crs), xy, spec.crs)
    notes = [
        (f"position: {placed.crs}{_moved(metres, datum)}", *placed.notes) if known else ()
        for metres, known in zip(moved.tolist(), there.tolist(), strict=True)
    ]
    return xy, tuple(notes)


def _moved(metres: float, datum: Datum) -> str:
    if metres >= STILL_M:
        return f", moved by {metres:,.0f} m"
    return ", which is where it was: web maps shift nothing there" if datum in SHIFTED else ""


def read_places(plan: Source, path: Path, options: ReadOptions) -> Reading:
    """Read a file of places, in any format that `import` reads; ids are taken where the file has them.

    What bare degrees can be is judged by the jurisdiction that the plan, or the audience's view of it, has.

    Raises
    ------
    InputError, ConfigError
        As `gridmap.exchange.read_rows`: GM201 with the possible readings for bare degrees.
    """
    known = plan.area.spec
    spec: ProjectSpec = known.model_copy(update={"kinds": {**known.kinds, KIND: PLACE}})
    where = plan.made.ground.jurisdiction
    note = ""
    if options.id_column is None:
        try:
            reading = exchange.read_rows(path, kind=KIND, spec=spec, options=options, jurisdiction=where)
        except InputError as error:
            if error.code != "GM210":
                raise
        else:
            if not any(fault.column == "id" for fault in reading.faults):
                return reading
            note = NUMBERED
        options = replace(options, id_column=ROW_ID)
    reading = exchange.read_rows(path, kind=KIND, spec=spec, options=options, jurisdiction=where)
    return replace(reading, notes=(*reading.notes, note)) if note else reading


def who_in_file(plan: Source, path: str | Path, options: ReadOptions | None = None) -> FileAnswers:
    """Say who answers at every place of a file.

    Parameters
    ----------
    plan : Plan or Viewed
        Made once for all of them.
    path : path-like
        A file of points in any format that `import` reads.
    options : ReadOptions, optional
        What the file does not say itself.

    Returns
    -------
    FileAnswers
        Rows whose position cannot be understood have a reason instead of an answer.
    """
    chosen = options or ReadOptions()
    reading = read_places(plan, Path(path), chosen)
    frame = reading.frame
    named = reading.headers.id_header != ROW_ID
    answers = plan.answers(geo.point_xy(frame.geometry))
    shapes = frame.geometry.to_numpy()
    found: list[Asked] = []
    for at, (row, row_id, name) in enumerate(
        zip(reading.rows.tolist(), frame["id"].tolist(), frame["name"].tolist(), strict=True)
    ):
        reason = _unplaced(shapes[at])
        answer = replace(answers[at], notes=(f"position: {reading.crs}", *answers[at].notes))
        told, called = _text(row_id if named else None), name if isinstance(name, str) else None
        found.append(Asked(row, told, called, None if reason else answer, reason))
    found += _waiting(reading, named=named)
    ordered = tuple(sorted(found, key=lambda one: one.row))
    return FileAnswers(ordered, reading.row_word, reading.crs, _said(reading))


def _waiting(reading: Reading, *, named: bool) -> list[Asked]:
    """Return the rows that were not understood, by the names they have in the file."""
    headers = reading.headers
    found = []
    for row, reason, raw in zip(
        *(reading.quarantine[each] for each in ("row", "reason", "raw")), strict=True
    ):
        cells = json.loads(raw)
        told = cells.get(headers.id_header) if named else None
        called = cells.get(headers.sources.get("name", ""))
        found.append(Asked(int(row), _text(told), _text(called), None, str(reason)))
    return found


def _text(cell: Any) -> str | None:
    return None if cell is None or not str(cell).strip() else str(cell)


def _unplaced(shape: Any) -> str:
    if shape is None or shape.is_empty:
        return NO_PLACE
    return "" if shape.geom_type == "Point" else NO_POINT


def _said(reading: Reading) -> tuple[str, ...]:
    """Return what a reader should know of how the file was understood."""
    left = [f"{reading.row_word} {row} left out: {reason}" for row, reason in reading.left_out]
    unused = ", ".join(header for header in reading.headers.left_out if header)
    refused = [f"left out by rule: {header}" for header in reading.headers.refused]
    return (*reading.notes, *left, *([f"not asked for: {unused}"] if unused else []), *refused)
