"""What a project's tables become: lakes that bar, and how far the ground reaches that is travelled."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gridmap.analyse import terrain
from gridmap.analyse.demand import Homes, Posts
from gridmap.analyse.isolated import BARRED, CUT_OFF, OFF, isolated
from gridmap.config import default_spec
from gridmap.config.texts import Text
from gridmap.config.travel import ProfileSpec
from gridmap.geo import travel

CRS = "EPSG:4508"
WEST, SOUTH, KM = 400_000.0, 4_600_000.0, 1_000.0
RIDER = ProfileSpec(title=Text(en="Rider", zh="骑手"), speed_kmh=6.0, barred_by=("river",))


def at(*km: tuple[float, float]) -> np.ndarray:
    return np.array([[WEST + x * KM, SOUTH + y * KM] for x, y in km], dtype=float).reshape(-1, 2)


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return shapely.box(*at((west, south)).ravel(), *at((east, north)).ravel())


def rows(*shapes, named: str) -> gpd.GeoDataFrame:
    ids = [f"R{number}" for number in range(len(shapes))]
    return gpd.GeoDataFrame({"id": ids, "class": named}, geometry=list(shapes), crs=CRS)


def network(homes: np.ndarray, *, whole=None, border=None, who=RIDER, **tables) -> travel.Network:
    spec = default_spec(CRS)
    coarse = spec.model_copy(update={"travel": spec.travel.model_copy(update={"cell_m": 400.0})})
    extent = terrain.Extent(whole, border, homes)
    return terrain.network(tables, coarse, who, extent=extent, weather=terrain.Weather(), relief=None)


def minutes(net: travel.Network, post: np.ndarray, homes: np.ndarray) -> np.ndarray:
    return travel.places(net, homes, post).quickest(travel.field(net, post)).seconds / 60


def reasons(net: travel.Network, post: np.ndarray, homes: np.ndarray) -> list[str]:
    def texts(prefix: str, count: int) -> np.ndarray:
        return np.array([f"{prefix}{number}" for number in range(count)], dtype=object)

    kept = Posts(texts("outpost", 1), texts("P", 1), texts("u", 1), post, np.array([True]))
    listed = Homes(texts("H", len(homes)), homes, np.full(len(homes), 3))
    return isolated(listed, minutes(net, post, homes), kept, net, crs=CRS)["reason"].tolist()


LAKE = box(9, -6, 9.3, 16)


@pytest.mark.parametrize("water", [LAKE, shapely.MultiPolygon([LAKE, box(2, 2, 2.1, 2.1)])])
def test_water_drawn_as_polygons_bars_and_a_ford_opens_it(water):
    post, homes = at((5, 5)), at((5, 5), (7, 5), (12, 5))
    whole = box(0, 0, 15, 10)
    lake = rows(water, named="river")
    net = network(homes, whole=whole, water=lake)
    assert np.isfinite(minutes(net, post, homes)).tolist() == [True, True, False]
    assert reasons(net, post, homes) == [CUT_OFF]
    ford = rows(shapely.Point(at((9.15, 3))[0]), named="ford")
    assert np.isfinite(minutes(network(homes, whole=whole, water=lake, landmark=ford), post, homes)).all()


def test_on_a_wide_water_nobody_goes_off_the_bridge():
    """A track over a lake is no place to start across it from."""
    post, homes = at((2, 5)), at((13, 5), (10, 1))
    lake = rows(box(6, -6, 12, 16), named="river")
    road = rows(shapely.LineString(at((1, 5), (14, 5))), named="road")
    who = RIDER.model_copy(update={"tracks": {"road": 30.0}})
    net = network(homes, whole=box(0, 0, 15, 10), who=who, water=lake, track=road)
    assert np.isfinite(minutes(net, post, homes)).tolist() == [True, False]
    assert reasons(net, post, homes) == [BARRED]


def test_without_a_jurisdiction_homes_far_from_the_border_are_reached():
    border = shapely.LineString(at((0, 0), (20, 0)))
    homes, post = at((5, 0.5), (10, 55), (12, 58)), at((11, 56))
    net = network(np.vstack([homes, post]), border=border)
    assert np.isfinite(minutes(net, post, homes)).all()


def test_what_is_far_outside_the_jurisdiction_is_said_to_be_outside():
    """In the lattice's box, but off all that is travelled: not on barred ground."""
    homes = at((5, 5), (54, 54), (-300, 5))
    net = network(homes, whole=shapely.union_all([box(0, 0, 50, 2), box(0, 0, 2, 50), box(4, 4, 6, 6)]))
    assert reasons(net, at((5, 5)), homes) == [OFF, OFF]
