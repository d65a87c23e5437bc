"""The areas that the products of a project share: made once, remembered, and only ever joined."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely.errors

from gridmap import registry
from gridmap.config import RELEASES_NAME, ProjectSpec, RedactionSpec
from gridmap.errors import ConfigError
from gridmap.geo import point_xy
from gridmap.privacy.partition import Partition
from gridmap.privacy.partition_chain import next_link
from gridmap.privacy.partition_units import units_of
from gridmap.privacy.passing import Passing, pass_tables
from gridmap.privacy.receivers import audience_named, receiving_unit
from gridmap.privacy.redaction import admin_of
from gridmap.privacy.releases import Releases, damaged

Floats = np.ndarray[Any, np.dtype[np.float64]]
# The name of a partition that is no unit's, see `partition_name`.
COMMON = re.compile(r"(?P<kind>[^/]+)/k=(?P<k>\d+)/cell_m=(?P<cell_m>[^/]+)")


def prepare(
    tables: Mapping[str, pd.DataFrame],
    spec: ProjectSpec,
    audience: str,
    *,
    unit: str | None,
    releases: Releases,
) -> Releases:
    """Return the releases with every partition that an audience's redactions need.

    A partition is made once and then only coarsened, where an area has come to hold fewer than k rows. All
    of a kind hang on a common one, made for the smallest k: that of a larger k is the common one with areas
    joined, and that of a unit's audience has areas joined until each holds k rows that are not the unit's
    own.

    Parameters
    ----------
    tables : mapping of str to frame
        Tables of the project, and ``assignments``, in the working CRS.
    spec : ProjectSpec
        The settings.
    audience : str
        Name of an audience in gridmap.toml.
    unit : str or None
        The unit that a product is for, where the audience is one unit's.
    releases : Releases
        What the project remembers so far; not changed.

    Raises
    ------
    ConfigError
        GM109 if there is no such audience, or it needs a unit and none or an unknown one is named;
        GM112 if what is remembered is damaged.
    """
    allowed = audience_named(spec, audience)
    receiver = receiving_unit(tables, allowed, audience, unit)
    used = [one for one in allowed.redactions if registry.get("redactions", one.redaction).needs_partition]
    if not used:
        return releases
    shown, _ = pass_tables(tables, spec, allowed, receiver)
    whose = (audience, receiver) if allowed.per_unit else ()
    for one in used:
        for link in _links(tables, shown, spec, one, whose, releases):
            # One area of too few homes would stay one for good, since areas are only ever joined.
            if link.enough:
                releases = releases.with_partition(link.name, link.partition.to_plain())
    return releases


def shared_areas(
    tables: Mapping[str, pd.DataFrame],
    shown: Mapping[str, Passing],
    spec: ProjectSpec,
    used: RedactionSpec,
    whose: tuple[str, ...],
    releases: Releases,
) -> Partition:
    """Return the areas that a redaction works with: those remembered, else made now and for this once."""
    held = _held(releases, partition_name(_as_drawn(used, releases), *whose))
    return held or _links(tables, shown, spec, used, whose, releases)[-1].partition


@dataclass(frozen=True, slots=True)
class _Link:
    """A partition, the name that it is remembered by, and whether it holds as many homes as an area must."""

    name: str
    partition: Partition
    enough: bool


def _links(
    tables: Mapping[str, pd.DataFrame],
    shown: Mapping[str, Passing],
    spec: ProjectSpec,
    used: RedactionSpec,
    whose: tuple[str, ...],
    releases: Releases,
) -> list[_Link]:
    """Return the common partition of a kind, and those that hang on it down to the one that is used."""
    used = _as_drawn(used, releases)
    frame, finest = tables[used.kind], _finest(spec, used, releases)
    xy, units = point_xy(frame.geometry), units_of(admin_of(tables, spec), spec)
    held = _held(releases, partition_name(finest))
    first = held or Partition.build(xy, units, k=finest.k, cell_m=used.cell_m)
    found = [_link(partition_name(finest), first.continued(xy, units, finest.k), xy, finest.k)]
    if used.k != finest.k:
        name = partition_name(used)
        made = next_link(found[-1].partition, _held(releases, name), xy, used.k)
        found.append(_link(name, made, xy, used.k))
    if whose:
        name, hidden = partition_name(used, *whose), xy[~passing_rows(shown, used.kind, len(frame))]
        made = next_link(found[-1].partition, _held(releases, name), hidden, used.k)
        found.append(_link(name, made, hidden, used.k))
    return found


def _link(name: str, partition: Partition, xy: Floats, k: int) -> _Link:
    return _Link(name, partition, bool((partition.locate(xy) >= 0).sum() >= k))


def _finest(spec: ProjectSpec, used: RedactionSpec, releases: Releases) -> RedactionSpec:
    """Return a redaction with the k of the common areas.

    They are for the smallest k that any audience has for the kind. Once drawn they stay: areas drawn anew
    for another k would be laid over those that were given out.
    """
    drawn = _drawn(used, releases)
    if drawn is not None:
        return used.model_copy(update={"k": drawn[0]})
    alike = (one for audience in spec.audiences.values() for one in audience.redactions)
    least = min(
        one.k
        for one in (used, *alike)
        if one.kind == used.kind and registry.get("redactions", one.redaction).needs_partition
    )
    return used.model_copy(update={"k": least})


def _as_drawn(used: RedactionSpec, releases: Releases) -> RedactionSpec:
    """Return a redaction with a k that is no smaller than that of the common areas, which are never split.

    Raises
    ------
    ConfigError
        GM103 if they lie on another grid.
    """
    drawn = _drawn(used, releases)
    if drawn is None:
        return used
    if drawn[1] != f"{used.cell_m:g}":
        raise ConfigError(
            "GM103",
            f"areas of {used.kind} were drawn with cell_m = {drawn[1]}, and are not drawn again",
            where="gridmap.toml: audiences.*.redactions",
            fix=f"give cell_m = {drawn[1]}: areas on another grid, laid over those that were given out, hold "
            "fewer rows than k",
        )
    return used.model_copy(update={"k": max(used.k, drawn[0])})


def _drawn(used: RedactionSpec, releases: Releases) -> tuple[int, str] | None:
    """Return k and grid of the common areas of a kind, from the name that they are remembered by."""
    found = (COMMON.fullmatch(name) for name in releases.partitions)
    known = [(int(match["k"]), match["cell_m"]) for match in found if match and match["kind"] == used.kind]
    return min(known, default=None)


def partition_name(used: RedactionSpec, *receiver: str) -> str:
    """Return the name that a partition is remembered by; redactions alike in all of it share one."""
    return "/".join([used.kind, f"k={used.k}", f"cell_m={used.cell_m:g}", *receiver])


def _held(releases: Releases, name: str) -> Partition | None:
    if name not in releases.partitions:
        return None
    try:
        return Partition.from_plain(releases.partitions[name])
    except (
        ValueError,
        KeyError,
        TypeError,
        IndexError,
        RecursionError,
        shapely.errors.ShapelyError,
    ) as error:
        raise damaged(f"{RELEASES_NAME}: {name}") from error


def passing_rows(shown: Mapping[str, Passing], kind: str, size: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Say which rows of a kind pass as they are."""
    return shown[kind].rows if kind in shown else np.zeros(size, dtype=bool)
