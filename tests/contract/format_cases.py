"""Real and derived files in the formats that users have: how each is read, or why it is refused.

The files lie beside a developer's checkout (``shared/data/formats``); they are not part of the project. Each
case says how a person would import the file and what must come of it; `test_format_cases.py` runs them where
the folder is there, and ``docs/formats.md`` is the table that it makes. The project's own tests make small
files of the same sorts.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.config import ProjectSpec, parse_spec, template_text
from gridmap.errors import GridmapError
from gridmap.exchange import Reading, ReadOptions, read_rows
from gridmap.geo import geodesic_distance, geoms_from_lonlat, geoms_to_lonlat

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
FORMATS = DATA / "formats"
PAGE = ROOT / "docs" / "formats.md"

KINDS = """
[kinds.spot]
geometry = "point"
title = { en = "Spots", zh = "点" }
[kinds.spot.columns]
code = { type = "text", title = { en = "Code", zh = "代码" } }
name = { type = "text", title = { en = "Name", zh = "乡镇" } }

[kinds.shape]
geometry = "polygon"
title = { en = "Shapes", zh = "面" }
[kinds.shape.columns]
code = { type = "text", title = { en = "Code", zh = "代码" } }
name = { type = "text", title = { en = "Name", zh = "名称" } }

[kinds.way]
geometry = "line"
title = { en = "Ways", zh = "线" }
[kinds.way.columns]
name = { type = "text", title = { en = "Name", zh = "名称" } }

