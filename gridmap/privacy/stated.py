"""What a product may say of its data: the facts that pass to an audience."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

from gridmap.config import AudienceSpec, KindSpec, sees_analysis
from gridmap.model import TARGETS
from gridmap.privacy.releases import Releases

# Facts that say nothing of a row.
HARMLESS = frozenset(
    {"name", "crs", "version", "source", "synthetic", "banner", "relief_asc", "codes", "season"}
)
# How an analysis was made: it may name keepers that are thought away.
ANALYSIS = "coverage"
# Facts that each say whom they are for.
PICTURES = "basemaps"
REVISION_DIGITS = 16


def stated(
    facts: Mapping[str, Any],
    allowed: AudienceSpec,
    whole: Collection[str],
    releases: Releases | None,
    *,
    receiver: tuple[str, str],
    kinds: Mapping[str, KindSpec],
) -> dict[str, Any]:
    """Return the facts that pass.

    `whole` names the tables of which every row passes; `kinds` are those of the project.

    Notes
    -----
    A revision is a hash of the whole data: who knows all but one telephone number could try them all. An
    audience that does not keep ids gets it keyed with the project's secret.
    """
    pictures = _pictures(facts, receiver[0])
    if allowed.everything:
        return {**facts, **pictures}
    passed = {name: fact for name, fact in facts.items() if name in HARMLESS} | pictures
    if ANALYSIS in facts and sees_analysis(allowed, kinds=kinds):
        passed[ANALYSIS] = facts[ANALYSIS]
    if "revision" in facts:
        passed["revision"] = facts["revision"]
        if releases is not None:
            keyed = releases.keyed("revision", *receiver, str(facts["revision"]))
            passed["revision"] = keyed.hex()[:REVISION_DIGITS]
    figures = facts.get("figures")
    # The figures of a layer are for who sees all of the layer's targets.
    if isinstance(figures, Mapping) and not allowed.per_unit:
        layers = figures.get("layers", {})
        seen = {name: layers[name] for name in layers if TARGETS.get(name) in whole}
        total = {"assignments": figures.get("assignments")} if "assignments" in whole else {}
        passed["figures"] = {**total, "layers": seen}
    return passed


def _pictures(facts: Mapping[str, Any], audience: str) -> dict[str, Any]:
    """Return the pictures under maps that list the audience: also who sees every table has to be listed."""
    held = facts.get(PICTURES)
    if not isinstance(held, Mapping):
        return {PICTURES: {}} if PICTURES in facts else {}
    return {PICTURES: {name: one for name, one in held.items() if audience in one.audiences}}


def unit_name(tables: Mapping[str, pd.DataFrame], unit: str) -> str:
    """Return the name of the unit that a product is for: its own, which it knows."""
    units = tables.get("unit")
    if units is None or "name" not in units.columns:
        return ""
    names = units.loc[units["id"] == unit, "name"].dropna()
    return str(names.iloc[0]) if len(names) else ""
