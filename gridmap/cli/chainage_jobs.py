"""What the command `chainage` can be asked for: each job, its answer and its lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gridmap.cli.console import console
from gridmap.errors import ConfigError

if TYPE_CHECKING:
    import pandas as pd

    from gridmap.exchange import ReadOptions
    from gridmap.project import Area
    from gridmap.project.stationing import Measured, Station

PLACE, AT, POSTS, SECTIONS = "PLACE", "--at", "--posts", "--sections"
MARKERS, LIST, COMPARE, LENGTH = "--markers", "--place", "--compare", ""
KM = 1000.0
SHOWN = 40
DEGREES = 9
SAVED = {SECTIONS: "section_plan", LIST: "landmark"}
# Options, and the jobs that they belong to.
BELONGS: Mapping[str, tuple[str, ...]] = {
    "--offset": (AT,),
    "--side": (AT,),
    "--bearing": (AT,),
    "--every": (POSTS,),
    "--out": (POSTS,),
    "--audience": (POSTS,),
    "--save": (SECTIONS, LIST),
    "--force": (SECTIONS, LIST, POSTS),
    "--datum": (PLACE, COMPARE),
    "--crs": (COMPARE,),
    "--layer": (LIST, COMPARE),
    "--encoding": (LIST, COMPARE),
    "--columns": (LIST, COMPARE),
    "--id": (LIST, COMPARE),
}
Lines = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was typed: the one job with its value, and the options."""

    job: str
    value: Any
    offset_m: float = 0.0
    side: str = "on"
    bearing_deg: float | None = None
    every_m: float | None = None
    save: bool = False
    force: bool = False
    out: Path | None = None
    audience: str | None = None
    reading: Mapping[str, Any] = field(default_factory=dict)

    def options(self) -> ReadOptions:
        """Return how a file is to be read."""
        from gridmap.exchange import ReadOptions  # noqa: PLC0415 - heavy, and only files need it

        return ReadOptions(**self.reading)

    def given(self) -> dict[str, bool]:
        """Say of each option whether it was given."""
        reading = {"--id" if name == "id_column" else f"--{name}": True for name in self.reading}
        return {
            "--offset": self.offset_m != 0.0,
            "--side": self.side != "on",
            "--bearing": self.bearing_deg is not None,
            "--every": self.every_m is not None,
            "--out": self.out is not None,
            "--audience": self.audience is not None,
            "--save": self.save,
            "--force": self.force,
            **reading,
        }


@dataclass(frozen=True, slots=True)
class Told:
    """The answer for a program, the lines for a reader, and what else a reader should know."""

    answer: Any
    lines: Lines
    notes: tuple[str, ...] = ()


def one_job(jobs: Mapping[str, Any]) -> tuple[str, Any]:
    """Return the one job that is asked for and its value; no job is the length of the border.

    Raises
    ------
    ConfigError
        GM106 for two jobs; GM108 for a misspelt option, which would pass for a word of the place.
    """
    strange = next((word for word in jobs[PLACE] or () if word.startswith("--")), None)
    if strange is not None:
        raise ConfigError(
            "GM108",
            f"no such option: {strange}",
            where="gridmap chainage",
            fix="see gridmap chainage --help",
        )
    asked = [name for name, value in jobs.items() if value is not None]
    if len(asked) > 1:
        raise ConfigError(
            "GM106", "several jobs are asked for", where=", ".join(asked), fix="ask for one at a time"
        )
    return (asked[0], jobs[asked[0]]) if asked else (LENGTH, None)


def refuse_stray(wanted: Wanted) -> None:
    """Refuse an option that the job has no use for (GM106), and a file for nobody (GM109)."""
    for name, given in wanted.given().items():
        if given and wanted.job not in BELONGS.get(name, ()):
            raise ConfigError(
                "GM106",
                "an option does not belong to what is asked for",
                where=f"{name} with {wanted.job or 'the length of the border'}",
                fix=f"{name} goes with " + " or ".join(BELONGS.get(name, ("a file",))),
            )
    if wanted.bearing_deg is not None and wanted.side != "on":
        raise ConfigError(
            "GM106", "a side and a bearing are given", where="--side, --bearing", fix="give one of the two"
        )
    if wanted.out is not None and not wanted.audience:
        raise ConfigError(
            "GM109",
            "no audience is named",
            where="--audience",
            fix="say whom the file is for: an audience that gets posts, e.g. planner",
        )


