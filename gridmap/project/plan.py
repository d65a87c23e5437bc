"""A `Plan`: who keeps what, proven complete, and the answer at any place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Unpack

import geopandas as gpd
import numpy as np
import pandas as pd

import gridmap
from gridmap import assign as assignment
from gridmap import geo, project
from gridmap.errors import ConfigError
from gridmap.model import Answer, Figures, Findings
from gridmap.model.recipe import ATLAS, MAP, SUMMARY, Recipe
from gridmap.project.seasons import OPTION, Season

if TYPE_CHECKING:
    from gridmap.checks import Checked
    from gridmap.geo.travel import Network
    from gridmap.model.datums import Datum
    from gridmap.project.area import Area
    from gridmap.project.coverage import Coverage
    from gridmap.project.product import Product
    from gridmap.project.travel import Travel
    from gridmap.project.viewed import Viewed
    from gridmap.render.atlas.asked import AskedKeywords

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
    season : Season, optional
        The season that it is for: households with a camp of it stand there. Such a plan is never stored.
    checked : Checked, optional
        What checks found in the data, for `updated`.
    """

    area: Area
    tables: Mapping[str, pd.DataFrame]
    made: assignment.Arrangement
    findings: Findings
    revision: str
    notes: tuple[str, ...] = ()
    season: Season | None = None
    checked: Checked | None = None

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

    def updated(self) -> Plan:
        """Return the plan of the data as they are now, after edits of a few rows in a moment.

        Only what was edited since is read, checked and assigned again; the result is that of
        ``area.assign()``, which it is where the store does not know what was edited.
        """
        from gridmap.project.updating import updated  # noqa: PLC0415 - only who edits needs it

        return updated(self)

    def with_note(self, note: str) -> Plan:
        """Return the plan with one more note."""
        return replace(self, notes=(*self.notes, note))

    def who(
        self, *place: Any, datum: Datum | None = None, audience: str | None = None, unit: str | None = None
    ) -> Any:
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
        audience : str, optional
            Answer from what this audience may see, and from nothing else: see `gridmap.project.viewed`.
        unit : str, optional
            Id of the unit that the audience is, where it is one unit's.

        Returns
        -------
        Answer or DataFrame
            One answer; or, for a frame, a DataFrame on its index.

        Raises
        ------
        ConfigError
            GM107 if the place cannot be understood or found; GM106 for a datum of something that is no
            coordinate, and for a unit without an audience; GM109 if there is no such audience or unit.
        """
        return project.asking.who(self.asked_by(audience, unit=unit), *place, datum=datum)

    def asked_by(self, audience: str | None, *, unit: str | None = None) -> Plan | Viewed:
        """Return what answers an audience: the plan as it may see it, or the plan itself for None.

        Raises
        ------
        ConfigError
            GM106 for a unit without an audience; GM109 if there is no such audience or unit.
        """
        if audience is not None:
            return project.viewed.viewed(self, audience, unit=unit)
        if unit is not None:
            raise ConfigError(
                "GM106", "a unit is named, and no audience", where="--unit", fix="name the audience, too"
            )
        return self

    def answers(self, xy: Floats) -> tuple[Answer, ...]:
        """Say who answers at every one of n places in the project's CRS, shape (n, 2)."""
        found = assignment.each_answer(self.made, xy)
        return tuple(replace(one, notes=(*self.notes, *one.notes)) for one in found)

    def cells(self) -> gpd.GeoDataFrame:
        """Return every grid cell in use, with its three keepers and its figures: see `cell_table`.

        Raises
        ------
        ConfigError
            GM105 if the project has no kind ``cell``.
        """
        return project.cell_table(self)

    def coverage(
        self,
        *,
        reach_m: float | None = None,
        minutes: float | None = None,
        profile: str | None = None,
        scenario: str | None = None,
        without: Iterable[str] | str | None = (),
    ) -> Coverage:
        """Find what keepers reach of the border, the jurisdiction and the households.

        Parameters
        ----------
        reach_m : float, optional
            One reach for all keepers, in geodesic metres (1 to 1,000,000). Without it, and without minutes,
            outposts reach ``layers.line.section_reach_m`` and strongholds ``layers.point.reach_m``.
        minutes : float, optional
            Travel time instead, at most a week (10,080); with `reach_m`, what is within both.
        profile, scenario : str, optional
            Who travels, and what lies on the ground, as named in gridmap.toml. The plan's season stays,
            whatever the scenario's is, and a note says so. Without minutes nothing else of it counts.
        without : iterable of str, or str
            Keepers that have fallen out, as ``kind:id``, or as a bare id where it is one keeper's only.

        Raises
        ------
        ConfigError
            GM105 for a keeper, profile or scenario that there is not; GM106 for what is no reach, time or
            name, for a profile without minutes, and for a scenario without minutes that has no season.
        """
        from gridmap.project.coverage import coverage  # noqa: PLC0415 - only who asks for it needs it
        from gridmap.project.how_far import How  # noqa: PLC0415

        return coverage(self, How(reach_m, minutes, profile, scenario), without=without)

    def travel(self, *, profile: str, scenario: str | None = None, by: str = "any") -> Travel:
        """Find how long keepers take over open country: minutes, isochrones, isolated homes.

        Parameters
        ----------
        profile : str
            Who travels, as named in gridmap.toml.
        scenario : str, optional
            What lies on the ground, and which tracks are closed, as named there.
        by : {"any", "outpost", "stronghold"}
            Which keepers are asked.

        Raises
        ------
        ConfigError
            GM105 if there is no such profile or scenario; GM106 for other keepers; GM103 if the cells are too
            small for the area.
        InputError
            GM202 if the relief or the grid of snow cannot be read.
        """
        from gridmap.project.travel import travel_of  # noqa: PLC0415 - heavy, and only travel times need it

        return travel_of(self, profile=profile, scenario=scenario, by=by)

    @cached_property
    def networks(self) -> dict[tuple[str, str | None], Network]:
        """The networks that travel times were asked over, by profile and scenario."""
        return {}

    def save(self) -> None:
        """Store the sections, assignments and findings with the hash of their input.

        Raises
        ------
        ConfigError
            GM106 if it is the plan of a season: what is stored is the arrangement of the year.
        StoreError
            GM301 if another process is writing; GM303 if the store cannot be written;
            GM306 if it was changed outside gridmap.
        """
        if self.season is not None:
            raise ConfigError(
                "GM106",
                "the plan of a season is not stored",
                where=f"the season {self.season.name}",
                fix="store the plan of the year: area.assign().save(), or gridmap assign without --season",
            )
        self.area.store.write_results(
            {"sections": self.sections, "findings": self._findings_frame()},
            assigned=self.made.assigned,
            input_revision=project.statement.input_hash(self.area.spec, revision=self.revision),
            meta={"version": gridmap.__version__},
        )
        self.area.write_log("assign", assignments=self.figures.assignments, findings=len(self.findings))

    def options(self, **more: str) -> dict[str, str]:
        """Return what a recipe of a product says, so that it can be made and verified again."""
        return {**more, **({} if self.season is None else {OPTION: self.season.name})}

    def results(self) -> dict[str, pd.DataFrame]:
        """Return the tables that ``gridmap assign`` stores, the assignments in words."""
        return {
            "sections": self.sections,
            "assignments": self.assignments,
            "findings": self._findings_frame(),
        }

    def _findings_frame(self) -> gpd.GeoDataFrame:
        return geo.findings_frame(self.findings, self.area.spec.crs)

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
        from gridmap.render import compose  # noqa: PLC0415 - heavy, and only drawing needs it
        from gridmap.render.backends.folium import to_html  # noqa: PLC0415

        if name not in self.area.spec.maps:
            raise ConfigError(
                "GM105",
                f"no such map: {name}",
                where="gridmap.toml",
                fix="one of: " + ", ".join(sorted(self.area.spec.maps)),
            )
        made = project.leaving.material(self.area, Recipe(MAP, audience, unit, self.options(map=name)), self)
        page = to_html(compose(made.view, self.area.spec, map_name=name))
        return project.leaving.product(self.area, page.encode("utf-8"), made)

    def atlas(self, *, audience: str, unit: str | None = None, **asked: Unpack[AskedKeywords]) -> Product:
        """Draw a series of sheets at exact scale, with an index: one PDF of vectors, for print.

        Parameters
        ----------
        audience, unit : str
            As for `map`.
        **asked
            ``by`` (unit, township, section), ``size`` (A4, A3), ``orientation`` (landscape, portrait),
            ``scale`` (the denominator), ``language``, ``map_name``: see `gridmap.render.atlas.Asked`.

        Raises
        ------
        ConfigError
            GM106 for an option that is not known, GM109 and GM105 as for `map`, GM111 without matplotlib.
        RenderError
            GM702 if there is nothing to make a sheet of; GM703 without a Chinese font; GM704 if the scale
            takes too many sheets.
        """
        from gridmap.render.atlas import Asked, atlas_pdf  # noqa: PLC0415 - heavy, and only drawing needs it

        wanted = Asked(**asked)
        recipe = Recipe(ATLAS, audience, unit, self.options(**wanted.options()))
        made = project.leaving.material(self.area, recipe, self)
        return project.leaving.product(self.area, atlas_pdf(made.view, self.area.spec, wanted), made)

    def summary(self, *, audience: str, unit: str | None = None) -> Product:
        """Write the one-page summary: figures per layer, findings, per-unit tables, a picture."""
        from gridmap.render.summary import summary_html  # noqa: PLC0415 - heavy, and only drawing needs it

        made = project.leaving.material(self.area, Recipe(SUMMARY, audience, unit, self.options()), self)
        page = summary_html(made.view, self.area.spec)
        return project.leaving.product(self.area, page.encode("utf-8"), made)
