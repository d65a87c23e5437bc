"""Run an audience's redactions: tables that stand for rows which do not pass as they are."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import pandas as pd

from gridmap import registry
from gridmap.config import ProjectSpec, RedactionSpec
from gridmap.errors import ConfigError
from gridmap.geo import point_xy
from gridmap.model import Redacted
from gridmap.privacy.linkage import refuse_linkable
from gridmap.privacy.passing import Passing
from gridmap.privacy.redaction import Ground, Made, admin_of
from gridmap.privacy.releases import Releases
from gridmap.privacy.shared_areas import passing_rows, shared_areas


def redact(
    tables: Mapping[str, pd.DataFrame],
    shown: Mapping[str, Passing],
    spec: ProjectSpec,
    audience: str,
    *,
    unit: str,
    releases: Releases | None,
) -> tuple[dict[str, pd.DataFrame], list[Redacted]]:
    """Return the tables that an audience's redactions make, and what was done.

    Raises
    ------
    PublishError
        GM605 if what was made would let somebody with a list of all homes find more of them than k allows.
    """
    receiver = (audience, unit) if spec.audiences[audience].per_unit else ()
    known = releases or Releases.fresh()
    # An area is called after the administrative units that it lies in: a column like every other.
    names_pass = "name" in spec.audiences[audience].columns.get("admin", ())
    made: dict[str, pd.DataFrame] = {}
    done: list[Redacted] = []
    for used in spec.audiences[audience].redactions:
        redaction = registry.get("redactions", used.redaction)
        if redaction.in_place or used.kind not in tables:
            continue
        frame = tables[used.kind]
        hidden = frame[~passing_rows(shown, used.kind, len(frame))]
        areas = None
        if redaction.needs_partition:
            areas = shared_areas(tables, shown, spec, used, receiver, known)
        found = redaction.make(hidden, used, Ground(spec, admin_of(tables, spec), areas))
        name = f"{used.kind}_{found.suffix}"
        _refuse(name, hidden, found, used, taken={*made, *tables})
        made[name] = found.frame if names_pass else found.frame.drop(columns="area_name", errors="ignore")
        left = int((found.group < 0).sum())
        done.append(Redacted(used.kind, used.redaction, name, used.k, len(hidden), len(found.frame), left))
    return made, done


def _refuse(name: str, hidden: pd.DataFrame, found: Made, used: RedactionSpec, *, taken: set[str]) -> None:
    """Refuse a table of a name that is taken, and one whose rows could be linked to single homes."""
    if name in taken:
        raise ConfigError(
            "GM103",
            f"two tables would be called {name}",
            where="gridmap.toml: audiences.*.redactions",
            fix="redact a kind in one way only, or call the kind otherwise",
        )
    if isinstance(found.frame, gpd.GeoDataFrame):
        shapes = found.frame.geometry.to_numpy()
        refuse_linkable(point_xy(hidden.geometry), shapes, found.group, k=used.k, where=name)
