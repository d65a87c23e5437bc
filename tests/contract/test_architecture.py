"""The shape that keeps the promises apart: lose it, and no promise can be tested alone any more."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "gridmap"
MODULES = sorted(PACKAGE.rglob("*.py"))
FOLIUM_HOME = PACKAGE / "render" / "backends" / "folium.py"

MODULE_LINES = 350
FUNCTION_LINES = 40
PARAMETERS = 6

Function = ast.FunctionDef | ast.AsyncFunctionDef


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(path: Path) -> list[Function]:
    return [node for node in ast.walk(tree(path)) if isinstance(node, Function)]


def imported(path: Path) -> set[str]:
    """Return the top names of everything a module imports, also inside functions."""
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def code_lines(node: Function) -> int:
    """Count the lines of a function; its docstring is for the reader and is not counted."""
    last = node.end_lineno or node.lineno
    lines = last - node.lineno + 1
    first = node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def parameters(node: Function) -> list[str]:
    given = node.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    return [arg.arg for arg in every if arg.arg not in {"self", "cls"}]


def is_command(path: Path, node: Function) -> bool:
    """Say whether a function's parameters are the options of a command that people type."""
    return path.parent == PACKAGE / "cli" and any(
        isinstance(default, ast.Name) and default.id == "HERE" for default in node.args.kw_defaults
    )


def test_imports_point_down():
    checked = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_folder_is_in_the_layers():
    """A folder outside the contract could import anything, and nobody would notice."""
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    layers = settings.partition("layers = [")[2].partition("]")[0]
    parts = {p.stem for p in PACKAGE.iterdir() if p.suffix == ".py" or (p / "__init__.py").is_file()}
    missing = sorted(p for p in parts - {"__init__"} if f"gridmap.{p}" not in layers)
    assert missing == []


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_module_can_be_read_in_one_sitting(path):
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines < MODULE_LINES, f"{named(path)} has {lines} lines"


def test_a_function_fits_on_a_screen():
    long = [
        f"{named(path)}:{node.lineno} {node.name} has {code_lines(node)} lines"
        for path in MODULES
        for node in functions(path)
        if code_lines(node) >= FUNCTION_LINES
    ]
    assert long == []


def test_a_call_can_be_understood_where_it_stands():
    many = [
        f"{named(path)}:{node.lineno} {node.name} has {len(parameters(node))} parameters"
        for path in MODULES
        for node in functions(path)
        if len(parameters(node)) > PARAMETERS and not is_command(path, node)
    ]
    assert many == []


def test_folium_is_imported_in_one_file_only():
    """Folium executes data: whoever else imports it opens that door again."""
    users = [path for path in MODULES if imported(path) & {"folium", "branca"}]
    assert users == [FOLIUM_HOME]


def test_only_the_store_opens_a_database():
    users = {path.parent.name for path in MODULES if "sqlite3" in imported(path)}
    assert users <= {"store"}


def test_geopandas_explore_is_not_used():
    """It draws with folium, and has folium's holes."""
    users = [
        named(path)
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr == "explore"
    ]
    assert users == []


def test_the_library_never_prints():
    """Standard output is data that other programs read."""
    loud = []
    for path in MODULES:
        if path.parent == PACKAGE / "cli":
            continue
        for node in ast.walk(tree(path)):
            called = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print"
            stream = isinstance(node, ast.Attribute) and node.attr in {"stdout", "stderr"}
            if called or stream:
                loud.append(f"{named(path)}:{node.lineno}")
    assert loud == []


def test_loggers_are_named_after_the_package():
    strange = [
        f"{named(path)}:{node.lineno}"
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "getLogger"
        and not _is_own_name(node.args)
    ]
    assert strange == []


def _is_own_name(args: list[ast.expr]) -> bool:
    if len(args) != 1:
        return False
    first = args[0]
    if isinstance(first, ast.Constant):
        return str(first.value).partition(".")[0] == "gridmap"
    return isinstance(first, ast.Name) and first.id == "__name__"


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_files_are_opened_as_utf8(path):
    """Without the encoding named, a Chinese name breaks on the first Windows machine."""
    text_calls = {"read_text", "write_text"}
    silent = [
        node.lineno
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in text_calls
        and not any(keyword.arg == "encoding" for keyword in node.keywords)
    ]
    assert silent == []
