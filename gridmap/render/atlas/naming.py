"""Names on a sheet: the less important of two that meet stays away. As ``assets/js/labels.js`` does it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from gridmap.model.scene import Drawing, Label, Mark
from gridmap.render.atlas import ink
from gridmap.render.atlas.content import AREA, LINE, POINT, Content, plane_bearing
from gridmap.render.atlas.page import MIDDLE, Box, Marks, Page, Pen, Words, points
from gridmap.render.atlas.page import POINT as POINTS
from gridmap.render.atlas.plane import Plane
from gridmap.render.atlas.typeface import Weight

Floats = npt.NDArray[np.float64]

MOST = 900  # names that are tried on a sheet: more could not be read
BOLD_FROM = 600
EQUATOR_M_PX, PX_MM = 156_543.034, 25.4 / 96
MAJOR = Label(colour="#1B1F23", size=11, weight=700, priority=92)
MINOR = Label(colour="#3C4146", size=10.5, weight=500, priority=45)
TICKS = {True: (3.0, 1.0, 2.6), False: (1.9, 0.7, 1.9)}  # half length in mm, width and ground in points
HALO = 1.5  # points to either side of a letter
NARROWEST_MM = 4.0  # a strip of an area that is narrower is not named
SHARES = (0.5, 0.42, 0.58, 0.33, 0.67)
MOST_OBSTACLES = 4000
EVERY = frozenset({"line", "area", "point", "findings", "base"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name that wants a place.

    Parameters
    ----------
    label : Label
        How it is written, and how important it is.
    texts : tuple of str
        What is tried, one after the other.
    at : (x, y)
        Millimetres.
    kind : int
        0 at a point, 1 on a line, 2 in an area.
    away : float
        Millimetres to keep from the place.
    room : float
        How wide the area is there.
    mark, angle
        Of a chainage mark: itself, and its bearing from grid north.
    """

    label: Label
    texts: tuple[str, ...]
    at: tuple[float, float]
    kind: int
    away: float = 0.0
    room: float = 0.0
    mark: Mark | None = None
    angle: float = 0.0


def zoom_of(plane: Plane) -> float:
    """Return the zoom of a web map on which things are as large as on the sheet."""
    lat = float(plane.lonlat([plane.centre])[0, 1])
    metres = plane.scale * PX_MM / 1000
    return float(np.log2(EQUATOR_M_PX * np.cos(np.radians(lat)) / metres))


def write_names(
    page: Page, plane: Plane, content: Content, *, least: int = 0, groups: frozenset[str] = EVERY
) -> None:
    """Write the names and chainage marks of a map.

    Parameters
    ----------
    page, plane, content
        The sheet.
    least : int
        Names of a lower priority stay away.
    groups : frozenset of str
        Names and marks of other groups of drawings stay away.
    """
    found = [one for one in _candidates(plane, content, groups) if one.label.priority >= least]
    found.sort(key=lambda one: -one.label.priority)
    taken = _obstacles(plane, content)
    words: list[Words] = []
    ticks: list[Candidate] = []
    for one in found[:MOST]:
        placed = next((made for text in one.texts if (made := _write(page, plane, one, text, taken))), None)
        words += [] if placed is None else [placed]
        if one.mark is not None and (placed is not None or one.mark.major):
            ticks.append(one)
    for one in ticks:
        _tick(page, one)
    _halos(page, words)
    page.items += words


def _candidates(plane: Plane, content: Content, groups: frozenset[str]) -> Iterator[Candidate]:
    zoom = zoom_of(plane)
    for drawing in content.scene.drawings:
        if drawing.group not in groups:
            continue
        for label in drawing.labels:
            if zoom >= label.min_zoom:
                yield from _of_label(plane, content, drawing, label)
        for mark in drawing.marks:
            xy, angle = plane_bearing(mark, plane.crs)
            at = plane.place(xy)[0]
            if plane.holds(at[None, :])[0]:
                label = MAJOR if mark.major else MINOR
                yield Candidate(
                    label, (mark.text,), (float(at[0]), float(at[1])), LINE, TICKS[mark.major][0] + 0.6, 0.0,
                    mark, angle,
                )  # fmt: skip


