"""Bad files, each through a real child and the whole import: a clear error or a reason per row, nothing else.

The child's part of all cases runs first, two at a time (`read_everything`); then each case is imported with
what its child said. So every case crosses the walls of `read_isolated` once, and the store is asked once.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import re
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import corpus
import pytest
from patience import in_time

import gridmap
from gridmap.errors import CATALOGUE, GridmapError
from gridmap.exchange import reading
from gridmap.exchange.format import ReadRequest
from gridmap.exchange.isolated import read_isolated
from gridmap.exchange.source import Limits, staged
from gridmap.exchange.vocabulary import words_for

CASES = corpus.cases()
EVERYDAY = corpus.everyday(CASES)
NAMES = [name if name in EVERYDAY else pytest.param(name, marks=pytest.mark.stress) for name in CASES]
# Small, so that what has no end ends soon; a bomb of 300 MB is over the size.
SETTINGS = {"max_seconds": 20, "max_memory_mb": 1024, "max_file_mb": 256, "max_vertices": 100_000}
# The child's limit, and as long again for copying and unpacking; what is done with the rows on this side.
PATIENCE, OURS = 60, 20


@dataclass
class Outcome:
    """What a child said about a case: rows or an error, and after how many seconds."""

    said: Any
    seconds: float


@pytest.fixture(scope="session")
def project(tmp_path_factory):
    """Make a demo project with small limits, once."""
    folder = tmp_path_factory.mktemp("hostile") / "demo"
    gridmap.demo(folder)
    settings = folder / "gridmap.toml"
    text = settings.read_text(encoding="utf-8")
    for key, value in SETTINGS.items():
        text, found = re.subn(rf"(?m)^{key} *= *\d+", f"{key} = {value}", text)
        assert found == 1
    settings.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def read_everything(project, tmp_path_factory, request):
    """Read every selected case in its child, as `read_rows` would, and keep what came back."""
    spec = gridmap.open(project).spec
    limits = Limits.of(spec)
    wanted = ReadRequest("household", spatial=True, words=words_for("household", spec))
    chosen = {
        item.callspec.params["name"]
        for item in request.session.items
        if getattr(item, "callspec", None) and item.callspec.params.get("name") in CASES
    }

    def one(name: str) -> Outcome:
        folder = tmp_path_factory.mktemp("case")
        path = CASES[name].write(folder)
        begin = time.monotonic()
        try:
            with staged(path, limits=limits) as source:
                said: Any = read_isolated(source, wanted, limits=limits)
        except Exception as error:  # noqa: BLE001 - judged by the test of the case
            said = error
        seconds = time.monotonic() - begin
        shutil.rmtree(folder)
        return Outcome(said, seconds)

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return dict(zip(chosen, pool.map(one, chosen), strict=True))


def store_bytes(project):
    return {one.name: one.read_bytes() for one in sorted(project.iterdir()) if one.suffix != ".jsonl"}


@pytest.fixture
def area(project, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(project, copy)
    return gridmap.open(copy)


def test_the_corpus_is_large_enough():
    assert len(EVERYDAY) >= 100
    assert len(CASES) >= 2 * len(EVERYDAY)


@pytest.mark.parametrize("name", NAMES)
def test_a_bad_file_is_refused_or_its_rows_are_told(name, area, read_everything, tmp_path, monkeypatch):
    case, outcome = CASES[name], read_everything[name]
    assert outcome.seconds < PATIENCE

    def replayed(_source, _request, *, limits):
        assert limits.seconds == SETTINGS["max_seconds"]
        if isinstance(outcome.said, Exception):
            raise outcome.said
        return outcome.said

    monkeypatch.setattr(reading, "read_isolated", replayed)
    before = store_bytes(area.folder)
    files = tmp_path / "files"
    files.mkdir()
    path = case.write(files)
    given = store_bytes(files)
    known = set(area.table("household")["id"])
    with collected() as caught, in_time(OURS):
        report = area.import_file(path, kind="household")
        judge(report, case)
        if case.taken == "told" and not report.quarantined:
            found = {finding.id for finding in area.check().items if finding.table == "household"}
            assert found - known, "nothing says that anything is wrong with it"
    for error in caught:
        assert error.code in CATALOGUE
        assert error.code in case.codes, str(error)
        assert store_bytes(area.folder) == before
    assert store_bytes(files) == given


@contextlib.contextmanager
def collected():
    """Give a list that holds the refusal afterwards, if there was one."""
    refusals: list[GridmapError] = []
    try:
        yield refusals
    except GridmapError as error:
        refusals.append(error)


def judge(report: Any, case: corpus.Case) -> None:
    """Say whether the rows of a file that was not refused became what they should."""
    assert report.accepted + report.quarantined == report.rows
    assert case.taken != "never", f"taken in: {report.rows} rows, {report.quarantined} quarantined"
    if case.taken == "some quarantined":
        assert report.quarantined > 0
    if case.taken == "all":
        assert (report.quarantined, report.accepted) == (0, report.rows)
        assert report.rows > 0


def test_a_refusal_says_what_to_do(read_everything):
    """Every refusal has three parts, and none is a Python or GDAL message."""
    refusals = [one.said for one in read_everything.values() if isinstance(one.said, Exception)]
    for error in refusals:
        assert isinstance(error, GridmapError), repr(error)
        assert error.what
        assert error.where
        assert error.fix
        assert not re.search(r"Traceback|0x[0-9a-f]{6}|errno", str(error), re.IGNORECASE), str(error)
        assert tempfile.gettempdir() not in str(error)


@pytest.mark.parametrize(
    "name",
    [
        "/vsicurl/http://127.0.0.1:9/x.geojson",
        "/vsizip/x.zip/x.shp",
        "http://127.0.0.1:9/x.geojson",
        "GPKG:x.gpkg:t.gpkg",
        "CSV:/etc/passwd.csv",
        "/dev/stdin.csv",
        "MVT:http://127.0.0.1:9/x.geojson",
        "PG:dbname=x.gpkg",
        "/vsimem/x.gpkg",
        "<OGRVRTDataSource/>.csv",
    ],
)
def test_a_name_that_gdal_would_resolve_is_a_name(area, name):
    before = store_bytes(area.folder)
    with pytest.raises(GridmapError) as caught:
        area.import_file(Path(name), kind="household")
    assert caught.value.code == "GM202"
    assert store_bytes(area.folder) == before