[kinds.list]
geometry = "none"
title = { en = "List", zh = "表" }
[kinds.list.columns]
name = { type = "text", title = { en = "Name", zh = "名称" } }
"""


def spec(crs: str = "EPSG:4508") -> ProjectSpec:
    text = template_text(name_en="formats", name_zh="格式", crs=crs, synthetic=False, source="")
    return parse_spec(text + KINDS, where="the cases")


@functools.cache
def seats() -> gpd.GeoDataFrame:
    return gpd.read_file(DATA / "region" / "township_seats_150223.geojson").set_index("name")


@functools.cache
def jurisdiction() -> Any:
    banner = gpd.read_file(DATA / "region" / "banner_150223_amap_wgs84.geojson").geometry.to_numpy()
    return shapely.union_all(geoms_from_lonlat(banner, "EPSG:4508"))


Check = Callable[[Reading], str]


@dataclass(frozen=True)
class Case:
    """A file, what a person types, and what must come of it.

    ``refused`` is the code of the error; ``check`` says in words what it found to hold, or fails.
    """

    file: str
    kind: str
    options: dict[str, Any] = field(default_factory=dict)
    check: Check | None = None
    refused: str = ""
    says: tuple[str, ...] = ()
    crs: str = "EPSG:4508"
    inside: bool = True

    @property
    def typed(self) -> str:
        words = []
        for name, value in self.options.items():
            flag = "--" + {"id_column": "id"}.get(name, name).replace("_", "-")
            if value is True:
                words.append(flag)
            elif isinstance(value, dict):
                words.append(f"{flag} " + ",".join(f"{header}={column}" for header, column in value.items()))
            else:
                words.append(f'{flag} "{value}"' if " " in str(value) else f"{flag} {value}")
        return " ".join(words)

    def run(self) -> str:
        """Import the file as the case says; return what came of it, or fail."""
        try:
            reading = read_rows(
                FORMATS / self.file,
                kind=self.kind,
                spec=spec(self.crs),
                options=ReadOptions(**self.options),
                jurisdiction=jurisdiction() if self.inside else None,
            )
        except GridmapError as error:
            return self._refused(error)
        assert not self.refused, f"{self.file} was read, and should have been refused with {self.refused}"
        assert self.check is not None
        assert reading.total == len(reading.frame) + len(reading.quarantine)
        return self.check(reading)

    def _refused(self, error: GridmapError) -> str:
        assert error.code == self.refused, f"{self.file}: {error}"
        for word in self.says:
            assert word in str(error), f"{self.file}: {word!r} is not in {error}"
        return f"refused, {error.code}: {error.what}"


def townships(metres: float, *, by: str = "name") -> Check:
    """Every township seat is there by its name, and lies where the truth says."""

    def check(reading: Reading) -> str:
        frame, truth = reading.frame, seats()
        assert not reading.faults, reading.faults
        assert sorted(frame[by]) == sorted(truth.index), sorted(frame[by])
        if "code" in frame and frame["code"].notna().any():
            assert frame["code"].tolist() == truth.loc[frame[by], "code"].tolist()
        here = shapely.get_coordinates(geoms_to_lonlat(frame.geometry.to_numpy(), "EPSG:4508"))
        there = shapely.get_coordinates(truth.loc[frame[by]].geometry.to_numpy())
        off = float(geodesic_distance(here, there, "EPSG:4508").max())
        assert off <= metres, off
        return f"{len(frame)} rows, names and codes exact, positions within {metres:g} m of the truth"

    return check


def outline(truth: str, metres: float, name: str | None) -> Check:
    """One feature whose vertices are those of the truth."""

    def check(reading: Reading) -> str:
        assert not reading.faults, reading.faults
        ways = reading.frame[~reading.frame.geometry.geom_type.isin(["Point", "MultiPoint"])]
        assert len(ways) == 1
        if name is not None:
            assert ways["name"].iloc[0] == name
        wanted = gpd.read_file(DATA / "region" / truth).geometry.to_numpy()
        here = geoms_to_lonlat(ways.geometry.to_numpy(), "EPSG:4508")
        off = shapely.hausdorff_distance(
            geoms_from_lonlat(shapely.boundary(here) if shapely.area(here[0]) else here, "EPSG:4508")[0],
            geoms_from_lonlat(shapely.boundary(wanted) if shapely.area(wanted[0]) else wanted, "EPSG:4508")[
                0
            ],
        )
        assert off <= metres, off
        return f"{len(reading.frame)} rows, texts exact, every vertex within {metres:g} m of the truth"

    return check


def rows(
    count: int, bad: int = 0, *, names: tuple[str, ...] = (), first: tuple[float, float] | None = None
) -> Check:
    """So many rows, of which so many wait in quarantine; these names; the first position."""

    def check(reading: Reading) -> str:
        assert reading.total == count, reading.total
        assert len(reading.quarantine) == bad, reading.faults
        told = [f"{count} rows"]
        if names:
            assert set(names) <= set(reading.frame["name"].dropna()), sorted(reading.frame["name"].dropna())
            told.append("texts exact (" + ", ".join(names[:2]) + ")")
        if first is not None:
            crs = reading.frame.crs.to_string()
            at = shapely.get_coordinates(geoms_to_lonlat(reading.frame.geometry.to_numpy()[:1], crs))[0]
            assert np.allclose(at, first, atol=1e-6), at
            told.append(f"first position {first[0]:g} {first[1]:g}")
        if bad:
            told.append(f"{bad} quarantined with their reason")
        return ", ".join(told)

    return check


def gcj02_outline(reading: Reading) -> str:
    """The outline in GCJ-02 lies on the one that was measured in WGS 84."""
    assert not reading.faults, reading.faults
    wanted = jurisdiction()
    here = shapely.union_all(shapely.make_valid(reading.frame.geometry.to_numpy()))
    shared = shapely.area(shapely.intersection(wanted, here)) / shapely.area(shapely.union(wanted, here))
    assert shared > 0.999, shared
    return f"{reading.total} row, {shared:.2%} of its area in common with the outline in WGS 84"


def read_json(name: str) -> Any:
    return json.loads((FORMATS / name).read_text(encoding="utf-8"))


def table(cases: list[tuple[Case, str]]) -> str:
    """Return docs/formats.md."""
    head = (
        "# Files that were tried\n\nMade by `tests/contract/test_format_cases.py`: do not edit by hand. Real "
        "public files in the formats that users have,\nand the same places written again in awkward ways; "
        "each was imported as the second column says, and compared\nwith the truth. They are not part of the "
        "project: small files of the same sorts are made by its tests.\n[Formats](reference/formats.md) "
        "says what each format holds, [Bring your own data](your-own-data.md) what to type.\n\n"
        "| file | typed | what came of it |\n|---|---|---|\n"
    )
    lines = [
        f"| `{case.file}` | `--as {case.kind}{' ' + case.typed if case.options else ''}` | {_cell(told)} |"
        for case, told in cases
    ]
    return head + "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def missing() -> list[str]:
    """Return the files of the folder that no case reads (parts of a shapefile and the like go with it)."""
    parts = {".dbf", ".shx", ".prj", ".cpg", ".dat", ".id", ".map", ".mid"}
    named = {case.file for case in cases()}
    stems = {str(Path(name).with_suffix("")) for name in named}
    found = []
    for path in sorted(FORMATS.rglob("*")):
        name = path.relative_to(FORMATS).as_posix()
        if not path.is_file() or name in named:
            continue
        if path.suffix.lower() in parts and str(Path(name).with_suffix("")) in stems:
            continue
        found.append(name)
    return found


def cases() -> list[Case]:
    from format_case_list import CASES

    return CASES


__all__ = ["Case", "cases", "gcj02_outline", "missing", "outline", "pd", "rows", "table", "townships"]
