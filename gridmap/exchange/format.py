"""What a file format is to gridmap: how it is recognised, read and written.

A format is registered under its name in the entry-point group ``gridmap.formats``. Its reader
turns a file into a `RawTable`, values as the file has them; everything after that (which columns
are refused, types, ids, CRS) is done in one place for all formats.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
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
    crs : str or None
        What the geometry is in, as a text that pyproj takes; None if the file does not say.
    rows : (n,) int ndarray
        What the reader of a message would count: spreadsheet rows, features or fids.
    row_word : str
        What such a number is called: ``"row"``, ``"feature"`` or ``"fid"``.
    faults : tuple of (position, column, reason)
        What the reader itself could not understand, e.g. the ``geometry`` of a row.
    left_out : tuple of (number, reason)
        Rows that are no data and are not among `rows`: titles, blanks, totals; by their number.
    notes : tuple of str
        What the reader found out or decided, one sentence each; never a value.
    encoding : str or None
        How the texts were decoded, where the format leaves that open.
    """

    columns: Mapping[str, Sequence[Any] | np.ndarray[Any, Any]]
    geometry: np.ndarray[Any, np.dtype[np.object_]] | None
    crs: str | None
    rows: np.ndarray[Any, np.dtype[np.int64]]
    row_word: str = "row"
    faults: tuple[tuple[int, str, str], ...] = ()
    left_out: tuple[tuple[int, str], ...] = ()
    notes: tuple[str, ...] = ()
    encoding: str | None = None


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """What a reader is asked for.

    Parameters
    ----------
    kind : str
        The kind the rows shall become; also the table looked for in a file with several.
    spatial : bool
        Whether the kind has a geometry.
    layer : str or None
        The table or sheet the caller named, where the format has several.
    encoding : str or None
        How the caller says texts are encoded, where the format leaves that open.
    words : frozenset of str
        Headers that mean something to the kind, folded (see `gridmap.exchange.vocabulary.fold`): a reader
        that must find the header row looks for them.
    repair : bool
        Close rings that are open, where the reader would otherwise refuse them.
    """

    kind: str
    spatial: bool
    layer: str | None = None
    encoding: str | None = None
    words: frozenset[str] = frozenset()
    repair: bool = False


@dataclass(frozen=True, slots=True)
class WriteRequest:
    """What a writer is asked for.

    Parameters
    ----------
    table : str
        Name of the table.
    frame : DataFrame or GeoDataFrame
        The cleared rows; geometry in `crs` (x or longitude first), already rounded.
    decimals : int
        Decimals that coordinates are written with.
    crs : str
        What the geometry is in: ``"EPSG:4326"``, or another code; with a `datum` of a web map the word
        ``"gcj02"`` or ``"bd09"``, which only a format that can say so accepts.
    encoding : str
        How texts are encoded, in a format that leaves it open.
    """

    table: str
    frame: Any
    decimals: int
    crs: str = "EPSG:4326"
    encoding: str = "utf-8"


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
        Reads a file that passed the checks above, in a child process with limits; the path is that of a
        private copy called ``data`` with the first of `extensions` (or that of the member of an archive),
        its `siblings` beside it.
    write : callable
        Gives the finished bytes of a table: same rows, same bytes. None for a format that is only read.
    says_datum : bool
        Whether its headers say what positions are in, so that it can be written in a web map's datum.
    chosen_encoding : bool
        Whether it leaves open how texts are encoded, so that `write` takes another than UTF-8.
    siblings : tuple of str
        Extensions of the files that belong to it (``.dbf``), lower case; found beside it in any case.
    defines_crs : bool
        Whether the format itself fixes what its coordinates are in (GeoJSON, KML, GPX).
    archives : tuple of str
        Extensions under which a ZIP archive of this format goes (``.zip``, ``.kmz``).
    only_read : tuple of str
        Those of `extensions` under which it is never written (``.xlsm``, which promises macros).
    """

    name: str
    title: str
    extensions: tuple[str, ...]
    looks_right: Callable[[bytes], bool]
    read: Callable[[Path, ReadRequest], RawTable]
    write: Callable[[WriteRequest], bytes] | None
    says_datum: bool = False
    chosen_encoding: bool = False
    siblings: tuple[str, ...] = ()
    defines_crs: bool = False
    archives: tuple[str, ...] = ()
    only_read: tuple[str, ...] = ()


HEAD_BYTES = 4096


def format_named(name: str) -> Format:
    """Return a format that is written, by its name or the extension of its files (``gpkg``, ``.gpkg``).

    A format of several files is written as one archive, and goes under that extension.

    Raises
    ------
    ConfigError
        GM110 if there is none.
    """
    word = name.lower().lstrip(".")
    known: dict[str, Format] = {}
    for one in registry.everything("formats").values():
        if one.write is not None:
            known |= dict.fromkeys((one.name, *(end.lstrip(".") for end in written_as(one))), one)
    if word in known:
        return known[word]
    raise ConfigError(
        "GM110",
        f"no such format to write: {name or '(none)'}",
        where="the file to write",
        fix="give it one of these extensions: "
        + ", ".join(sorted({end for one in known.values() for end in written_as(one)})),
    )


def written_as(one: Format) -> tuple[str, ...]:
    """Return the extensions of the files that a format writes: those of its archive, where it has parts."""
    if one.siblings and one.archives:
        return one.archives
    return tuple(end for end in one.extensions if end not in one.only_read)


def unreadable(path: Path, what: str, fix: str) -> InputError:
    """Return the error for a file that is damaged or cannot be opened (GM202)."""
    return InputError("GM202", what, where=path.name, fix=fix)
