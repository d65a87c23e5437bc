"""Write the pages, and tables in pages, that are made from the code: ``python -m tests.contract.reference``.

`test_docs.py` and `test_docs_privacy.py` compare the pages with what this makes, so that neither a command
nor a check nor a column for an audience can be added without its line.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from gridmap.cli.main import app
from gridmap.config import (
    ANALYSIS_TABLES,
    RESULT_TABLES,
    AudienceSpec,
    ProjectSpec,
    RedactionSpec,
    Text,
    default_spec,
)
from gridmap.privacy.keepers import kept_kinds
from gridmap.privacy.passing import OF_UNIT
from gridmap.render.words import catalogue

DOCS = Path(__file__).parents[2] / "docs"
PAGES = DOCS / "reference"
PRIVACY = {"en": DOCS / "privacy.md", "zh": DOCS / "privacy.zh.md"}
TABLE_BEGIN = "<!-- made from the settings of a new project by `make docs`: do not edit by hand -->\n"
TABLE_END = "<!-- end of what is made -->\n"

HEAD = """# Commands

Made from the command line's own help by `make docs`: do not edit by hand.

Standard output is data, standard error is messages and progress. `-C DIR` names the project (the folder
you are in if left out). Every command that answers takes `--json`. Nothing is overwritten without
`--force`.

| exit code | meaning |
|---|---|
| 0 | well |
| 1 | there are findings at error level, or a product is not what it should be |
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


WORDS = {
    "en": {
        "name": "`--audience`",
        "positions": "positions",
        "rounded": "{decimals} decimals of a degree ({size})",
        "ids": "ids",
        "true": "the project's own",
        "new": "new, for this audience",
        "new.unit": "new, for each unit",
        "banner": "banner",
        "all": "everything",
        "own": "own: ",
        "others": "others: ",
        "drop": "only where {what}",
        "areas": "*areas* of at least {k}{what}",
        "aggregate": "*counts* by {level}, of at least {k}{what}",
        "generalise": "*{level}* instead of the place, of at least {k}{what}",
        "sum": ", with {what}",
        "comma": ", ",
        "semicolon": "; ",
        "is": "{column} is {values}",
        "id": "id",
    },
    "zh": {
        "name": "`--audience`",
        "positions": "位置精度",
        "rounded": "经纬度保留 {decimals} 位小数（{size}）",
        "ids": "ID",
        "true": "项目原有 ID",
        "new": "新 ID，仅用于该对象",
        "new.unit": "新 ID，各单位互不相同",
        "banner": "横幅",
        "all": "全部",
        "own": "本单位：",
        "others": "其他单位：",
        "drop": "仅限{what}的",
        "areas": "*片区*，每片不少于 {k}{what}",
        "aggregate": "按{level}*计数*，每项不少于 {k}{what}",
        "generalise": "只给所在*{level}*，区内不少于 {k}{what}",
        "sum": "，附{what}合计",
        "comma": "、",
        "semicolon": "；",
        "is": "{column}为{values}",
        "id": "ID",
    },
}
# The columns of results that no kind gives a title.
RESULTS_ZH = {
    "kind": "类别",
    "feature": "要素",
    "layer": "层",
    "target": "目标",
    "role": "牵头或协同",
    "metres": "距离",
    "rule": "规则",
    "reason": "理由",
}
UNITS = {
    "en": ((1000, "about {n} km"), (1, "about {n} m"), (0.001, "about {n} mm")),
    "zh": ((1000, "约 {n} 公里"), (1, "约 {n} 米"), (0.001, "约 {n} 毫米")),
}
DEGREE_M = 111_320


