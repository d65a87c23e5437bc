"""Measure, and write docs/benchmarks.md: ``python -m tests.bench.run [--quick] [--only PART] [--page FILE]``.

Figures, not pass or fail: `make test` does not run this.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from tests.bench.page import Section, page
from tests.bench.part import ROOT, Asked, Part, say

PAGE = ROOT / "docs" / "benchmarks.md"
# Parts by the word of --only, in the page's order; a module each.
MODULES = {
    "core": "core",
    "pipeline": "pipeline",
    "file": "files",
    "edit": "edit",
    "start": "start",
    "import": "imports",
    "coverage": "coverage",
    "travel": "travel",
    "maps": "maps",
}


def parts() -> dict[str, Part]:
    """Return every part by its word, in the page's order."""
    return {word: import_module(f"tests.bench.{module}").PART for word, module in MODULES.items()}


def measured(part: Part, *, quick: bool) -> Section | None:
    """Measure one part in a folder of its own, which goes afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        return part.measure(Asked(Path(folder), quick))


def written(file: Path, part: Part, made: Section, titles: Sequence[str]) -> None:
    """Write the page with one section made anew, and the pictures beside it."""
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    file.parent.mkdir(parents=True, exist_ok=True)
    for name, picture in made.images.items():
        (file.parent / name).parent.mkdir(exist_ok=True)
        (file.parent / name).write_text(picture, encoding="utf-8", newline="\n")
    file.write_text(page(text, {part.title: made.body}, titles), encoding="utf-8", newline="\n")


def main() -> None:
    known = parts()
    titles = [part.title for part in known.values()]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes; prints the page, writes nothing")
    parser.add_argument("--only", choices=list(known), help="one part alone: the rest of the page stays")
    parser.add_argument("--page", type=Path, help="the page to write; docs/benchmarks.md if left out")
    asked = parser.parse_args()
    if asked.only:
        chosen = [known[asked.only]]
    else:
        chosen = [part for part in known.values() if part.at_first_look or not asked.quick]
    shown: dict[str, str] = {}
    for part in chosen:
        say(f"{part.title}: " + ("a first look" if asked.quick else part.seconds))
        start = time.perf_counter()
        made = measured(part, quick=asked.quick)
        say(f"{part.title}: {time.perf_counter() - start:.0f} s")
        if made is None:
            continue
        shown[part.title] = made.body
        if asked.page or not asked.quick:
            # Part by part: what was measured stays when a later part fails.
            written(asked.page or PAGE, part, made, titles)
    if asked.quick and not asked.page:
        sys.stdout.write(page("", shown, titles))


if __name__ == "__main__":
    main()
