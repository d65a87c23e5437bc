"""GPX: waypoints, routes, or tracks without the times that make them records of somebody's movement.

A file may hold all three; one is read. Of a device's record only where it went is taken: no times, no
speeds, no pulse, no name of the device.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from gridmap.exchange import vertices
from gridmap.exchange.format import WGS84, Format, RawTable, ReadRequest, unreadable
from gridmap.exchange.markup import Cells, Dialect, Listener, looks_like_xml, trimmed, walk
from gridmap.exchange.vertices import NUMBER, Place, ShapeError

DIALECT = Dialect("GPX", frozenset({"gpx"}))
LAYERS = {"wpt": "waypoints", "rte": "routes", "trk": "tracks"}
TEXTS = frozenset({"name", "cmt", "desc", "type", "sym"})
DROPPED = frozenset({"time", "src", "extensions"})
MISSING = "has a position without lat or lon"
NOT_NUMBERS = "has a lat or lon that is no number (decimals are written with a point)"
# Where elements stand: gpx/wpt, gpx/wpt/name, gpx/trk/trkseg/trkpt.
FEATURE, CHILD, GRANDCHILD = 2, 3, 4


@dataclass
class Layer:
    """The features of one sort."""

    cells: Cells = field(default_factory=Cells)
    shapes: list[Any] = field(default_factory=list)
    faults: list[tuple[int, str, str]] = field(default_factory=list)
    lone: int = 0


class GpxListener(Listener):
    """Gathers the features of a document in `layers`, positions only of the sort that is wanted."""

    def __init__(self, wanted: str | None) -> None:
        super().__init__()
        self.layers: dict[str, Layer] = {}
        self.dropped = False
        self._wanted = wanted
        self._texts: set[str] = set()
        self._segments: list[list[Place]] = []
        self._reason: str | None = None

    def opened(self, name: str, attributes: dict[str, str]) -> bool:
        """Take note of an element."""
        level = len(self.path)
        if level == FEATURE and name in LAYERS:
            self.layers.setdefault(LAYERS[name], Layer())
            self._texts, self._segments, self._reason = set(), [[]], None
            if name == "wpt":
                self._place(attributes)
        elif level > FEATURE and self.path[1] in LAYERS:
            if name in DROPPED:
                self.dropped = True
            elif name == "trkseg" and level == CHILD:
                self._segments.append([])
            elif (name == "rtept" and level == CHILD) or (name == "trkpt" and level == GRANDCHILD):
                self._place(attributes)
            return level == CHILD and name in TEXTS
        return False

    def said(self, name: str, text: str) -> None:
        """Take a text of a feature."""
        layer = self.layers[LAYERS[self.path[1]]]
        row = len(layer.shapes)
        # A second one would be against the format.
        if name not in self._texts:
            self._texts.add(name)
            layer.cells.put(row, name, trimmed(text))

    def closed(self, name: str) -> None:
        """Take note of an element's end."""
        if len(self.path) != FEATURE or name not in LAYERS:
            return
        layer = self.layers[LAYERS[name]]
        shape: Any = None
        try:
            if name == "wpt":
                shape = self._segments[0][0] if self._segments[0] else None
            else:
                shape, lone = vertices.track(self._segments)
                layer.lone += lone
        except ShapeError as error:
            self._reason = self._reason or str(error)
        if self._reason is not None:
            layer.faults.append((len(layer.shapes), "geometry", self._reason))
            shape = None
        layer.shapes.append(shape)

    def _place(self, attributes: dict[str, str]) -> None:
        """Take a position, unless the feature is of a sort that is not wanted."""
        if self._wanted not in {None, LAYERS[self.path[1]]}:
            return
        lon, lat = attributes.get("lon"), attributes.get("lat")
        if lon is None or lat is None:
            self._reason = self._reason or MISSING
            return
        lon, lat = lon.strip(), lat.strip()
        if not NUMBER.fullmatch(lon) or not NUMBER.fullmatch(lat):
            self._reason = self._reason or NOT_NUMBERS
            return
        try:
            self._segments[-1].append(vertices.finite(float(lon), float(lat)))
        except ShapeError as error:
            self._reason = self._reason or str(error)


def read(path: Path, request: ReadRequest) -> RawTable:
    """Read the features of one sort; they are counted from 1."""
    wanted = LAYERS.get(request.layer or "", request.layer)
    listener = GpxListener(wanted)
    decision = walk(path, listener, DIALECT, asked=request.encoding)
    layer = _layer(path, listener.layers, wanted)
    count = len(layer.shapes)
    notes = ["times and devices are dropped"] if listener.dropped else []
    if layer.lone:
        notes.append(f"{layer.lone} segments of a single position are left out of their tracks")
    return RawTable(
        layer.cells.columns(count),
        vertices.placed(layer.shapes),
        WGS84,
        np.arange(1, count + 1, dtype=np.int64),
        "feature",
        tuple(layer.faults),
        notes=(*decision.notes, *notes),
        encoding=decision.encoding,
    )


def _layer(path: Path, layers: dict[str, Layer], wanted: str | None) -> Layer:
    if not layers:
        raise unreadable(
            path, "the file has no waypoints, routes or tracks", "export it again with what it should hold"
        )
    there = [name for name in LAYERS.values() if name in layers]
    if wanted is None and len(there) == 1:
        return layers[there[0]]
    if wanted in layers:
        return layers[wanted]
    if wanted is None:
        what = f"the file holds {' and '.join(there)}, and one of them is wanted"
    else:
        what = f"the file has no {wanted}"
    raise unreadable(path, what, "name one with --layer: " + ", ".join(there))


FORMAT = Format("gpx", "GPX", (".gpx",), looks_like_xml, read, None, defines_crs=True)
