"""A quick look at any frame, in a notebook, without a project and without a network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS, Transformer

import gridmap
from gridmap.config import default_spec
from gridmap.config.refusals import refused_columns
from gridmap.config.suggesting import suggest
from gridmap.errors import ConfigError, InputError
from gridmap.exchange.vocabulary import column_words, fold
from gridmap.project.product import framed
from gridmap.render.quick import Floats, Said, quick_scene
from gridmap.render.words import both, word
from gridmap.store import write_file

LANGUAGES = ("zh", "en")
PRIVATE = "private in the settings of a new project"


@dataclass(frozen=True)
class Shown:
    """A quick look: shows inline as the last value of a cell; `save` writes it.

    Parameters
    ----------
    page : str
        The page: one file, no network.
    notes : tuple of str
        What is not in it, and why.
    """

    page: str = field(repr=False)
    notes: tuple[str, ...] = ()

    def save(self, path: str | Path, *, force: bool = True) -> Path:
        """Write the page; with ``force=False`` an existing file is refused (GM104).

        It is no product: it has no audience, no manifest, and nothing in it was cleared.
        """
        target = Path(path)
        if target.exists() and not force:
            raise ConfigError(
                "GM104", "a file is in the way", where=str(target), fix="give another name, or force=True"
            )
        return write_file(target, self.page)

    def _repr_html_(self) -> str:
        return framed(self.page)


def show(
    frame: gpd.GeoDataFrame,
    *,
    title: str | None = None,
    columns: Iterable[Any] | None = None,
    language: str | None = None,
) -> Shown:
    """Show any frame on a map, safely: nothing in it runs, and nobody's identity is in the page.

    It is for the eyes of whoever holds the frame: a quick look, not a product. Maps to hand on are made for
    an audience, with `Area.map`.

    Parameters
    ----------
    frame : GeoDataFrame, n rows
        Any geometries, any index, any stated CRS; not changed.
    title : str, optional
        What the page is called.
    columns : iterable, optional
        What is shown of a row beside its place. Without it: every column but those that the settings of a new
        project keep private (names and contacts of households), by name or by a word for them.
    language : {"zh", "en"}, optional
        What the page opens in; Chinese if left out.

    Returns
    -------
    Shown
        Shows inline in a notebook; ``.save(path)`` writes the page; ``.notes`` say what is left out.

    Raises
    ------
    InputError
        GM201 if the frame has no CRS; GM203 if its CRS has no degrees; GM204 if `columns` names one that
        gridmap shows to nobody (identity numbers, ethnicity, religion and the like): left out otherwise.
    ConfigError
        GM105 if `columns` names one that is not there; GM106 for another language.

    Notes
    -----
    Positions are transformed to degrees of the CRS's own datum (pyproj), and rounded to six decimals.
    """
    from gridmap.render.backends.folium import to_html  # noqa: PLC0415 - heavy, and only drawing needs it

    opens_in = _language(language)
    move, crs = _to_degrees(frame)
    geoms = np.asarray(frame.geometry.to_numpy(), dtype=object)
    chosen, refused, private = _chosen(frame, columns, geoms)
    names = _unlike(frame, chosen)
    called = word("show.title") if title is None else both(str(title))
    scene = quick_scene(
        {name: frame.iloc[:, at] for name, at in zip(names, chosen, strict=True)},
        geoms,
        move,
        said=Said(called, opens_in, crs, gridmap.__version__, (*refused, *private)),
    )
    notes = [f"left out: {name} ({reason})" for name, reason in {**refused, **private}.items()]
    return Shown(to_html(scene), tuple(notes))


def _language(language: str | None) -> Literal["en", "zh"]:
    if language is not None and language not in LANGUAGES:
        raise ConfigError(
            "GM106", f"no page opens in {language}", where="language=", fix="one of: " + ", ".join(LANGUAGES)
        )
    return cast('Literal["en", "zh"]', language or LANGUAGES[0])


def _to_degrees(frame: gpd.GeoDataFrame) -> tuple[Callable[[Floats], Floats], str]:
    """Return what turns the frame's coordinates into degrees, lon then lat, and what the frame is in."""
    if not isinstance(frame, gpd.GeoDataFrame) or frame.crs is None:
        raise InputError(
            "GM201",
            "the frame has no coordinate reference system",
            where="the frame to show",
            fix="say which with .set_crs(), e.g. frame.set_crs(4490)",
        )
    crs: Any = frame.crs
    code = crs.to_authority()
    called = ":".join(code) if code else str(crs.name)
    if crs.is_geographic and all(one.unit_name == "degree" for one in crs.axis_info[:2]):
        return lambda xy: xy, called
    base = CRS.from_epsg(4326) if crs.is_geographic else crs.geodetic_crs
    if base is None or not (crs.is_projected or crs.is_geographic):
        raise InputError(
            "GM203",
            f"{called} leads to no degrees",
            where="the frame to show",
            fix="bring it to a projected or geographic CRS with .to_crs()",
        )
    transformer = Transformer.from_crs(crs, base, always_xy=True)
    return lambda xy: np.column_stack(transformer.transform(xy[:, 0], xy[:, 1])), called


