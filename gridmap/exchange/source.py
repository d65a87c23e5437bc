"""A file from outside, copied to a private place before anything looks into it.

Only the copy is ever opened by a library, under a name that means nothing (``data.gpkg``): neither can a name
be resolved as a remote or virtual file, nor can another program write to it while it is read, nor is the file
that was given touched. Its format follows from its extension and is confirmed by its first bytes; content
alone never decides.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

from gridmap import registry
from gridmap.config import CONFIG_NAME, STORE_NAME, ProjectSpec
from gridmap.errors import InputError
from gridmap.exchange.archives import MEGABYTE, too_large, unpack
from gridmap.exchange.format import HEAD_BYTES, Format, unreadable
from gridmap.exchange.prologue import XML_EXTENSIONS, refuse_entities

STEM = "data"
STEP = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading a file may take.

    Parameters
    ----------
    seconds : int
        Real time in which its rows must have been read.
    memory_mb : int
        Memory for it, in MB (2**20 bytes), besides what the libraries take.
    file_mb : int
        Size of the file with all that belongs to it, unpacked, in MB.
    vertices : int
        Vertices of one geometry; a row with more is quarantined.
    """

    seconds: int
    memory_mb: int
    file_mb: int
    vertices: int

    @classmethod
    def of(cls, spec: ProjectSpec) -> Self:
        """Return the limits that a project's settings name."""
        given = spec.imports
        return cls(given.max_seconds, given.max_memory_mb, given.max_file_mb, given.max_vertices)


@dataclass(frozen=True, slots=True)
class Source:
    """A private copy of a file.

    Parameters
    ----------
    path : Path
        The copy, ``data`` with the file's extension in lower case (of the member, for an archive), what
        belongs to it beside it; gone when `staged` ends.
    format : Format
        What it is to be read as.
    name : str
        The name of the file that was given.
    size : int
        Bytes of that file and of what belongs to it.
    sha256 : str
        SHA-256 of that file. If others belong to it (a shapefile's), of the contents of all one after the
        other, in code-point order of their lower-case extensions (``cat X.dbf X.prj X.shp | sha256sum``).
    layer : str or None
        The table that the caller named, unless that chose the dataset in an archive already.
    """

    path: Path
    format: Format
    name: str
    size: int
    sha256: str
    layer: str | None = None


@contextlib.contextmanager
def staged(path: Path, *, limits: Limits, layer: str | None = None) -> Iterator[Source]:
    """Copy a file and what belongs to it to a private folder, and remove that folder at the end.

    Parameters
    ----------
    path : Path
        A regular file, or a link to one. The name is never given to a library.
    limits : Limits
        ``file_mb`` counts here.
    layer : str, optional
        Which of several datasets of an archive is meant, by its name without extension.

    Yields
    ------
    Source
        The copy.

    Raises
    ------
    InputError
        GM202 if it is not a regular file, cannot be read, is written to at this moment, or is an archive that
        does not hold exactly one dataset; GM205 if the extension is none of ours, the content another
        format's, or the file a project's own store; GM209 if it is too large.
    """
    _refuse_live_store(path)
    extension, candidates, packed = _candidates(path)
    with tempfile.TemporaryDirectory(prefix="gridmap-") as name:
        folder = Path(name)
        copy = folder / f"{STEM}{extension}"
        chosen = candidates[0]
        named = False
        with _room(path.name):
            files = {extension: path} if packed else {extension: path, **_siblings(path, chosen)}
            size, digest = _copied(files, folder, limits, name=path.name)
            if not packed and _siblings(path, chosen).keys() != files.keys() - {extension}:
                raise _changing(path)
            if packed:
                chosen, copy, named = unpack(
                    copy, formats=candidates, layer=layer, limit_mb=limits.file_mb, name=path.name
                )
        _confirm(copy, chosen, name=path.name)
        yield Source(copy, chosen, path.name, size, digest, None if named else layer)


def _refuse_live_store(path: Path) -> None:
    # A copy of a store that is being written to would be torn, and its own rows are in it already.
    try:
        real = path.resolve()
    except (OSError, ValueError, RuntimeError):
        # A link in a circle, a name that no file can have: opening it will say so.
        return
    if real.name == STORE_NAME and (real.parent / CONFIG_NAME).exists():
        raise InputError(
            "GM205",
            "this is a project's own store, not a file to import",
            where=str(path),
            fix="import what this writes: gridmap export TABLE FILE --audience custodian -C PROJECT",
        )


def _candidates(path: Path) -> tuple[str, list[Format], bool]:
    """Return the file's extension, the formats that go under it, and whether it is an archive of them."""
    every = list(registry.everything("formats").values())
    extension = path.suffix.lower()
    packed = [one for one in every if extension in one.archives]
    found = [one for one in every if extension in one.extensions]
    if packed and not found:
        return extension, packed, True
    if not found:
        what = f"files named *{path.suffix} are not read" if path.suffix else "the name has no extension"
        known = sorted({name for one in every for name in (*one.extensions, *one.archives)})
        raise InputError(
            "GM205",
            what,
            where=path.name,
            fix="give one of: " + ", ".join(known),
        )
    return extension, found[:1], False


