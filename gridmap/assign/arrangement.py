"""An arrangement: who keeps what, with its reasons, its figures and its faults."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import geopandas as gpd
import pandas as pd

from gridmap import geo
from gridmap.assign import frames
from gridmap.assign.ground import Ground
from gridmap.assign.intervals import Ladder
from gridmap.assign.rule import State
from gridmap.claims import Assigned
from gridmap.model import Figures, Findings


@dataclass(frozen=True)
class Arrangement:
    """What `arrange` makes; nothing in it changes.

    Parameters
    ----------
    assigned : Assigned
        The assignments as columns of positions, codes and millimetres.
    findings : Findings
        Gaps, overlaps, orphans; what only follows from a fault of the data is left out.
    figures : Figures
        The completeness proof.
    notes : tuple of str
        What the reader should know.
    state : State
        What the rules left, for the answer at a place and for what an edit touches.
    tiling : Tiling or None
        How the zones tile the jurisdiction; None if there are neither zones nor townships.
    """

    assigned: Assigned
    findings: Findings
    figures: Figures
    notes: tuple[str, ...]
    state: State = field(repr=False)
    tiling: geo.Tiling | None = field(repr=False)

    @property
    def ground(self) -> Ground:
        """What the arrangement was made from."""
        return self.state.ground

    @property
    def ladder(self) -> Ladder:
        """The border cut at every end of a section; members are positions in `sections`."""
        return self.state.ladder

    @property
    def border(self) -> geo.Border | None:
        """The one border."""
        return self.ground.border

    @cached_property
    def sections(self) -> gpd.GeoDataFrame:
        """Targets of the line layer, west to east: ``id``, ``unit``, ``outpost``, ``from_m``, ``to_m``."""
        return frames.sections_frame(self.state)

    @cached_property
    def zones(self) -> gpd.GeoDataFrame:
        """Targets of the area layer: the rows of their kind that can take part."""
        return frames.zones_frame(self.ground)

    @cached_property
    def strongholds(self) -> gpd.GeoDataFrame:
        """Targets of the point layer: the rows of their kind that can take part."""
        return frames.strongholds_frame(self.ground)

    @cached_property
    def assignments(self) -> pd.DataFrame:
        """One row per kind, feature, layer and target, in words; made when it is first asked for.

        ``kind``, ``feature``, ``layer``, ``target``, ``unit``, ``role``, ``metres``, ``rule``, ``reason``.
        """
        return self.assigned.frame()

    def holds(self, _what: str) -> bool:
        """Say whether all of a layer is known; of an arrangement it is, of a view it need not be."""
        return True
