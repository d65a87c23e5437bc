"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridmap.errors import ConfigError
from gridmap.model.datums import DATUMS

if TYPE_CHECKING:
    from collections.abc import Iterable

Project = Annotated[Path, typer.Option("--project", "-C", help="Folder of the project.", metavar="DIR")]
Json = Annotated[bool, typer.Option("--json", help="Answer as JSON on standard output.")]
Force = Annotated[bool, typer.Option("--force", help="Replace what is in the way.")]
Audience = Annotated[str, typer.Option("--audience", "-a", help="Whom it is for, as named in gridmap.toml.")]
Unit = Annotated[
    str | None, typer.Option("--unit", "-u", help="The unit it is for, where the audience is one unit's.")
]
Season = Annotated[
    str | None, typer.Option("--season", help="Households with a camp of this season stand there.")
]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="File to write.", metavar="FILE")]

Crs = Annotated[str | None, typer.Option("--crs", help="What coordinates are in: EPSG:4525, or a pipeline.")]
Datum = Annotated[
    str | None,
    typer.Option("--datum", metavar="|".join(DATUMS), help="What degrees are in."),
]
SwapAxes = Annotated[bool, typer.Option("--swap-axes", help="Northing or latitude comes first.")]
Encoding = Annotated[str | None, typer.Option("--encoding", help="How texts are encoded, e.g. gbk.")]
SourceLayer = Annotated[
    str | None, typer.Option("--layer", help="Table or sheet of the file, if it has several.")
]
Columns = Annotated[
    list[str] | None,
    typer.Option("--columns", metavar="HEADER=COLUMN,...", help="What headers mean; empty leaves out."),
]
IdColumn = Annotated[
    str | None, typer.Option("--id", metavar="HEADER", help="Header of the ids; @row numbers the rows.")
]
DropRefused = Annotated[
    bool, typer.Option("--drop-refused", help="Leave refused columns out, take the rest.")
]

HERE = Path()


def as_datum(word: str | None) -> Any:
    """Return the name of a datum as gridmap knows it.

    Raises
    ------
    ConfigError
        GM106 if there is none of that name.
    """
    if word is None or word.lower() in DATUMS:
        return word and word.lower()
    raise ConfigError("GM106", f"no such datum: {word}", where="--datum", fix="one of: " + ", ".join(DATUMS))


def as_pairs(words: Iterable[str], option: str) -> dict[str, str]:
    """Return ``HEADER=column`` pairs, several in one word divided by commas.

    Raises
    ------
    ConfigError
        GM106 for a word without an equals sign.
    """
    found: dict[str, str] = {}
    for whole in words:
        before = ""
        for part in whole.split(","):
            # A part without an equals sign is the beginning of a header that holds a comma itself.
            word, before = f"{before}{part}", ""
            header, equals, column = word.rpartition("=")
            if not equals:
                before = f"{word},"
            elif header.strip():
                found[header.strip()] = column.strip()
        if before.strip(", ") or "=" not in whole.lstrip("= "):
            raise ConfigError(
                "GM106",
                "a mapping needs HEADER=column",
                where=option,
                fix="write e.g. --columns 户主=name,人口=persons; an empty column leaves a header out",
            )
    return found


def as_constants(words: Iterable[str] | None) -> dict[str, str]:
    """Return ``column=value`` pairs; a value may hold commas and equals signs.

    Raises
    ------
    ConfigError
        GM106 for a word without an equals sign, or without a value.
    """
    found: dict[str, str] = {}
    for word in words or ():
        column, _, value = word.partition("=")
        if not column.strip() or not value.strip():
            raise ConfigError(
                "GM106", "a constant needs COLUMN=VALUE", where="--set", fix="write e.g. --set level=township"
            )
        found[column.strip()] = value.strip()
    return found
