"""Points that are made when somebody asks: a frame of them does what any other does."""

import pickle
import subprocess
import sys

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from gridmap.geo import placed as module
from gridmap.geo import point_xy
from gridmap.geo.placed import placed, places, plain

CODE = "EPSG:4508"
XY = np.random.default_rng(4).uniform(0, 1e6, (40, 2))


def both():
    data = pd.DataFrame({"id": [f"H{number:02d}" for number in range(len(XY))], "number": range(len(XY))})
    lazy = gpd.GeoDataFrame(data, geometry=gpd.GeoSeries(placed(XY.copy(), CODE)))
    return lazy, gpd.GeoDataFrame(data, geometry=gpd.GeoSeries(shapely.points(XY), crs=CODE))


@pytest.fixture
def unmade(monkeypatch):
    """A frame whose points cannot be made: whoever asks for one is found out."""
    lazy, _ = both()

    def asked(*_how, **_more):
        raise AssertionError

    monkeypatch.setattr(module.shapely, "points", asked)
    yield lazy
    monkeypatch.undo()


def test_what_does_not_ask_for_a_point_makes_none(unmade):
    """The pipeline does just this with a million homes."""
    again = gpd.GeoDataFrame(unmade.reset_index(drop=True))
    for frame in (unmade, unmade.copy(), again, unmade.rename(columns={"number": "n"}), unmade.loc[:]):
        assert len(frame) == len(XY)
        assert frame.crs == CODE
        assert not frame.geometry.array.isna().any()
        assert places(frame) is not None
        assert np.array_equal(places(frame), XY)
    for some in ([3, 1, 1], [], slice(3, 9), unmade["number"].to_numpy() < 5):
        wanted = XY[np.asarray(some, dtype=int)] if isinstance(some, list) else XY[some]
        assert np.array_equal(places(unmade.iloc[some]), wanted)
        assert np.array_equal(places(unmade.loc[unmade.index[some]]), wanted)
    # Copies have the same places, so that whoever compares them need not look at each.
    assert np.shares_memory(places(again), places(unmade))


def test_a_part_can_be_edited():
    """Whether its points were made before or not, a part of a frame is the user's own."""
    for made in (False, True):
        lazy, _ = both()
        if made:
            lazy.geometry.array[0]
        for part in (lazy.iloc[20:30], lazy[lazy["number"] < 5], lazy.loc[3:20]):
            own = part.copy()
            own.loc[own.index[0], "geometry"] = shapely.Point(1, 2)
            assert own.geometry.iloc[0] == shapely.Point(1, 2)
            assert lazy.loc[own.index[0], "geometry"] != shapely.Point(1, 2)


def test_what_users_are_given_is_as_geopandas_makes_it():
    lazy, usual = both()
    found = plain(lazy)
    assert found.equals(usual)
    assert type(found.geometry.array) is type(usual.geometry.array)
    assert places(lazy) is not None
    assert plain(usual) is usual
    assert plain(pd.DataFrame({"geometry": [1]})).shape == (1, 1)


@pytest.mark.parametrize(
    "do",
    [
        lambda frame: frame,
        lambda frame: frame[frame["number"] % 3 == 0],
        lambda frame: frame.iloc[::-1],
        lambda frame: frame.iloc[[3, 1, 1]],
        lambda frame: frame.sort_values("number", ascending=False).reset_index(drop=True),
        lambda frame: frame.to_crs("EPSG:4326"),
        lambda frame: pd.concat([frame, frame.iloc[:2]]),
        lambda frame: frame.cx[0:500_000, 0:500_000],
        lambda frame: frame.set_index("id").reindex(["H03", "none", "H01"]),
        lambda frame: frame.assign(geometry=frame.buffer(10.0)),
        lambda frame: frame.dissolve(),
        lambda frame: frame.sjoin(frame.assign(geometry=frame.buffer(1e5)), how="left"),
        lambda frame: pickle.loads(pickle.dumps(frame)),  # noqa: S301 - its own bytes
        lambda frame: frame.merge(pd.DataFrame({"id": ["H05", "H01"]}), on="id"),
    ],
)
def test_a_frame_does_what_any_other_does(do):
    lazy, plain = both()
    assert_geodataframe_equal(do(lazy), do(plain))


def test_positions_are_given_to_write_into(unmade):
    found = point_xy(unmade.geometry)
    assert np.array_equal(found, XY)
    found[0] = 0.0
    assert np.array_equal(places(unmade), XY)


def test_numpy_and_shapely_see_points():
    lazy, plain = both()
    assert (shapely.get_x(lazy.geometry.array) == XY[:, 0]).all()
    assert (np.asarray(lazy.geometry) == plain.geometry.to_numpy()).all()
    assert lazy.geometry.iloc[3] == shapely.Point(XY[3])
    assert lazy.total_bounds.tolist() == plain.total_bounds.tolist()
    assert lazy.to_wkb().equals(plain.to_wkb())
    assert (
        lazy.sindex.query(shapely.box(0, 0, 5e5, 5e5)).tolist()
        == plain.sindex.query(shapely.box(0, 0, 5e5, 5e5)).tolist()
    )


def test_a_point_that_is_set_is_no_longer_where_it_was():
    """Places that lag behind their points would assign a moved home to its old zone."""
    lazy, plain = both()
    kept = lazy.copy()
    for frame in (lazy, plain):
        frame.loc[2, "geometry"] = shapely.Point(1, 2)
        frame.loc[5, "geometry"] = None
    assert places(lazy) is None
    assert_geodataframe_equal(lazy, plain)
    assert np.array_equal(places(kept), XY)
    assert kept.geometry.iloc[2] == shapely.Point(XY[2])
    assert lazy.geometry.isna().sum() == 1


def test_neither_places_nor_points_can_be_changed_behind_its_back():
    lazy, _ = both()
    for held in (places(lazy), np.asarray(lazy.geometry.array), lazy.geometry.to_numpy()):
        with pytest.raises(ValueError, match="read-only"):
            held[0] = held[1]


def test_another_process_needs_no_gridmap_to_read_them():
    lazy, _ = both()
    read = "import pickle, sys; f = pickle.load(sys.stdin.buffer); print(len(f), 'gridmap' in sys.modules)"
    said = subprocess.run(
        [sys.executable, "-c", read], input=pickle.dumps(lazy), capture_output=True, check=True
    )
    assert said.stdout.split() == [b"40", b"False"]


@pytest.mark.parametrize("column", ["geometry", "id", "none"])
def test_of_other_columns_no_places_are_known(column):
    _, plain = both()
    assert places(plain, column) is None
