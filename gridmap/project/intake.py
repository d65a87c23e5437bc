"""Files into a project: what is new, what is there already, what waits in quarantine; and the way back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap import exchange, geo
from gridmap.config import CONFIG_NAME, settings_text
from gridmap.config.profiles import add_profile
from gridmap.errors import ConfigError, InputError, StoreError
from gridmap.exchange import Reading, ReadOptions
from gridmap.model import ImportReport, Matched, Mended, Misfit, OnDuplicate
from gridmap.project import relining
from gridmap.store import Delivery, conform, write_file

if TYPE_CHECKING:
    from gridmap.project.area import Area

CHOICES: tuple[OnDuplicate, ...] = ("refuse", "update", "skip")
SHOWN = 5
# Nine decimals of a degree are a tenth of a millimetre: what was exported and comes back has not moved.
STILL_M = 2e-4
# Beyond this many ids the whole table is read at once.
MANY = 20_000


@dataclass(frozen=True, slots=True)
class Intake:
    """How an import goes, besides how the file is read.

    Parameters
    ----------
    profile : str or None
        The mapping of gridmap.toml that says how the file is read.
    on_duplicate : {"refuse", "update", "skip"}
        What happens to rows whose id is stored with other values.
    snap_m : float or None
        Close gaps and overlaps between the file's polygons up to this width, in metres.
    dry_run : bool
        Store nothing.
    save_as : str or None
        Keep how the file was read as a profile of gridmap.toml, under this name; `profile` itself is changed.
    """

    profile: str | None = None
    on_duplicate: OnDuplicate = "refuse"
    snap_m: float | None = None
    dry_run: bool = False
    save_as: str | None = None


@dataclass(frozen=True, slots=True)
class _Sorted:
    """Accepted rows by what becomes of them; `frame` is what is written."""

    frame: Any
    added: int
    updated: int
    unchanged: int
    skipped: int


def read(area: Area, path: Path, *, kind: str, options: ReadOptions) -> Reading:
    """Read a file as rows of a kind; nothing is stored."""
    reading = exchange.read_rows(
        path, kind=kind, spec=area.spec, options=options, jurisdiction=jurisdiction(area)
    )
    if options.strict:
        exchange.refuse_faulty(reading)
    return reading


def jurisdiction(area: Area) -> Any:
    """Return the union of the polygons of the jurisdiction's level, or None without any."""
    kinds = area.spec.kinds
    if "admin" not in kinds or not area.store.tables().get("admin"):
        return None
    admin = area.store.read("admin", columns=["level"])
    shapes = admin.geometry[(admin["level"] == area.spec.layers.area.jurisdiction).fillna(value=False)]
    return geo.jurisdiction(shapes.to_numpy()) if len(shapes) else None


def take_in(
    area: Area,
    path: Path,
    *,
    kind: str,
    options: ReadOptions,
    intake: Intake,
    progress: Callable[[str], None] | None = None,
) -> ImportReport:
    """Import a file in one transaction: accepted rows, and those that cannot be stored into quarantine.

    `progress` is told the name of each step as it begins.

    Raises
    ------
    ConfigError
        GM105 for an unknown kind or profile, GM106 for contradicting options.
    InputError
        As `gridmap.exchange.read_rows`; GM206 with ``strict``; GM211 where ids are stored with other values
        and nothing is said about them. Nothing is stored then.
    """
    _refuse_other_choice(intake)
    if intake.profile is not None:
        options = exchange.with_profile(options, area.spec, intake.profile)
    _with_profile(area, intake, options)
    revision = area.store.revision()
    tell = progress or (lambda _step: None)
    tell("reading")
    reading = read(area, path, kind=kind, options=options)
    tell("sorting")
    frame, mended = _mended(reading, area, intake.snap_m)
    ready = conform(frame, kind, area.spec)
    if kind == "section_plan":
        ready = area.stamp_border(ready)
    given = {*reading.headers.sources, *options.constants, "geometry", "border_hash"}
    sorted_ = _sorted(area, kind, ready, given, (intake.on_duplicate, path.name))
    said = relining.note_of_rows(area, kind, sorted_.frame)
    if intake.dry_run:
        return _noted(_report(reading, kind, sorted_, mended, revision=revision, stored=False), said)
    source = path.name if options.layer is None else f"{path.name}#{options.layer}"
    accepted = ready["id"].tolist()
    delivery = Delivery(source, reading.file.sha256, revision, accepted)
    # The settings as they are now: somebody may have edited them while the file was read.
    settings = _with_profile(area, intake, options)
    if settings is not None and area.folder is not None:
        write_file(area.folder / CONFIG_NAME, settings)
    tell("storing")
    revision = area.store.take_in(kind, sorted_.frame, reading.quarantine, delivery)
    report = _noted(_report(reading, kind, sorted_, mended, revision=revision, stored=True), said)
    return _logged(area, report, intake, options)


