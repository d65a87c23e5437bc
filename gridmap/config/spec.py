"""What gridmap.toml may say, as frozen pydantic models: an unknown key is an error."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from gridmap.config.analysis import ANALYSIS_TABLES
from gridmap.config.audiences import AudienceSpec
from gridmap.config.basemap import BasemapSpec
from gridmap.config.imports import ImportSpec
from gridmap.config.refusals import refuse_kind_columns
from gridmap.config.texts import LANGUAGES, Flag, Frozen, Name, Text
from gridmap.config.travel import GridSpec, ScenarioSpec, SeasonSpec, StationingSpec, TravelSpec
from gridmap.model import Layer

ColumnType = Literal["text", "integer", "real", "boolean", "date"]
GeometryType = Literal["point", "line", "polygon", "none"]
# Strict: a number in quotes, or true for a distance, is a mistake and not a value.
Metres = Annotated[float, Field(gt=0, le=1_000_000, allow_inf_nan=False, strict=True)]
Limit = Annotated[float, Field(allow_inf_nan=False, strict=True)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]

RESULT_TABLES = ("sections", "assignments", "findings")
RESERVED = frozenset({*RESULT_TABLES, *ANALYSIS_TABLES, "quarantine", "layer_styles"})


class ColumnSpec(Frozen):
    """One column of a kind.

    ``references`` names a kind (its ``id``) or ``kind.column``; ``values`` lists what is allowed;
    ``min`` and ``max`` are inclusive.
    """

    type: ColumnType
    required: Flag = False
    private: Flag = False
    title: Text | None = None
    values: tuple[str, ...] | None = None
    min: Limit | None = None
    max: Limit | None = None
    references: str | None = None

    @model_validator(mode="after")
    def _some_value_fits(self) -> Self:
        if self.min is not None and self.max is not None and self.min > self.max:
            msg = "min is larger than max, so that no value fits"
            raise ValueError(msg)
        return self


COMMON_COLUMNS: dict[str, ColumnSpec] = {
    "status": ColumnSpec(type="text", title=Text(en="Status", zh="状态")),
    "valid_from": ColumnSpec(type="date", title=Text(en="Valid from", zh="生效日期")),
    "valid_to": ColumnSpec(type="date", title=Text(en="Valid to", zh="失效日期")),
}


class KindSpec(Frozen):
    """A type of thing with a schema; its table has the kind's name."""

    geometry: GeometryType
    title: Text
    columns: dict[Name, ColumnSpec]

    @field_validator("columns")
    @classmethod
    def _common(cls, columns: dict[str, ColumnSpec]) -> dict[str, ColumnSpec]:
        taken = sorted({"id", "fid", "geom", "geometry", *COMMON_COLUMNS} & columns.keys())
        if taken:
            msg = f"the column {taken[0]} is gridmap's own and is not declared"
            raise ValueError(msg)
        refuse_kind_columns(columns)
        return {**columns, **COMMON_COLUMNS}

    @property
    def spatial(self) -> bool:
        """Whether rows of this kind have a geometry."""
        return self.geometry != "none"

    @property
    def private(self) -> frozenset[str]:
        """Names of the private columns."""
        return frozenset(name for name, column in self.columns.items() if column.private)


class LineLayer(Frozen):
    """Parameters of the line layer."""

    belt_m: Metres = 20_000
    section_reach_m: Metres = 20_000


class AreaLayer(Frozen):
    """Parameters of the area layer."""

    jurisdiction: Name = "township"
    sliver_m2: Annotated[float, Field(ge=0, allow_inf_nan=False, strict=True)] = 1.0
    sliver_width_m: Annotated[float, Field(ge=0, allow_inf_nan=False, strict=True)] = 0.01


class PointLayer(Frozen):
    """Parameters of the point layer."""

    reach_m: Metres = 15_000
    response_min: Annotated[float, Field(gt=0, allow_inf_nan=False, strict=True)] = 120


class Layers(Frozen):
    """The three defence layers."""

    line: LineLayer = LineLayer()
    area: AreaLayer = AreaLayer()
    point: PointLayer = PointLayer()


class RuleSpec(Frozen):
    """One rule as used: which rule, on which layer, for which kinds."""

    rule: str
    layer: Layer
    kinds: tuple[str, ...]


class LevelSpec(Frozen):
    """An administrative level; the levels are listed from the top."""

    name: Name
    title: Text
    pattern: str

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            msg = f"not a regular expression: {error}"
            raise ValueError(msg) from error
        return pattern


class MapSpec(Frozen):
    """One map: its title, the language it opens in, its overlays from bottom to top, a picture under them."""

    title: Text
    language: Literal["en", "zh"] | None = None
    overlays: tuple[str, ...]
    basemap: BasemapSpec | None = None


class ProjectSpec(Frozen):
    """The whole of gridmap.toml."""

    schema_version: Literal[1] = Field(alias="schema")
    languages: Annotated[tuple[Language, ...], Field(min_length=1)] = LANGUAGES
    name: Text
    crs: str
    synthetic: Flag = False
    source: str = ""
    operator: str = ""
    relief: str | None = None
    layers: Layers = Layers()
    rules: tuple[RuleSpec, ...]
    levels: tuple[LevelSpec, ...]
    kinds: dict[Name, KindSpec]
    audiences: dict[Name, AudienceSpec]
    maps: dict[Name, MapSpec]
    imports: ImportSpec = ImportSpec()
    travel: TravelSpec = TravelSpec()
    seasons: dict[Name, SeasonSpec] = Field(default_factory=dict)
    scenarios: dict[Name, ScenarioSpec] = Field(default_factory=dict)
    grid: GridSpec = GridSpec()
    stationing: StationingSpec = StationingSpec()

    @model_validator(mode="after")
    def _own_names(self) -> Self:
        taken = sorted(RESERVED & self.kinds.keys())
        if taken:
            msg = f"kinds.{taken[0]}: this name is gridmap's own"
            raise ValueError(msg)
        return self

    def opens_in(self, map_name: str) -> Literal["en", "zh"]:
        """Return the language of the page's own words that a map opens in."""
        chosen = self.maps[map_name].language
        return chosen or ("zh" if "zh" in self.languages else "en")

    @property
    def level_names(self) -> tuple[str, ...]:
        """Names of the administrative levels, from the top."""
        return tuple(level.name for level in self.levels)