def _siblings(path: Path, chosen: Format) -> Mapping[str, Path]:
    """Return what belongs to a file, by extension: the same stem, an extension in any case of letters."""
    if not chosen.siblings:
        return {}
    wanted = {_beside(path, one): one for one in chosen.siblings}
    # On a disk that tells cases apart two files may answer to one name; the one spelt like the file is meant.
    folded = {name.casefold(): extension for name, extension in wanted.items()}
    found: dict[str, Path] = {}
    try:
        with os.scandir(path.parent) as entries:
            for entry in sorted(entries, key=lambda one: one.name):
                extension = folded.get(entry.name.casefold())
                if extension is None or entry.name == path.name:
                    continue
                if extension not in found or _exact(entry.name, path, extension):
                    found[extension] = Path(entry.path)
    except OSError as error:
        raise unreadable(path, "its folder cannot be read", "give a file that you may read") from error
    return found


def _beside(path: Path, extension: str) -> str:
    """Return a sibling's name: ``X.dbf`` of ``X.shp``, ``X.gpkg-wal`` of ``X.gpkg``."""
    return (path.stem if extension.startswith(".") else path.name) + extension


def _exact(name: str, path: Path, extension: str) -> bool:
    return name.startswith(_beside(path, extension)[: -len(extension)])


def _copied(files: Mapping[str, Path], folder: Path, limits: Limits, *, name: str) -> tuple[int, str]:
    """Copy files as ``data.*``; return how many bytes they are, and their hash."""
    digest = hashlib.sha256()
    total = 0
    main = next(iter(files.values()))
    with contextlib.ExitStack() as kept:
        streams = {
            extension: kept.enter_context(_opened(path, name=name))
            for extension, path in sorted(files.items())
        }
        # Of all before the first is copied, and again after the last: a log may be written back in between.
        before = [_state(stream, files[extension]) for extension, stream in streams.items()]
        for extension, stream in streams.items():
            # An extension without a dot goes behind the whole name: data.gpkg-wal.
            end = extension if extension.startswith(".") else f"{main.suffix.lower()}{extension}"
            with (folder / f"{STEM}{end}").open("xb") as copy:
                while block := _block(stream, files[extension]):
                    total += len(block)
                    if total > limits.file_mb * MEGABYTE:
                        raise too_large(limits.file_mb, name=name)
                    digest.update(block)
                    copy.write(block)
        after = [_state(stream, files[extension]) for extension, stream in streams.items()]
    # The copy would be of no moment at all.
    if before != after or main.with_name(f"{main.name}-journal").exists():
        raise _changing(main)
    return total, digest.hexdigest()


def _state(stream: BinaryIO, path: Path) -> tuple[int, ...]:
    """Return what changes when somebody writes to a file, or puts another one in its place."""
    opened = os.fstat(stream.fileno())
    try:
        named = path.stat()
    except OSError:
        return (opened.st_size, opened.st_mtime_ns)
    return (opened.st_size, opened.st_mtime_ns, named.st_ino, named.st_size, named.st_mtime_ns)


def _changing(main: Path) -> InputError:
    return unreadable(
        main, "another program is writing to the file", "close it there (or end its edit), then try again"
    )


@contextlib.contextmanager
def _room(name: str) -> Iterator[None]:
    """Turn the error of a full disk into ours: nothing is wrong with the file."""
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.ENOSPC, getattr(errno, "EDQUOT", None), errno.EFBIG}:
            raise
        raise InputError(
            "GM209",
            "there is no room left on the disk to read the file",
            where=name,
            fix="make room in the folder for temporary files",
        ) from error


@contextlib.contextmanager
def _opened(path: Path, *, name: str) -> Iterator[BinaryIO]:
    """Open a regular file; a pipe would block, a device never end, a folder be a database to GDAL."""
    flags = (
        os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    )
    fix = "give the path of a file on disk"
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise InputError("GM202", "not a regular file", where=name, fix=fix)
        handle = os.open(path, flags)
    except FileNotFoundError as error:
        raise InputError("GM202", "there is no such file", where=str(path), fix=fix) from error
    except (OSError, ValueError) as error:
        raise unreadable(path, "the file cannot be opened", "give a file that you may read") from error
    with os.fdopen(handle, "rb") as stream:
        # Asked again of what was opened: the name may mean something else by now.
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise InputError("GM202", "not a regular file", where=name, fix=fix)
        yield stream


def _block(stream: BinaryIO, path: Path) -> bytes:
    try:
        return stream.read(STEP)
    except OSError as error:
        raise unreadable(path, "the file cannot be read to its end", "copy it to a local disk") from error


def _confirm(copy: Path, chosen: Format, *, name: str) -> None:
    """Refuse content that cannot be what the extension says."""
    with copy.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    if not head:
        raise InputError("GM202", "the file is empty", where=name, fix="export it again")
    if not chosen.looks_right(head):
        raise InputError(
            "GM205",
            f"the content is not {chosen.title}, whatever the name says",
            where=name,
            fix=f"export it again as {chosen.title}, or give it the extension of what it is",
        )
    if copy.suffix in XML_EXTENSIONS:
        refuse_entities(copy, name=name)
