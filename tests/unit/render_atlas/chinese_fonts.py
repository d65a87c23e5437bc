"""An atlas in Chinese needs a Chinese font."""

from __future__ import annotations

import os

import pytest


def fonts_or_skip():
    """Skip where there is no Chinese font; in continuous integration there must be one."""
    from gridmap.render.atlas.typeface import chinese

    if chinese("regular") is None:
        if os.environ.get("CI"):
            pytest.fail("no Chinese font: install fonts-noto-cjk")
        pytest.skip("no Chinese font on this machine")
