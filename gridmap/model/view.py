"""A view: frames that were cleared for one audience.

Only `gridmap.privacy` makes views. Renderers and writers take nothing else, so that a plain
frame neither type-checks nor runs where bytes are made for somebody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ViewTable:
    """One table as an audience may see it.

    Parameters
    ----------
    name : str
        Table name.
    frame : DataFrame or GeoDataFrame
        Allowed columns only; geometry in lon/lat (EPSG:4326 order x, y), rounded.
    """

    name: str
    frame: Any


@dataclass(frozen=True, slots=True)
class View:
    """What one audience may see of a project, ready to draw or write.

    Parameters
    ----------
    audience : str
        Name of the audience in gridmap.toml.
    tables : mapping of str to ViewTable
        Tables by name; a table the audience may not see is absent.
    decimals : int
        Decimals of a degree that coordinates were rounded to.
    facts : mapping of str to object
        Data statement: project name, CRS, revision, input hash, versions, banner, figures.
    """

    audience: str
    tables: Mapping[str, ViewTable]
    decimals: int
    facts: Mapping[str, Any] = field(default_factory=dict)
