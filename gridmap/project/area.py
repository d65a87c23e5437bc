"""An `Area`: one project, its tables, what is wrong with them, and who answers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import geopandas as gpd
import pandas as pd

from gridmap import assign as assignment
from gridmap import checks, exchange, geo, privacy, publish
from gridmap.config import RESULT_TABLES, STORE_NAME, KindSpec, ProjectSpec
from gridmap.config.load import suggest
from gridmap.errors import ConfigError
from gridmap.model import Change, Findings, View
from gridmap.project import log, statement
from gridmap.project.outside import outside_findings
from gridmap.project.plan import Plan
from gridmap.project.product import Product
from gridmap.store import Store, conform

# Reading, checking, assigning.
ASSIGN_STEPS = 3


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
        self._relief = relief

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
        self._refuse_unknown("table", name, self.store.tables())
        return self.store.read(name, columns=columns, bbox=bbox)

    def tables(self) -> dict[str, int]:
        """Return the number of rows of every table."""
        return dict(self.store.tables())

    def frames(self) -> dict[str, pd.DataFrame]:
        """Read the tables of every kind."""
        return {kind: self.store.read(kind) for kind in self.spec.kinds}

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
        if self._kind(kind).spatial and isinstance(frame, gpd.GeoDataFrame):
            frame = geo.to_working(frame, self.spec.crs, name=f"the frame of {kind}")
        ready = conform(frame, kind, self.spec)
        if kind == "section_plan":
            ready = self._stamp_border(ready)
        revision = self.store.upsert(kind, ready, action=action)
        self.write_log(action, table=kind, rows=len(ready), source=source)
        return revision

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
        known = {*self._kind(kind).columns, "geometry"}
        for column in values:
            self._refuse_unknown(f"column of {kind}", column, known)
        if kind == "section_plan" and values.get("border_hash", "") is None:
            # Emptied means measured anew: along the line as it is now.
            values["border_hash"] = self._border_stamp()
        revision = self.store.edit(kind, row_id, values)
        self.write_log("edit", table=kind, id=row_id, columns=sorted(values))
        return revision

    def read(self, path: str | Path, *, kind: str, layer: str | None = None) -> Any:
        """Read a file as a frame of a kind, in the project's CRS, without storing it."""
        self._kind(kind)
        frame = exchange.read_frame(Path(path), kind=kind, spec=self.spec, layer=layer)
        return conform(frame, kind, self.spec)

    def import_file(self, path: str | Path, *, kind: str, layer: str | None = None) -> int:
        """Read a file and save its rows; nothing is stored unless all of it can be.

        Returns
        -------
        int
            Rows taken in.
        """
        frame = self.read(path, kind=kind, layer=layer)
        self.save(frame, kind=kind, action="import", source=Path(path).name)
        return len(frame)

    def check(self, *, deep: bool = False) -> Findings:
        """Find every fault of the data.

        Parameters
        ----------
        deep : bool
            Also compare every stored value with its hash.
        """
        found = self.store.verify(deep=True) if deep else Findings()
        return (
            found
            + checks.check_tables(self.frames(), self.spec)
            + outside_findings(self.store.outside_changes())
        )

    def assign(self, *, progress: Callable[[str], None] | None = None) -> Plan:
        """Assign everything to the three layers and prove it complete; nothing is stored.

        Parameters
        ----------
        progress : callable, optional
            Told the name of each of the `ASSIGN_STEPS` steps as it begins.

        Returns
        -------
        Plan
            ``plan.findings`` holds the faults of the data and those of the arrangement.
        """
        tell = progress or (lambda _step: None)
        tell("reading")
        tables = self.frames()
        tell("checking")
        known = checks.check_tables(tables, self.spec)
        tell("assigning")
        made = assignment.arrange(tables, self.spec, known=known)
        return Plan(self, tables, made, known + made.findings)

    def plan(self, *, progress: Callable[[str], None] | None = None) -> Plan:
        """Return the plan of the data as they are now.

        A stored plan whose input has changed since is made anew in memory, and ``plan.notes`` says so.

        Parameters
        ----------
        progress : callable, optional
            As for `assign`.
        """
        stored = self.store.results_revision()
        made = self.assign(progress=progress)
        if stored is not None and stored != self.input_hash():
            return made.with_note(
                "the data or the rules have changed since the plan was stored: made anew in memory"
            )
        return made

    def outside_changes(self) -> tuple[Change, ...]:
        """List what was changed outside gridmap (e.g. in QGIS) since the last revision."""
        return self.store.outside_changes()

    def accept(self) -> tuple[Change, ...]:
        """Make what was changed outside gridmap a revision, and return the changes."""
        changes = self.store.accept()
        if changes:
            self.write_log("accept", changes=len(changes))
        return changes

    def map(self, *, audience: str, name: str = "main") -> Product:
        """Draw the plan for an audience."""
        return self.plan().map(audience=audience, name=name)

    def summary(self, *, audience: str) -> Product:
        """Write the one-page summary for an audience."""
        return self.plan().summary(audience=audience)

    def export(self, table: str, *, audience: str, format: str) -> Product:  # noqa: A002 - the users' word
        """Write one table for an audience as ``gpkg``, ``geojson`` or ``csv``."""
        known = self.store.tables()
        self._refuse_unknown("table", table, known)
        tables = {**self.frames(), **{name: self.store.read(name) for name in RESULT_TABLES if name in known}}
        view = self.view(tables, audience)
        return self.product(exchange.write_table(view, table, format), view, tables, f"export {table}")

    def view(self, tables: Mapping[str, pd.DataFrame], audience: str, **facts: object) -> View:
        """Clear tables for an audience."""
        stated = statement.facts(
            self.spec, revision=self.store.revision(), audience=audience, relief=self.relief()
        )
        return privacy.make_view(tables, self.spec, audience, facts={**stated, **facts})

    def product(self, data: bytes, view: View, tables: Mapping[str, pd.DataFrame], action: str) -> Product:
        """Wrap finished bytes; saving them runs the guard and is a line in the log.

        Parameters
        ----------
        data : bytes
            The finished product.
        view : View
            What it was made from.
        tables : mapping of str to frame
            All there is: what the view left out must not be in the bytes.
        action : str
            What the log says was done.
        """

        def leave(finished: bytes, path: Path, force: bool) -> Path:  # noqa: FBT001 - Product's own call
            withheld = privacy.withheld(tables, self.spec, view)
            out = publish.publish(finished, path, withheld=withheld, force=force)
            self.write_log(action, audience=view.audience, product=out.name)
            return out

        return Product(data, view.audience, leave)

    def relief(self) -> str | None:
        """Return the relief grid (ESRI ASCII), if the project has one.

        Raises
        ------
        InputError
            GM202 if gridmap.toml names a file that cannot be read.
        """
        if self._relief is None and self.folder is not None and self.spec.relief:
            self._relief = statement.read_relief(self.folder / self.spec.relief)
        return self._relief

    def log(self) -> list[dict[str, Any]]:
        """Return what was done, when, by which configured name, from which file."""
        return log.lines(self.folder)

    def write_log(self, action: str, **details: object) -> None:
        """Add a line to the log; an area in memory has none."""
        log.record(self.folder, self.spec, self.store, action, **details)

    def input_hash(self) -> str:
        """Return the hash of all that decides an arrangement: the data and the rules."""
        return statement.input_hash(self.spec, revision=self.store.revision())

    def _stamp_border(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Record in a section plan which border it was made for: another line is another chainage."""
        stamp = self._border_stamp()
        return frame.assign(border_hash=frame["border_hash"].fillna(stamp)) if stamp else frame

    def _border_stamp(self) -> str | None:
        return assignment.border_hash(self.store.read("border"), self.spec)

    def _kind(self, kind: str) -> KindSpec:
        self._refuse_unknown("kind", kind, self.spec.kinds)
        return self.spec.kinds[kind]

    def _refuse_unknown(self, word: str, name: str, known: Collection[str]) -> None:
        if name not in known:
            raise ConfigError(
                "GM105", f"no such {word}: {name}", where=self._where(), fix=suggest(name, known)
            )

    def _where(self) -> str:
        return str(self.folder / STORE_NAME) if self.folder is not None else "the area in memory"
