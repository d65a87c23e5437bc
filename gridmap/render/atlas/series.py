"""The sheets of an atlas: which there are, at which scale, where each lies, and what is beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely

from gridmap.errors import RenderError
from gridmap.render.atlas.asked import ROUND, Asked
from gridmap.render.atlas.page import Box
from gridmap.render.atlas.plane import MM_PER_M, Plane
from gridmap.render.atlas.subjects import Subject

AIR_MM = 6.0  # between what a sheet is about and its frame
OVERLAP_MM = 10.0  # what two parts of one subject show both
LEAST_M = 2_000.0  # a subject of one point still has a neighbourhood
MOST_SHEETS = 400
STRIP = 0.12  # of a sheet's width or height: how far beyond its edge one looks for its neighbours
TOUCHED = 0.05  # of that strip
MOST_BESIDE = 2


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """One sheet.

    Parameters
    ----------
    number : str
        ``"3"``, or ``"3.2"`` where a subject takes several.
    subject : Subject
        What it is about.
    plane : Plane
        Frame, scale and centre.
    part, parts : int
        Which of the subject's sheets it is, of how many.
    """

    number: str
    subject: Subject
    plane: Plane
    part: int = 1
    parts: int = 1


def leaves(found: list[Subject], asked: Asked, frame: Box, crs: str) -> list[Leaf]:
    """Return the sheets of some subjects.

    Parameters
    ----------
    found : list of Subject
        In their order.
    asked : Asked
        The scale, if one is asked for.
    frame : Box
        The map's frame on every page.
    crs : str
        The working CRS.

    Raises
    ------
    RenderError
        GM702 if there is no subject; GM704 if the scale takes too many sheets.
    """
    if not found:
        raise RenderError(
            "GM702",
            f"there is no {asked.by} to make a sheet of",
            where="what the audience may see",
            fix="make sheets by another of unit, township, section, or choose an audience that may see more",
        )
    made: list[Leaf] = []
    for number, subject in enumerate(found, start=1):
        left, bottom, right, top = _extent(subject.shape)
        scale = asked.scale or fitting((right - left, top - bottom), frame)
        planes = _planes(subject.shape, (left, bottom, right, top), Plane(frame, (0.0, 0.0), scale, crs))
        if len(made) + len(planes) > MOST_SHEETS:
            raise RenderError(
                "GM704",
                f"an atlas at 1:{scale} would have more than {MOST_SHEETS} sheets",
                where="--scale",
                fix="ask for a smaller scale (a larger number), larger paper, or no scale at all",
            )
        many = len(planes)
        made += [
            Leaf(f"{number}" if many == 1 else f"{number}.{part}", subject, plane, part, many)
            for part, plane in enumerate(planes, start=1)
        ]
    return made


def fitting(size: tuple[float, float], frame: Box, *, air: float = AIR_MM) -> int:
    """Return the largest round scale at which so many metres fit a frame."""
    wide, tall = frame.width - 2 * air, frame.height - 2 * air
    need = max(size[0] / wide, size[1] / tall) * MM_PER_M
    return next((one for one in ROUND if one >= need), ROUND[-1])


def _extent(shape: Any) -> tuple[float, float, float, float]:
    left, bottom, right, top = shapely.bounds(shape).tolist()
    more_x, more_y = max(0.0, LEAST_M - (right - left)) / 2, max(0.0, LEAST_M - (top - bottom)) / 2
    return left - more_x, bottom - more_y, right + more_x, top + more_y


def _planes(shape: Any, extent: tuple[float, float, float, float], like: Plane) -> list[Plane]:
    """Return the frames that show a subject: one, or a grid of them, from the north-west."""
    left, bottom, right, top = extent
    # Whole metres: the corners of a sheet can be written down.
    centre = (float(round((left + right) / 2)), float(round((bottom + top) / 2)))
    wide, tall = like.frame.width / like.mm, like.frame.height / like.mm
    air, overlap = 2 * AIR_MM / like.mm, OVERLAP_MM / like.mm
    columns = 1 if right - left <= wide - air else _many(right - left + air, wide, overlap)
    rows = 1 if top - bottom <= tall - air else _many(top - bottom + air, tall, overlap)
    if columns * rows > MOST_SHEETS * 10:
        # More than can be meant: not even looked at, which of them are empty.
        return [like] * (MOST_SHEETS + 1)
    made = []
    shapely.prepare(shape)
    for row in range(rows):
        for column in range(columns):
            x = centre[0] + (column - (columns - 1) / 2) * (wide - overlap)
            y = centre[1] - (row - (rows - 1) / 2) * (tall - overlap)
            plane = replace(like, centre=(float(round(x)), float(round(y))))
            if columns * rows == 1 or _touches(shape, plane):
                made.append(plane)
    return made


def _many(length: float, frame: float, overlap: float) -> int:
    return int(np.ceil((length - overlap) / (frame - overlap)))


def _touches(shape: Any, plane: Plane) -> bool:
    box = shapely.box(*plane.extent)
    return any(shapely.intersects(box, one) for one in shapely.get_parts(shape))


def beside(leaf: Leaf, every: list[Leaf]) -> dict[str, tuple[str, ...]]:
    """Return the numbers of the sheets that go on at each edge of a sheet.

    Method: beyond each edge a strip is looked at; a sheet that covers some of it, and whose middle lies
    that way, goes on there; those that cover most of it come first.
    """
    left, bottom, right, top = leaf.plane.extent
    wide, tall = (right - left) * STRIP, (top - bottom) * STRIP
    strips = {
        "top": ((left, top, right, top + tall), (0, 1)),
        "bottom": ((left, bottom - tall, right, bottom), (0, -1)),
        "left": ((left - wide, bottom, left, top), (-1, 0)),
        "right": ((right, bottom, right + wide, top), (1, 0)),
    }
    found = {}
    for name, (strip, way) in strips.items():
        scored = [
            (-share, at, one.number)
            for at, one in enumerate(every)
            if one is not leaf
            and (share := _covered(strip, one.plane.extent)) >= TOUCHED
            and _ahead(leaf, one, way)
        ]
        found[name] = tuple(number for *_, number in sorted(scored)[:MOST_BESIDE])
    return found


def _covered(strip: tuple[float, ...], box: tuple[float, ...]) -> float:
    wide = min(strip[2], box[2]) - max(strip[0], box[0])
    tall = min(strip[3], box[3]) - max(strip[1], box[1])
    return max(wide, 0.0) * max(tall, 0.0) / ((strip[2] - strip[0]) * (strip[3] - strip[1]))


def _ahead(leaf: Leaf, other: Leaf, way: tuple[int, int]) -> bool:
    """Say whether a sheet's middle lies mostly in a direction from another's."""
    step = np.array(other.plane.centre) - np.array(leaf.plane.centre)
    along, across = float(step @ np.array(way)), abs(float(step @ np.array([way[1], way[0]])))
    left, bottom, right, top = leaf.plane.extent
    length = (right - left) if way[0] else (top - bottom)
    return along > 0.25 * length and along >= across