def _refuse_other_choice(intake: Intake) -> None:
    if intake.on_duplicate not in CHOICES:
        raise ConfigError(
            "GM106",
            f"no such choice: {intake.on_duplicate}",
            where="--on-duplicate",
            fix="one of: " + ", ".join(CHOICES),
        )


def _with_profile(area: Area, intake: Intake, options: ReadOptions) -> str | None:
    """Return gridmap.toml with how this file is read under a name; None if no name is given.

    Asked before the file is read, so that a name that is taken refuses the import and not half of it. Only
    the profile that the file is read by may be written anew.
    """
    name = intake.save_as
    if name is None:
        return None
    if area.folder is None:
        raise ConfigError(
            "GM106", "an area in memory keeps no profiles", where=name, fix="open a project on disk"
        )
    text = settings_text(area.folder / CONFIG_NAME)
    return add_profile(text, name, exchange.profile_of(options), replace=name == intake.profile)


def _mended(reading: Reading, area: Area, snap_m: float | None) -> tuple[Any, tuple[Mended, ...]]:
    """Return the frame, snapped if that was asked for, and everything that was changed in it."""
    frame = reading.frame
    ids = frame["id"].to_numpy(dtype=object)
    mended = [
        Mended(str(ids[one.position]), one.what, one.before_m2, one.after_m2) for one in reading.repairs
    ]
    if snap_m is not None and isinstance(frame, gpd.GeoDataFrame):
        snapped = geo.snap(frame.geometry.to_numpy(), crs=area.spec.crs, width_m=snap_m)
        frame = frame.set_geometry(gpd.GeoSeries(snapped.geometry, crs=frame.crs))
        mended += [
            Mended(
                str(ids[one.position]),
                f"snapped, moved {one.moved_m:.3f} m at most",
                one.before_m2,
                one.after_m2,
            )
            for one in snapped.moves
        ]
    return frame, tuple(mended)


def _sorted(
    area: Area, kind: str, ready: Any, given: Collection[str], how: tuple[OnDuplicate, str]
) -> _Sorted:
    """Sort the accepted rows into new ones and those whose id is stored already.

    Of a column that the file does not have it says nothing: what is stored there stays.
    """
    on_duplicate, name = how
    stored = _stored(area, kind, ready["id"])
    if not len(stored):
        return _Sorted(ready, len(ready), 0, 0, 0)
    # Not `isin`, which makes an Arrow scalar of each id.
    there = set(stored["id"].tolist())
    known = np.fromiter(map(there.__contains__, ready["id"].tolist()), dtype=bool, count=len(ready))
    if not known.any():
        return _Sorted(ready, len(ready), 0, 0, 0)
    held = stored.set_index("id").loc[ready["id"][known]].reset_index()
    ready = _kept(ready, held, np.flatnonzero(known), [one for one in ready.columns if one not in given])
    same = np.zeros(len(ready), dtype=bool)
    same[known] = _equal(ready[known].reset_index(drop=True), held)
    differ = known & ~same
    added, unchanged = int((~known).sum()), int(same.sum())
    if not differ.any():
        return _Sorted(ready[~known], added, 0, unchanged, 0)
    if on_duplicate == "refuse":
        ids = ready["id"][differ].tolist()
        more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
        raise InputError(
            "GM211",
            f"{len(ids)} rows are already stored with other values",
            where=f"{name}: {kind} " + ", ".join(ids[:SHOWN]) + more,
            fix="say --on-duplicate update to take the file's values, or skip to keep what is stored",
        )
    if on_duplicate == "skip":
        return _Sorted(ready[~known], added, 0, unchanged, int(differ.sum()))
    return _Sorted(ready[~same], added, int(differ.sum()), unchanged, 0)


