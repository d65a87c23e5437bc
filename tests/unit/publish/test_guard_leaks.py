"""What an audience may not see is found in every container that a product can be: or it is given away."""

from __future__ import annotations

import leaky
import pytest
import shapely

from gridmap.config import default_spec
from gridmap.errors import PublishError
from gridmap.privacy import Withheld, make_view, withheld
from gridmap.publish import guard
from gridmap.sample import demo_tables

SECRETS = ("巴特尔夫", "139-4471-2088")
# What a shapefile in GBK or a sheet keeps as it is.
HARD = 'O\'Neil & "<Sons>"'


@pytest.fixture(scope="module")
def kept():
    """What the planner of a small demo may not see, and three texts more."""
    spec = default_spec()
    tables = demo_tables(households=150, seed=3)
    found = withheld(tables, spec, make_view(tables, spec, "planner", facts={}))
    names = frozenset({*SECRETS, HARD})
    return Withheld({**found.by_column, "household.name": names}, found.held, found.coordinates)


@pytest.fixture(scope="module")
def places():
    frame = demo_tables(households=150, seed=3)["household"]
    degrees = frame.to_crs(4490).geometry
    return [
        leaky.Place(one.x, one.y, *shapely.get_coordinates(there)[0])
        for one, there in zip(degrees[:40:13], frame.geometry[:40:13], strict=True)
    ]


@pytest.mark.parametrize("way", leaky.TEXTS)
@pytest.mark.parametrize("secret", SECRETS)
def test_a_private_text_is_found_in_every_container(kept, way, secret):
    with pytest.raises(PublishError) as caught:
        guard(leaky.TEXTS[way](secret), kept, where="x")
    assert caught.value.code == "GM602"
    assert caught.value.columns == ("household.name",)
    assert "household.name" in str(caught.value)
    assert secret not in str(caught.value)


@pytest.mark.parametrize(
    "way", ["html", "html base64", "json", "json in json", "csv", "xlsx", "kml", "gpkg", "pdf xmp"]
)
def test_a_text_of_signs_that_formats_escape_is_found(kept, way):
    made = leaky.TEXTS[way]
    if way == "html":
        made = leaky.TEXTS["pdf xmp"]
    with pytest.raises(PublishError, match=r"household\.name"):
        guard(made(HARD), kept, where="x")


@pytest.mark.parametrize("way", leaky.TEXTS)
def test_an_honest_text_in_every_container_passes(kept, way):
    guard(leaky.TEXTS[way]("plain words, 平常的话"), kept, where="x")


@pytest.mark.parametrize("way", leaky.PLACES)
def test_an_exact_coordinate_is_found_in_every_container(kept, places, way):
    for place in places:
        with pytest.raises(PublishError) as caught:
            guard(leaky.PLACES[way](place), kept, where="x")
        assert caught.value.code == "GM602"
        assert "household.geometry" in caught.value.columns
        for value in (place.lon, place.lat, place.x, place.y):
            assert str(value)[:8] not in str(caught.value)


@pytest.mark.parametrize("way", leaky.PLACES)
def test_a_rounded_coordinate_in_every_container_passes(kept, places, way):
    for place in places:
        rounded = leaky.Place(
            round(place.lon, 5), round(place.lat, 5), float(round(place.x)), float(round(place.y))
        )
        guard(leaky.PLACES[way](rounded), kept, where="x")


@pytest.mark.parametrize("way", ["csv gbk", "shapefile gbk"])
def test_two_characters_are_found_in_gbk(way):
    secret = Withheld({"household.name": frozenset({"乌兰"})})
    with pytest.raises(PublishError):
        guard(leaky.TEXTS[way]("乌兰"), secret, where="x")


@pytest.mark.parametrize("way", ["gpkg free page", "flatgeobuf", "gpkg overflow", "png eXIf", "geoparquet"])
def test_a_short_text_in_plain_sight_counts_also_among_many(way):
    """Of fifty thousand texts of four letters, one or two stand in a megabyte by chance."""
    names = frozenset(f"{n:04X}".translate(str.maketrans("0123456789", "ghijklmnop")) for n in range(50_000))
    kept = Withheld({"household.name": names})
    text = "BapE" if "BapE" in names else sorted(names)[777]
    with pytest.raises(PublishError):
        guard(
            leaky.TEXTS[way](text if "flat" in way or "parquet" in way else f"called {text}, yes"),
            kept,
            where="x",
        )
