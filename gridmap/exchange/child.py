"""The child process in which a file is read: ``python -m gridmap.exchange.child``.

It takes one request as JSON on standard input, limits itself, calls the format's reader and leaves two files
in the folder it was told: the packed rows, and an answer that says how it went. An honest reader writes
nowhere else; one that a file has taken over has the rights of the user.

A process that limits itself is safe because the limits stand before the first byte of the file is read, and
the kernel does not let them be raised again. Address space is counted from what the libraries have taken.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from gridmap import registry
from gridmap.errors import GridmapError
from gridmap.exchange.format import ReadRequest
from gridmap.exchange.packing import ANSWER, ROWS, pack, without_giants

try:
    import resource
except ImportError:  # Windows has none
    resource = None  # type: ignore[assignment]

MEGABYTE = 2**20
# From linux/prctl.h and linux/sched.h.
PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
Request = dict[str, Any]


def main() -> int:
    """Answer the request on standard input; the exit code is 0 when there is an answer."""
    request: Request = json.load(sys.stdin)
    folder = Path(request["folder"])
    leave_network()
    try:
        answer = answered(request, folder)
    except GridmapError as error:
        answer = {"error": type(error).__name__, **_said(error)}
    except MemoryError:
        answer = {"beyond": "memory"}
    except OSError as error:
        # Too large a file is the limit at work; a full disk is told apart from a bad file.
        beyond = {errno.EFBIG: "memory", errno.ENOMEM: "memory", errno.ENOSPC: "disk"}.get(error.errno or 0)
        answer = {"beyond": beyond} if beyond else {"failed": type(error).__name__}
    except Exception as error:  # noqa: BLE001 - whatever a reader raises on a hostile file is an answer
        answer = {"failed": type(error).__name__}
    (folder / ANSWER).write_text(json.dumps(answer), encoding="utf-8")
    return 0


def answered(request: Request, folder: Path) -> dict[str, Any]:
    """Read the file and pack its rows; return the answer."""
    reader = registry.get("formats", request["format"]).read
    wanted = ReadRequest(**{**request["wanted"], "words": frozenset(request["wanted"]["words"])})
    limit(**request["limits"])
    table = without_giants(reader(Path(request["path"]), wanted), request["vertices"])
    limit_files(request["rows_mb"])
    with (folder / ROWS).open("wb") as stream:
        pack(table, stream)
    return {"rows": len(table.rows)}


def limit(*, seconds: int, memory_mb: int, file_mb: int) -> None:
    """Limit this process for good: memory beyond what it has, processor time, size of files, no core dump.

    Parameters
    ----------
    seconds : int
        Processor seconds; real time is watched by the parent.
    memory_mb : int
        Address space that reading may take, in MB; what could not be packed is told within it.
    file_mb : int
        Size of any file that is written, in MB.

    Notes
    -----
    Only where the standard library has the module ``resource`` (not on Windows, where the parent watches
    the time and nothing limits the memory). The number of processes is not limited: the limit of the kernel
    counts every process of the user, and the libraries need threads.
    """
    if resource is None:
        return
    # Only for the case that the parent is gone: it watches the real time, of all threads together.
    _limit(resource.RLIMIT_CPU, 4 * seconds + 5)
    _limit(resource.RLIMIT_CORE, 0)
    limit_files(file_mb)
    _limit(resource.RLIMIT_AS, address_space() + memory_mb * MEGABYTE)


def limit_files(file_mb: int) -> None:
    """Limit the size of any file that this process writes from now on, in MB: what it gives back is one."""
    if resource is not None:
        _limit(resource.RLIMIT_FSIZE, file_mb * MEGABYTE)


def address_space() -> int:
    """Return the bytes of address space this process has taken; 1 GB where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:
        return 1024 * MEGABYTE
    return pages * os.sysconf("SC_PAGE_SIZE")


def leave_network() -> None:
    """Leave the network, and die with the parent, where the kernel (Linux) lets an ordinary process do so.

    A reader has no reason to ask the network for anything: it gets one local file. Where the kernel refuses,
    the environment that the parent made (no proxy, no remote name resolved by GDAL) is what is left.
    """
    if not sys.platform.startswith("linux"):
        return
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        if libc.unshare(CLONE_NEWNET) != 0:
            libc.unshare(CLONE_NEWUSER | CLONE_NEWNET)


def _limit(which: int, most: int) -> None:
    hard = resource.getrlimit(which)[1]
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(which, (most, most))


def _said(error: GridmapError) -> dict[str, str]:
    return {"code": error.code, "what": error.what, "where": error.where, "fix": error.fix}


if __name__ == "__main__":
    sys.exit(main())
