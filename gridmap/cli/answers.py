"""Commands that answer: check, assign, who."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gridmap.cli.console import console, print_findings, print_json, print_line, print_table
from gridmap.cli.options import (
    HERE,
    Columns,
    Crs,
    Datum,
    DropRefused,
    Encoding,
    IdColumn,
    Json,
    Project,
    Season,
    SourceLayer,
    SwapAxes,
    Unit,
    as_datum,
    as_pairs,
)
from gridmap.cli.stages import CHECK, PLAN, STORING
from gridmap.errors import ConfigError

if TYPE_CHECKING:
    from gridmap.exchange import ReadOptions
    from gridmap.model import Answer, Figures
    from gridmap.project.asked import Asked, FileAnswers

Place = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[PLACE...]", help="LON LAT, degrees-minutes-seconds, K23+450, a landmark, kind:id."
    ),
]
Seeing = Annotated[
    str | None,
    typer.Option("--audience", "-a", help="Answer from what this audience may see, and from nothing else."),
]
PlacesFile = Annotated[
    Path | None, typer.Option("--file", metavar="FILE", help="Places in any file that import reads.")
]

FOUND = 1
NOBODY = "-"
# Of a layer without an answer: what is not in a view may be there all the same.
NONE_AT_ALL, NONE_SEEN = "nobody", "nobody in this view"
FILE_HEADS = (
    "place", "section", "unit", "border m", "zone", "unit", "stronghold", "away m", "notes",
)  # fmt: skip
KM = 1000.0
KM2 = 1e6


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command("check")(check)
    app.command("assign")(assign)
    # Western longitudes start with a minus sign: they are places, not options.
    app.command("who", context_settings={"ignore_unknown_options": True})(who)


def check(
    *,
    folder: Project = HERE,
    deep: Annotated[
        bool, typer.Option("--deep", help="Compare every stored value with its hash too.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Find every fault of the data; exit 1 if any is an error.

    Example: gridmap check -C demo
    """
    from gridmap import project  # noqa: PLC0415 - the heavy libraries load when a command runs

    with project.open_area(folder) as area, console().working("check", steps=CHECK) as step:
        found = area.check(deep=deep, progress=step)
        tables = area.tables()
    if as_json:
        print_json({"findings": found.to_json(), "tables": tables, **console().measured()})
    else:
        print_findings(found)
    raise typer.Exit(FOUND if found.has_errors else 0)


def assign(*, folder: Project = HERE, season: Season = None, as_json: Json = False) -> None:
    """Assign everything to the three layers, prove it complete, store the plan.

    Exit 1 if a finding is an error; the plan is stored all the same. That of a season is only shown: what is
    stored stays the arrangement of the year.

    Example: gridmap assign -C demo
    Example: gridmap assign -C demo --season winter
    """
    from gridmap import project  # noqa: PLC0415

    steps = {**PLAN, **({} if season else STORING)}
    with project.open_area(folder) as area, console().working("plan", steps=steps) as step:
        plan = area.assign(season=season, progress=step)
        if season is None:
            step("storing")
            plan.save()
    for note in (*plan.notes, *plan.made.notes):
        console().say(f"note: {note}")
    if as_json:
        more = {} if season is None else {"season": season, "stored": False}
        print_json(
            {**plan.figures.to_json(), "findings": plan.findings.to_json(), **more, **console().measured()}
        )
    else:
        _print_figures(plan.figures)
        print_findings(plan.findings)
    raise typer.Exit(FOUND if plan.findings.has_errors else 0)


def who(  # noqa: PLR0913 - these are the options people type
    place: Place = None,
    *,
    folder: Project = HERE,
    audience: Seeing = None,
    unit: Unit = None,
    file: PlacesFile = None,
    datum: Datum = None,
    crs: Crs = None,
    swap_axes: SwapAxes = False,
    columns: Columns = None,
    id_column: IdColumn = None,
    layer: SourceLayer = None,
    encoding: Encoding = None,
    drop_refused: DropRefused = False,
    as_json: Json = False,
) -> None:
    """Say who answers at a place, on each layer; or at every place of a file.

    A typed coordinate is on the project's own datum unless --datum says otherwise. A file must say what its
    coordinates are in, or you do. A row whose position cannot be understood is listed with its reason
    (exit 1). Options from --crs on are for a file. With --audience the answer, and the places that have
    names, are from that audience's view: what the view lacks is said to be lacking, never to be a gap.

    Example: gridmap who 110.12 42.53 --datum gcj02 -C demo
    """
    from gridmap import project  # noqa: PLC0415
    from gridmap.exchange import ReadOptions  # noqa: PLC0415

    options = ReadOptions(
        layer=layer,
        crs=crs,
        datum=as_datum(datum),
        swap_axes=swap_axes,
        encoding=encoding,
        columns=as_pairs(columns or (), "--columns"),
        id_column=id_column,
        drop_refused=drop_refused,
    )
    words = _words(place, file, options)
    with project.open_area(folder) as area, console().working("plan", steps=PLAN) as step:
        asked = area.plan(progress=step).asked_by(audience, unit=unit)
        if file is not None:
            _tell_file(project.who_in_file(asked, file, options), as_json=as_json)
            return
        answer = project.who(asked, *words, datum=options.datum)
    _tell(answer, nobody=NONE_AT_ALL if audience is None else NONE_SEEN, as_json=as_json)


