"""How far keepers reach, and which of them have fallen out: what is asked of a coverage, before any work."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any

from gridmap import checks
from gridmap.config.suggesting import suggest
from gridmap.errors import ConfigError
from gridmap.project.demands import persons_notes, posts_of

if TYPE_CHECKING:
    from gridmap.project.plan import Plan

NEAREST_M, FARTHEST_M = 1.0, 1_000_000.0
WEEK_MIN = 7 * 24 * 60.0
WITHOUT = 'write keepers as kind:id, with commas between them, e.g. "outpost:O01,household:H0012"'


@dataclass(frozen=True, slots=True)
class How:
    """How far keepers reach: metres, minutes, or both; where neither is given, as the layers say.

    Parameters
    ----------
    reach_m : float, optional
        One reach for all keepers, in geodesic metres: 1 to 1,000,000.
    minutes : float, optional
        Travel time to a place: above 0, at most 10,080, which is a week.
    profile, scenario : str, optional
        Who travels, and what lies on the ground, as named in gridmap.toml.

    Raises
    ------
    ConfigError
        GM106 for a reach or a time that is no number or out of bounds, for a name that is no text, and for a
        profile without minutes.
    """

    reach_m: float | None = None
    minutes: float | None = None
    profile: str | None = None
    scenario: str | None = None

    def __post_init__(self) -> None:
        _refuse_number("reach_m", self.reach_m, NEAREST_M, FARTHEST_M, "metres, from 1 to 1,000,000")
        # Whatever is above nothing: half a minute is a time, too.
        bounds = "minutes, above 0 and at most 10,080 (a week)"
        _refuse_number("minutes", self.minutes, math.nextafter(0.0, 1.0), WEEK_MIN, bounds)
        for name, value in (("profile", self.profile), ("scenario", self.scenario)):
            if value is not None and not isinstance(value, str):
                raise ConfigError(
                    "GM106", f"{name} is no text", where=name, fix="give a name that is in gridmap.toml"
                )
        if self.minutes is None and self.profile is not None:
            raise _timeless("profile")


def _refuse_number(name: str, value: Any, least: float, most: float, bounds: str) -> None:
    if value is None:
        return
    # True is 1 to Python, and no distance to anybody.
    if isinstance(value, bool) or not isinstance(value, Real):
        said = f"{name} is no number"
    elif least <= float(value) <= most:
        return
    else:
        said = f"{name} is {float(value):g}"
    raise ConfigError("GM106", said, where=name, fix=f"give {bounds}")


def _timeless(what: str) -> ConfigError:
    return ConfigError(
        "GM106",
        f"a {what} changes travel times, and no time is given",
        where=what,
        fix="say how many minutes a keeper may take, e.g. --minutes 60 --profile vehicle",
    )


def left_out(plan: Plan, without: Any) -> tuple[str, ...]:
    """Return the names of keepers that have fallen out, without blanks at their ends and around the colon.

    Parameters
    ----------
    plan : Plan
        Says which names there are: one that is there with its blanks keeps them.
    without : iterable of str, str or None
        As ``kind:id``, or as a bare id where it is one keeper's only. A text is one name, None is nobody.

    Raises
    ------
    ConfigError
        GM106 for what is no name, or an empty one.
    """
    if without is None:
        return ()
    if not isinstance(without, (str, Iterable)):
        raise ConfigError("GM106", "without is no list of keepers", where="without", fix=WITHOUT)
    names = []
    for word in [without] if isinstance(without, str) else without:
        if not isinstance(word, str):
            raise ConfigError("GM106", "a keeper's name is no text", where="without", fix=WITHOUT)
        parts = [part.strip() for part in word.split(":", 1)]
        refuse_empty(parts)
        tidy = ":".join(parts)
        names.append(word if word != tidy and word in posts_of(plan).names else tidy)
    return tuple(names)


def refuse_empty(names: Iterable[str], where: str = "without") -> None:
    """Refuse names of keepers that are empty: nobody knows whether one was forgotten.

    Raises
    ------
    ConfigError
        GM106.
    """
    if not all(name.strip() for name in names):
        raise ConfigError("GM106", "a keeper's name is empty", where=where, fix=WITHOUT)


def notes_of(plan: Plan, how: How) -> tuple[str, ...]:
    """Say what a reader of a coverage should know of the plan, its data and the scenario.

    Raises
    ------
    ConfigError
        GM105 for a scenario that there is not; GM106 for one that changes nothing at all.
    """
    persons = persons_notes(plan.made.ground)
    return (*plan.notes, *_faults(plan), *persons, *_scenario(plan, how))


def _faults(plan: Plan) -> list[str]:
    """Say that the data have faults: a faulty row may be missing, or count where it should not."""
    of_data = checks.codes()
    count = sum(one.level == "error" and one.code in of_data for one in plan.findings)
    if not count:
        return []
    folder = plan.area.folder
    listed = "area.check() lists them" if folder is None else f"gridmap check -C {folder}"
    return [f"the data have {count:,} error{'' if count == 1 else 's'}: {listed}"]


def _scenario(plan: Plan, how: How) -> list[str]:
    if how.scenario is None:
        return []
    known = plan.area.spec.scenarios
    if how.scenario not in known:
        fix = suggest(how.scenario, known) if known else "declare it in gridmap.toml under [scenarios]"
        raise ConfigError("GM105", f"no such scenario: {how.scenario}", where="scenario", fix=fix)
    season = known[how.scenario].season
    notes = []
    if how.minutes is None:
        if season is None:
            raise _timeless("scenario")
        notes.append(
            f"of the scenario {how.scenario} only the season counts: snow and closures change minutes"
        )
    if season is not None and (plan.season is None or plan.season.name != season):
        own = "for the year" if plan.season is None else f"of {plan.season.name}"
        notes.append(
            f"the scenario {how.scenario} is of {season}, the plan is {own}: "
            f'households stand as the plan has them; area.plan(season="{season}") moves them'
        )
    return notes
