"""The command `chainage`: places along the border and back, posts, sections, markers, another line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from gridmap.cli.chainage_jobs import (
    AT,
    COMPARE,
    LIST,
    MARKERS,
    PLACE,
    POSTS,
    SECTIONS,
    Told,
    Wanted,
    run,
    wanted_of,
)
from gridmap.cli.console import console, print_json, print_table, printable
from gridmap.cli.options import (
    HERE,
    Columns,
    Crs,
    Datum,
    Encoding,
    Force,
    IdColumn,
    Json,
    Project,
    SourceLayer,
    as_datum,
    as_pairs,
)
from gridmap.errors import RowsError

Place = Annotated[
    list[str] | None,
    typer.Argument(metavar="[PLACE...]", help="As for who: LON LAT, a landmark, kind:id, K23+450, SK23+910."),
]
At = Annotated[
    str | None, typer.Option("--at", metavar="CHAINAGE", help="Place at a chainage: K23+450, SK23+910.")
]
Offset = Annotated[float, typer.Option("--offset", metavar="METRES", help="With --at: so far off the line.")]
Side = Annotated[str, typer.Option("--side", metavar="left|right", help="With --at: seen from west to east.")]
Bearing = Annotated[
    float | None, typer.Option("--bearing", metavar="DEGREES", help="With --at: instead of a side.")
]
Posts = Annotated[bool, typer.Option("--posts", help="List the kilometre posts.")]
Every = Annotated[
    float | None, typer.Option("--every", metavar="METRES", help="With --posts: else post_m of gridmap.toml.")
]
SectionRule = Annotated[
    str | None,
    typer.Option(
        "--sections",
        metavar="RULE",
        help="Draft sections: equal:N, every:METRES, midpoints, landmark:CLASS, level:NAME.",
    ),
]
Markers = Annotated[bool, typer.Option("--markers", help="List the boundary markers by chainage.")]
PlaceFile = Annotated[
    Path | None,
    typer.Option("--place", metavar="FILE", help="Place markers by a table of number and chainage."),
]
Compare = Annotated[
    Path | None,
    typer.Option("--compare", metavar="FILE", help="List what moves if the border were the line in FILE."),
]
Save = Annotated[
    bool, typer.Option("--save", help="Store the sections as section_plan, or the markers as landmarks.")
]
Out = Annotated[
    Path | None, typer.Option("--out", "-o", metavar="FILE", help="With --posts: write them to a file.")
]
Audience = Annotated[
    str | None, typer.Option("--audience", "-a", help="With --out: one that gets posts, e.g. planner.")
]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    # Western longitudes start with a minus sign: they are places, not options.
    app.command("chainage", context_settings={"ignore_unknown_options": True})(chainage)


def chainage(  # noqa: PLR0913 - these are the options people type
    place: Place = None,
    *,
    folder: Project = HERE,
    at: At = None,
    offset: Offset = 0.0,
    side: Side = "on",
    bearing: Bearing = None,
    posts: Posts = False,
    every: Every = None,
    sections: SectionRule = None,
    markers: Markers = False,
    place_file: PlaceFile = None,
    compare: Compare = None,
    save: Save = False,
    force: Force = False,
    out: Out = None,
    audience: Audience = None,
    datum: Datum = None,
    crs: Crs = None,
    layer: SourceLayer = None,
    columns: Columns = None,
    id_column: IdColumn = None,
    encoding: Encoding = None,
    as_json: Json = False,
) -> None:
    """Measure along the border: one job at a time; without any, its length.

    PLACE gives chainage, offset and side; --at gives the place back. --posts, --markers and --compare list.
    --sections and --place make a draft, which --save stores (gridmap undo takes it back); --force replaces
    what is stored. Options from --crs on are for FILE.

    Chainage is measured along the drawn line from its western end. Where the settings say calibrate = true
    the surveyed chainage is shown beside it, and SK23+910 is a surveyed one.

    Example: gridmap chainage 110.12 42.53 -C demo
    Example: gridmap chainage --at K23+450 --offset 500 --side left -C demo
    Example: gridmap chainage --sections level:township -C demo
    """
    jobs: dict[str, Any] = {PLACE: place or None, AT: at, POSTS: posts or None, SECTIONS: sections}
    jobs |= {MARKERS: markers or None, LIST: place_file, COMPARE: compare}
    how: dict[str, Any] = {"offset_m": offset, "side": side, "bearing_deg": bearing, "every_m": every}
    how |= {"save": save, "force": force, "out": out, "audience": audience}
    reading = {"crs": crs, "datum": as_datum(datum), "layer": layer, "encoding": encoding}
    reading |= {"columns": as_pairs(columns or (), "--columns"), "id_column": id_column}
    told = _done(folder, wanted_of(jobs, how, reading), as_json=as_json)
    for note in told.notes:
        console().say(f"note: {printable(note)}")
    if as_json:
        print_json(told.answer)
    else:
        print_table(told.lines)


def _done(folder: Path, wanted: Wanted, *, as_json: bool) -> Told:
    try:
        return run(folder, wanted)
    except RowsError as error:
        # The message shows the first rows; a program gets every one.
        if as_json:
            print_json(error.to_json())
        raise
