"""A `Plan`: who keeps what, proven complete, and the answer at any place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

import gridmap
from gridmap import assign as assignment
from gridmap import geo, render
from gridmap.errors import ConfigError
from gridmap.model import Answer, Figures, Findings
from gridmap.model.recipe import MAP, SUMMARY, Recipe
from gridmap.project import leaving, statement
from gridmap.project.asked import on_datum
from gridmap.project.lookup import find_position
from gridmap.project.product import Product
from gridmap.render.summary import summary_html

if TYPE_CHECKING:
    from gridmap.model.datums import Datum
    from gridmap.project.area import Area

Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Plan:
    """The arrangement of an area.

    Parameters
    ----------
    area : Area
        What it was made from.
    tables : mapping of str to frame
        The tables as they were read.
    made : Arrangement
        The arrangement itself.
    findings : Findings
        Faults of the data and of the arrangement.
    revision : str
        The revision of the data that it was made from.
    notes : tuple of str
        What the reader should know, e.g. that a stored plan was stale.
    """

    area: Area
    tables: Mapping[str, pd.DataFrame]
    made: assignment.Arrangement
    findings: Findings
    revision: str
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<gridmap.Plan: {self.figures.assignments} assignments, {len(self.findings)} findings>"

    @property
    def assignments(self) -> pd.DataFrame:
        """One row per kind, feature, layer and target."""
        return self.made.assignments

    @property
    def sections(self) -> gpd.GeoDataFrame:
        """Targets of the line layer."""
        return self.made.sections

    @property
    def zones(self) -> gpd.GeoDataFrame:
        """Targets of the area layer."""
        return self.made.zones

    @property
    def strongholds(self) -> gpd.GeoDataFrame:
        """Targets of the point layer."""
        return self.made.strongholds

    @property
    def figures(self) -> Figures:
        """The figures of the three layers."""
        return self.made.figures

    def with_note(self, note: str) -> Plan:
        """Return the plan with one more note."""
        return replace(self, notes=(*self.notes, note))

    def who(self, *place: Any, datum: Datum | None = None) -> Any:
        """Say who answers at a place, or at every place of a frame.

        Parameters
        ----------
        *place
            ``lon, lat`` in degrees; or one text: a coordinate in decimal degrees or degrees-minutes-
            seconds, a chainage (``"K23+450"``), a landmark's name or number, an id (``"household:H0001"``);
            or a GeoDataFrame of points in any stated CRS.
        datum : {"wgs84", "cgcs2000", "gcj02", "bd09"}, optional
            What degrees are in: a point pasted from Amap is ``"gcj02"``. Without it they are on the
            project's own datum. Of a frame, it counts before the CRS that the frame states.

        Returns
        -------
        Answer or DataFrame
            One answer; or, for a frame, a DataFrame on its index.

        Raises
        ------
        ConfigError
            GM107 if the place cannot be understood or found; GM106 for a datum of something that is no
            coordinate.
        """
        if len(place) == 1 and isinstance(place[0], gpd.GeoDataFrame):
            return self._who_frame(place[0], datum)
        xy, notes = find_position(self, *place, datum=datum)
        found = self.answers(xy[None, :])[0]
        return replace(
            found, notes=(*found.notes[: len(self.notes)], *notes, *found.notes[len(self.notes) :])
        )

    def answers(self, xy: Floats) -> tuple[Answer, ...]:
        """Say who answers at every one of n places in the project's CRS, shape (n, 2)."""
        found = assignment.each_answer(self.made, xy)
        return tuple(replace(one, notes=(*self.notes, *one.notes)) for one in found)

    def _who_frame(self, places: gpd.GeoDataFrame, datum: Datum | None) -> pd.DataFrame:
        if datum is None:
            frame = geo.to_working(places, self.area.spec.crs, name="the frame of places")
            xy, said = geo.point_xy(frame.geometry), [self.notes] * len(frame)
        else:
            xy, about = on_datum(geo.point_xy(places.geometry), datum, self)
            said = [(*self.notes, *notes) for notes in about]
        found = assignment.answers(self.made, xy)
        # As for one place: what the reader should know comes first.
        found["notes"] = pd.array(
            ["; ".join((*first, *([] if pd.isna(note) else [note]))) or None
             for first, note in zip(said, found["notes"], strict=True)],
            dtype="str",
        )  # fmt: skip
        return found.set_index(places.index)

    def save(self) -> None:
        """Store the sections, assignments and findings with the hash of their input.

        Raises
        ------
        StoreError
            GM301 if another process is writing; GM303 if the store cannot be written;
            GM306 if it was changed outside gridmap.
        """
        self.area.store.write_results(
            self.results(),
            input_revision=statement.input_hash(self.area.spec, revision=self.revision),
            meta={"version": gridmap.__version__},
        )
        self.area.write_log("assign", assignments=self.figures.assignments, findings=len(self.findings))

    def results(self) -> dict[str, pd.DataFrame]:
        """Return the tables that ``gridmap assign`` stores."""
        return {
            "sections": self.sections,
            "assignments": self.assignments,
            "findings": geo.findings_frame(self.findings, self.area.spec.crs),
        }

    def map(self, *, audience: str, unit: str | None = None, name: str = "main") -> Product:
        """Draw the plan for an audience: one HTML page that opens without a network.

        Parameters
        ----------
        audience : str
            Name of an audience in gridmap.toml.
        unit : str, optional
            Id of the unit that it is for, where the audience is one unit's.
        name : str
            Which map of gridmap.toml.

        Raises
        ------
        ConfigError
            GM109 if there is no such audience or unit; GM105 if there is no such map.
        PublishError
            GM605 if redacted homes could be found with a list of all homes.
        """
        from gridmap.render.backends.folium import to_html  # noqa: PLC0415 - heavy, and only drawing needs it

        if name not in self.area.spec.maps:
            raise ConfigError(
                "GM105",
                f"no such map: {name}",
                where="gridmap.toml",
                fix="one of: " + ", ".join(sorted(self.area.spec.maps)),
            )
        made = leaving.material(self.area, Recipe(MAP, audience, unit, {"map": name}), self)
        page = to_html(render.compose(made.view, self.area.spec, map_name=name))
        return leaving.product(self.area, page.encode("utf-8"), made)

    def summary(self, *, audience: str, unit: str | None = None) -> Product:
        """Write the one-page summary: figures per layer, findings, per-unit tables, a picture."""
        made = leaving.material(self.area, Recipe(SUMMARY, audience, unit), self)
        page = summary_html(made.view, self.area.spec)
        return leaving.product(self.area, page.encode("utf-8"), made)
