"""A view holds what its audience may see: what passes unlisted is given away for good."""

from __future__ import annotations

import ast
import dataclasses
import pickle
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

import gridmap
from gridmap.errors import ConfigError, PublishError
from gridmap.model import View, ViewTable
from gridmap.model.view import require_view
from gridmap.privacy import make_view


def texts(view: View) -> str:
    return "\n".join(table.frame.to_csv() for table in view.tables.values())


def test_the_planner_gets_no_private_column_and_no_private_text(tables, spec):
    view = make_view(tables, spec, "planner", facts={})
    assert not {"name", "contact"} & set(view.tables["household"].frame.columns)
    assert "秘密户" not in texts(view)
    assert "138000" not in texts(view)


def test_a_new_column_reaches_the_custodian_alone(tables, spec):
    tables["household"]["debts"] = "many"
    assert "debts" not in make_view(tables, spec, "planner", facts={}).tables["household"].frame.columns
    assert "debts" in make_view(tables, spec, "custodian", facts={}).tables["household"].frame.columns


def test_a_table_that_is_not_listed_is_absent(tables, narrow):
    view = make_view(tables, narrow, "narrow", facts={})
    assert not {"household", "landmark"} & view.tables.keys()
    assert "patrol_zone" in view.tables


def test_the_custodian_sees_every_table_and_column(tables, spec):
    view = make_view(tables, spec, "custodian", facts={})
    assert view.tables.keys() == tables.keys()
    for name, frame in tables.items():
        assert view.tables[name].frame.columns.tolist() == frame.columns.tolist()
        assert len(view.tables[name].frame) == len(frame)
    assert "秘密户0000号" in texts(view)


def test_results_about_unseen_tables_are_left_out(tables, narrow):
    view = make_view(tables, narrow, "narrow", facts={})
    assert view.tables["assignments"].frame["kind"].tolist() == ["outpost"]
    assert view.tables["findings"].frame["table"].tolist() == ["outpost"]


def test_results_about_unseen_tables_are_left_out_also_without_the_column_that_says_so(tables, narrow):
    kept = {**narrow.audiences["narrow"].columns, "assignments": ("feature", "reason")}
    blind = narrow.audiences["narrow"].model_copy(update={"columns": kept})
    spec = narrow.model_copy(update={"audiences": {"blind": blind}})
    frame = make_view(tables, spec, "blind", facts={}).tables["assignments"].frame
    assert frame["feature"].tolist() == [tables["outpost"]["id"][0]]


def test_results_that_say_nowhere_what_they_are_about_do_not_pass(tables, narrow):
    tables["assignments"] = tables["assignments"].drop(columns="kind")
    assert len(make_view(tables, narrow, "narrow", facts={}).tables["assignments"].frame) == 0


def test_a_sentence_that_holds_a_private_text_is_withheld(tables, spec):
    reasons = make_view(tables, spec, "planner", facts={}).tables["assignments"].frame["reason"]
    assert reasons[0] == "leads itself"
    assert "withheld" in reasons[1]
    messages = make_view(tables, spec, "planner", facts={}).tables["findings"].frame["message"]
    assert "withheld" in messages[0]
    assert messages[1] == "plain words"


def test_a_sentence_that_holds_an_unseen_id_is_withheld(tables, narrow):
    view = make_view(tables, narrow, "narrow", facts={})
    assert "withheld" in view.tables["assignments"].frame["reason"][0]
    assert "withheld" in view.tables["findings"].frame["related"][0]


def test_positions_are_degrees_with_the_audiences_decimals(tables, spec):
    for audience, decimals in (("planner", 5), ("custodian", 9)):
        view = make_view(tables, spec, audience, facts={})
        assert view.decimals == decimals
        for name in ("household", "patrol_zone", "border"):
            frame = view.tables[name].frame
            assert frame.crs.to_epsg() == 4490
            xy = shapely.get_coordinates(frame.geometry)
            assert np.array_equal(xy, np.round(xy, decimals))
            assert (xy[:, 0] > 100).all()
            assert (xy[:, 1] < 60).all()
            there = tables[name].to_crs(4490)
            assert np.abs(xy - shapely.get_coordinates(there.geometry)).max() <= 0.5000001 * 10**-decimals


def test_neighbours_that_shared_an_edge_still_share_it(tables, spec):
    before = shapely.coverage_is_valid(tables["patrol_zone"].geometry.to_numpy())
    after = shapely.coverage_is_valid(
        make_view(tables, spec, "planner", facts={}).tables["patrol_zone"].frame.geometry
    )
    assert before
    assert after


def test_a_shape_with_a_coordinate_that_is_no_number_has_no_place(tables, spec):
    assert make_view(tables, spec, "custodian", facts={}).tables["findings"].frame.geometry[1] is None


def test_making_a_view_changes_nothing_it_was_made_from(tables, spec):
    before = {name: frame.copy(deep=True) for name, frame in tables.items()}
    view = make_view(tables, spec, "planner", facts={})
    view.tables["household"].frame["persons"] = 0
    for name, frame in tables.items():
        compare = (
            assert_geodataframe_equal
            if isinstance(frame, gpd.GeoDataFrame)
            else pd.testing.assert_frame_equal
        )
        compare(frame, before[name])


def test_an_unknown_audience_is_an_error_with_a_suggestion(tables, spec):
    with pytest.raises(ConfigError, match="did you mean planner") as caught:
        make_view(tables, spec, "planer", facts={})
    assert caught.value.code == "GM109"
    with pytest.raises(ConfigError, match="no audience is named"):
        make_view(tables, spec, "", facts={})


class TestTheSeal:
    def test_a_view_passes(self, tables, spec):
        view = make_view(tables, spec, "planner", facts={})
        assert require_view(view) is view

    def test_nothing_else_passes(self, tables, spec):
        view = make_view(tables, spec, "planner", facts={})
        by_hand = View("planner", {"household": ViewTable("household", tables["household"])}, 5)
        copied = dataclasses.replace(view, tables={"household": ViewTable("household", tables["household"])})
        for other in (tables["household"], tables, None, by_hand, copied, "planner"):
            with pytest.raises(PublishError) as caught:
                require_view(other)
            assert caught.value.code == "GM601"

    def test_a_views_tables_cannot_be_exchanged(self, tables, spec):
        view = make_view(tables, spec, "planner", facts={})
        with pytest.raises(TypeError):
            view.tables["household"] = ViewTable("household", tables["household"])
        with pytest.raises(dataclasses.FrozenInstanceError):
            view.tables = {}

    def test_a_view_does_not_survive_pickling(self, tables, spec):
        view = make_view(tables, spec, "planner", facts={})
        with pytest.raises((TypeError, PublishError)):
            require_view(pickle.loads(pickle.dumps(view)))  # noqa: S301 - our own bytes

    def test_only_privacy_seals(self):
        package = Path(gridmap.__file__).parent
        callers = set()
        for path in package.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                named = (
                    isinstance(node, ast.ImportFrom)
                    and node.module == "gridmap.model.view"
                    and any(one.name in {"seal", "_SEALED"} for one in node.names)
                )
                reached = isinstance(node, ast.Attribute) and node.attr == "_SEALED"
                if named or reached:
                    callers.add(path.relative_to(package).as_posix())
        assert callers == {"privacy/views.py"}
