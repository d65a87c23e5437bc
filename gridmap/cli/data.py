"""Commands that make, fill and change a project: demo, new, edit, accept, log."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gridmap.cli.console import console, print_json, print_line
from gridmap.cli.options import HERE, Force, Json, Project
from gridmap.cli.stages import DEMO


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command("demo")(demo)
    app.command("new")(new)
    app.command("edit")(edit)
    app.command("accept")(accept)
    app.command("log")(log)


def demo(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Folder to make.")] = Path("demo"),
    *,
    households: Annotated[int, typer.Option(min=1, help="How many households.")] = 1400,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same bytes.")] = 7,
    faults: Annotated[
        bool,
        typer.Option("--faults", help="Plant one of each fault, the unstorable ones in a file to import."),
    ] = False,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Make the demo area: synthetic, seeded, and it says so.

    Example: gridmap demo demo --households 1400
    """
    from gridmap import project  # noqa: PLC0415 - the heavy libraries load when a command runs
    from gridmap.sample.unstorable import FILE_NAME, KIND  # noqa: PLC0415

    with console().working("making the demo area", steps=DEMO) as step:
        area = project.demo(
            folder, households=households, seed=seed, faults=faults, force=force, progress=step
        )
    to_import = folder / FILE_NAME
    if as_json:
        more = {"to_import": {"path": str(to_import), "as": KIND, "rows": area.unstorable}} if faults else {}
        print_json({"path": str(folder), "planted": area.planted, **more, **console().measured()})
        return
    print_line(str(folder))
    console().say(
        "synthetic data: every household and outpost is invented\n"
        f"next: gridmap assign -C {folder}\n"
        f"      gridmap map -C {folder} --audience planner"
    )
    for fault in area.planted:
        console().say(f"planted: {fault['code']} {fault['table']} {fault['id'] or ''}")
    if faults:
        console().say(
            f"{len(area.unstorable)} faults that no store can hold, and a few sound rows: {to_import}\n"
            f"next: gridmap import {to_import} --as {KIND} -C {folder}"
        )


def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to make.")],
    *,
    crs: Annotated[str, typer.Option(help="Projected metric CRS of the project.")] = "EPSG:4508",
    settings: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A gridmap.toml to begin with, its CRS too.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Make an empty project with a commented gridmap.toml.

    Example: gridmap new my_area --crs EPSG:4508
    """
    from gridmap import project  # noqa: PLC0415

    project.new(folder, crs=crs, settings=settings)
    if as_json:
        print_json({"path": str(folder)})
        return
    print_line(str(folder))
    console().say(f"next: read {folder / 'gridmap.toml'}, then: gridmap import FILE --as KIND -C {folder}")


def edit(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="Table, e.g. household.")],
    row_id: Annotated[str, typer.Argument(metavar="ID", help="Which row.")],
    values: Annotated[
        list[str], typer.Argument(metavar="COLUMN=VALUE...", help="Empty text after = empties.")
    ],
    *,
    folder: Project = HERE,
    as_json: Json = False,
) -> None:
    """Change values of one row; lon= and lat= move a point.

    Example: gridmap edit household H0012 persons=5 -C demo
    """
    from gridmap import project  # noqa: PLC0415
    from gridmap.project.values import parse_assignments  # noqa: PLC0415

    with project.open_area(folder) as area:
        revision = area.edit(kind, row_id, **parse_assignments(values, kind, area.spec))
    if as_json:
        print_json({"kind": kind, "id": row_id, "revision": revision})
    else:
        print_line(f"{kind}:{row_id} changed")


def accept(
    *,
    folder: Project = HERE,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list the changes.")] = False,
    as_json: Json = False,
) -> None:
    """List what was changed outside gridmap, e.g. in QGIS, and make it a revision.

    Example: gridmap accept -C demo --dry-run
    """
    from gridmap import project  # noqa: PLC0415

    with project.open_area(folder) as area:
        changes = area.outside_changes() if dry_run else area.accept()
        revision = area.store.revision()
    if as_json:
        print_json({"changes": [c.to_json() for c in changes], "accepted": not dry_run, "revision": revision})
        return
    for change in changes:
        moved = f" by {change.metres:,.2f} m" if change.metres is not None else ""
        columns = f": {', '.join(change.columns)}" if change.columns else ""
        print_line(f"{change.what} {change.table}:{change.id}{moved}{columns}")
    console().say(f"{len(changes)} changes {'found' if dry_run else 'accepted'}")


def log(*, folder: Project = HERE, as_json: Json = False) -> None:
    """Print what was done, when, by which configured name, from which file.

    Example: gridmap log -C demo
    """
    from gridmap import project  # noqa: PLC0415

    with project.open_area(folder) as area:
        lines = area.log()
    if as_json:
        print_json({"log": lines})
        return
    for line in lines:
        rest = {k: v for k, v in line.items() if k not in {"time", "action", "by", "revision", "version"}}
        details = " ".join(f"{key}={value}" for key, value in rest.items())
        said = (line["time"], line["action"], line["by"], details)
        print_line(" ".join(one for one in said if one))
