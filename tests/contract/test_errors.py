"""Errors that people can look up: each code means one thing, is used, and is in the docs."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest

from gridmap import errors
from gridmap.errors import CATALOGUE, ConfigError, GridmapError, StructureError

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "errors.md"
CODE = re.compile(r"GM\d{3}")

FAMILIES = {"1": "ConfigError", "2": "InputError", "3": "StoreError", "5": "AssignmentError"} | {
    "6": "PublishError",
    "7": "RenderError",
    "9": "InternalError",
}


def constructed() -> list[tuple[str, str, str]]:
    """Return (file:line, class, code) of every error that the source makes with a literal code."""
    found = []
    for path in sorted((ROOT / "gridmap").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            code = getattr(node.args[0], "value", None)
            if isinstance(code, str) and CODE.fullmatch(code):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                found.append((f"{path.relative_to(ROOT)}:{node.lineno}", name, code))
    return found


def used() -> set[str]:
    """Return every code that the source names outside the catalogue itself and outside docstrings."""
    found = set()
    for path in sorted((ROOT / "gridmap").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if path.name == "errors.py":
            tree.body = [node for node in tree.body if not isinstance(node, ast.AnnAssign)]
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                found.add(node.value)
    return found


def test_every_code_in_the_source_is_in_the_catalogue():
    assert used() - set(CATALOGUE) == set()


def test_every_code_of_the_catalogue_is_used():
    """A code that nothing raises is a promise in the docs that nobody keeps."""
    assert set(CATALOGUE) - used() == set()


def test_the_page_lists_the_catalogue():
    rows = dict(
        re.findall(r"^\| (GM\d{3}) \| (.+?) \| .+ \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert sorted(rows) == sorted(CATALOGUE)
    for code, what in CATALOGUE.items():
        assert rows[code].startswith(what), code


def test_a_code_belongs_to_the_class_people_catch():
    for where, name, code in constructed():
        kind = getattr(errors, name, None)
        if inspect.isclass(kind) and issubclass(kind, GridmapError):
            assert issubclass(kind, getattr(errors, FAMILIES[code[2]])), f"{where}: {name}({code})"


def test_every_class_has_one_root():
    classes = [kind for _, kind in inspect.getmembers(errors, inspect.isclass)]
    assert all(issubclass(kind, GridmapError) for kind in classes)
    assert {kind.exit_code for kind in classes} == {2}


def test_an_error_is_three_lines():
    error = ConfigError("GM105", "no such kind: wel", where="gridmap.toml", fix="did you mean well?")
    assert str(error) == "[GM105] no such kind: wel\n  where: gridmap.toml\n  fix:   did you mean well?"
    assert (error.code, error.exit_code) == ("GM105", 2)


def test_a_structure_error_lists_its_faults_up_to_a_screenful():
    faults = tuple(f"fault {number}" for number in range(30))
    shown = str(
        StructureError("it does not fit", where="household", fix="mend it", faults=faults)
    ).splitlines()
    assert shown[0] == "[GM305] it does not fit"
    assert shown[3:5] == ["  - fault 0", "  - fault 1"]
    assert shown[-1] == "  - and 10 more"


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_codes_are_sorted_by_range(code):
    assert CODE.fullmatch(code)
    assert code[2] in FAMILIES


def test_nothing_is_raised_that_is_not_ours():
    """A bare ValueError reaches the prompt as a traceback: no code, no place, no fix."""
    allowed = {"AttributeError", "NotImplementedError", "KeyboardInterrupt", "SystemExit"}
    strange = []
    for path in sorted((ROOT / "gridmap").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Raise) or node.exc is None:
                continue
            target = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            name = getattr(target, "id", getattr(target, "attr", ""))
            if name in {"Exception", "BaseException", "RuntimeError", "AssertionError"} - allowed:
                strange.append(f"{path.relative_to(ROOT)}:{node.lineno} {name}")
    assert strange == []
