"""The sample of assignments is shared with the tests of the store."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "store"))
