"""A file of any registered format, as rows of a kind in the project's CRS.

The file is copied to a private place (`source`), read by a child process with limits (`isolated`), its
headers are matched to the kind's columns (`headers`), its positions are placed (`coordinates`, `placing`),
its values typed (`typed`). A row that something is wrong with is told, never dropped and never guessed at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.config import KindSpec, ProjectSpec
from gridmap.config.suggesting import suggest
from gridmap.errors import ConfigError, InputError
from gridmap.exchange.coordinates import positions
from gridmap.exchange.format import RawTable, ReadRequest
from gridmap.exchange.headers import Headers, match_headers
from gridmap.exchange.ids import id_faults, numbered, unambiguous
from gridmap.exchange.isolated import read_isolated
from gridmap.exchange.options import ReadOptions
from gridmap.exchange.placing import Given, place
from gridmap.exchange.source import Limits, Source, staged
from gridmap.exchange.typed import RowFault
from gridmap.exchange.typed_table import typed_table
from gridmap.exchange.vocabulary import words_for
from gridmap.exchange.waiting import quarantined
from gridmap.geo import crs as geo_crs
from gridmap.geo.repair import Repair, repair

SHOWN = 20

DIMENSIONS = {"point": 0, "line": 1, "polygon": 2}

Reader = Callable[[Source, ReadRequest, Limits], RawTable]


@dataclass(frozen=True, slots=True)
class FileFacts:
    """Which file was read: its name, size in bytes and SHA-256 (with what belongs to it)."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Reading:
    """What came out of a file.

    Parameters
    ----------
    frame : DataFrame or GeoDataFrame
        The rows that can be stored, ordered by id: ``id``, the kind's columns, ``geometry`` in the
        project's CRS for a spatial kind.
    faults : tuple of RowFault
        Why each of the other rows cannot.
    total : int
        Rows in the file; the rows of `frame` and the distinct rows of `faults` add up to it.
    row_word : str
        What a row number counts: ``row`` (as a spreadsheet does), ``feature`` or ``fid``.
    file : FileFacts
        Which file it was.
    headers : Headers
        Which of its headers is which column.
    quarantine : DataFrame
        One row for each that cannot be stored: ``row``, ``row_word``, ``row_id``, ``reason``, ``raw`` (its
        values as JSON).
    rows : (n,) int ndarray
        The number in the file of each row of `frame`.
    crs : str
        What the positions were taken to be in; empty for a kind without geometry.
    encoding : str or None
        How texts were decoded, where the format leaves that open.
    left_out : tuple of (int, str)
        Rows that are no data (titles, blanks, totals), by number, with the reason.
    notes : tuple of str
        What was decided on the way, and what a reader should know.
    repairs : tuple of Repair
        What was mended, by position in `frame`.
    """

    frame: Any
    faults: tuple[RowFault, ...]
    total: int
    row_word: str
    file: FileFacts
    headers: Headers
    quarantine: pd.DataFrame
    rows: np.ndarray[Any, np.dtype[np.int64]]
    crs: str = ""
    encoding: str | None = None
    left_out: tuple[tuple[int, str], ...] = ()
    notes: tuple[str, ...] = ()
    repairs: tuple[Repair, ...] = ()


@dataclass(frozen=True, slots=True)
class _Task:
    """One reading: what is wanted, for the steps below."""

    kind: str
    schema: KindSpec
    spec: ProjectSpec
    options: ReadOptions
    jurisdiction: Any
    name: str


@dataclass(frozen=True, slots=True)
class _Shapes:
    """The geometry of every row, in the project's CRS, and what was found on the way."""

    geometry: np.ndarray[Any, np.dtype[np.object_]]
    crs: str
    faults: list[RowFault]
    notes: tuple[str, ...]


def isolated(source: Source, request: ReadRequest, limits: Limits) -> RawTable:
    """Read in a child process with limits on time and memory: the way every file comes in."""
    return read_isolated(source, request, limits=limits)


def in_process(source: Source, request: ReadRequest, limits: Limits) -> RawTable:  # noqa: ARG001 - a Reader
    """Read in this process: for bytes that this program wrote itself, never for a file from outside."""
    return source.format.read(source.path, request)


