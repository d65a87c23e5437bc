"""A view: frames that were cleared for one audience.

Only `gridmap.privacy` makes views, and seals them. Renderers and writers take nothing else
(`require_view`), so that a plain frame, a hand-built `View` or a copy with other tables neither
type-checks nor runs where bytes are made for somebody.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from gridmap.errors import PublishError
from gridmap.model.redacted import Redacted


@dataclass(frozen=True, slots=True)
class ViewTable:
    """One table as an audience may see it.

    Parameters
    ----------
    name : str
        Table name.
    frame : DataFrame or GeoDataFrame
        Allowed columns only; geometry in lon/lat (order x, y), rounded.
    """

    name: str
    frame: Any


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class View:
    """What one audience may see of a project, ready to draw or write.

    Parameters
    ----------
    audience : str
        Name of the audience in gridmap.toml.
    tables : mapping of str to ViewTable
        Tables by name; a table the audience may not see is absent. Kept as a read-only mapping.
    decimals : int
        Decimals of a degree that coordinates were rounded to.
    facts : mapping of str to object
        Data statement: project name, CRS, revision, input hash, versions, banner, figures.
    unit : str
        The unit that the view is for, "" for an audience that is no unit's.
    redacted : tuple of Redacted
        What was done to rows that the audience may not see as they are.
    """

    audience: str
    tables: Mapping[str, ViewTable]
    decimals: int
    facts: Mapping[str, Any] = field(default_factory=dict)
    unit: str = ""
    redacted: tuple[Redacted, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "tables", MappingProxyType(dict(self.tables)))
        object.__setattr__(self, "facts", MappingProxyType(dict(self.facts)))


# By identity: a copy, a `dataclasses.replace` or an unpickled view is not in it.
_SEALED: weakref.WeakSet[View] = weakref.WeakSet()


def seal(view: View) -> View:
    """Mark a view as cleared, and return it.

    Called by `gridmap.privacy.make_view` alone (a test reads the source to prove it). Tests of
    renderers and writers may call it on a view that they built by hand.
    """
    _SEALED.add(view)
    return view


def require_view(view: object) -> View:
    """Return `view` if privacy has cleared it; the first line of every renderer and writer.

    Raises
    ------
    PublishError
        GM601 for a frame, for anything else, and for a view that was built or copied by hand.
    """
    if isinstance(view, View) and view in _SEALED:
        return view
    named = type(view).__name__
    what = "this view was not made by gridmap.privacy" if isinstance(view, View) else f"{named} is not a view"
    raise PublishError(
        "GM601",
        what,
        where="the call that draws or writes",
        fix="clear the frames for an audience first, with gridmap.privacy.make_view",
    )
