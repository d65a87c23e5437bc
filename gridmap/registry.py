"""The one door for rules, checks, overlays, formats and redactions.

Built-ins and third parties come in the same way: by an entry point in one of the groups
``gridmap.rules``, ``gridmap.checks``, ``gridmap.overlays``, ``gridmap.formats`` and
``gridmap.redactions``.
Names are read without importing what they name; `get` imports.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Literal

from gridmap.errors import ConfigError

Group = Literal["rules", "checks", "overlays", "formats", "redactions"]


@cache
def _entries(group: Group) -> dict[str, EntryPoint]:
    return {
        entry.name: entry for entry in sorted(entry_points(group=f"gridmap.{group}"), key=lambda e: e.name)
    }


def names(group: Group) -> tuple[str, ...]:
    """Return the names registered in a group, sorted."""
    return tuple(_entries(group))


def get(group: Group, name: str) -> Any:
    """Import and return what a name stands for.

    Raises
    ------
    ConfigError
        GM110 if nothing has that name.
    """
    entry = _entries(group).get(name)
    if entry is None:
        raise ConfigError(
            "GM110",
            f"no such {group.removesuffix('s')}: {name}",
            where=f"the registry of {group}",
            fix="one of: " + ", ".join(names(group)),
        )
    return entry.load()


def everything(group: Group) -> dict[str, Any]:
    """Import and return all of a group, by name, in order of name."""
    return {name: get(group, name) for name in names(group)}
