"""A file read in a process of its own, with limits: what crashes, hangs or grows there does no harm here.

The child (`gridmap.exchange.child`) gets the path of a private copy (`gridmap.exchange.source`), an
environment made for it and limits on time, memory and file size; its rows come back as plain buffers
(`gridmap.exchange.packing`), its errors as one of a fixed list of classes. Nothing it says is executed,
nothing it writes to its standard streams is shown.

What holds where: on Linux real time, processor time, address space, file size, no core dump, no network
(where the kernel grants a network namespace); on macOS the same but for address space and network; on Windows
real time alone. What comes back is counted on every system. No wall is one of the file system's: a child that
a file has taken over has the rights of the user.
"""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import site
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gridmap import errors
from gridmap.errors import ConfigError, GridmapError, InputError
from gridmap.exchange import processes
from gridmap.exchange.format import RawTable, ReadRequest
from gridmap.exchange.packing import ANSWER, ROWS, PackingError, unpack, without_giants
from gridmap.exchange.processes import opened_left
from gridmap.exchange.source import Limits, Source

LOG = logging.getLogger(__name__)
MODULE = "gridmap.exchange.child"
# What a reader may raise; nothing is looked up by a name that the child sends.
KNOWN: dict[str, type[GridmapError]] = {"ConfigError": ConfigError, "InputError": InputError}
LONGEST_ANSWER = 2**20
LONGEST_TEXT = 4000
MEGABYTE = 2**20
KEPT = ("PATH", "SYSTEMROOT", "WINDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TZ")
# Folders with the tables of GDAL and PROJ, which some installations name by the environment.
DATA_FOLDERS = ("GDAL_DATA", "PROJ_DATA", "PROJ_LIB")
ENVIRONMENT = {
    "PYTHONUTF8": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONNOUSERSITE": "1",
    # One thread and few arenas: address space is what is limited.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "GDAL_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    # GDAL and PROJ: no network, no file but the one given, no settings of the user.
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".no-such-extension",
    "CPL_CURL_ENABLE_VSIMEM": "NO",
    "GDAL_HTTP_TIMEOUT": "1",
    "GDAL_HTTP_CONNECTTIMEOUT": "1",
    "GDAL_HTTP_MAX_RETRY": "0",
    "GDAL_CONFIG_FILE": "",
    # Drivers that read what a file names instead of the file: other files, programs, addresses.
    "GDAL_SKIP": "OGR_VRT,VRT,DERIVED,GTI,HTTP,WFS,OAPIF,CSW,Carto,AmigoCloud,Elasticsearch,PLSCENES,NGW,"
    "EEDA,OGCAPI,GDALG,ADBC,GPSBabel,WMS,WCS,WMTS,STACTA,STACIT,PLMOSAIC",
    "GDAL_DRIVER_PATH": "disable",
    "OGR_SQLITE_LOAD_EXTENSIONS": "NO",
    "PROJ_NETWORK": "OFF",
}


def read_isolated(source: Source, request: ReadRequest, *, limits: Limits) -> RawTable:
    """Read a file's rows in a child process.

    Parameters
    ----------
    source : Source
        A private copy of the file.
    request : ReadRequest
        What the reader is asked for.
    limits : Limits
        Seconds of real time, memory beyond that of the libraries, vertices of one geometry.

    Returns
    -------
    RawTable
        As the format's reader made it; a geometry with too many vertices is missing and has a fault.

    Raises
    ------
    InputError
        What the reader raised; GM209 beyond the time, the memory or the disk; GM202 if the reader crashed or
        failed in a way of its own.
    ConfigError
        What the reader raised, such as GM105 for a table that is not there or GM111 for a missing library.
    """
    with tempfile.TemporaryDirectory(prefix="read-", dir=source.path.parent) as name:
        folder = Path(name)
        asked = {
            "path": str(source.path),
            "folder": str(folder),
            "format": source.format.name,
            "wanted": {**asdict(request), "words": sorted(request.words)},
            "vertices": limits.vertices,
            "rows_mb": _rows_mb(limits),
            "limits": {
                "seconds": limits.seconds,
                "memory_mb": limits.memory_mb,
                "file_mb": limits.file_mb + limits.memory_mb,
            },
        }
        ended = _run(json.dumps(asked).encode("ascii"), folder, source, limits)
        answer = _answer(folder)
        if ended != 0 or answer is None:
            raise _crashed(ended, folder / "said.txt", source, limits)
        if "rows" not in answer:
            raise _error(answer, source, limits)
        return _rows(folder / ROWS, answer["rows"], source, limits)


def environment(folder: Path) -> dict[str, str]:
    """Return the whole environment of the child, made anew.

    Parameters
    ----------
    folder : Path
        The child's home and place for temporary files.

    Returns
    -------
    dict of str to str
        The modules this process can import, the system's own folders, and settings that keep GDAL and PROJ to
        the file; no variable of the user's that GDAL, PROJ, Python or a proxy would obey.
    """
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    folders = {name: os.environ[name] for name in DATA_FOLDERS if os.environ.get(name)}
    kept |= {name: place for name, place in folders.items() if Path(place).is_dir()}
    # Also when this process found gridmap through a path that only it was given. A relative entry
    # would mean another folder there, and might be the folder of the file.
    paths = [one for one in sys.path if Path(one).is_absolute() and os.pathsep not in one]
    made = {**kept, **ENVIRONMENT, "PYTHONPATH": os.pathsep.join(paths)}
    made |= dict.fromkeys(("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP"), str(folder))
    if site.ENABLE_USER_SITE:
        del made["PYTHONNOUSERSITE"]
        made["PYTHONUSERBASE"] = site.getuserbase()
    return made


