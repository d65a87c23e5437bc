"""How a plan is made of an area's tables, and whether the stored one is still true."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from gridmap.project import ahead

if TYPE_CHECKING:
    from gridmap.project.area import Area
    from gridmap.project.plan import Plan

# Reading, checking, assigning.
ASSIGN_STEPS = 3
STALE = "the data or the rules have changed since the plan was stored: made anew in memory"

Progress = Callable[[str], None]


def made(area: Area, progress: Progress | None = None, *, season: str | None = None) -> Plan:
    """Check an area's tables and assign them, in a season or as for the year; nothing is stored."""
    tell = progress or (lambda _step: None)
    tell("reading")
    revision = area.store.revision()
    with ahead.loading(area.store):
        tables = area.frames()
    # Loaded by now, where the tables are large.
    from gridmap import assign as assignment  # noqa: PLC0415
    from gridmap import checks  # noqa: PLC0415
    from gridmap.project import seasons  # noqa: PLC0415
    from gridmap.project.plan import Plan  # noqa: PLC0415

    moved = None
    if season is not None:
        tables, moved = seasons.in_season(tables, area.spec, season)
    tell("checking")
    checked = checks.checked(tables, area.spec)
    known = checked.findings if moved is None else seasons.without_home_faults(checked.findings, moved)
    tell("assigning")
    arrangement = assignment.arrange(tables, area.spec, known=known, placed=checked.remains.xy)
    notes = () if moved is None else (moved.note,)
    return Plan(
        area,
        tables,
        arrangement,
        known + arrangement.findings,
        revision,
        notes,
        moved,
        # A season moves homes about: what an edit touches is not looked up then.
        checked if moved is None else None,
    )


def current(area: Area, progress: Progress | None = None, *, season: str | None = None) -> Plan:
    """Return the plan of the data as they are now, with a note if the stored one is not.

    None of a season is stored: there is nothing to be stale.
    """
    if season is not None:
        return made(area, progress, season=season)
    stored = area.store.results_revision()
    plan = made(area, progress)
    return plan.with_note(STALE) if stored is not None and stored != area.input_hash() else plan
