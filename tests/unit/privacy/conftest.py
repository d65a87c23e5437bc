"""A tiny project with a secret in every private column."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from gridmap.config import default_spec
from gridmap.sample import demo_tables


@pytest.fixture(scope="session")
def spec():
    return default_spec()


@pytest.fixture(scope="session")
def demo():
    return demo_tables(households=120, seed=3)


@pytest.fixture
def tables(demo, spec):
    homes = demo["household"].copy()
    homes["name"] = pd.Series([f"秘密户{n:04d}号" for n in range(len(homes))], dtype="str")
    homes["contact"] = pd.Series([f"138{n:08d}" for n in range(len(homes))], dtype="str")
    assignments = pd.DataFrame(
        {
            "kind": ["household", "household", "outpost"],
            "feature": [homes["id"][0], homes["id"][1], demo["outpost"]["id"][0]],
            "layer": ["point", "point", "area"],
            "target": [homes["id"][0], homes["id"][0], demo["patrol_zone"]["id"][0]],
            "unit": [None, None, "U"],
            "role": ["lead", "lead", "lead"],
            "metres": [0.0, 12.5, 0.0],
            "rule": ["nearest_stronghold", "nearest_stronghold", "containing_zone"],
            "reason": ["leads itself", "a neighbour of 秘密户0000号", f"stands beside {homes['id'][3]}"],
        }
    ).astype({"unit": "str"})
    findings = gpd.GeoDataFrame(
        {
            "code": ["a", "b"],
            "level": ["error", "warning"],
            "table": ["household", "outpost"],
            "id": [homes["id"][0], demo["outpost"]["id"][0]],
            "related": ["", homes["id"][5]],
            "message": ["call 13800000000 first", "plain words"],
            "fix": ["", ""],
        },
        geometry=[homes.geometry[0], shapely.Point(float("nan"), 1)],
        crs=spec.crs,
    )
    return {**demo, "household": homes, "assignments": assignments, "findings": findings}


@pytest.fixture
def narrow(spec):
    """An audience that sees neither households nor landmarks."""
    columns = {
        name: kept
        for name, kept in spec.audiences["planner"].columns.items()
        if name not in {"household", "landmark"}
    }
    planner = spec.audiences["planner"].model_copy(update={"columns": columns})
    return spec.model_copy(update={"audiences": {**spec.audiences, "narrow": planner}})
