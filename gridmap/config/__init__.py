"""gridmap.toml: read, checked as a whole, and written for a new project."""

from gridmap.config.analysis import ANALYSIS_COLUMNS, ANALYSIS_TABLES, sees_analysis, unseen
from gridmap.config.audiences import AudienceSpec, RedactionSpec
from gridmap.config.basemap import BasemapSpec
from gridmap.config.load import default_spec, load_spec, parse_spec, settings_text, template_text
from gridmap.config.spec import (
    COMMON_COLUMNS,
    RESULT_TABLES,
    ColumnSpec,
    KindSpec,
    MapSpec,
    ProjectSpec,
    RuleSpec,
)
from gridmap.config.texts import Text

CONFIG_NAME = "gridmap.toml"
STORE_NAME = "border.gpkg"
LOG_NAME = "log.jsonl"
RELEASES_NAME = "releases.json"

__all__ = [
    "ANALYSIS_COLUMNS",
    "ANALYSIS_TABLES",
    "COMMON_COLUMNS",
    "CONFIG_NAME",
    "LOG_NAME",
    "RELEASES_NAME",
    "RESULT_TABLES",
    "STORE_NAME",
    "AudienceSpec",
    "BasemapSpec",
    "ColumnSpec",
    "KindSpec",
    "MapSpec",
    "ProjectSpec",
    "RedactionSpec",
    "RuleSpec",
    "Text",
    "default_spec",
    "load_spec",
    "parse_spec",
    "sees_analysis",
    "settings_text",
    "template_text",
    "unseen",
]
