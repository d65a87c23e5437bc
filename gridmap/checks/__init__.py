"""Checks of the data: each a stable code, a level, the rows, the place and a proposed fix."""

from gridmap.checks.again import Rows, recheck
from gridmap.checks.base import GEOMETRY, NO_ROW, Check, CheckDoc, Faults, Reads, Scope, Stage, doc
from gridmap.checks.context import Context
from gridmap.checks.edited import Edited, peers, places_of
from gridmap.checks.engine import Checked, check_frame, check_tables, checked, codes, in_order
from gridmap.checks.reference import reference_text
from gridmap.checks.remains import Remains

__all__ = [
    "GEOMETRY",
    "NO_ROW",
    "Check",
    "CheckDoc",
    "Checked",
    "Context",
    "Edited",
    "Faults",
    "Reads",
    "Remains",
    "Rows",
    "Scope",
    "Stage",
    "check_frame",
    "check_tables",
    "checked",
    "codes",
    "doc",
    "in_order",
    "peers",
    "places_of",
    "recheck",
    "reference_text",
]
