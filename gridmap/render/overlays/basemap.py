"""The picture under a map (``facts["basemaps"]``, by map), for the audiences that it is meant for."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from gridmap.model.basemap import Basemap
from gridmap.model.scene import Drawing, Picture
from gridmap.render.sheet import Overlay, Sheet
from gridmap.render.words import word


def basemap_of(sheet: Sheet) -> Basemap | None:
    """Return the picture of the map that is drawn, if the view holds one."""
    held = sheet.fact("basemaps")
    found = held.get(sheet.map_name) if isinstance(held, Mapping) else None
    return found if isinstance(found, Basemap) else None


def attribution(sheet: Sheet) -> str:
    """Return who made the picture, as the data statement says it; "" where there is none."""
    held = basemap_of(sheet)
    return "" if held is None else held.attribution


def draw(sheet: Sheet) -> tuple[Drawing, ...]:
    """Draw the picture, if there is one."""
    held = basemap_of(sheet)
    if held is None:
        return ()
    picture = Picture(
        west=held.west,
        south=held.south,
        east=held.east,
        north=held.north,
        media=held.media,
        spacing=held.spacing,
        opacity=held.opacity,
        data=base64.b64encode(held.data).decode("ascii"),
    )
    return (Drawing("basemap", "base", word("drawing.basemap"), picture=picture),)


OVERLAY = Overlay("basemap", draw)
