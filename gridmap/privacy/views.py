"""From tables to a view: what one audience may see, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.config import AudienceSpec, ProjectSpec
from gridmap.config.load import suggest
from gridmap.errors import ConfigError
from gridmap.geo import crs as geo_crs
from gridmap.model import View, ViewTable
from gridmap.model.view import seal
from gridmap.privacy.search import Needles
from gridmap.privacy.withheld import SENTENCES, left_out, texts_of

# The column of a result that says which table a row is about.
ABOUT = {"assignments": "kind", "findings": "table"}
LEFT_OUT = "(内容不提供 / withheld)"


def make_view(
    tables: Mapping[str, pd.DataFrame], spec: ProjectSpec, audience: str, *, facts: Mapping[str, Any]
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

    Returns
    -------
    View
        Sealed. Tables and columns in the order given; geometry in degrees of the working CRS's own
        geodetic CRS, lon first, rounded to the audience's decimals (shared edges stay shared).

    Raises
    ------
    ConfigError
        GM109 if there is no such audience.

    Notes
    -----
    Unless the audience sees everything: rows of ``assignments`` and ``findings`` about a table it
    does not see are left out, and a sentence (reason, message, fix, related) that holds a private
    text or an id of such a table is replaced as a whole.
    """
    allowed = _audience(spec, audience)
    shown: dict[str, ViewTable] = {}
    for name, frame in tables.items():
        columns = _columns(frame, name, allowed)
        if columns is not None:
            shown[name] = ViewTable(name, _cleared(frame, columns, allowed.decimals, spec))
    if not allowed.everything:
        shown = _about_what_is_seen(shown, spec)
        shown = _without_secrets(shown, tables, spec, facts)
    return seal(View(audience, shown, allowed.decimals, facts))


def _audience(spec: ProjectSpec, audience: str) -> AudienceSpec:
    found = spec.audiences.get(audience)
    if found is None:
        raise ConfigError(
            "GM109",
            f"no such audience: {audience}" if audience else "no audience is named",
            where="gridmap.toml: audiences",
            fix=suggest(audience, spec.audiences),
        )
    return found


def _columns(frame: pd.DataFrame, name: str, allowed: AudienceSpec) -> list[str] | None:
    """Return the columns that pass, in the frame's order; None if the whole table does not."""
    attributes = [str(column) for column in frame.columns if column != _geometry_name(frame)]
    if allowed.everything:
        return attributes
    listed = allowed.columns.get(name)
    return None if listed is None else [column for column in attributes if column in listed]


def _geometry_name(frame: pd.DataFrame) -> str | None:
    return frame.geometry.name if isinstance(frame, gpd.GeoDataFrame) else None


def _cleared(frame: pd.DataFrame, columns: list[str], decimals: int, spec: ProjectSpec) -> Any:
    kept = pd.DataFrame({column: frame[column].array for column in columns}, index=range(len(frame)))
    if not isinstance(frame, gpd.GeoDataFrame):
        return kept
    geoms = _drawable(frame.geometry.to_numpy())
    degrees = geo_crs.geoms_to_lonlat(geoms, spec.crs)
    geodetic = geo_crs.working_crs(spec.crs).geodetic_crs
    return gpd.GeoDataFrame(kept, geometry=_rounded(degrees, decimals), crs=geodetic)


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


def _about_what_is_seen(shown: Mapping[str, ViewTable], spec: ProjectSpec) -> dict[str, ViewTable]:
    """Leave out the results' rows about kinds that the audience does not see."""
    unseen = spec.kinds.keys() - shown.keys()
    result = dict(shown)
    for name, about in ABOUT.items():
        if name not in shown:
            continue
        frame = shown[name].frame
        if about in frame.columns:
            result[name] = ViewTable(name, frame[~frame[about].isin(unseen)].reset_index(drop=True))
        elif unseen:
            # Without the column, nobody can say which rows are about what: none passes.
            result[name] = ViewTable(name, frame.iloc[:0])
    return result


def _without_secrets(
    shown: Mapping[str, ViewTable],
    tables: Mapping[str, pd.DataFrame],
    spec: ProjectSpec,
    facts: Mapping[str, Any],
) -> dict[str, ViewTable]:
    """Replace the sentences that hold a text which the view left out."""
    secret = left_out(tables, spec, shown=shown, facts=facts)
    private = {text for texts in secret.by_column.values() for text in texts} - secret.held
    needles = Needles(private | _unseen_texts(shown, tables, spec))
    result = dict(shown)
    for name, columns in SENTENCES.items():
        if not needles or name not in shown:
            continue
        frame = shown[name].frame.copy()
        for column in columns:
            if column in frame.columns:
                frame[column] = _censored(frame[column], needles)
        result[name] = ViewTable(name, frame)
    return result


def _unseen_texts(
    shown: Mapping[str, ViewTable], tables: Mapping[str, pd.DataFrame], spec: ProjectSpec
) -> set[str]:
    """Return ids and names of the kinds that the audience does not see at all."""
    texts: set[str] = set()
    for kind in spec.kinds.keys() - shown.keys():
        if kind in tables:
            named = {"id", "name", *spec.kinds[kind].private} & set(tables[kind].columns)
            texts.update(text for column in named for text in texts_of(tables[kind][column].astype("str")))
    return texts


def _censored(column: pd.Series[Any], needles: Needles) -> pd.Series[Any]:
    texts = column.fillna("").astype("str")
    places = needles.places("\n".join(texts).encode("utf-8", "surrogatepass"))
    if not places:
        return column
    ends = np.cumsum([len(text.encode("utf-8", "surrogatepass")) + 1 for text in texts])
    hit = np.unique(np.searchsorted(ends, places, side="right"))
    censored = column.copy()
    censored.iloc[hit] = LEFT_OUT
    return censored
