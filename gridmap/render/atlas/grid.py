"""The kilometre grid, the graticule at the frame, and the numbers of the sheets beside."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from gridmap.render.atlas.page import Box, Page, Pen
from gridmap.render.atlas.plane import Plane

Floats = npt.NDArray[np.float64]

GRID_STEPS_M = (1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000)
GRID_LEAST_MM = 20.0
ARC_STEPS_MIN = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600)
ARC_LEAST_MM = 28.0
GRID = Pen(stroke="#41637C", width=0.3, opacity=0.65)
CROSS = Pen(stroke="#41637C", width=0.45)
NEAT, OUTER, TICK = (
    Pen(stroke="#1B1F23", width=0.7),
    Pen(stroke="#1B1F23", width=1.3),
    Pen(stroke="#1B1F23", width=0.5),
)
BAND = 4.2  # between the neat line and the outer frame: figures of the grid
COLLAR = 4.2  # outside the outer frame: degrees and minutes
GRID_SIZE, ARC_SIZE, NEXT_SIZE = 6.2, 6.0, 6.4
GRID_COLOUR, ARC_COLOUR = "#2B4A60", "#3C4146"
CROSS_MM = 1.3
STEPS = 240  # places along an edge, between which degrees are as good as straight
CLOSE_MM = 9.0  # a figure this near to a corner or to another one gives way

# Edges: how far along it a place is, and where it stands on the page.
Place = Callable[[float], tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Edge:
    """One edge of a frame.

    Parameters
    ----------
    name : {"top", "bottom", "left", "right"}
        Which.
    length : float
        Millimetres.
    begin : (x, y)
        Where it begins: at its left or lower end.
    along, out : (x, y)
        Directions along it and out of the frame.
    """

    name: str
    length: float
    begin: tuple[float, float]
    along: tuple[float, float]
    out: tuple[float, float]

    def at(self, along: float, out: float = 0.0) -> tuple[float, float]:
        """Return the place that is so far along the edge and so far outside."""
        return (
            self.begin[0] + along * self.along[0] + out * self.out[0],
            self.begin[1] + along * self.along[1] + out * self.out[1],
        )

    @property
    def upright(self) -> bool:
        """Whether it is the left or the right one."""
        return self.name in {"left", "right"}


def edges(box: Box) -> tuple[Edge, ...]:
    """Return the edges of a frame."""
    return (
        Edge("bottom", box.width, (box.left, box.bottom), (1, 0), (0, -1)),
        Edge("top", box.width, (box.left, box.top), (1, 0), (0, 1)),
        Edge("left", box.height, (box.left, box.bottom), (0, 1), (-1, 0)),
        Edge("right", box.height, (box.right, box.bottom), (0, 1), (1, 0)),
    )


def grid_step(scale: int) -> int:
    """Return how far apart the lines of the kilometre grid are, in metres."""
    return next((one for one in GRID_STEPS_M if one * 1000 / scale >= GRID_LEAST_MM), GRID_STEPS_M[-1])


def arc_step(plane: Plane) -> int:
    """Return how far apart the ticks of the graticule are, in minutes of arc."""
    degree_mm = 111_000.0 * plane.mm * np.cos(np.radians(plane.lonlat([plane.centre])[0, 1]))
    return next((one for one in ARC_STEPS_MIN if one / 60 * degree_mm >= ARC_LEAST_MM), ARC_STEPS_MIN[-1])


def draw_grid(page: Page, plane: Plane) -> None:
    """Draw the lines of the kilometre grid, and crosses where whole minutes of the graticule meet."""
    left, bottom, right, top = plane.extent
    step = grid_step(plane.scale)
    for x in _rounds(left, right, step):
        page.shape([(plane.place([[x, bottom], [x, top]]), False)], GRID)
    for y in _rounds(bottom, top, step):
        page.shape([(plane.place([[left, y], [right, y]]), False)], GRID)
    arms = []
    for x, y in _crossings(plane):
        arms += [(np.array([[x - CROSS_MM, y], [x + CROSS_MM, y]]), False)]
        arms += [(np.array([[x, y - CROSS_MM], [x, y + CROSS_MM]]), False)]
    page.shape(arms, CROSS)


def _rounds(low: float, high: float, step: float) -> Floats:
    return np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step


def _crossings(plane: Plane) -> Iterable[tuple[float, float]]:
    left, bottom, right, top = plane.extent
    ring = np.array([[left, bottom], [right, bottom], [right, top], [left, top]])
    low, high = plane.lonlat(ring).min(axis=0), plane.lonlat(ring).max(axis=0)
    step = arc_step(plane) / 60
    lon, lat = _rounds(low[0], high[0], step), _rounds(low[1], high[1], step)
    if not len(lon) or not len(lat):
        return []
    places = plane.place(plane.to_plane(np.stack([np.tile(lon, len(lat)), np.repeat(lat, len(lon))], axis=1)))
    inside = places[plane.holds(places, beyond=-2 * CROSS_MM)]
    return [(float(x), float(y)) for x, y in inside]


def draw_frame(page: Page, plane: Plane, beside: dict[str, str]) -> None:
    """Draw the frame with the figures of grid and graticule.

    Parameters
    ----------
    page : Page
        What is drawn on.
    plane : Plane
        The sheet.
    beside : dict of str to str
        By edge, what is said of the sheets that go on there; "" or nothing for none.
    """
    outer = plane.frame.inset(-BAND)
    page.box(plane.frame, NEAT)
    page.box(outer, OUTER)
    for edge in edges(plane.frame):
        taken = _neighbour(page, edge, beside.get(edge.name, ""))
        _grid_figures(page, plane, edge)
        _arc_figures(page, plane, edge, taken)


def _neighbour(page: Page, edge: Edge, text: str) -> tuple[float, float]:
    """Write which sheets go on at an edge, in its middle outside; return the stretch that this takes."""
    if not text:
        return (0.0, 0.0)
    at = edge.at(edge.length / 2, BAND + COLLAR / 2 + 0.2)
    angle = 90.0 if edge.upright else 0.0
    made = page.write(
        text, at, NEXT_SIZE, align="centre", middle=True, weight="bold", angle=angle, colour=ARC_COLOUR
    )
    half = 0.0 if made is None else made.width / 2 * 25.4 / 72 + 2
    return edge.length / 2 - half, edge.length / 2 + half


def _grid_figures(page: Page, plane: Plane, edge: Edge) -> None:
    """Write the grid's kilometres into the band: whole at the ends, the last two digits between."""
    left, bottom, right, top = plane.extent
    low, high = (bottom, top) if edge.upright else (left, right)
    rounds = _rounds(low, high, grid_step(plane.scale))
    figures = [(float(at), (at - low) * plane.mm) for at in rounds]
    figures = [(at, along) for at, along in figures if 2.0 <= along <= edge.length - 2.0]  # noqa: PLR2004 - clear of the corner
    for number, (at, along) in enumerate(figures):
        page.line(edge.at(along), edge.at(along, BAND), pen=TICK)
        whole = number in {0, len(figures) - 1}
        text = f"{at / 1000:.0f} km" if whole else f"{at / 1000:.0f}"[-2:]
        _figure(page, edge, along, text, whole=whole)


