"""What a file does to its reader stays in the child: without these walls one file ends the program."""

from __future__ import annotations

import logging
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import fake_formats
import pytest

from gridmap.errors import ConfigError, InputError
from gridmap.exchange import child, isolated, processes
from gridmap.exchange.format import ReadRequest
from gridmap.exchange.isolated import environment, read_isolated
from gridmap.exchange.source import Limits, Source

LIMITS = Limits(seconds=60, memory_mb=512, file_mb=16, vertices=1000)
REQUEST = ReadRequest("household", spatial=True)
ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's limits")


@pytest.fixture(autouse=True)
def installed(tmp_path, monkeypatch):
    """Install the fake formats as another distribution: the child imports what this process can import."""
    place = tmp_path / "site"
    (place / "fake-1.0.dist-info").mkdir(parents=True)
    shutil.copy(fake_formats.__file__, place)
    entries = "".join(f"{name} = fake_formats:F_{name}\n" for name in fake_formats.FORMATS)
    (place / "fake-1.0.dist-info/METADATA").write_text("Name: fake\nVersion: 1.0\n", encoding="ascii")
    (place / "fake-1.0.dist-info/entry_points.txt").write_text(
        f"[gridmap.formats]\n{entries}", encoding="ascii"
    )
    monkeypatch.syspath_prepend(place)


def read(tmp_path, name, *, content="", limits=LIMITS, request=REQUEST):
    folder = tmp_path / "staged"
    folder.mkdir(exist_ok=True)
    (folder / "data.fake").write_text(content, encoding="utf-8")
    source = Source(folder / "data.fake", fake_formats.FORMATS[name], "牧户.fake", 1, "0" * 64)
    try:
        return read_isolated(source, request, limits=limits)
    finally:
        # Nothing is left behind, whatever happened.
        assert [one.name for one in folder.iterdir()] == ["data.fake"]


def refused(tmp_path, name, **more):
    with pytest.raises((InputError, ConfigError)) as caught:
        read(tmp_path, name, **more)
    assert fake_formats.SECRET not in repr(caught.value)
    return caught.value


def test_rows_come_back_as_the_reader_made_them(tmp_path):
    request = ReadRequest("household", spatial=True, encoding="gbk", words=frozenset({"户主", "b"}))
    table = read(tmp_path, "honest", content="巴雅尔", request=request)
    assert table.columns["text"] == ["巴雅尔", None, "\ud800"]
    assert table.columns["number"].tolist() == [2**63 - 1, -1, 0]
    assert [None if one is None else one.wkt for one in table.geometry] == [
        "POINT (1 2)",
        None,
        "POINT Z (3 4 5)",
    ]
    assert (table.crs, table.row_word, table.encoding) == ("EPSG:4326", "household", "gbk")
    assert table.rows.tolist() == [3, 4, 9]
    assert table.faults == ((1, "geometry", "is open"),)
    assert table.left_out == ((1, "a title"),)
    assert table.notes == (str(sorted({"户主", "b"})),)


def test_the_child_sees_no_setting_of_the_users(tmp_path, monkeypatch):
    for name in ("GDAL_DRIVER_PATH", "OGR_ENABLE", "CPL_DEBUG", "http_proxy", "PYTHONSTARTUP", "LD_PRELOAD"):
        monkeypatch.setenv(name, "/of/the/user")
    monkeypatch.setenv("GDAL_DATA", str(tmp_path))
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen()
        table = read(tmp_path, "asked_of_the_system", content=str(door.getsockname()[1]))
    seen = dict(zip(table.columns["name"], table.columns["value"], strict=True))
    assert "/of/the/user" not in seen.values()
    assert seen["GDAL_DATA"] == str(tmp_path)
    assert seen["PROJ_NETWORK"] == "OFF"
    assert Path(seen["HOME"]).parent == Path(seen["@folder"]).parent == tmp_path / "staged"
    if sys.platform == "linux" and seen["@space"] != str(Path("/proc/self/ns/net").readlink()):
        assert seen["@reached"] == "unreachable"


