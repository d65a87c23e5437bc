"""Text in a PDF is codes of glyphs: a name that no search of the bytes finds is still read by everybody."""

from __future__ import annotations

import os

import pytest
import shown_text

from gridmap.errors import PublishError
from gridmap.privacy import Withheld
from gridmap.privacy.coordinates import exact_coordinates
from gridmap.publish import guard
from gridmap.publish.unpacking.pdf_fonts import from_cmap, from_dictionary
from gridmap.render.atlas.typeface import chinese
from gridmap.sample import demo_tables

SECRETS = ("巴特尔夫", "Bartholomew", "139-4471-2088")
KEPT = Withheld({"household.name": frozenset({*SECRETS, "乌兰"})})

needs_font = pytest.mark.skipif(
    chinese("regular") is None and not os.environ.get("CI"), reason="no Chinese font on this machine"
)


@pytest.mark.parametrize("way", shown_text.WAYS)
@pytest.mark.parametrize("secret", SECRETS)
def test_a_private_name_shown_in_an_embedded_font_is_found(way, secret):
    data = shown_text.WAYS[way](secret)
    assert secret.encode() not in data
    with pytest.raises(PublishError) as caught:
        guard(data, KEPT, where="x.pdf")
    assert caught.value.code == "GM602"
    assert caught.value.columns == ("household.name",)
    assert secret not in str(caught.value)


@pytest.mark.parametrize("way", shown_text.WAYS)
def test_an_honest_text_in_an_embedded_font_passes(way):
    guard(shown_text.WAYS[way]("plain words, 平常的话"), KEPT, where="x.pdf")


@needs_font
@pytest.mark.parametrize("secret", [*SECRETS, "乌兰"])
def test_a_private_name_on_a_page_like_an_atlas_is_found(secret):
    with pytest.raises(PublishError, match=r"household\.name"):
        guard(shown_text.atlas_like(["网格 Z01", f"户主 {secret}", "S001"]), KEPT, where="x.pdf")


@needs_font
def test_two_texts_side_by_side_are_no_name():
    guard(shown_text.atlas_like(["其乌", "兰其", "平常的话"]), KEPT, where="x.pdf")


@needs_font
def test_an_exact_coordinate_that_a_page_shows_is_found():
    frame = demo_tables(households=150, seed=3)["household"]
    kept = Withheld({}, coordinates=exact_coordinates({"household": frame}, "EPSG:4508", 5))
    home = frame.to_crs(4490).geometry.iloc[4]
    with pytest.raises(PublishError, match=r"household\.geometry"):
        guard(shown_text.atlas_like([f"{home.x:.8f} {home.y:.8f}"]), kept, where="x.pdf")
    guard(shown_text.atlas_like([f"{home.x:.5f} {home.y:.5f}"]), kept, where="x.pdf")


def test_an_encrypted_document_is_not_let_through_unread():
    data = shown_text.document(b"<</Type/Catalog>>") + b"trailer<</Root 1 0 R/Encrypt 9 0 R>>"
    with pytest.raises(PublishError, match="encrypted"):
        guard(data, KEPT, where="x.pdf")


def test_spellings_of_fonts():
    ranged = from_cmap(
        b"1 begincodespacerange <00> <ff> endcodespacerange 1 beginbfrange <10> <13> <4E00> endbfrange"
    )
    assert ranged is not None
    assert ranged.read(b"\x10\x13\x20") == "一七\ufffd"
    assert from_cmap(b"no map") is None
    assert from_dictionary(b"/Subtype/TrueType/Encoding/WinAnsiEncoding").read(b"caf\xe9") == "café"
    assert from_dictionary(b"/Subtype/Type0/Encoding/GBK-EUC-H").read("边境".encode("gbk")) == "边境"
    named = from_dictionary(b"/Encoding<</Differences[1/one/A/uni6237/period]>>")
    assert named.read(b"\x01\x02\x03\x04") == "1A户."
