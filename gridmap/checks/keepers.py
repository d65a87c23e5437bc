"""Who keeps what: units and their layers, strongholds, outposts in the belt, dates, the section plan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridmap.checks.base import GEOMETRY, Check, Faults, Mask, Reads, Scope, Stage, doc, shown
from gridmap.checks.columns import Objects
from gridmap.checks.context import Context
from gridmap.checks.keys import close_matches, references
from gridmap.config import ProjectSpec

_MM = 0.001
_OLDEST, _NEWEST = 1900, 2200
# What a unit must keep for a row of a kind to be its own; a police post may stand on the line as well.
_LAYERS = {"patrol_zone": ("area",), "outpost": ("line", "area"), "household": ("point",)}

_DATES = (
    doc(
        "validity-reversed",
        "error",
        ("valid_from is after valid_to", "生效日期晚于失效日期"),
        "exchange or correct the two dates",
    ),
    doc(
        "date-implausible",
        "warning",
        ("a date is before 1900 or after 2199", "日期不合理"),
        "correct the year",
    ),
)
_STRONGHOLD = (
    doc(
        "stronghold-empty",
        "warning",
        ("nobody lives at a stronghold", "堡垒户无人居住"),
        "correct the number of persons, or choose another stronghold",
    ),
)
_UNITS = (
    doc(
        "unit-layer",
        "warning",
        ("the unit keeps another layer than the row is on", "单位所守层级不符"),
        "name a unit that keeps the layer, or correct what the unit keeps",
    ),
    doc(
        "unit-unused",
        "info",
        ("nothing refers to the unit", "单位未被引用"),
        "give it outposts, zones or strongholds, or delete it",
    ),
)
_BELT = (
    doc(
        "outpost-beyond-belt",
        "warning",
        ("an outpost of a line unit is outside the border belt", "一线单位哨所不在边境带内"),
        "measure its position again, widen belt_m, or give it to a unit of another layer",
    ),
)
_PLAN = (
    doc(
        "section-plan-reversed",
        "error",
        ("a planned section does not run forwards", "分段起止颠倒"),
        "from_m must be smaller than to_m",
    ),
    doc(
        "section-plan-beyond",
        "error",
        ("a planned section goes past the end of the border", "分段超出边境线长度"),
        "end it at the border's length, or check the border it was planned for",
    ),
    doc(
        "section-plan-stale",
        "warning",
        ("a planned section was made for another border line", "分段方案对应的边境线已变更"),
        "look at its two ends on the map and correct them, then empty its border_hash",
    ),
    doc(
        "section-plan-keeper",
        "warning",
        ("a planned section is kept by an outpost whose unit keeps no line", "分段哨所所属单位不守一线"),
        "name an outpost of a line unit, or correct what the unit keeps",
    ),
)


def _dates(context: Context) -> Iterator[Faults]:
    for kind, frame in context.tables.items():
        dates = [name for name, one in context.spec.kinds[kind].columns.items() if one.type == "date"]
        for name in dates:
            if name not in frame.columns or not frame[name].notna().any():
                continue
            years = frame[name].dt.year
            odd = ((years < _OLDEST) | (years >= _NEWEST)).to_numpy() & context.sound(kind, name)
            if odd.any():
                yield Faults("date-implausible", kind, np.flatnonzero(odd), f"{name} is implausible", (name,))
        if context.has(kind, "valid_from", "valid_to"):
            late = context.sound(kind, "valid_from", "valid_to")
            late &= (frame["valid_from"] > frame["valid_to"]).to_numpy()
            if late.any():
                message = "valid_from is after valid_to"
                yield Faults("validity-reversed", kind, np.flatnonzero(late), message)


def _stronghold(context: Context) -> Iterator[Faults]:
    if not context.typed("household", {"stronghold": "boolean", "persons": "integer"}):
        return
    strong = context.column("household", "stronghold").fillna(value=False).to_numpy(dtype=bool)
    nobody = (context.column("household", "persons") == 0).fillna(value=False).to_numpy(dtype=bool)
    rows = np.flatnonzero(strong & nobody & context.sound("household", "persons", "stronghold"))
    if len(rows):
        yield Faults("stronghold-empty", "household", rows, "a stronghold with no persons")


def _layer_of(context: Context, units: Objects) -> Objects:
    """Return what each unit keeps; None where that is not known."""
    if not context.has("unit", "id", "layer"):
        return np.full(len(units), None, dtype=object)
    sure = context.sound("unit", "layer")
    known = dict(zip(context.ids("unit")[sure], context.texts("unit", "layer")[sure], strict=True))
    return np.array([known.get(unit) for unit in units] or [None], dtype=object)[: len(units)]


def _unit_layers(context: Context) -> Iterator[Faults]:
    for kind, fitting in _LAYERS.items():
        if not context.has(kind, "unit"):
            continue
        units = context.coded(kind, "unit")
        layers = _layer_of(context, units.texts)
        wrong = ~pd.isna(layers) & ~np.isin(layers.astype(str), fitting)
        rows = np.flatnonzero(context.sound(kind, "unit") & units.spread(wrong, missing=False))
        if len(rows):
            ids = [(str(unit),) for unit in units.of(rows)]
            hidden = context.private(kind, "unit")
            messages = [
                f"its unit {'' if hidden else shown(unit) + ' '}keeps the {layer} layer"
                for (unit,), layer in zip(ids, layers[units.codes[rows]], strict=True)
            ]
            yield Faults("unit-layer", kind, rows, messages, (), [() for _ in ids] if hidden else ids)


def _naming_units(spec: ProjectSpec) -> set[str]:
    """Return the kinds of which a column names a unit."""
    return {
        kind
        for kind, one in spec.kinds.items()
        if any((column.references or "").partition(".")[0] == "unit" for column in one.columns.values())
    }


def _unused(context: Context) -> Iterator[Faults]:
    """Report units that nothing refers to, unless a faulty reference may be meant for them."""
    pointing = [ref for ref in references(context) if (ref.target, ref.key) == ("unit", "id")]
    if not context.has("unit", "id") or not _naming_units(context.spec) <= context.tables.keys():
        return
    used: set[Any] = set()
    for ref in pointing:
        column = context.coded(ref.kind, ref.column)
        required = context.spec.kinds[ref.kind].columns[ref.column].required
        if required and not column.given.all():
            return
        used.update(column.texts.tolist())
    ids = context.ids("unit")
    meant = set(close_matches(sorted(context.dangling.get("unit", ())), sorted(map(str, ids))).values())
    free = [row for row, unit in enumerate(ids) if unit not in used and unit not in meant]
    if free and context.sound("unit", "id").all():
        yield Faults("unit-unused", "unit", np.array(free, dtype=np.intp), "nothing refers to it")


def _belt(context: Context) -> Iterator[Faults]:
    if not context.has_shape("outpost", "point", "unit") or context.border is None:
        return
    layers = _layer_of(context, context.texts("outpost", "unit"))
    rows = np.flatnonzero(context.sound("outpost", "unit", GEOMETRY) & (layers == "line"))
    if not len(rows):
        return
    metres: NDArray[np.float64] = context.border.locate(
        shapely.get_coordinates(context.geoms("outpost")[rows])
    ).distance_m
    far = metres > context.spec.layers.line.belt_m
    if far.any():
        messages = [f"it stands {away:.0f} m from the border" for away in metres[far].tolist()]
        yield Faults("outpost-beyond-belt", "outpost", rows[far], messages)


def _plan(context: Context) -> Iterator[Faults]:
    if not context.typed("section_plan", {"from_m": "real", "to_m": "real"}):
        return
    frame = context.tables["section_plan"]
    start, end = frame["from_m"].to_numpy(dtype=float), frame["to_m"].to_numpy(dtype=float)
    sure: Mask = context.sound("section_plan", "from_m", "to_m") & ~np.isnan(start) & ~np.isnan(end)
    reversed_ = sure & (start >= end)
    if reversed_.any():
        rows = np.flatnonzero(reversed_)
        yield Faults(
            "section-plan-reversed", "section_plan", rows, "from_m is not smaller than to_m", ("to_m",)
        )
    border = context.whole_border
    if border is None:
        return
    stale = _stale(context, border.hash)
    beyond = sure & ~reversed_ & ~stale & (end > border.length_m + _MM)
    if beyond.any():
        message = f"it ends after the border's {border.length_m:.3f} m"
        yield Faults("section-plan-beyond", "section_plan", np.flatnonzero(beyond), message, ("to_m",))
    stale &= ~reversed_
    if stale.any():
        message = "it was measured along another border line: another line is another chainage"
        yield Faults("section-plan-stale", "section_plan", np.flatnonzero(stale), message, ("border_hash",))


def _stale(context: Context, now: str) -> Mask:
    if not context.has("section_plan", "border_hash"):
        return np.zeros(len(context.tables["section_plan"]), dtype=bool)
    made_for = context.texts("section_plan", "border_hash")
    given = context.sound("section_plan", "border_hash") & ~pd.isna(made_for)
    return np.asarray(given & (made_for != now), dtype=bool)


def _plan_keepers(context: Context) -> Iterator[Faults]:
    if not (context.has("section_plan", "outpost") and context.has("outpost", "id", "unit")):
        return
    usable = context.sound("outpost", "unit")
    unit_of = dict(zip(context.ids("outpost")[usable], context.texts("outpost", "unit")[usable], strict=True))
    posts = context.texts("section_plan", "outpost")
    layers = _layer_of(context, np.array([unit_of.get(post) for post in posts], dtype=object))
    sure = context.sound("section_plan", "outpost", "from_m", "to_m", "border_hash") & ~pd.isna(layers)
    rows = np.flatnonzero(sure & (layers != "line"))
    if len(rows):
        related = [(str(posts[row]),) for row in rows]
        messages = [f"the unit of {shown(one)} keeps no line" for (one,) in related]
        yield Faults("section-plan-keeper", "section_plan", rows, messages, (), related)


CHECKS = (
    Check(Stage.ROW, _DATES, _dates, Scope.ROW, Reads.VALUES),
    Check(Stage.ROW, _STRONGHOLD, _stronghold, Scope.ROW, Reads.VALUES),
    Check(Stage.TABLE, _UNITS[:1], _unit_layers, Scope.LINKED, Reads.VALUES),
    Check(Stage.TABLE, _UNITS[1:], _unused, reads=Reads.VALUES),
    Check(Stage.WHOLE, _BELT, _belt, Scope.LINKED),
    Check(Stage.WHOLE, _PLAN[:-1], _plan, Scope.LINKED),
    Check(Stage.WHOLE, _PLAN[-1:], _plan_keepers, Scope.LINKED),
)
