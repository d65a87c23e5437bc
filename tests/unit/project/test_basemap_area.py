"""A basemap from the folder to the page: for who is listed, without what the file said beside the picture."""

from __future__ import annotations

import base64
import json
import re
import shutil
import struct
import zlib

import pytest

import gridmap as gm
from gridmap.errors import ConfigError, InputError, PublishError

SECRET = b"camera of Zhang San"
TABLE = """
[maps.main.basemap]
file = "topo.png"
crs = "EPSG:4490"
bounds = [109.2, 41.8, 110.8, 42.9]
datum = "cgcs2000"
attribution = "<img src=x onerror=alert(1)> {{7*7}}"
audiences = ["planner"]
"""


def png(*extra: tuple[bytes, bytes]) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    pixels = zlib.compress(b"".join(b"\0" + bytes([row * 9, 80, 120]) * 32 for row in range(24)))
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 32, 24, 8, 2, 0, 0, 0))
    body = b"".join(chunk(*one) for one in extra) + chunk(b"IDAT", pixels)
    return b"\x89PNG\r\n\x1a\n" + head + body + chunk(b"IEND", b"")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("basemap") / "area"
    with gm.demo(folder, households=40):
        pass
    (folder / "topo.png").write_bytes(png((b"tEXt", b"Author\0" + SECRET)))
    settings = folder / "gridmap.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + TABLE, encoding="utf-8", newline="\n")
    return folder


@pytest.fixture
def folder(made, tmp_path):
    return shutil.copytree(made, tmp_path / "area")


def pictures(page: str) -> list[dict]:
    blocks = re.findall(r'data-gridmap="drawing">(.*?)</script>', page, re.DOTALL)
    return [one["picture"] for one in map(json.loads, blocks) if one["picture"]]


def test_the_page_of_who_is_listed_holds_the_picture_and_nothing_else_of_the_file(folder, tmp_path):
    with gm.open(folder) as area:
        page = area.map(audience="planner").save(tmp_path / "map.html").read_text(encoding="utf-8")
    (picture,) = pictures(page)
    data = base64.b64decode(picture["data"])
    assert data == png()
    assert SECRET not in data
    assert "onerror=alert" not in re.sub(r"<script type=.*?</script>", "", page, flags=re.DOTALL)


@pytest.mark.parametrize("audience", ["custodian", "public"])
def test_nobody_else_gets_it_or_hears_of_who_made_it(folder, audience):
    with gm.open(folder) as area:
        page = area.map(audience=audience).data.decode("utf-8")
    assert pictures(page) == []
    assert "7*7" not in page


def test_another_picture_is_another_product(folder, tmp_path):
    with gm.open(folder) as area:
        target = area.map(audience="planner").save(tmp_path / "map.html")
        assert area.verify(target).same_data
        (folder / "topo.png").write_bytes(png((b"gAMA", b"\0\0\xb1\x8f")))
        assert not area.verify(target).same_data


def test_a_picture_that_spells_a_private_text_is_not_handed_on(folder, tmp_path):
    with gm.open(folder) as area:
        name = area.table("household")["name"].iloc[0]
        # After the end of its pixels, and in a part that is kept: neither reaches a page.
        (folder / "topo.png").write_bytes(png((b"tEXt", b"x\0" + name.encode())) + name.encode())
        area.map(audience="planner").save(tmp_path / "map.html")
        (folder / "topo.png").write_bytes(png((b"sBIT", name.encode())))
        with pytest.raises(PublishError, match=r"household\.name"):
            area.map(audience="planner").save(tmp_path / "other.html")


def test_a_missing_picture_is_said_when_a_map_is_made(folder):
    (folder / "topo.png").unlink()
    with gm.open(folder) as area, pytest.raises(InputError, match="the basemap cannot be read"):
        area.map(audience="planner")


def test_a_picture_of_a_web_map_is_refused_on_opening(folder):
    settings = folder / "gridmap.toml"
    text = settings.read_text(encoding="utf-8").replace('datum = "cgcs2000"', 'datum = "gcj02"')
    settings.write_text(text, encoding="utf-8", newline="\n")
    with pytest.raises(ConfigError, match="500 to 650 m off"):
        gm.open(folder)
