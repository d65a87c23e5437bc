"""Pure geometry: arrays and frames in, arrays and frames out."""

from gridmap.geo.chainage import Border, build_border
from gridmap.geo.crs import (
    from_lonlat,
    geod,
    geoms_from_lonlat,
    geoms_to_lonlat,
    to_lonlat,
    to_working,
    working_crs,
)
from gridmap.geo.earth import on_earth, projectable
from gridmap.geo.frames import findings_frame, point_xy, xy_of
from gridmap.geo.locate import Located
from gridmap.geo.measure import (
    bearing,
    densify,
    geodesic_area,
    geodesic_distance,
    geodesic_length,
    round_mm,
)
from gridmap.geo.nearest import Nearest, nearest
from gridmap.geo.places import Place, parse_place
from gridmap.geo.snap import snap
from gridmap.geo.tiling import Containment, Patch, Tiling, contain, inside, jurisdiction, polygons_of, tile
from gridmap.geo.validity import valid

__all__ = [
    "Border",
    "Containment",
    "Located",
    "Nearest",
    "Patch",
    "Place",
    "Tiling",
    "bearing",
    "build_border",
    "contain",
    "densify",
    "findings_frame",
    "from_lonlat",
    "geod",
    "geodesic_area",
    "geodesic_distance",
    "geodesic_length",
    "geoms_from_lonlat",
    "geoms_to_lonlat",
    "inside",
    "jurisdiction",
    "nearest",
    "on_earth",
    "parse_place",
    "point_xy",
    "polygons_of",
    "projectable",
    "round_mm",
    "snap",
    "tile",
    "to_lonlat",
    "to_working",
    "valid",
    "working_crs",
    "xy_of",
]