def wanted_of(jobs: Mapping[str, Any], how: Mapping[str, Any], reading: Mapping[str, Any]) -> Wanted:
    """Return what is wanted, once it is clear that it belongs together; see `one_job` and `refuse_stray`."""
    given = {name: value for name, value in reading.items() if value}
    wanted = Wanted(*one_job(jobs), **how, reading=given)
    refuse_stray(wanted)
    return wanted


def run(folder: Path, wanted: Wanted) -> Told:
    """Open the project and do the job."""
    from gridmap import project  # noqa: PLC0415 - the heavy libraries load when a command runs

    with project.open_area(folder) as area, console().working("measuring"):
        return done(area, wanted)


def done(area: Area, wanted: Wanted) -> Told:
    """Do the job."""
    if wanted.out is not None:
        return _posts_file(area, wanted, wanted.out)
    from gridmap.project.stationing import measured  # noqa: PLC0415

    jobs: dict[str, Callable[[Measured, Wanted], Told]] = {
        PLACE: _place,
        AT: _at,
        POSTS: _posts,
        SECTIONS: _sections,
        MARKERS: _markers,
        LIST: _placed,
        COMPARE: _compared,
        LENGTH: _length,
    }
    where = measured(area)
    told = jobs[wanted.job](where, wanted)
    return replace(told, notes=(*told.notes, *where.notes))


def _place(where: Measured, wanted: Wanted) -> Told:
    from gridmap.project.stationing import station  # noqa: PLC0415

    found = station(where, *wanted.value, datum=wanted.reading.get("datum"))
    return Told(found.to_json(), _station_lines(found), found.notes)


def _at(where: Measured, wanted: Wanted) -> Told:
    from gridmap.project.stationing import at_chainage  # noqa: PLC0415

    aside = {"bearing_deg": wanted.bearing_deg}
    found = at_chainage(where, str(wanted.value), wanted.offset_m, wanted.side, **aside)
    return Told(found.to_json(), _station_lines(found), found.notes)


def _station_lines(found: Station) -> Lines:
    away = "on the line"
    if found.offset_m > 0.0:
        away = f"{found.offset_m:,.3f} m {found.side}, bearing {found.bearing_deg:.4f} degrees"
    return [
        ("place", f"{found.lon:.{DEGREES}f} {found.lat:.{DEGREES}f}"),
        ("chainage", found.said),
        ("off the line", away),
        ("nearest place", f"{found.foot_lon:.{DEGREES}f} {found.foot_lat:.{DEGREES}f}"),
    ]


def _every(area: Area, wanted: Wanted) -> float:
    return area.spec.stationing.post_m if wanted.every_m is None else wanted.every_m


def _posts(where: Measured, wanted: Wanted) -> Told:
    from gridmap.project.posts import post_table  # noqa: PLC0415

    found = post_table(where, _every(where.area, wanted))
    plain = found.drop(columns="geometry")
    heads = ("post", "chainage m", "lon", "lat", "bearing")
    rows = [
        (where.said(along), f"{along:,.3f}", f"{lon:.{DEGREES}f}", f"{lat:.{DEGREES}f}", f"{bearing:.1f}")
        for along, lon, lat, bearing in zip(
            *(plain[name].tolist() for name in ("chainage_m", "lon", "lat", "bearing_deg")), strict=True
        )
    ]
    return Told({"posts": _records(plain)}, [heads, *rows])


def _posts_file(area: Area, wanted: Wanted, out: Path) -> Told:
    from gridmap import publish  # noqa: PLC0415
    from gridmap.cli.products import format_of_name  # noqa: PLC0415
    from gridmap.project.leaving import export_posts  # noqa: PLC0415

    publish.refuse_in_the_way(out, force=wanted.force)
    fmt, every = format_of_name(out.name), _every(area, wanted)
    product = export_posts(area, str(wanted.audience), fmt, every_m=every)
    written = product.save(out, force=wanted.force)
    return Told({"path": str(written)}, [(str(written),)], product.notes)


def _sections(where: Measured, wanted: Wanted) -> Told:
    from gridmap.project.sectioning import keep_sections, sections  # noqa: PLC0415

    draft = sections(where, str(wanted.value))
    if wanted.save:
        keep_sections(where, draft, force=wanted.force)
    records = _records(draft)
    rows = [
        (
            *(one["id"], where.said(one["from_m"]), where.said(one["to_m"])),
            *(f"{(one['to_m'] - one['from_m']) / KM:,.3f}", one["outpost"]),
        )
        for one in records
    ]
    answer = {"sections": records, "saved": wanted.save}
    return Told(answer, [("section", "from", "to", "km", "outpost"), *rows], _saved(wanted))


