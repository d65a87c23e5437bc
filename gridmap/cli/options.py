"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Project = Annotated[Path, typer.Option("--project", "-C", help="Folder of the project.", metavar="DIR")]
Json = Annotated[bool, typer.Option("--json", help="Answer as JSON on standard output.")]
Force = Annotated[bool, typer.Option("--force", help="Replace what is in the way.")]
Audience = Annotated[str, typer.Option("--audience", "-a", help="Whom it is for, as named in gridmap.toml.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="File to write.", metavar="FILE")]

HERE = Path()
