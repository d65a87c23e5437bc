from __future__ import annotations

import pytest
from drawn_area import Area

from gridmap.config import default_spec


@pytest.fixture
def spec():
    return default_spec()


@pytest.fixture
def area(spec):
    return Area(spec)
