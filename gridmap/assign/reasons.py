"""Reasons in words, for a million rows at a time, in English for the tables and Chinese for the maps.

A rule brings its words as texts with blanks (`Rule.words`); what fills the blanks is numbers and ids
only, so a reason never holds a private value.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from gridmap import registry
from gridmap.assign.ground import HOUSEHOLD
from gridmap.assign.intervals import to_mm
from gridmap.assign.rule import Case, Rule
from gridmap.claims import UNKNOWN, fill
from gridmap.config import ProjectSpec
from gridmap.model import Bilingual

Language = Literal["en", "zh"]
BLANKS = ("{target}", "{metres}", "{limit}")
NOWHERE = Bilingual(en=UNKNOWN, zh="未知")


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
    words = fill(
        template(rule, case, language, limit=limit_of(rule, spec)),
        to_mm([metres]),
        np.array([target], dtype=object),
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
    mm = to_mm(assignments["metres"].to_numpy(dtype=np.float64))
    for code, (name, one) in enumerate(unique):
        rule: Rule = registry.get("rules", name)
        rows = np.nonzero(codes == code)[0]
        text = template(rule, one, language, limit=limit_of(rule, spec))
        words[rows] = fill(text, mm[rows], targets[rows], unknown=getattr(NOWHERE, language))
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
