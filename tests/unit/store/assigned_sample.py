"""A few assignments as columns with everything that words can trip over, for tests of claims and store."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gridmap.claims import Assigned, Block, Code, Targets, gather

# Halves, both ways; thousands; nothing known; zero.
MM = (0, 499, 500, 501, 1_500, 2_500, 999_500, 1_000_500, 12_345_678_901, -1, 2_499, 2_501)
HOMES = tuple(f"H{number:02d}" for number in range(1, 13))
IDS = {"household": np.array(HOMES, dtype=object), "outpost": np.array(["O1", "O2", "O'3"], dtype=object)}
TARGETS = {
    "line": Targets(np.array(["S001", "S002"], dtype=object), np.array(["U1", None], dtype=object)),
    "area": Targets(
        np.array(["Z1", "{metres}", "区'%d"], dtype=object), np.array(["U1", "U2", "U2"], dtype=object)
    ),
    "point": Targets(np.array(["H01", "H05"], dtype=object), np.array([None, None], dtype=object)),
}
CODES = (
    Code("line", "household", "belt", "support", "support", "nearest {target} at {metres} m, inside 5,000 m"),
    Code("line", "outpost", "midpoint", "lead", "lead", "{metres} m from its stretch {target}"),
    Code("area", "household", "zone", "lead", "lead", "inside zone {target}"),
    Code("area", "household", "zone", "support", "support", "{target} overlaps, 100 % of it's"),
    Code("point", "household", "near", "lead", "lead", "{metres} m"),
    Code("point", "household", "near", "lead", "self", "is itself a stronghold"),
)


def block(layer, kind, rows):
    """Return a block of (feature, target, code, mm)."""
    columns = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    return Block(layer, kind, *columns)


def blocks():
    zones = [(home, home % 3, 2, 0) for home in range(12)] + [(3, 1, 3, 0), (3, 2, 3, 0)]
    return [
        block("line", "household", [(home, home % 2, 0, mm) for home, mm in enumerate(MM)]),
        block("line", "outpost", [(0, 0, 1, 1_500), (1, 1, 1, -1)]),
        block("area", "household", zones),
        block("point", "household", [(0, 0, 5, 0), (1, 0, 4, 2_500), (4, 1, 5, 0), (11, 1, 4, 7_777_500)]),
    ]


def assigned() -> Assigned:
    return gather(blocks(), CODES, ids=IDS, targets=TARGETS)


def many(rows: int, last: str | None = None) -> Assigned:
    """Return assignments of so many homes, the last of them with another id if wanted."""
    homes = np.array([f"H{number:06d}" for number in range(rows)], dtype=object)
    if last is not None:
        homes[-1] = last
    at = np.arange(rows)
    far = np.where(at % 97 == 5, -1, at * at % 20_000_011)
    blocks = [
        Block("line", "household", at[::4], at[::4] % 2, np.zeros_like(at[::4]), far[::4]),
        Block("area", "household", at, at % 3, np.full_like(at, 2), np.zeros_like(at)),
        Block("point", "household", at, at % 2, np.full_like(at, 4), far),
    ]
    return gather(blocks, CODES, ids={"household": homes}, targets=TARGETS)


def words() -> pd.DataFrame:
    """The same rows in words, one at a time."""
    rows = []
    for each in blocks():
        for feature, target, code, mm in zip(each.feature, each.target, each.code, each.mm, strict=True):
            one, targets = CODES[code], TARGETS[each.layer]
            metres = float("nan") if mm < 0 else float(mm) / 1000
            number = "an unknown number of" if mm < 0 else f"{metres:,.0f}"
            parts = {"{target}": targets.ids[target], "{metres}": number}
            reason = "".join(parts.get(piece, piece) for piece in _pieces(one.words))
            who = (each.kind, IDS[each.kind][feature], each.layer, targets.ids[target], targets.unit[target])
            rows.append((*who, one.role, metres, one.rule, reason))
    layers = ("line", "area", "point")
    rows.sort(key=lambda row: (layers.index(row[2]), row[0], row[1], row[5] != "lead", row[3]))
    names = ["kind", "feature", "layer", "target", "unit", "role", "metres", "rule", "reason"]
    frame = pd.DataFrame(rows, columns=names)
    return frame.astype({name: "str" for name in names if name != "metres"})


def _pieces(text):
    for blank in ("{target}", "{metres}"):
        text = text.replace(blank, f"\0{blank}\0")
    return text.split("\0")
