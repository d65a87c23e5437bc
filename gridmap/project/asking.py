"""Asking who answers: of a plan, or of what an audience may see of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap import assign, geo
from gridmap.model import Answer
from gridmap.project.asked import on_datum
from gridmap.project.lookup import find_position

if TYPE_CHECKING:
    from gridmap.model.datums import Datum
    from gridmap.project.area import Area

Floats = np.ndarray[Any, np.dtype[np.float64]]


class Asked(Protocol):
    """A `Plan`, or a plan as an audience may see it (`Viewed`)."""

    @property
    def area(self) -> Area:
        """The project."""

    @property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """Where places are looked up by name; geometries in the project's CRS."""

    @property
    def made(self) -> assign.Keepers:
        """Who keeps what."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What the reader should know."""

    def answers(self, xy: Floats) -> tuple[Answer, ...]:
        """Say who answers at every one of n places in the project's CRS, shape (n, 2)."""


def who(asked: Asked, *place: Any, datum: Datum | None = None) -> Any:
    """Say who answers at a place, or at every place of a frame; see `Plan.who`."""
    if len(place) == 1 and isinstance(place[0], gpd.GeoDataFrame):
        return _who_frame(asked, place[0], datum)
    xy, notes = find_position(asked, *place, datum=datum)
    found = asked.answers(xy[None, :])[0]
    known = len(asked.notes)
    return replace(found, notes=(*found.notes[:known], *notes, *found.notes[known:]))


def _who_frame(asked: Asked, places: gpd.GeoDataFrame, datum: Datum | None) -> pd.DataFrame:
    if datum is None:
        frame = geo.to_working(places, asked.area.spec.crs, name="the frame of places")
        xy, said = geo.point_xy(frame.geometry), [asked.notes] * len(frame)
    else:
        xy, about = on_datum(geo.point_xy(places.geometry), datum, asked)
        said = [(*asked.notes, *notes) for notes in about]
    found = assign.answers(asked.made, xy)
    # As for one place: what the reader should know comes first.
    found["notes"] = pd.array(
        ["; ".join((*first, *([] if pd.isna(note) else [note]))) or None
         for first, note in zip(said, found["notes"], strict=True)],
        dtype="str",
    )  # fmt: skip
    return found.set_index(places.index)
