"""Cleared tables as the bytes of a file, in the format's own or a chosen CRS or datum."""

from __future__ import annotations

import difflib
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gridmap.errors import ConfigError
from gridmap.exchange.cells import drawable
from gridmap.exchange.encodings import canonical
from gridmap.exchange.format import Format, WriteRequest, format_named
from gridmap.geo import crs as geo_crs
from gridmap.geo.datum import SHIFTED, UNSHIFTED, from_wgs84
from gridmap.model.datums import Datum
from gridmap.model.view import View, ViewTable, require_view

WGS84 = UNSHIFTED["wgs84"]
# CGCS2000 counts as WGS 84, as it does for PROJ.
SAME_AS_WGS84 = {4326, 4490}
# A degree is some 111 km: five decimals fewer are metres of the same fineness.
METRES_BEHIND = 5


def write_table(
    view: View,
    table: str,
    fmt: str,
    *,
    crs: str | None = None,
    datum: Datum | None = None,
    encoding: str | None = None,
) -> bytes:
    """Return the finished bytes of one table of a view; nothing touches the disk.

    Parameters
    ----------
    view : View
        Made by `gridmap.privacy.make_view`; nothing else is accepted.
    table : str
        Name of a table of the view.
    fmt : str
        ``"gpkg"``, ``"geojson"``, ``"csv"`` or another registered format.
    crs : str, optional
        CRS to write in; otherwise degrees on WGS 84 (a GeoPackage: of the project's own datum).
    datum : {"wgs84", "cgcs2000", "gcj02", "bd09"}, optional
        Datum of degrees; the last two only in formats whose headers can say so.
    encoding : str, optional
        Of texts, where the format leaves it open; UTF-8 otherwise.

    Returns
    -------
    bytes
        Same view, same bytes. Degrees have the view's decimals, metres five fewer.

    Raises
    ------
    PublishError
        GM601 if `view` is not a view that privacy has cleared.
    ConfigError
        GM105 if the view has no such table; GM106 for a CRS, datum or encoding that the format cannot say;
        GM110 if there is no such format, or it is only read.
    """
    cleared = require_view(view)
    chosen = format_named(fmt)
    if chosen.write is None:
        raise ConfigError(
            "GM110", f"{chosen.title} is only read", where="the file to write", fix="choose another format"
        )
    if table not in cleared.tables:
        close = difflib.get_close_matches(table, sorted(cleared.tables), n=1)
        fix = f"did you mean {close[0]}?" if close else "one of: " + ", ".join(sorted(cleared.tables))
        raise ConfigError(
            "GM105",
            f"the audience {cleared.audience} has no table {table}",
            where="the table to write",
            fix=fix,
        )
    target = _target(chosen, crs, datum)
    request = _request(cleared.tables[table], cleared.decimals, target, _encoding(chosen, encoding))
    return chosen.write(request)


def _target(chosen: Format, crs: str | None, datum: Datum | None) -> str | None:
    """Return what to write in; None for the format's own choice."""
    if crs is not None and datum is not None:
        raise ConfigError(
            "GM106", "both a CRS and a datum are given", where="--crs, --datum", fix="leave one of them out"
        )
    if datum in SHIFTED:
        if not chosen.says_datum:
            raise ConfigError(
                "GM106",
                f"{chosen.title} cannot say that its degrees are {datum}",
                where="--datum",
                fix="write CSV or XLSX, whose headers say it",
            )
        return datum
    if datum is not None:
        crs = UNSHIFTED[datum]
    if crs is None:
        return None if chosen.name == "gpkg" else WGS84
    parsed = geo_crs.any_crs(crs)
    if chosen.defines_crs and parsed.to_epsg() != 4326:  # noqa: PLR2004 - WGS 84
        raise ConfigError(
            "GM106",
            f"{chosen.title} is in degrees on WGS 84 and nothing else",
            where="--crs",
            fix="leave --crs out, or write another format",
        )
    code = parsed.to_epsg()
    return f"EPSG:{code}" if code else crs


def _encoding(chosen: Format, encoding: str | None) -> str:
    if encoding is None or canonical(encoding) == "utf-8":
        return "utf-8"
    if not chosen.chosen_encoding:
        raise ConfigError(
            "GM106",
            f"{chosen.title} has an encoding of its own",
            where="--encoding",
            fix="leave --encoding out",
        )
    return canonical(encoding)


def _request(table: ViewTable, decimals: int, target: str | None, encoding: str) -> WriteRequest:
    frame: Any = table.frame
    if not isinstance(frame, gpd.GeoDataFrame):
        return WriteRequest(table.name, frame, decimals, target or WGS84, encoding)
    here = frame.crs
    code = None if here is None else here.to_epsg()
    own = f"EPSG:{code}" if code else WGS84
    if target is None or here is None:
        return WriteRequest(table.name, frame, decimals, own, encoding)
    geoms = drawable(frame.geometry.to_numpy())
    if target in SHIFTED:
        degrees = _in(geoms, frame, WGS84, decimals)
        moved = shapely.transform(degrees, lambda xy: from_wgs84(xy, target))  # type: ignore[arg-type]
        return _made(table, _rounded(moved, decimals), None, (decimals, target, encoding))
    if not geo_crs.any_crs(target).is_geographic:
        decimals = max(0, decimals - METRES_BEHIND)
    return _made(table, _in(geoms, frame, target, decimals), target, (decimals, target, encoding))


def _in(geoms: Any, frame: Any, target: str, decimals: int) -> Any:
    """Return shapes in another CRS, rounded; as they are where nothing changes."""
    code = frame.crs.to_epsg()
    wanted = geo_crs.any_crs(target).to_epsg()
    if code == wanted or {code, wanted} <= SAME_AS_WGS84:
        return geoms
    moved = gpd.GeoSeries(geoms, crs=frame.crs).to_crs(target).to_numpy()
    return _rounded(drawable(moved), decimals)


def _rounded(geoms: Any, decimals: int) -> Any:
    # Adding zero turns -0.0 into 0.0.
    return shapely.transform(geoms, lambda xy: np.round(xy, decimals) + 0.0)


def _made(table: ViewTable, geoms: Any, crs: str | None, how: tuple[int, str, str]) -> WriteRequest:
    frame = table.frame.drop(columns=table.frame.geometry.name)
    made = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(geoms, index=frame.index, crs=crs))
    decimals, target, encoding = how
    return WriteRequest(table.name, made, decimals, target, encoding)
