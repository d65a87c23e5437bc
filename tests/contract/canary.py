"""Invented projects with a canary in every text and every coordinate, and what each audience may see.

A canary is a text that stands in one cell of one row and nowhere else, and bears a mark by which it is found
in any spelling. Who may see which is worked out here from the settings, by a few lines of the tests' own.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS, Transformer

import gridmap as gm
from gridmap.config import ProjectSpec, parse_spec, template_text
from gridmap.project.plan import Plan

DTYPES = {"text": "str", "integer": "Int64", "real": "float64", "boolean": "boolean", "date": "datetime64[s]"}
# Where the projects lie: a place inside the zone of each CRS.
CENTRES = {
    "EPSG:4508": (110.61, 42.37),
    "EPSG:4525": (111.03, 42.41),
    "EPSG:32649": (110.92, 42.28),
    "EPSG:4547": (113.52, 43.07),
}
# The mark of a canary, the signs that follow it, and how many: Chinese, Latin, like a telephone number.
SCRIPTS = {
    "zh": ("龘靐", "户牧草水井桥路山河沙风雪春夏秋冬东南西北", 5),
    "latin": ("Zqv", "abcdefghkmnprstuwxyz", 7),
    "digits": ("1998", "0123456789", 7),
}
ID_MARK, ID_SIGNS, ID_LENGTH = "Kx7", "ABCDEFGHJKLMNPQRSTUVWXYZ23456789", 8
WRAPPERS = (
    "{}",
    '"{}", said twice',
    "O'{} & <b>sons</b>",
    "😀{}😀",
    "=HYPERLINK({})",
    "a\n{}\n",
    "{{{{{}}}}}",
    "\\u0041{}%41",
)
# Kinds of which a row belongs to a unit; all others are everybody's.
KEPT = ("unit", "outpost", "patrol_zone", "household", "section_plan", "camp")
# Texts that are codes, or tied to other rows: they cannot hold anything.
TIED = {"code", "level", "parent", "layer", "class", "unit", "gacha", "outpost", "household", "border_hash"}
EXTRA = ("remark", "memo", "caretaker", "second_contact")
# Decimals of a degree that the digits below a metre decide.
FIRST_DECIMAL, LAST_DECIMAL = 5, 9
# What an audience of any choice sees: without it there is nothing to draw, or to drop.
MAPPED = ("admin", "landmark")
FEW, MANY = 0.4, 0.6


@dataclass(frozen=True)
class Canary:
    """Where a canary sits."""

    kind: str
    column: str
    row: str
    private: bool


@dataclass(eq=False)
class Planted:
    """A project, and all that was planted in it.

    Parameters
    ----------
    canaries : dict
        By the text that marks them.
    ids : dict
        True ids, and the kind of each.
    """

    spec: ProjectSpec
    tables: dict[str, pd.DataFrame]
    canaries: dict[str, Canary]
    ids: dict[str, str]
    area: gm.Area = field(init=False)

    def __post_init__(self) -> None:
        self.area = gm.memory(self.tables, spec=self.spec)

    @cached_property
    def plan(self) -> Plan:
        """The plan, made and stored once."""
        made = self.area.plan()
        made.save()
        return made

    @cached_property
    def places(self) -> Places:
        """Every coordinate of every table, and of the sections that were cut from the border."""
        frames = [*self.tables.values(), self.plan.sections]
        shapes = [one.geometry.to_numpy() for one in frames if isinstance(one, gpd.GeoDataFrame)]
        return Places.of(np.concatenate(shapes), self.spec.crs)

    def own(self, kind: str, unit: str) -> pd.Series:
        """Say which rows are a unit's: those that name it, of homes those it leads, and their camps."""
        frame = self.tables[kind]
        if kind == "unit":
            return frame["id"] == unit
        for of, whose in (("section_plan", "outpost"), ("camp", "household")):
            if kind == of:
                named = self.tables[whose]
                return frame[whose].isin(named.loc[self.own(whose, unit), "id"])
        named = (frame["unit"] == unit).fillna(value=False)
        if kind != "household":
            return named
        rows = self.plan.assignments
        led = rows[(rows["kind"] == kind) & (rows["role"] == "lead") & (rows["unit"] == unit)]
        return named | frame["id"].isin(led["feature"])

    def seen(self, audience: str, unit: str | None = None) -> set[str]:
        """Return the canaries that an audience may see."""
        allowed = self.spec.audiences[audience]
        if allowed.everything:
            return {*self.canaries}
        passing: dict[tuple[str, str], set[str]] = {}
        for kind, frame in self.tables.items():
            mine = self.own(kind, unit) if unit and kind in KEPT else pd.Series(True, index=frame.index)  # noqa: FBT003
            stays = ~_dropped(frame, kind, allowed.redactions)
            for listed, rows in ((allowed.columns, mine), (allowed.others, ~mine)):
                for column in listed.get(kind, ()):
                    passing.setdefault((kind, column), set()).update(frame.loc[rows & stays, "id"])
            if kind == "unit" and unit:
                # A product says whose it is.
                passing.setdefault((kind, "name"), set()).add(unit)
        if any(one.redaction != "drop" for one in allowed.redactions):
            # Areas say where they are.
            passing["admin", "name"] = {*self.tables["admin"]["id"]}
        return {text for text, at in self.canaries.items() if at.row in passing.get((at.kind, at.column), ())}


