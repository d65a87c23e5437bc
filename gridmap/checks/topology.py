"""Topology family: how rows of one table fit together."""

from gridmap.checks.course import CHECK_CROSSES, CHECK_EDGE, CHECK_JOINS
from gridmap.checks.coverage import CHECK

CHECKS = (CHECK, CHECK_CROSSES, CHECK_EDGE, CHECK_JOINS)
