"""From TOML text to a `ProjectSpec`, with a suggestion for every misspelling."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import pyproj
from pydantic import BaseModel, ValidationError
from pyproj.exceptions import CRSError

from gridmap import registry
from gridmap.config import spec as settings
from gridmap.config.quoting import escaped
from gridmap.config.spec import LANGUAGES, RESULT_TABLES, ProjectSpec
from gridmap.errors import ConfigError

BOM = "\ufeff"


def suggest(word: str, known: Iterable[str]) -> str:
    """Return the likeliest correction as a phrase, or the list of what there is."""
    options = sorted(known)
    close = difflib.get_close_matches(word, options, n=1, cutoff=0.5)
    return f"did you mean {close[0]}?" if close else "one of: " + ", ".join(options)


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
    for path, what, fix in _loose_ends(parsed):
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
    waiting: list[type[BaseModel]] = [settings.Frozen]
    while waiting:
        model = waiting.pop()
        waiting.extend(model.__subclasses__())
        found.update(field.alias or name for name, field in model.model_fields.items())
    return found


def _loose_ends(spec: ProjectSpec) -> Iterator[tuple[str, str, str]]:
    """Yield (path, what, fix) for every name that leads nowhere."""
    yield from _bad_crs(spec.crs)
    yield from _unknown_rules(spec)
    yield from _unknown_references(spec)
    yield from _unknown_audience_columns(spec)
    if spec.layers.area.jurisdiction not in spec.level_names:
        word = spec.layers.area.jurisdiction
        yield "layers.area.jurisdiction", f"no such level: {word}", suggest(word, spec.level_names)
    for name, one in spec.maps.items():
        for overlay in one.overlays:
            if overlay not in registry.names("overlays"):
                fix = suggest(overlay, registry.names("overlays"))
                yield f"maps.{name}.overlays", f"no such overlay: {overlay}", fix


def _bad_crs(crs: str) -> Iterator[tuple[str, str, str]]:
    try:
        parsed = pyproj.CRS.from_user_input(crs)
    except CRSError:
        yield "crs", f"no such coordinate reference system: {crs}", "use an EPSG code, e.g. EPSG:4508"
        return
    metric = all(axis.unit_conversion_factor == 1 for axis in parsed.axis_info[:2])
    if not parsed.is_projected or not metric:
        yield "crs", f"{crs} is not projected in metres", "use a projected metric CRS, e.g. EPSG:4508"


def _unknown_rules(spec: ProjectSpec) -> Iterator[tuple[str, str, str]]:
    known = registry.names("rules")
    for position, used in enumerate(spec.rules):
        if used.rule not in known:
            yield f"rules.{position}.rule", f"no such rule: {used.rule}", suggest(used.rule, known)
        for kind in used.kinds:
            if kind not in spec.kinds:
                yield f"rules.{position}.kinds", f"no such kind: {kind}", suggest(kind, spec.kinds)


def _unknown_references(spec: ProjectSpec) -> Iterator[tuple[str, str, str]]:
    for name, kind in spec.kinds.items():
        for column, one in kind.columns.items():
            if one.references is None:
                continue
            target, _, target_column = one.references.partition(".")
            path = f"kinds.{name}.columns.{column}.references"
            if target not in spec.kinds:
                yield path, f"no such kind: {target}", suggest(target, spec.kinds)
            elif target_column and target_column not in spec.kinds[target].columns:
                known = spec.kinds[target].columns
                yield path, f"no such column: {one.references}", suggest(target_column, known)


def _unknown_audience_columns(spec: ProjectSpec) -> Iterator[tuple[str, str, str]]:
    for name, audience in spec.audiences.items():
        for table, columns in audience.columns.items():
            path = f"audiences.{name}.columns.{table}"
            if table in RESULT_TABLES:
                continue
            if table not in spec.kinds:
                yield path, f"no such kind: {table}", suggest(table, [*spec.kinds, *RESULT_TABLES])
                continue
            known = {"id", *spec.kinds[table].columns}
            for column in columns:
                if column not in known:
                    yield path, f"no such column: {table}.{column}", suggest(column, known)