def _dropped(frame: pd.DataFrame, kind: str, redactions: Iterable[Any]) -> pd.Series:
    gone = pd.Series(False, index=frame.index)  # noqa: FBT003
    for one in redactions:
        if one.redaction == "drop" and one.kind == kind:
            wanted = [frame[column].isin(values) for column, values in one.only.items()]
            gone |= ~np.logical_and.reduce(wanted) if wanted else True
    return gone


@dataclass(frozen=True)
class Places:
    """Coordinates as they truly are: degrees, and metres of the project; all sorted, shape (n,)."""

    lon: np.ndarray
    lat: np.ndarray
    x: np.ndarray
    y: np.ndarray

    @classmethod
    def of(cls, shapes: np.ndarray, crs: str) -> Places:
        xy = shapely.get_coordinates(shapes)
        lon, lat = to_degrees(crs).transform(xy[:, 0], xy[:, 1])
        return cls(*(np.unique(one) for one in (lon, lat, xy[:, 0], xy[:, 1])))


@cache
def to_degrees(crs: str) -> Transformer:
    """Return the way from a CRS to its own degrees, lon first."""
    return Transformer.from_crs(CRS(crs), CRS(crs).geodetic_crs, always_xy=True)


class Planter:
    """Makes canaries and places; everything by one seed."""

    def __init__(self, seed: int, *, emoji: bool = True) -> None:
        self.dice = random.Random(seed)  # noqa: S311 - test data
        self.rng = np.random.default_rng(seed)
        self.wrappers = [one for one in WRAPPERS if emoji or one.isascii()]
        self.canaries: dict[str, Canary] = {}
        self.ids: dict[str, str] = {}

    def text(self, at: Canary) -> str:
        mark, signs, length = SCRIPTS[self.dice.choice([*SCRIPTS])]
        core = mark + "".join(self.dice.choices(signs, k=length))
        if core in self.canaries:
            return self.text(at)
        self.canaries[core] = at
        return self.dice.choice(self.wrappers).format(core)

    def id(self, kind: str) -> str:
        made = ID_MARK + "".join(self.dice.choices(ID_SIGNS, k=ID_LENGTH))
        self.ids[made] = kind
        return made

    def xy(self, around: np.ndarray, crs: str) -> np.ndarray:
        """Return places near those given, shape (n, 2), with digits of their own in every decimal."""
        made = np.array(around, dtype=np.float64)
        poor = np.ones(len(made), dtype=bool)
        while poor.any():
            metres = np.floor(around[poor])
            made[poor] = metres + self.rng.integers(1, 10, (*metres.shape, 6)) @ 10.0 ** -np.arange(1, 7)
            poor = ~_rich(made, crs)
        return made


