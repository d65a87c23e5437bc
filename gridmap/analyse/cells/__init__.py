"""The grid: cells by gacha with codes that officials recognise, and that stay when data change."""

from gridmap.analyse.cells.drawing import FORMS, Gacha, Recipe
from gridmap.analyse.cells.figures import Figured, figured
from gridmap.analyse.cells.keepers import Kept, Sections, area_keepers, line_keepers, point_keepers
from gridmap.analyse.cells.renewing import ACTIVE, RETIRED, Renewed, is_active, renew

__all__ = [
    "ACTIVE",
    "FORMS",
    "RETIRED",
    "Figured",
    "Gacha",
    "Kept",
    "Recipe",
    "Renewed",
    "Sections",
    "area_keepers",
    "figured",
    "is_active",
    "line_keepers",
    "point_keepers",
    "renew",
]
