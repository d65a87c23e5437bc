"""Products of a coverage: its map, the strip chart, bars by unit; and what they are made from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from gridmap import render
from gridmap.config.suggesting import suggest
from gridmap.errors import ConfigError
from gridmap.model.recipe import COVERAGE, Recipe
from gridmap.project import leaving
from gridmap.project.changed import TABLE as CHANGE
from gridmap.project.changed import refuse_against, said_of
from gridmap.project.covered import analysis_tables
from gridmap.project.demands import posts_of
from gridmap.project.drawable import BARS, MAP, STRIP, TABLES, refuse_undrawable
from gridmap.project.product import Product

if TYPE_CHECKING:
    from gridmap.project.coverage import Coverage
    from gridmap.project.plan import Plan

KM = 1000.0


@dataclass(frozen=True)
class Analysis:
    """What a product of a coverage is made from, besides the plan.

    Parameters
    ----------
    tables : mapping of str to frame
        Tables of the analysis, in the working CRS.
    said : mapping of str to str
        How far keepers reach, and who is left out: ``en`` and ``zh``.
    limits : mapping of str to float
        What a chart draws as a limit: ``metres`` or ``minutes``, and the belt.
    """

    tables: Mapping[str, pd.DataFrame]
    said: Mapping[str, str]
    limits: Mapping[str, float]

    @property
    def fact(self) -> dict[str, Any]:
        """What a product says of the analysis."""
        return {**self.said, **self.limits}


def analysis_of(found: Coverage, what: str, *, against: str | None = None) -> Analysis:
    """Return what the map, the strip chart or the bars are made from; `against`: another scenario."""
    how, layers = found.how, found.plan.area.spec.layers
    limits = {"belt_m": float(layers.line.belt_m)}
    if how.minutes is not None:
        limits["minutes"] = float(how.minutes)
    if how.minutes is None or how.reach_m is not None:
        limits["metres"] = float(how.reach_m or layers.line.section_reach_m)
    tables, words = analysis_tables(found, TABLES[what], against=against), said(found)
    if against is not None:
        more = said_of(found.plan.area.spec, how, against, nowhere=not len(tables[CHANGE]))
        words = {"en": f"{words['en']}; {more['en']}", "zh": f"{words['zh']}；{more['zh']}"}
    return Analysis(tables, words, limits)


def analysis_again(plan: Plan, recipe: Recipe) -> Analysis:
    """Return what a product was made from, anew from its recipe."""
    options = recipe.options
    metres, minutes = (options.get(name) for name in ("reach_m", "minutes"))
    found = plan.coverage(
        reach_m=None if metres is None else float(metres),
        minutes=None if minutes is None else float(minutes),
        profile=options.get("profile"),
        scenario=options.get("scenario"),
        without=json.loads(options.get("without", "[]")),
    )
    against = options.get("against")
    refuse_against(plan.area.spec, found.how, against)
    return analysis_of(found, recipe.analysed or MAP, against=against)


def said(found: Coverage) -> dict[str, str]:
    """Say in both languages how far keepers reach, and who is left out."""
    how, spec = found.how, found.plan.area.spec
    line, point = spec.layers.line.section_reach_m / KM, spec.layers.point.reach_m / KM
    en, zh = [], []
    if how.minutes is not None:
        who = spec.travel.profiles[str(how.profile)].title
        en.append(f"keepers are {how.minutes:g} minutes on the way at most ({who.en.lower()})")
        zh.append(f"{who.zh} {how.minutes:g} 分钟以内可达")
        en[-1] += "" if how.scenario is None else f", {spec.scenarios[how.scenario].title.en.lower()}"
        zh[-1] += "" if how.scenario is None else f"，情景“{spec.scenarios[how.scenario].title.zh}”"
    if how.reach_m is not None:
        en.append(f"every keeper reaches {how.reach_m / KM:g} km in a straight line")
        zh.append(f"每个力量直线可达 {how.reach_m / KM:g} 公里")
    if not en:
        en.append(f"outposts reach {line:g} km, strongholds {point:g} km, in a straight line")
        zh.append(f"哨所直线可达 {line:g} 公里，堡垒户 {point:g} 公里")
    left = without_of(found)
    if left:
        en.append("without " + ", ".join(left))
        zh.append("不计 " + "、".join(left))
    return {"en": "Coverage: " + "; ".join(en), "zh": "覆盖分析：" + "；".join(zh)}


def without_of(found: Coverage) -> list[str]:
    """Return the keepers that a coverage leaves out, as ``kind:id``."""
    held = set(found.posts.names)
    return [name for name in posts_of(found.plan).names if name not in held]


def coverage_map(
    found: Coverage,
    *,
    audience: str,
    unit: str | None = None,
    name: str = "coverage",
    against: str | None = None,
) -> Product:
    """Draw a map of a coverage for an audience: one HTML page that opens without a network.

    Parameters
    ----------
    found : Coverage
        What keepers reach.
    audience : str
        Name of an audience in gridmap.toml.
    unit : str, optional
        Id of the unit that it is for, where the audience is one unit's.
    name : str
        Which map of gridmap.toml.
    against : str, optional
        A scenario: the map also shows where keepers take longer than in it. ``none`` for no scenario.

    Raises
    ------
    ConfigError
        GM109 if there is no such audience; GM105 if there is no such map or scenario; GM106 if a scenario is
        compared with itself, or without minutes and a profile.
    PublishError
        GM607 if the audience does not see where keepers and homes are.
    RenderError
        GM702 if it lists none of the tables that tell what is reached, or not that of the changes.
    """
    from gridmap.render.backends.folium import to_html  # noqa: PLC0415 - heavy, and only drawing needs it

    spec = found.plan.area.spec
    refuse_against(spec, found.how, against)
    timed, compared = found.how.minutes is not None, against is not None
    refuse_undrawable(spec, MAP, audience, name=name, timed=timed, compared=compared)
    options = {"map": name} | ({} if against is None else {"against": against})
    made = _material(found, MAP, audience=audience, unit=unit, options=options)
    page = to_html(render.compose(made.view, spec, map_name=name))
    return leaving.product(found.plan.area, page.encode("utf-8"), made, notes=found.notes)


def coverage_figure(
    found: Coverage, what: str, *, audience: str, fmt: str = "svg", language: str | None = None
) -> Product:
    """Draw a figure of a coverage for an audience, on one sheet of A4.

    Parameters
    ----------
    found : Coverage
        What keepers reach.
    what : {"strip", "bars"}
        The border unrolled, or what each unit keeps and how much of it is within reach.
    audience : str
        Name of an audience in gridmap.toml.
    fmt : {"svg", "png"}
        Vectors with text that can be selected, or pixels at 200 dots an inch.
    language : {"zh", "en"}, optional
        Else that in which the project's maps open.

    Raises
    ------
    ConfigError
        GM109 if there is no such audience; GM106 for another format or language; GM111 without matplotlib.
    PublishError
        GM607 if the audience does not see where keepers and homes are.
    RenderError
        GM702 if there is nothing to draw; GM703 without a Chinese font.
    """
    from gridmap.render.figures import FORMATS, Figure, draw_figure  # noqa: PLC0415 - heavy: draws and measures

    if fmt not in FORMATS:
        raise ConfigError("GM106", f"no figure is written as {fmt}", where="fmt", fix=suggest(fmt, FORMATS))
    asked = Figure(what, fmt, language)
    refuse_undrawable(found.plan.area.spec, what, audience)
    made = _material(found, what, audience=audience, unit=None, options=asked.options())
    data = draw_figure(made.view, found.plan.area.spec, asked)
    return leaving.product(found.plan.area, data, made, notes=found.notes)


def _material(found: Coverage, what: str, *, audience: str, unit: str | None, options: dict[str, str]) -> Any:
    recipe = Recipe(f"{COVERAGE} {what}", audience, unit, found.plan.options(**_options(found), **options))
    analysed = analysis_of(found, what, against=options.get("against"))
    return leaving.material(found.plan.area, recipe, found.plan, analysis=analysed)


def _options(found: Coverage) -> dict[str, str]:
    """Return what a recipe keeps of a coverage, so that it can be made again."""
    how, left = found.how, without_of(found)
    given = {
        "reach_m": None if how.reach_m is None else repr(float(how.reach_m)),
        "minutes": None if how.minutes is None else repr(float(how.minutes)),
        "profile": how.profile,
        "scenario": how.scenario,
        # An id may hold any character, a comma too.
        "without": json.dumps(left, ensure_ascii=False) if left else None,
    }
    return {name: value for name, value in given.items() if value is not None}


class Drawn:
    """What a coverage draws of itself; every product goes through the gate of its audience."""

    def map(
        self,
        *,
        audience: str,
        unit: str | None = None,
        name: str = "coverage",
        against: str | None = None,
    ) -> Product:
        """Draw a map of the coverage: an HTML page that opens without a network.

        Parameters
        ----------
        audience, unit : str
            Whom it is for; only who sees border, outposts and households whole.
        name : str
            Which map of gridmap.toml.
        against : str, optional
            A scenario that this one is compared with; ``none`` for no scenario.

        Raises
        ------
        ConfigError, PublishError
            As for `coverage_map`.
        """
        return coverage_map(cast("Coverage", self), audience=audience, unit=unit, name=name, against=against)

    def strip(self, *, audience: str, fmt: str = "svg", language: str | None = None) -> Product:
        """Draw the strip chart of the border on one sheet of A4; see `coverage_figure`."""
        return coverage_figure(cast("Coverage", self), STRIP, audience=audience, fmt=fmt, language=language)

    def bars(self, *, audience: str, fmt: str = "svg", language: str | None = None) -> Product:
        """Draw what each unit keeps, and how much of it is within reach; see `coverage_figure`."""
        return coverage_figure(cast("Coverage", self), BARS, audience=audience, fmt=fmt, language=language)
