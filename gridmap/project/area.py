"""An `Area`: one project, its tables, what is wrong with them, and who answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, Unpack

import pandas as pd

from gridmap import exchange, project
from gridmap.config import RESULT_TABLES, ProjectSpec
from gridmap.geo.placed import plain
from gridmap.model import Change, Findings, ImportReport
from gridmap.model.basemap import Basemap
from gridmap.project import changes, checking, log
from gridmap.store import Store, Undone, conform

if TYPE_CHECKING:
    from gridmap.exchange import ReadKeywords, WriteKeywords
    from gridmap.privacy import Releases
    from gridmap.project.intake import Intake
    from gridmap.project.plan import Plan
    from gridmap.project.product import Product
    from gridmap.project.verifying import Verified


class Area:
    """A border area as stored.

    Made by `gridmap.open`, `gridmap.new`, `gridmap.demo` and `gridmap.memory`.

    Parameters
    ----------
    spec : ProjectSpec
        The settings.
    store : Store
        The tables.
    folder : Path, optional
        The project's folder; None for an area in memory.
    relief : str, optional
        An ESRI ASCII grid, for an area in memory.
    planted : iterable of dict, optional
        The faults that a demo planted.
    """

    def __init__(
        self,
        spec: ProjectSpec,
        store: Store,
        *,
        folder: Path | None = None,
        relief: str | None = None,
        planted: Iterable[dict[str, str | None]] = (),
    ) -> None:
        self.spec = spec
        self.store = store
        self.folder = folder
        self.planted = list(planted)
        self.unstorable: list[dict[str, str | int]] = []
        self._relief = relief
        self.remembered: Releases | None = None

    def __repr__(self) -> str:
        rows = ", ".join(f"{name} {count}" for name, count in self.store.tables().items())
        return f"<gridmap.Area {self.folder or 'in memory'}: {rows}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the store."""
        self.store.close()

    def table(
        self,
        name: str,
        *,
        columns: list[str] | None = None,
        bbox: tuple[float, float, float, float] | None = None,
    ) -> Any:
        """Read a table as a plain GeoDataFrame (a DataFrame where the kind has no geometry).

        Parameters
        ----------
        name : str
            A kind, or ``sections``, ``assignments``, ``findings`` after ``gridmap assign``.
        columns : list of str, optional
            Only these, besides ``id`` and the geometry.
        bbox : (min x, min y, max x, max y), optional
            Only rows whose bounding box touches this one, in the project's CRS.

        Raises
        ------
        ConfigError
            GM105 if there is no such table.
        """
        changes.refuse_unknown(self, "table", name, self.store.tables())
        return plain(self.store.read(name, columns=columns, bbox=bbox))

    def tables(self) -> dict[str, int]:
        """Return the number of rows of every table."""
        return dict(self.store.tables())

    def frames(self) -> dict[str, pd.DataFrame]:
        """Read the tables of every kind, all in one state; points of large ones are made when asked for."""
        return self.store.read_all()

    def save(self, frame: pd.DataFrame, *, kind: str, action: str = "save", source: str | None = None) -> str:
        """Add rows to a kind's table; rows whose id is already there take the new values.

        Parameters
        ----------
        frame : DataFrame or GeoDataFrame
            Rows of the kind; a geometry in any stated CRS.
        kind : str
            The table.
        action, source : str
            What the log says was done, and from which file.

        Returns
        -------
        str
            The new revision.

        Raises
        ------
        ConfigError
            GM105 if there is no such kind.
        InputError
            GM201 if the geometry states no CRS.
        StructureError
            GM305 with every fault: missing or repeated ids, unknown columns, wrong types.
        """
        return changes.save(self, frame, kind=kind, action=action, source=source)

    def edit(self, kind: str, row_id: str, /, **values: object) -> str:
        """Change some values of one row.

        Parameters
        ----------
        kind, row_id : str
            The row.
        **values
            New values by column; None empties; ``geometry`` takes a shapely geometry in the project's CRS.

        Returns
        -------
        str
            The new revision.
        """
        return changes.edit(self, kind, row_id, values)

    def read(self, path: str | Path, *, kind: str, **options: Unpack[ReadKeywords]) -> Any:
        """Read a file as a frame of a kind, in the project's CRS, without storing it.

        The options are those of `gridmap.exchange.ReadOptions`. Raises like `import_file`, and GM206 if any
        row cannot be stored.
        """
        reading = project.intake.read(self, Path(path), kind=kind, options=exchange.ReadOptions(**options))
        exchange.refuse_faulty(reading)
        return conform(reading.frame, kind, self.spec)

    def import_file(
        self,
        path: str | Path,
        *,
        kind: str,
        how: Intake | None = None,
        **options: Unpack[ReadKeywords],
    ) -> ImportReport:
        """Read a file and save its rows in one transaction; what cannot be stored goes to ``quarantine``.

        Parameters
        ----------
        path, kind, **options
            As for `read`.
        how : Intake, optional
            Profile, duplicates, snapping, dry run.

        Returns
        -------
        ImportReport
            What became of every row. Where `take_in` raises, nothing is stored.
        """
        read = exchange.ReadOptions(**options)
        return project.intake.take_in(
            self, Path(path), kind=kind, options=read, intake=how or project.Intake()
        )

    def undo(self) -> Undone:
        """Take the last import, save or edit back, whole; GM308 if there is nothing to take back."""
        undone = self.store.undo()
        self.write_log(
            "undo", undone=undone.action, table=undone.kind, rows=undone.rows, source=undone.source
        )
        return undone

    def discard(self, source: str) -> int:
        """Take the rows of a file out of the quarantine; return how many they were.

        Raises
        ------
        ConfigError
            GM105 if no row of such a file waits.
        """
        return changes.discard(self, source)

    def forget(self) -> None:
        """Give up what `undo` could take back: removed and changed values are then nowhere in the store."""
        self.store.forget()
        self.write_log("forget")

    def check(self, *, deep: bool = False, progress: Callable[[str], None] | None = None) -> Findings:
        """Find every fault of the data.

        Parameters
        ----------
        deep : bool
            Also compare every stored value with its hash.
        progress : callable, optional
            Told the name of each step as it begins.
        """
        return checking.check(self, deep=deep, progress=progress)

    def assign(self, *, season: str | None = None, progress: Callable[[str], None] | None = None) -> Plan:
        """Assign everything to the three layers and prove it complete; nothing is stored.

        Parameters
        ----------
        season : str, optional
            Households with a camp of this season stand there. GM105 if there is no such season.
        progress : callable, optional
            Told the name of each of the `ASSIGN_STEPS` steps as it begins.

        Returns
        -------
        Plan
            ``plan.findings`` holds the faults of the data and those of the arrangement.
        """
        return project.plans.made(self, progress, season=season)

    def plan(self, *, season: str | None = None, progress: Callable[[str], None] | None = None) -> Plan:
        """Return the plan of the data as they are now; the parameters are those of `assign`.

        A stored plan whose input has changed since is made anew in memory, and ``plan.notes`` says so.
        """
        return project.plans.current(self, progress, season=season)

    def outside_changes(self) -> tuple[Change, ...]:
        """List what was changed outside gridmap (e.g. in QGIS) since the last revision."""
        return self.store.outside_changes()

    def accept(self) -> tuple[Change, ...]:
        """Make what was changed outside gridmap a revision, and return the changes."""
        changes = self.store.accept()
        if changes:
            self.write_log("accept", changes=len(changes))
        return changes

    def map(self, *, audience: str, unit: str | None = None, name: str = "main") -> Product:
        """Draw the plan for an audience, or for one unit of it."""
        return self.plan().map(audience=audience, unit=unit, name=name)

    def summary(self, *, audience: str, unit: str | None = None) -> Product:
        """Write the one-page summary for an audience, or for one unit of it."""
        return self.plan().summary(audience=audience, unit=unit)

    def export(
        self,
        table: str,
        *,
        audience: str,
        format: str,  # noqa: A002 - the users' word
        unit: str | None = None,
        **written: Unpack[WriteKeywords],
    ) -> Product:
        """Write one table for an audience.

        Parameters
        ----------
        table : str
            A kind, a table of results, one that a redaction makes (``household_areas``), or ``quarantine``.
        audience : str
            Whom it is for.
        format : str
            A registered format, by name or extension.
        unit : str, optional
            The unit that it is for, where the audience is one unit's.
        **written
            CRS, datum and encoding, as `gridmap.exchange.write_table` takes them.
        """
        known = {*self.store.tables(), *RESULT_TABLES, "quarantine"}
        if not any(table.startswith(f"{kind}_") for kind in self.spec.kinds):
            changes.refuse_unknown(self, "table", table, known)
        return project.leaving.export(self, table, audience, format, written, unit=unit)

    def verify(self, path: str | Path) -> Verified:
        """Compare a product with its manifest, and look again for what its audience may not see.

        Raises
        ------
        PublishError
            GM604 if the manifest beside it is missing or cannot be read.
        InputError
            GM202 if the product itself cannot be read.
        """
        return project.verifying.verify(self, Path(path))

    def relief(self) -> str | None:
        """Return the relief grid (ESRI ASCII), if the project has one; GM202 if it cannot be read."""
        if self._relief is None and self.folder is not None and self.spec.relief:
            self._relief = project.statement.read_relief(self.folder / self.spec.relief)
        return self._relief

    def basemaps(self) -> dict[str, Basemap]:
        """Return the pictures under the maps that have one, by map; GM202, GM205 or GM209 if one is unfit."""
        if self.folder is None:
            return {}
        named = {name: one.basemap for name, one in self.spec.maps.items()}
        return {
            name: exchange.read_basemap(self.folder, one) for name, one in named.items() if one is not None
        }

    def log(self) -> list[dict[str, Any]]:
        """Return what was done, when, by which configured name, from which file."""
        return log.lines(self.folder)

    def write_log(self, action: str, **details: object) -> None:
        """Add a line to the log; an area in memory has none."""
        log.record(self.folder, self.spec, self.store, action, **details)

    def input_hash(self) -> str:
        """Return the hash of all that decides an arrangement: the data and the rules."""
        return project.statement.input_hash(self.spec, revision=self.store.revision())

    def stamp_border(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Record in a section plan which border it was made for: another line is another chainage."""
        return changes.stamped(self, frame)
