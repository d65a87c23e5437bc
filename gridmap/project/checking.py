"""What is wrong with an area's data, and what was changed behind gridmap's back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from gridmap.model import Findings
from gridmap.project import ahead
from gridmap.project.outside import outside_findings

if TYPE_CHECKING:
    from gridmap.project.area import Area


def check(area: Area, *, deep: bool = False, progress: Callable[[str], None] | None = None) -> Findings:
    """Find every fault of the data; see `Area.check`."""
    tell = progress or (lambda _step: None)
    tell("reading")
    found = area.store.verify(deep=True) if deep else Findings()
    with ahead.loading(area.store):
        frames = area.frames()
    from gridmap import checks  # noqa: PLC0415 - loaded by now, where the tables are large

    tell("checking")
    return found + checks.check_tables(frames, area.spec) + outside_findings(area.store.outside_changes())
