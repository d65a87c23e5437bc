"""What sheets are about: units, townships or sections, as far as the view holds them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from gridmap.geo import geodesic_area
from gridmap.render.atlas.content import AREA, Content
from gridmap.render.atlas.tongue import Tongue
from gridmap.render.overlays.border import chainage_text
from gridmap.render.sheet import texts
from gridmap.render.style import BLUE, GREEN, INK, VERMILLION
from gridmap.render.words import word

LAYER_COLOURS = {"line": VERMILLION, "area": BLUE, "point": GREEN}


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """One thing that gets a sheet.

    Parameters
    ----------
    name : str
        What the sheet is called.
    kind : str
        What it is, in words: a unit's layer, a level, a section.
    shape : geometry
        All that must be on the sheet, in metres of the working CRS.
    facts : tuple of str
        What is said of it under its name.
    colour : str
        Of its outline on the index.
    """

    name: str
    kind: str
    shape: Any
    facts: tuple[str, ...]
    colour: str = INK


def subjects(content: Content, by: str, tongue: Tongue) -> tuple[list[Subject], list[str]]:
    """Return what gets a sheet, in the order of the data, and the names of what has nothing to show."""
    makers: dict[str, Callable[[Content, Tongue], list[Subject | str]]] = {
        "unit": _units,
        "township": _townships,
        "section": _sections,
    }
    found = makers[by](content, tongue)
    return [one for one in found if isinstance(one, Subject)], [one for one in found if isinstance(one, str)]


def _units(content: Content, tongue: Tongue) -> list[Subject | str]:
    frame = content.frame("unit")
    names, layers = content.sheet.unit_names(), content.sheet.unit_layers()
    ids = [] if frame is None else texts(frame, "id")
    held = {one for table in ("sections", "patrol_zone") for one in _column(content, table, "unit") if one}
    # Settings may leave the table of units out, and their ids in the zones.
    ids = [*ids, *sorted(held.difference(ids))] if content.sheet.keeps_ids or not ids else ids
    return [_unit(content, tongue, one, names.get(one, one), layers.get(one, "")) for one in ids if one]


def _unit(content: Content, tongue: Tongue, unit: str, name: str, layer: str) -> Subject | str:
    shapes: list[Any] = []
    facts: list[str] = []
    sections = _of_unit(content, "sections", unit)
    zones = _of_unit(content, "patrol_zone", unit)
    homes = _of_unit(content, "household", unit) & _flag(content, "household", "stronghold")
    for table, chosen, title in (
        ("sections", sections, word("table.sections")),
        ("patrol_zone", zones, content.sheet.title("patrol_zone")),
        ("household", homes, word("table.strongholds")),
    ):
        rows = content.rows(table)
        if rows is None or not chosen.any():
            continue
        shapes += [one for one in rows.geoms[chosen] if one is not None]
        value = f"{int(chosen.sum())}{_stretch(content, chosen) if table == 'sections' else ''}"
        facts.append(tongue.t("atlas.fact", title=tongue.pick(title), value=value))
    if not shapes:
        return name
    kind = tongue.t(f"group.{layer}") if layer else ""
    return Subject(
        name, kind, shapely.GeometryCollection(shapes), tuple(facts), LAYER_COLOURS.get(layer, INK)
    )


def _stretch(content: Content, chosen: Any) -> str:
    """Return from where to where a unit keeps the border."""
    frame = content.frame("sections")
    if frame is None or not {"from_m", "to_m"} <= set(frame.columns):
        return ""
    begin = pd.to_numeric(frame["from_m"], errors="coerce").to_numpy(dtype=float)[chosen]
    end = pd.to_numeric(frame["to_m"], errors="coerce").to_numpy(dtype=float)[chosen]
    if not (np.isfinite(begin).all() and np.isfinite(end).all()):
        return ""
    return f" ({chainage_text(float(begin.min()))} – {chainage_text(float(end.max()))})"


def _townships(content: Content, tongue: Tongue) -> list[Subject | str]:
    rows, frame = content.rows("admin"), content.frame("admin")
    if rows is None or frame is None:
        return []
    level = content.spec.layers.area.jurisdiction
    titles = {one.name: one.title.zh if tongue.name == "zh" else one.title.en for one in content.spec.levels}
    levels, names = np.array(texts(frame, "level")), texts(frame, "name")
    wanted = levels == level if (levels == level).any() else np.ones(len(frame), dtype=bool)
    found: list[Subject | str] = []
    for row in np.flatnonzero(wanted & (rows.kinds == AREA)).tolist():
        km2 = float(geodesic_area(rows.geoms[row : row + 1], content.spec.crs)[0]) / 1e6
        facts = (tongue.t("atlas.area", km2=f"{km2:,.0f}"),)
        found.append(Subject(names[row], titles.get(levels[row], ""), rows.geoms[row], facts))
    return found


def _sections(content: Content, tongue: Tongue) -> list[Subject | str]:
    rows, frame = content.rows("sections"), content.frame("sections")
    if rows is None or frame is None:
        return []
    begin = (
        pd.to_numeric(frame["from_m"], errors="coerce") if "from_m" in frame else pd.Series(range(len(frame)))
    )
    names, kind = content.sheet.unit_names(), tongue.t("table.sections")
    found: list[Subject | str] = []
    for number, row in enumerate(np.argsort(begin.to_numpy(dtype=float), kind="stable").tolist(), start=1):
        geom = rows.geoms[row]
        own = texts(frame, "id")[row] if content.sheet.keeps_ids else f"{kind} {number}"
        unit = texts(frame, "unit")[row]
        keeper = names.get(unit, unit if content.sheet.keeps_ids else "")
        title = " · ".join(one for one in (own, keeper) if one)
        only = np.arange(len(frame)) == row
        facts = tuple(one.strip(" ()") for one in (_stretch(content, only),) if one)
        found.append(title if geom is None else Subject(title, kind, geom, facts, VERMILLION))
    return found


def _of_unit(content: Content, table: str, unit: str) -> Any:
    return np.array([one == unit for one in _column(content, table, "unit")], dtype=bool)


def _flag(content: Content, table: str, column: str) -> Any:
    frame = content.frame(table)
    if frame is None or column not in frame.columns:
        return np.zeros(0 if frame is None else len(frame), dtype=bool)
    return pd.Series(frame[column]).fillna(value=False).astype(bool).to_numpy()


def _column(content: Content, table: str, column: str) -> list[str]:
    frame = content.frame(table)
    return [] if frame is None else texts(frame, column)
