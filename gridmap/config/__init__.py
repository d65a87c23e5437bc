"""gridmap.toml: read, checked as a whole, and written for a new project."""

from gridmap.config.load import default_spec, load_spec, parse_spec, settings_text, template_text
from gridmap.config.spec import (
    COMMON_COLUMNS,
    RESULT_TABLES,
    AudienceSpec,
    ColumnSpec,
    KindSpec,
    MapSpec,
    ProjectSpec,
    RuleSpec,
    Text,
)

CONFIG_NAME = "gridmap.toml"
STORE_NAME = "border.gpkg"
LOG_NAME = "log.jsonl"

__all__ = [
    "COMMON_COLUMNS",
    "CONFIG_NAME",
    "LOG_NAME",
    "RESULT_TABLES",
    "STORE_NAME",
    "AudienceSpec",
    "ColumnSpec",
    "KindSpec",
    "MapSpec",
    "ProjectSpec",
    "RuleSpec",
    "Text",
    "default_spec",
    "load_spec",
    "parse_spec",
    "settings_text",
    "template_text",
]