class AudienceTable:
    """What each audience of a new project sees, as a Markdown table in one language."""

    def __init__(self, spec: ProjectSpec, language: str) -> None:
        self.spec, self.language, self.words = spec, language, WORDS[language]

    def text(self) -> str:
        """Return the lines of the table."""
        audiences = self.spec.audiences
        head = ["", *(self._in(one.title) for one in audiences.values())]
        rows = [
            [self.words["name"], *(self._option(name) for name in audiences)],
            [self.words["positions"], *(self._precision(one) for one in audiences.values())],
            [self.words["ids"], *(self._ids(one) for one in audiences.values())],
            [self.words["banner"], *(self._in(one.banner) for one in audiences.values())],
        ]
        for table in [*self.spec.kinds, *RESULT_TABLES, *ANALYSIS_TABLES]:
            cells = [self._cell(table, one) for one in audiences.values()]
            rows.append([f"**{self._title(table)}** `{table}`", *cells])
        lines = [head, ["---"] * len(head), *rows]
        return "".join(f"| {' | '.join(line)} |\n".replace("|  |", "| |") for line in lines)

    def _in(self, text: Text) -> str:
        return text.zh if self.language == "zh" else text.en

    def _title(self, table: str) -> str:
        kind = self.spec.kinds.get(table)
        return catalogue()[self.language][f"table.{table}"] if kind is None else self._in(kind.title)

    def _option(self, name: str) -> str:
        return f"`{name}`" + (" `--unit`" if self.spec.audiences[name].per_unit else "")

    def _ids(self, one: AudienceSpec) -> str:
        return self.words["true" if one.keeps_ids else "new.unit" if one.per_unit else "new"]

    def _precision(self, one: AudienceSpec) -> str:
        metres = DEGREE_M / 10**one.decimals
        units = UNITS[self.language]
        unit, pattern = next((pair for pair in units if metres >= pair[0]), units[-1])
        size = pattern.format(n=f"{float(f'{metres / unit:.1g}'):g}")
        return self.words["rounded"].format(decimals=one.decimals, size=size)

    def _cell(self, table: str, one: AudienceSpec) -> str:
        if one.everything:
            return self.words["all"]
        whose = one.per_unit and (table in kept_kinds(self.spec) or table in OF_UNIT)
        parts = []
        if table in one.columns:
            parts.append((self.words["own"] if whose else "") + self._columns(table, one.columns[table]))
        if table in one.others:
            parts.append(self.words["others"] + self._columns(table, one.others[table]))
        parts += [self._redaction(used) for used in one.redactions if used.kind == table]
        return self.words["semicolon"].join(parts) or "–"

    def _columns(self, table: str, columns: tuple[str, ...]) -> str:
        return self.words["comma"].join(self._column(table, column) for column in columns)

    def _column(self, table: str, column: str) -> str:
        kind = self.spec.kinds.get(table)
        if column == "id":
            return self.words["id"]
        if kind is None or column not in kind.columns:
            found = catalogue()[self.language].get(f"column.{column}", column)
            return RESULTS_ZH.get(column, found) if self.language == "zh" else found.lower()
        title = kind.columns[column].title
        found = column if title is None else self._in(title)
        return f"**{found}**" if kind.columns[column].private else found.lower()

    def _redaction(self, used: RedactionSpec) -> str:
        levels = {one.name: self._in(one.title) for one in self.spec.levels}
        level = levels[used.level or self.spec.level_names[-1]]
        what = self._columns(used.kind, used.columns)
        what = self.words["sum"].format(what=what) if what else ""
        if used.redaction == "drop":
            what = self.words["comma"].join(self._only(used, column) for column in used.only)
        pattern = self.words.get(used.redaction, used.redaction)
        return pattern.format(k=used.k, level=level.lower(), what=what)

    def _only(self, used: RedactionSpec, column: str) -> str:
        own = catalogue()[self.language]
        values = (own.get(f"{used.kind}.{one}") or own.get(f"group.{one}", one) for one in used.only[column])
        return self.words["is"].format(
            column=self._column(used.kind, column), values=self.words["comma"].join(values).lower()
        )


def with_audiences(page: str, language: str) -> str:
    """Return a page with the table of audiences between its two marks as the settings make it."""
    before, _, rest = page.partition(TABLE_BEGIN)
    _, _, after = rest.partition(TABLE_END)
    table = AudienceTable(default_spec(), language).text()
    return f"{before}{TABLE_BEGIN}\n{table}\n{TABLE_END}{after}"


def pages() -> dict[Path, str]:
    """Return every page that is made, whole or in part, by path."""
    from gridmap import checks

    return {
        PAGES / "commands.md": commands_text(),
        PAGES / "checks.md": checks.reference_text(),
        **{path: with_audiences(path.read_text(encoding="utf-8"), one) for one, path in PRIVACY.items()},
    }


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8", newline="\n")
