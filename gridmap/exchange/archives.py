"""ZIP archives unpacked by us, before any library sees what is in them.

A dataset is taken out of an archive by its extension and stem alone and gets a neutral name; the names in the
archive are never used as paths. Nothing else is unpacked, and archives inside are not opened.
"""

from __future__ import annotations

import contextlib
import io
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NoReturn

from gridmap.errors import InputError
from gridmap.exchange.format import Format

MEGABYTE = 2**20
STEP = 2**20
# The list of members is read in one piece; the limit keeps a list of millions out of memory.
LONGEST_LIST = 2 * MEGABYTE
MOST_MEMBERS = 10_000
# Deflate can reach 1032. A table of blanks comes near that, so small files may.
STEEPEST = 200
SMALL = 100 * MEGABYTE
UTF8_NAME = 0x800
ENCRYPTED = 0x1
METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)


@dataclass(frozen=True, slots=True)
class _Member:
    """A file in an archive, with its name as people would read it."""

    info: zipfile.ZipInfo
    path: PurePosixPath

    @property
    def extension(self) -> str:
        return self.path.suffix.lower()


class _Careful(io.BufferedReader):
    """A file of which no piece larger than an honest list of members is read at once."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > LONGEST_LIST:
            raise zipfile.BadZipFile("the list of members is too long")
        return super().read(size)


def unpack(
    archive: Path, *, formats: Sequence[Format], layer: str | None, limit_mb: int, name: str
) -> tuple[Format, Path, bool]:
    """Take the one dataset out of a ZIP archive, into the folder that the archive stands in.

    Parameters
    ----------
    archive : Path
        A private copy of the archive.
    formats : sequence of Format
        Those that may stand in an archive with this extension.
    layer : str or None
        The dataset's name without extension, where there are several.
    limit_mb : int
        Size of what is unpacked, in MB.
    name : str
        The file's name, for messages.

    Returns
    -------
    tuple of Format, Path and bool
        What it is, its main file, called ``data``, and whether `layer` was what chose it.

    Raises
    ------
    InputError
        GM202 if the archive is damaged, encrypted, holds links, names that lead out of it or one name twice,
        or not exactly one dataset; GM209 if it would unpack to more than is allowed.
    """
    with _opened(archive, name) as (opened, members):
        chosen, main, named = _chosen(members, formats, layer, name)
        path = _extracted(opened, members, main, chosen, (archive, limit_mb, name))
        return chosen, path, named


@contextlib.contextmanager
def document(archive: Path, *, name: str) -> Iterator[tuple[zipfile.ZipFile, dict[str, zipfile.ZipInfo]]]:
    """Open a ZIP archive that is one document in parts, such as a workbook.

    Parameters
    ----------
    archive : Path
        A private copy of it.
    name : str
        The file's name, for messages.

    Yields
    ------
    tuple of ZipFile and dict
        The archive, and its members by their names with small letters.

    Raises
    ------
    InputError
        GM202 if it is damaged, or holds names, links or doubles that no document has. Its parts are read with
        `blocks`.
    """
    with _opened(archive, name) as (opened, members):
        yield opened, {str(one.path).casefold(): one.info for one in members}


def blocks(opened: zipfile.ZipFile, info: zipfile.ZipInfo, *, name: str) -> Iterator[bytes]:
    """Give a member of an archive piece by piece; the sizes that the archive itself names are not believed.

    Parameters
    ----------
    opened : ZipFile
        The archive.
    info : ZipInfo
        The member.
    name : str
        The file's name, for messages.

    Yields
    ------
    bytes
        `STEP` of them, fewer at the end.

    Raises
    ------
    InputError
        GM202 if it is damaged.
    """
    with _broken(name):
        stream = opened.open(info)
    with stream:
        while True:
            with _broken(name):
                block = stream.read(STEP)
            if not block:
                return
            yield block


@contextlib.contextmanager
def _opened(archive: Path, name: str) -> Iterator[tuple[zipfile.ZipFile, list[_Member]]]:
    with contextlib.ExitStack() as kept:
        with _broken(name):
            opened = kept.enter_context(zipfile.ZipFile(kept.enter_context(_Careful(io.FileIO(archive)))))
            members = _members(opened, name)
        yield opened, members


@contextlib.contextmanager
def _broken(name: str) -> Iterator[None]:
    """Turn the errors of opening and reading an archive into ours.

    Only around that: what fails in making something of the bytes, or in writing them, is another fault.
    """
    try:
        yield
    except BROKEN as error:
        raise InputError(
            "GM202",
            "the file is damaged, or packed in a way that is not read",
            where=name,
            fix="save it again in the program it came from, or pack it again as an ordinary ZIP archive",
        ) from error


def too_large(limit_mb: int, *, name: str) -> InputError:
    """Return the error for a file, or what is in it, beyond the limit (GM209)."""
    return InputError(
        "GM209",
        f"the file is larger than {limit_mb} MB, with what belongs to it and unpacked",
        where=name,
        fix="divide it, or raise max_file_mb under [imports] in gridmap.toml",
    )


def _members(opened: zipfile.ZipFile, name: str) -> list[_Member]:
    """Return the files in an archive that could be data; refuse an archive made to do harm."""
    infos = opened.infolist()
    if len(infos) > MOST_MEMBERS:
        _refuse_archive(f"the archive holds more than {MOST_MEMBERS} files", name)
    members = []
    for info in infos:
        path = PurePosixPath(_readable(info).replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or re.match("[A-Za-z]:", str(path)):
            _refuse_archive("the archive holds a name that leads out of it", name)
        if stat.S_ISLNK(info.external_attr >> 16):
            _refuse_archive("the archive holds a link to another file", name)
        hidden = path.name.startswith(".") or "__MACOSX" in path.parts
        if not info.is_dir() and not hidden:
            members.append(_Member(info, path))
    names = [str(member.path).casefold() for member in members]
    if len(set(names)) < len(names):
        _refuse_archive("the archive holds one name twice", name)
    return members


def _readable(info: zipfile.ZipInfo) -> str:
    """Return a member's name; one without the mark of UTF-8 is tried as what Chinese programs write."""
    if info.flag_bits & UTF8_NAME:
        return info.filename
    raw = info.filename.encode("cp437", "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


def _chosen(
    members: Sequence[_Member], formats: Sequence[Format], layer: str | None, name: str
) -> tuple[Format, _Member, bool]:
    """Return the one dataset of an archive: the named one (true then), ``doc.kml``, or the only one."""
    named: list[tuple[Format, _Member]] = []
    found = [(one, member) for member in members for one in formats if member.extension in one.extensions]
    # A .dbf beside a .shp is a part of it; alone it is a table.
    mains = {_stem(member) for one, member in found if member.extension not in one.siblings}
    found = [(one, member) for one, member in found if not _is_part(one, member, mains)]
    if len(found) > 1:
        named = [pair for pair in found if layer is not None and pair[1].path.stem == layer]
        found = named or [pair for pair in found if str(pair[1].path).lower() == "doc.kml"] or found
    if len(found) == 1:
        return *found[0], bool(named)
    extensions = ", ".join(sorted({f"*{end}" for one in formats for end in one.extensions}))
    if not found:
        _refuse_archive(f"the archive holds no file {extensions}; archives inside it are not opened", name)
    listed = ", ".join(sorted(member.path.stem for _, member in found)[:20])
    raise InputError(
        "GM202",
        f"the archive holds {len(found)} datasets, and one is wanted",
        where=name,
        fix=f"name one with --layer: {listed}",
    )


def _is_part(one: Format, member: _Member, mains: set[str]) -> bool:
    return member.extension in one.siblings and _stem(member) in mains


def _stem(member: _Member) -> str:
    return str(member.path.with_suffix("")).casefold()


def _extracted(
    opened: zipfile.ZipFile,
    members: Sequence[_Member],
    main: _Member,
    chosen: Format,
    bounds: tuple[Path, int, str],
) -> Path:
    """Unpack a dataset and what belongs to it as ``data.*``, counting every byte."""
    archive, limit_mb, name = bounds
    stem = _stem(main)
    wanted = {f"{stem}{end}".casefold(): end for end in chosen.siblings if end.startswith(".")}
    wanted[str(main.path).casefold()] = main.extension
    most = limit_mb * MEGABYTE
    steepest = max(SMALL, STEEPEST * archive.stat().st_size)
    total = 0
    for member in members:
        extension = wanted.get(str(member.path).casefold())
        if extension is None:
            continue
        if member.info.flag_bits & ENCRYPTED or member.info.compress_type not in METHODS:
            _refuse_archive("the archive is encrypted, or packed in a way that is not read", name)
        with (archive.parent / f"data{extension}").open("xb") as copy:
            for block in blocks(opened, member.info, name=name):
                total += len(block)
                if total > min(most, steepest):
                    raise too_large(limit_mb, name=name)
                copy.write(block)
    return archive.parent / f"data{main.extension}"


def _refuse_archive(what: str, name: str) -> NoReturn:
    raise InputError(
        "GM202", what, where=name, fix="pack it again as an ordinary ZIP archive of the dataset alone"
    )
