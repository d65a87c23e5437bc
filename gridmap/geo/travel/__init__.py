"""Travel time over open country: a graph of cells, tracks and fords; times from keepers; isochrones.

Pure arrays: `surface` lays the ground out in cells, `build` makes the network, `field` and `each` give times
at its nodes, `places` and what it returns times at places, `isochrones` polygons.
"""

from gridmap.geo.travel.going import Going, Ground, Surface, surface
from gridmap.geo.travel.isochrones import isochrones, squares
from gridmap.geo.travel.lattice import Lattice, covering
from gridmap.geo.travel.network import Network, build
from gridmap.geo.travel.times import NOBODY, Field, Places, each, field, places

__all__ = [
    "NOBODY",
    "Field",
    "Going",
    "Ground",
    "Lattice",
    "Network",
    "Places",
    "Surface",
    "build",
    "covering",
    "each",
    "field",
    "isochrones",
    "places",
    "squares",
    "surface",
]
