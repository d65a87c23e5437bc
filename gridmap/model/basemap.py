"""A picture that lies under a map, placed and cleaned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Spacing = Literal["degrees", "mercator"]


@dataclass(frozen=True, slots=True)
class Basemap:
    """A basemap as it goes into a page, for the audiences that it is meant for.

    Parameters
    ----------
    data : bytes
        The picture itself, nothing beside it.
    media : str
        ``"image/png"``, ``"image/jpeg"`` or ``"image/webp"``.
    west, south, east, north : float
        Its outer edges, degrees.
    spacing : {"degrees", "mercator"}
        In what its rows are evenly spaced.
    opacity : float
        0 to 1.
    attribution : str
        Who made it; printed with the data statement.
    audiences : tuple of str
        Who may have it. Nobody else does, not even who sees every table.
    """

    data: bytes
    media: str
    west: float
    south: float
    east: float
    north: float
    spacing: Spacing
    opacity: float
    attribution: str
    audiences: tuple[str, ...]
