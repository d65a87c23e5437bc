"""The picture of the area on the summary page: plain SVG, drawn once, small.

Shapes are simplified to less than half a unit of the drawing; a project of a million households is
drawn by its zones and strongholds alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from gridmap.config import ProjectSpec
from gridmap.geo import crs as geo_crs
from gridmap.model import View
from gridmap.render import style
from gridmap.render.density import classes, ramp
from gridmap.render.holdings import derived, keeps_ids
from gridmap.render.summary_legend import legend
from gridmap.render.text import inert

WIDTH, MARGIN = 1000.0, 24.0
LOWEST, HIGHEST = 260.0, 1100.0
TOLERANCE = 0.4
MOST_HOUSEHOLDS = 6000
MOST_LABELS = 60
SECTION_LIFT = 8.0
TINT = 0.13
LETTER = 15.0  # a Chinese character as it is printed
# More crosses than this would hide the area: they are drawn small.
MANY_FAULTS = 150
FAULT_EDGE = f'stroke="{style.FAULT}" stroke-width="4" stroke-dasharray="6 4"'
STEPS = (1, 2, 5)
SCALE_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Paper:
    """From metres of the project's CRS to units of the drawing (y down)."""

    left: float
    top: float
    scale: float
    height: float

    def place(self, geoms: Any) -> Any:
        """Return geometries on the paper, simplified."""
        moved = shapely.transform(
            geoms,
            lambda xy: np.column_stack(
                [(xy[:, 0] - self.left) * self.scale + MARGIN, (self.top - xy[:, 1]) * self.scale + MARGIN]
            ),
        )
        return shapely.simplify(moved, TOLERANCE, preserve_topology=False)


def picture(view: View, spec: ProjectSpec) -> str:
    """Return a figure of the area, or nothing if the view has no place to draw.

    Parameters
    ----------
    view : View
        Tables that it does not hold are not drawn.
    spec : ProjectSpec
        For the CRS: the picture is in the project's own projection, so that its scale bar is true.
    """
    shapes = {name: _metres(view, name, spec) for name in view.tables}
    known = [one for name in ("admin", "border", "patrol_zone", "sections") for one in shapes.get(name, [])]
    drawn = [one for one in known if one is not None and not one.is_empty]
    if not drawn:
        return ""
    paper = _paper(np.array(drawn, dtype=object))
    dense = _dense(view, spec, shapes, paper)
    layers = [
        _patterns(0.0 if dense and "household" not in view.tables else TINT),
        dense,
        _zones(view, shapes, paper),
        _areas(view, spec, shapes, paper),
        _homes(view, shapes, paper),
        _fault_areas(shapes, paper),
        _border(shapes, paper),
        _sections(view, shapes, paper),
        _outposts(shapes, paper),
        _faults(shapes, paper),
        _labels(view, spec, shapes, paper),
        _scale_bar(paper),
    ]
    box = f"0 0 {WIDTH:g} {paper.height:g}"
    return (
        f'<figure>\n<svg viewBox="{box}" role="img" aria-label="示意图 picture of the area">\n'
        + "\n".join(layer for layer in layers if layer)
        + f"\n</svg>\n<figcaption>{legend(view, spec, most=MOST_HOUSEHOLDS)}</figcaption>\n</figure>"
    )


def _metres(view: View, name: str, spec: ProjectSpec) -> Any:
    frame = view.tables[name].frame
    if not hasattr(frame, "geometry") or len(frame) == 0:
        return np.zeros(0, dtype=object)
    return geo_crs.geoms_from_lonlat(np.array(frame.geometry.to_numpy(), dtype=object), spec.crs)


def _paper(geoms: Any) -> Paper:
    left, bottom, right, top = shapely.total_bounds(geoms)
    scale = (WIDTH - 2 * MARGIN) / max(right - left, 1.0)
    height = (top - bottom) * scale + 2 * MARGIN
    if height > HIGHEST:
        scale *= (HIGHEST - 2 * MARGIN) / (height - 2 * MARGIN)
        left -= ((WIDTH - 2 * MARGIN) / scale - (right - left)) / 2
    return Paper(left, top, scale, float(np.clip(height, LOWEST, HIGHEST)))


def _number(value: float) -> str:
    """Return a tenth of a unit, without an idle zero and without minus zero."""
    return f"{value + 0.0:z.1f}".removesuffix(".0")


def _steps(xy: Any, *, closed: bool) -> str:
    points = " ".join(f"{_number(x)} {_number(y)}" for x, y in xy)
    return f"M{points}{'Z' if closed else ''}"


def _path(geom: Any) -> str:
    """Return the path data of a line or polygon."""
    if geom is None or geom.is_empty:
        return ""
    commands = []
    for part in shapely.get_parts(geom):
        if part.geom_type == "Polygon":
            rings = [part.exterior, *part.interiors]
            commands += [_steps(shapely.get_coordinates(ring)[:-1], closed=True) for ring in rings]
        elif part.geom_type in {"LineString", "LinearRing"}:
            commands.append(_steps(shapely.get_coordinates(part), closed=False))
    return "".join(commands)