def _saved(wanted: Wanted) -> tuple[str, ...]:
    table = SAVED[wanted.job]
    return (f"stored as {table}",) if wanted.save else (f"a draft: --save stores it as {table}",)


def _markers(where: Measured, _wanted: Wanted) -> Told:
    from gridmap.project.stationing import MARKER  # noqa: PLC0415

    found = where.landmarks(only=MARKER)
    records = [] if found is None else _records(found)
    rows = [
        (one["id"], str(one.get("number") or ""), where.said(one["chainage_m"]), _off(one)) for one in records
    ]
    return Told({"markers": records}, [("id", "number", "chainage", "off the line"), *rows])


def _off(one: Mapping[str, Any]) -> str:
    return f"{one['offset_m']:,.3f} m {one['side']}" if one["offset_m"] else "on the line"


def _placed(where: Measured, wanted: Wanted) -> Told:
    from gridmap import geo  # noqa: PLC0415
    from gridmap.project.marking import keep_markers, markers_from_file  # noqa: PLC0415
    from gridmap.project.stationing import LANDMARK  # noqa: PLC0415

    rows = markers_from_file(where, wanted.value, wanted.options())
    if wanted.save:
        keep_markers(where, rows, source=wanted.value.name, force=wanted.force)
    places = geo.to_lonlat(geo.point_xy(rows.geometry), where.border.crs)
    records = [
        {"id": row_id, "number": number, "lon": lon, "lat": lat}
        for row_id, number, (lon, lat) in zip(rows["id"], rows["number"], places.tolist(), strict=True)
    ]
    lines = [
        (one["id"], one["number"], f"{one['lon']:.{DEGREES}f} {one['lat']:.{DEGREES}f}") for one in records
    ]
    answer = {"kind": LANDMARK, "markers": records, "saved": wanted.save}
    return Told(answer, [("id", "number", "place"), *lines], _saved(wanted))


def _compared(where: Measured, wanted: Wanted) -> Told:
    from gridmap.geo.stationing import spoken  # noqa: PLC0415
    from gridmap.project.relining import compare  # noqa: PLC0415

    found = compare(where, wanted.value, wanted.options())
    records = _records(found.moved.drop(columns="geometry"))
    rows = [
        (
            *(one["kind"], one["id"], spoken(one["before_m"]), spoken(one["after_m"])),
            *(f"{one['shift_m']:+,.3f}", f"{one['off_m']:,.3f}"),
        )
        for one in records[:SHOWN]
    ]
    lengths = {"before_m": found.before_m, "after_m": found.after_m, "apart_m": found.apart_m}
    notes = [
        f"length {found.before_m / KM:,.3f} km before, {found.after_m / KM:,.3f} km after",
        f"the lines are {found.apart_m:,.1f} m apart at most",
    ]
    if len(records) > SHOWN:
        more = len(records) - SHOWN
        notes.append(f"{more} more {'moves' if more == 1 else 'move'} less (all of them with --json)")
    heads = ("kind", "id", "before", "after", "shift m", "off the line m")
    return Told({**lengths, "moved": records}, [heads, *rows], tuple(notes))


def _length(where: Measured, _wanted: Wanted) -> Told:
    border, known = where.border, where.calibration
    answer: dict[str, Any] = {
        "length_m": border.length_m,
        "parts": len(border.parts),
        "hash": border.hash,
        "calibrated_by": 0 if known is None else len(known.measured_m),
        "surveyed_length_m": None,
    }
    lines = [("length", f"{border.length_m / KM:,.3f} km as drawn"), ("parts", str(len(border.parts)))]
    if known is not None:
        ends = known.to_surveyed([0.0, border.length_m])
        answer["surveyed_length_m"] = round(float(ends[1] - ends[0]), 3)
        length = answer["surveyed_length_m"]
        number = answer["calibrated_by"]
        by = f"{number} landmark" + ("" if number == 1 else "s")
        lines.append(("surveyed", f"{length / KM:,.3f} km by {by}"))
        lines.append(("scale", f"{length / border.length_m:.4f} surveyed to drawn"))
    return Told(answer, lines)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as plain data; what is missing is None."""
    rows = frame.astype(object).where(frame.notna(), None).to_dict(orient="records")
    return [{str(name): cell for name, cell in row.items()} for row in rows]
