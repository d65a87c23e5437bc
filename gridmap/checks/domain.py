"""Domain family: what only this field knows to be wrong."""

from gridmap.checks import camps, keepers, markers, positions, ranks, surveyed

CHECKS = (
    *ranks.CHECKS,
    *keepers.CHECKS,
    *positions.CHECKS,
    *markers.CHECKS,
    *surveyed.CHECKS,
    *camps.CHECKS,
)
