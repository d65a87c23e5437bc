"""The friendly layer: an `Area` is a project, a `Plan` is its arrangement. Wiring, no logic."""

from typing import TYPE_CHECKING

from gridmap.lazy import attach

if TYPE_CHECKING:
    from gridmap.project.area import Area
    from gridmap.project.asked import who_in_file
    from gridmap.project.asking import who
    from gridmap.project.cells import Grid, make_grid
    from gridmap.project.celltable import CellHere, cell_at, cell_notes, cell_table
    from gridmap.project.coverage import Coverage
    from gridmap.project.create import demo, memory, new, open_area
    from gridmap.project.intake import Intake
    from gridmap.project.measures import check, nearest_stronghold
    from gridmap.project.plan import Plan
    from gridmap.project.plans import ASSIGN_STEPS
    from gridmap.project.product import Product
    from gridmap.project.shown import Shown, show
    from gridmap.project.verifying import Verified
else:
    __getattr__, __dir__ = attach(
        __name__,
        {
            "area": ("Area",),
            "asked": ("who_in_file",),
            "asking": ("who",),
            "cells": ("Grid", "make_grid"),
            "celltable": ("CellHere", "cell_at", "cell_notes", "cell_table"),
            "changes": (),
            "coverage": ("Coverage",),
            "create": ("demo", "memory", "new", "open_area"),
            "intake": ("Intake",),
            "leaving": (),
            "measures": ("check", "nearest_stronghold"),
            "plan": ("Plan",),
            "plans": ("ASSIGN_STEPS",),
            "product": ("Product",),
            "relining": (),
            "shown": ("Shown", "show"),
            "statement": (),
            "verifying": ("Verified",),
            "viewed": (),
        },
    )

__all__ = [
    "ASSIGN_STEPS",
    "Area",
    "CellHere",
    "Coverage",
    "Grid",
    "Intake",
    "Plan",
    "Product",
    "Shown",
    "Verified",
    "cell_at",
    "cell_notes",
    "cell_table",
    "check",
    "demo",
    "make_grid",
    "memory",
    "nearest_stronghold",
    "new",
    "open_area",
    "show",
    "who",
    "who_in_file",
]
