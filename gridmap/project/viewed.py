"""Who answers, as one audience's view has it: from what the view holds, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap import assign, geo
from gridmap.config import ProjectSpec
from gridmap.geo.viewed import working_shapes
from gridmap.model import Answer, View
from gridmap.model.recipe import MAP, Recipe
from gridmap.project import leaving
from gridmap.render.answering import chainage_step, holding, seen_border, seen_shapes
from gridmap.render.sheet import geometry_of

if TYPE_CHECKING:
    from gridmap.project.area import Area
    from gridmap.project.plan import Plan

Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Viewed:
    """A plan as one audience may see it. Make it with `viewed`.

    Parameters
    ----------
    area : Area
        The project; only its settings are asked.
    tables : mapping of str to frame
        The view's tables, their geometries in the working CRS.
    made : Seen
        What the view holds of the arrangement.
    notes : tuple of str
        What the reader should know, e.g. that a stored plan was stale.
    """

    area: Area
    tables: Mapping[str, pd.DataFrame]
    made: assign.Seen
    notes: tuple[str, ...] = ()

    def answers(self, xy: Floats) -> tuple[Answer, ...]:
        """Say who answers at every one of n places in the project's CRS, shape (n, 2)."""
        found = assign.each_answer(self.made, xy)
        return tuple(replace(one, notes=(*self.notes, *one.notes)) for one in found)


def viewed(plan: Plan, audience: str, *, unit: str | None = None) -> Viewed:
    """Return a plan as an audience may see it; asking changes nothing on disk.

    Parameters
    ----------
    plan : Plan
        The plan.
    audience : str
        Name of an audience in gridmap.toml.
    unit : str, optional
        Id of the unit that it is for, where the audience is one unit's.

    Returns
    -------
    Viewed
        An audience with ids of its own has those of its last product; where none was made yet, ids that
        are made for this answer alone.

    Raises
    ------
    ConfigError
        GM109 if there is no such audience or unit.
    PublishError
        GM605 if redacted homes could be found with a list of all homes.

    Notes
    -----
    Positions are the view's rounded ones, brought back from degrees into the working CRS. Chainage is
    measured along the view's line and stretched to the length of the border where the view states it (its
    figures of the line layer): see `gridmap.geo.viewed.working_border`. Where the view does not hold a layer
    whole, a note says so instead of claiming that nobody answers.
    """
    area = plan.area
    recipe = Recipe(MAP, audience, unit, plan.options(map=next(iter(area.spec.maps), "")))
    view = leaving.material(area, recipe, plan, keep=False).view
    return Viewed(area, _working(view, area.spec), of_view(view, area.spec), plan.notes)


def of_view(view: View, spec: ProjectSpec) -> assign.Seen:
    """Prepare what a view holds to be asked who answers at a place (see `gridmap.assign.seen`)."""
    return assign.seen(
        _working(view, spec, placed=True),
        spec,
        held=holding(view, spec),
        border=seen_border(view, spec),
        step_m=chainage_step(view, spec),
    )


def _working(view: View, spec: ProjectSpec, *, placed: bool = False) -> dict[str, pd.DataFrame]:
    """Return the view's tables in the working CRS; `placed` leaves out positions known to be impossible."""
    found: dict[str, pd.DataFrame] = {}
    for name, held in view.tables.items():
        frame: pd.DataFrame = held.frame
        geoms = seen_shapes(view, name) if placed else geometry_of(frame)
        if geoms is None or "geometry" not in frame.columns:
            found[name] = frame
            continue
        shapes = gpd.GeoSeries(working_shapes(geoms, spec.crs), crs=geo.working_crs(spec.crs))
        plain = pd.DataFrame(frame.drop(columns="geometry")).reset_index(drop=True)
        found[name] = gpd.GeoDataFrame(plain, geometry=shapes)
    return found
