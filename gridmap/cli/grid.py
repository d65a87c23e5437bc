"""The grid at a prompt: make it, list its cells with their keepers, find the one at a place, read a code."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridmap.cli.console import console, print_json, print_line, print_table
from gridmap.cli.counted import many
from gridmap.cli.options import HERE, Json, Project
from gridmap.errors import ConfigError

if TYPE_CHECKING:
    from gridmap.project import Area, CellHere, Grid

Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[PLACE...]", help="With --at: LON LAT, K23+450, a landmark, a cell's code, a BeiDou code."
    ),
]
Form = Annotated[
    str | None, typer.Option("--form", metavar="squares|merged", help="Instead of grid.form of gridmap.toml.")
]
SizeM = Annotated[
    float | None, typer.Option("--size-m", metavar="M", help="Side of a square, instead of grid.size_m.")
]
Households = Annotated[
    int | None,
    typer.Option("--households", metavar="N", help="What a merged cell should hold: grid.households."),
]

LAYERS = {"line": "军管线", "area": "警管面", "point": "户管点"}
AMOUNTS = {"line": "line_away_m", "area": "area_share", "point": "point_homes"}
FIGURES = ("km2", "households", "persons", "strongholds", "border_m")
HEADS = (
    "cell", "gacha", "section", "unit", "zone", "unit", "stronghold", "unit", "km2", "homes", "persons",
    "border m",
)  # fmt: skip
SHOWN = 12
DEGREES = 9
OPTION = re.compile(r"--|-[a-zA-Z]")
NOBODY = "-"


def register(app: typer.Typer) -> None:
    """Add this command to the application."""
    # Western longitudes start with a minus sign: they are places, not options.
    app.command("grid", context_settings={"ignore_unknown_options": True})(grid)


def grid(  # noqa: PLR0913 - these are the options people type
    place: Words = None,
    *,
    folder: Project = HERE,
    form: Form = None,
    size_m: SizeM = None,
    households: Households = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    listed: Annotated[bool, typer.Option("--list", help="The cells with their keepers and figures.")] = False,
    at: Annotated[bool, typer.Option("--at", help="The cell at PLACE, and the place's BeiDou code.")] = False,
    code: Annotated[
        str | None, typer.Option("--beidou", metavar="CODE", help="Where a BeiDou grid code is.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Cut every gacha into cells with 15-digit codes, or renew them: what has not changed keeps its code.

    With --list, --at or --beidou nothing is made: they answer. --form, --size-m and --households count for
    this run alone; write them in gridmap.toml to keep them.

    Example: gridmap grid -C demo
    """
    from gridmap import project  # noqa: PLC0415 - the heavy libraries load when a command runs

    words = place or []
    making = {"--form": form, "--size-m": size_m, "--households": households, "--dry-run": dry_run or None}
    asked = {"--list": listed or None, "--at": at or None, "--beidou": code}
    _refuse_mixed(words, making, asked)
    with project.open_area(folder) as area:
        if code is not None:
            _tell_code(code, area, as_json=as_json)
        elif at:
            _tell_cell(project.cell_at(_plan(area), *words), as_json=as_json)
        elif listed:
            plan = _plan(area)
            for note in project.cell_notes(plan):
                console().say(f"note: {note}")
            _tell_list(project.cell_table(plan), as_json=as_json)
        else:
            with console().working("grid"), _at_the_prompt(making):
                made = project.make_grid(area, form=form, size_m=size_m, households=households)
                if not dry_run:
                    made.save()
            _tell_made(made, saved=not dry_run, as_json=as_json)


@contextmanager
def _at_the_prompt(making: dict[str, Any]) -> Iterator[None]:
    """Say of a setting that was given at the prompt that it stands there, not in gridmap.toml."""
    try:
        yield
    except ConfigError as error:
        name = "--" + error.where.rpartition("grid.")[2].replace("_", "-")
        if making.get(name) is None:
            raise
        raise ConfigError(error.code, error.what, where=name, fix=error.fix) from error


def _plan(area: Area) -> Any:
    from gridmap import project  # noqa: PLC0415

    with console().working("plan", steps=project.ASSIGN_STEPS) as step:
        return area.plan(progress=step)


def _refuse_mixed(words: list[str], making: dict[str, Any], asked: dict[str, Any]) -> None:
    """Refuse options that do not belong together.

    Raises
    ------
    ConfigError
        GM106 for those; GM108 for a misspelt option, which would pass for a word of the place; GM107 for
        --at without a place.
    """
    strange = next((word for word in words if OPTION.match(word)), None)
    if strange is not None:
        raise ConfigError(
            "GM108", f"no such option: {strange}", where="gridmap grid", fix="see gridmap grid --help"
        )
    named = [name for name, value in asked.items() if value is not None]
    given = [name for name, value in making.items() if value is not None]
    if len(named) > 1 or (named and given):
        said = f"{named[0]} does not go with {(named[1:] or given)[0]}"
        raise ConfigError("GM106", said, where="gridmap grid", fix="leave one of them out")
    if words and named != ["--at"]:
        raise ConfigError(
            "GM106",
            "a place is given, and nothing is asked of it",
            where="gridmap grid",
            fix="write --at PLACE",
        )
    if named == ["--at"] and not words:
        raise ConfigError("GM107", "no place is given", where="--at", fix="write e.g. --at 110.12 42.53")


