"""What a reader of `help()` gets: parameters, results and errors of everything public."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator

import pytest

import gridmap
from gridmap import registry

FOLDERS = ("geo", "store", "exchange", "checks", "assign", "privacy", "render", "sample", "project")
MANY = 4

# What a result of these types holds must be said; a class of gridmap's own says it in its docstring.
BARE = re.compile(r"DataFrame|Series|ndarray|NDArray|Floats|tuple|dict|Mapping|bytes|\bstr\b|\bfloat\b")


def modules() -> list[str]:
    found = pkgutil.walk_packages(gridmap.__path__, "gridmap.")
    return sorted(one.name for one in found if not one.name.endswith("__main__"))


def public(folder: str) -> list[tuple[str, Callable[..., object]]]:
    """Return the functions that a folder offers to the others, by name."""
    module = importlib.import_module(f"gridmap.{folder}")
    offered = ((name, getattr(module, name)) for name in getattr(module, "__all__", ()))
    return sorted((f"{folder}.{name}", one) for name, one in offered if inspect.isfunction(one))


def methods(kind: type) -> Iterator[tuple[str, Callable[..., object]]]:
    for name, one in vars(kind).items():
        if not name.startswith("_") and inspect.isfunction(one):
            yield f"{kind.__name__}.{name}", one


PUBLIC = [one for folder in FOLDERS for one in public(folder)]
FACE = [*methods(gridmap.Area), *methods(gridmap.Plan)]


def ids(pairs: list[tuple[str, Callable[..., object]]]) -> list[str]:
    return [name for name, _ in pairs]


def arguments(one: Callable[..., object]) -> list[str]:
    return [name for name in inspect.signature(one).parameters if name not in {"self", "cls"}]


def sections(one: Callable[..., object]) -> set[str]:
    return set(re.findall(r"^(\w[\w ]*)\n-{3,}$", inspect.getdoc(one) or "", re.MULTILINE))


@pytest.mark.parametrize("name", modules())
def test_every_module_says_what_it_is_for(name):
    assert importlib.import_module(name).__doc__


def test_every_folder_names_what_it_offers():
    for folder in FOLDERS:
        offered = importlib.import_module(f"gridmap.{folder}").__all__
        assert list(offered) == sorted(offered, key=_as_ruff), folder


def _as_ruff(name: str) -> tuple[int, str]:
    """Order of `__all__`: constants, classes, the rest."""
    group = 0 if name.isupper() else 1 if name[:1].isupper() else 2
    return (group, name)


@pytest.mark.parametrize(("name", "one"), PUBLIC, ids=ids(PUBLIC))
def test_a_function_of_many_arguments_explains_them(name, one):
    """A few arguments are named in the sentence; from four on they have a section."""
    text = inspect.getdoc(one) or ""
    assert text, name
    named = arguments(one)
    if len(named) >= MANY:
        assert "Parameters" in sections(one), f"{name}{inspect.signature(one)}"
        part = text.partition("Parameters\n")[2]
        missing = [word for word in named if not re.search(rf"\b{re.escape(word)}\b", part)]
        assert missing == [], name


@pytest.mark.parametrize(("name", "one"), PUBLIC, ids=ids(PUBLIC))
def test_a_function_says_what_it_returns(name, one):
    text = inspect.getdoc(one) or ""
    bare = BARE.search(str(inspect.signature(one).return_annotation))
    if "Parameters" in sections(one) and bare and not text.startswith(("Return", "Yield")):
        assert sections(one) & {"Returns", "Yields"}, f"{name}: {text.splitlines()[0]}"


@pytest.mark.parametrize(("name", "one"), FACE, ids=ids(FACE))
def test_the_face_explains_itself(name, one):
    text = inspect.getdoc(one) or ""
    assert text, name
    if len(arguments(one)) >= MANY:
        assert "Parameters" in sections(one), name


def test_every_error_code_in_a_docstring_exists():
    from gridmap.errors import CATALOGUE

    for name in modules():
        module = importlib.import_module(name)
        for _, one in inspect.getmembers(module, inspect.isfunction):
            for code in re.findall(r"\bGM\d{3}\b", one.__doc__ or ""):
                assert code in CATALOGUE, f"{name}.{one.__name__}: {code}"


@pytest.mark.parametrize("name", registry.names("rules"))
def test_a_rule_explains_itself(name):
    """The class `Rule` has a docstring of its own, so asking the rule itself would always pass."""
    assert inspect.getdoc(registry.get("rules", name).apply)
