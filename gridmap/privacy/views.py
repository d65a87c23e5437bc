"""From tables to a view: what one audience may see, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.config import AudienceSpec, ProjectSpec
from gridmap.geo import crs as geo_crs
from gridmap.model import View, ViewTable
from gridmap.model.view import seal
from gridmap.privacy.passing import geometry_name, pass_tables
from gridmap.privacy.receivers import audience_named, receiving_unit
from gridmap.privacy.redacting import redact
from gridmap.privacy.releases import Releases
from gridmap.privacy.renewed import renew
from gridmap.privacy.sentences import WHOLE_METRES, without_secrets
from gridmap.privacy.stated import stated, unit_name

# Distances and chainages along the border tell positions as exactly as coordinates do.
IN_METRES = ("metres", "from_m", "to_m")


def make_view(
    tables: Mapping[str, pd.DataFrame],
    spec: ProjectSpec,
    audience: str,
    *,
    facts: Mapping[str, Any],
    unit: str | None = None,
    releases: Releases | None = None,
) -> View:
    """Clear tables for an audience; what it does not list does not pass.

    Parameters
    ----------
    tables : mapping of str to frame
        Tables of the project and results (``sections``, ``assignments``, ``findings``), in the
        working CRS.
    spec : ProjectSpec
        Settings: audiences, kinds, CRS.
    audience : str
        Name of an audience in gridmap.toml.
    facts : mapping of str to object
        The data statement that products print.
    unit : str, optional
        Id of the unit that the view is for, where the audience is a unit's.
    releases : Releases, optional
        The project's secret and partitions (`prepare` completes them); needed for an audience with new ids
        or redactions.

    Returns
    -------
    View
        Sealed. Tables and columns in the order given, then the tables that redactions made; geometry in
        degrees of the working CRS's own geodetic CRS, lon first, rounded to the audience's decimals
        (shared edges stay shared); distances rounded alike (five decimals are a metre).

    Raises
    ------
    ConfigError
        GM109 if there is no such audience, or it needs a unit and none or an unknown one is named.
    PublishError
        GM605 if redacted rows could be linked to the homes that they stand for.

    Notes
    -----
    Unless the audience sees everything: rows of ``assignments`` and ``findings`` about a row or table that
    does not pass are left out, and a sentence (reason, message, fix, related) that holds a private text,
    or an id or name of a row that does not pass, is replaced as a whole.
    """
    allowed = audience_named(spec, audience)
    receiver = (audience, receiving_unit(tables, allowed, audience, unit))
    passing, done = pass_tables(tables, spec, allowed, receiver[1])
    shown = {name: one.frame for name, one in passing.items()}
    if not allowed.everything:
        shown = without_secrets(passing, tables, spec, allowed, facts)
        made, redacted = redact(tables, passing, spec, audience, unit=receiver[1], releases=releases)
        shown, done = {**shown, **made}, [*done, *redacted]
    # Without the project's memory the new ids are for this one view.
    secret = None if allowed.keeps_ids else releases or Releases.fresh()
    whole = {name for name, one in passing.items() if one.rows.all()}
    said = stated(facts, allowed, whole, secret, receiver=receiver, kinds=spec.kinds)
    if secret is not None:
        shown = renew(shown, spec, secret, receiver=receiver)
    if receiver[1]:
        said["unit_name"] = unit_name(tables, receiver[1])
    return seal(
        View(
            audience,
            {name: ViewTable(name, _cleared(frame, allowed, spec)) for name, frame in shown.items()},
            allowed.decimals,
            said,
            unit=receiver[1],
            redacted=tuple(done),
        )
    )


def _cleared(frame: pd.DataFrame, allowed: AudienceSpec, spec: ProjectSpec) -> Any:
    place = geometry_name(frame)
    kept = pd.DataFrame(
        {name: _rounded_metres(name, frame[name], allowed).array for name in frame.columns if name != place},
        index=range(len(frame)),
    )
    if not isinstance(frame, gpd.GeoDataFrame):
        return kept
    geoms = _drawable(frame.geometry.to_numpy())
    degrees = geo_crs.geoms_to_lonlat(geoms, spec.crs)
    geodetic = geo_crs.working_crs(spec.crs).geodetic_crs
    return gpd.GeoDataFrame(kept, geometry=_rounded(degrees, allowed.decimals), crs=geodetic)


def _rounded_metres(column: str, values: pd.Series[Any], allowed: AudienceSpec) -> pd.Series[Any]:
    if allowed.everything or column not in IN_METRES or not pd.api.types.is_numeric_dtype(values.dtype):
        return values
    return values.round(allowed.decimals - WHOLE_METRES)


def _drawable(geoms: Any) -> Any:
    """Return the geometries, None for those with a coordinate that is no number: they have no place."""
    coordinates, owner = shapely.get_coordinates(geoms, return_index=True)
    kept = np.array(geoms, dtype=object)
    kept[owner[~np.isfinite(coordinates).all(axis=1)]] = None
    return kept


def _rounded(geoms: Any, decimals: int) -> Any:
    """Round every coordinate by itself: neighbours that shared a corner still share it.

    Snapping to a precision model would be free to move, merge or drop vertices of each shape alone.
    """
    # Adding zero turns -0.0 into 0.0, which would else be printed as another number.
    return shapely.transform(geoms, lambda xy: np.round(xy, decimals) + 0.0)
