"""What a file format is to gridmap: how it is recognised, read and written.

A format is registered under its name in the entry-point group ``gridmap.formats``. Its reader
turns a file into a `RawTable`, values as the file has them; everything after that (which columns
are refused, types, ids, CRS) is done in one place for all formats.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from gridmap import registry
from gridmap.errors import ConfigError, InputError

WGS84 = "OGC:CRS84"


@dataclass(frozen=True, slots=True)
class RawTable:
    """A file's rows before anything is made of them.

    Parameters
    ----------
    columns : mapping of str to sequence
        Values by the file's own column names: text, integers, floats, booleans, None; or a numpy
        array of one of those types.
    geometry : (n,) object ndarray or None
        Shapely geometries (None where a row has none); None if the file has no geometry at all.
    crs : object or None
        What the geometry is in (anything pyproj takes); None if the file does not say.
    rows : (n,) int ndarray
        What the reader of a message would count: spreadsheet rows, features or fids.
    row_word : str
        What such a number is called: ``"row"``, ``"feature"`` or ``"fid"``.
    faults : tuple of (position, column, reason)
        What the reader itself could not understand, e.g. the ``geometry`` of a row.
    """

    columns: Mapping[str, Sequence[Any] | np.ndarray[Any, Any]]
    geometry: np.ndarray[Any, np.dtype[np.object_]] | None
    crs: object | None
    rows: np.ndarray[Any, np.dtype[np.int64]]
    row_word: str = "row"
    faults: tuple[tuple[int, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """What a reader is asked for.

    Parameters
    ----------
    kind : str
        The kind the rows shall become; also the table looked for in a file with several.
    columns : frozenset of str
        Columns of the kind, ``id`` included.
    spatial : bool
        Whether the kind has a geometry.
    degrees : str
        What degrees are in, in a format that does not say.
    layer : str or None
        The table the caller named, where the format has tables.
    """

    kind: str
    columns: frozenset[str]
    spatial: bool
    degrees: str = WGS84
    layer: str | None = None


@dataclass(frozen=True, slots=True)
class WriteRequest:
    """What a writer is asked for.

    Parameters
    ----------
    table : str
        Name of the table.
    frame : DataFrame or GeoDataFrame
        The cleared rows; geometry in lon/lat.
    decimals : int
        Decimals of a degree.
    """

    table: str
    frame: Any
    decimals: int


@dataclass(frozen=True, slots=True)
class Format:
    """A file format.

    Parameters
    ----------
    name : str
        Its name in the registry.
    title : str
        What people call it.
    extensions : tuple of str
        Lower case, with the dot; a file with another extension is never taken for this format.
    looks_right : callable
        Takes the first bytes of a file; False if they cannot be this format.
    read : callable
        Reads a file that passed the checks above.
    write : callable
        Gives the finished bytes of a table: same rows, same bytes.
    """

    name: str
    title: str
    extensions: tuple[str, ...]
    looks_right: Callable[[bytes], bool]
    read: Callable[[Path, ReadRequest], RawTable]
    write: Callable[[WriteRequest], bytes]
    notes: Mapping[str, str] = field(default_factory=dict)


HEAD_BYTES = 4096


def format_of(path: Path) -> Format:
    """Return the format of a file, judged by its extension and its first bytes, never by content alone.

    Raises
    ------
    InputError
        GM202 if it is not a regular file that can be read; GM205 if the extension is not one of ours,
        or the first bytes are another format's.
    """
    known: dict[str, Format] = {
        extension: one for one in registry.everything("formats").values() for extension in one.extensions
    }
    found = known.get(path.suffix.lower())
    if found is None:
        raise InputError(
            "GM205",
            f"files named *{path.suffix or ' without an extension'} are not read",
            where=path.name,
            fix="give one of: " + ", ".join(sorted(known)),
        )
    if not found.looks_right(_head(path)):
        raise InputError(
            "GM205",
            f"the content is not {found.title}, whatever the name says",
            where=path.name,
            fix=f"export it again as {found.title}, or give it the extension of what it is",
        )
    return found


def format_named(name: str) -> Format:
    """Return a format by its name or extension (``gpkg``, ``.gpkg``).

    Raises
    ------
    ConfigError
        GM110 if there is none.
    """
    word = name.lower().lstrip(".")
    for one in registry.everything("formats").values():
        if word == one.name or f".{word}" in one.extensions:
            return one  # type: ignore[no-any-return] # the registry is typed Any
    raise ConfigError(
        "GM110",
        f"no such format: {name or '(none)'}",
        where="the file to write",
        fix="one of: " + ", ".join(registry.names("formats")),
    )


def unreadable(path: Path, what: str, fix: str) -> InputError:
    """Return the error for a file that is damaged or cannot be opened (GM202)."""
    return InputError("GM202", what, where=path.name, fix=fix)


def _head(path: Path) -> bytes:
    # A pipe or a device would block or never end; a folder can be a database to GDAL.
    if not path.is_file():
        what = "not a regular file" if path.exists() else "there is no such file"
        raise InputError("GM202", what, where=str(path), fix="give the path of a file on disk")
    try:
        with path.open("rb") as stream:
            return stream.read(HEAD_BYTES)
    except OSError as error:
        raise unreadable(path, "the file cannot be opened", "give a file that you may read") from error
