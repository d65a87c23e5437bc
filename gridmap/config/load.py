"""From TOML text to a `ProjectSpec`, with a suggestion for every misspelling."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from gridmap.config import texts
from gridmap.config.loose_ends import loose_ends
from gridmap.config.quoting import escaped
from gridmap.config.spec import ProjectSpec
from gridmap.config.suggesting import suggest
from gridmap.config.texts import LANGUAGES
from gridmap.errors import ConfigError

BOM = "\ufeff"


def template_text(*, name_en: str, name_zh: str, crs: str, synthetic: bool, source: str) -> str:
    """Return the commented gridmap.toml of a new project."""
    text = resources.files("gridmap.config").joinpath("template.toml").read_text(encoding="utf-8")
    values = {
        "@NAME_EN@": escaped(name_en),
        "@NAME_ZH@": escaped(name_zh),
        "@CRS@": escaped(crs),
        "@SYNTHETIC@": "true" if synthetic else "false",
        "@SOURCE@": escaped(source),
    }
    for key, value in values.items():
        text = text.replace(key, value)
    return text


@cache
def default_spec(crs: str = "EPSG:4508") -> ProjectSpec:
    """Return the settings that ``gridmap new`` writes."""
    text = template_text(name_en="border area", name_zh="边境区域", crs=crs, synthetic=False, source="")
    return parse_spec(text, where="template.toml")


def load_spec(path: Path) -> ProjectSpec:
    """Read and check a gridmap.toml.

    Raises
    ------
    ConfigError
        GM102 if the file is not TOML, GM103 if it does not hold together.
    """
    return parse_spec(settings_text(path), where=str(path))


def settings_text(path: Path) -> str:
    """Return the text of a gridmap.toml as it stands: its line ends, and a byte order mark if it has one.

    Raises
    ------
    ConfigError
        GM102 if it cannot be read or is not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            "GM102", f"{path.name} cannot be read", where=str(path), fix="give a UTF-8 file that you may read"
        ) from error


def parse_spec(text: str, *, where: str) -> ProjectSpec:
    """Check the text of a gridmap.toml; `where` names it in errors."""
    try:
        # A byte order mark is what some Windows editors put in front.
        raw = tomllib.loads(text.removeprefix(BOM))
    except (ValueError, RecursionError) as error:
        # Not only its own error: an integer of 5,000 digits, tables nested without end.
        raise ConfigError(
            "GM102", f"not TOML: {error}", where=where, fix="correct the line it names"
        ) from error
    try:
        parsed = ProjectSpec.model_validate(raw, context={"languages": _languages(raw)})
    except ValidationError as error:
        raise _from_pydantic(error, where) from error
    for path, what, fix in loose_ends(parsed):
        raise ConfigError("GM103", what, where=f"{where}: {path}", fix=fix)
    return parsed


def _languages(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the languages that every text must be in; what is none is told with the other faults."""
    named = raw.get("languages")
    sound = isinstance(named, list) and all(isinstance(one, str) for one in named)
    return tuple(named) if sound and named else LANGUAGES


def _from_pydantic(error: ValidationError, where: str) -> ConfigError:
    faults = error.errors(include_url=False)
    # A misspelt key shows twice, as unknown and as missing: the unknown one has the better fix.
    first = next((fault for fault in faults if fault["type"] == "extra_forbidden"), faults[0])
    path = [part for part in first["loc"] if part != "[key]"]
    dotted = ".".join(str(part) for part in path) or "the whole file"
    if first["type"] == "extra_forbidden":
        fix = suggest(str(path[-1]), _known_keys())
        return ConfigError("GM103", f"unknown key {path[-1]}", where=f"{where}: {dotted}", fix=fix)
    if first["type"] == "missing":
        return ConfigError(
            "GM103", f"the key {path[-1]} is missing", where=f"{where}: {dotted}", fix=f"add {path[-1]}"
        )
    message = str(first["msg"]).removeprefix("Value error, ")
    return ConfigError(
        "GM103", f"{dotted}: {message}", where=f"{where}: {dotted}", fix="see docs/reference/config.md"
    )


def _known_keys() -> set[str]:
    """Return every key that some table of gridmap.toml may have."""
    found: set[str] = set()
    waiting: list[type[BaseModel]] = [texts.Frozen]
    while waiting:
        model = waiting.pop()
        waiting.extend(model.__subclasses__())
        found.update(field.alias or name for name, field in model.model_fields.items())
    return found
