"""The order of the tests: long files first, so that no worker is left alone with one at the end."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent
# By how long their files take; what is in none of these folders is short, and fills the gaps at the end.
FIRST = ("notebooks", "browser", "hostile", "property", "contract", "unit/cli", "unit/project")


def rank(item: pytest.Item) -> int:
    """Return the place of the folder that a test is in."""
    folder = Path(item.path).relative_to(HERE).parent.as_posix()
    return FIRST.index(folder) if folder in FIRST else len(FIRST)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of the slow folders first; within a folder the order stays."""
    items.sort(key=rank)