def _figure(page: Page, edge: Edge, along: float, text: str, *, whole: bool) -> None:
    width = page.fonts.of("bold").width(text, GRID_SIZE) * 25.4 / 72
    # Beside its line, on the side that is inside the frame.
    forward = along + 0.8 + width / 2
    middle = forward if forward + width / 2 <= edge.length + BAND - 0.5 else along - 0.8 - width / 2
    at = edge.at(middle, BAND / 2)
    weight = "bold" if whole else "regular"
    angle = 90.0 if edge.upright else 0.0
    page.write(
        text, at, GRID_SIZE, align="centre", middle=True, weight=weight, angle=angle, colour=GRID_COLOUR
    )


def _arc_figures(page: Page, plane: Plane, edge: Edge, taken: tuple[float, float]) -> None:
    """Draw ticks of the graticule where it meets an edge, with degrees and minutes outside."""
    before = -CLOSE_MM
    for minutes, along in _arcs(plane, edge):
        page.line(edge.at(along, BAND - 1.2), edge.at(along, BAND + 0.9), pen=TICK)
        page.line(edge.at(along, 0.0), edge.at(along, -1.2), pen=TICK)
        text = degrees_minutes(minutes, upright=edge.upright)
        half = page.fonts.regular.width(text, ARC_SIZE) * 25.4 / 144
        clear = along + half <= taken[0] or along - half >= taken[1]
        roomy = along - half >= -BAND and along + half <= edge.length + BAND
        if clear and roomy and along - half - before >= 1.5:  # noqa: PLR2004 - a gap between two
            at = edge.at(along, BAND + 1.1 + (COLLAR - 1.1) / 2)
            angle = 90.0 if edge.upright else 0.0
            page.write(text, at, ARC_SIZE, align="centre", middle=True, angle=angle, colour=ARC_COLOUR)
            before = along + half


def _arcs(plane: Plane, edge: Edge) -> list[tuple[int, float]]:
    """Return the whole minutes that meet an edge, and where, in millimetres along it."""
    along = np.linspace(0.0, edge.length, STEPS)
    on_page = np.array([edge.at(float(one)) for one in along])
    metres = (on_page - np.array(plane.frame.middle)) / plane.mm + np.array(plane.centre)
    minutes = plane.lonlat(metres)[:, 1 if edge.upright else 0] * 60
    if not np.isfinite(minutes).all() or minutes[-1] <= minutes[0]:
        return []
    step = arc_step(plane)
    rounds = _rounds(minutes[0], minutes[-1], step)
    return [(round(float(one)), float(np.interp(one, minutes, along))) for one in rounds]


def degrees_minutes(minutes: int, *, upright: bool) -> str:
    """Return whole minutes of arc as on a map: ``110°15′E``."""
    degrees, rest = divmod(abs(minutes), 60)
    side: Any = ("S" if minutes < 0 else "N") if upright else ("W" if minutes < 0 else "E")
    return f"{degrees}°{rest:02d}′{side}"
