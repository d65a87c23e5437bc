"""Tables that an analysis makes for maps and figures, and who may see them at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gridmap.config.audiences import AudienceSpec

if TYPE_CHECKING:
    from gridmap.config.spec import KindSpec

# What each of them holds, besides a geometry: nothing of it is ever stored.
ANALYSIS_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "cover_line": ("id", "from_m", "to_m", "km", "keepers", "nearest", "metres"),
    "cover_area": ("id", "keepers", "km2", "share"),
    "cover_depth": ("id", "depth", "layers", "km2", "share"),
    "cover_gaps": (
        "id", "layer", "household", "from_m", "to_m", "km", "km2", "persons", "nearest", "metres",
    ),
    "isochrones": ("id", "minutes", "profile", "scenario", "km2", "within_km2"),
    "travel_change": ("id", "change", "from_min", "to_min", "km2"),
    "cover_strip": ("id", "from_m", "to_m", "keepers", "depth", "minutes", "metres", "homes", "homes_km"),
    "cover_units": (
        "id", "name", "layer", "line_km", "line_covered_km", "area_km2", "area_covered_km2",
        "households", "households_covered", "persons", "persons_covered",
    ),
    # Not of a coverage: kilometre posts, made for `gridmap chainage --posts --out`.
    "posts": ("id", "number", "name", "chainage_m", "surveyed_m", "part", "bearing_deg"),
}  # fmt: skip
ANALYSIS_TABLES = tuple(ANALYSIS_COLUMNS)
# What can be worked out from them: the middle of a disc is a keeper, its distance to a gap a home, and the
# home in the middle of one is a stronghold. "without outpost:O01" names keepers by their ids.
KEEPERS: Mapping[str, tuple[str, ...]] = {"border": (), "outpost": ("id",), "household": ("id", "stronghold")}
TOLD = tuple(KEEPERS)
# What single tables tell: more than that, or less.
NEEDED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "cover_depth": {**KEEPERS, "patrol_zone": ()},
    "cover_gaps": {**KEEPERS, "household": ("id", "stronghold", "persons")},
    "cover_strip": {**KEEPERS, "patrol_zone": ()},
    "cover_units": {
        **KEEPERS,
        "household": ("id", "stronghold", "persons"),
        "unit": ("id", "name", "layer"),
    },
    "posts": {"border": ()},
}


def sees_analysis(
    audience: AudienceSpec, table: str = "", *, kinds: Mapping[str, KindSpec] | None = None
) -> bool:
    """Say whether an audience may get a table of an analysis, where it lists it; see `unseen`."""
    return not unseen(audience, table, kinds=kinds)


def unseen(
    audience: AudienceSpec, table: str = "", *, kinds: Mapping[str, KindSpec] | None = None
) -> tuple[str, ...]:
    """Return what a table of an analysis tells and an audience does not see.

    Such a table tells where the border, outposts and homes are, which homes are strongholds, and names them
    by the project's ids; some tell of persons, zones or units as well. Only who sees all that, every row of
    it and under these ids, may have the table.

    Parameters
    ----------
    audience : AudienceSpec
        The audience.
    table : str
        One of `ANALYSIS_TABLES`; "" for what every product of a coverage tells.
    kinds : mapping of str to KindSpec, optional
        The kinds of the project: of what it does not have, nothing is told.

    Returns
    -------
    tuple of str
        ``kind`` or ``kind.column``, and other settings that it would take; empty if the audience may have it.
    """
    if audience.everything:
        return ()
    redacted = {one.kind for one in audience.redactions}
    found = [] if audience.keeps_ids else ['ids = "true"']
    found += ["per_unit = false"] if audience.per_unit else []
    for kind, columns in NEEDED.get(table, KEEPERS).items():
        if kinds is not None and kind not in kinds:
            continue
        there = columns if kinds is None else [one for one in columns if one in {"id", *kinds[kind].columns}]
        found += [f"{kind} without a redaction"] if kind in redacted else []
        listed = audience.columns.get(kind)
        found += [kind] if listed is None else [f"{kind}.{one}" for one in there if one not in listed]
    return tuple(found)
