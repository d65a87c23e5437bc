"""A SQLite VFS that fails at the n-th write, in the library that Python's sqlite3 module uses.

The default VFS with its writing methods wrapped: what it does is what SQLite would do, until the fault.
"""

import ctypes
import sys
from ctypes import CFUNCTYPE, POINTER, byref, c_char_p, c_int, c_int64, c_void_p, cast
from pathlib import Path

NAME = "gridmap_faulty"
IOERR_WRITE, IOERR_FSYNC, IOERR_TRUNCATE, IOERR_DELETE, FULL = 778, 1034, 1546, 2570, 13

Write = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
Truncate = CFUNCTYPE(c_int, c_void_p, c_int64)
Sync = CFUNCTYPE(c_int, c_void_p, c_int)
Open = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
Delete = CFUNCTYPE(c_int, c_void_p, c_char_p, c_int)


class Methods(ctypes.Structure):
    """sqlite3_io_methods, version 3."""

    _fields_ = (
        [("version", c_int), ("close", c_void_p), ("read", c_void_p)]
        + [("write", c_void_p), ("truncate", c_void_p), ("sync", c_void_p)]
        + [(f"other{number}", c_void_p) for number in range(13)]
    )


class File(ctypes.Structure):
    """sqlite3_file."""

    _fields_ = (("methods", c_void_p),)


class Vfs(ctypes.Structure):
    """sqlite3_vfs, version 3."""

    _fields_ = (
        [("version", c_int), ("size", c_int), ("max_path", c_int), ("next", c_void_p), ("name", c_char_p)]
        + [("data", c_void_p), ("open", c_void_p), ("delete", c_void_p)]
        + [(f"other{number}", c_void_p) for number in range(14)]
    )


def library():
    """Return the SQLite that the sqlite3 module uses, or None where it cannot be reached."""
    import sqlite3

    if sys.platform != "linux":
        return None
    lines = Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()
    paths = {line.split(maxsplit=5)[-1] for line in lines if "sqlite3" in line}
    for path in sorted(paths, key=lambda name: "libsqlite3" not in name):
        try:
            found = ctypes.CDLL(path)
            found.sqlite3_libversion.restype = c_char_p
            if found.sqlite3_libversion().decode() == sqlite3.sqlite_version:
                return found
        except (OSError, AttributeError):
            continue
    return None


class Faults:
    """The shim: `arm` it, act, then `disarm` and look at `calls` and `failed`."""

    def __init__(self, lib):
        self.calls = self.failed = 0
        self._at, self._sticky, self._code, self._torn = None, False, None, False
        self._kept, self._wrapped = [], {}
        lib.sqlite3_vfs_find.restype = c_void_p
        self._base_address = lib.sqlite3_vfs_find(None)
        self._base = cast(self._base_address, POINTER(Vfs)).contents
        self._vfs = Vfs.from_buffer_copy(self._base)
        self._vfs.name, self._vfs.next = NAME.encode(), None
        self._vfs.open = self._keep(Open(self._open))
        self._vfs.delete = self._keep(Delete(self._delete))
        assert lib.sqlite3_vfs_register(byref(self._vfs), 0) == 0

    def arm(self, at, *, sticky=False, code=None, torn=False):
        """Fail at call `at` (from 1), and ever after if `sticky`; `torn`: half of the bytes are written."""
        self.calls = self.failed = 0
        self._at, self._sticky, self._code, self._torn = at, sticky, code, torn

    def disarm(self):
        """Let everything through."""
        self._at = None

    def _keep(self, callback):
        self._kept.append(callback)
        return cast(callback, c_void_p).value

    def _fails(self):
        self.calls += 1
        hit = self._at is not None and (self.calls == self._at or (self._sticky and self.calls > self._at))
        self.failed += hit
        return hit

    def _open(self, _, name, file, flags, out):
        code = Open(self._base.open)(self._base_address, name, file, flags, out)
        opened = cast(file, POINTER(File)).contents
        if code == 0 and opened.methods:
            opened.methods = self._wrap(opened.methods)
        return code

    def _delete(self, _, name, sync):
        if self._fails():
            return IOERR_DELETE
        return Delete(self._base.delete)(self._base_address, name, sync)

    def _wrap(self, address):
        if address not in self._wrapped:
            base = cast(address, POINTER(Methods)).contents
            made = Methods.from_buffer_copy(base)
            real_write, real_truncate, real_sync = (
                Write(base.write),
                Truncate(base.truncate),
                Sync(base.sync),
            )

            def write(file, data, size, offset):
                if self._fails():
                    if self._torn and size > 1:
                        real_write(file, data, size // 2, offset)
                    return self._code or IOERR_WRITE
                return real_write(file, data, size, offset)

            def truncate(file, size):
                return IOERR_TRUNCATE if self._fails() else real_truncate(file, size)

            def sync(file, flags):
                return IOERR_FSYNC if self._fails() else real_sync(file, flags)

            made.write = self._keep(Write(write))
            made.truncate = self._keep(Truncate(truncate))
            made.sync = self._keep(Sync(sync))
            self._kept.append(made)
            self._wrapped[address] = ctypes.addressof(made)
        return self._wrapped[address]
