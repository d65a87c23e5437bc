"""Commands that leave a file for an audience: map, summary, atlas, export; and verify, which looks at it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridmap.cli.console import console, print_json, print_line, print_table
from gridmap.cli.options import HERE, Audience, Force, Json, Out, Project, Season, Unit, as_datum
from gridmap.cli.stages import DRAWING, PLAN
from gridmap.errors import ConfigError
from gridmap.model.datums import DATUMS

if TYPE_CHECKING:
    from gridmap.project.verifying import Verified

FOUND = 1


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command("map")(map_)
    app.command("summary")(summary)
    app.command("atlas")(atlas)
    app.command("export")(export)
    app.command("verify")(verify)


def map_(  # noqa: PLR0913 - these are the options people type
    *,
    audience: Audience = "",
    unit: Unit = None,
    folder: Project = HERE,
    out: Out = None,
    name: Annotated[str, typer.Option("--map", help="Which map of gridmap.toml.")] = "main",
    season: Season = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Draw the map for an audience: one HTML file that opens without a network.

    Example: gridmap map -C demo --audience planner --out map.html
    Example: gridmap map -C demo --audience partner --unit U-A1
    Example: gridmap map -C demo --audience planner --season winter
    """
    area = _open_for(folder, audience)
    path = out or folder / _page_name("map", audience, unit, season)
    _refuse_existing(path, force=force)
    with area, console().working("map", steps={**PLAN, **DRAWING}) as step:
        plan = area.plan(season=season, progress=step)
        step("drawing")
        product = plan.map(audience=audience, unit=unit, name=name)
        step("looking through")
        written = product.save(path, force=force)
    _tell(written, (*plan.notes, *plan.made.notes), as_json=as_json)


def summary(  # noqa: PLR0913 - these are the options people type
    *,
    audience: Audience = "",
    unit: Unit = None,
    folder: Project = HERE,
    out: Out = None,
    season: Season = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Write a one-page summary: figures per layer, findings, tables per unit, a picture.

    Example: gridmap summary -C demo --audience planner --out summary.html
    """
    area = _open_for(folder, audience)
    path = out or folder / _page_name("summary", audience, unit, season)
    _refuse_existing(path, force=force)
    with area, console().working("summary", steps={**PLAN, **DRAWING}) as step:
        plan = area.plan(season=season, progress=step)
        step("drawing")
        product = plan.summary(audience=audience, unit=unit)
        step("looking through")
        written = product.save(path, force=force)
    _tell(written, (*plan.notes, *plan.made.notes), as_json=as_json)


def atlas(  # noqa: PLR0913 - these are the options people type
    *,
    audience: Audience = "",
    unit: Unit = None,
    folder: Project = HERE,
    out: Out = None,
    by: Annotated[str, typer.Option(metavar="unit|township|section", help="What gets a sheet.")] = "unit",
    size: Annotated[str, typer.Option(metavar="A4|A3", help="Paper.")] = "A4",
    orientation: Annotated[
        str, typer.Option(metavar="landscape|portrait", help="How the paper lies.")
    ] = "landscape",
    scale: Annotated[
        str | None, typer.Option(metavar="1:N", help="Of every sheet; else the largest round one that fits.")
    ] = None,
    language: Annotated[str | None, typer.Option(metavar="zh|en", help="Else that of the map.")] = None,
    name: Annotated[str, typer.Option("--map", help="Which map of gridmap.toml.")] = "main",
    season: Season = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Draw a series of sheets at exact scale, with an index: one PDF for print, without a browser.

    A subject that does not fit a sheet at the scale that is asked for takes several, which overlap. Needs
    matplotlib (pip install "gridmap[print]") and, for Chinese, a font that has it.

    Example: gridmap atlas -C demo --audience planner --by township --size A3 --out atlas.pdf
    """
    from gridmap.render.atlas.asked import Asked, read_scale  # noqa: PLC0415 - loads when the command runs

    wanted = Asked(by, size.upper(), orientation.lower(), read_scale(scale), language, name)
    area = _open_for(folder, audience)
    path = out or folder / _page_name("atlas", audience, unit, season, suffix=".pdf")
    _refuse_existing(path, force=force)
    with area, console().working("atlas", steps={**PLAN, **DRAWING}) as step:
        plan = area.plan(season=season, progress=step)
        step("drawing")
        product = plan.atlas(audience=audience, unit=unit, **wanted.keywords())
        step("looking through")
        written = product.save(path, force=force)
    _tell(written, (*plan.notes, *plan.made.notes), as_json=as_json)


def export(  # noqa: PLR0913 - these are the options people type
    table: Annotated[str, typer.Argument(metavar="TABLE", help="Table, e.g. household or assignments.")],
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="File to write; its extension says the format.")
    ],
    *,
    audience: Audience = "",
    unit: Unit = None,
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
            unit=unit,
            crs=crs,
            datum=as_datum(datum),
            encoding=encoding,
        )
        written = product.save(file, force=force)
    _tell(written, product.notes, as_json=as_json)


def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A product; its manifest is beside it.")],
    *,
    folder: Project = HERE,
    as_json: Json = False,
) -> None:
    """Compare a product with its manifest, and look again for what its audience may not see.

    That is done with the data as they are now: a name that has come in since is found too. Exit 1 if the
    file is not what was made, or holds what it may not. Without -C, and in a folder that is no project, the
    project is the folder that the product is in.

    Example: gridmap verify map.html -C demo
    """
    from gridmap import project  # noqa: PLC0415

    with project.open_area(_project_of(file, folder)) as area, console().working("verifying"):
        found = area.verify(file)
    if as_json:
        print_json(found.to_json())
    else:
        _print_verified(found)
    raise typer.Exit(0 if found.sound else FOUND)


def _project_of(file: Path, folder: Path) -> Path:
    """Return the project's folder: the one named or the current one, else that of the file."""
    from gridmap.config import CONFIG_NAME  # noqa: PLC0415

    alone = folder == HERE and not (folder / CONFIG_NAME).is_file()
    return file.parent if alone and (file.parent / CONFIG_NAME).is_file() else folder


def _print_verified(found: Verified) -> None:
    whom = f"{found.audience}, unit {found.unit}" if found.unit else found.audience
    held = ", ".join(found.columns) or "what it may not (see the notes)"
    rows = [
        ("product", str(found.path)),
        ("for", whom),
        ("bytes", "as its manifest tells" if found.matches else "NOT as its manifest tells"),
        ("content", "nothing that its audience may not see" if found.clean else f"HOLDS {held}"),
        ("data", "as they are now" if found.same_data else "they or the settings have changed since"),
    ]
    print_table(rows)
    for note in found.notes:
        print_line(f"note: {note}")


def format_of_name(name: str) -> str:
    """Return what the name of a file to write says of its format: ``zip`` for ``homes.shp.zip``."""
    return Path(name).suffix.lower().lstrip(".")


def _page_name(
    word: str, audience: str, unit: str | None, season: str | None, *, suffix: str = ".html"
) -> str:
    """Return the name of a page that is given none; a unit's id may hold what no file name may."""
    named = [re.sub(r"[^\w.-]", "_", one) for one in (unit, season) if one is not None]
    parts = [word, audience, *named]
    return "-".join(parts) + suffix


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
    """Say early, before the long work, that something is in the way."""
    from gridmap import publish  # noqa: PLC0415

    publish.refuse_in_the_way(path, force=force)


def _tell(path: Path, notes: tuple[str, ...], *, as_json: bool) -> None:
    for note in notes:
        console().say(f"note: {note}")
    if as_json:
        print_json({"path": str(path), **console().measured()})
    else:
        print_line(str(path))
