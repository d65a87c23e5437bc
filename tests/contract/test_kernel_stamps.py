"""The kept machine code of a kernel is made anew when its file changes, and only then.

Constants that the file takes from elsewhere are in that code. Were one of them changed alone, a new version
of gridmap would go on with the old one, and homes would be looked up in wrong cells: so each file of kernels
says what it took.
"""

import ast
import hashlib
import os
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import gridmap

ROOT = Path(gridmap.__file__).parent
FILES = sorted(ROOT.rglob("*_compiled.py"))


def taken(tree: ast.Module) -> dict[str, object]:
    """Return the constants that a file imports from gridmap's other modules when it is loaded."""
    found: dict[str, object] = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("gridmap"):
            module = import_module(str(node.module))
            found |= {f"{node.module}.{one.name}": getattr(module, one.name) for one in node.names}
    modules = {name.rpartition(".")[2]: one for name, one in found.items() if isinstance(one, ModuleType)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            found[f"{node.value.id}.{node.attr}"] = getattr(modules[node.value.id], node.attr)
    return {name: one for name, one in found.items() if not callable(one) and not isinstance(one, ModuleType)}


def said(tree: ast.Module) -> str | None:
    """Return what a file says in its STAMP."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "STAMP":
            return str(ast.literal_eval(node.value))
    return None


def plain(value: object) -> object:
    if isinstance(value, np.ndarray):
        return [str(value.dtype), value.tolist()]
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    return [type(value).__name__, float(value).hex() if isinstance(value, float) else str(value)]


def stamp(constants: dict[str, object]) -> str:
    words = repr(sorted((name, plain(value)) for name, value in constants.items()))
    return hashlib.sha256(words.encode()).hexdigest()[:12]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_of_kernels_says_what_it_took_from_elsewhere(path: Path) -> None:
    if find_spec("numba") is None and not os.environ.get("CI"):
        pytest.skip("numba is not there, and kernels take from each other")
    tree = ast.parse(path.read_text("utf-8"))
    constants = taken(tree)
    wanted = stamp(constants) if constants else None
    assert said(tree) == wanted, f'{path.name}: write STAMP = "{wanted}"'


def test_a_changed_constant_changes_the_stamp() -> None:
    some = {"a": 0.1, "b": (1, 2), "c": np.uint64(3), "d": np.arange(3)}
    others = [{"a": np.nextafter(0.1, 1)}, {"b": (1, 3)}, {"c": np.int64(3)}, {"d": np.arange(4)}]
    assert all(stamp({**some, **other}) != stamp(some) for other in others)
    assert len({stamp({"x": one}) for one in (1, 1.0, True, "1")}) == 4