def _chosen(
    frame: gpd.GeoDataFrame, columns: Iterable[Any] | None, geoms: np.ndarray[Any, np.dtype[Any]]
) -> tuple[list[int], dict[str, str], dict[str, str]]:
    """Return positions of the columns to show, and the names of those that are not, with the reason."""
    plain = [at for at, kind in enumerate(frame.dtypes) if not _is_geometry(kind)]
    names = {at: str(frame.columns[at]) for at in plain}
    refused = refused_columns(names.values())
    if columns is None:
        hidden = _private(geoms)
        private = {name: PRIVATE for name in names.values() if fold(name) in hidden and name not in refused}
        return [at for at in plain if names[at] not in {*refused, *private}], refused, private
    wanted = [str(one) for one in ([columns] if isinstance(columns, str) else columns)]
    for one in wanted:
        if one in refused:
            raise InputError(
                "GM204",
                f"the column {one} is refused ({refused[one]}): it is shown to nobody",
                where="columns=",
                fix="leave it out; gridmap keeps places and duties, not what people are",
            )
        if one not in names.values():
            raise ConfigError(
                "GM105", f"no such column: {one}", where="columns=", fix=suggest(one, sorted(names.values()))
            )
    return [at for one in dict.fromkeys(wanted) for at in plain if names[at] == one], refused, {}


def _is_geometry(kind: Any) -> bool:
    return str(kind) == "geometry"


def _private(geoms: np.ndarray[Any, np.dtype[Any]]) -> frozenset[str]:
    """Return folded names of columns that are private in a kind that the frame may hold rows of."""
    types = set(np.unique(shapely.get_type_id(geoms)).tolist()) - {-1}
    return _private_words("point") if not types or types & {0, 4, 7} else _private_words("none")


@cache
def _private_words(geometry: str) -> frozenset[str]:
    """Return words for private columns; a ``name`` is a person's where the rows may be homes.

    A word that only a person's name has (户主, householder) counts for frames of any geometry.
    """
    kinds = default_spec().kinds
    public = {fold(word) for word in _words_of(kinds.items(), private=False)}
    found = set()
    for kind, schema in kinds.items():
        words = {fold(word) for word in _words_of([(kind, schema)], private=True)}
        found |= words if schema.geometry in {geometry, "none"} else words - public
    return frozenset(found)


def _words_of(kinds: Iterable[tuple[str, Any]], *, private: bool) -> Iterator[str]:
    """Yield names, titles and importers' words of the private columns of kinds, or of the others."""
    for kind, schema in kinds:
        wanted = {name for name, one in schema.columns.items() if one.private == private}
        yield from wanted
        for name in wanted:
            title = schema.columns[name].title
            yield from () if title is None else title.every
        yield from (said for said, column in column_words(kind, schema).items() if column in wanted)


def _unlike(frame: pd.DataFrame, chosen: list[int]) -> list[str]:
    """Return what columns are shown as: texts, and no two alike."""
    taken: set[str] = set()
    names = []
    for at in chosen:
        name = base = str(frame.columns[at])
        again = 1
        while name in taken:
            again += 1
            name = f"{base} ({again})"
        taken.add(name)
        names.append(name)
    return names
