"""Products of a coverage that the command leaves on disk: its map, the strip chart, bars by unit."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gridmap.cli.console import console
from gridmap.errors import ConfigError, PublishError

if TYPE_CHECKING:
    from gridmap.project.area import Area
    from gridmap.project.coverage import Coverage
    from gridmap.project.how_far import How
    from gridmap.project.product import Product

MapFile = Annotated[
    Path | None, typer.Option("--map", metavar="FILE", help="Leave a map of what keepers reach (HTML).")
]
StripFile = Annotated[
    Path | None, typer.Option("--strip", metavar="FILE", help="Leave the strip chart (SVG or PNG).")
]
BarsFile = Annotated[
    Path | None, typer.Option("--bars", metavar="FILE", help="Leave bars by unit (SVG or PNG).")
]
Against = Annotated[
    str | None,
    typer.Option("--against", metavar="SCENARIO|none", help="On the map: where it takes longer than in it."),
]
Language = Annotated[str | None, typer.Option("--language", metavar="zh|en", help="Of strip chart and bars.")]

MAP, PAGES = "map", ("html", "htm")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which products are asked for, where they go, and for whom.

    Parameters
    ----------
    files : dict of str to Path or None
        ``map``, ``strip``, ``bars``.
    audience : str
        "" where none was named.
    language : str, optional
        Of strip chart and bars.
    force : bool
        Replace what is in the way.
    against : str, optional
        The scenario that the map compares with.
    """

    files: dict[str, Path | None]
    audience: str
    language: str | None = None
    force: bool = False
    against: str | None = None

    @property
    def asked(self) -> dict[str, Path]:
        """The products that are asked for."""
        return {name: path for name, path in self.files.items() if path is not None}


def refuse_stray(wanted: Wanted) -> None:
    """Refuse what is said of a product where none is asked for: who named an audience would think it counts.

    Raises
    ------
    ConfigError
        GM106.
    """
    drawn = [name for name in wanted.asked if name != MAP]
    given = {
        "--audience": bool(wanted.audience) and not wanted.asked,
        "--force": wanted.force and not wanted.asked,
        "--language": wanted.language is not None and not drawn,
        "--against": wanted.against is not None and MAP not in wanted.asked,
    }
    stray = next((name for name, lost in given.items() if lost), None)
    if stray is not None:
        wants = "--strip FILE or --bars FILE" if wanted.asked else "--map FILE, --strip FILE or --bars FILE"
        wants = "--map FILE" if stray == "--against" else wants
        raise ConfigError(
            "GM106",
            f"{stray} is for a product that is not asked for",
            where=stray,
            fix=f"name one with {wants}, or leave {stray} out",
        )


def refuse_early(area: Area, wanted: Wanted, how: How) -> None:
    """Say before the long work what would stand in the way; `how` far keepers reach.

    Raises
    ------
    ConfigError
        GM109 if products are asked for and no audience is named; GM106 for a file of another format, and for
        one file that is to be two; GM104 for a file that is in the way; GM105 without the map's settings;
        GM105 and GM106 for a scenario that cannot be compared with.
    PublishError
        GM607 for an audience that does not see where keepers and homes are; GM603 for a missing folder.
    RenderError
        GM702 if the audience does not list the tables.
    """
    from gridmap.project.changed import refuse_against  # noqa: PLC0415 - heavy libraries load late
    from gridmap.project.drawable import refuse_undrawable  # noqa: PLC0415

    if not wanted.asked:
        return
    if not wanted.audience:
        raise ConfigError(
            "GM109",
            "no audience is named",
            where="--audience",
            fix="say whom it is for, one of: " + ", ".join(sorted(area.spec.audiences)),
        )
    refuse_against(area.spec, how, wanted.against)
    timed, compared = how.minutes is not None, wanted.against is not None
    for name in wanted.asked:
        refuse_undrawable(area.spec, name, wanted.audience, timed=timed, compared=compared)
    _refuse_twice(wanted.asked)
    for name, path in wanted.asked.items():
        _refuse_place(name, path, wanted)


def _refuse_twice(asked: dict[str, Path]) -> None:
    # Many disks take STRIP.SVG for strip.svg.
    places = {name: str(path.resolve()).casefold() for name, path in asked.items()}
    for name, place in places.items():
        other = next((one for one, its in places.items() if its == place and one != name), None)
        if other is not None:
            raise ConfigError(
                "GM106",
                f"--{name} and --{other} name the same file",
                where=str(asked[name]),
                fix="give each product a file of its own",
            )


def _refuse_place(name: str, path: Path, wanted: Wanted) -> None:
    from gridmap import publish  # noqa: PLC0415
    from gridmap.render.figures import Figure  # noqa: PLC0415

    if name != MAP:
        Figure(name, _format(path), wanted.language)
    elif _format(path) not in PAGES:
        raise ConfigError(
            "GM106",
            "a map is a page, and the file is called otherwise",
            where=str(path),
            fix="name a file that ends with .html or .htm",
        )
    publish.refuse_in_the_way(path, force=wanted.force)
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        there = "may not be written" if path.parent.is_dir() else "is missing"
        raise PublishError(
            "GM603",
            f"the file cannot be written: its folder {there}",
            where=str(path),
            fix="give a folder that exists and may be written",
        )


def save_products(found: Coverage, wanted: Wanted) -> dict[str, str]:
    """Leave the products that are asked for, and return where they are.

    All of them are drawn before the first is left: what cannot be drawn leaves nothing of the others.
    """
    drawn = {name: _drawn(found, name, path, wanted) for name, path in wanted.asked.items()}
    written = {}
    for name, path in wanted.asked.items():
        written[name] = str(drawn[name].save(path, force=wanted.force))
        console().say(f"{name}: {written[name]}")
    return written


def _drawn(found: Coverage, name: str, path: Path, wanted: Wanted) -> Product:
    if name == MAP:
        return found.map(audience=wanted.audience, against=wanted.against)
    draw = found.strip if name == "strip" else found.bars
    return draw(audience=wanted.audience, fmt=_format(path), language=wanted.language)


def _format(path: Path) -> str:
    return path.suffix.lower().lstrip(".")
