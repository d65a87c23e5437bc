"""The legend below the summary's picture."""

from __future__ import annotations

from gridmap.config import ProjectSpec
from gridmap.model import View
from gridmap.render import style
from gridmap.render.holdings import derived, derived_title
from gridmap.render.text import inert


def legend(view: View, spec: ProjectSpec, *, most: int) -> str:
    """Return an entry for each sign that is on the picture; up to `most` households are drawn one by one."""

    def entry(table: str, drawing: str, zh: str, en: str) -> str:
        if table not in view.tables or len(view.tables[table].frame) == 0:
            return ""
        return (
            f'<span class="entry"><svg viewBox="0 0 26 14" aria-hidden="true">{drawing}</svg>{zh} '
            f'<span class="en" lang="en">{en}</span></span>'
        )

    line = f'<path d="M1 7H13" stroke="{style.VERMILLION}" stroke-width="5"/>'
    line += f'<path d="M13 7H25" stroke="{style.ORANGE}" stroke-width="5" stroke-dasharray="4 1"/>'
    edge = f'<path d="M1 7H25" stroke="{style.GREY}" stroke-width="1.6" stroke-dasharray="9 3 2 3"/>'
    zone = f'<rect x="1" y="1" width="24" height="12" fill="url(#z0)" stroke="{style.ZONE_EDGE}"/>'
    home = f'<circle cx="13" cy="7" r="2" fill="{style.GREEN}"/>'
    house = f'<path d="M8 13v-6l5-5l5 5v6Z" fill="{style.GREEN}"/>'
    flag = f'<path d="M9 14v-13h2l8 4l-8 4v5Z" fill="{style.INK}"/>'
    fault = f'<path d="M1 7H25" stroke="{style.FAULT}" stroke-width="4" stroke-dasharray="6 4"/>'
    named = {one.name: one.title for one in spec.levels}
    level = named.get(spec.layers.area.jurisdiction, spec.levels[0].title)
    few = len(view.tables["household"].frame) <= most if "household" in view.tables else False
    return "".join(
        [
            entry("sections", line, "边境段", "sections, west to east"),
            entry("patrol_zone", zone, "巡逻区（按单位）", "zones, by unit"),
            entry("admin", edge, inert(level.zh), inert(level.en)),
            entry("outpost", flag, "哨所", "outposts"),
            entry("household", house, "堡垒户", "strongholds"),
            entry("household", home, "牧户", "households") if few else "",
            *(
                entry(name, _ramp(), inert(derived_title(one).zh), inert(derived_title(one).en))
                for name, one in derived(view, spec).items()
                if one.form == "areas"
            ),
            entry("findings", fault, "问题", "findings"),
        ]
    )


def _ramp() -> str:
    """Return the tints of density side by side, from few to many."""
    wide = 24 / len(style.GREENS)
    return "".join(
        f'<rect x="{1 + at * wide:.1f}" y="1" width="{wide:.1f}" height="12" fill="{tint}"/>'
        for at, tint in enumerate(style.GREENS)
    )
