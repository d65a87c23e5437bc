"""Domain family: what only this field knows to be wrong."""

from gridmap.checks import keepers, markers, positions, ranks

CHECKS = (*ranks.CHECKS, *keepers.CHECKS, *positions.CHECKS, *markers.CHECKS)
