"""The summary's table of units: what each keeps, as far as the view holds it."""

from __future__ import annotations

from gridmap.config import ProjectSpec
from gridmap.model import View
from gridmap.model.scene import Held
from gridmap.render.holdings import keeps_ids, layers
from gridmap.render.summary_numbers import (
    NO_VALUE,
    UnitRow,
    kilometres,
    square_kilometres,
    thousands,
    unit_rows,
)
from gridmap.render.summary_parts import both, data, table
from gridmap.render.words import word

LAYER_TITLES = {
    "line": ("军管线", "Line", "边境段", "sections"),
    "area": ("警管面", "Area", "巡逻区", "zones"),
    "point": ("户管点", "Point", "堡垒户", "strongholds"),
}
HEADS = {
    "unit": ("单位", "unit"),
    "name": ("名称", "name"),
    "layer": ("层", "layer"),
    "targets": ("所管", "keeps"),
    "metres": ("长度", "length"),
    "square_metres": ("面积", "area"),
    "households": ("负责户", "households"),
    "supports": ("协同", "supports"),
}
# What a column is counted from: without that table there is no such column.
FROM = {
    "metres": "sections",
    "square_metres": "patrol_zone",
    "households": "assignments",
    "supports": "assignments",
}
# Of these layers all targets are in the view: none there is none at all.
ALL_TARGETS = {"whole", "targets"}


def units_section(view: View, spec: ProjectSpec) -> str:
    """Return a row for each unit and layer; nothing if the view has no unit and no target.

    New ids are nobody's name: the column of ids is left out where the view has such.
    """
    rows = unit_rows(view, spec)
    if not rows:
        return ""
    held = layers(view, spec)
    kept = keeps_ids(view, spec)
    shown = [
        column
        for column in HEADS
        if (column != "unit" or kept) and (column not in FROM or FROM[column] in view.tables)
    ]
    numbers = frozenset(at for at, column in enumerate(shown) if column not in {"unit", "name", "layer"})
    cells = []
    for row in rows:
        written = _cells(row, held, kept=kept)
        cells.append([written[column] for column in shown])
    note = both(
        "所管：边境段、巡逻区或堡垒户的数目；负责户：由该单位所管区或堡垒户牵头的牧户；协同：其协同的分派。",
        "keeps: sections, zones or strongholds; households: those it leads, by zone or stronghold; "
        "supports: assignments in a supporting role.",
    )
    return (
        f"<section>\n<h2>{both('各单位', 'Units')}</h2>\n"
        f"{table([HEADS[column] for column in shown], cells, numbers=numbers)}\n"
        f'<p class="sub">{note}</p></section>'
    )


def _cells(row: UnitRow, held: dict[str, Held], *, kept: bool) -> dict[str, str]:
    titles = LAYER_TITLES.get(row.layer)
    layer = (
        f'<span class="key {row.layer}">{both(titles[0], titles[1])}</span>' if titles else data(row.layer)
    )
    unknown = row.targets == 0 and held.get(row.layer) not in ALL_TARGETS
    return {
        "unit": data(row.unit) if row.unit else both("未指定", "none named"),
        "name": data(row.name) if kept or row.name else _nameless(row),
        "layer": layer,
        "targets": NO_VALUE if unknown else thousands(row.targets),
        "metres": kilometres(row.metres) if row.metres else "",
        "square_metres": square_kilometres(row.square_metres) if row.square_metres else "",
        "households": thousands(row.households) if row.households else "",
        "supports": thousands(row.supports) if row.supports else "",
    }


def _nameless(row: UnitRow) -> str:
    """Return what stands for a unit whose name the view does not hold."""
    if not row.unit:
        return both("未指定", "none named")
    other = word("unit.other")
    return both(other.zh, other.en)
