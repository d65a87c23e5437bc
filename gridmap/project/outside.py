"""What was changed outside gridmap, as findings: a check must not pass over it in silence."""

from __future__ import annotations

from collections.abc import Iterable

from gridmap.model import Change, Finding, Findings


def outside_findings(changes: Iterable[Change]) -> Findings:
    """Return a warning for each table that was changed outside gridmap since the last revision."""
    return Findings.of(
        Finding(
            code="changed-outside",
            level="warning",
            table=table,
            id=None,
            message=f"{table} was changed outside gridmap since the last revision",
            fix="look at the changes with: gridmap accept --dry-run; keep them with: gridmap accept",
        )
        for table in sorted({change.table for change in changes})
    )
