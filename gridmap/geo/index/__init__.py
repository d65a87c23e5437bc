"""Prepared indexes: what is asked of a million places is looked up, and only doubtful places are worked out.

An index answers exactly as `gridmap.geo.contain`, `gridmap.geo.nearest` and `Border.locate` do. Every
shortcut in it has a bound on its error; a place that the bound leaves in doubt goes to those functions.
"""
