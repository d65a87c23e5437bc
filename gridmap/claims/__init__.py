"""Who is assigned to what, as columns of whole numbers: made by rules, held by the store, read as words."""

from gridmap.claims.assigned import Assigned, Block, Code, Targets
from gridmap.claims.gathering import gather
from gridmap.claims.rendering import COLUMNS
from gridmap.claims.words import UNKNOWN, fill, half_even

__all__ = ["COLUMNS", "UNKNOWN", "Assigned", "Block", "Code", "Targets", "fill", "gather", "half_even"]