def _kept(ready: Any, there: Any, known: np.ndarray[Any, Any], columns: Sequence[str]) -> Any:
    """Return rows with what is stored in columns that the file does not have."""
    made = ready.copy()
    for name in columns:
        if name != "id":
            cells = made[name].copy()
            cells.iloc[known] = there[name].array
            made[name] = cells
    return made


def _stored(area: Area, kind: str, ids: pd.Series[Any]) -> Any:
    count = area.store.tables().get(kind, 0)
    if not count:
        return area.store.read(kind)
    few = len(ids) <= MANY < count
    return area.store.read(kind, ids=ids.tolist() if few else None)


def _equal(new: Any, old: Any) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Say of each row whether it has the same values, and the same geometry as far as an export tells it."""
    same = np.ones(len(new), dtype=bool)
    for column in new.columns:
        if column == "geometry":
            one, two = new.geometry.to_numpy(), old.geometry.to_numpy()
            none = shapely.is_missing(one) & shapely.is_missing(two)
            same &= none | shapely.equals_exact(one, two, tolerance=STILL_M, normalize=True)
            continue
        gone = new[column].isna() & old[column].isna()
        same &= (gone | (new[column] == old[column]).fillna(value=False)).to_numpy(dtype=bool)
    return same


def _report(
    reading: Reading,
    kind: str,
    rows: _Sorted,
    mended: Sequence[Mended],
    *,
    revision: str,
    stored: bool,
) -> ImportReport:
    headers = reading.headers
    matched = [Matched(header, column, headers.how[header]) for header, column in headers.columns.items()]
    matched += [
        Matched(header, role, headers.how.get(header, "position"))
        for role, header in headers.positions.items()
    ]
    return ImportReport(
        kind=kind,
        file=reading.file.name,
        size=reading.file.size,
        sha256=reading.file.sha256,
        rows=reading.total,
        added=rows.added,
        updated=rows.updated,
        unchanged=rows.unchanged,
        skipped=rows.skipped,
        quarantined=len(reading.quarantine),
        row_word=reading.row_word,
        columns=tuple(matched),
        unused=tuple(headers.left_out),
        refused=dict(headers.refused),
        crs=reading.crs or None,
        encoding=reading.encoding,
        left_out=reading.left_out,
        notes=reading.notes,
        misfits=tuple(Misfit(one.row, one.column, one.reason) for one in reading.faults),
        mended=tuple(mended),
        stored=stored,
        revision=revision,
    )


def _noted(report: ImportReport, note: str | None) -> ImportReport:
    return report if note is None else replace(report, notes=(*report.notes, note))


def _logged(area: Area, report: ImportReport, intake: Intake, options: ReadOptions) -> ImportReport:
    """Write the log; the rows are stored by now, so that a log that cannot be written is a note."""
    try:
        area.write_log(
            "import",
            table=report.kind,
            source=report.file,
            layer=options.layer,
            size=report.size,
            sha256=report.sha256,
            rows=report.rows,
            accepted=report.accepted,
            quarantined=report.quarantined,
            columns={one.header: one.column for one in report.columns},
            constants=sorted(options.constants) or None,
            left_out=list(report.unused) or None,
            refused=sorted(report.refused) or None,
            crs=report.crs,
            encoding=report.encoding,
            profile=intake.profile,
            on_duplicate=intake.on_duplicate,
            snap_m=intake.snap_m,
            mended=len(report.mended) or None,
        )
    except StoreError as error:
        return replace(report, notes=(*report.notes, f"the rows are stored, but not logged: {error.what}"))
    return report
