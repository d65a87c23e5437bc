"""Commands that bring files in, and take the last action back: import, undo."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from gridmap.cli.console import console, print_json, print_line
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
    SourceLayer,
    SwapAxes,
    as_constants,
    as_datum,
    as_pairs,
)
from gridmap.cli.stages import INTAKE

if TYPE_CHECKING:
    from gridmap.exchange import ReadOptions
    from gridmap.model import ImportReport, OnDuplicate
    from gridmap.project import Area, Intake


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command("import")(import_)
    app.command("discard")(discard)
    app.command("undo")(undo)


File = Annotated[Path, typer.Argument(metavar="FILE", help="Any file of docs/reference/formats.md.")]
Kind = Annotated[str, typer.Option("--as", metavar="KIND", help="What the rows are, e.g. household.")]
Constants = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="COLUMN=VALUE", help="One value for every row, e.g. level=township."),
]
Profile = Annotated[str | None, typer.Option("--profile", help="A mapping saved in gridmap.toml.")]
SaveProfile = Annotated[str | None, typer.Option("--save-profile", help="Save these options under a name.")]
# Taken as it is: the import itself refuses any other word.
Duplicates = Annotated[
    str, typer.Option(metavar="refuse|update|skip", help="For ids stored with other values.")
]
MendShapes = Annotated[bool, typer.Option("--repair", help="Mend geometry, and list what was mended.")]
Snap = Annotated[
    float | None, typer.Option("--snap", metavar="METRES", help="Close gaps and overlaps between polygons.")
]
Strict = Annotated[bool, typer.Option("--strict", help="All rows and headers, or nothing.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would happen; store nothing.")]


def import_(  # noqa: PLR0913 - these are the options people type
    file: File,
    *,
    kind: Kind,
    folder: Project = HERE,
    layer: SourceLayer = None,
    crs: Crs = None,
    datum: Datum = None,
    swap_axes: SwapAxes = False,
    encoding: Encoding = None,
    columns: Columns = None,
    constants: Constants = None,
    id_column: IdColumn = None,
    profile: Profile = None,
    save_profile: SaveProfile = None,
    on_duplicate: Duplicates = "refuse",
    drop_refused: DropRefused = False,
    repair: MendShapes = False,
    snap: Snap = None,
    strict: Strict = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Take the rows of a file in; rows that cannot be stored wait in the table quarantine (exit 1).

    Example: gridmap import 牧户.xlsx --as household --datum gcj02 --id 户号 -C demo
    """
    from gridmap import project  # noqa: PLC0415 - the heavy libraries load when a command runs
    from gridmap.exchange import ReadKeywords, ReadOptions  # noqa: PLC0415

    place: ReadKeywords = {"crs": crs, "datum": as_datum(datum), "swap_axes": swap_axes}
    rows: ReadKeywords = {"layer": layer, "encoding": encoding, "id_column": id_column, "strict": strict}
    cells: ReadKeywords = {"columns": as_pairs(columns or (), "--columns"), "repair": repair}
    more: ReadKeywords = {"constants": as_constants(constants), "drop_refused": drop_refused}
    said: ReadKeywords = {**place, **rows, **cells, **more}
    choice = cast("OnDuplicate", on_duplicate)
    how = project.Intake(profile, choice, snap_m=snap, dry_run=dry_run, save_as=save_profile)
    with project.open_area(folder) as area:
        report = _run(area, file, kind, (ReadOptions(**said), how), as_json=as_json)
        waiting = area.tables().get("quarantine", 0)
    _tell(report, waiting, as_json=as_json)
    if report.quarantined:
        raise typer.Exit(1)


def discard(
    source: Annotated[
        str, typer.Argument(metavar="FILE", help="Name of the file, as the quarantine has it.")
    ],
    *,
    folder: Project = HERE,
    as_json: Json = False,
) -> None:
    """Take the rows of a file out of the quarantine; undo brings them back.

    Example: gridmap discard 牧户.xlsx -C demo
    """
    from gridmap import project  # noqa: PLC0415

    with project.open_area(folder) as area:
        gone = area.discard(source)
    if as_json:
        print_json({"source": source, "discarded": gone})
    else:
        print_line(f"discarded: {gone} rows of {source}")


def undo(
    *,
    folder: Project = HERE,
    forget: Annotated[
        bool, typer.Option("--forget", help="Instead, wipe what could be taken back out of the store.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Take the last import, save or edit back, whole.

    Example: gridmap undo -C demo
    """
    from gridmap import project  # noqa: PLC0415

    with project.open_area(folder) as area:
        if forget:
            area.forget()
            if as_json:
                print_json({"forgotten": True})
            console().say("nothing can be taken back any more; what was removed is nowhere in the store")
            return
        undone = area.undo()
    if as_json:
        print_json(
            {
                "undone": undone.action,
                "kind": undone.kind,
                "rows": undone.rows,
                "source": undone.source,
                "revision": undone.revision,
            }
        )
        return
    source = f" from {undone.source}" if undone.source else ""
    print_line(f"taken back: {undone.action} of {undone.rows} rows of {undone.kind}{source}")


def _run(
    area: Area, file: Path, kind: str, how: tuple[ReadOptions, Intake], *, as_json: bool
) -> ImportReport:
    from gridmap.exchange import UnstatedCrsError  # noqa: PLC0415
    from gridmap.project import intake  # noqa: PLC0415

    options, settings = how
    try:
        with console().working(file.name, steps=INTAKE) as step:
            return intake.take_in(area, file, kind=kind, options=options, intake=settings, progress=step)
    except UnstatedCrsError as error:
        if settings.dry_run and error.readings and not as_json:
            from gridmap.cli.smallmap import readings_map  # noqa: PLC0415

            for line in readings_map(error.readings, area):
                print_line(line)
        raise


def _tell(report: ImportReport, waiting: int, *, as_json: bool) -> None:
    if as_json:
        print_json(report.to_json())
        return
    *details, total = report.lines()
    for line in details:
        console().say(line)
    print_line(total)
    if waiting and report.stored:
        console().say(
            f"{waiting} rows wait in quarantine: gridmap export quarantine FILE.csv --audience custodian\n"
            "a row leaves when one with its id comes in; gridmap discard FILE takes the rows of a file out"
        )
