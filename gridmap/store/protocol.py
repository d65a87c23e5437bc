"""What every store does, on disk or in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from gridmap.claims import Assigned
from gridmap.config.spec import ProjectSpec
from gridmap.model import Change, Findings
from gridmap.store.quarantine import Delivery
from gridmap.store.structure import Frame
from gridmap.store.undo import Since, Undone

Box = tuple[float, float, float, float]


class Store(Protocol):
    """A border area's tables: frames in, frames out, every action all or nothing.

    Parameters
    ----------
    path : Path or None
        The file; None in memory.
    spec : ProjectSpec
        The settings, which say what tables there are.
    """

    @property
    def path(self) -> Path | None:
        """The file; None in memory."""

    @property
    def spec(self) -> ProjectSpec:
        """The settings."""

    def revision(self) -> str:
        """Return the hash of the tables of data, whatever the order of their rows."""

    def content(self) -> str:
        """Return the hash of the tables of data and of the results."""

    def changed_since(self, revision: str, *, most: int) -> Since | None:
        """Return the rows that came, went or changed since a revision.

        None where that is not known (it is too long ago, was taken back, or was changed outside), and where
        it is more than so many rows.
        """

    def tables(self) -> dict[str, int]:
        """Return the rows of every kind's table, and of the results that are stored."""

    def read(
        self,
        table: str,
        *,
        columns: Sequence[str] | None = None,
        bbox: Box | None = None,
        ids: Sequence[str] | None = None,
    ) -> Frame:
        """Read a table, ordered by id.

        Parameters
        ----------
        table : str
            A kind or a table of results.
        columns : sequence of str, optional
            Only these, besides ``id`` and the geometry.
        bbox : (min x, min y, max x, max y), optional
            Only rows whose bounding box touches it; project CRS, metres.
        ids : sequence of str, optional
            Only these rows; ids that are not there are left out.

        Raises
        ------
        ConfigError
            GM105 if there is no such table or column.
        """

    def read_all(self) -> dict[str, Frame]:
        """Read the tables of every kind, in their order, as `read` does; all in one state of the store."""

    def replace(self, frames: Mapping[str, Frame], *, action: str) -> str:
        """Give these kinds new tables, leave the others; return the new revision."""

    def upsert(self, kind: str, frame: Frame, *, action: str) -> str:
        """Add rows; a row whose id is there takes the new values. Return the new revision."""

    def take_in(self, kind: str, frame: Frame, quarantined: Frame, delivery: Delivery) -> str:
        """Add a file's rows, and those that cannot be stored to the quarantine, all in one action.

        Parameters
        ----------
        kind : str
            The table.
        frame : DataFrame or GeoDataFrame
            Rows of the kind; a row whose id is there takes the new values.
        quarantined : DataFrame
            ``row``, ``row_word``, ``row_id``, ``reason``, ``raw`` of the others. Rows that waited leave when
            the same file is read again, or when a row with their id comes in.
        delivery : Delivery
            Which file it is, and what its rows were compared with.

        Returns
        -------
        str
            The new revision.

        Raises
        ------
        StoreLocked
            GM301 if the data are not what the rows were compared with.
        """

    def discard(self, source: str) -> int:
        """Take the rows of a file out of the quarantine; return how many they were."""

    def undo(self) -> Undone:
        """Take the last import, save, edit or removal back, whole; GM308 if there is none."""

    def forget(self) -> None:
        """Drop what could be taken back: removed and changed values are then nowhere in the store."""

    def edit(self, kind: str, row_id: str, values: Mapping[str, object]) -> str:
        """Change some values of one row; return the new revision."""

    def remove(self, kind: str, ids: Sequence[str]) -> str:
        """Remove rows; return the new revision."""

    def write_results(
        self,
        frames: Mapping[str, Frame],
        *,
        assigned: Assigned | None = None,
        input_revision: str,
        meta: Mapping[str, str],
    ) -> None:
        """Store the tables of results with the hash of what they were made from.

        Parameters
        ----------
        frames : mapping of table to frame
            ``sections``, ``findings`` and, where they are not given as columns, ``assignments``.
        assigned : Assigned, optional
            The assignments as columns, in place of a frame.
        input_revision : str
            The hash of what they were made from.
        meta : mapping of str to str
            What is recorded with them.
        """

    def assigned(self) -> Assigned | None:
        """Return the stored assignments as columns; None if there are none, or only a table of words.

        Raises
        ------
        StoreError
            GM307 if what is stored does not hold together.
        """

    def results_revision(self) -> str | None:
        """Return the hash that the stored results were made from; None if there are none."""

    def results_meta(self) -> dict[str, str]:
        """Return what was recorded with the stored results."""

    def outside_changes(self) -> tuple[Change, ...]:
        """List what was changed outside gridmap since the last revision."""

    def accept(self) -> tuple[Change, ...]:
        """Make what was changed outside gridmap a revision; return the changes."""

    def verify(self, *, deep: bool) -> Findings:
        """Compare what is stored with its hashes; nothing found means that nothing was lost."""

    def close(self) -> None:
        """Let go of the store; using it later is an error."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
