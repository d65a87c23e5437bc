"""At least 120 bad files, made here, and what may become of each.

A case is refused with one of its codes, or its rows are taken in or quarantined as it says; nothing else may
happen. `text_cases` and `binary_cases` hold the cases that are written by hand; here are those made by rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import makers
from binary_cases import binary_cases
from case import ANY_ROWS, DAMAGED, NEVER, TABLE, Case
from text_cases import text_cases

SHARES = (0.1, 0.5, 0.97)
# Cut anywhere, these are still what they say, only shorter: what is left is read, or a row is quarantined.
LINES = {".csv", ".tsv", ".geojsonl", ".mif"}
# A reader cannot miss these: only so many bytes, or an index it does not need.
SMALL_PARTS = {".id", ".map", ".dat", ".mid", ".cpg", ".prj", ".shx", ".dbf"}


def truncated() -> Iterator[Case]:
    """Give every file of every format, cut at several places."""
    for main, make in makers.HONEST.items():
        for end, data in make().items():
            for share in SHARES if end == main else SHARES[1:2]:
                cut = {**make(), end: data[: int(len(data) * share)]}
                taken = ANY_ROWS if main in LINES or end in SMALL_PARTS else NEVER
                if main == ".gpkg":
                    # Its last pages may be free, or of an index that reading does not need.
                    taken = ANY_ROWS
                codes = TABLE if main in LINES else DAMAGED | {"GM201"}
                yield Case(f"cut {main}: {end} at {share:.0%}", main, cut, codes, taken)


def emptied() -> Iterator[Case]:
    """Give every format as no bytes, a byte order mark, blanks, NULs and noise."""
    noise = bytes((at * 7919 + at // 256) % 256 for at in range(5000))
    contents = {"no bytes": b"", "a mark": b"\xef\xbb\xbf", "NULs": b"\0" * 5000, "noise": noise}
    for main in makers.HONEST:
        for name, content in contents.items():
            yield Case(f"{main} of {name}", main, {**makers.HONEST[main](), main: content}, TABLE, NEVER)


VRT = b"""<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource>
<SrcLayer>passwd</SrcLayer></OGRVRTLayer></OGRVRTDataSource>"""
REMOTE = b'{"type": "FeatureCollection", "features": [], "next": "http://127.0.0.1:9/"}'


def disguised() -> Iterator[Case]:
    """Give every format as another driver's content: what GDAL would open all the same."""
    for main in makers.HONEST:
        files = makers.HONEST[main]()
        yield Case(f"{main} is a virtual dataset", main, {**files, main: VRT}, TABLE, NEVER)
        other = makers.gpkg() if main != ".gpkg" else makers.geojson()
        yield Case(f"{main} is another format", main, {**files, main: other}, TABLE, NEVER)
    for name in ("x.vrt", "x.gdb", "x.sqlite", "x.gml", "x.py", "x.toml", "x"):
        yield Case(
            f"extension of {name}", name.removeprefix("x"), {name.removeprefix("x"): VRT}, {"GM205"}, NEVER
        )
    yield Case("geojson that names an address", ".geojson", {".geojson": REMOTE}, TABLE, ANY_ROWS)


# Sorts of badness of which every run must see one in each format that has it; the most expensive ones once.
ALWAYS = re.compile(
    r"no bytes|virtual dataset|entity|a bomb|open ring|ring that|no geometry|not a number"
    r"|antimeridian|names an address|nested|half a surrogate"
    r"|leads out|a link|two encodings|destroyed|view|extension of"
)
RARELY = re.compile(
    r"geojson with ten million|parquet with ten million|100 MB|500 MB|view without end|in utf-16"
)
ONE_OF = 10


def everyday(every: dict[str, Case]) -> set[str]:
    """Return the names of the cases of `make test`; the others, more of the same, are of `make stress`."""
    rest = [name for name in every if not ALWAYS.search(name) and not RARELY.search(name)]
    return {name for name in every if ALWAYS.search(name) and not RARELY.search(name)} | {*rest[::ONE_OF]}


def cases() -> dict[str, Case]:
    """Return all cases by name."""
    every = [*truncated(), *emptied(), *disguised(), *text_cases(), *binary_cases()]
    found = {one.name: one for one in every}
    assert len(found) == len(every), "two cases have one name"
    return found