def _rich(xy: np.ndarray, crs: str) -> np.ndarray:
    """Say which places are far enough from every rounded one to be told from it."""
    degrees = np.column_stack(to_degrees(crs).transform(*xy.T))
    rich = np.ones(len(xy), dtype=bool)
    for decimals in range(FIRST_DECIMAL, LAST_DECIMAL + 1):
        rich &= (np.abs(degrees - np.round(degrees, decimals)) > 10.0 ** -(decimals + 1.7)).all(axis=1)
    return rich


def planted(
    seed: int, *, households: int | None = None, crs: str | None = None, emoji: bool = True
) -> Planted:
    """Return a project by its seed; what is not given is chosen by it."""
    planter = Planter(seed, emoji=emoji)
    dice = planter.dice
    code = crs or dice.choice(sorted(CENTRES))
    spec = settings(planter, code)
    rows = Ground(planter, code, households or dice.randint(3, 60)).rows()
    return Planted(spec, _tables(rows, spec, planter), planter.canaries, planter.ids)


def settings(planter: Planter, crs: str) -> ProjectSpec:
    """Return the template's settings with more text columns, private and open, and one more audience."""
    text = template_text(name_en="canary", name_zh="金丝雀", crs=crs, synthetic=True, source="invented")
    for kind in re.findall(r"^\[kinds\.(\w+)\.columns\]$", text, flags=re.MULTILINE):
        names = planter.dice.sample(EXTRA, k=planter.dice.randint(1, 3))
        lines = [f'{name} = {{ type = "text", private = true }}' for name in names]
        lines.append('openly = { type = "text" }')
        head = f"[kinds.{kind}.columns]\n"
        text = text.replace(head, head + "\n".join(lines) + "\n")
    bare = parse_spec(text, where="canary")
    return parse_spec(text + _audience(planter.dice, bare), where="canary")


def _audience(dice: random.Random, spec: ProjectSpec) -> str:
    """Return an audience with a random choice of columns, as text of gridmap.toml."""
    per_unit = dice.random() < FEW
    redacted = [one for one in ("areas", "aggregate", "generalise") if dice.random() < FEW]
    lines = [
        "[audiences.chosen]",
        'title = { en = "Chosen", zh = "随选" }',
        f"decimals = {dice.randint(2, 7)}",
        f"per_unit = {str(per_unit).lower()}",
        f'ids = "{dice.choice(["true", "new"])}"',
    ]
    for part in ("columns", "others") if per_unit else ("columns",):
        lines.append(f"[audiences.chosen.{part}]")
        as_it_is = part == ("others" if per_unit else "columns")
        for kind, one in spec.kinds.items():
            if (kind == "household" and redacted and as_it_is) or (
                kind not in MAPPED and dice.random() < FEW
            ):
                continue
            lines.append(f"{kind} = {_list(['id', *(name for name in one.columns if dice.random() < MANY)])}")
        if part == "columns":
            lines += [
                f"{table} = {_list(one for one in columns if one in must or dice.random() < MANY)}"
                for table, (columns, must) in RESULTS.items()
                if dice.random() < MANY
            ]
    uses = [("household", one, 'columns = ["persons"]') for one in redacted]
    uses.append(("landmark", "drop", 'only = { class = ["well", "gate"] }'))
    for kind, redaction, how in uses:
        head = ["[[audiences.chosen.redactions]]", f'kind = "{kind}"', f'redaction = "{redaction}"']
        lines += [*head, f"k = {dice.randint(2, 10)}", how]
    return "\n" + "\n".join(lines) + "\n"


RESULTS = {
    "sections": (("id", "unit", "outpost", "from_m", "to_m"), ("id",)),
    "assignments": (
        ("kind", "feature", "layer", "target", "unit", "role", "metres", "rule", "reason"),
        ("kind", "feature", "layer", "target"),
    ),
    "findings": (("code", "level", "table", "id", "related", "message", "fix"), ("table", "id", "code")),
}


def _list(texts: Iterable[str]) -> str:
    return "[" + ", ".join(f'"{one}"' for one in texts) + "]"


