"""What a manifest is made of, drawn by hand."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd

from gridmap.model import Redacted, View, ViewTable
from gridmap.model.recipe import Recipe, Source
from gridmap.model.view import seal
from gridmap.privacy.releases import Releases
from gridmap.publish import Record

RELEASES = Releases(bytes(range(32)))
SOURCE = Source(data="ab" * 16, settings="cd" * 16)
AREAS = Redacted("household", "areas", "household_areas", k=10, before=3, after=1, left_out=0)


def homes() -> gpd.GeoDataFrame:
    columns = {"id": ["H1", "H2", "H3"], "name": ["a", "b", "c"], "persons": [1, 2, 3]}
    return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy([0, 1, 2], [0, 1, 2]), crs=4508)


def record(**given: Any) -> Record:
    """Return the record of a product for planners; keywords replace its parts."""
    tables = {"household": homes(), "unit": pd.DataFrame({"id": ["U1"], "phone": ["1"]})}
    shown = {"household": ViewTable("household", homes()[["id", "persons", "geometry"]].iloc[:2])}
    recipe = given.pop("recipe", Recipe("map", "planner", options={"map": "main"}))
    view = seal(View(recipe.audience, shown, 5, redacted=given.pop("redacted", ())))
    return Record(recipe, view, **{"tables": tables, "source": SOURCE, "keeps_ids": True, **given})
