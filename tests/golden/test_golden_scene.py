"""The scene of a small view, kept as JSON: what changes on the map shows in a diff.

When a change is meant, write it anew with ``GRIDMAP_WRITE_GOLDEN=1`` and read the diff.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from gridmap.model.scene import to_plain
from gridmap.render import compose

KEPT = Path(__file__).with_name("scene.json")


def test_the_scene_is_the_one_that_was_looked_at(synthetic_view):
    scene = compose(synthetic_view.view(relief_asc=synthetic_view.relief()), synthetic_view.spec())
    made = json.dumps(to_plain(scene), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    if os.environ.get("GRIDMAP_WRITE_GOLDEN") == "1":
        KEPT.write_text(made, encoding="utf-8", newline="\n")
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    found = json.loads(made)
    for part in kept:
        assert found[part] == kept[part], f"{part} of the scene has changed"
    assert found.keys() == kept.keys()
