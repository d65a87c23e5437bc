"""The data statement that every product carries, and the hash of what a plan is made from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import gridmap
from gridmap.config import CONFIG_NAME, ProjectSpec
from gridmap.errors import InputError
from gridmap.model.basemap import Basemap

# What decides an arrangement besides the data: a stored plan is stale when any of it changes.
PLAN_SETTINGS = {"crs", "layers", "rules", "levels"}
# What decides no byte of a product: who did it, and how files are read in.
NO_PRODUCT_SETTINGS = {"operator", "imports"}


def facts(
    spec: ProjectSpec, *, revision: str, audience: str, relief: str | None, basemaps: Mapping[str, Basemap]
) -> dict[str, object]:
    """Return what a product says of its data: name, CRS, revision, version, source, audience's banner."""
    named = spec.audiences.get(audience)
    return {
        "name": spec.name.model_dump(),
        "crs": spec.crs,
        "revision": revision,
        "version": gridmap.__version__,
        "source": spec.source,
        "synthetic": spec.synthetic,
        "banner": named.banner.model_dump() if named else {},
        "relief_asc": relief,
        "basemaps": basemaps,
    }


def input_hash(spec: ProjectSpec, *, revision: str) -> str:
    """Return the hash of all that decides an arrangement: the data and the rules."""
    settings = spec.model_dump_json(include=PLAN_SETTINGS)
    joined = f"{revision}\n{settings}".encode()
    return hashlib.blake2b(joined, digest_size=16).hexdigest()


def settings_hash(
    spec: ProjectSpec,
    *,
    relief: str | None,
    basemaps: Mapping[str, Basemap],
    snow: Mapping[str, str | None],
) -> str:
    """Return the hash of all that decides a product besides the data: settings, relief, basemaps, snow."""
    settings = spec.model_dump_json(exclude=NO_PRODUCT_SETTINGS)
    digest = hashlib.blake2b(f"{settings}\n{relief or ''}".encode("utf-8", "surrogatepass"), digest_size=16)
    for name in sorted(basemaps):
        digest.update(f"\n{name}\n{replace(basemaps[name], data=b'')}\n".encode("utf-8", "surrogatepass"))
        digest.update(basemaps[name].data)
    for name in sorted(snow):
        text = snow[name]
        lies = "no file" if text is None else f"a file of {len(text)}\n{text}"
        digest.update(f"\n{name}\n{lies}\n".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def snow_grids(spec: ProjectSpec, folder: Path | None) -> dict[str, str | None]:
    """Return the texts of the grids of snow by the scenarios that lay them; None where one cannot be read.

    Parameters
    ----------
    spec : ProjectSpec
        Names the files.
    folder : Path or None
        Where they are; None for an area in memory, which has none.
    """
    files = {name: one.snow_grid for name, one in spec.scenarios.items() if one.snow_grid is not None}
    return {name: None if folder is None else _text_of(folder / file) for name, file in files.items()}


def _text_of(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return None  # whoever travels through the snow is told; others do without


def read_relief(path: Path) -> str:
    """Return the text of a relief grid; whether it is one, drawing it will tell.

    Raises
    ------
    InputError
        GM202 if the file cannot be read.
    """
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise InputError(
            "GM202",
            "the relief grid cannot be read",
            where=str(path),
            fix=f"put the file there, or take relief out of {CONFIG_NAME}",
        ) from error