def _paths(geoms: Iterable[Any], attributes: str) -> str:
    data = "".join(_path(geom) for geom in geoms)
    return f'<path d="{data}" {attributes}/>' if data else ""


def _column(view: View, table: str, column: str) -> list[Any]:
    frame = pd.DataFrame(view.tables[table].frame)
    if column not in frame.columns:
        return [None] * len(frame)
    cells = frame[column].astype(object)
    return list(cells.where(cells.notna(), None))


def _patterns(opacity: float) -> str:
    """Return hatches: the second cue beside the tint, for a print in grey; over areas the only one."""
    hatches = []
    for number, (tint, turn) in enumerate(zip(style.ZONE_TINTS, (45, 135, 0, 90), strict=True)):
        ground = f'<rect width="9" height="9" fill="{tint}" fill-opacity="{opacity:g}"/>'
        hatches.append(
            f'<pattern id="z{number}" width="9" height="9" patternUnits="userSpaceOnUse" '
            f'patternTransform="rotate({turn})">{ground}'
            f'<path d="M0 0V9" stroke="{tint}" stroke-width="1.1" stroke-opacity=".45"/></pattern>'
        )
    return f"<defs>{''.join(hatches)}</defs>"


def _dense(view: View, spec: ProjectSpec, shapes: dict[str, Any], paper: Paper) -> str:
    """Draw areas by how dense the homes in them are, under the zones' hatches."""
    drawn = []
    for name, one in derived(view, spec).items():
        frame = view.tables[name].frame
        if one.form != "areas" or "rows" not in frame.columns or not len(shapes[name]):
            continue
        found, placed = classes(frame, spec), paper.place(shapes[name])
        for at, tint in enumerate(ramp(found, style.GREENS)):
            own = [geom for geom, code in zip(placed, found.codes, strict=True) if code == at]
            edge = f'stroke="{style.AREA_EDGE}" stroke-width=".6"'
            drawn.append(_paths(own, f'fill="{tint}" fill-rule="evenodd" {edge}'))
    return "".join(drawn)


def _zones(view: View, shapes: dict[str, Any], paper: Paper) -> str:
    if "patrol_zone" not in view.tables:
        return ""
    units = [str(unit or "") for unit in _column(view, "patrol_zone", "unit")]
    order = {unit: number for number, unit in enumerate(sorted(set(units)))}
    drawn = []
    placed = paper.place(shapes["patrol_zone"])
    for unit, number in order.items():
        own = [geom for geom, keeper in zip(placed, units, strict=True) if keeper == unit]
        fill = f'fill="url(#z{number % len(style.ZONE_TINTS)})" fill-rule="evenodd"'
        drawn.append(_paths(own, f'{fill} stroke="{style.ZONE_EDGE}" stroke-width=".9"'))
    return "".join(drawn)


def _areas(view: View, spec: ProjectSpec, shapes: dict[str, Any], paper: Paper) -> str:
    """Draw the areas that make the jurisdiction; without any, those of the level that comes first."""
    if "admin" not in view.tables:
        return ""
    levels = _column(view, "admin", "level")
    first = next((level for level in levels if level), None)
    whole = spec.layers.area.jurisdiction
    top = {whole} if whole in levels else {first}
    own = [geom for geom, level in zip(shapes["admin"], levels, strict=True) if level in top]
    edge = f'fill="none" stroke="{style.GREY}" stroke-width="1.6" stroke-dasharray="9 3 2 3"'
    return _paths(paper.place(np.array(own, dtype=object)), edge) if own else ""


def _points(geoms: Any) -> Any:
    usable = [geom for geom in geoms if geom is not None and geom.geom_type == "Point" and not geom.is_empty]
    return shapely.get_coordinates(np.array(usable, dtype=object))


def _homes(view: View, shapes: dict[str, Any], paper: Paper) -> str:
    if "household" not in view.tables:
        return ""
    placed = paper.place(shapes["household"])
    strong = [flag is True for flag in _column(view, "household", "stronghold")]
    plain = _points([geom for geom, flag in zip(placed, strong, strict=True) if not flag])
    dots = ""
    if 0 < len(plain) <= MOST_HOUSEHOLDS:
        spots = "".join(f"M{_number(x)} {_number(y)}h0" for x, y in plain)
        look = f'stroke="{style.GREEN}" stroke-width="2.6" stroke-linecap="round" opacity=".6"'
        dots = f'<path d="{spots}" {look}/>'
    houses = "".join(
        f"M{_number(x - 5)} {_number(y + 5)}v-6l5-5l5 5v6Z"
        for x, y in _points([geom for geom, flag in zip(placed, strong, strict=True) if flag])
    )
    return dots + (
        f'<path d="{houses}" fill="{style.GREEN}" stroke="#fff" stroke-width="1"/>' if houses else ""
    )


def _border(shapes: dict[str, Any], paper: Paper) -> str:
    if "border" not in shapes:
        return ""
    line = f'fill="none" stroke="{style.INK}" stroke-width="1.6" stroke-dasharray="10 3 2 3"'
    return _paths(paper.place(shapes["border"]), line)


