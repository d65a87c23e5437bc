"""The file itself: text that can be selected, fonts that every viewer shows, the same bytes twice."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zlib

import pytest
from chinese_fonts import fonts_or_skip

from gridmap.errors import ConfigError, PublishError, RenderError
from gridmap.model import View
from gridmap.render.atlas import Asked, atlas_pdf, typeface
from gridmap.render.atlas.fonts import make_fonts

TOWNSHIPS, PAGES = Asked(by="township"), 4


@pytest.fixture(scope="module")
def data(area, view_of):
    fonts_or_skip()
    return atlas_pdf(view_of(), area.spec, TOWNSHIPS)


def streams(data):
    found = []
    for match in re.finditer(rb"stream\r?\n", data):
        try:
            found.append(zlib.decompressobj().decompress(data[match.end() :]))
        except zlib.error:
            continue
    return found


def test_there_is_a_page_for_every_township_and_an_index(data):
    assert data.count(b"/Type /Page ") + data.count(b"/Type /Page\n") == PAGES


def test_the_same_atlas_is_the_same_bytes_whatever_the_settings_of_whoever_runs_it(area, view_of, data):
    import matplotlib as mpl

    with mpl.rc_context(
        {"pdf.fonttype": 3, "lines.linewidth": 9, "path.simplify": True, "text.usetex": True}
    ):
        assert atlas_pdf(view_of(), area.spec, TOWNSHIPS) == data
        assert mpl.rcParams["lines.linewidth"] == 9


def test_no_clock_and_no_machine_is_in_it(data):
    for word in (b"CreationDate", b"ModDate", b"Matplotlib", b"/tmp", b"/usr"):
        assert word not in data


def test_fonts_are_embedded_truetype_with_their_characters(data):
    assert data.count(b"/FontFile2") == 2
    assert data.count(b"/ToUnicode") == 2
    assert b"/Type3" not in data
    # TrueType and not a font of cubic outlines under that name.
    assert sum(one.startswith(b"\x00\x01\x00\x00") for one in streams(data)) == 2
    assert not any(one.startswith(b"OTTO") for one in streams(data))


def test_only_the_relief_is_made_of_pixels(data):
    assert data.count(b"/Subtype /Image") <= PAGES


def test_a_reader_can_select_chinese(data, tmp_path, area):
    if shutil.which("pdftotext") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no pdftotext: that the text can be selected cannot be proven; install poppler-utils")
        pytest.skip("no pdftotext found; install poppler-utils")
    file = tmp_path / "a.pdf"
    file.write_bytes(data)
    ran = subprocess.run(["pdftotext", "-enc", "UTF-8", str(file), "-"], capture_output=True, check=True)
    text = ran.stdout.decode("utf-8")
    assert ran.stderr == b""
    for name in (*area.table("admin").query("level == 'township'")["name"], "图幅索引", "示意·合成数据"):
        assert name in text


def test_nothing_but_a_view_is_drawn(area, view_of):
    view = view_of()
    copy = View(view.audience, view.tables, view.decimals, view.facts)
    with pytest.raises(PublishError) as caught:
        atlas_pdf(copy, area.spec, Asked())
    assert caught.value.code == "GM601"


def test_without_a_chinese_font_the_message_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(typeface, "_installed", dict)
    with pytest.raises(RenderError) as caught:
        make_fonts(["边境线"], tmp_path)
    assert caught.value.code == "GM703"
    assert "fonts-noto-cjk" in caught.value.fix
    # An atlas without a Chinese word needs none.
    assert make_fonts(["Border line"], tmp_path).clean("Border é") == "Border □"


def test_without_matplotlib_the_message_says_what_to_install(area, view_of, monkeypatch):
    view = view_of()
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ConfigError) as caught:
        atlas_pdf(view, area.spec, Asked())
    assert caught.value.code == "GM111"
    assert 'pip install "gridmap[print]"' in caught.value.fix


def test_the_symbols_are_those_of_the_page():
    from gridmap.render import style
    from gridmap.render.atlas import symbols
    from gridmap.render.overlays import landmarks

    styles = [*style.OUTPOSTS.values(), *style.FAULTS.values(), style.STRONGHOLD, *landmarks.STYLES.values()]
    known = symbols._sources()
    assert {one.shape for one in styles} <= known.keys()
    for name in known:
        path = symbols.outline(name)
        assert abs(path.vertices).max() <= 1.25
        assert len(path.vertices) >= 3
