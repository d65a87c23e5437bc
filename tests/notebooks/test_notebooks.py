"""Notebooks that a newcomer opens first: they run from top to bottom, without a warning, and show the map."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

# Warnings are errors for what the notebook does, as in the other tests; not for the kernel's own machinery.
STRICT = "import warnings\nwarnings.simplefilter('error')"


def named(path: Path) -> str:
    return path.stem


def load(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=named)
def path(request) -> Path:
    return request.param


@pytest.fixture(scope="module")
def executed(path, tmp_path_factory) -> nbformat.NotebookNode:
    notebook = load(path)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(STRICT))
    folder = tmp_path_factory.mktemp("notebook")
    client = NotebookClient(notebook, timeout=240, resources={"metadata": {"path": str(folder)}})
    return client.execute()


def outputs(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [out for cell in notebook.cells if cell.cell_type == "code" for out in cell.outputs]


def test_there_is_a_quickstart():
    assert "01_quickstart" in [path.stem for path in NOTEBOOKS]


def test_it_runs_without_an_error_or_a_warning(executed):
    assert [out for out in outputs(executed) if out.output_type == "error"] == []
    assert [out.text for out in outputs(executed) if out.get("name") == "stderr"] == []


def test_maps_are_shown_inline(executed):
    pages = [out.data["text/html"] for out in outputs(executed) if "text/html" in out.get("data", {})]
    maps = [page for page in pages if "<iframe" in page]
    assert maps
    assert all("示意·合成数据" in one for one in maps)
    # A map for an audience is the last thing that is shown; all before it are quick looks.
    assert "规划人员" in maps[-1]


def test_nothing_of_a_run_is_stored(path):
    """Outputs would hold somebody's data, and change with every run."""
    notebook = load(path)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.outputs for cell in code] == [[]] * len(code)
    assert {cell.execution_count for cell in code} == {None}
    assert [cell.id for cell in notebook.cells] == [
        f"cell-{n:02d}" for n in range(1, len(notebook.cells) + 1)
    ]


def test_text_is_in_both_languages(path):
    text = "".join(cell.source for cell in load(path).cells if cell.cell_type == "markdown")
    assert any("\u4e00" <= char <= "\u9fff" for char in text)
    assert any(char.isascii() and char.isalpha() for char in text)
