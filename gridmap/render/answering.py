"""What a page needs to say who answers at a place: from a view, and no more than the view holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from gridmap import geo
from gridmap.config import ProjectSpec
from gridmap.geo import scripted
from gridmap.geo.viewed import working_border, working_shapes
from gridmap.model import LAYERS, TARGETS, View
from gridmap.model.answer import NOTES
from gridmap.model.scene import Answering, Held, Path, Series
from gridmap.render.codec import pack_ints
from gridmap.render.holdings import layers
from gridmap.render.sheet import geometry_of

# The columns without which a layer's targets cannot be told.
NEEDED = {
    "line": {"id", "from_m", "to_m"},
    "area": {"id", "geometry"},
    "point": {"id", "stronghold", "geometry"},
}
# What is not a layer, and decides an answer all the same.
BESIDE = {"border": {"geometry"}, "admin": {"level", "geometry"}, "unit": {"id"}}
# A view with so many decimals of a degree has whole metres.
WHOLE_METRES = 5
COEFFICIENT_DIGITS = 6
MOST_UNITS = 4_000_000_000  # what 32 bits hold
IMPOSSIBLE = "coordinates-"


def holding(view: View, spec: ProjectSpec) -> dict[str, Held]:
    """Return how much the view holds of each layer, and of ``border``, ``admin`` and ``unit``.

    As `gridmap.render.holdings.layers`, but "none" also where a column is missing without which nobody can
    be told to answer; of what is not a layer "whole", "part" or "none".
    """
    held: dict[str, Held] = {}
    for layer, much in layers(view, spec).items():
        table = view.tables.get(TARGETS[layer])
        told = table is not None and set(table.frame.columns) >= NEEDED[layer]
        held[layer] = much if told or much == "derived" else "none"
    for kind, needed in BESIDE.items():
        held[kind] = _beside(view, spec, kind, needed)
    return held


def _beside(view: View, spec: ProjectSpec, kind: str, needed: set[str]) -> Held:
    if kind not in view.tables or not set(view.tables[kind].frame.columns) >= needed:
        return "none"
    cut = any(one.kind == kind for one in view.redacted)
    audience = spec.audiences.get(view.audience)
    per_unit = bool(view.unit) or (audience is not None and audience.per_unit)
    # Other units' own rows are there only where the audience lists them.
    listed = audience is not None and kind == "unit" and kind in audience.others
    return "part" if cut or (per_unit and _has_keeper(spec, kind) and not listed) else "whole"


def _has_keeper(spec: ProjectSpec, kind: str) -> bool:
    """Say whether rows of a kind may belong to one unit: then a unit's view may lack the others'."""
    if kind not in spec.kinds or kind == "unit":
        return True
    named = [one.references for one in spec.kinds[kind].columns.values()]
    ruled = any(kind in rule.kinds for rule in spec.rules)
    return ruled or any(one is not None and "." not in one and one != kind for one in named)


def stated_length(view: View) -> float:
    """Return the length of the border in metres that the view states; 0 where it states none."""
    found: Any = view.facts.get("figures")
    for key in ("layers", "line", "length_m"):
        found = found.get(key) if isinstance(found, Mapping) else None
    return float(found) if isinstance(found, int | float) else 0.0


def chainage_step(view: View, spec: ProjectSpec) -> float:
    """Return what chainages in the view are multiples of, in metres; 0 where they are not rounded."""
    audience = spec.audiences.get(view.audience)
    if audience is None or audience.everything:
        return 0.0
    return float(10.0 ** (WHOLE_METRES - view.decimals))


def lost_rows(view: View, table: str) -> set[str]:
    """Return the ids of rows that the view's findings report to be where no such row can be.

    They take no part in an arrangement, though they are stored with their positions.
    """
    findings = view.tables.get("findings")
    if findings is None or not {"code", "table", "id"} <= set(findings.frame.columns):
        return set()
    frame = findings.frame
    hit = frame["table"].eq(table) & frame["code"].astype("str").str.startswith(IMPOSSIBLE)
    return {str(one) for one in frame.loc[hit.fillna(value=False), "id"].dropna()}


def _misplaced(view: View, table: str) -> tuple[int, ...]:
    lost, held = lost_rows(view, table), view.tables.get(table)
    if not lost or held is None or "id" not in held.frame.columns:
        return ()
    return tuple(np.flatnonzero(held.frame["id"].isin(lost).to_numpy(dtype=bool)).tolist())


def seen_shapes(view: View, table: str) -> npt.NDArray[np.object_]:
    """Return a table's geometries in degrees, None for rows that are known to be misplaced."""
    held = view.tables.get(table)
    geoms = None if held is None else geometry_of(held.frame)
    if held is None or geoms is None:
        return np.empty(0, dtype=object)
    found = np.array(geoms, dtype=object)
    found[list(_misplaced(view, table))] = None
    return found