def test_a_relative_path_is_not_searched_for_modules(monkeypatch, tmp_path):
    """The folder of a hostile file must not lend the child its modules."""
    monkeypatch.setattr(sys, "path", ["", "here", *sys.path])
    assert all(Path(one).is_absolute() for one in environment(tmp_path)["PYTHONPATH"].split(os.pathsep))


@ON_LINUX
@pytest.mark.parametrize("name", ["hog", "hog_in_c"])
def test_a_reader_that_takes_all_memory_is_stopped(tmp_path, name):
    error = refused(tmp_path, name)
    assert error.code == "GM209"
    assert "max_memory_mb" in error.fix


@ON_LINUX
def test_a_reader_that_fills_the_disk_is_stopped(tmp_path):
    assert refused(tmp_path, "too_much").code == "GM209"


def test_a_reader_without_end_is_stopped(tmp_path):
    begin = time.monotonic()
    error = refused(tmp_path, "endless", limits=Limits(2, 512, 16, 1000))
    assert time.monotonic() - begin < 20
    assert error.code == "GM209"
    assert "max_seconds" in error.fix


@ON_LINUX
def test_what_a_reader_started_ends_with_it(tmp_path):
    note = tmp_path / "pid"
    refused(tmp_path, "endless_with_children", content=str(note), limits=Limits(5, 512, 16, 1000))
    other = int(note.read_text(encoding="ascii"))
    deadline = time.monotonic() + 10
    while Path(f"/proc/{other}").exists() and "Z" not in state(other):
        assert time.monotonic() < deadline
        time.sleep(0.05)


@ON_LINUX
def test_what_a_reader_leaves_behind_ends_when_it_ends_by_itself(tmp_path):
    note = tmp_path / "pid"
    read(tmp_path, "leaves_a_child", content=str(note))
    other = int(note.read_text(encoding="ascii"))
    deadline = time.monotonic() + 10
    while state(other) != "Z":
        assert time.monotonic() < deadline, "it lives on"
        time.sleep(0.05)


def state(process):
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


@pytest.mark.skipif(sys.platform == "win32", reason="no process groups")
def test_an_interrupted_user_leaves_nothing_running(tmp_path, monkeypatch):
    begun = []

    def interrupted(child, _seconds):
        begun.append(child)
        raise KeyboardInterrupt

    monkeypatch.setattr(processes, "ends", interrupted)
    with pytest.raises(KeyboardInterrupt):
        read(tmp_path, "endless")
    assert begun[0].returncode is not None


@pytest.mark.parametrize("name", ["crash", "quiet_end", "bad_end"])
def test_a_reader_that_crashes_is_told(tmp_path, name):
    error = refused(tmp_path, name)
    assert (error.code, error.where) == ("GM202", "牧户.fake")
    assert "crashed on this file" in error.what


def test_a_fault_of_the_reader_is_told_by_its_kind_alone(tmp_path):
    error = refused(tmp_path, "fails")
    assert error.code == "GM202"
    assert "(KeyError)" in error.what
    assert "(TypeError)" in refused(tmp_path, "strange").what


def test_what_a_reader_refuses_is_refused_with_the_files_own_name(tmp_path):
    error = refused(tmp_path, "says")
    assert isinstance(error, InputError)
    assert (error.code, error.where, error.fix) == ("GM207", "牧户.fake: line 3", "say it for 牧户.fake")
    error = refused(tmp_path, "lacks")
    assert isinstance(error, ConfigError)
    assert error.code == "GM111"


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes by name")
@pytest.mark.parametrize("name", ["answer.json", "rows.bin", "said.txt"])
def test_a_pipe_for_an_answer_stops_nobody(tmp_path, name):
    begin = time.monotonic()
    assert refused(tmp_path, "piped", content=name).code == "GM202"
    assert time.monotonic() - begin < 30


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes or links by name")
def test_only_a_plain_file_is_opened(tmp_path):
    (tmp_path / "real").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    os.mkfifo(tmp_path / "pipe")
    with processes.opened_left(tmp_path / "real") as stream:
        assert stream.read() == b"x"
    for name in ("link", "pipe", "nothing"):
        with pytest.raises(OSError, match=r"regular|symbolic|No such"):
            processes.opened_left(tmp_path / name)


