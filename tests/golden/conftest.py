"""The hand-built view of the unit tests, by its path: test folders are not packages."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def synthetic_view():
    path = Path(__file__).parents[1] / "unit" / "render" / "synthetic_view.py"
    spec = importlib.util.spec_from_file_location("synthetic_view_by_path", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
