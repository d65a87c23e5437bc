"""The reference of checks, made from the code so that it cannot fall behind it."""

from __future__ import annotations

from gridmap.checks.engine import codes

_HEAD = """# Checks

Made from the code by `gridmap.checks.reference_text()`: do not edit by hand.

`gridmap check` and `area.check()` look for these faults in a project, `gm.check(frame, kind=...)` in
one frame. Each finding names its code, level, table, id and place, and proposes a fix. A fault is
reported once: what only follows from it is not reported again. Gaps, overlaps and orphans of the
arrangement are found by `gridmap assign`. "Frame only" marks faults that a store cannot hold.

| code | level | fault | 说明 | what to do | |
|---|---|---|---|---|---|
"""


def reference_text() -> str:
    """Return docs/reference/checks.md: one line a code, sorted by code."""
    rows = (
        f"| `{doc.code}` | {doc.level} | {doc.title.en} | {doc.title.zh} | {doc.fix} "
        f"| {'' if doc.stored else 'frame only'} |\n"
        for doc in codes().values()
    )
    return _HEAD + "".join(rows)
