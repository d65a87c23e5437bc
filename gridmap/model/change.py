"""A change made to the store outside gridmap, e.g. in QGIS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Change:
    """One row that differs from the last accepted revision.

    Parameters
    ----------
    table, id : str
        The row.
    what : {"added", "removed", "moved", "changed"}
        A row that was moved and changed gives two changes.
    columns : tuple of str
        For "changed": the columns whose values differ (never the values).
    metres : float or None
        For "moved": geodesic metres of a point, Hausdorff distance of a line or polygon.
    """

    table: str
    id: str
    what: Literal["added", "removed", "moved", "changed"]
    columns: tuple[str, ...] = ()
    metres: float | None = None

    def to_json(self) -> dict[str, object]:
        """Return the change as ``gridmap accept --json`` prints it."""
        return {
            "table": self.table,
            "id": self.id,
            "what": self.what,
            "columns": list(self.columns),
            "metres": self.metres,
        }
