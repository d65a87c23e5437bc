"""Between a profile of gridmap.toml and the options of one reading."""

from __future__ import annotations

from dataclasses import replace

from gridmap.config import CONFIG_NAME, ProjectSpec
from gridmap.config.imports import ProfileSpec
from gridmap.config.suggesting import suggest
from gridmap.errors import ConfigError
from gridmap.exchange.options import ReadOptions


def with_profile(options: ReadOptions, spec: ProjectSpec, name: str) -> ReadOptions:
    """Return options with a profile's values where the caller said nothing.

    Parameters
    ----------
    options : ReadOptions
        What the caller says; it counts before the profile. Who says what coordinates are in (``crs`` or
        ``datum``) says it instead of the profile, axes included.
    spec : ProjectSpec
        Settings with the profile.
    name : str
        Name of the profile.

    Returns
    -------
    ReadOptions
        Headers that only the profile knows are added to the caller's ``columns``.

    Raises
    ------
    ConfigError
        GM105 if there is no such profile.
    """
    profile = spec.imports.profiles.get(name)
    if profile is None:
        known = spec.imports.profiles
        raise ConfigError(
            "GM105",
            f"no such profile: {name}",
            where=f"{CONFIG_NAME}: imports.profiles",
            fix=suggest(name, known) if known else "save one with --save-profile NAME",
        )
    said = options.crs is not None or options.datum is not None
    asked = {column for column in options.columns.values() if column}
    of_profile = None if "id" in asked else profile.id
    columns = {header: column for header, column in profile.columns.items() if column not in asked}
    return replace(
        options,
        layer=options.layer if options.layer is not None else profile.layer,
        crs=options.crs if said else profile.crs,
        datum=options.datum if said else profile.datum,
        swap_axes=options.swap_axes or (not said and profile.swap_axes),
        encoding=options.encoding if options.encoding is not None else profile.encoding,
        columns={**columns, **options.columns},
        constants={**profile.set, **options.constants},
        id_column=options.id_column if options.id_column is not None else of_profile,
    )


def profile_of(options: ReadOptions) -> ProfileSpec:
    """Return what options say about files of this sort, to be kept under a name.

    ``drop_refused``, ``repair`` and ``strict`` are decided anew for each file and are not kept.
    """
    return ProfileSpec(
        columns=dict(options.columns),
        set=dict(options.constants),
        id=options.id_column,
        crs=options.crs,
        datum=options.datum,
        swap_axes=options.swap_axes,
        encoding=options.encoding,
        layer=options.layer,
    )
