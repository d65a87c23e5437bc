"""The names that people write: they load when used, and only then."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import gridmap as gm

PROMISED = {
    "Answer",
    "Area",
    "Finding",
    "Findings",
    "GridmapError",
    "Plan",
    "__version__",
    "check",
    "demo",
    "memory",
    "nearest_stronghold",
    "new",
    "open",
    "show",
}

HEAVY = ("geopandas", "pandas", "numpy", "shapely", "pyproj", "folium", "pyogrio", "fiona", "pandera", "rich")


def modules_after(code: str) -> set[str]:
    """Return the names of the modules loaded by a fresh interpreter after some code."""
    shown = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(' '.join(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    )
    return set(shown.stdout.split())


def test_import_is_quick():
    loaded = modules_after("import gridmap")
    assert not loaded & set(HEAVY)


def test_an_error_can_be_caught_without_loading_the_libraries():
    loaded = modules_after("import gridmap\ngridmap.GridmapError")
    assert not loaded & set(HEAVY)


def test_drawing_is_loaded_only_by_who_draws():
    loaded = modules_after("import gridmap.assign, gridmap.checks, gridmap.store, gridmap.geo")
    assert not loaded & {"folium", "branca"}


def test_help_needs_no_library():
    loaded = modules_after(
        "import sys\nsys.argv = ['gridmap', '--help']\nfrom gridmap.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass"
    )
    assert not loaded & {"geopandas", "folium", "pandera"}


def test_the_promised_names_and_no_others():
    assert set(gm.__all__) == PROMISED


@pytest.mark.parametrize("name", sorted(PROMISED))
def test_every_name_loads(name):
    assert getattr(gm, name) is not None
    assert name in dir(gm)


def test_a_name_that_is_not_there_says_so():
    with pytest.raises(AttributeError, match="stronghold_of_nobody"):
        _ = gm.stronghold_of_nobody


@pytest.mark.parametrize("first", ["gridmap.open", "import gridmap.cli.main", "import gridmap.sample"])
def test_the_demo_is_a_function_whatever_was_used_before(first):
    """A folder of the same name would hide the function as soon as it is imported."""
    shown = subprocess.run(
        [sys.executable, "-c", f"import gridmap\n{first}\nprint(type(gridmap.demo).__name__)"],
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    )
    assert shown.stdout.strip() == "function"


def test_no_folder_or_module_has_the_name_of_a_public_function():
    package = Path(gm.__file__).parent
    inside = {entry.stem for entry in package.iterdir()}
    assert not (PROMISED - {"__version__"}) & inside


def test_what_a_name_is_called_is_what_it_is():
    for name in sorted(PROMISED - {"__version__", "open"}):
        assert getattr(gm, name).__name__ == name


def test_type_checkers_see_the_same_names():
    """`TYPE_CHECKING` and the lazy table are written twice: they must not drift apart."""
    import ast
    from pathlib import Path

    tree = ast.parse(Path(gm.__file__).read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {
        (node.module, alias.name, alias.asname)
        for node in ast.walk(block)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    lazy = {(module, attribute, name) for name, (module, attribute) in gm._NAMES.items()}
    assert seen == lazy
