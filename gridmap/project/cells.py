"""The grid of an area: made, renewed, and stored."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from pydantic import ValidationError

from gridmap import geo
from gridmap.analyse import cells
from gridmap.config.travel import GridSpec
from gridmap.errors import AssignmentError, ConfigError, StoreLocked
from gridmap.store import conform

if TYPE_CHECKING:
    from gridmap.config import ProjectSpec
    from gridmap.project.area import Area

KIND = "cell"
GACHA_DIGITS = 12
SHOWN = 20
NEEDED = ("gacha", "form", "predecessors")
LINES = (
    'add to gridmap.toml [kinds.cell] with geometry = "polygon", a title and the text columns gacha, form '
    "and predecessors, as in a new project; and to the audiences that may see it "
    'cell = ["id", "gacha", "form", "predecessors", "status"]'
)


@dataclass(frozen=True)
class Grid:
    """The grid of an area, made or renewed; nothing is stored before `save`.

    Parameters
    ----------
    area : Area
        What it was made from.
    recipe : Recipe
        How: ``recipe.form``, ``recipe.size_m``, ``recipe.households``.
    changes : Renewed
        ``changes.added``, ``changes.retired``, ``changes.kept``: codes; ``changes.rows``: every row.
    revision : str
        The revision of the data that it was made from.
    """

    area: Area
    recipe: cells.Recipe
    changes: cells.Renewed
    revision: str

    def __repr__(self) -> str:
        made = self.changes
        return (
            f"<gridmap.Grid, {self.recipe.text}: {len(made.added)} added, {len(made.retired)} retired, "
            f"{len(made.kept)} kept>"
        )

    @property
    def cells(self) -> gpd.GeoDataFrame:
        """The cells in use, in the order of their codes."""
        rows = self.changes.rows
        return gpd.GeoDataFrame(rows[cells.is_active(rows["status"])].reset_index(drop=True))

    def save(self) -> str:
        """Store what changed, in one action that `Area.undo` takes back; return the revision.

        Where nothing changed nothing is written, not even to the log.

        Raises
        ------
        StoreLocked
            GM301 if the data are not those any more that the grid was made from.
        """
        if not self.changes.touched:
            return self.revision
        store = self.area.store
        if store.revision() != self.revision:
            raise StoreLocked(
                "GM301",
                "the data have changed since the grid was made",
                where="cell",
                fix="make the grid again",
            )
        rows = self.changes.rows
        touched = gpd.GeoDataFrame(rows[rows["id"].isin(self.changes.touched)].reset_index(drop=True))
        revision = store.upsert(KIND, conform(touched, KIND, self.area.spec), action="grid")
        self.area.write_log(
            "grid",
            table=KIND,
            form=self.recipe.text,
            added=len(self.changes.added),
            retired=len(self.changes.retired),
            kept=len(self.changes.kept),
        )
        return revision


def make_grid(
    area: Area, *, form: str | None = None, size_m: float | None = None, households: int | None = None
) -> Grid:
    """Divide every gacha into cells; cells that have not changed keep their codes.

    Parameters
    ----------
    area : Area
        The project.
    form : {"squares", "merged"}, optional
        Instead of ``grid.form`` of gridmap.toml.
    size_m : float, optional
        Side of a square in metres, instead of ``grid.size_m``.
    households : int, optional
        How many a merged cell should hold, instead of ``grid.households``.

    Returns
    -------
    Grid
        ``grid.save()`` stores it.

    Raises
    ------
    ConfigError
        GM105 if the project has no kind ``cell``; GM103 if its lowest level has no codes of 12 digits, or a
        gacha has more cells than serials; GM106 for a setting that is out of bounds.
    AssignmentError
        GM502 if there is no gacha.
    """
    require_kind(area.spec)
    recipe = _recipe(area.spec, form, size_m, households)
    revision = area.store.revision()
    gachas = _gachas(area.store.read("admin"), area.spec)
    homes = area.store.read("household") if "household" in area.spec.kinds else None
    xy = np.empty((0, 2)) if homes is None else geo.point_xy(homes.geometry)
    return Grid(area, recipe, cells.renew(gachas, recipe, xy, area.store.read(KIND)), revision)


def require_kind(spec: ProjectSpec) -> None:
    """Refuse a project without a kind ``cell`` as the grid needs it.

    Raises
    ------
    ConfigError
        GM105, with the lines to add.
    """
    kind = spec.kinds.get(KIND)
    if kind is None or kind.geometry != "polygon" or not set(NEEDED) <= set(kind.columns):
        raise ConfigError(
            "GM105", "the project has no kind cell for the grid", where="gridmap.toml: kinds", fix=LINES
        )


def _recipe(
    spec: ProjectSpec, form: str | None, size_m: float | None, households: int | None
) -> cells.Recipe:
    if form is not None and form not in cells.FORMS:
        raise ConfigError(
            "GM106", f"no such form of cells: {form}", where="form", fix="one of: " + ", ".join(cells.FORMS)
        )
    given = {"form": form, "size_m": size_m, "households": households}
    wanted = {**spec.grid.model_dump(), **{key: value for key, value in given.items() if value is not None}}
    try:
        sound = GridSpec.model_validate(wanted)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = str(first["loc"][0])
        raise ConfigError(
            "GM106",
            f"{key} does not fit: {first['msg']}",
            where=key,
            fix="see docs/reference/config.md: grid",
        ) from error
    merged = sound.form == "merged"
    return cells.Recipe(
        "merged" if merged else "squares", float(sound.size_m), sound.households, sound.sparse_share
    )


def _gachas(admin: pd.DataFrame, spec: ProjectSpec) -> list[cells.Gacha]:
    """Return the areas of the lowest level, one for each code; what has no usable outline is left out."""
    level = spec.levels[-1].name
    rows = admin[admin["level"].eq(level).fillna(value=False)]
    shapes: dict[str, list[Any]] = {}
    for code, shape in zip(rows["code"], rows.geometry, strict=True):
        outline = geo.polygons_of(shape)
        if not outline.is_empty and isinstance(code, str):
            shapes.setdefault(code, []).append(outline)
    if not shapes:
        raise AssignmentError(
            "GM502",
            f"there is no {level} to divide into cells",
            where=f"admin (level {level})",
            fix="bring the areas in with: gridmap import FILE --as admin",
        )
    _refuse_strange(rows, shapes, level, private="code" in spec.kinds["admin"].private)
    return [
        cells.Gacha(code, geo.jurisdiction(np.array(own, dtype=object)) if len(own) > 1 else own[0])
        for code, own in sorted(shapes.items())
    ]


def _refuse_strange(rows: pd.DataFrame, codes: Collection[str], level: str, *, private: bool) -> None:
    """Refuse codes that no cell's code can begin with, and name them: by their rows where they are private.

    Raises
    ------
    ConfigError
        GM103.
    """
    strange = {code for code in codes if not (len(code) == GACHA_DIGITS and _digits(code))}
    if not strange:
        return
    held = rows[rows["code"].isin(strange)]
    ids = sorted(held["id"].tolist())
    named, where = (ids, "admin") if private else (sorted(strange), "admin.code")
    more = f" and {len(named) - SHOWN:,} more" if len(named) > SHOWN else ""
    fix = f"correct each of them, e.g. gridmap edit admin {ids[0]} code=CODE, with a code of 12 digits"
    if len(strange) == len(codes):
        fix = (
            f"no {level} has such a code: the grid is for areas with Chinese statistical codes "
            "(6 digits of the county, 3 of the township, 3 of the gacha); bring those in, or do without it"
        )
    raise ConfigError(
        "GM103",
        f"cells have codes of 15 digits, and need ones of 12 at the lowest level, {level}",
        where=f"{where}: {', '.join(named[:SHOWN])}{more}",
        fix=fix,
    )


def _digits(text: str) -> bool:
    return text.isascii() and text.isdecimal()