def read_frame(path: Path, *, kind: str, spec: ProjectSpec, options: ReadOptions | None = None) -> Any:
    """Read a file as rows of a kind, all or nothing.

    Parameters
    ----------
    path : Path
        A regular file; the extension says which format it must be.
    kind : str
        The kind the rows shall become.
    spec : ProjectSpec
        Settings: the kinds, the working CRS, limits and words of imports.
    options : ReadOptions, optional
        What the caller says about the file.

    Returns
    -------
    GeoDataFrame or DataFrame
        Ordered by ``id``; ``id``, the kind's columns (absent ones all missing), then ``geometry`` in
        the project's CRS for a spatial kind.

    Raises
    ------
    InputError
        GM206 with the number of every row that cannot be stored; and as `read_rows`.
    ConfigError
        As `read_rows`.
    """
    reading = read_rows(path, kind=kind, spec=spec, options=options)
    refuse_faulty(reading)
    return reading.frame


def refuse_faulty(reading: Reading) -> None:
    """Refuse a file with rows that cannot be stored.

    Raises
    ------
    InputError
        GM206.
    """
    if not reading.faults:
        return
    shown = "; ".join(
        f"{reading.row_word} {fault.row}: {fault.column} {fault.reason}" for fault in reading.faults[:SHOWN]
    )
    more = len(reading.faults) - SHOWN
    raise InputError(
        "GM206",
        f"{len(reading.quarantine)} of {reading.total} rows cannot be stored",
        where=f"{reading.file.name}: {shown}" + (f"; and {more} more" if more > 0 else ""),
        fix="correct these rows in the file; nothing was taken in",
    )


def read_rows(
    path: Path,
    *,
    kind: str,
    spec: ProjectSpec,
    options: ReadOptions | None = None,
    jurisdiction: Any = None,
    reader: Reader = isolated,
) -> Reading:
    """Read a file like `read_frame`, but give the rows that cannot be stored beside those that can.

    Parameters
    ----------
    path, kind, spec, options
        As for `read_frame`.
    jurisdiction : shapely geometry, optional
        Where the data should lie, in the project's CRS: it tells one reading of bare coordinates from
        another.
    reader : callable
        How the format's reader is called; `in_process` only for what this program wrote itself.

    Returns
    -------
    Reading
        Rows that can be stored, and why each of the others cannot.

    Raises
    ------
    InputError
        GM201 without a CRS (an `UnstatedCrsError` with the possible readings); GM202 unreadable; GM204
        columns refused by name; GM205 not a format of ours; GM207 unknown encoding; GM208 a CRS that cannot
        be true; GM209 beyond the limits; GM210 headers that cannot be matched.
    ConfigError
        GM105 for an unknown kind; GM106 for options that contradict each other; GM111 without the library of
        a format.
    """
    if kind not in spec.kinds:
        raise ConfigError("GM105", f"no such kind: {kind}", where=path.name, fix=suggest(kind, spec.kinds))
    chosen = options or ReadOptions()
    task = _Task(kind, spec.kinds[kind], spec, chosen, jurisdiction, path.name)
    limits = Limits.of(spec)
    request = ReadRequest(
        kind,
        task.schema.spatial,
        layer=chosen.layer,
        encoding=chosen.encoding,
        words=words_for(kind, spec),
        repair=chosen.repair,
    )
    with staged(path, limits=limits, layer=chosen.layer) as source:
        raw = reader(source, replace(request, layer=source.layer), limits)
    facts = FileFacts(source.name, source.size, source.sha256)
    return _made(raw, facts, task, defined=source.format.defines_crs)


