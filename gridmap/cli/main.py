"""Entry point: parse, run, and turn errors into the project's one form and exit codes."""

from __future__ import annotations

import atexit
import gc
import logging
import sys
from typing import Annotated, Any

import typer

import gridmap
from gridmap.cli import answers, chainage, coverage, data, grid, intake, products
from gridmap.cli.console import Console, print_error, set_console
from gridmap.errors import ConfigError, GridmapError, InternalError

# What shells and typer give for Ctrl-C.
INTERRUPTED = 130
# New objects until garbage is looked for. Python looks after every 700, and a command makes a million shapes,
# none of which is any: in a run over a million homes that was a second of ten.
YOUNG = 300_000

app = typer.Typer(
    name="gridmap",
    help="Who answers here, on each layer; where does nobody; where do two?\n\n"
    "Example: gridmap demo demo && gridmap assign -C demo && gridmap map -C demo --audience planner",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for module in (data, intake, answers, chainage, coverage, grid, products):
    module.register(app)


def _print_versions(wanted: bool) -> None:  # noqa: FBT001 - typer's callback
    if not wanted:
        return
    import pyogrio  # noqa: PLC0415 - heavy, and only needed here
    import pyproj  # noqa: PLC0415
    import shapely  # noqa: PLC0415

    gdal = ".".join(str(part) for part in pyogrio.__gdal_version__)
    geos = ".".join(str(part) for part in shapely.geos_version)
    typer.echo(f"gridmap {gridmap.__version__} (GDAL {gdal}, PROJ {pyproj.proj_version_str}, GEOS {geos})")
    raise typer.Exit


@app.callback()
def _options(
    *,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only errors on standard error.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Say what is being done, and what each stage of it took.")
    ] = False,
    version: Annotated[  # noqa: ARG001 - acts in its callback
        bool,
        typer.Option("--version", callback=_print_versions, is_eager=True, help="Print versions and exit."),
    ] = False,
) -> None:
    set_console(Console(quiet=quiet, verbose=verbose))
    level = logging.INFO if verbose else logging.WARNING
    logging.basicConfig(level=level, stream=sys.stderr, format="%(name)s: %(message)s")


def _misuse(error: Any) -> int:
    """Tell a misspelt command or option in the project's one form.

    The class of the error is click's, which typer brings along in some versions and takes from outside in
    others: it is known by its method.
    """
    if type(error).__name__ == "NoArgsIsHelpError":
        sys.stderr.write(f"{error.format_message()}\n")
        return ConfigError.exit_code
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "gridmap"
    said = str(error.format_message()).rstrip(".").replace("\n", " ")
    print_error(ConfigError("GM108", said, where=command, fix=f"see what it takes with: {command} --help"))
    return ConfigError.exit_code


def main() -> None:
    """Run the command line and exit: 0 well, 1 findings at error level, 2 misuse or unreadable input.

    Interrupted from the keyboard it exits with 130, as typer and shells have it.
    """
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
    # At the end all memory goes at once: Python would walk through every object before, for half a second.
    atexit.unregister(gc.freeze)
    atexit.register(gc.freeze)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8")
    try:
        sys.exit(app(standalone_mode=False) or 0)
    except typer.Abort:
        sys.exit(INTERRUPTED)
    except GridmapError as error:
        print_error(error)
        sys.exit(error.exit_code)
    except Exception as error:
        if hasattr(error, "format_message"):
            sys.exit(_misuse(error))
        # The last resort: the interpreter's own exit code 1 would mean findings to a caller.
        logging.getLogger("gridmap").info("a fault of gridmap's own", exc_info=True)
        fault = InternalError(
            "GM900",
            "gridmap met a fault of its own",
            where=type(error).__name__,
            fix="run it again with: gridmap --verbose ..., and send what it prints to the maintainers",
        )
        print_error(fault)
        sys.exit(fault.exit_code)
