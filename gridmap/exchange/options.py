"""How a caller says a file is to be read, where the file does not say it itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypedDict

from gridmap.model.datums import Datum


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the caller says about a file.

    Parameters
    ----------
    layer : str or None
        Table or sheet, where the file has several.
    crs : str or None
        What the coordinates are in: ``"EPSG:4525"`` or anything pyproj takes, or a PROJ pipeline
        (``"+proj=pipeline ..."``) that leads to lon/lat in degrees on WGS 84.
    datum : {"wgs84", "cgcs2000", "gcj02", "bd09"} or None
        What degrees are in; not together with `crs`.
    swap_axes : bool
        The first coordinate is the northing (or the latitude).
    encoding : str or None
        How texts are encoded.
    columns : mapping of str to str
        From the file's headers to columns of the kind, or to ``lon``, ``lat``, ``x``, ``y``, ``wkt``,
        ``place``; an empty text leaves the column out.
    constants : mapping of str to str
        Columns of the kind that have one value in every row (a file of townships does not say so itself).
    id_column : str or None
        Header of the ids; ``"@row"`` makes them of the file's name and the row's number.
    drop_refused : bool
        Take the file in without its refused columns.
    repair : bool
        Mend geometry (close rings, drop repeated vertices, make valid) and list what was mended.
    strict : bool
        Refuse a file with any row that cannot be stored or any column that is not known.
    """

    layer: str | None = None
    crs: str | None = None
    datum: Datum | None = None
    swap_axes: bool = False
    encoding: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    id_column: str | None = None
    drop_refused: bool = False
    repair: bool = False
    strict: bool = False


class ReadKeywords(TypedDict, total=False):
    """The same as keywords of `gridmap.Area.read` and `gridmap.Area.import_file`."""

    layer: str | None
    crs: str | None
    datum: Datum | None
    swap_axes: bool
    encoding: str | None
    columns: Mapping[str, str]
    constants: Mapping[str, str]
    id_column: str | None
    drop_refused: bool
    repair: bool
    strict: bool


class WriteKeywords(TypedDict, total=False):
    """How a table is written: keywords of `gridmap.exchange.write_table` and `gridmap.Area.export`."""

    crs: str | None
    datum: Datum | None
    encoding: str | None
