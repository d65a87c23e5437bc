"""The page of figures: each part has its section, and can be made anew alone."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version

from tests.bench.quiet import QUIET

GIB = 1024**3
LIBRARIES = ("geopandas", "shapely", "pyogrio", "pandas", "numpy", "scipy", "pyarrow", "numba", "folium")
IMAGES = "images"

HEAD = f"""# Benchmarks

Made by `make bench` (about an hour): do not edit by hand. Figures, not promises: compare the ratios, not
the seconds. `python -m tests.bench.run --quick` takes a first look in a minute and prints it; `--only PART`
measures one part anew and leaves the others as they are.

All data are invented and seeded. Each run is a fresh process. Where there are several ways they run in turn,
every other round backwards; figures are medians, with the smallest and the largest where a span is given.
Before and after each run a fixed piece of work is timed: runs while it took over {QUIET} times its least,
because other machines had the processor, are left out, of all ways alike, and made again while there is time.
*CPU s* counts all threads of a process and, unlike wall time, not what else the machine does. *MiB* is the
peak of resident memory.
"""


@dataclass(frozen=True)
class Section:
    """What one part has measured: the text under its heading, and the pictures it shows, by file name."""

    body: str
    images: Mapping[str, str] = field(default_factory=dict)


def machine() -> str:
    """Describe the machine in words: no names, no paths."""
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB
    system = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    libraries = ", ".join(f"{name} {found}" for name in LIBRARIES if (found := _version(name)))
    return (
        f"Machine: {cores} cores ({platform.machine()}), {memory:.0f} GiB of memory, {system}, "
        f"Python {platform.python_version()}.\nLibraries: {libraries}."
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of Markdown; a row of another length than the head is an error."""
    lines = [list(head), ["---"] * len(head), *map(list, rows)]
    if any(len(line) != len(head) for line in lines):
        message = f"rows of {sorted({len(line) for line in lines})} cells under {list(head)}"
        raise ValueError(message)
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def sections(text: str) -> dict[str, str]:
    """Return the body of each section of a page by its title, as it stands."""
    found = {}
    for part in ("\n" + text).split("\n## ")[1:]:
        title, _, body = part.partition("\n")
        found[title] = body.strip("\n") + "\n"
    return found


def page(text: str, made: Mapping[str, str], titles: Sequence[str]) -> str:
    """Return a page with some of its sections made anew.

    Parameters
    ----------
    text : str
        The page as it is; empty if there is none.
    made : mapping of title to body
        Sections made anew.
    titles : sequence of str
        Titles in the page's order; a section with another title is of a part that is no more, and goes.
    """
    bodies = {**sections(text), **made}
    parts = [f"## {title}\n\n{bodies[title].strip(chr(10))}\n" for title in titles if title in bodies]
    return "\n".join([HEAD, *parts])
