"""From a GeoPackage of homes to the assigned GeoPackage, whole processes: gridmap, geopandas, shapely.

A way in its own process: ``python -m tests.bench.files make FOLDER HOMES ZONES``, ``... shapely STORE OUT``.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from tests.bench.core import SWITCH
from tests.bench.measure import Run, cpu_of, median, peak_of, rounds, run, spread, wall_of
from tests.bench.page import Section, machine, table
from tests.bench.part import GRIDMAP, MODULE, ROOT, Asked, Part, say

# Homes, zones, repeats at most.
WHOLE, QUICK = (1_000_000, 1_000, 3), (10_000, 100, 1)
BUDGET_S = 500.0
STORE = "border.gpkg"

HEAD = """
{homes:,} homes and {zones:,} zones of the section on the core, in the GeoPackage of a project; each way is a
whole process, from starting Python to the file on the disk. Making the project is not counted.

{machine}

"""

TAIL = """
*gridmap*: `gridmap assign`: reads and checks all tables, assigns, proves the layers complete, and stores
sections, findings and every assignment with its reason in the same file, in one transaction. *geopandas*
(`tests/bench/plain.py`): `read_file`, `sjoin`, `sjoin_nearest`, `line_locate_point` and `distance` to the
border, `to_file`; {scaled}.
*shapely* (`tests/bench/files.py`): three columns read with Arrow, the ways of `tests/bench/rivals.py` on one
thread, and a narrow table of results written with Arrow into a copy of the file. Neither checks, proves or
explains, and both leave half a file if they are killed.

To run this part again: `python -m tests.bench.run --only file`.
"""
SAMPLED = "the two along the border are measured on 10,000 homes and scaled linearly"


def make(folder: Path, homes: int, zones: int) -> None:
    """Make a project that holds the area."""
    import gridmap
    from tests.bench.areas import Size, made

    area = gridmap.new(folder)
    area.store.replace(made(Size(homes=homes, zones=zones)), action="save")
    area.close()


def fastest(store: Path, out: Path) -> dict[str, float]:
    """Assign with shapely and scipy, reading and writing with Arrow."""
    import geopandas as gpd
    import numpy as np
    import pyarrow as pa
    import pyogrio
    import shapely

    from tests.bench import rivals

    meta, homes = pyogrio.read_arrow(store, layer="household", columns=["id", "stronghold"])
    frames = {
        kind: gpd.read_file(store, layer=kind, use_arrow=True)
        for kind in ("border", "patrol_zone", "outpost", "unit")
    }
    points = shapely.from_wkb(homes[meta["geometry_name"] or "wkb_geometry"].to_numpy())
    ids, flagged = homes["id"], homes["stronghold"].to_numpy().astype(bool)
    frame = gpd.GeoDataFrame({"stronghold": flagged}, geometry=points)
    found = rivals.vectorised(rivals.prepare({**frames, "household": frame}), points, threads=1)
    zone_ids = pa.array(frames["patrol_zone"]["id"])
    stronghold_ids = ids.combine_chunks().filter(pa.array(flagged))
    sections = np.where(found.section >= 0, found.section, 0)
    results = pa.table(
        {
            "id": ids,
            "zone": zone_ids.take(pa.array(found.zone, mask=found.zone < 0)),
            "nearest": stronghold_ids.take(pa.array(found.stronghold, mask=found.stronghold < 0)),
            "metres": pa.array(found.metres, mask=found.stronghold < 0),
            "section": pa.array(sections, mask=found.section < 0),
            "chainage_m": pa.array(found.chainage, mask=found.section < 0),
            "border_m": pa.array(found.border_m, mask=found.section < 0),
        }
    )
    shutil.copyfile(store, out)
    pyogrio.write_arrow(results, out, layer="assigned", driver="GPKG", append=True)
    return found.counts()


def ways(folder: Path) -> dict[str, Callable[[], Run]]:
    store = folder / "area" / STORE

    def gridmap(switch: str) -> Run:
        copy = folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(folder / "area", copy)
        return run(
            [GRIDMAP, "assign", "-C", copy, "--json"],
            folder=folder,
            environment={SWITCH: switch},
            expected=(0,),
        )

    def rival(*words: str) -> Run:
        out = folder / "out.gpkg"
        out.unlink(missing_ok=True)
        return run([*MODULE, *words, store, out], folder=ROOT)

    found = {"gridmap": lambda: gridmap("0")}
    if find_spec("numba"):
        found = {"gridmap, fast": lambda: gridmap("1"), **found}
    found["geopandas"] = lambda: rival("tests.bench.plain", "assign")
    found["shapely"] = lambda: rival("tests.bench.files", "shapely")
    return found


def wall(one: Run) -> float:
    """Return wall seconds, with what was measured on a sample reckoned up."""
    return wall_of(one) + _rest(one)


def cpu(one: Run) -> float:
    """Return CPU seconds; what was measured on a sample keeps one core busy."""
    return cpu_of(one) + _rest(one, "_cpu")


def _rest(one: Run, clock: str = "") -> float:
    measured = float(str(one.said.get(f"measured{clock}_s", 0.0)))
    return float(str(one.said.get(f"whole{clock}_s", measured))) - measured


def section(found: Mapping[str, Sequence[Run]], homes: int, zones: int, words: str) -> Section:
    head = ["way", "runs", "s", "CPU s", "from, to", "MiB", "s, in times of gridmap's"]
    mine = [name for name in found if name.startswith("gridmap")]
    took = {name: median(runs, wall) for name, runs in found.items()}
    rows = [
        [
            name,
            str(len(runs)),
            f"{took[name]:.2f}",
            f"{median(runs, cpu):.2f}",
            spread(runs, cpu),
            f"{median(runs, peak_of):,.0f}",
            " and ".join(f"{took[name] / took[own]:.1f}" for own in mine) if name not in mine else "",
        ]
        for name, runs in found.items()
    ]
    sampled = any(_rest(one) > 0 for one in found["geopandas"])
    body = HEAD.format(homes=homes, zones=zones, machine=words) + table(head, rows)
    return Section(body + TAIL.format(scaled=SAMPLED if sampled else "on all homes, nothing is scaled"))


def measure(asked: Asked) -> Section:
    homes, zones, repeats = QUICK if asked.quick else WHOLE
    run([*MODULE, "tests.bench.files", "make", asked.folder / "area", str(homes), str(zones)], folder=ROOT)
    found = rounds(ways(asked.folder), repeats=repeats, budget_s=BUDGET_S)
    for name, runs in found.items():
        say(f"file: {homes:>9,} homes: {name:<14}{median(runs, wall):9.2f} s{median(runs, cpu):9.2f} CPU s")
    return section(found, homes, zones, machine())


PART = Part("From file to file", measure, "about 4 minutes", at_first_look=True)


def main(what: str, source: str, *rest: str) -> None:
    if what == "make":
        homes, zones = rest
        make(Path(source), int(homes), int(zones))
        return
    sys.stdout.write(json.dumps(fastest(Path(source), Path(rest[0]))) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
