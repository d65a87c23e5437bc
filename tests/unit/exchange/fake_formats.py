"""Readers that misbehave, run in the child by the tests of its walls; a fixture installs them."""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import shapely

from gridmap.errors import ConfigError, GridmapError, InputError
from gridmap.exchange.format import Format, RawTable

SECRET = "150223197001011234"  # noqa: S105 - stands for a private cell


def rows(columns, geometry=None):
    count = len(next(iter(columns.values()))) if columns else len(geometry)
    return RawTable(columns, geometry, None, np.arange(1, count + 1))


def honest(path, request):
    return RawTable(
        {"text": [path.read_text(encoding="utf-8"), None, "\ud800"], "number": np.array([2**63 - 1, -1, 0])},
        np.array([shapely.Point(1, 2), None, shapely.Point(3, 4, 5)], dtype=object),
        "EPSG:4326",
        np.array([3, 4, 9]),
        request.kind,
        ((1, "geometry", "is open"),),
        ((1, "a title"),),
        (str(sorted(request.words)),),
        request.encoding,
    )


def asked_of_the_system(path, _request):
    try:
        with socket.create_connection(("127.0.0.1", int(path.read_text(encoding="utf-8"))), timeout=2):
            reached = "reached"
    except OSError:
        reached = "unreachable"
    space = Path("/proc/self/ns/net").readlink() if sys.platform == "linux" else None
    said = {**os.environ, "@reached": reached, "@space": str(space), "@folder": str(Path.cwd())}
    return rows({"name": list(said), "value": list(said.values())})


def hog(_path, _request):
    kept = []
    while True:
        kept.append(bytearray(16 * 2**20))


def hog_in_c(_path, _request):
    # What a library does that cannot take no for an answer.
    if not ctypes.CDLL(None).malloc(ctypes.c_size_t(2**50)):
        os.write(2, b"terminate called after throwing an instance of 'std::bad_alloc'\n")
        os.abort()


def endless(_path, _request):
    while True:
        time.sleep(0.1)


def endless_with_children(path, _request):
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    Path(path.read_text(encoding="utf-8")).write_text(str(other.pid), encoding="ascii")
    endless(None, None)


def leaves_a_child(path, _request):
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    other.returncode = 0  # nobody waits for it
    Path(path.read_text(encoding="utf-8")).write_text(str(other.pid), encoding="ascii")
    return rows({"a": [1]})


def piped(path, _request):
    name = path.read_text(encoding="utf-8")
    folder = next(path.parent.glob("read-*"))
    (folder / name).unlink(missing_ok=True)
    os.mkfifo(folder / name)
    if name == "rows.bin":
        (folder / "answer.json").write_text('{"rows": 1}', encoding="ascii")
    os._exit(0)


def wide(_path, _request):
    return rows({f"c{at}": ["x" * 200] * 200_000 for at in range(4)})


def crash(_path, _request):
    ctypes.string_at(0)


def quiet_end(_path, _request):
    os._exit(0)


def bad_end(_path, _request):
    os._exit(3)


def too_much(_path, _request):
    with Path("large").open("wb") as stream:
        while True:
            stream.write(b"\0" * 2**24)


def fails(_path, _request):
    raise KeyError(SECRET)


def says(_path, _request):
    raise InputError(
        "GM207", "the encoding is not known", where="data.fake: line 3", fix="say it for data.fake"
    )


def lacks(_path, _request):
    raise ConfigError("GM111", "a library is not installed", where="data.fake", fix="install it")


def lies(_path, _request):
    class OddError(GridmapError):
        pass

    raise OddError("GM202", SECRET, where=SECRET, fix=SECRET)


def unknown_code(_path, _request):
    raise InputError("GM999", SECRET, where=SECRET, fix=SECRET)


def strange(_path, _request):
    return rows({"a": [object()]})


def forged(path, _request):
    folder = next(path.parent.glob("read-*"))
    (folder / "rows.bin").write_bytes(b"no rows")
    (folder / "answer.json").write_text('{"rows": 1}', encoding="ascii")
    os._exit(0)


def forged_without_end(path, _request):
    folder = next(path.parent.glob("read-*"))
    (folder / "answer.json").write_text("[" * 100_000, encoding="ascii")
    os._exit(0)


def loud(_path, _request):
    warnings.warn(SECRET, stacklevel=1)
    os.write(1, SECRET.encode())
    os.write(2, SECRET.encode())
    return rows({"a": [1]})


def giant(_path, _request):
    line = shapely.LineString(np.arange(4000, dtype=float).reshape(-1, 2))
    return rows({}, np.array([line, shapely.Point(1, 2)], dtype=object))


READERS = {name: value for name, value in list(globals().items()) if getattr(value, "__code__", None)}
FORMATS = {name: Format(name, "FAKE", (".fake",), bool, read, None) for name, read in READERS.items()}


def __getattr__(name):
    if name.startswith("F_"):
        return FORMATS[name.removeprefix("F_")]
    raise AttributeError(name)
