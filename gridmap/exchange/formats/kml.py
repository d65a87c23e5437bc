"""KML and KMZ: every placemark a row, in degrees on WGS 84.

Read as a stream with the standard library's parser, not with GDAL: a document is well-formed or refused, an
id stays the text it is, an open ring is told, and nothing that the document links to is opened. Written with
values in a schema of our own, every text inert (`gridmap.exchange.inert`), so that it comes back as it was.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gridmap.exchange.cells import attributes, drawable, plain
from gridmap.exchange.format import WGS84, Format, RawTable, ReadRequest, WriteRequest, unreadable
from gridmap.exchange.inert import attribute_text, element_text
from gridmap.exchange.kml_reading import SCHEMA, KmlListener, table_of
from gridmap.exchange.markup import Dialect, looks_like_xml, walk

DIALECT = Dialect("KML", frozenset({"kml", "Document", "Folder", "Placemark"}))
NAME = "name"
# What KML calls an integer has 32 bits; a viewer cuts a longer one.
INT32 = 2**31
SHOWN = 20


def read(path: Path, request: ReadRequest) -> RawTable:
    """Read the placemarks of a document, or of one of its folders; they are counted from 1."""
    listener = KmlListener(repair=request.repair)
    decision = walk(path, listener, DIALECT, asked=request.encoding)
    marks = listener.marks
    if not marks.shapes and not listener.own:
        raise unreadable(
            path, "the file has no placemarks", "export the places themselves; what it links to is not opened"
        )
    columns, shapes = table_of(listener)
    picked = _picked(path, listener, request.layer)
    notes = list(marks.notes)
    if marks.lone:
        notes.append(f"{marks.lone} segments of a single position are left out of their tracks")
    at = {int(row): position for position, row in enumerate(picked)}
    return RawTable(
        {name: [cells[row] for row in at] for name, cells in columns.items()},
        shapes[picked],
        WGS84,
        picked + 1,
        "feature",
        tuple((at[row], column, reason) for row, column, reason in marks.faults if row in at),
        notes=(*decision.notes, *notes),
        encoding=decision.encoding,
    )


def write(request: WriteRequest) -> bytes:
    """Return a table as KML, one placemark a line; rings follow the right-hand rule."""
    table = attributes(request.frame)
    names = [str(name) for name in table.columns]
    cells = {str(name): plain(table[name]) for name in table.columns}
    called = cells.pop(NAME, None)
    values = [_values(name, column) for name, column in cells.items()]
    shapes = _shapes(request)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<kml xmlns="http://www.opengis.net/kml/2.2">',
        f"<Document><name>{element_text(request.table)}</name>",
        f'<Schema name="{attribute_text(request.table)}" id="{SCHEMA}">',
        *(
            f'<SimpleField type="{_type(table[name], cells[name])}" name="{attribute_text(name)}"/>'
            for name in names
            if name != NAME
        ),
        "</Schema>",
    ]
    for row, shape in enumerate(shapes):
        name = "" if called is None or called[row] is None else f"<name>{element_text(called[row])}</name>"
        data = "".join(column[row] for column in values)
        lines.append(
            f'<Placemark>{name}<ExtendedData><SchemaData schemaUrl="#{SCHEMA}">{data}</SchemaData>'
            f"</ExtendedData>{shape}</Placemark>"
        )
    return "\n".join([*lines, "</Document>", "</kml>", ""]).encode("utf-8")


def _picked(path: Path, listener: KmlListener, layer: str | None) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return the rows that are wanted: all, or those in a folder (or document) of that name or path."""
    count = len(listener.marks.shapes)
    if layer is None:
        return np.arange(count, dtype=np.int64)
    places = listener.places()
    found = [row for row, (way, names) in enumerate(places) if layer in names or layer == way]
    if not found:
        known = sorted({way for way, _ in places if way} | {names[-1] for _, names in places if names})
        fix = "name one with --layer: " + ", ".join(known[:SHOWN]) if known else "leave --layer out"
        raise unreadable(path, f"there is no folder {layer} with placemarks", fix)
    return np.array(found, dtype=np.int64)


def _values(name: str, column: list[Any]) -> list[str]:
    """Return the values of a column as elements; none at all for one that is missing."""
    begin = f'<SimpleData name="{attribute_text(name)}">'
    return ["" if cell is None else f"{begin}{_text(cell)}</SimpleData>" for cell in column]


def _text(cell: Any) -> str:
    if isinstance(cell, str):
        return element_text(cell)
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return repr(cell)


def _type(column: Any, cells: list[Any]) -> str:
    """Return what KML calls a column's type; a text where it has none."""
    kind = column.dtype.kind
    if kind in "iu":
        fits = all(cell is None or -INT32 <= cell < INT32 for cell in cells)
        return "int" if fits else "string"
    return {"b": "bool", "f": "double"}.get(kind, "string")


def _shapes(request: WriteRequest) -> list[str]:
    if not isinstance(request.frame, gpd.GeoDataFrame):
        return [""] * len(request.frame)
    geoms = shapely.orient_polygons(drawable(request.frame.geometry.to_numpy()))
    return ["" if geom is None else _shape(geom, request.decimals) for geom in geoms]


def _shape(geom: Any, decimals: int) -> str:
    """Return a shape as KML; one that is empty, or has several parts, as a collection of its parts."""
    kind = geom.geom_type
    if geom.is_empty or hasattr(geom, "geoms"):
        parts = [] if geom.is_empty else [_shape(part, decimals) for part in geom.geoms if not part.is_empty]
        return "<MultiGeometry>" + "".join(parts) + "</MultiGeometry>"
    if kind == "Point":
        return f"<Point>{_coordinates(geom, decimals)}</Point>"
    if kind == "Polygon":
        holes = [f"<innerBoundaryIs>{_ring(one, decimals)}</innerBoundaryIs>" for one in geom.interiors]
        outline = f"<outerBoundaryIs>{_ring(geom.exterior, decimals)}</outerBoundaryIs>"
        return f"<Polygon>{outline}{''.join(holes)}</Polygon>"
    return f"<LineString>{_coordinates(geom, decimals)}</LineString>"


def _ring(ring: Any, decimals: int) -> str:
    return f"<LinearRing>{_coordinates(ring, decimals)}</LinearRing>"


def _coordinates(geom: Any, decimals: int) -> str:
    pairs = shapely.get_coordinates(geom).tolist()
    return (
        "<coordinates>" + " ".join(f"{x:.{decimals}f},{y:.{decimals}f}" for x, y in pairs) + "</coordinates>"
    )


FORMAT = Format("kml", "KML", (".kml",), looks_like_xml, read, write, defines_crs=True, archives=(".kmz",))
