"""For whom a view is: an audience of the settings, and the unit where it is one unit's."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from gridmap.config import AudienceSpec, ProjectSpec
from gridmap.config.suggesting import suggest
from gridmap.errors import ConfigError


def audience_named(spec: ProjectSpec, audience: str) -> AudienceSpec:
    """Return the settings of an audience.

    Raises
    ------
    ConfigError
        GM109 if there is none.
    """
    found = spec.audiences.get(audience)
    if found is None:
        raise ConfigError(
            "GM109",
            f"no such audience: {audience}" if audience else "no audience is named",
            where="gridmap.toml: audiences",
            fix=suggest(audience, spec.audiences),
        )
    return found


def receiving_unit(
    tables: Mapping[str, pd.DataFrame], allowed: AudienceSpec, audience: str, unit: str | None
) -> str:
    """Return the unit that a view is for, "" where the audience is no unit's.

    Raises
    ------
    ConfigError
        GM109 if a unit is named for an audience that is no unit's, or none or an unknown one for one that is.
    """
    if not allowed.per_unit:
        if unit is None:
            return ""
        raise ConfigError(
            "GM109",
            f"the audience {audience} is not one unit's",
            where="unit",
            fix="name no unit, or an audience with per_unit = true",
        )
    known = [str(one) for one in tables["unit"]["id"].dropna()] if "unit" in tables else []
    if unit is None:
        raise ConfigError(
            "GM109",
            f"the audience {audience} is one unit's, and no unit is named",
            where="unit",
            fix="name it, e.g. with --unit: " + (", ".join(sorted(known)) or "there is none yet"),
        )
    if unit not in known:
        raise ConfigError("GM109", f"no such unit: {unit}", where="unit", fix=suggest(unit, known))
    return unit
