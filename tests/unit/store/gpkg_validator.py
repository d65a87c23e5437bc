"""GDAL's own judgement of a GeoPackage."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

VALIDATOR = Path("/usr/lib/python3/dist-packages/osgeo_utils/samples/validate_gpkg.py")


def assert_valid(path: Path) -> None:
    if not VALIDATOR.exists():
        assert not os.environ.get("CI"), "CI needs Debian's python3-gdal"
        pytest.skip("validate_gpkg of python3-gdal is not installed")
    command = ["/usr/bin/python3", str(VALIDATOR), "--extra", "--warning-as-error", str(path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
