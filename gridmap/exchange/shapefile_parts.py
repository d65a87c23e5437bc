"""What a dBase table can hold of a frame, and the sidecar for the rest.

Names of ten bytes, texts of 254, no difference between nothing and an empty text, or between a single shape
and several of one: the sidecar restores what that loses. It knows the hashes of the files it was written
with; if another program has changed these since, their values count, and the sidecar restores a text only
where its beginning still stands in the table.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self

import numpy as np
import pandas as pd
import shapely

from gridmap.exchange.cells import plain
from gridmap.exchange.dbf import MOST_FIELDS, NAME_BYTES, TEXT_BYTES, Field

INTEGER_BYTES, REAL_BYTES, REAL_DECIMALS, DAY_BYTES = 20, 24, 15, 8
BREAKS = "\t\r\n"
WHAT = "full column names, and values that a shapefile cannot hold; read by gridmap import"
# A shapefile holds one family of shapes; which, by shapely's type ids, and what GDAL calls it.
FAMILIES = np.array([0, 1, 1, 2, 3, 1, 2, -1])
TITLES = ("Point", "LineString", "Polygon", "MultiPoint")
CHANGED = (
    "another program has changed the {}: what the .columns.json keeps of it is used only where it still fits"
)
Geoms = np.ndarray[Any, np.dtype[np.object_]]
Columns = dict[str, list[Any]]


class SidecarError(ValueError):
    """A sidecar is damaged or of another file; the text says why."""


@dataclass
class Sidecar:
    """What is written beside a shapefile.

    Parameters
    ----------
    rows : int
        Rows of the table.
    encoding : str
        How its texts are encoded.
    order : list of str
        Full names of all columns.
    names : dict of str to str
        Full name by field.
    files : dict of str to str
        SHA-256 of the files it belongs to, by extension.
    cells : dict of str to dict
        Exact texts by field and row.
    more : dict of str to list
        Columns for which a dBase table has no room, by full name.
    several : list of int
        Rows whose single shape is one of several.
    shapes : dict of str to str
        Exact shapes by row, as hexadecimal WKB.
    """

    rows: int = 0
    encoding: str = "utf-8"
    order: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    cells: dict[str, dict[str, str]] = field(default_factory=dict)
    more: dict[str, list[Any]] = field(default_factory=dict)
    several: list[int] = field(default_factory=list)
    shapes: dict[str, str] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """Return it as JSON."""
        return (json.dumps({"what": WHAT, **asdict(self)}, ensure_ascii=False, indent=1) + "\n").encode()

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read what `to_bytes` wrote.

        Raises
        ------
        SidecarError
            If it is something else.
        """
        try:
            held = json.loads(data)
            made = cls(**{one.name: held[one.name] for one in fields(cls)})
            sound = _sound(made)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise SidecarError("it is damaged") from error
        if not sound:
            raise SidecarError("it is damaged")
        return made

    def belongs(self, extension: str, data: bytes) -> bool:
        """Say whether a file is as it was when this was written."""
        return self.files.get(extension) == digest(data)

    def restore_columns(self, columns: Columns, rows: Sequence[int], *, unchanged: bool) -> Columns:
        """Give columns their full names and, where no row was added or removed, texts their exact values.

        Raises
        ------
        SidecarError
            If the columns are others.
        """
        made: Columns = {self.names.get(name, name): list(cells) for name, cells in columns.items()}
        if len(made) < len(columns) or self.names.keys().isdisjoint(columns):
            raise SidecarError("the columns are others")
        if list(rows) != list(range(self.rows)):
            return made
        for name in self.cells.keys() & columns.keys():
            restored = made[self.names[name]]
            for key, text in self.cells[name].items():
                at = int(key)
                if unchanged or (restored[at] or "") == _as_read(text, self.encoding):
                    restored[at] = text
        made |= {name: cells for name, cells in self.more.items() if name not in made}
        first = [name for name in self.order if name in made]
        return {name: made[name] for name in dict.fromkeys([*first, *made])}

    def restore_shapes(self, shapes: Geoms) -> Geoms:
        """Give shapes their exact values."""
        made = shapes.copy()
        for at in self.several:
            made[at] = _several(made[at])
        for key, text in self.shapes.items():
            made[int(key)] = shapely.from_wkb(text)
        return made


def digest(data: bytes) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(data).hexdigest()


def fields_of(frame: pd.DataFrame, encoding: str) -> tuple[Sidecar, list[Field], list[list[bytes]]]:
    """Return a frame as dBase fields and cells, and the sidecar for the rest."""
    sidecar = Sidecar(rows=len(frame), encoding=encoding, order=[str(name) for name in frame.columns])
    made: list[Field] = []
    cells: list[list[bytes]] = []
    taken: set[str] = set()
    for name in frame.columns:
        if len(made) == MOST_FIELDS:
            sidecar.more[str(name)] = plain(frame[name])
            continue
        short = _short(str(name), encoding, taken)
        sidecar.names[short] = str(name)
        one, column, exact = _column(frame[name], short.encode(encoding), encoding)
        made.append(one)
        cells.append(column)
        if exact:
            sidecar.cells[short] = exact
    return sidecar, made, cells


