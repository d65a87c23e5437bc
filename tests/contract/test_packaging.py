"""What people install is what was tested: the wheel holds every asset, and works away from the source."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ("gridmap", "pyproject.toml", "README.md", "LICENSE")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Build from a copy, so that nothing is left in the source."""
    source = tmp_path_factory.mktemp("source")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source / name)
    out = tmp_path_factory.mktemp("dist")
    words = ["-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(source)]
    built = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    [path] = out.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def names(wheel) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_every_file_of_the_package_is_in_the_wheel(names):
    files = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "gridmap").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert files - names == set()


def test_nothing_else_is_in_the_wheel(names):
    assert {name.partition("/")[0] for name in names} == {
        "gridmap",
        f"gridmap-{PROJECT['version']}.dist-info",
    }


def test_the_wheel_is_for_every_system(wheel):
    assert wheel.name == f"gridmap-{PROJECT['version']}-py3-none-any.whl"


def test_the_licences_travel_along(names, wheel):
    inside = f"gridmap-{PROJECT['version']}.dist-info/licenses"
    assert f"{inside}/LICENSE" in names
    assert any(name.startswith(f"{inside}/gridmap/render/assets/") for name in names)
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read(f"gridmap-{PROJECT['version']}.dist-info/METADATA").decode("utf-8")
    assert "License-Expression: Apache-2.0" in text


def test_the_version_is_said_once(wheel):
    source = (ROOT / "gridmap" / "__init__.py").read_text(encoding="utf-8")
    assert re.search(rf'^__version__ = "{re.escape(PROJECT["version"])}"$', source, re.MULTILINE)
    assert PROJECT["version"] in wheel.name


def test_the_installed_wheel_does_the_main_job(wheel, tmp_path):
    """Away from the source tree: assets, template and demo data must be found in the wheel itself."""
    site = tmp_path / "site"
    install = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--target",
        str(site),
        str(wheel),
    ]
    subprocess.run([sys.executable, *install], check=True, capture_output=True)
    # What is on PYTHONPATH comes before the editable install of the source.
    environment = {**os.environ, "PYTHONPATH": str(site)}

    def run(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, *words], env=environment, cwd=tmp_path, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode("utf-8")
        return done.stdout.decode("utf-8").strip()

    assert Path(run("-c", "import gridmap; print(gridmap.__file__)")).is_relative_to(site)
    run("-m", "gridmap", "demo", "area", "--households", "60")
    run("-m", "gridmap", "assign", "-C", "area")
    run("-m", "gridmap", "map", "-C", "area", "--audience", "planner", "--out", "map.html")
    assert (tmp_path / "map.html").stat().st_size > 10_000