def test_more_rows_than_this_process_should_hold_are_refused(tmp_path):
    """A small file of repeated texts becomes gigabytes here, where no kernel limits anything."""
    error = refused(tmp_path, "wide", limits=Limits(60, 256, 1024, 1000))
    assert error.code == "GM209"
    assert "max_memory_mb" in error.fix


def test_rows_that_a_child_wrote_past_its_limit_are_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(isolated, "unpack", lambda _stream: pytest.fail("unpacked"))
    (tmp_path / "rows.bin").write_bytes(b"\0" * (2**20 + 1))
    source = Source(tmp_path / "x", fake_formats.FORMATS["honest"], "x", 1, "")
    with pytest.raises(InputError) as caught:
        isolated._rows(tmp_path / "rows.bin", 1, source, Limits(1, 2, 1, 1))
    assert caught.value.code == "GM209"


def test_no_memory_on_this_side_is_told(tmp_path, monkeypatch):
    def full(_stream):
        raise MemoryError

    monkeypatch.setattr(isolated, "unpack", full)
    assert refused(tmp_path, "honest").code == "GM209"


def test_a_program_with_python_inside_is_not_started_again(tmp_path, monkeypatch):
    """In QGIS sys.executable is QGIS: a second one would open for each file."""
    inside = tmp_path / "qgis"
    inside.write_bytes(b"")
    monkeypatch.setattr(sys, "executable", str(inside))
    monkeypatch.setattr(sys, "_base_executable", str(inside))
    assert "python" in Path(processes.interpreter() or "").name
    monkeypatch.setattr(sys, "exec_prefix", str(tmp_path))
    monkeypatch.setattr(sys, "base_exec_prefix", str(tmp_path))
    error = refused(tmp_path, "honest")
    assert (error.code, error.where) == ("GM202", "牧户.fake")
    assert "Python" in error.fix


def test_a_process_that_cannot_be_started_is_told(tmp_path, monkeypatch):
    broken = tmp_path / "python"
    broken.write_bytes(b"")
    monkeypatch.setattr(sys, "executable", str(broken))
    assert "starts no process" in refused(tmp_path, "honest").what


@pytest.mark.parametrize("name", ["lies", "unknown_code", "forged", "forged_without_end"])
def test_a_child_that_was_taken_over_is_not_believed(tmp_path, name):
    assert refused(tmp_path, name).code == "GM202"


def test_what_a_library_prints_is_not_shown(tmp_path, capfd, caplog):
    caplog.set_level(logging.DEBUG)
    assert read(tmp_path, "loud").columns["a"] == [1]
    said = capfd.readouterr()
    assert fake_formats.SECRET not in said.out + said.err + caplog.text


def test_too_many_vertices_never_reach_this_process(tmp_path):
    table = read(tmp_path, "giant")
    assert table.geometry[0] is None
    assert table.geometry[1].wkt == "POINT (1 2)"
    assert table.faults[0][:2] == (0, "geometry")


def test_a_format_that_is_not_registered_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(isolated, "environment", lambda folder: {**environment(folder), "PYTHONPATH": ""})
    assert refused(tmp_path, "honest").code in {"GM110", "GM202"}


@ON_LINUX
def test_limits_can_be_set_where_they_are_lower_already(tmp_path):
    """A user's own limit (ulimit) is not an error."""
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0));"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20));"
        "from gridmap.exchange import child; child.limit(seconds=9, memory_mb=64, file_mb=99);"
        "print(resource.getrlimit(resource.RLIMIT_FSIZE)[1] // 2**20)"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        check=True,
        capture_output=True,
        env=environment(tmp_path),
    )
    assert done.stdout.split() == [b"1"]


def test_a_system_without_limits_is_served_too(monkeypatch):
    """Windows has no module `resource`."""
    monkeypatch.setattr(child, "resource", None)
    child.limit(seconds=1, memory_mb=1, file_mb=1)
    child.limit_files(1)
    monkeypatch.setattr(sys, "platform", "win32")
    child.leave_network()
