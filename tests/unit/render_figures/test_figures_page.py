"""What hangs on the wall: every text stands free and whole, whatever border, units and gaps are."""

from __future__ import annotations

import io
import os
import re
from itertools import combinations
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from gridmap.model import Bilingual
from gridmap.model.scene import Statement
from gridmap.render.atlas.page import Words, corners
from gridmap.render.atlas.tongue import Tongue
from gridmap.render.figures.asked import Figure
from gridmap.render.figures.axis import round_up, step_for, ticks
from gridmap.render.figures.content import Kept, Spans, Strip
from gridmap.render.figures.drawn import PAPER, figure_page, texts_of
from gridmap.render.figures.png import to_png
from gridmap.render.figures.rows import placed
from gridmap.render.figures.svg import to_svg

SVG = "{http://www.w3.org/2000/svg}"
FACT = {"belt_m": 20_000.0, "metres": 6_000.0}


def told(note: str = "Coverage: every keeper reaches 6 km in a straight line") -> Statement:
    return Statement(
        project=Bilingual(en="Sample area", zh="示例地区"),
        crs="EPSG:4508",
        revision="0123456789abcdef",
        version="0.0-test",
        source="invented for a test; " * 8,
        audience="planner",
        audience_title=Bilingual(en="Planners", zh="规划人员"),
        banner=Bilingual(en="For planning", zh="规划使用"),
        synthetic=True,
        notes=(Bilingual(en=note, zh="覆盖分析：每个力量直线可达 6 公里；不计 outpost:O03"),),
    )