def _of_label(plane: Plane, content: Content, drawing: Drawing, label: Label) -> Iterator[Candidate]:
    rows = content.rows(drawing.table)
    if rows is None:
        return
    codes, texts = content.codes(drawing), content.texts(drawing, label)
    left, bottom, right, top = plane.extent
    box = shapely.bounds(rows.geoms)
    near = (box[:, 0] <= right) & (box[:, 2] >= left) & (box[:, 1] <= top) & (box[:, 3] >= bottom)
    for row in np.flatnonzero(near & (codes < len(drawing.cases))).tolist():
        if not texts[row]:
            continue
        at = place_of(plane, rows.geoms[row])
        if at is None:
            continue
        x, y, room = at
        kind = int(rows.kinds[row])
        size = ink.radius(drawing.cases[int(codes[row])].style, plane.scale) / POINTS
        away = {POINT: size + 0.5, LINE: 1.6}.get(kind, 0.0)
        short = label.shorts[row] if row < len(label.shorts) else ""
        yield Candidate(label, (texts[row], short) if short else (texts[row],), (x, y), kind, away, room)


def place_of(plane: Plane, geom: Any) -> tuple[float, float, float] | None:
    """Return where a shape is named on a sheet, in millimetres, and how wide it is there.

    Of an area the middle of its widest stretch near half its height, of a line its middle, of what is
    inside the frame only.
    """
    kind = int(shapely.get_dimensions(geom))
    inside = plane.on_paper(np.array([geom], dtype=object), beyond=0.0)[0]
    if inside is None or inside.is_empty:
        return None
    if kind == POINT:
        x, y = shapely.get_coordinates(inside)[0]
        return float(x), float(y), 0.0
    parts = [one for one in shapely.get_parts(inside) if shapely.get_dimensions(one) == kind]
    if not parts:
        return None
    if kind == LINE:
        middle = shapely.line_interpolate_point(max(parts, key=shapely.length), 0.5, normalized=True)
        return float(middle.x), float(middle.y), 0.0
    return _widest(max(parts, key=shapely.area))


def _widest(area: Any) -> tuple[float, float, float] | None:
    left, bottom, right, top = area.bounds
    best: tuple[float, float, float, float] | None = None
    for rank, share in enumerate(SHARES):
        y = bottom + (top - bottom) * share
        try:
            cut = shapely.intersection(area, shapely.LineString([(left - 1, y), (right + 1, y)]))
        except shapely.GEOSException:
            # An outline that crosses itself is named at its middle.
            point = area.representative_point()
            return float(point.x), float(point.y), right - left
        for part in shapely.get_parts(cut):
            width = float(part.length)
            weighed = width * (1 - rank * 0.08)
            if best is None or weighed > best[0]:
                best = (weighed, float(part.centroid.x), y, width)
    if best is None or best[3] < NARROWEST_MM:
        return None
    return best[1], best[2], best[3]


def _offsets(one: Candidate, width: float, height: float) -> list[tuple[float, float]]:
    """Return where the middle of a text may be beside its place, the best first (y upwards)."""
    if one.mark is not None:
        # Across the line, first on its left: looking east that is abroad, where the sheet is empty.
        turn = np.radians(one.angle - 90)
        reach = one.away + abs(np.sin(turn)) * width * 0.5 + abs(np.cos(turn)) * height / 2
        x, y = float(np.sin(turn) * reach), float(np.cos(turn) * reach)
        return [(x, y), (-x, -y)]
    if one.kind == LINE:
        lift = one.away + height / 2
        return [
            (0, lift + 4),
            (0, -lift),
            (0, lift),
            (0, -lift - 4),
            (width / 3, lift + 4),
            (-width / 3, lift + 4),
        ]
    if one.kind == AREA:
        return [(0, 0), (0, -height), (0, height), (0, -2 * height), (0, 2 * height)]
    side, up = one.away + width / 2, one.away + height / 2
    near = [(side, 0), (-side, 0), (0, up), (0, -up), (side * 0.8, up * 0.8), (side * 0.8, -up * 0.8)]
    return [(float(x), float(y)) for x, y in near]


