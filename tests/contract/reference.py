"""Write the reference pages that are made from the code: ``python -m tests.contract.reference``.

`test_docs.py` compares the pages in ``docs/reference/`` with what this makes, so that neither a command
nor a check can be added without its line.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from gridmap.cli.main import app

PAGES = Path(__file__).parents[2] / "docs" / "reference"

HEAD = """# Commands

Made from the command line's own help by `make docs`: do not edit by hand.

Standard output is data, standard error is messages and progress. `-C DIR` names the project (the folder
you are in if left out). Every command that answers takes `--json`. Nothing is overwritten without
`--force`.

| exit code | meaning |
|---|---|
| 0 | well |
| 1 | there are findings at error level |
| 2 | misuse, or input that cannot be read: the message says what, where and how to mend it |

"""


def commands_text() -> str:
    """Return docs/reference/commands.md."""
    root: Any = typer.main.get_command(app)
    parts = [HEAD, "## gridmap\n\n", *_options(root), *(_command(root.commands[n]) for n in root.commands)]
    return "".join(parts)


def _command(command: Any) -> str:
    body, _, example = command.help.partition("\n\nExample: ")
    words = " ".join(
        part.metavar if part.required else f"[{part.metavar.strip('[]')}]"
        for part in command.params
        if part.param_type_name == "argument"
    )
    usage = f"gridmap {command.name} {words} [OPTIONS]".replace("  ", " ")
    example = f"Example:\n\n```sh\n{example.strip()}\n```\n\n" if example else ""
    return f"## gridmap {command.name}\n\n`{usage}`\n\n{body}\n\n{example}{''.join(_options(command))}"


def _options(command: Any) -> list[str]:
    rows = [_row(part) for part in command.params if part.name != "help"]
    return ["| | | default |\n|---|---|---|\n", *rows, "\n"] if rows else []


def _row(part: Any) -> str:
    if part.param_type_name == "argument":
        name = f"`{part.metavar.strip('[]')}`"
    else:
        name = ", ".join(f"`{flag}`" for flag in part.opts)
    shown = "" if part.default in (None, False, "") else f"`{_default(part.default)}`"
    return f"| {name} | {part.help} | {'required' if part.required else shown} |\n"


def _default(value: object) -> str:
    return value.as_posix() if isinstance(value, Path) else str(value)


def pages() -> dict[Path, str]:
    """Return every page that is made, by path."""
    from gridmap import checks

    return {
        PAGES / "commands.md": commands_text(),
        PAGES / "checks.md": checks.reference_text(),
    }


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8", newline="\n")
