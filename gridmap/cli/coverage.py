"""The command that says what keepers reach: gridmap coverage."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridmap.cli.console import console, print_json, print_line, print_table
from gridmap.cli.counted import many
from gridmap.cli.figures import (
    Against,
    BarsFile,
    Language,
    MapFile,
    StripFile,
    Wanted,
    refuse_early,
    refuse_stray,
    save_products,
)
from gridmap.cli.options import HERE, Audience, Force, Json, Project
from gridmap.cli.stages import COVERING, PLAN
from gridmap.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gridmap.project.area import Area
    from gridmap.project.coverage import Coverage
    from gridmap.project.how_far import How
    from gridmap.project.plan import Plan

Reach = Annotated[
    float | None, typer.Option("--reach-m", metavar="M", help="One reach for all keepers, in metres.")
]
Minutes = Annotated[
    float | None, typer.Option("--minutes", metavar="MIN", help="How long a keeper may be on the way.")
]
Profile = Annotated[
    str | None, typer.Option("--profile", help="Who travels, as named in gridmap.toml: foot, vehicle.")
]
Season = Annotated[str | None, typer.Option("--season", help="Households stand at their camps of it.")]
Scenario = Annotated[str | None, typer.Option("--scenario", help="Snow and closures, as in gridmap.toml.")]
Without = Annotated[
    list[str] | None, typer.Option("--without", metavar="KIND:ID,...", help="Keepers that have fallen out.")
]
By = Annotated[
    str | None, typer.Option("--by", metavar="WHAT", help="section, zone, township, gacha, unit or cell.")
]
WhatIf = Annotated[bool, typer.Option("--what-if", help="Rank keepers by what is lost if one falls out.")]
Add = Annotated[
    str | None,
    typer.Option(
        "--add",
        metavar="PLACE",
        help='What one more keeper adds there: "LON LAT", K23+450, a landmark, kind:id.',
    ),
]
As = Annotated[
    str | None, typer.Option("--as", metavar="outpost|stronghold", help="What --add adds; else an outpost.")
]

SHOWN = 20
KM, KM2 = 1000.0, 1e6
UNITS = {
    "m": (KM, "km", 3),
    "m2": (KM2, "km2", 3),
    "households": (1.0, "homes", 0),
    "persons": (1.0, "persons", 0),
}
DEPTHS = ("nobody answers", "one layer answers", "two layers answer", "three layers answer")


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("coverage")(coverage)


def coverage(  # noqa: PLR0913 - these are the options people type
    *,
    folder: Project = HERE,
    reach_m: Reach = None,
    minutes: Minutes = None,
    profile: Profile = None,
    season: Season = None,
    scenario: Scenario = None,
    without: Without = None,
    by: By = None,
    what_if: WhatIf = False,
    add: Add = None,
    as_: As = None,
    map_: MapFile = None,
    strip: StripFile = None,
    bars: BarsFile = None,
    audience: Audience = "",
    against: Against = None,
    language: Language = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Say how much of the border, the jurisdiction and the households keepers reach, and where nobody does.

    Outposts reach section_reach_m and strongholds reach_m of gridmap.toml; --reach-m sets one reach for all,
    --minutes counts travel time instead, both together count what is within both. An outpost of a line unit
    covers the border, any keeper the area, a stronghold households. Exit 0 also with gaps.

    --map, --strip and --bars leave products for an audience that sees where keepers and homes are.

    Example: gridmap coverage -C demo --without outpost:O01 --by zone
    Example: gridmap coverage -C demo --reach-m 5000 --strip strip.svg --audience planner
    """
    from gridmap import project  # noqa: PLC0415 - the heavy libraries load when a command runs
    from gridmap.project.how_far import How, refuse_empty  # noqa: PLC0415

    how = How(reach_m=reach_m, minutes=minutes, profile=profile, scenario=scenario)
    asked = _asked(by, add, as_, what_if=what_if)
    wanted = Wanted({"map": map_, "strip": strip, "bars": bars}, audience, language, force, against)
    refuse_stray(wanted)
    refuse_empty((name for word in without or () for name in word.split(",")), "--without")
    steps = {**PLAN, **COVERING, **({"drawing": COVERING["covering"]} if wanted.asked else {})}
    with project.open_area(folder) as area, console().working("coverage", steps=steps) as step:
        refuse_early(area, wanted, how)
        plan = area.plan(season=season or _season_of(area, scenario), progress=step)
        step("covering")
        notes = _refuse_unplaced(plan, asked)
        found = _covered(plan, how, without=without or [])
        more = {**_more(found, asked), **_products(found, wanted, step)}
        _tell(found, more, notes, as_json=as_json)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is to be told besides the totals."""

    by: str | None
    what_if: bool
    place: str | None
    as_: str


def _asked(by: str | None, add: str | None, as_: str | None, *, what_if: bool) -> _Asked:
    """Return what is to be told, once it is clear that it belongs together."""
    from gridmap.project.one_more import KEEPERS, refuse_other  # noqa: PLC0415

    if as_ is not None:
        if add is None:
            raise ConfigError(
                "GM106",
                "--as says what is added, and nothing is",
                where="--as",
                fix="name the place with --add PLACE, or leave --as out",
            )
        refuse_other(as_, "--as")
    return _Asked(by, what_if, add, as_ or KEEPERS[0])


def _refuse_unplaced(plan: Plan, asked: _Asked) -> tuple[str, ...]:
    """Say before the long work what cannot be told; return what there is to say of the new keeper's place."""
    from gridmap.project.breakdowns import CELL  # noqa: PLC0415
    from gridmap.project.cells import require_kind  # noqa: PLC0415
    from gridmap.project.one_more import spot_of  # noqa: PLC0415

    if asked.by == CELL:
        require_kind(plan.area.spec)
    return () if asked.place is None else spot_of(plan, asked.place).notes


