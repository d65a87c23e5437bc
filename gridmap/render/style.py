"""Colours and marks, in one place.

Okabe and Ito's colour-blind-safe palette, and a dash, hatch or shape as the second cue for everything,
so that a print in grey still reads. One colour a defence layer; magenta is kept for faults alone.
"""

from __future__ import annotations

from dataclasses import replace

from gridmap.model.scene import Style

VERMILLION = "#D55E00"  # the line layer
ORANGE = "#E69F00"  # its every second section
BLUE = "#0072B2"  # the area layer
SKY = "#56B4E9"
GREEN = "#007A59"  # the point layer: Okabe-Ito's bluish green, darkened until text in it reads
INK = "#1B1F23"
GREY = "#5A5F66"
PALE = "#8A8F96"
WHITE = "#FFFFFF"
FAULT = "#C2007A"

# The base: quiet, so that the three layers stand over it.
WATER, WATER_INK = "#86B4D2", "#3F7398"
WATERS = {
    "river": Style(stroke=WATER, width=1.5),
    "stream": Style(stroke=WATER, width=0.8),
    "channel": Style(stroke=WATER, width=1.2, dash="6 2"),
}
# Around the jurisdiction the ground pales, and its letters stand wide.
NEIGHBOUR_EDGE, NEIGHBOUR_INK = "#8B8578", "#77726A"
NEIGHBOURS = {
    "country": Style(stroke=NEIGHBOUR_EDGE, width=1.0, dash="10 3 2 3", fill="#F6F3EA", fill_opacity=0.55),
    "county": Style(stroke=NEIGHBOUR_EDGE, width=0.8, dash="7 3 1.5 3", fill="#FAF8F2", fill_opacity=0.42),
    "other": Style(stroke=NEIGHBOUR_EDGE, width=0.7, dash="2 3", fill="#FAF8F2", fill_opacity=0.42),
}

HATCHES = ("45", "135", "0", "90", "cross", "dots")

SECTIONS = (
    Style(stroke=VERMILLION, width=6, casing=WHITE, casing_width=9.5),
    Style(stroke=ORANGE, width=6, casing=WHITE, casing_width=9.5),
)
BORDER = Style(stroke=INK, width=1.6, dash="10 3 2 3")

# Areas by density, pale to dark: lightness alone tells them apart, also in a grey print.
GREENS = ("#EEF4E8", "#D0E5CC", "#A5D0B0", "#6DB291", "#35896B")
GREYS = ("#EFEFEF", "#D8D9DB", "#B9BCC0", "#90959B", "#646A71")
AREA_EDGE = "#86A896"
COUNT_EDGE = Style(stroke="#0F4433", width=1.6, dash="12 4")
ROUGH_HATCH = "135"

# Tint and hatch by the unit that keeps the zone.
ZONE_TINTS = (BLUE, SKY, "#4B5FA5", "#2A8C9E")
ZONE_EDGE = BLUE

HOUSEHOLD = Style(fill=GREEN, stroke=WHITE, shape="dot", size=2.4)
STRONGHOLD = Style(fill=GREEN, stroke=WHITE, width=1.2, shape="house", size=6.5)
OUTPOSTS = {
    "line": Style(fill=VERMILLION, stroke=WHITE, width=1.4, shape="flag", size=8.5),
    "area": Style(fill=BLUE, stroke=WHITE, width=1.4, shape="shield", size=8),
    "point": Style(fill=GREEN, stroke=WHITE, width=1.4, shape="hexagon", size=7),
    "": Style(fill=GREY, stroke=WHITE, width=1.4, shape="square", size=6),
}
_FAULT = Style(stroke=FAULT, fill=FAULT, casing=WHITE)
FAULTS = {
    "gap": replace(
        _FAULT, width=5, dash="8 5", casing_width=9, fill_opacity=0.9, hatch="fault", shape="fault", size=8
    ),
    "overlap": replace(
        _FAULT,
        width=3,
        dash="2 4",
        casing_width=7,
        fill_opacity=0.9,
        hatch="fault-cross",
        shape="double",
        size=8,
    ),
    "orphan": replace(_FAULT, width=3, dash="2 4", casing_width=7, hatch="fault", shape="orphan", size=8),
    "error": replace(_FAULT, width=4, dash="7 5", casing_width=8, hatch="fault", shape="fault", size=7.5),
    "warning": replace(_FAULT, width=2.5, dash="2 5", casing_width=6, shape="warning", size=7),
    "info": replace(_FAULT, width=1.5, dash="1 5", casing_width=4, shape="ring", size=6),
}