def _tell_made(made: Grid, *, saved: bool, as_json: bool) -> None:
    recipe, changes = made.recipe, made.changes
    if as_json:
        print_json(
            {
                "form": recipe.form,
                "size_m": recipe.size_m,
                "households": recipe.households if recipe.form == "merged" else None,
                "cells": len(changes.added) + len(changes.kept),
                "added": list(changes.added),
                "retired": list(changes.retired),
                "kept": len(changes.kept),
                "saved": saved,
            }
        )
        return
    print_line(
        f"{many(len(changes.added) + len(changes.kept), 'cell')} ({recipe.text}): "
        f"{len(changes.added):,} added, "
        f"{len(changes.retired):,} retired, {len(changes.kept):,} kept"
    )
    for word, codes in (("added", changes.added), ("retired", changes.retired)):
        if codes:
            more = f" and {len(codes) - SHOWN:,} more" if len(codes) > SHOWN else ""
            print_line(f"{word}: {', '.join(codes[:SHOWN])}{more}")
    if not saved:
        console().say("nothing was stored (--dry-run)")


def _record(row: Any) -> dict[str, Any]:
    """Return a row of the table of cells as JSON: a missing value is null."""
    plain = {key: _plain(value) for key, value in row.items() if key != "geometry"}
    found: dict[str, Any] = {key: plain[key] for key in ("id", "gacha", "gacha_name", "township")}
    found |= {"township_name": plain["township_name"], "form": plain["form"]}
    for layer in LAYERS:
        amount = AMOUNTS[layer].removeprefix(f"{layer}_")
        keeper = {
            "id": plain[layer],
            "unit": plain[f"{layer}_unit"],
            amount: _amount(layer, plain[AMOUNTS[layer]]),
            "also": [one for one in (plain[f"{layer}_also"] or "").split("; ") if one],
        }
        found[layer] = keeper if plain[layer] is not None else None
    return found | {name: plain[name] for name in FIGURES}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    number = value.item() if hasattr(value, "item") else value
    if isinstance(number, float):
        return None if math.isnan(number) else round(number, 6)
    return number


def _amount(layer: str, value: Any) -> Any:
    return int(value) if layer == "point" and value is not None else value


def _tell_list(table: Any, *, as_json: bool) -> None:
    rows = [_record(row) for _, row in table.iterrows()]
    if as_json:
        print_json({"cells": rows})
        return
    if not rows:
        console().say("there is no grid: make it with gridmap grid")
        return
    cells = [
        (
            row["id"],
            row["gacha_name"] or NOBODY,
            *(text for layer in LAYERS for text in _keeper(row[layer])),
            f"{row['km2']:,.2f}",
            f"{row['households']:,}",
            f"{row['persons']:,}",
            f"{row['border_m']:,.0f}",
        )
        for row in rows
    ]
    print_table([HEADS, *cells])


def _keeper(keeper: dict[str, Any] | None) -> tuple[str, str]:
    return (NOBODY, NOBODY) if keeper is None else (keeper["id"], keeper["unit"] or NOBODY)


def _tell_cell(found: CellHere, *, as_json: bool) -> None:
    cell = None if found.cell is None else _record(found.cell)
    if as_json:
        place = {"lon": round(found.lon, DEGREES), "lat": round(found.lat, DEGREES)}
        print_json({"cell": cell, **place, "beidou": found.beidou, "notes": list(found.notes)})
        return
    if cell is not None:
        print_line(
            f"cell  网格    {cell['id']}: {cell['gacha_name'] or cell['gacha']}, "
            f"{cell['township_name'] or cell['township']}"
        )
        for layer, native in LAYERS.items():
            keeper = cell[layer]
            said = "nobody" if keeper is None else f"{keeper['id']}, unit {keeper['unit'] or 'none'}"
            also = f"; also {', '.join(keeper['also'])}" if keeper and keeper["also"] else ""
            print_line(f"{layer:<5} {native}  {said}{also}")
        print_line(
            f"{cell['km2']:,.2f} km2, {many(cell['households'], 'household')}, "
            f"{many(cell['persons'], 'person')}, {many(cell['strongholds'], 'stronghold')}, "
            f"{cell['border_m']:,.0f} m of border"
        )
    print_line(f"BeiDou 北斗网格码  {found.beidou or 'none: northern and eastern hemispheres only'}")
    for note in found.notes:
        print_line(f"note: {note}")


def _tell_code(code: str, area: Area, *, as_json: bool) -> None:
    from gridmap import geo  # noqa: PLC0415
    from gridmap.geo import beidou  # noqa: PLC0415

    cell = beidou.decode(code)
    wide, high = beidou.size_m(cell, geo.geod(area.spec.crs))
    lon, lat = (float(one) for one in cell.centre)
    edges = {name: float(getattr(cell, name)) for name in ("west", "south", "east", "north")}
    if as_json:
        level = beidou.level_of(code)
        size = {"width_m": round(wide, 4), "height_m": round(high, 4)}
        print_json({"code": code.strip().upper(), "level": level, "lon": lon, "lat": lat, **edges, **size})
        return
    print_line(f"{code.strip().upper()}, level {beidou.level_of(code)}")
    print_line(f"centre  {lon:.9f} {lat:.9f}")
    corners = [(x, y) for y in ("south", "north") for x in ("west", "east")]
    for x, y in corners:
        print_line(f"{f'{y}-{x}':<10}  {edges[x]:.9f} {edges[y]:.9f}")
    print_line(f"size  {wide:,.3f} m by {high:,.3f} m")
