"""The friendly layer: an `Area` is a project, a `Plan` is its arrangement. Wiring, no logic."""

from gridmap.project.area import ASSIGN_STEPS, Area
from gridmap.project.create import demo, memory, new, open_area
from gridmap.project.measures import check, nearest_stronghold
from gridmap.project.plan import Plan
from gridmap.project.product import Product

__all__ = [
    "ASSIGN_STEPS",
    "Area",
    "Plan",
    "Product",
    "check",
    "demo",
    "memory",
    "nearest_stronghold",
    "new",
    "open_area",
]
