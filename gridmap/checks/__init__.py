"""Checks of the data: each a stable code, a level, the rows, the place and a proposed fix."""

from gridmap.checks.base import GEOMETRY, NO_ROW, Check, CheckDoc, Faults, Stage, doc
from gridmap.checks.context import Context
from gridmap.checks.engine import check_frame, check_tables, codes
from gridmap.checks.reference import reference_text

__all__ = [
    "GEOMETRY",
    "NO_ROW",
    "Check",
    "CheckDoc",
    "Context",
    "Faults",
    "Stage",
    "check_frame",
    "check_tables",
    "codes",
    "doc",
    "reference_text",
]
