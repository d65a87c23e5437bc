"""Boundary markers placed by chainage: a list of numbers and chainages becomes landmarks on the line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import shapely

from gridmap import exchange
from gridmap.config import CONFIG_NAME, KindSpec
from gridmap.config.spec import ColumnSpec
from gridmap.config.texts import Text
from gridmap.errors import ConfigError, InputError
from gridmap.exchange.ids import ROW_ID
from gridmap.geo import stationing as lines
from gridmap.project.marker_rows import marker_stations
from gridmap.project.reading import read_unnamed
from gridmap.project.stationing import LANDMARK, MARKER

if TYPE_CHECKING:
    from gridmap.config import ProjectSpec
    from gridmap.exchange import ReadOptions
    from gridmap.project.stationing import Measured

KIND = "marker_list"
SHOWN = 5
NEEDED = ("class", "number")
LINES = (
    f'add to {CONFIG_NAME} [kinds.landmark] with geometry = "point", a title and the text columns name, '
    'class (with "marker" among its values) and number, as in a new project; and to the audiences that may '
    'see it landmark = ["id", "name", "class", "number", "status"]'
)
# What a list of markers is read as.
LIST = KindSpec(
    geometry="none",
    title=Text(en="Boundary markers", zh="界标"),
    columns={
        "number": ColumnSpec(type="text", required=True, title=Text(en="Number", zh="编号")),
        "chainage": ColumnSpec(type="text", required=True, title=Text(en="Chainage", zh="里程")),
        "offset_m": ColumnSpec(type="real", min=0, title=Text(en="Offset (m)", zh="偏距(米)")),
        "side": ColumnSpec(type="text", title=Text(en="Side", zh="侧")),
        "name": ColumnSpec(type="text", title=Text(en="Name", zh="名称")),
        "surveyed_m": ColumnSpec(
            type="real", min=0, title=Text(en="Surveyed chainage (m)", zh="实测里程(米)")
        ),
    },
)


def markers_from_file(where: Measured, path: Path, options: ReadOptions) -> gpd.GeoDataFrame:
    """Return landmarks of the class marker, placed by the chainages of a file; nothing is stored.

    Parameters
    ----------
    where : Measured
        The border.
    path : Path
        A table in any format that `import` reads with ``number`` and ``chainage`` (``K23+450``, ``23450``
        metres, or as surveyed ``SK23+910``), and if wanted ``offset_m``, ``side``, ``name``, ``surveyed_m``
        and ids.
    options : ReadOptions
        What the file does not say itself.

    Returns
    -------
    GeoDataFrame
        Rows of the kind landmark. A marker that is stored already, by its number, keeps its id and its other
        values; a new one without an id is called ``marker-NUMBER``.

    Raises
    ------
    RowsError
        GM206 with every row that cannot be placed, and for a file without rows.
    ConfigError
        GM105 if the project has no kind that holds them.
    """
    require_landmarks(where.area.spec)
    reading = _read(where, path, options)
    along, offset, sides = marker_stations(where, reading)
    xy = lines.placed(where.border, along, offset, sides)
    return _landmarks(where, reading.frame, xy, named=reading.headers.id_header != ROW_ID)


def _read(where: Measured, path: Path, options: ReadOptions) -> exchange.Reading:
    known = where.area.spec
    spec = known.model_copy(update={"kinds": {**known.kinds, KIND: LIST}})
    return read_unnamed(path, kind=KIND, spec=spec, options=options, jurisdiction=None)


def require_landmarks(spec: ProjectSpec) -> None:
    """Refuse a project without a kind ``landmark`` that can hold boundary markers.

    Raises
    ------
    ConfigError
        GM105, with the lines to add.
    """
    kind = spec.kinds.get(LANDMARK)
    sound = kind is not None and kind.geometry == "point" and all(_takes(kind, one) for one in NEEDED)
    if not sound:
        raise ConfigError(
            "GM105",
            "the project has no kind landmark that holds boundary markers",
            where=f"{CONFIG_NAME}: kinds",
            fix=LINES,
        )


def _takes(kind: KindSpec, name: str) -> bool:
    """Say whether a kind has a column of text, and that of classes a class for markers."""
    column = kind.columns.get(name)
    if column is None or column.type != "text":
        return False
    allowed = None if name != "class" else column.model_dump()["values"]
    return not allowed or MARKER in allowed


def _landmarks(where: Measured, given: pd.DataFrame, xy: Any, *, named: bool) -> gpd.GeoDataFrame:
    stored = where.tables[LANDMARK]
    markers = stored[stored["class"].eq(MARKER).fillna(value=False) & stored["number"].notna()]
    known = markers.drop_duplicates("number").set_index("number")["id"].to_dict()
    numbers = given["number"].tolist()
    own = given["id"].tolist() if named else [f"{MARKER}-{one}" for one in numbers]
    ids = [known.get(number, made) for number, made in zip(numbers, own, strict=True)]
    rows = stored.set_index("id").reindex(ids).reset_index()
    rows["id"] = pd.array(ids, dtype="str")
    rows["class"] = pd.array([MARKER] * len(ids), dtype="str")
    rows["number"] = pd.array(numbers, dtype="str")
    for name in ("name", "surveyed_m"):
        if name in rows.columns:
            rows[name] = given[name].reset_index(drop=True).combine_first(rows[name])
    placed = gpd.GeoSeries(shapely.points(xy), crs=where.area.spec.crs)
    plain = pd.DataFrame(rows.drop(columns="geometry"))
    found: gpd.GeoDataFrame = gpd.GeoDataFrame(plain, geometry=placed)
    return found


def keep_markers(where: Measured, rows: gpd.GeoDataFrame, *, source: str, force: bool = False) -> str:
    """Store markers as landmarks, and return the new revision; `Area.undo` takes it back.

    Raises
    ------
    InputError
        GM211 if a marker with one of the ids is stored already and `force` does not say to move it; and,
        `force` or not, if a landmark of another class has the id.
    """
    stored = where.tables[LANDMARK]
    other = set(stored["id"][~stored["class"].eq(MARKER).fillna(value=False)])
    there = sorted(set(rows["id"]) & (other if force else set(stored["id"])))
    if there:
        more = f" and {len(there) - SHOWN} more" if len(there) > SHOWN else ""
        raise InputError(
            "GM211",
            "1 of the ids is stored already"
            if len(there) == 1
            else f"{len(there)} of the ids are stored already",
            where=f"{source}: {LANDMARK} " + ", ".join(there[:SHOWN]) + more,
            fix="move markers with --force; give others an id of their own, or leave them out of the file",
        )
    return where.area.save(rows, kind=LANDMARK, source=source)
