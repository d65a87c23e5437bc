"""What gridmap.toml may say of travel over open country, of seasons, and of what closes the ways."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from gridmap.config.texts import Frozen, Name, Text

Speed = Annotated[float, Field(gt=0, le=300, allow_inf_nan=False, strict=True)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, strict=True)]
Depth = Annotated[float, Field(ge=0, le=1_000, allow_inf_nan=False, strict=True)]
Month = Annotated[int, Field(ge=1, le=12, strict=True)]


class ProfileSpec(Frozen):
    """How somebody travels: on open ground, on tracks, uphill, through snow and over water.

    ``speed_kmh`` is that on level, open ground without snow. ``tracks`` gives speeds on tracks by their class
    (a track of another class is open ground). ``land`` gives the share of the speed that is left on
    land of a class; 0 bars it. On a slope s (rise over run, positive uphill) the speed is multiplied by
    ``exp(-slope_decay * (|s + slope_ease| - slope_ease))``, Tobler's form (1993); steeper than
    ``slope_most`` nobody goes off the tracks. Snow takes the speed away in proportion to its depth until, at
    ``snow_stop_cm``, there is none. ``barred_by`` names classes of water that are crossed only by tracks and
    at fords.
    """

    title: Text
    speed_kmh: Speed
    tracks: dict[Name, Speed] = Field(default_factory=dict)
    land: dict[Name, Share] = Field(default_factory=dict)
    slope_decay: Annotated[float, Field(ge=0, le=50, allow_inf_nan=False, strict=True)] = 3.5
    slope_ease: Share = 0.0
    slope_most: Annotated[float, Field(gt=0, le=10, allow_inf_nan=False, strict=True)] = 1.0
    snow_stop_cm: Annotated[float, Field(gt=0, le=1_000, allow_inf_nan=False, strict=True)] | None = None
    barred_by: tuple[Name, ...] = ()


class TravelSpec(Frozen):
    """The cost surface, and who travels over it. Heights are those of ``relief``."""

    cell_m: Annotated[float, Field(ge=10, le=10_000, allow_inf_nan=False, strict=True)] = 200.0
    fords: tuple[Name, ...] = ("ford", "bridge")
    profiles: dict[Name, ProfileSpec] = Field(default_factory=dict)


class SeasonSpec(Frozen):
    """A season of the herders' year, by its months; homes with a camp of that season are there."""

    title: Text
    months: Annotated[tuple[Month, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len(set(self.months)) < len(self.months):
            msg = "a month is named twice"
            raise ValueError(msg)
        return self


class ScenarioSpec(Frozen):
    """What lies on the ground and which tracks are closed.

    Depth of snow is the largest of ``snow_cm`` (everywhere), the rows of the kind ``snow`` whose column
    ``scenario`` has this scenario's name, and the grid in the file ``snow_grid`` (ESRI ASCII, centimetres).
    """

    title: Text
    season: Name | None = None
    snow_cm: Depth = 0.0
    snow_grid: str | None = None
    closed_tracks: tuple[str, ...] = ()
    closed_classes: tuple[Name, ...] = ()


class GridSpec(Frozen):
    """Cells by gacha: squares clipped to it, or pieces merged until each holds enough households."""

    form: Annotated[str, Field(pattern="^(squares|merged)$")] = "squares"
    size_m: Annotated[float, Field(ge=100, le=100_000, allow_inf_nan=False, strict=True)] = 5_000.0
    households: Annotated[int, Field(ge=1, le=100_000, strict=True)] = 30
    sparse_share: Share = 0.2


class StationingSpec(Frozen):
    """Chainage as it is spoken of: kilometre posts, and whether surveyed markers calibrate it."""

    post_m: Annotated[float, Field(ge=10, le=1_000_000, allow_inf_nan=False, strict=True)] = 1_000.0
    calibrate: Annotated[bool, Field(strict=True)] = False
