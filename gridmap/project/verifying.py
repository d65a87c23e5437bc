"""Look at a product again: whether it is still what was made, and may still be handed on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gridmap import publish
from gridmap.errors import ConfigError, GridmapError, InputError, PublishError
from gridmap.project import leaving, log, seasons
from gridmap.project.figured import Analysis
from gridmap.publish import Manifest, Record

if TYPE_CHECKING:
    from gridmap.model.recipe import Recipe
    from gridmap.project.area import Area
    from gridmap.project.plan import Plan

# Looking into a file takes some times its size in memory.
LARGEST = 4 << 30
NO_LINE = "the log has no line of it: it was made elsewhere, or changed together with its manifest"
NOTHING = Analysis({}, {}, {})
NOT_ANEW = "what it shows cannot be made anew from the project as it is now: it was looked into without that"


@dataclass(frozen=True, slots=True)
class Verified:
    """What became of a product since it was made.

    Parameters
    ----------
    path : Path
        The product.
    matches : bool
        Whether its bytes are those that the manifest tells of, and the manifest the one the log tells of.
    clean : bool
        Whether the guard finds nothing in it that its audience may not see, by the data as they are now.
    columns : tuple of str
        What the guard found, by column.
    audience : str
        Whom the manifest says it is for.
    unit : str or None
        The unit that it is for.
    same_data : bool
        Whether data and settings are still those that it was made from.
    notes : tuple of str
        What a reader should know besides.
    """

    path: Path
    matches: bool
    clean: bool
    columns: tuple[str, ...]
    audience: str
    unit: str | None
    same_data: bool
    notes: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether it is what was made, and may still be handed on."""
        return self.matches and self.clean

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {**asdict(self), "path": str(self.path), "columns": [*self.columns], "notes": [*self.notes]}


def verify(area: Area, path: Path) -> Verified:
    """Compare a product with its manifest, and run the guard again with the data as they are now.

    Parameters
    ----------
    area : Area
        The project that it was made from.
    path : Path
        The product; its manifest is beside it.

    Raises
    ------
    PublishError
        GM604 if the manifest is missing or cannot be read.
    InputError
        GM202 if the product cannot be read.
    ConfigError
        GM109 if the project has no such audience any more.
    """
    manifest = publish.read_manifest(publish.manifest_path(path))
    data = _bytes_of(path)
    differs = _differences(data, manifest)
    told = _told(area, manifest)
    if told and manifest.sha256 not in {line.get("manifest") for line in told}:
        differs = (*differs, "the manifest is not the one that the log tells of: it was changed")
    found, same, gone = _looked_into(area, data, path.name, manifest)
    return Verified(
        path=path,
        matches=not differs,
        clean=found is None,
        columns=found.columns if found else (),
        audience=manifest.audience,
        unit=manifest.unit,
        same_data=same,
        notes=(
            *differs,
            # Without a column it is that the bytes cannot be looked into, or would not be published at all.
            *([found.what] if found and not found.columns else []),
            *gone,
            *_besides(path, manifest, made_here=bool(told) or area.folder is None),
        ),
    )


def _bytes_of(path: Path) -> bytes:
    try:
        # Not a device or a pipe, which would never end.
        if path.is_file() and path.stat().st_size <= LARGEST:
            return path.read_bytes()
    except OSError as error:
        raise _unreadable(path) from error
    raise _unreadable(path)


def _unreadable(path: Path) -> InputError:
    return InputError(
        "GM202",
        "there is no product that can be read",
        where=str(path),
        fix="name the file that a product was left in; none is larger than 4 GiB",
    )


def _differences(data: bytes, manifest: Manifest) -> tuple[str, ...]:
    """Say how a file differs from the one that its manifest tells of."""
    told = manifest.output
    if len(data) != told.bytes:
        return (f"it has {len(data):,} bytes, and its manifest tells of {told.bytes:,}",)
    if hashlib.sha256(data).hexdigest() != told.sha256:
        return ("its bytes are not those that its manifest tells of",)
    return ()


def _told(area: Area, manifest: Manifest) -> list[dict[str, Any]]:
    """Return the lines of the log about products with the bytes that a manifest tells of."""
    return [line for line in log.lines(area.folder) if line.get("sha256") == manifest.output.sha256]


def _looked_into(
    area: Area, data: bytes, name: str, manifest: Manifest
) -> tuple[PublishError | None, bool, tuple[str, ...]]:
    """Return why the bytes would not be left today, if so, whether the data are still the same, and notes."""
    recipe, same = manifest.recipe, False
    gone: tuple[str, ...] = ()
    try:
        plan, gone = _plan_now(area, recipe)
        analysis, gone = (NOTHING, gone) if gone else _analysis_now(area, recipe, plan)
        now = leaving.material(area, recipe, plan, analysis=analysis, keep=False)
        same = not gone and _same(manifest, now)
        publish.guard(data, leaving.withheld(area, now), where=name)
    except PublishError as error:
        return error, same, gone
    return None, same, gone


def _plan_now(area: Area, recipe: Recipe) -> tuple[Plan | None, tuple[str, ...]]:
    """Return the plan that a product would be made from; that of the year where its season is gone."""
    try:
        return leaving.plan_for(area, recipe), ()
    except ConfigError as error:
        if seasons.OPTION not in recipe.options:
            raise
        yearly = {name: one for name, one in recipe.options.items() if name != seasons.OPTION}
        return leaving.plan_for(area, replace(recipe, options=yearly)), _not_anew(error)


def _analysis_now(area: Area, recipe: Recipe, plan: Plan | None) -> tuple[Analysis | None, tuple[str, ...]]:
    """Return what a product would be made from besides; nothing where that cannot be made any more."""
    try:
        return leaving.analysed(area, recipe, plan), ()
    except (GridmapError, KeyError, ValueError) as error:
        # Also numbers and names of a recipe that are none: a manifest is a file like any other.
        return NOTHING, _not_anew(error)


def _not_anew(error: Exception) -> tuple[str, ...]:
    why = f" ({error.code}: {error.what})" if isinstance(error, GridmapError) else ""
    return (NOT_ANEW + why,)


def _same(manifest: Manifest, now: Record) -> bool:
    """Say whether a product of now would be made from the same data and settings."""
    # Nobody knows whether what was changed outside gridmap is the same still.
    known = manifest.input.data is not None and not manifest.input.changed_outside
    return known and publish.input_of(now) == manifest.input


def _besides(path: Path, manifest: Manifest, *, made_here: bool) -> Iterator[str]:
    if not made_here:
        yield NO_LINE
    if manifest.product != path.name:
        yield f"it was called {manifest.product} when it was made"
