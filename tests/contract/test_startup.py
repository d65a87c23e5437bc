"""What is not used is not waited for: which modules load, by command. `make bench` measures the times."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import gridmap as gm

PACKAGE = Path(gm.__file__).parent
HEAVY = {
    "contourpy",
    "fiona",
    "folium",
    "geopandas",
    "matplotlib",
    "numba",
    "numpy",
    "openpyxl",
    "pandas",
    "pandera",
    "pyarrow",
    "pyogrio",
    "pyproj",
    "scipy",
    "shapely",
    "sqlite3",
}
# Makers and readers of files, and what only they and some checks need.
UNUSED_BY_ASSIGN = {
    "contourpy",
    "fiona",
    "folium",
    "matplotlib",
    "openpyxl",
    "pandera",
    "pyogrio",
    "rich",
    "scipy.ndimage",
    "scipy.optimize",
    "scipy.stats",
    "gridmap.analyse.cover",
    "gridmap.exchange.reading",
    "gridmap.privacy.views",
    "gridmap.publish",
    "gridmap.render",
    "gridmap.sample.area",
}
WORDS = [["--help"], ["assign", "--help"], ["map", "--help"], ["asign"], ["assign", "--nope"]]
RUN = (
    "import json, sys\nsys.argv = ['gridmap', *json.loads(sys.argv[1])]\nfrom gridmap.cli import main\n"
    "try:\n    main()\nexcept SystemExit:\n    sys.stderr.write('\\n' + ' '.join(sys.modules))"
)


def loaded_by(words: list[str]) -> set[str]:
    """Return the modules that a fresh interpreter has loaded after a command."""
    ran = subprocess.run(
        [sys.executable, "-c", RUN, json.dumps(words)],
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    )
    return set(ran.stderr.rpartition("\n")[2].split())


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_help_and_a_misspelt_word_wait_for_no_library(words):
    assert loaded_by(words) & HEAVY == set()


def test_the_help_of_all_commands_needs_no_settings():
    """pydantic reads gridmap.toml: who asks what commands there are has none open."""
    assert "pydantic" not in loaded_by(["--help"])


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("startup") / "demo"
    gm.demo(folder, households=50).close()
    return folder


@pytest.mark.parametrize("words", [["assign"], ["check"]], ids=" ".join)
def test_a_command_waits_for_what_it_uses_alone(small, words):
    assert loaded_by([*words, "-C", str(small)]) & UNUSED_BY_ASSIGN == set()


def test_type_checkers_see_the_names_of_every_lazy_package():
    """Plain imports and the lazy table are written twice: they must not drift apart."""
    import ast

    lazy = [path for path in sorted(PACKAGE.rglob("__init__.py")) if "attach(" in path.read_text("utf-8")]
    assert lazy
    for path in lazy:
        [switch] = [one for one in ast.parse(path.read_text("utf-8")).body if isinstance(one, ast.If)]
        plain = {(node.module.rpartition(".")[2], alias.name) for node in switch.body for alias in node.names}
        table = ast.literal_eval(switch.orelse[0].value.args[1])
        assert {(home, name) for home, names in table.items() for name in names} == plain, path
        # Python would put a module in the place of a function of the same name as soon as it is imported.
        modules = {entry.stem for entry in path.parent.iterdir()}
        assert not {name for _, name in plain} & modules, path