def one_family(shapes: Geoms) -> tuple[Geoms, str]:
    """Return the shapes of the commonest family and None for the others, and what GDAL calls it."""
    ids = shapely.get_type_id(shapes)
    families = np.where((ids >= 0) & ~shapely.is_empty(shapes), FAMILIES[ids], -1)
    counts = np.bincount(families[families >= 0], minlength=len(TITLES))
    main = int(counts.argmax())
    kept = shapes.copy()
    kept[families != main] = None
    return kept, TITLES[main]


def keep_shapes(sidecar: Sidecar, shapes: Geoms, held: Geoms) -> None:
    """Keep in the sidecar every shape that a shapefile gives back as another."""
    given, back = shapely.orient_polygons(shapes), shapely.orient_polygons(held)
    both_missing = shapely.is_missing(given) & shapely.is_missing(back)
    for at in np.flatnonzero(~(shapely.equals_identical(given, back) | both_missing)).tolist():
        if back[at] is not None and shapely.equals_identical(given[at], _several(back[at])):
            sidecar.several.append(at)
        else:
            sidecar.shapes[str(at)] = shapely.to_wkb(shapes[at], hex=True, flavor="iso", output_dimension=4)


def _sound(made: Sidecar) -> bool:
    """Say whether a sidecar from outside holds what it should, and of rows that there are."""
    rows = range(made.rows)
    texts = [*made.order, *made.names, *made.names.values(), made.encoding, *made.shapes.values()]
    texts += [text for cells in made.cells.values() for text in cells.values()]
    at = [
        *made.several,
        *map(int, made.shapes),
        *(int(key) for cells in made.cells.values() for key in cells),
    ]
    scalars = {str, int, float, bool, type(None)}
    return (
        all(type(one) is str for one in texts)
        and all(type(one) is int and one in rows for one in at)
        and all(type(cells) is list and len(cells) == made.rows for cells in made.more.values())
        and all(type(cell) in scalars for cells in made.more.values() for cell in cells)
        and len(set(made.order)) == len(made.order)
        and sorted(made.order) == sorted([*made.names.values(), *made.more])
    )


def _several(shape: Any) -> Any:
    """Return a single shape as several of one."""
    makers: dict[int, Any] = {
        shapely.GeometryType.POINT: shapely.multipoints,
        shapely.GeometryType.LINESTRING: shapely.multilinestrings,
        shapely.GeometryType.POLYGON: shapely.multipolygons,
    }
    make = makers.get(shapely.get_type_id(shape))
    return shape if make is None else make([shape])


def _short(name: str, encoding: str, taken: set[str]) -> str:
    """Cut a name to ten bytes on the border of a character, unique whatever the case of letters."""
    kept = "".join(char for char in name if _holds(char, encoding)).strip() or "column"
    number = 0
    while True:
        tail = f"_{number}" if number else ""
        cut = kept.encode(encoding)[: NAME_BYTES - len(tail)].decode(encoding, "ignore").strip()
        short = (cut or "column"[: NAME_BYTES - len(tail)]) + tail
        if short.casefold() not in taken:
            taken.add(short.casefold())
            return short
        number += 1


def _holds(char: str, encoding: str) -> bool:
    try:
        char.encode(encoding)
    except UnicodeEncodeError:
        return False
    return char.isprintable()


def _column(column: pd.Series[Any], name: bytes, encoding: str) -> tuple[Field, list[bytes], dict[str, str]]:
    values = plain(column)
    sort = column.dtype.kind
    if sort in "iu":
        texts = [b"" if v is None else b"%d" % v for v in values]
        return _right(Field(name, "N", INTEGER_BYTES), texts)
    if sort == "b":
        return _right(Field(name, "L", 1), [{True: b"T", False: b"F"}.get(v, b"?") for v in values])
    if sort == "M":
        texts = [b"" if v is None else v.replace("-", "").encode() for v in values]
        return _right(Field(name, "D", DAY_BYTES), texts)
    if sort == "f":
        texts = [b"" if v is None or not np.isfinite(v) else repr(v).encode() for v in values]
        return _right(Field(name, "F", REAL_BYTES, REAL_DECIMALS), texts)
    made = [b"" if value is None else _text(str(value), encoding) for value in values]
    exact = {
        str(at): str(value)
        for at, (value, cell) in enumerate(zip(values, made, strict=True))
        if value is not None and (not cell or _as_read(str(value), encoding) != value)
    }
    width = max([1, *map(len, made)])
    return Field(name, "C", width), [cell.ljust(width) for cell in made], exact


def _text(value: str, encoding: str) -> bytes:
    """Return a text as a field holds it."""
    if not value.isprintable() or not value.isascii():
        value = "".join(char for char in value if char in BREAKS or _holds(char, encoding))
    made = value.encode(encoding)
    return made if len(made) <= TEXT_BYTES else made[:TEXT_BYTES].decode(encoding, "ignore").encode(encoding)


def _as_read(value: str, encoding: str) -> str:
    """Return a text as it is read back out of its field."""
    return _text(value, encoding).rstrip(b" ").decode(encoding)


def _right(one: Field, texts: list[bytes]) -> tuple[Field, list[bytes], dict[str, str]]:
    return one, [text.rjust(one.width) for text in texts], {}


def hashes(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Return the hashes of the files that a sidecar belongs to."""
    return {extension: digest(data) for extension, data in parts.items() if extension in {".dbf", ".shp"}}
