"""The placemarks of a KML document, wherever they stand in it.

KML lets a feature have a name, a description, values of its own in three spellings, and shapes in shapes.
What it has besides (times, looks, links, pictures) is not read; what a reader would miss of it is noted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gridmap.exchange import vertices
from gridmap.exchange.inert import exact
from gridmap.exchange.markup import Cells, Listener, trimmed
from gridmap.exchange.vertices import Floats, Place, ShapeError

# The schema of our own files: their values are texts of `gridmap.exchange.inert`, with every blank meant.
SCHEMA = "gridmap-exact-1"
CONTAINERS = frozenset({"Folder", "Document"})
TEXTS = frozenset({"name", "description", "address", "phoneNumber"})
TIMES = frozenset({"TimeStamp", "TimeSpan", "when", "SimpleArrayData"})
SIMPLE = frozenset({"Point", "LineString", "LinearRing"})
SHAPES = SIMPLE | {"Polygon", "MultiGeometry", "Track", "MultiTrack"}
MISSED = {
    "NetworkLink": "network links are not followed: what they point to is not in the file",
    "GroundOverlay": "pictures laid over the map are left out",
    "ScreenOverlay": "pictures laid over the map are left out",
    "PhotoOverlay": "pictures laid over the map are left out",
    "Model": "models of buildings and the like are left out",
}
NO_TIMES = "times and devices are dropped"
TWICE = "stands there twice, with different values"


class Builder:
    """The shape of one placemark, put together while its elements are read."""

    def __init__(self, *, repair: bool) -> None:
        self.repair = repair
        self.parts: list[Any] = []
        self.several = False
        self.reason: str | None = None
        self.lone = 0
        self._said = False
        self._outlines: list[Floats] = []
        self._holes: list[Floats] = []
        self._segments: list[list[Place]] = []

    def opened(self, name: str, parent: str) -> bool:
        """Begin an element; return whether it holds positions."""
        if name in SIMPLE:
            self._said = False
        elif name == "Polygon":
            self._outlines, self._holes = [], []
        elif name == "MultiGeometry":
            self.several = True
        elif name == "Track":
            self._segments.append([])
        return (name == "coordinates" and parent in SIMPLE) or (name == "coord" and parent == "Track")

    def said(self, parent: str, holder: str, text: str) -> None:
        """Take positions: those of a point, line or ring, or one of a track."""
        self._said = True
        try:
            if parent == "Point":
                self.parts.append(vertices.position(text))
            elif parent == "Track":
                # A blank between the numbers, not a comma.
                self._segments[-1].append(vertices.position(",".join(text.split())))
            elif parent == "LineString":
                self.parts.append(vertices.line(vertices.positions(text)))
            elif holder == "outerBoundaryIs":
                self._outlines.append(vertices.positions(text))
            elif holder == "innerBoundaryIs":
                self._holes.append(vertices.positions(text))
            else:
                self.parts.append(vertices.line(vertices.ring(vertices.positions(text), repair=self.repair)))
        except ShapeError as error:
            self._fault(str(error))

    def closed(self, name: str, parent: str) -> None:
        """End an element."""
        try:
            if name in SIMPLE and not self._said:
                self._fault(vertices.NOTHING)
            elif name == "Polygon" and self.reason is None:
                self.parts.append(vertices.area(self._outlines, self._holes, repair=self.repair))
            elif name == "MultiTrack" or (name == "Track" and parent != "MultiTrack"):
                segments, self._segments = self._segments, []
                line, lone = vertices.track(segments)
                self.lone += lone
                self.parts += [] if line is None else [line]
        except ShapeError as error:
            self._fault(str(error))

    def shape(self) -> Any | None:
        """Return the shape, a point as its position; None if there is none or `reason` is given."""
        if self.reason is not None:
            return None
        if len(self.parts) == 1 and not self.several:
            return self.parts[0]
        if not self.parts and not self.several:
            return None
        return vertices.together(list(vertices.placed(self.parts)))

    def _fault(self, reason: str) -> None:
        self.reason = self.reason or reason


@dataclass(slots=True)
class _Container:
    """A folder or document, and what it is in; its name may come after what it holds."""

    parent: int
    folder: bool
    name: str = ""


@dataclass(slots=True)
class _Mark:
    """A placemark that is being read."""

    depth: int
    shape: Builder
    texts: dict[str, str] = field(default_factory=dict)
    values: list[tuple[str, str]] = field(default_factory=list)
    own: bool = False


@dataclass
class Marks:
    """What was read: texts and values by row, shapes, faults, and what each row is in."""

    texts: Cells = field(default_factory=Cells)
    values: Cells = field(default_factory=Cells)
    shapes: list[Any] = field(default_factory=list)
    faults: list[tuple[int, str, str]] = field(default_factory=list)
    containers: list[int] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)
    notes: dict[str, None] = field(default_factory=dict)
    lone: int = 0


class KmlListener(Listener):
    """Gathers the placemarks of a document in `marks`."""

    def __init__(self, *, repair: bool) -> None:
        super().__init__()
        self.marks = Marks()
        self.own = False
        self._repair = repair
        self._containers = [_Container(-1, folder=False)]
        self._inside = [0]
        self._mark: _Mark | None = None
        self._key = ""

    def opened(self, name: str, attributes: dict[str, str]) -> bool:
        """Take note of an element."""
        mark = self._mark
        if mark is None:
            return self._outside(name, attributes)
        level = len(self.path) - mark.depth
        if level > 1 and self.path[mark.depth] == "ExtendedData":
            return self._value(mark, name, attributes, level)
        if level == 1 and name in TEXTS:
            return True
        if name in TIMES:
            self.marks.notes[NO_TIMES] = None
        elif name in MISSED:
            self.marks.notes[MISSED[name]] = None
        elif self.path[mark.depth] in SHAPES:
            return mark.shape.opened(name, self.path[-2])
        return False

    def said(self, name: str, text: str) -> None:
        """Take a text."""
        mark = self._mark
        if mark is None:
            self._containers[self._inside[-1]].name = text.strip()
        elif len(self.path) == mark.depth + 1:
            mark.texts[name] = text
        elif self.path[mark.depth] == "ExtendedData":
            mark.values.append((self._key, text))
        else:
            mark.shape.said(self.path[-2], self.path[-3], text)

    def closed(self, name: str) -> None:
        """Take note of an element's end."""
        mark = self._mark
        if mark is None:
            if name in CONTAINERS:
                self._inside.pop()
        elif len(self.path) == mark.depth:
            self._finish(mark)
            self._mark = None
        elif name in SHAPES and self.path[mark.depth] in SHAPES:
            mark.shape.closed(name, self.path[-2])

    def places(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return for each row the path of folders that it is in, and the names of all that it is in."""
        # A container stands behind the one it is in.
        ways: list[tuple[str, tuple[str, ...]]] = []
        for one in self._containers:
            way, names = ways[one.parent] if ways else ("", ())
            if one.folder and one.name:
                way = f"{way}/{one.name}" if way else one.name
            ways.append((way, (*names, one.name) if one.name else names))
        return [ways[at] for at in self.marks.containers]

    def _outside(self, name: str, attributes: dict[str, str]) -> bool:
        parent = self.path[-2] if len(self.path) > 1 else ""
        if name == "Placemark":
            self._mark = _Mark(len(self.path), Builder(repair=self._repair))
        elif name in CONTAINERS:
            self._containers.append(_Container(self._inside[-1], folder=name == "Folder"))
            self._inside.append(len(self._containers) - 1)
        elif name == "Schema":
            self.own = attributes.get("id") == SCHEMA
        elif name == "SimpleField" and self.own:
            self.marks.fields.append(exact(attributes.get("name", "")))
        elif name in MISSED:
            self.marks.notes[MISSED[name]] = None
        return name == "name" and parent in CONTAINERS

    def _value(self, mark: _Mark, name: str, attributes: dict[str, str], level: int) -> bool:
        """Take note of extended data: ``Data/value``, ``SchemaData/SimpleData`` or an element of its own."""
        if level == 2:  # noqa: PLR2004 - a child of ExtendedData
            if name == "SchemaData":
                mark.own = attributes.get("schemaUrl") == f"#{SCHEMA}"
                return False
            self._key = attributes.get("name", name)
            return name != "Data"
        if name in TIMES:
            self.marks.notes[NO_TIMES] = None
        if name == "SimpleData":
            self._key = attributes.get("name", name)
        return (self.path[-2], name) in {("Data", "value"), ("SchemaData", "SimpleData")}

    def _finish(self, mark: _Mark) -> None:
        marks = self.marks
        row = len(marks.shapes)
        for name, text in mark.texts.items():
            marks.texts.put(row, name, exact(text) if mark.own else trimmed(text))
        values: dict[str, str | None] = {}
        for key, text in mark.values:
            name = exact(key) if mark.own else key.strip()
            value = exact(text) if mark.own else trimmed(text)
            if values.setdefault(name, value) != value:
                marks.faults.append((row, name, TWICE))
        for name, value in values.items():
            marks.values.put(row, name, value)
        marks.shapes.append(mark.shape.shape())
        if mark.shape.reason is not None:
            marks.faults.append((row, "geometry", mark.shape.reason))
        marks.lone += mark.shape.lone
        marks.containers.append(self._inside[-1])


def table_of(listener: KmlListener) -> tuple[dict[str, list[Any]], np.ndarray[Any, np.dtype[np.object_]]]:
    """Return the columns and shapes of all placemarks.

    A value under the name of an element (``name``) is the same column where no row has both with different
    contents; otherwise both are columns, and what is meant is for the caller to say.
    """
    marks = listener.marks
    count = len(marks.shapes)
    texts, values = marks.texts.columns(count), marks.values.columns(count)
    folders = [way or None for way, _ in listener.places()]
    if any(folders):
        texts["folder"] = folders
    columns: dict[str, list[Any]] = {name: [None] * count for name in marks.fields}
    columns |= texts
    for name, cells in values.items():
        if name not in texts:
            columns[name] = cells
            continue
        pairs = list(zip(texts[name], cells, strict=True))
        if all(one is None or other is None or one == other for one, other in pairs):
            columns[name] = [other if one is None else one for one, other in pairs]
        else:
            columns[f"{name} (ExtendedData)"] = cells
    return columns, vertices.placed(marks.shapes)
