"""Commands that leave a file for an audience: map, summary, export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from gridmap.cli.console import console, print_json, print_line
from gridmap.cli.options import HERE, Audience, Force, Json, Out, Project, as_datum
from gridmap.errors import ConfigError
from gridmap.model.datums import DATUMS


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command("map")(map_)
    app.command("summary")(summary)
    app.command("export")(export)


def map_(
    *,
    audience: Audience = "",
    folder: Project = HERE,
    out: Out = None,
    name: Annotated[str, typer.Option("--map", help="Which map of gridmap.toml.")] = "main",
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Draw the map for an audience: one HTML file that opens without a network.

    Example: gridmap map -C demo --audience planner --out map.html
    """
    area = _open_for(folder, audience)
    path = out or folder / f"map-{audience}.html"
    _refuse_existing(path, force=force)
    with area, console().working("map", steps=project_steps() + 1) as step:
        plan = area.plan(progress=step)
        step("drawing")
        written = plan.map(audience=audience, name=name).save(path, force=force)
    _tell(written, (*plan.notes, *plan.made.notes), as_json=as_json)


def summary(
    *,
    audience: Audience = "",
    folder: Project = HERE,
    out: Out = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Write a one-page summary: figures per layer, findings, tables per unit, a picture.

    Example: gridmap summary -C demo --audience planner --out summary.html
    """
    area = _open_for(folder, audience)
    path = out or folder / f"summary-{audience}.html"
    _refuse_existing(path, force=force)
    with area, console().working("summary", steps=project_steps() + 1) as step:
        plan = area.plan(progress=step)
        step("writing")
        written = plan.summary(audience=audience).save(path, force=force)
    _tell(written, (*plan.notes, *plan.made.notes), as_json=as_json)


def export(  # noqa: PLR0913 - these are the options people type
    table: Annotated[str, typer.Argument(metavar="TABLE", help="Table, e.g. household or assignments.")],
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="File to write; its extension says the format.")
    ],
    *,
    audience: Audience = "",
    folder: Project = HERE,
    crs: Annotated[str | None, typer.Option(help="CRS to write in, e.g. EPSG:4508; else degrees.")] = None,
    datum: Annotated[str | None, typer.Option(metavar="|".join(DATUMS), help="Datum of the degrees.")] = None,
    encoding: Annotated[str | None, typer.Option(help="Of texts, for shapefile and CSV.")] = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Write one table for an audience, in any format that gridmap writes.

    Example: gridmap export household homes.csv --audience planner -C demo
    """
    area = _open_for(folder, audience)
    _refuse_existing(file, force=force)
    with area, console().working("writing"):
        product = area.export(
            table,
            audience=audience,
            format=format_of_name(file.name),
            crs=crs,
            datum=as_datum(datum),
            encoding=encoding,
        )
        written = product.save(file, force=force)
    _tell(written, (), as_json=as_json)


def format_of_name(name: str) -> str:
    """Return what the name of a file to write says of its format: ``zip`` for ``homes.shp.zip``."""
    return Path(name).suffix.lower().lstrip(".")


def project_steps() -> int:
    """Return how many steps making a plan takes."""
    from gridmap import project  # noqa: PLC0415

    return project.ASSIGN_STEPS


def _open_for(folder: Path, audience: str) -> Any:
    from gridmap import project  # noqa: PLC0415 - the heavy libraries load when a command runs

    area = project.open_area(folder)
    if not audience:
        raise ConfigError(
            "GM109",
            "no audience is named",
            where="--audience",
            fix="say whom it is for, one of: " + ", ".join(sorted(area.spec.audiences)),
        )
    return area


def _refuse_existing(path: Path, *, force: bool) -> None:
    """Say early, before the long work, that a file is in the way."""
    if path.exists() and not force:
        raise ConfigError(
            "GM104", "a file is in the way", where=str(path), fix="name another, or add --force"
        )


def _tell(path: Path, notes: tuple[str, ...], *, as_json: bool) -> None:
    for note in notes:
        console().say(f"note: {note}")
    if as_json:
        print_json({"path": str(path)})
    else:
        print_line(str(path))
