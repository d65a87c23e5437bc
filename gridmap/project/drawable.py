"""What stands in the way of a product of a coverage, before any of it is computed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from gridmap import privacy
from gridmap.config import ANALYSIS_COLUMNS, CONFIG_NAME, AudienceSpec, ProjectSpec, unseen
from gridmap.errors import ConfigError, PublishError, RenderError

MAP, STRIP, BARS = "map", "strip", "bars"
TABLES: Mapping[str, tuple[str, ...]] = {
    MAP: (
        "cover_line",
        "cover_area",
        "cover_depth",
        "cover_gaps",
        "isochrones",
        "travel_change",
        "cover_units",
    ),
    STRIP: ("cover_line", "cover_strip"),
    BARS: ("cover_units",),
}
# Without any of these there is nothing of a coverage on a map; isochrones are there with minutes alone.
DRAWN = ("cover_line", "cover_area", "cover_depth", "cover_gaps")
ISOCHRONES = "isochrones"
# The table of a comparison, and the overlay that draws it.
CHANGE, OVERLAY = "travel_change", "change"
MAP_LINES = (
    'title = { en = "What keepers reach", zh = "覆盖与纵深" }, '
    'overlays = ["relief", "neighbours", "depth", "change", "admin", "water", "tracks", "isochrones", '
    '"cells", "coverage", "border", "households", "outposts", "landmarks", "gaps"]'
)


def refuse_undrawable(
    spec: ProjectSpec,
    what: str,
    audience: str,
    *,
    name: str = "coverage",
    timed: bool = True,
    compared: bool = False,
) -> None:
    """Refuse a product of a coverage that the settings leave nothing of.

    Parameters
    ----------
    spec : ProjectSpec
        The settings.
    what : {"map", "strip", "bars"}
        The product.
    audience : str
        Whom it is for.
    name : str
        Which map of gridmap.toml.
    timed : bool
        Whether travel times are asked for.
    compared : bool
        Whether two scenarios are compared.

    Raises
    ------
    ConfigError
        GM109 if there is no such audience; GM105 if there is no such map, with the lines to add.
    PublishError
        GM607 if the audience does not see where keepers and homes are.
    RenderError
        GM702 if the audience does not list the tables that it is drawn from, or the map has no overlay for a
        comparison that is asked for; with the lines to add.
    """
    refuse_blind(spec, audience)
    allowed = privacy.audience_named(spec, audience)
    lines = _lines(audience, allowed, TABLES[what], spec)
    if what == MAP and name not in spec.maps:
        fix = f"add to {CONFIG_NAME} under [maps.{name}]: {MAP_LINES}" + (f"; and {lines}" if lines else "")
        others = ", ".join(sorted(spec.maps))
        raise ConfigError(
            "GM105", f"no such map: {name}", where=CONFIG_NAME, fix=f"{fix}; there are: {others or 'none'}"
        )
    if what == MAP and compared:
        _refuse_uncompared(spec, audience, allowed, name)
    if allowed.everything:
        return
    wanted = (*DRAWN, *((ISOCHRONES,) if timed else ())) if what == MAP else TABLES[what]
    listed = [table in allowed.columns for table in wanted]
    if not (any(listed) if what == MAP else all(listed)):
        raise RenderError(
            "GM702",
            f"there is nothing of a coverage to draw: the audience {audience} does not list its tables",
            where=f"{CONFIG_NAME}: audiences.{audience}.columns",
            fix=f"add {lines}",
        )


def _refuse_uncompared(spec: ProjectSpec, audience: str, allowed: AudienceSpec, name: str) -> None:
    lines = _lines(audience, allowed, (CHANGE,), spec)
    add = [lines] if lines else []
    if OVERLAY not in spec.maps[name].overlays:
        add.append(f'"{OVERLAY}" to the overlays of [maps.{name}], after "depth"')
    if add:
        raise RenderError(
            "GM702",
            "the difference of two scenarios would not be drawn: the settings do not list it",
            where=f"{CONFIG_NAME}: maps.{name}, audiences.{audience}.columns",
            fix="add " + "; and ".join(add),
        )


def refuse_blind(spec: ProjectSpec, audience: str) -> None:
    """Refuse a product of a coverage for an audience that does not see where keepers and homes are.

    Raises
    ------
    ConfigError
        GM109 if there is no such audience.
    PublishError
        GM607.
    """
    hidden = unseen(privacy.audience_named(spec, audience), kinds=spec.kinds)
    if hidden:
        raise PublishError(
            "GM607",
            f"the audience {audience} does not see where keepers and homes are, and what they reach tells it",
            where=f"gridmap coverage: {audience} lacks {', '.join(hidden)}",
            fix="make it for an audience that sees border, outpost and household whole, e.g. planner",
        )


def _lines(audience: str, allowed: AudienceSpec, tables: Iterable[str], spec: ProjectSpec) -> str:
    """Return the lines that an audience lacks for some tables, and what it would have to see for them."""
    if allowed.everything:
        return ""
    missing = [table for table in tables if table not in allowed.columns]
    if not missing:
        return ""
    said = ", ".join(f"{one} = {json.dumps(list(ANALYSIS_COLUMNS[one]))}" for one in missing)
    needs = sorted({one for table in missing for one in unseen(allowed, table, kinds=spec.kinds)})
    also = f", for which it has to see {', '.join(needs)}" if needs else ""
    return f"under [audiences.{audience}.columns]: {said}{also}"
