"""Sections of the border by rule: a draft of the section plan, and how it is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gridmap.analyse import stationing as analysis
from gridmap.config.suggesting import suggest
from gridmap.errors import ConfigError
from gridmap.project.stationing import LANDMARK, ON_LINE_M

if TYPE_CHECKING:
    import pandas as pd

    from gridmap.project.stationing import Measured

ADMIN, PLAN = "admin", "section_plan"
RULES = "equal:N, every:METRES, midpoints, landmark:CLASS or level:NAME"


def sections(where: Measured, rule: str) -> pd.DataFrame:
    """Return a draft of the section plan by a rule; nothing is stored.

    Parameters
    ----------
    where : Measured
        The border.
    rule : str
        ``equal:N``, ``every:METRES``, ``midpoints`` (between outposts of line units inside the belt),
        ``landmark:CLASS`` (landmarks within 500 m of the border) or ``level:NAME`` (where another township or
        gacha begins along the border).

    Raises
    ------
    ConfigError
        GM106 for a rule that is none; GM105 for a class or level that there is not.
    AssignmentError
        GM502 without an outpost of a line unit inside the belt.
    """
    ids, along = where.outposts()
    word, _, value = rule.strip().partition(":")
    length = where.border.length_m
    if word in {"equal", "every"}:
        number = _number(value, rule)
        cuts = analysis.equal_cuts(length, int(number)) if word == "equal" else None
        cuts = analysis.every_cuts(length, number) if cuts is None else cuts
    elif rule.strip() == "midpoints":
        cuts = analysis.midpoint_cuts(length, along)
    elif word == LANDMARK and value:
        cuts = analysis.tiled(length, _at_landmarks(where, value))
    elif word == "level" and value:
        cuts = analysis.polygon_cuts(where.border, *_of_level(where, value))
    else:
        raise ConfigError("GM106", f"no such rule for sections: {rule}", where="--sections", fix=RULES)
    return analysis.draft_sections(where.border, cuts, ids, along)


def _number(value: str, rule: str) -> float:
    try:
        found = float(value)
    except ValueError:
        found = float("nan")
    whole = found.is_integer() or rule.strip().startswith("every")
    if not np.isfinite(found) or not whole:
        raise ConfigError("GM106", f"no number of sections or metres: {rule}", where="--sections", fix=RULES)
    return found


def _at_landmarks(where: Measured, name: str) -> Any:
    frame = where.ground.tables.get(LANDMARK)
    known = sorted(set(frame["class"].dropna())) if frame is not None else []
    if name not in known:
        raise ConfigError(
            "GM105", f"no landmark of the class {name}", where="--sections", fix=suggest(name, known)
        )
    found = where.landmarks(only=name)
    return [] if found is None else found.loc[found["offset_m"] <= ON_LINE_M, "chainage_m"]


def _of_level(where: Measured, name: str) -> tuple[Any, Any]:
    known = where.area.spec.level_names
    if name not in known:
        raise ConfigError("GM105", f"no such level: {name}", where="--sections", fix=suggest(name, known))
    frame, found = where.ground.tables.get(ADMIN), where.ground.of(ADMIN)
    rows = np.zeros(len(found.ids), dtype=bool)
    if frame is not None:
        rows = found.usable & frame["level"].eq(name).fillna(value=False).to_numpy(dtype=bool)
    return found.shapes[rows], found.ids[rows]


def keep_sections(where: Measured, draft: pd.DataFrame, *, force: bool = False) -> str:
    """Store a draft as the section plan, and return the new revision; `Area.undo` takes it back.

    Raises
    ------
    ConfigError
        GM104 if the plan has rows already and `force` does not say to replace them.
    """
    area = where.area
    held = area.store.tables().get(PLAN, 0)
    if held and not force:
        raise ConfigError(
            "GM104",
            f"the section plan has {held} rows already",
            where=PLAN,
            fix="replace them with --force; gridmap undo takes that back",
        )
    revision = area.store.replace({PLAN: draft}, action="save")
    area.write_log("save", table=PLAN, rows=len(draft), replaced=held or None)
    return revision