def seen_border(view: View, spec: ProjectSpec) -> geo.Border | None:
    """Return the view's border, measured and stretched (see `working_border`); None without a whole one."""
    if holding(view, spec)["border"] != "whole":
        return None
    return working_border(seen_shapes(view, "border"), spec.crs, length_m=stated_length(view))


def answering(view: View, spec: ProjectSpec, *, bounds: tuple[float, float, float, float]) -> Answering:
    """Return what the page says who answers with.

    Parameters
    ----------
    view : View
        What the audience may see; geometry in lon/lat.
    spec : ProjectSpec
        The settings: CRS, limits, rules, the level of the jurisdiction.
    bounds : (west, south, east, north)
        Degrees: where the page's own projection must be right to a tenth of a millimetre.
    """
    held = holding(view, spec)
    box = scripted.widened(bounds)
    text = scripted.proj_text(spec.crs, box)
    ellipsoid = geo.geod(spec.crs)
    ruled = {use.layer for use in spec.rules}
    return Answering(
        proj4=text,
        series=None if text else _series(spec.crs, box),
        a=ellipsoid.a,
        f=ellipsoid.f,
        # Of what the view has no part in, not even the limit.
        belt_m=spec.layers.line.belt_m if held["border"] == "whole" else 0.0,
        reach_m=spec.layers.point.reach_m if held["point"] not in {"none", "derived"} else 0.0,
        ruled=tuple(layer for layer in LAYERS if layer in ruled),
        held=held,
        level=spec.layers.area.jurisdiction if held["admin"] == "whole" else "",
        mended={table: _mended(view, spec, table) for table in ("admin", "patrol_zone")},
        misplaced=_misplaced(view, TARGETS["point"]),
        course=_course(view, spec),
        length_m=stated_length(view) if held["border"] == "whole" else 0.0,
        step_m=chainage_step(view, spec),
        notes=dict(NOTES),
    )


def _series(crs: str, box: tuple[float, float, float, float]) -> Series | None:
    made = scripted.polynomials(crs, box)
    if made is None:
        return None
    x, y = (tuple(round(float(one), COEFFICIENT_DIGITS) for one in each.ravel()) for each in (made.x, made.y))
    return Series(made.box, len(made.x), x, y)


def _course(view: View, spec: ProjectSpec) -> tuple[Path, ...]:
    """Return the border's parts as the page measures them: its own vertices, in the order of chainage."""
    border = seen_border(view, spec)
    if border is None:
        return ()
    corners = (part[corner] for part, corner in zip(border.parts, border.corners, strict=True))
    return tuple(_path(geo.to_lonlat(xy, spec.crs), view.decimals) for xy in corners)


def _path(lonlat: npt.NDArray[np.float64], decimals: int) -> Path:
    # A path of many degrees has a decimal or two less than nine: it is right to a millimetre all the same.
    widest = float(np.ptp(lonlat, axis=0).max())
    digits = next(digits for digits in range(decimals, -99, -1) if widest * 10.0**digits < MOST_UNITS)
    x, y = np.rint(lonlat * 10.0**digits).astype(np.int64).T
    return Path(digits, pack_ints(x), pack_ints(y))


def _mended(view: View, spec: ProjectSpec, table: str) -> dict[str, tuple[Path, ...]]:
    """Return the rings of polygons that are not valid as the view has them, made valid, by row.

    Which places a ring that crosses itself contains is a matter of how it is mended: done here, once, so
    that the page and `gridmap who` say the same. A row without a usable polygon has no ring.
    """
    made = working_shapes(seen_shapes(view, table), spec.crs)
    found: dict[str, tuple[Path, ...]] = {}
    for row in np.flatnonzero(~shapely.is_valid(made)):
        sound = geo.polygons_of(made[row])
        solid = [one for one in shapely.get_parts(sound) if one.area > 0.0]
        rings = [ring for one in solid for ring in (one.exterior, *one.interiors)]
        lonlat = [geo.to_lonlat(shapely.get_coordinates(ring), spec.crs) for ring in rings]
        found[str(row)] = tuple(_path(one, view.decimals) for one in lonlat)
    return found
