"""Open a project, or make one: empty, demo, or in memory only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from gridmap import sample
from gridmap.config import (
    CONFIG_NAME,
    STORE_NAME,
    ProjectSpec,
    default_spec,
    load_spec,
    parse_spec,
    settings_text,
    template_text,
)
from gridmap.errors import ConfigError
from gridmap.project.area import Area
from gridmap.store import MemoryStore, conform, create_store, empty, open_store, write_file

RELIEF_NAME = "relief.asc"


def open_area(path: str | Path) -> Area:
    """Open the project in a folder.

    Raises
    ------
    ConfigError
        GM101 if the folder is not a project; GM102, GM103 if its settings do not hold together.
    StoreError
        If the store cannot be read, is newer than this gridmap, or is damaged.
    """
    folder = Path(path)
    for name in (CONFIG_NAME, STORE_NAME):
        if not (folder / name).is_file():
            raise ConfigError(
                "GM101",
                "this folder is not a gridmap project",
                where=f"{folder} has no {name}",
                fix=f"name the project's folder, or make one with: gridmap new {folder}",
            )
    spec = load_spec(folder / CONFIG_NAME)
    return Area(spec, open_store(folder / STORE_NAME, spec), folder=folder)


def new(path: str | Path, *, crs: str = "EPSG:4508", settings: str | Path | None = None) -> Area:
    """Make an empty project: a commented gridmap.toml, an empty store and a log.

    Parameters
    ----------
    path : path-like
        Folder to make.
    crs : str
        Working CRS of the template.
    settings : path-like, optional
        A gridmap.toml to begin with, taken as it is; `crs` is not asked then.

    Raises
    ------
    ConfigError
        GM104 if the folder holds anything; GM103 if the CRS is not projected and metric; GM102, GM103 if the
        settings do not hold together.
    """
    folder = Path(path)
    if settings is None:
        text = template_text(name_en=folder.name, name_zh=folder.name, crs=crs, synthetic=False, source="")
    else:
        text = settings_text(Path(settings))
    return _make(folder, text, {}, action="new", force=False)


def demo(
    path: str | Path | None = None,
    *,
    households: int = 1400,
    seed: int = 7,
    faults: bool = False,
    force: bool = False,
    progress: Callable[[str], None] | None = None,
) -> Area:
    """Make the synthetic demo area; without a path it lives in memory only.

    Parameters
    ----------
    path : path-like, optional
        Folder of the project to make.
    households : int
        How many households.
    seed : int
        Same seed, same bytes.
    faults : bool
        Plant one of each fault that a store can hold; ``area.planted`` says which. Those that no store can
        hold stand in a file beside the store, to import: ``area.unstorable`` says what each row must give.
    force : bool
        Replace a gridmap project that is in the way.
    progress : callable, optional
        Told the name of each step as it begins.
    """
    tell = progress or (lambda _step: None)
    if households < 1:
        raise ConfigError(
            "GM106", "a demo area needs households", where=f"households={households}", fix="give 1 or more"
        )
    settings = sample.demo_settings()
    spec = parse_spec(settings, where="the demo's settings")
    tell("inventing")
    clean = sample.demo_tables(households=households, seed=seed)
    tables: Mapping[str, pd.DataFrame] = clean
    planted: list[dict[str, str | None]] = []
    if faults:
        tables, planted = sample.plant_faults(clean, spec, seed=seed)
    relief = sample.relief_grid(seed=seed)
    if path is None:
        return Area(spec, MemoryStore(spec, _complete(tables, spec)), relief=relief, planted=planted)
    extra = {RELIEF_NAME: relief}
    to_import: list[dict[str, str | int]] = []
    if faults:
        extra[sample.FILE_NAME], to_import = sample.unstorable_file(clean, spec, seed=seed)
    tell("storing")
    area = _make(Path(path), settings, tables, action="demo", force=force, extra=extra)
    area.planted = planted
    area.unstorable = to_import
    return area


def memory(tables: Mapping[str, pd.DataFrame], *, spec: ProjectSpec | None = None) -> Area:
    """Make an area that lives in memory only, e.g. in a notebook.

    Parameters
    ----------
    tables : mapping of kind to frame
        Kinds left out are empty.
    spec : ProjectSpec, optional
        Settings; those of ``gridmap new`` if left out.
    """
    settings = spec or default_spec()
    return Area(settings, MemoryStore(settings, _complete(tables, settings)))


def _complete(tables: Mapping[str, pd.DataFrame], spec: ProjectSpec) -> dict[str, pd.DataFrame]:
    return {
        kind: conform(tables[kind], kind, spec) if kind in tables else empty(kind, spec)
        for kind in spec.kinds
    }


def _make(
    folder: Path,
    settings: str,
    tables: Mapping[str, pd.DataFrame],
    *,
    action: str,
    force: bool,
    extra: Mapping[str, str] | None = None,
) -> Area:
    spec = parse_spec(settings, where=str(folder / CONFIG_NAME))
    occupied = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    replaceable = force and (folder / CONFIG_NAME).is_file()
    if occupied and not replaceable:
        raise ConfigError(
            "GM104",
            "something is in the way",
            where=str(folder),
            fix="name a new or empty folder, or replace a gridmap project with --force",
        )
    folder.mkdir(parents=True, exist_ok=True)
    # The settings come last: a folder without them is not a project, so a killed run leaves none.
    store = create_store(folder / STORE_NAME, spec, _complete(tables, spec))
    for name, text in (extra or {}).items():
        write_file(folder / name, text)
    write_file(folder / CONFIG_NAME, settings)
    area = Area(spec, store, folder=folder)
    area.write_log(action)
    return area
