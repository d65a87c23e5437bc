"""From a view to a scene: what is on the map, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
import pandas as pd

from gridmap import registry
from gridmap.config import ProjectSpec
from gridmap.config.texts import Text
from gridmap.errors import ConfigError, RenderError
from gridmap.geo.crs import lonlat_crs
from gridmap.geo.datum import position_columns
from gridmap.model import Bilingual, View
from gridmap.model.packed import Table
from gridmap.model.scene import Drawing, Scene, Statement
from gridmap.model.view import require_view
from gridmap.render.answering import answering
from gridmap.render.holdings import layers
from gridmap.render.joins import joins, reasons
from gridmap.render.overlays.basemap import attribution
from gridmap.render.pack import pack_column, pack_ids
from gridmap.render.sheet import Sheet, texts
from gridmap.render.words import approval, both, catalogue, named_in_both, word

JOINED = "assignments"  # held as joins, not as a table
MARGIN = 0.04
MOST_LON, MOST_LAT = 180.0, 85.0  # what Web Mercator shows
BOUNDS_DECIMALS, COARSEST = 5, 2
SMALLEST = 0.01  # of a degree: a map of one point still has a neighbourhood


def compose(view: View, spec: ProjectSpec, *, map_name: str = "main") -> Scene:
    """Compose one of the project's maps from a view.

    Parameters
    ----------
    view : View
        What the audience may see; geometry in lon/lat.
    spec : ProjectSpec
        The settings; ``spec.maps[map_name]`` says which overlays, from bottom to top.
    map_name : str
        Which map.

    Raises
    ------
    PublishError
        GM601 if `view` is not a view, or not sealed.
    ConfigError
        GM105 if there is no such map, GM110 if there is no such overlay.
    RenderError
        GM702 if nothing in the view has a place.
    """
    require_view(view)
    if map_name not in spec.maps:
        raise ConfigError(
            "GM105", f"no such map: {map_name}", where="maps", fix="one of: " + ", ".join(spec.maps)
        )
    chosen = spec.maps[map_name]
    sheet = replace(Sheet.ordered(view, spec), map_name=map_name)
    drawings: list[Drawing] = []
    for name in chosen.overlays:
        drawings.extend(registry.get("overlays", name).draw(sheet))
    joined = joins(sheet)
    bounds = _bounds(sheet)
    return Scene(
        title=_pair(chosen.title),
        language=spec.opens_in(map_name),
        statement=statement(sheet),
        bounds=bounds,
        tables=tuple(_table(name, sheet) for name in _table_names(sheet)),
        joins=joined,
        counts={name: len(held.frame) for name, held in sorted(view.tables.items())},
        drawings=_with_graticule(drawings),
        codes=_code_titles(sheet),
        reasons=reasons(joined, spec),
        layers=layers(view, spec),
        derived=dict(sheet.derived()),
        answering=answering(sheet.view, spec, bounds=bounds),
    )


def _with_graticule(drawings: list[Drawing]) -> tuple[Drawing, ...]:
    """Put the graticule over the basemap and the relief, and under everything else."""
    ground = [one for one in drawings if one.raster is not None or one.picture is not None]
    others = [one for one in drawings if one.raster is None and one.picture is None]
    return (*ground, Drawing("graticule", "base", word("drawing.graticule"), graticule=True), *others)


def _table_names(sheet: Sheet) -> list[str]:
    """Return the tables in the order of the settings, then the others by name."""
    held = set(sheet.view.tables) - {JOINED}
    known = [name for name in sheet.spec.kinds if name in held]
    return known + sorted(held.difference(known))


def _table(name: str, sheet: Sheet) -> Table:
    frame: pd.DataFrame = sheet.view.tables[name].frame
    # A finding's `id` names a row elsewhere: only a unique one is the row's own.
    own = "id" in frame.columns and bool(frame["id"].is_unique) and bool(frame["id"].notna().all())
    ids = pack_ids(frame["id"], title=word("column.id")) if own else None
    columns = tuple(
        pack_column(str(column), frame[column], title=_column_title(name, str(column), sheet))
        for column in frame.columns
        if column != "geometry" and not (own and column == "id")
    )
    return Table(name, sheet.title(name), len(frame), ids, columns, sheet.geometry(name))


def _column_title(table: str, column: str, sheet: Sheet) -> Bilingual:
    made = sheet.derived().get(table)
    kind = sheet.spec.kinds.get(table if made is None else made.kind)
    if kind is not None and column in kind.columns:
        title = kind.columns[column].title
        return both(column) if title is None else _pair(title)
    return word(f"column.{column}") if f"column.{column}" in catalogue()["en"] else both(column)


def _bounds(sheet: Sheet) -> tuple[float, float, float, float]:
    """Return west, south, east, north of what the arrangement is about, with a margin."""
    wanted = [
        name for name in ("border", "admin", "patrol_zone", "sections") if _box(sheet, name) is not None
    ]
    boxes = [_box(sheet, name) for name in wanted or sorted(sheet.view.tables)]
    found = np.array([box for box in boxes if box is not None])
    if not len(found):
        raise RenderError(
            "GM702",
            "there is nothing to draw",
            where=f"the view of {sheet.view.audience}",
            fix="import a border or townships first, or choose an audience that may see a table",
        )
    west, south = found[:, :2].min(axis=0)
    east, north = found[:, 2:].max(axis=0)
    wide, tall = max((east - west) * MARGIN, SMALLEST), max((north - south) * MARGIN, SMALLEST)
    edges = (west - wide, max(south - tall, -MOST_LAT), east + wide, min(north + tall, MOST_LAT))
    # No figure on the page is finer than the audience's positions.
    digits = min(BOUNDS_DECIMALS, max(sheet.view.decimals, COARSEST))
    left, bottom, right, top = (round(float(edge), digits) for edge in edges)
    return left, bottom, right, top


def _box(sheet: Sheet, name: str) -> tuple[float, float, float, float] | None:
    boxes = sheet.boxes(name)
    if boxes is None or not len(boxes):
        return None
    # A faulty row (axes swapped, a coordinate in metres) must not make the map one of the world.
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    east, north = np.abs(boxes[:, [0, 2]]).max(axis=1), np.abs(boxes[:, [1, 3]]).max(axis=1)
    boxes = boxes[(east <= MOST_LON) & (north <= MOST_LAT)]
    if not len(boxes):
        return None
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def statement(sheet: Sheet) -> Statement:
    """Return what every product says of its data."""
    spec, view = sheet.spec, sheet.view
    audience = spec.audiences.get(view.audience)
    return Statement(
        project=_pair(spec.name),
        crs=_text(view.facts, "crs") or spec.crs,
        revision=_text(view.facts, "revision"),
        version=_text(view.facts, "version") or _installed(),
        source=_text(view.facts, "source") or spec.source,
        audience=view.audience,
        audience_title=both(view.audience) if audience is None else _pair(audience.title),
        banner=both("") if audience is None else _pair(audience.banner),
        synthetic=bool(view.facts.get("synthetic", spec.synthetic)),
        handling_mark=both("") if audience is None else _pair(audience.handling_mark),
        approval=approval("" if audience is None else audience.approval_number),
        unit=named_in_both(sheet.fact("unit_name")),
        keeps_ids=sheet.keeps_ids,
        basemap=attribution(sheet),
        positions=_position_headers(spec),
        notes=(*_season(view.facts.get("season")), *_coverage(view.facts.get("coverage"))),
    )


def _season(fact: Any) -> tuple[Bilingual, ...]:
    """Return what a map of a season says where it tells of its data."""
    if not isinstance(fact, Mapping):
        return ()
    en, zh = (str(fact.get(name, "")) for name in ("en", "zh"))
    return (
        Bilingual(
            en=f"Season: {en}; households with a camp of the season are shown there",
            zh=f"季节：{zh}；有该季营地的牧户显示在营地",
        ),
    )


def _coverage(fact: Any) -> tuple[Bilingual, ...]:
    """Return what a product of a coverage says of how far keepers reach."""
    if not isinstance(fact, Mapping):
        return ()
    return (Bilingual(en=str(fact.get("en", "")), zh=str(fact.get("zh", ""))),)


def _position_headers(spec: ProjectSpec) -> tuple[str, str]:
    code = lonlat_crs(spec.crs).to_epsg()
    return ("lon", "lat") if code is None else position_columns(f"EPSG:{code}")


def _pair(text: Text) -> Bilingual:
    return Bilingual(en=text.en, zh=text.zh)


def _text(facts: Mapping[str, Any], name: str) -> str:
    value = facts.get(name)
    return "" if value is None else str(value)


def _installed() -> str:
    try:
        return version("gridmap")
    except PackageNotFoundError:
        return ""


def _code_titles(sheet: Sheet) -> dict[str, Bilingual]:
    """Return titles of the codes that the findings have, from ``facts["codes"]``.

    The caller gives a mapping of code to a `Bilingual` or to ``{"en", "zh"}``; without it the page
    shows the codes themselves.
    """
    codes, frame = sheet.fact("codes"), sheet.frame("findings")
    if not isinstance(codes, Mapping) or frame is None:
        return {}
    found = {}
    for code in sorted(set(texts(frame, "code"))):
        title = codes.get(code)
        if isinstance(title, Bilingual):
            found[code] = title
        elif isinstance(title, Mapping) and {"en", "zh"} <= set(title):
            found[code] = named_in_both(title)
    return found
