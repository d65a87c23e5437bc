"""The compiled kernels are tested where numba is; in continuous integration it must be."""

from __future__ import annotations

import os
from importlib.util import find_spec

import pytest


def need_numba() -> None:
    if find_spec("numba") is None:
        assert not os.environ.get("CI"), "CI needs the extra fast"
        pytest.skip("numba is not installed: pip install 'gridmap[fast]'")