def _words(place: list[str] | None, file: Path | None, options: ReadOptions) -> list[str]:
    """Return the words of a place, once it is clear that they and the options belong together.

    Raises
    ------
    ConfigError
        GM106 for a place beside a file, or options of a file without one; GM108 for a misspelt option,
        which would pass for a word of the place.
    """
    words = place or []
    strange = next((word for word in words if word.startswith("--")), None)
    if strange is not None:
        raise ConfigError(
            "GM108", f"no such option: {strange}", where="gridmap who", fix="see gridmap who --help"
        )
    if file is not None and words:
        raise ConfigError(
            "GM106", "both a place and a file are given", where="--file", fix="leave one of them out"
        )
    if file is None and replace(options, datum=None) != type(options)():
        raise ConfigError(
            "GM106", "options of a file, and no file", where="gridmap who", fix="name it with --file FILE"
        )
    return words


def _tell_file(found: FileAnswers, *, as_json: bool) -> None:
    for note in (f"positions: {found.crs}", *found.notes):
        console().say(f"note: {note}")
    if as_json:
        print_json([one.to_json() for one in found.rows])
    else:
        print_table([(found.row_word, *FILE_HEADS), *(_cells(one) for one in found.rows)])
    lost = sum(one.answer is None for one in found.rows)
    if lost:
        console().say(f"{lost} of {len(found.rows)} places cannot be understood")
        raise typer.Exit(FOUND)


def _cells(asked: Asked) -> tuple[str, ...]:
    """Return a row of the table: who answers, or why that cannot be said."""
    named = (str(asked.row), asked.id or asked.name or "")
    if asked.answer is None:
        return (*named, *["?"] * (len(FILE_HEADS) - 2), asked.reason)
    line, area, point = asked.answer.line, asked.answer.area, asked.answer.point
    return (
        *named,
        *((line.section, line.unit or NOBODY, f"{line.distance_m:,.0f}") if line else (NOBODY,) * 3),
        *((area.zone, area.unit or NOBODY) if area else (NOBODY,) * 2),
        *((point.stronghold, f"{point.distance_m:,.0f}") if point else (NOBODY,) * 2),
        "; ".join(asked.answer.notes[1:]),
    )


def _print_figures(figures: Figures) -> None:
    line, area, point = figures.line, figures.area, figures.point
    print_line(f"{figures.assignments:,} assignments")
    print_line(
        f"line  军管线  {line.targets:>6} sections     {line.length_m / KM:>12,.3f} km   "
        f"gap {line.gap_m / KM:,.3f} km   overlap {line.overlap_m / KM:,.3f} km"
    )
    print_line(
        f"area  警管面  {area.targets:>6} zones        {area.area_m2 / KM2:>12,.3f} km2  "
        f"gap {area.gap_m2 / KM2:,.3f} km2  overlap {area.overlap_m2 / KM2:,.3f} km2  "
        f"outside {area.outside_m2 / KM2:,.3f} km2"
    )
    print_line(
        f"point 户管点  {point.targets:>6} strongholds  {point.served:>12,} served  orphans {point.orphans:,}"
    )


def _tell(answer: Answer, *, nobody: str, as_json: bool) -> None:
    if as_json:
        print_json(answer.to_json())
    else:
        _print_answer(answer, nobody=nobody)


def _print_answer(answer: Answer, *, nobody: str) -> None:
    line, area, point = answer.line, answer.area, answer.point
    # A view may lack the units: then it is not known that there is none.
    unitless = "none" if nobody == NONE_AT_ALL else "not in this view"
    if line is None:
        print_line(f"line  军管线  {nobody}")
    else:
        also = f"; also {', '.join(line.also)}" if line.also else ""
        print_line(
            f"line  军管线  section {line.section}, unit {line.unit or unitless}: "
            f"{line.distance_m:,.0f} m from the border at chainage {line.chainage_m:,.0f} m{also}"
        )
    if area is None:
        print_line(f"area  警管面  {nobody}")
    else:
        also = f"; also {', '.join(area.also)}" if area.also else ""
        print_line(f"area  警管面  zone {area.zone}, unit {area.unit or unitless}{also}")
    if point is None:
        print_line(f"point 户管点  {nobody}")
    else:
        print_line(
            f"point 户管点  stronghold {point.stronghold}, unit {point.unit or unitless}: "
            f"{point.distance_m:,.0f} m at {point.bearing_deg:.0f} degrees"
        )
    for note in answer.notes:
        print_line(f"note: {note}")
