"""Names in gridmap.toml that lead nowhere: what the models of single tables cannot see."""

from __future__ import annotations

from collections.abc import Iterator

import pyproj
from pyproj.exceptions import CRSError

from gridmap import registry
from gridmap.config.audience_ends import audience_ends
from gridmap.config.basemap import misplaced
from gridmap.config.spec import ProjectSpec
from gridmap.config.suggesting import suggest

BASEMAP = "basemap"


def loose_ends(spec: ProjectSpec) -> Iterator[tuple[str, str, str]]:
    """Yield (path, what, fix) for every name that leads nowhere."""
    yield from _bad_crs(spec.crs)
    yield from _unknown_rules(spec)
    yield from _unknown_references(spec)
    yield from audience_ends(spec)
    if spec.layers.area.jurisdiction not in spec.level_names:
        word = spec.layers.area.jurisdiction
        yield "layers.area.jurisdiction", f"no such level: {word}", suggest(word, spec.level_names)
    for name, one in spec.maps.items():
        for overlay in one.overlays:
            if overlay not in registry.names("overlays"):
                fix = suggest(overlay, registry.names("overlays"))
                yield f"maps.{name}.overlays", f"no such overlay: {overlay}", fix
        yield from _basemap(spec, name)
    for name, scenario in spec.scenarios.items():
        if scenario.season is not None and scenario.season not in spec.seasons:
            fix = suggest(scenario.season, spec.seasons)
            yield f"scenarios.{name}.season", f"no such season: {scenario.season}", fix


def _basemap(spec: ProjectSpec, name: str) -> Iterator[tuple[str, str, str]]:
    chosen = spec.maps[name].basemap
    if chosen is None:
        return
    path = f"maps.{name}.basemap"
    for key, what, fix in misplaced(chosen, spec.crs):
        yield f"{path}.{key}", what, fix
    for audience in chosen.audiences:
        if audience not in spec.audiences:
            yield f"{path}.audiences", f"no such audience: {audience}", suggest(audience, spec.audiences)
    if BASEMAP not in spec.maps[name].overlays:
        what = "the map has a basemap, and does not draw it"
        yield f"maps.{name}.overlays", what, f'put "{BASEMAP}" first among them'


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
