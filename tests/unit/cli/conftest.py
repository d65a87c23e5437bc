"""Run the command line in this process, as a person would at a prompt."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass

import pytest

from gridmap.cli import main


@dataclass
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture
def cli(capsys, monkeypatch):
    def run(*words: object) -> Result:
        monkeypatch.setattr(sys, "argv", ["gridmap", *map(str, words)])
        capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as stop:
            code = int(stop.code or 0)
        said = capsys.readouterr()
        return Result(code, said.out, said.err)

    return run


@pytest.fixture(scope="session")
def small_demo(tmp_path_factory):
    """A demo project to read from; tests that change something copy it first."""
    from gridmap import project

    folder = tmp_path_factory.mktemp("cli") / "demo"
    project.demo(folder, households=120).close()
    return folder


@pytest.fixture
def demo_copy(small_demo, tmp_path):
    import shutil

    return shutil.copytree(small_demo, tmp_path / "area")
