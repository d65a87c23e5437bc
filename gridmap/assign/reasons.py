"""Reasons in words, for a million rows at a time, in English for the tables and Chinese for the maps.

A rule brings its words as texts with blanks (`Rule.words`); what fills the blanks is numbers and ids
only, so a reason never holds a private value.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from gridmap import registry
from gridmap.assign.ground import HOUSEHOLD, Objects
from gridmap.assign.intervals import Floats
from gridmap.assign.rule import Case, Rule
from gridmap.config import ProjectSpec
from gridmap.model import Bilingual

Language = Literal["en", "zh"]
BLANKS = ("{target}", "{metres}", "{limit}")
NOWHERE = Bilingual(en="an unknown number of", zh="未知")


def metres_text(metres: float) -> str:
    """Return whole metres with thousands separated, e.g. ``3,210``."""
    return f"{metres:,.0f}"


def reason(
    rule: Rule,
    case: Case,
    *,
    metres: float,
    target: str,
    spec: ProjectSpec,
    language: Language = "en",
) -> str:
    """Return the reason of one assignment.

    Parameters
    ----------
    rule : Rule
        The rule that made it.
    case : {"lead", "support", "self"}
        The role; ``self`` where a feature is its own target.
    metres : float
        Metres of the assignment; NaN where unknown.
    target : str
        Id of the section, zone or stronghold.
    spec : ProjectSpec
        Settings, for the limit.
    language : {"en", "zh"}
        Language of the text.
    """
    target_ids = np.array([target], dtype=object)
    words = fill(
        template(rule, case, language, limit=limit_of(rule, spec)),
        np.array([metres], dtype=np.float64),
        target_ids,
        unknown=getattr(NOWHERE, language),
    )
    return str(words[0])


def reasons(assignments: pd.DataFrame, spec: ProjectSpec, *, language: Language) -> pd.Series[str]:
    """Return the reasons of a whole table of assignments in one language, on its index.

    Parameters
    ----------
    assignments : DataFrame
        With the columns kind, feature, layer, target, role, metres and rule.
    spec : ProjectSpec
        Settings, for the limits.
    language : {"en", "zh"}
        Language of the texts.
    """
    words = np.full(len(assignments), "", dtype=object)
    own = is_self(assignments)
    case = np.where(own, "self", assignments["role"].to_numpy(dtype=object))
    pairs = pd.MultiIndex.from_arrays([assignments["rule"].to_numpy(dtype=object), case])
    codes, unique = pairs.factorize()
    targets = assignments["target"].to_numpy(dtype=object)
    metres = assignments["metres"].to_numpy(dtype=np.float64)
    for code, (name, one) in enumerate(unique):
        rule: Rule = registry.get("rules", name)
        rows = np.nonzero(codes == code)[0]
        text = template(rule, one, language, limit=limit_of(rule, spec))
        words[rows] = fill(text, metres[rows], targets[rows], unknown=getattr(NOWHERE, language))
    return pd.Series(words, index=assignments.index, name="reason", dtype="str")


def is_self(assignments: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which rows send a stronghold to itself."""
    point = assignments["layer"].eq("point") & assignments["kind"].eq(HOUSEHOLD)
    own: np.ndarray[tuple[int], np.dtype[np.bool_]] = (
        point & assignments["feature"].eq(assignments["target"])
    ).to_numpy(dtype=bool)
    return own


def limit_of(rule: Rule, spec: ProjectSpec) -> float:
    """Return the limit that a rule's words name; NaN if it has none."""
    layer = getattr(spec.layers, rule.layer)
    return float(getattr(layer, rule.limit)) if rule.limit is not None else float("nan")


def template(rule: Rule, case: Case, language: Language, *, limit: float) -> str:
    """Return a rule's words for a case with the limit filled in; its name if it has no such words."""
    words = rule.words.get(case) or rule.words.get("lead")
    text = rule.name if words is None else str(getattr(words, language))
    return text.replace("{limit}", metres_text(limit))


def fill(text: str, metres: Floats, targets: Objects, *, unknown: str) -> Objects:
    """Fill ``{target}`` and ``{metres}`` for many rows; the blanks may stand in any order.

    Parameters
    ----------
    text : str
        The words, each blank at most once.
    metres : (n,) float
        Metres; NaN is said to be `unknown`.
    targets : (n,) text
        Ids.
    unknown : str
        What to say for NaN.
    """
    if "{metres}" not in text:
        return _per_value(text, "{target}", targets)
    if "{target}" not in text:
        return _per_value(text, "{metres}", _numbers(metres, unknown))
    return _join(text, _numbers(metres, unknown), targets)


def _numbers(metres: Floats, unknown: str) -> list[str]:
    return [f"{one:,.0f}" if one == one else unknown for one in metres.tolist()]  # noqa: PLR0124 - NaN


def _per_value(text: str, blank: str, values: Sequence[str] | Objects) -> Objects:
    """Fill one blank; equal values share one string, so a million rows cost little."""
    made = {value: text.replace(blank, value) for value in set(values)}
    return np.array([made[value] for value in values], dtype=object)


def _join(text: str, numbers: list[str], targets: Objects) -> Objects:
    ahead = text.index("{target}") < text.index("{metres}")
    first, second = ("{target}", "{metres}") if ahead else ("{metres}", "{target}")
    head, rest = text.split(first, 1)
    middle, tail = rest.split(second, 1)
    ones, others = (targets, numbers) if ahead else (numbers, targets)
    made = [f"{head}{one}{middle}{other}{tail}" for one, other in zip(ones, others, strict=True)]
    return np.array(made, dtype=object)