def strip(length_km: float, *, pieces: int = 12, timed: bool = False, units: int = 3) -> Strip:
    """Return a border on which every third piece is a gap."""
    ends = np.linspace(0, length_km, pieces + 1)
    counts = np.arange(pieces) % 3
    bins = np.linspace(0, length_km, max(round(length_km * 2), 1) + 1)
    middle = (bins[:-1] + bins[1:]) / 2
    away = 4 + 5 * np.abs(np.sin(middle))
    minutes = np.where(middle < length_km / 9, np.inf, away * 6) if timed else np.full(len(middle), np.nan)
    section = np.linspace(0, length_km, 2 * units + 1)
    unit = np.linspace(0, length_km, units + 1)
    marks = np.linspace(0, length_km, 40)
    return Strip(
        length_km=length_km,
        steps=np.column_stack([ends[:-1], ends[1:], counts]),
        bins=np.column_stack([bins[:-1], bins[1:]]),
        depth=(np.arange(len(middle)) // 5 % 4).astype(np.int64),
        minutes=minutes,
        km=away,
        homes=(np.arange(len(middle)) % 7).astype(np.int64),
        sections=Spans(section[:-1], section[1:], tuple(f"S{at:03}" for at in range(2 * units))),
        units=Spans(unit[:-1], unit[1:], tuple(f"示例边管{at}队" for at in range(units))),
        markers=Spans(marks, marks, tuple(f"示{at:03}" for at in range(40))),
    )


def kept(units: int) -> tuple[Kept, ...]:
    names = tuple(f"示例派出所{at}" for at in range(units))
    amount = 100.0 + np.arange(units)
    return (
        Kept("line", names[:2], amount[:2], amount[:2] * 0.5),
        Kept("area", names, amount, amount * np.linspace(0, 1, units)),
        Kept("point", (), np.empty(0), np.empty(0)),
    )


CHARTS = {
    "a border as it is": strip(86.7),
    "in minutes, a part out of all reach": strip(86.7, timed=True),
    "four thousand kilometres, five hundred pieces": strip(4_000, pieces=500, units=40),
    "three hundred metres": strip(0.3, pieces=3, units=1),
    "few units": kept(3),
    "sixty units": kept(60),
}


@pytest.fixture(scope="module")
def fonts(tmp_path_factory):
    from gridmap.render.atlas.fonts import make_fonts
    from gridmap.render.atlas.typeface import chinese

    if chinese("regular") is None:
        if os.environ.get("CI"):
            pytest.fail("no Chinese font: install fonts-noto-cjk")
        pytest.skip("no Chinese font on this machine")
    wanted = [
        text
        for chart in CHARTS.values()
        for name in ("zh", "en")
        for text in texts_of(chart, told(), Tongue(name))
    ]
    return make_fonts(wanted, tmp_path_factory.mktemp("fonts"))


def page_of(chart, fonts, *, language="zh", fact=FACT):
    return figure_page(chart, fact, told(), Tongue(language), fonts)


def words(page):
    return [one for one in page.items if isinstance(one, Words)]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", CHARTS)
def test_no_text_is_cut_or_written_over(fonts, name, language):
    fact = {"belt_m": 20_000.0, "minutes": 30.0} if "minutes" in name else FACT
    page = page_of(CHARTS[name], fonts, language=language, fact=fact)
    boxes = {}
    for at, one in enumerate(words(page)):
        ring = corners(one)
        assert (ring >= 3).all(), one.text
        assert (ring[:, 0] <= PAPER[0] - 3).all(), one.text
        assert (ring[:, 1] <= PAPER[1] - 3).all(), one.text
        boxes[at, one.text] = (*ring.min(axis=0), *ring.max(axis=0))
    for (one, a), (other, b) in combinations(boxes.items(), 2):
        # Ascenders and descenders are measured for every text alike: a hair of them may be shared.
        apart = a[2] <= b[0] + 0.05 or b[2] <= a[0] + 0.05 or a[3] <= b[1] + 0.5 or b[3] <= a[1] + 0.5
        assert apart, f"{one} and {other}"


def test_every_gap_is_labelled_or_counted(fonts):
    """Who reads the chart must not take the labels for all there is."""
    for chart in (CHARTS["a border as it is"], CHARTS["four thousand kilometres, five hundred pieces"]):
        texts = [one.text for one in words(page_of(chart, fonts, language="en"))]
        labels = [
            float(one.split()[1].replace(",", "")) for one in texts if re.fullmatch(r"gap [\d.,]+ km", one)
        ]
        rest = [one for one in texts if one.startswith("gaps not labelled")]
        many, km = (0, 0.0)
        if rest:
            said = " ".join(texts[texts.index(rest[0]) : texts.index(rest[0]) + 2])
            many, km = (
                int(re.search(r": (\d+)", said)[1]),
                float(re.search(r", ([\d.,]+) km", said)[1].replace(",", "")),
            )
        gaps = chart.gaps
        assert len(labels) + many == len(gaps)
        assert sum(labels) + km == pytest.approx((gaps[:, 1] - gaps[:, 0]).sum(), abs=0.06 * len(gaps))


def test_the_statement_is_on_every_sheet(fonts):
    for chart in (CHARTS["a border as it is"], CHARTS["few units"]):
        page = page_of(chart, fonts, language="en")
        said = " ".join(one.text for one in words(page))
        for wanted in (
            "Schematic, synthetic data",
            "EPSG:4508",
            "0123456789abcdef",
            "Planners",
            "reaches 6 km",
            "invented",
        ):
            assert wanted in said


def test_units_that_find_no_room_are_counted(fonts):
    page = page_of(CHARTS["sixty units"], fonts, language="en")
    texts = [one.text for one in words(page)]
    drawn = sum(one.startswith("示例派出所") for one in texts)
    [more] = [one for one in texts if "more units" in one]
    assert drawn - 2 + int(more.split()[0]) == 60
    # Those that reach least of what they keep are there.
    assert "示例派出所0" in texts
    assert "示例派出所59" not in texts


def test_svg_is_text_that_can_be_found_and_the_same_bytes(fonts):
    page = page_of(CHARTS["a border as it is"], fonts)
    made = to_svg(page, title="条带图 & <more>", about="about")
    assert made == to_svg(page_of(CHARTS["a border as it is"], fonts), title="条带图 & <more>", about="about")
    root = ET.fromstring(made)  # noqa: S314 - our own bytes
    texts = [one.text for one in root.iter(f"{SVG}text")]
    assert [one.text for one in words(page)] == texts
    assert root.find(f"{SVG}title").text == "条带图 & <more>"
    assert (root.get("width"), root.get("height")) == ("297mm", "210mm")
    assert b"http" not in made.replace(b"http://www.w3.org/2000/svg", b""), "it asks for something outside"


def test_png_is_a4_at_200_dots_and_the_same_bytes(fonts):
    page = page_of(CHARTS["few units"], fonts)
    made = to_png(page, title="条带图")
    assert made == to_png(page, title="条带图")
    from PIL import Image

    with Image.open(io.BytesIO(made)) as picture:
        assert picture.size == (2338, 1653)
        assert picture.info["dpi"] == pytest.approx((200, 200), abs=0.1)
        assert "Software" not in picture.info
        assert picture.convert("L").getextrema()[0] < 60, "nothing is drawn"


def test_axes_have_round_marks():
    for value in (0.3, 1, 7.9, 10, 26, 54, 999, 12_345):
        high, step = round_up(value)
        assert high >= value
        assert len(ticks(high, step)) <= 6
        assert float(f"{step:.0e}") == step
    assert step_for(86.7, 229, 13) == 5
    assert step_for(0.0, 229, 13) > 0


def test_texts_on_one_line_make_way_for_the_more_important():
    found = placed([(50.0, 20.0), (55.0, 20.0), (2.0, 10.0), (99.0, 10.0)], (0.0, 100.0))
    assert found == [50.0, None, 5.0, 95.0]


def test_a_figure_that_there_is_not_is_refused():
    from gridmap.errors import ConfigError

    for asked in (("strips", "svg", None), ("strip", "pdf", None), ("strip", "svg", "fr")):
        with pytest.raises(ConfigError, match="GM106"):
            Figure(*asked)
