"""Findings: faults of the data, and gaps, overlaps and orphans of the arrangement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from gridmap.model.nouns import Level

LEVELS: tuple[Level, ...] = ("error", "warning", "info")


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault, with its place and a proposed fix.

    Parameters
    ----------
    code : str
        Stable kebab-case code of the check, e.g. ``"geometry-invalid"``.
    level : {"error", "warning", "info"}
        A gap, an overlap above the sliver and an orphan are errors.
    table : str
        The table the fault is in.
    id : str or None
        The row, or None where the fault has no row (a gap).
    message, fix : str
        What is wrong and what to do about it; never the value of a private column.
    related : tuple of str
        Other ids that take part.
    geometry : shapely geometry or None
        The place, in the project's CRS.
    size : float or None
        Metres of a line gap, square metres of an area gap.
    """

    code: str
    level: Level
    table: str
    id: str | None
    message: str
    fix: str
    related: tuple[str, ...] = ()
    geometry: Any = field(default=None, compare=False)
    size: float | None = None

    def to_json(self) -> dict[str, object]:
        """Return the finding as other programs read it (no geometry)."""
        return {
            "code": self.code,
            "level": self.level,
            "table": self.table,
            "id": self.id,
            "related": list(self.related),
            "message": self.message,
            "fix": self.fix,
        }

    def sort_key(self) -> tuple[int, str, str, str, tuple[str, ...], str]:
        """Order: worst first, then code, table, id; stable under any order of rows."""
        return (LEVELS.index(self.level), self.code, self.table, self.id or "", self.related, self.message)


@dataclass(frozen=True, slots=True)
class Findings:
    """A sorted collection of findings.

    Parameters
    ----------
    items : tuple of Finding
        Build with `Findings.of`, which sorts.
    """

    items: tuple[Finding, ...] = ()

    @classmethod
    def of(cls, items: Iterable[Finding]) -> Findings:
        """Sort `items` into a collection."""
        return cls(tuple(sorted(items, key=Finding.sort_key)))

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __add__(self, other: Findings) -> Findings:
        return Findings.of((*self.items, *other.items))

    @property
    def has_errors(self) -> bool:
        """Whether any finding is at error level."""
        return any(item.level == "error" for item in self.items)

    def codes(self) -> Counter[str]:
        """Count the findings by code."""
        return Counter(item.code for item in self.items)

    def summary(self) -> str:
        """Say in a few lines what was found, worst first."""
        if not self.items:
            return "no findings"
        counted = Counter((LEVELS.index(item.level), item.level, item.code) for item in self.items)
        return "\n".join(f"{level:<8}{code:<32}{n:>6}" for (_, level, code), n in sorted(counted.items()))

    def to_json(self) -> list[dict[str, object]]:
        """Return the findings as other programs read them."""
        return [item.to_json() for item in self.items]