def _products(found: Coverage, wanted: Wanted, step: Callable[[str], None]) -> dict[str, Any]:
    # Worked out when it is asked for: here it counts as covering.
    found.to_json()
    if not wanted.asked:
        return {}
    step("drawing")
    return {"products": save_products(found, wanted)}


def _more(found: Coverage, asked: _Asked) -> dict[str, Any]:
    more: dict[str, Any] = {}
    if asked.by is not None:
        more["by"] = _records(found.by(asked.by))
    if asked.what_if:
        more["what_if"] = _records(found.losses())
    if asked.place is not None:
        more["adding"] = found.adding(asked.place, as_=asked.as_).to_json()
    return more


def _tell(found: Coverage, more: dict[str, Any], notes: tuple[str, ...], *, as_json: bool) -> None:
    from gridmap.project.figured import said  # noqa: PLC0415

    figures = found.to_json()
    for note in (said(found)["en"], *found.notes, *notes):
        console().say(f"note: {note}")
    if as_json:
        print_json({**figures, **more, **console().measured()})
    else:
        _print(found, figures, more)


def _covered(plan: Plan, how: How, *, without: list[str]) -> Coverage:
    from gridmap.project.typed_keepers import keepers_typed  # noqa: PLC0415 - heavy, as the rest of it

    return plan.coverage(
        reach_m=how.reach_m,
        minutes=how.minutes,
        profile=how.profile,
        scenario=how.scenario,
        without=keepers_typed(plan, without),
    )


def _season_of(area: Area, scenario: str | None) -> str | None:
    """Return the season of a scenario; whether there is such a scenario is for the coverage to say."""
    named = area.spec.scenarios.get(scenario) if scenario is not None else None
    return None if named is None else named.season


def _records(frame: Any) -> list[dict[str, Any]]:
    """Return the rows of a table as JSON has them; what is missing is null."""
    records: list[dict[str, Any]] = json.loads(frame.to_json(orient="records", double_precision=6))
    return records


def _print(found: Coverage, figures: dict[str, Any], more: dict[str, Any]) -> None:
    _print_totals(found)
    print_line("")
    whole = sum(figures["depth"].values())
    print_table(
        [
            (
                words,
                f"{figures['depth'][str(depth)] / KM2:,.3f} km2",
                _percent(figures["depth"][str(depth)], whole),
            )
            for depth, words in enumerate(DEPTHS)
        ]
    )
    _print_gaps(found)
    for title, name in (("in each", "by"), ("lost if one falls out", "what_if")):
        if name in more:
            print_line("")
            print_line(title)
            _print_records(more[name], most=len(more[name]) if name == "by" else SHOWN)
    if "adding" in more:
        one = more["adding"]
        print_line("")
        print_line(
            f"one more adds {one['metres'] / KM:,.3f} km of border, {one['m2'] / KM2:,.3f} km2, "
            f"{many(one['homes'], 'home')}, {many(one['persons'], 'person')}"
        )


def _print_totals(found: Coverage) -> None:
    rows = [("", "total", "covered", "share", "twice", "not covered", "")]
    for one in found.summary().to_dict("records"):
        scale, unit, digits = UNITS[one["unit"]]
        total, covered, twice, left = (
            "" if math.isnan(one[name]) else f"{one[name] / scale:,.{digits}f}"
            for name in ("total", "covered", "twice", "uncovered")
        )
        rows.append((one["layer"], total, covered, _percent(one["covered"], one["total"]), twice, left, unit))
    print_table(rows)


def _percent(part: float, whole: float) -> str:
    return f"{100.0 * part / whole:.2f} %" if whole > 0 else "-"


def _print_gaps(found: Coverage) -> None:
    gaps = found.gaps
    print_line("")
    print_line(many(len(gaps), "gap"))
    for one in gaps.head(SHOWN).itertuples(index=False):
        nearest = "none" if math.isnan(one.metres) else f"{one.nearest} at {one.metres:,.0f} m"
        print_line(f"{one.layer}: {_size(one)}; nearest keeper: {nearest}")
    if len(gaps) > SHOWN:
        print_line(f"... and {len(gaps) - SHOWN:,} more")


def _size(gap: Any) -> str:
    from gridmap.geo.stationing import spoken  # noqa: PLC0415

    if gap.layer == "line":
        # To the metre, as on markers: JSON has the millimetres.
        return f"{spoken(round(gap.from_m))} to {spoken(round(gap.to_m))}, {gap.size / KM:,.3f} km"
    if gap.layer == "area":
        return f"{gap.size / KM2:,.3f} km2 around {gap.lon:.5f} {gap.lat:.5f}"
    return f"household {gap.id}, {many(round(gap.size), 'person')}"


def _print_records(records: list[dict[str, Any]], *, most: int) -> None:
    if not records:
        print_line("none")
        return
    heads = tuple(records[0])
    rows = [tuple("-" if row[name] is None else _cell(row[name]) for name in heads) for row in records[:most]]
    print_table([heads, *rows])
    if len(records) > most:
        print_line(f"... and {len(records) - most:,} more")


def _cell(value: Any) -> str:
    return (
        f"{value:,.1f}"
        if isinstance(value, float)
        else f"{value:,}"
        if isinstance(value, int)
        else str(value)
    )
