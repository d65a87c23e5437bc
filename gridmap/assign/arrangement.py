"""An arrangement: who keeps what, with its reasons, its figures and its faults."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd

from gridmap import geo
from gridmap.assign.ground import Ground
from gridmap.assign.intervals import Ladder
from gridmap.model import Figures, Findings


@dataclass(frozen=True)
class Arrangement:
    """What `arrange` makes; nothing in it changes.

    Parameters
    ----------
    assignments : DataFrame
        One row per kind, feature, layer and target: ``kind``, ``feature``, ``layer``, ``target``,
        ``unit``, ``role``, ``metres``, ``rule``, ``reason``.
    sections : GeoDataFrame
        Targets of the line layer, west to east: ``id``, ``unit``, ``outpost``, ``from_m``, ``to_m``.
    zones, strongholds : GeoDataFrame
        Targets of the area and point layers: the rows of their kinds that can take part.
    findings : Findings
        Gaps, overlaps, orphans; what only follows from a fault of the data is left out.
    figures : Figures
        The completeness proof.
    border : Border or None
        The one border.
    notes : tuple of str
        What the reader should know.
    ground : Ground
        What the arrangement was made from, for the answer at a place.
    ladder : Ladder
        The border cut at every end of a section; members are positions in `sections`.
    """

    assignments: pd.DataFrame
    sections: gpd.GeoDataFrame
    zones: gpd.GeoDataFrame
    strongholds: gpd.GeoDataFrame
    findings: Findings
    figures: Figures
    border: geo.Border | None
    notes: tuple[str, ...]
    ground: Ground = field(repr=False)
    ladder: Ladder = field(repr=False)

    def holds(self, _what: str) -> bool:
        """Say whether all of a layer is known; of an arrangement it is, of a view it need not be."""
        return True