def _sections(view: View, shapes: dict[str, Any], paper: Paper) -> str:
    if "sections" not in shapes:
        return ""
    starts = [float(value) if value is not None else 0.0 for value in _column(view, "sections", "from_m")]
    west_to_east = [int(at) for at in np.argsort(np.array(starts), kind="stable")]
    placed = paper.place(shapes["sections"])[west_to_east]
    cased = _paths(placed, 'fill="none" stroke="#fff" stroke-width="8"')
    even = _paths(placed[0::2], f'fill="none" stroke="{style.VERMILLION}" stroke-width="5"')
    # Every second one is paler and dashed: two neighbours never look alike, in grey neither.
    odd = _paths(placed[1::2], f'fill="none" stroke="{style.ORANGE}" stroke-width="5" stroke-dasharray="9 2"')
    return cased + even + odd


def _outposts(shapes: dict[str, Any], paper: Paper) -> str:
    if "outpost" not in shapes:
        return ""
    flags = "".join(
        f"M{_number(x - 1)} {_number(y)}v-14h2l8 4l-8 4v6Z"
        for x, y in _points(paper.place(shapes["outpost"]))
    )
    return f'<path d="{flags}" fill="{style.INK}" stroke="#fff" stroke-width="1"/>' if flags else ""


def _fault_areas(shapes: dict[str, Any], paper: Paper) -> str:
    """Draw the findings' areas, below the border: they would hide its sections."""
    if "findings" not in shapes:
        return ""
    areas = [
        geom for geom in paper.place(shapes["findings"]) if geom is not None and "Poly" in geom.geom_type
    ]
    return _paths(areas, f'fill="{style.FAULT}" fill-opacity=".25" {FAULT_EDGE}')


def _faults(shapes: dict[str, Any], paper: Paper) -> str:
    if "findings" not in shapes:
        return ""
    placed = paper.place(shapes["findings"])
    lines = [geom for geom in placed if geom is not None and "Line" in geom.geom_type]
    cased = _paths(lines, 'fill="none" stroke="#fff" stroke-width="9"')
    drawn = _paths(lines, f'fill="none" {FAULT_EDGE}')
    spots = _points(placed)
    arm = 6 if len(spots) <= MANY_FAULTS else 3
    cross = f"l{2 * arm} {2 * arm}m0-{2 * arm}l-{2 * arm} {2 * arm}"
    crosses = "".join(f"M{_number(x - arm)} {_number(y - arm)}{cross}" for x, y in spots)
    marks = f'<path d="{crosses}" stroke="{style.FAULT}" stroke-width="{arm / 2:g}"/>' if crosses else ""
    return cased + drawn + marks


def _labels(view: View, spec: ProjectSpec, shapes: dict[str, Any], paper: Paper) -> str:
    kept = keeps_ids(view, spec)
    words: list[str] = []
    taken: list[Any] = []
    for table, look in (("patrol_zone", "zone"), ("sections", "section")):
        # A new id is nobody's name; zones have one, sections do not.
        column = "id" if kept else "name"
        if table not in view.tables or not 0 < len(shapes[table]) <= MOST_LABELS:
            continue
        for one, text in zip(paper.place(shapes[table]), _column(view, table, column), strict=True):
            if one is None or one.is_empty or text is None:
                continue
            point = _spot(one)
            # Names are long: one that would lie on another stays away. Ids are short, and all are shown.
            half = len(str(text)) * LETTER / 2
            own = shapely.box(point.x - half, point.y - LETTER, point.x + half, point.y + LETTER / 2)
            if not kept and any(shapely.intersects(own, other) for other in taken):
                continue
            taken.append(own)
            lift = SECTION_LIFT if table == "sections" else 0.0
            place = f'x="{_number(point.x)}" y="{_number(point.y - lift)}"'
            words.append(f'<text class="{look}" {place}>{inert(str(text))}</text>')
    return "".join(words)


def _spot(geom: Any) -> Any:
    if "Line" in geom.geom_type:
        longest = max(shapely.get_parts(geom), key=lambda part: part.length)
        return shapely.line_interpolate_point(longest, 0.5, normalized=True)
    return shapely.point_on_surface(geom)


def _scale_bar(paper: Paper) -> str:
    """Return a bar of a round number of kilometres and an arrow to grid north."""
    longest = SCALE_SHARE * (WIDTH - 2 * MARGIN) / paper.scale / 1000
    rounds = [step * 10.0**power for power in range(-2, 4) for step in STEPS]
    length = max((one for one in rounds if one <= longest), default=rounds[0])
    units = length * 1000 * paper.scale
    x, y = MARGIN, paper.height - 10
    north = WIDTH - MARGIN
    bar = f"M{x:g} {y - 5:g}v5h{_number(units)}v-5"
    return (
        f'<path d="{bar}" fill="none" stroke="{style.INK}" stroke-width="1.5"/>'
        f'<text class="scale" x="{_number(x + units / 2)}" y="{y - 5:g}">{length:g} km</text>'
        f'<path d="M{north:g} {MARGIN + 4:g}l-6 18l6-4l6 4Z" fill="{style.INK}"/>'
        f'<text class="scale" x="{north:g}" y="{MARGIN:g}">N</text>'
    )