def _run(asked: bytes, folder: Path, source: Source, limits: Limits) -> int:
    """Run the child to its end; return its exit code, negative for a signal."""
    command = [_interpreter(source), "-P", "-m", MODULE]
    try:
        child = processes.started(command, asked, folder, environment(folder))
    except OSError as error:
        raise _no_process(source, "the system starts no process for it") from error
    try:
        if not processes.ends(child, limits.seconds):
            raise _beyond("time", source, limits)
    finally:
        # Also when the user interrupts: nothing that the child started is left running.
        processes.kill(child)
    LOG.debug("%s: read by process %d, exit code %d", source.name, child.pid, child.returncode)
    return child.returncode


def _interpreter(source: Source) -> str:
    found = processes.interpreter()
    if found is None:
        raise _no_process(source, "this program has Python inside, and no interpreter beside it")
    return found


def _no_process(source: Source, why: str) -> InputError:
    return InputError(
        "GM202",
        f"the file is read by a process of its own, and {why}",
        where=source.name,
        fix="run gridmap with Python itself, in a terminal or a notebook",
    )


def _answer(folder: Path) -> dict[str, Any] | None:
    try:
        with opened_left(folder / ANSWER) as stream:
            answer = json.loads(stream.read(LONGEST_ANSWER))
    except (OSError, ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def _rows(path: Path, count: Any, source: Source, limits: Limits) -> RawTable:
    try:
        with opened_left(path) as stream:
            # Here they take more memory than as bytes, and this process has no limit of its own.
            if os.fstat(stream.fileno()).st_size > _rows_mb(limits) * MEGABYTE:
                raise _beyond("memory", source, limits)
            table = unpack(stream)
        if len(table.rows) != count:
            raise _failed("an answer that cannot be read", source)
        # Asked again on this side: the child is not believed.
        return without_giants(table, limits.vertices)
    except (PackingError, OSError) as error:
        raise _failed("an answer that cannot be read", source) from error
    except MemoryError as error:
        raise _beyond("memory", source, limits) from error


def _rows_mb(limits: Limits) -> int:
    """Return how large the packed rows may be, in MB."""
    return max(1, limits.memory_mb // 2)


def _error(answer: dict[str, Any], source: Source, limits: Limits) -> GridmapError:
    """Return the error that the child's answer stands for, from a fixed list."""
    if "beyond" in answer:
        return _beyond(str(answer["beyond"]), source, limits)
    kind, code = KNOWN.get(str(answer.get("error"))), str(answer.get("code"))
    if kind is not None and code in errors.CATALOGUE:
        what, where, fix = (_own_words(answer.get(part), source) for part in ("what", "where", "fix"))
        return kind(code, what, where=where, fix=fix)
    name = str(answer.get("failed") or answer.get("error"))
    return _failed(name if re.fullmatch(r"[A-Za-z_]{1,60}", name) else "an unnamed fault", source)


def _own_words(text: Any, source: Source) -> str:
    """Return a text of the child with the file's own name in place of the copy's."""
    return str(text)[:LONGEST_TEXT].replace(source.path.name, source.name)


def _failed(how: str, source: Source) -> InputError:
    return InputError(
        "GM202",
        f"the file cannot be read as {source.format.title} ({how})",
        where=source.name,
        fix=f"open it in the program it came from and export it again as {source.format.title}",
    )


def _crashed(ended: int, said: Path, source: Source, limits: Limits) -> InputError:
    killed = {getattr(signal, name, None) for name in ("SIGKILL", "SIGXCPU", "SIGXFSZ")}
    if ended < 0 and -ended in killed:
        # Not by us: by the kernel, when memory, processor time or the disk ran out.
        return _beyond("time" if -ended == getattr(signal, "SIGXCPU", None) else "memory", source, limits)
    if re.search(rb"bad_alloc|MemoryError|out of memory|[Cc]annot allocate|malloc", _last(said)):
        return _beyond("memory", source, limits)
    return InputError(
        "GM202",
        "the reader crashed on this file",
        where=source.name,
        fix=f"open it in the program it came from and export it again as {source.format.title}",
    )


def _last(said: Path) -> bytes:
    try:
        with opened_left(said) as stream:
            stream.seek(max(0, os.fstat(stream.fileno()).st_size - LONGEST_TEXT))
            return stream.read(LONGEST_TEXT)
    except OSError:
        return b""


def _beyond(what: str, source: Source, limits: Limits) -> InputError:
    """Return the error for a file that goes beyond a limit (GM209)."""
    known = {
        "time": (
            f"reading took more than {limits.seconds} seconds",
            "give a smaller file, or raise max_seconds under [imports] in gridmap.toml",
        ),
        "disk": (
            "there is no room left on the disk to read the file",
            "make room in the folder for temporary files",
        ),
    }
    said, fix = known.get(
        what,
        (
            f"reading took more than {limits.memory_mb} MB of memory",
            "give a smaller file, or raise max_memory_mb under [imports] in gridmap.toml",
        ),
    )
    return InputError("GM209", said, where=source.name, fix=fix)