def _made(raw: RawTable, facts: FileFacts, task: _Task, *, defined: bool) -> Reading:
    raw = numbered(unambiguous(raw), task.options, task.name)
    headers = match_headers(raw, kind=task.kind, spec=task.spec, options=task.options, name=task.name)
    table, faults = typed_table(raw, headers, task.schema, task.options.constants)
    faults += [*_reported(raw, headers, spatial=task.schema.spatial), *id_faults(table["id"], raw)]
    notes = [*raw.notes, *(f"{one} is the same in every row, as you say" for one in task.options.constants)]
    crs = ""
    if task.schema.spatial:
        shapes = _shapes(raw, headers, task, defined=defined)
        faults += shapes.faults
        notes += shapes.notes
        crs = shapes.crs
        table = gpd.GeoDataFrame(table, geometry=shapes.geometry, crs=geo_crs.working_crs(task.spec.crs))
    elif raw.geometry is not None and not shapely.is_missing(raw.geometry).all():
        notes.append(f"{task.kind} has no geometry: that of the file is left out")
    ordered = tuple(sorted(set(faults), key=lambda fault: (fault.row, fault.column, fault.reason)))
    bad = np.isin(raw.rows, np.unique(np.array([fault.row for fault in ordered], dtype=np.int64)))
    order = np.flatnonzero(~bad)[np.argsort(table["id"][~bad].to_numpy(dtype=object), kind="stable")]
    frame, repairs = _mended(table.iloc[order].reset_index(drop=True), task)
    return Reading(
        frame,
        ordered,
        len(raw.rows),
        raw.row_word,
        file=facts,
        headers=headers,
        quarantine=quarantined(raw, headers, ordered, table["id"]),
        rows=raw.rows[order],
        crs=crs,
        encoding=raw.encoding,
        left_out=raw.left_out,
        notes=tuple(dict.fromkeys(notes)),
        repairs=repairs,
    )


def _reported(raw: RawTable, headers: Headers, *, spatial: bool) -> list[RowFault]:
    """Return what the reader found wrong; nothing wrong with what is left out keeps a row out."""
    taken = {*headers.sources.values(), *headers.positions.values()}
    return [
        RowFault(int(raw.rows[at]), headers.columns.get(column, column), reason)
        for at, column, reason in raw.faults
        if column in taken or (column not in raw.columns and (spatial or column != "geometry"))
    ]


def _mended(frame: Any, task: _Task) -> tuple[Any, tuple[Repair, ...]]:
    if not (task.schema.spatial and task.options.repair):
        return frame, ()
    mended = repair(frame.geometry.to_numpy(), crs=task.spec.crs)
    return frame.set_geometry(gpd.GeoSeries(mended.geometry, crs=frame.crs)), mended.repairs


def _shapes(raw: RawTable, headers: Headers, task: _Task, *, defined: bool) -> _Shapes:
    """Return the geometries in the working CRS, 2D, and what is wrong with each."""
    faults: list[RowFault] = []
    notes: tuple[str, ...] = ()
    geometry, crs, tabular = raw.geometry, raw.crs, raw.geometry is None
    if geometry is None:
        most = task.spec.imports.max_vertices
        found = positions(raw, headers, repair=task.options.repair, vertices=most)
        geometry, crs, notes = found.geometry, found.crs, found.notes
        faults += [RowFault(int(raw.rows[at]), column, reason) for at, column, reason in found.faults]
    if geometry is None:
        raise InputError(
            "GM202",
            "the file has no positions",
            where=task.name,
            fix="give a file with geometry, or a table with lon and lat, or wkt; name them with "
            "--columns HEADER=lon,HEADER=lat",
        )
    stated = None if crs is None else str(crs)
    deep = bool((shapely.has_z(geometry) | shapely.has_m(geometry)).any())
    given = Given(shapely.force_2d(geometry) if deep else geometry, stated, defined=defined, tabular=tabular)
    placed = place(
        given, spec=task.spec, options=task.options, jurisdiction=task.jurisdiction, name=task.name
    )
    faults += [RowFault(int(raw.rows[at]), "geometry", reason) for at, reason in placed.faults]
    others = _others(placed.geometry, task)
    return _Shapes(placed.geometry, placed.crs, faults, (*notes, *placed.notes, *others))


def _others(shapes: np.ndarray[Any, np.dtype[np.object_]], task: _Task) -> list[str]:
    """Say how many shapes are not of the kind's sort: they are stored, and found by the checks."""
    there = shapely.get_dimensions(shapes[~shapely.is_missing(shapes)])
    others = int((there != DIMENSIONS[task.schema.geometry]).sum())
    if not others:
        return []
    return [f"{others} of {len(there)} shapes are no {task.schema.geometry}: gridmap check will name them"]