def _write(page: Page, plane: Plane, one: Candidate, text: str, taken: list[Box]) -> Words | None:
    """Return a text at the first place that is free, and take that; None if there is none."""
    clean = page.fonts.clean(text)
    weight: Weight = "bold" if one.label.weight >= BOLD_FROM else "regular"
    size = round(one.label.size * ink.TEXTS, 2)
    points_wide = page.fonts.of(weight).width(clean, size)
    width, height = points_wide / POINTS, size / POINTS * 1.15
    if not clean or (one.label.fits and one.room and width + 1 > one.room):
        return None
    within = plane.frame.inset(0.6)
    for x, y in [(0.0, 0.0)] if one.label.fits else _offsets(one, width, height):
        middle = (one.at[0] + x, one.at[1] + y)
        box = Box(
            middle[0] - width / 2 - 0.4,
            middle[1] - height / 2,
            middle[0] + width / 2 + 0.4,
            middle[1] + height / 2,
        )
        if not _inside(box, within) or any(_meet(box, other) for other in taken if not _own(other, one)):
            continue
        taken.append(box)
        left = round((middle[0] - width / 2) * POINTS, 2)
        return Words(
            clean,
            left,
            round(middle[1] * POINTS - MIDDLE * size, 2),
            size,
            points_wide,
            weight,
            one.label.colour,
        )
    return None


def _own(box: Box, one: Candidate) -> bool:
    """Say whether an obstacle is the symbol that a name belongs to."""
    x, y = box.middle
    return one.kind == POINT and abs(x - one.at[0]) < 0.05 and abs(y - one.at[1]) < 0.05  # noqa: PLR2004 - the same place


def _inside(box: Box, other: Box) -> bool:
    return (
        box.left >= other.left
        and box.bottom >= other.bottom
        and box.right <= other.right
        and box.top <= other.top
    )


def _meet(a: Box, b: Box) -> bool:
    return a.left < b.right and b.left < a.right and a.bottom < b.top and b.bottom < a.top


def _obstacles(plane: Plane, content: Content) -> list[Box]:
    """Return the symbols that a name must not cover: all but dots."""
    found: list[Box] = []
    for drawing in content.scene.drawings:
        rows = content.rows(drawing.table)
        if rows is None or drawing.group == "findings" or len(rows.kinds) > MOST_OBSTACLES:
            continue
        codes = content.codes(drawing)
        for at, case in enumerate(drawing.cases):
            if case.style.shape == "dot":
                continue
            places = plane.place(rows.xy[(codes == at) & (rows.kinds == POINT)])
            half = ink.radius(case.style, plane.scale) / POINTS * 0.9
            found += [
                Box(x - half, y - half, x + half, y + half) for x, y in places[plane.holds(places)].tolist()
            ]
    return found


def _tick(page: Page, one: Candidate) -> None:
    half, width, ground = TICKS[one.mark is not None and one.mark.major]
    turn = np.radians(one.angle)
    step = np.array([np.cos(turn), -np.sin(turn)]) * half
    ends = np.array([np.array(one.at) - step, np.array(one.at) + step])
    page.shape([(ends, False)], Pen(stroke="#FFFFFF", width=ground))
    page.shape([(ends, False)], Pen(stroke="#1B1F23", width=width))


def _halos(page: Page, words: list[Words]) -> None:
    """Draw a pale ground around the letters, as outlines: the text itself stays text."""
    places: dict[tuple[str, Weight, float], list[tuple[float, float]]] = defaultdict(list)
    for one in words:
        font, x = page.fonts.of(one.weight), one.x
        for letter in one.text:
            if letter != " ":
                places[letter, one.weight, one.size].append((x, one.y))
            x += font.width(letter, one.size)
    pen = Pen(stroke="#FFFFFF", width=HALO, fill="#FFFFFF", opacity=0.9, fill_opacity=0.9)
    for (letter, weight, size), spots in places.items():
        page.items.append(Marks(letter, points(np.array(spots) / POINTS), size, pen, glyph_of=weight))