class Ground:
    """A lattice of uneven cells: zones; two of them a gacha, two gachas (or three) a township."""

    def __init__(self, planter: Planter, crs: str, households: int) -> None:
        self.planter, self.dice, self.crs = planter, planter.dice, crs
        self.households = households
        self.columns, self.lines = self.dice.randint(4, 6), self.dice.randint(2, 3)
        self.cell = self.dice.uniform(6_000, 11_000)
        self.corner = np.array(to_degrees(crs).transform(*CENTRES[crs], direction="INVERSE"))
        # Three steps a cell: edges bend at places that are no corners.
        count_x, count_y = 3 * self.columns + 1, 3 * self.lines + 1
        grid = np.stack(np.meshgrid(np.arange(count_x), np.arange(count_y)), axis=-1).reshape(-1, 2)
        uneven = planter.rng.uniform(-0.12, 0.12, grid.shape)
        made = planter.xy(self.corner + (grid + uneven) * self.cell / 3, crs)
        self.nodes = made.reshape(count_y, count_x, 2)

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """Return the rows of every kind; texts that nothing depends on are left to the planter."""
        units = [
            {"id": self.planter.id("unit"), "layer": layer}
            for layer in ("line", "line", "area", "area", "point", "point")
        ]
        by_layer = {layer: [one["id"] for one in units if one["layer"] == layer] for layer in LAYERS}
        outposts = self._outposts(by_layer)
        rows = {
            "border": self._border(),
            "admin": self._admin(),
            "unit": units,
            "outpost": outposts,
            "patrol_zone": self._zones(by_layer),
            "household": self._homes(by_layer),
            "track": self._tracks(),
            "landmark": self._landmarks(),
            "section_plan": self._plan(outposts),
            "water": self._waters(),
            "neighbour": self._neighbours(),
        }
        return {
            **rows,
            "camp": self._camps(rows["household"]),
            "land": [self._patch("land", **{"class": one}) for one in ("sand", "marsh")],
            "snow": [self._patch("snow", depth_cm=12.5)],
            "cell": [self._patch("cell", gacha="150223101200")],
        }

    def _row(self, kind: str, shape: Any = None, **values: Any) -> dict[str, Any]:
        return {"id": self.planter.id(kind), "geometry": shape, **values}

    def _cell(self, column: int, line: int) -> shapely.Polygon:
        x, y = 3 * column, 3 * line
        n = self.nodes
        ring = [*n[y, x : x + 3], *n[y : y + 3, x + 3], *n[y + 3, x + 3 : x : -1], *n[y + 3 : y : -1, x]]
        return shapely.Polygon(ring)

    def _spots(self, count: int, north: tuple[float, float] = (0.0, 1.0)) -> np.ndarray:
        size = np.array([self.columns, self.lines]) * self.cell
        low, high = np.array([0.02, north[0]]), np.array([0.98, north[1]])
        there = self.corner + self.planter.rng.uniform(low, high, (count, 2)) * size
        return self.planter.xy(there, self.crs)

    def _border(self) -> list[dict[str, Any]]:
        top = self.nodes[-1]
        middle = len(top) // 2
        return [self._row("border", shapely.LineString(part)) for part in (top[: middle + 1], top[middle:])]

    def _zones(self, units: Mapping[str, list[str]]) -> list[dict[str, Any]]:
        # Some zones are kept by units of the line, as they are in fact.
        keepers = [*units["area"], *units["area"], units["line"][0]]
        return [
            self._row("patrol_zone", self._cell(column, line), unit=self.dice.choice(keepers))
            for column in range(self.columns)
            for line in range(self.lines)
        ]

    def _admin(self) -> list[dict[str, Any]]:
        rows = []
        half = self.columns // 2
        for number, span in enumerate((range(half), range(half, self.columns)), start=1):
            code = f"15022310{number}"
            gachas = []
            for at, line in enumerate(range(self.lines)):
                shape = shapely.coverage_union_all([self._cell(column, line) for column in span])
                gachas.append(shape)
                rows.append(self._row("admin", shape, code=f"{code}20{at}", level="gacha", parent=code))
            whole = shapely.coverage_union_all(gachas)
            rows.append(self._row("admin", whole, code=code, level="township"))
        return rows

    def _outposts(self, units: Mapping[str, list[str]]) -> list[dict[str, Any]]:
        spots = self._spots(5, north=(0.85, 0.98))
        keepers = [*units["line"], *units["line"], units["area"][0]]
        return [
            self._row("outpost", shapely.Point(spot), unit=unit)
            for spot, unit in zip(spots, keepers, strict=True)
        ]

    def _homes(self, units: Mapping[str, list[str]]) -> list[dict[str, Any]]:
        rows = []
        for at, spot in enumerate(self._spots(self.households, north=(0.02, 0.97))):
            stronghold = at % 5 == 0
            named = self.dice.choice(units["point"]) if stronghold else None
            if not stronghold and self.dice.random() < 0.2:
                named = self.dice.choice([one for those in units.values() for one in those])
            rows.append(
                self._row(
                    "household",
                    shapely.Point(spot),
                    stronghold=stronghold,
                    persons=self.dice.randint(1, 7),
                    unit=named,
                )
            )
        return rows

    def _tracks(self) -> list[dict[str, Any]]:
        classes = ("road", "gravel", "track")
        return [
            self._row("track", shapely.LineString(self._spots(4)), **{"class": self.dice.choice(classes)})
            for _ in range(6)
        ]

    def _landmarks(self) -> list[dict[str, Any]]:
        classes = ("marker", "port", "well", "gate", "seat", "other") * 2
        return [
            self._row("landmark", shapely.Point(spot), **{"class": one})
            for one, spot in zip(classes, self._spots(len(classes)), strict=True)
        ]

    def _waters(self) -> list[dict[str, Any]]:
        classes = ("river", "stream", "channel")
        return [self._row("water", shapely.LineString(self._spots(5)), **{"class": one}) for one in classes]

    def _neighbours(self) -> list[dict[str, Any]]:
        # Their edge is the border's: who may not see that line may not see them.
        top = self.nodes[-1]
        ring = [*top, *(top + np.array([0.0, self.cell]))[::-1]]
        return [self._row("neighbour", shapely.Polygon(ring), **{"class": "country"})]

    def _camps(self, homes: list[dict[str, Any]]) -> list[dict[str, Any]]:
        spots = self._spots(len(homes) // 3, north=(0.02, 0.97))
        moving = self.dice.sample(homes, k=len(spots))
        return [
            self._row("camp", shapely.Point(spot), household=home["id"])
            for home, spot in zip(moving, spots, strict=True)
        ]

    def _patch(self, kind: str, **values: Any) -> dict[str, Any]:
        return self._row(kind, shapely.Polygon(self._spots(3)), **values)

    def _plan(self, outposts: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if self.dice.random() < 0.5:
            return []
        post = self.dice.choice(outposts[:4])
        return [
            {
                "id": self.planter.id("section_plan"),
                "from_m": 1234.567,
                "to_m": 9876.543,
                "outpost": post["id"],
            }
        ]


LAYERS = ("line", "area", "point")


def _tables(
    rows: Mapping[str, list[dict[str, Any]]], spec: ProjectSpec, planter: Planter
) -> dict[str, pd.DataFrame]:
    """Return the tables, with a canary in every text cell that is free."""
    tables = {}
    for kind, schema in spec.kinds.items():
        mine = sorted(rows[kind], key=lambda row: row["id"])
        columns: dict[str, Any] = {"id": pd.array([row["id"] for row in mine], dtype="str")}
        for name, column in schema.columns.items():
            if column.type == "text" and name not in TIED:
                cells = [planter.text(Canary(kind, name, row["id"], column.private)) for row in mine]
            else:
                cells = [row.get(name) for row in mine]
            columns[name] = pd.Series(cells, dtype=object).astype(DTYPES[column.type])
        frame = pd.DataFrame(columns)
        if schema.spatial:
            shapes = np.array([row["geometry"] for row in mine], dtype=object)
            frame = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, crs=spec.crs))
        tables[kind] = frame
    homes, admin = tables["household"], tables["admin"]
    gachas = admin[admin["level"] == "gacha"]
    within = gpd.sjoin(homes[["geometry"]], gachas[["code", "geometry"]], how="left", predicate="within")
    homes["gacha"] = within.groupby(level=0)["code"].first().astype("str")
    return tables
