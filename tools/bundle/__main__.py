"""``python -m tools.bundle``: make the folder, and say what is in it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tools.bundle.fetch import BundleError
from tools.bundle.folder import make
from tools.bundle.pins import EXTRAS, ROOT, extras_named
from tools.bundle.targets import TARGETS, named

MB = 1e6


def main() -> int:
    """Make a bundle as the words of the command line say, and return the exit code."""
    parser = argparse.ArgumentParser(prog="make bundle", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "dist" / "bundle")
    parser.add_argument("--targets", default="", help=f"some of: {','.join(one.name for one in TARGETS)}")
    parser.add_argument("--extras", default=",".join(EXTRAS), help=f"some of: {','.join(EXTRAS)}; or none")
    asked = parser.parse_args()
    try:
        make(asked.out, named(asked.targets), extras_named(asked.extras))
    except (BundleError, ValueError) as error:
        sys.stderr.write(f"make bundle: {error}\n")
        return 2
    files = [path for path in asked.out.rglob("*") if path.is_file()]
    wheels = sum(path.suffix == ".whl" for path in files)
    size = sum(path.stat().st_size for path in files) / MB
    sys.stdout.write(f"{asked.out}: {wheels} wheels, {size:,.0f} MB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
