"""What leaves a project: tables cleared for an audience, finished bytes, the guard, the log."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from gridmap import assign, checks, exchange, privacy, publish
from gridmap.config import RESULT_TABLES
from gridmap.exchange import WriteKeywords
from gridmap.model import View
from gridmap.model.recipe import COVERAGE, EXPORT, Recipe, Source
from gridmap.privacy import Releases, Withheld
from gridmap.project import remembered, seasons, statement
from gridmap.project.posts import posts_export
from gridmap.project.product import Product
from gridmap.project.stationing import measured
from gridmap.publish import Manifest, Record
from gridmap.store import nothing_waits

if TYPE_CHECKING:
    from gridmap.project.area import Area
    from gridmap.project.figured import Analysis
    from gridmap.project.plan import Plan

QUARANTINE = "quarantine"
# Kilometre posts are made for the export, and stored nowhere.
POSTS, EVERY = "posts", "post_m"


def export(
    area: Area, table: str, audience: str, fmt: str, written: WriteKeywords, *, unit: str | None = None
) -> Product:
    """Write one table for an audience.

    Parameters
    ----------
    area : Area
        The project.
    table, audience, fmt : str
        What, for whom, and in which registered format.
    written : WriteKeywords
        CRS, datum and encoding, as `gridmap.exchange.write_table` takes them.
    unit : str, optional
        The unit that it is for, where the audience is one unit's.
    """
    asked = {"table": table, "format": fmt, **{name: value for name, value in written.items() if value}}
    options = {key: str(one) for key, one in asked.items()}
    recipe = Recipe(f"{EXPORT} {table}", audience, unit, options)
    plan = plan_for(area, recipe)
    made = material(area, recipe, plan)
    data = exchange.write_table(made.view, table, fmt, **written)
    return product(area, data, made, notes=() if plan is None else plan.notes)


def export_posts(area: Area, audience: str, fmt: str, *, every_m: float, unit: str | None = None) -> Product:
    """Write kilometre posts for an audience that lists them: where they stand is where the border is.

    Parameters
    ----------
    area : Area
        The project.
    audience, fmt : str
        For whom, and in which registered format.
    every_m : float
        Metres between two posts, at least 10.
    unit : str, optional
        The unit that it is for, where the audience is one unit's.

    Raises
    ------
    ConfigError
        GM105 for an audience that does not get them; GM106 for a distance that is less.
    """
    # Every digit: from it the posts are made, now and when they are verified.
    options = {"table": POSTS, "format": fmt, EVERY: repr(float(every_m))}
    recipe = Recipe(f"{EXPORT} {POSTS}", audience, unit, options)
    made = material(area, recipe, plan_for(area, recipe))
    return product(area, exchange.write_table(made.view, POSTS, fmt), made, notes=measured(area).notes)


def plan_for(area: Area, recipe: Recipe) -> Plan | None:
    """Return the plan that a product is made from; None for an export of what is stored.

    Stored results serve only as long as they are those of the data; and what is a unit's own is what it is
    assigned now.
    """
    if recipe.exported is None or privacy.audience_named(area.spec, recipe.audience).per_unit:
        return area.plan(season=recipe.options.get(seasons.OPTION))
    stale = recipe.exported in RESULT_TABLES and area.store.results_revision() != area.input_hash()
    return area.plan() if stale else None


def material(
    area: Area,
    recipe: Recipe,
    plan: Plan | None = None,
    *,
    analysis: Analysis | None = None,
    keep: bool = True,
) -> Record:
    """Return what a product is made from: now, to make it, or later, to verify it.

    Parameters
    ----------
    area : Area
        The project.
    recipe : Recipe
        How the product is made.
    plan : Plan, optional
        What it is made from (`plan_for`); none for an export of what is stored.
    analysis : Analysis, optional
        What else it is made from, of a coverage or an export of posts; else it is made anew from the recipe.
    keep : bool
        Remember what was prepared for it; only to look again changes nothing.
    """
    allowed = privacy.audience_named(area.spec, recipe.audience)
    facts: dict[str, Any] = {}
    also: dict[str, pd.DataFrame] = {}
    if plan is not None and plan.season is not None:
        seasons.refuse_hidden_camps(plan, recipe.audience, allowed)
        facts[seasons.OPTION] = plan.season.fact
        also = {seasons.AT_HOME: plan.season.homes}
    if plan is None:
        tables, revision = _stored(area), area.store.revision()
    else:
        tables, revision = {**plan.tables, **plan.results()}, plan.revision
        titles = {code: doc.title for code, doc in checks.codes().items()}
        titles |= {code: doc.title for code, doc in assign.CODES.items()}
        facts |= {"figures": plan.figures.to_json(), "codes": titles}
    facts["revision"] = revision
    used = analysis or analysed(area, recipe, plan)
    if used is not None:
        tables = {**tables, **used.tables}
        facts |= {COVERAGE: used.fact} if used.fact else {}
    releases = _prepared(area, tables, recipe, keep=keep)
    return Record(
        recipe,
        view(area, tables, recipe.audience, facts, unit=recipe.unit, releases=releases),
        tables,
        _source(area, recipe, revision, stored=plan is None),
        keeps_ids=allowed.keeps_ids,
        releases=releases,
        also=also,
    )


def analysed(area: Area, recipe: Recipe, plan: Plan | None) -> Analysis | None:
    """Return what a product is made from besides data and plan, anew from its recipe; None for most.

    Raises
    ------
    GridmapError
        Whatever stands in the way: a keeper, a profile, a scenario that the project does not have any more.
    """
    from gridmap.project.figured import Analysis, analysis_again  # noqa: PLC0415 - it imports this module

    if recipe.exported == POSTS:
        return Analysis({POSTS: posts_export(measured(area), float(recipe.options[EVERY]))}, {}, {})
    return None if recipe.analysed is None or plan is None else analysis_again(plan, recipe)


def _prepared(
    area: Area, tables: Mapping[str, pd.DataFrame], recipe: Recipe, *, keep: bool
) -> Releases | None:
    """Return what the project remembers of its releases, with all that this one needs."""
    allowed = privacy.audience_named(area.spec, recipe.audience)
    if allowed.keeps_ids and not allowed.redactions:
        return None
    with remembered.alone(area, keep=keep):
        known = remembered.recall(area, keep_new=keep)
        ready = privacy.prepare(tables, area.spec, recipe.audience, unit=recipe.unit, releases=known)
        if keep and ready != known:
            remembered.keep(area, ready)
    return ready


def view(
    area: Area,
    tables: Mapping[str, pd.DataFrame],
    audience: str,
    facts: Mapping[str, object],
    *,
    unit: str | None = None,
    releases: Releases | None = None,
) -> View:
    """Clear tables for an audience; `facts` are said of the data besides what every product says."""
    stated = statement.facts(
        area.spec,
        revision=area.store.revision(),
        audience=audience,
        relief=area.relief(),
        basemaps=area.basemaps(),
    )
    said = {**stated, **facts}
    return privacy.make_view(tables, area.spec, audience, facts=said, unit=unit, releases=releases)


def product(area: Area, data: bytes, made: Record, *, notes: tuple[str, ...] = ()) -> Product:
    """Wrap finished bytes; saving them runs the guard, and is a manifest and a line in the log.

    Parameters
    ----------
    area : Area
        The project.
    data : bytes
        The finished product.
    made : Record
        What it was made from: what its view left out must not be in the bytes.
    notes : tuple of str
        What whoever makes it should know.
    """
    recipe = made.recipe

    def leave(finished: bytes, path: Path, force: bool) -> Path:  # noqa: FBT001 - Product's own call
        def log(manifest: Manifest) -> None:
            area.write_log(
                recipe.action,
                audience=recipe.audience,
                unit=recipe.unit,
                product=manifest.product,
                sha256=manifest.output.sha256,
                manifest=manifest.sha256,
            )

        left_out = withheld(area, made)
        return publish.publish(finished, path, withheld=left_out, record=made, force=force, done=log)

    def check(finished: bytes) -> None:
        publish.guard(finished, withheld(area, made), where="the notebook")

    return Product(data, recipe.audience, leave, check, notes)


def withheld(area: Area, made: Record) -> Withheld:
    """Return what must not be in the bytes of a product."""
    return privacy.withheld({**made.tables, **made.also}, area.spec, made.view)


def _stored(area: Area) -> dict[str, pd.DataFrame]:
    known = area.store.tables()
    more = {name: area.store.read(name) for name in (*RESULT_TABLES, QUARANTINE) if name in known}
    more.setdefault(QUARANTINE, nothing_waits())
    return {**area.frames(), **more}


def _source(area: Area, recipe: Recipe, revision: str, *, stored: bool) -> Source:
    """Return the hashes of what a product is made from."""
    # Results and quarantine are stored beside the data, and the revision tells nothing of them.
    beside = stored and recipe.exported in {*RESULT_TABLES, QUARANTINE}
    return Source(
        data=area.store.content() if beside else revision,
        settings=statement.settings_hash(
            area.spec,
            relief=area.relief(),
            basemaps=area.basemaps(),
            snow=statement.snow_grids(area.spec, area.folder),
        ),
        outside=len(area.outside_changes()),
    )
