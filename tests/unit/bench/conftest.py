"""The suite of figures is run as modules from the root: `tests.bench` is found there."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))
