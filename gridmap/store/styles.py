"""QGIS styles in ``layer_styles``: the file opens coloured by defence layer.

Okabe-Ito colours, one per layer (line vermilion, area bluish green, point blue), and never colour alone:
dashes, hatches and shapes differ too. A style that somebody saved in QGIS is left as it is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from xml.sax.saxutils import quoteattr

from gridmap.config.spec import LevelSpec
from gridmap.store.ddl import EPOCH, GEOM

OWNER = "gridmap"
OUTLINES = (0.6, 0.2, 0.1)
LINE, AREA, POINT = "213,94,0", "0,158,115", "0,114,178"
GREY, DARK, PURPLE, ORANGE, WHITE = "110,110,110", "40,40,40", "204,121,167", "230,159,0", "255,255,255"
WATER = "110,159,192"
Properties = dict[str, str]
Symbol = tuple[str, str, Properties]


def _line(colour: str, width: float, dash: str = "solid") -> Symbol:
    properties = {
        "line_color": f"{colour},255",
        "line_style": dash,
        "line_width": f"{width:g}",
        "line_width_unit": "MM",
        "capstyle": "round",
        "joinstyle": "round",
    }
    return ("line", "SimpleLine", properties)


def _fill(colour: str, pattern: str, outline: float, dash: str = "solid") -> Symbol:
    properties = {
        "color": f"{colour},90",
        "style": pattern,
        "outline_color": f"{colour},255",
        "outline_style": dash,
        "outline_width": f"{outline:g}",
        "outline_width_unit": "MM",
    }
    return ("fill", "SimpleFill", properties)


def _mark(colour: str, shape: str, size: float) -> Symbol:
    properties = {
        "name": shape,
        "color": f"{colour},255",
        "outline_color": f"{WHITE},255",
        "outline_width": "0.3",
        "size": f"{size:g}",
        "size_unit": "MM",
    }
    return ("marker", "SimpleMarker", properties)


def _symbol(symbol: Symbol, name: str) -> str:
    kind, cls, properties = symbol
    options = "".join(
        f'<Option type="QString" name={quoteattr(key)} value={quoteattr(value)}/>'
        for key, value in properties.items()
    )
    return (
        f'<symbol type="{kind}" name="{name}" alpha="1" clip_to_extent="1" force_rhr="0">'
        f'<layer class="{cls}" enabled="1" locked="0" pass="0"><Option type="Map">{options}</Option></layer>'
        "</symbol>"
    )


def _single(symbol: Symbol) -> str:
    return (
        f'<renderer-v2 type="singleSymbol" symbollevels="0" enableorderby="0">'
        f"<symbols>{_symbol(symbol, '0')}</symbols></renderer-v2>"
    )


def _by_rule(*rules: tuple[str, str, Symbol]) -> str:
    """Draw each row by every filter that holds; an empty filter is for the rest."""
    lines = "".join(
        f"<rule key={quoteattr(f'{OWNER}{number}')} label={quoteattr(label)} "
        f'filter={quoteattr(test or "ELSE")} symbol="{number}"/>'
        for number, (label, test, _) in enumerate(rules)
    )
    symbols = "".join(_symbol(symbol, str(number)) for number, (_, _, symbol) in enumerate(rules))
    return (
        '<renderer-v2 type="RuleRenderer" symbollevels="0" enableorderby="0">'
        f'<rules key="{OWNER}">{lines}</rules><symbols>{symbols}</symbols></renderer-v2>'
    )


def _households() -> str:
    return _by_rule(
        ("堡垒户 stronghold", '"stronghold" = 1', _mark(POINT, "star", 4.2)),
        ("牧户 household", "", _mark(POINT, "circle", 1.8)),
    )


def _findings() -> str:
    worst = "\"level\" = 'error'"
    kinds = (
        ("Polygon", _fill(PURPLE, "b_diagonal", 0.6), _fill(ORANGE, "f_diagonal", 0.4)),
        ("Line", _line(PURPLE, 1.6, "dot"), _line(ORANGE, 1.0, "dot")),
        ("Point", _mark(PURPLE, "cross2", 4.0), _mark(ORANGE, "cross2", 3.0)),
    )
    rules: list[tuple[str, str, Symbol]] = []
    for kind, error, other in kinds:
        shape = f"geometry_type($geometry) = '{kind}'"
        rules.append((f"错误 error ({kind})", f"{shape} and {worst}", error))
        rules.append((f"提示 other ({kind})", f"{shape} and not ({worst})", other))
    return _by_rule(*rules)


RENDERERS: dict[str, Callable[[], str]] = {
    "border": lambda: _single(_line(LINE, 1.2)),
    "sections": lambda: _single(_line(LINE, 2.0, "dash")),
    "patrol_zone": lambda: _single(_fill(AREA, "b_diagonal", 0.4, "dash")),
    "household": _households,
    "outpost": lambda: _single(_mark(LINE, "triangle", 3.6)),
    "track": lambda: _single(_line(GREY, 0.4, "dash")),
    "landmark": lambda: _single(_mark(DARK, "diamond", 2.6)),
    "water": lambda: _single(_line(WATER, 0.4)),
    "neighbour": lambda: _single(_fill(GREY, "no", 0.3, "dash")),
    "findings": _findings,
}
# A kind that a project adds has no defence layer: grey, by the shape it has.
BY_SHAPE: dict[str, Callable[[], str]] = {
    "line": lambda: _single(_line(GREY, 0.6)),
    "polygon": lambda: _single(_fill(GREY, "no", 0.4)),
    "point": lambda: _single(_mark(GREY, "square", 2.0)),
}


def _areas(levels: Sequence[LevelSpec]) -> str:
    """Draw each administrative level finer than the one above; the lowest stands for unknown ones, too."""
    rules = [
        (
            f"{level.title.zh} {level.title.en}",
            f"\"level\" = '{level.name}'" if level is not levels[-1] else "",
            _fill(GREY, "no", OUTLINES[min(depth, len(OUTLINES) - 1)], "dot" if depth else "solid"),
        )
        for depth, level in enumerate(levels)
    ]
    return _by_rule(*rules)


def qml(table: str, geometry: str, levels: Sequence[LevelSpec] = ()) -> str | None:
    """Return a table's QGIS style; None for a table without geometry."""
    if geometry == "none":
        return None
    make = RENDERERS.get(table) or BY_SHAPE[geometry]
    if table == "admin" and geometry == "polygon" and levels:
        make = partial(_areas, levels)
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
        f'<qgis version="3.22.0" styleCategories="Symbology">{make()}<blendMode>0</blendMode></qgis>\n'
    )


def put(connection: sqlite3.Connection, table: str, geometry: str, levels: Sequence[LevelSpec] = ()) -> None:
    """Give a table its default style, unless it has one already."""
    style = qml(table, geometry, levels)
    held = connection.execute("SELECT 1 FROM layer_styles WHERE f_table_name = ?", (table,)).fetchone()
    if style is None or held:
        return
    connection.execute(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, styleSLD, useAsDefault, f_table_name,"
        " f_geometry_column, styleName, styleQML, description, owner, update_time)"
        " VALUES ('', '', '', 1, ?, ?, ?, ?, ?, ?, ?)",
        (table, GEOM, table, style, "gridmap: coloured by defence layer", OWNER, EPOCH),
    )
