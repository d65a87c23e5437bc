"""`gridmap atlas`: for each audience a PDF that passes the guard, or an error that says how to get one."""

from __future__ import annotations

import json
import os

import pytest

from gridmap.publish.manifest import manifest_path
from gridmap.render.atlas.typeface import chinese

pytestmark = pytest.mark.skipif(
    chinese("regular") is None and not os.environ.get("CI"), reason="no Chinese font on this machine"
)


# Of the custodian, from whom nothing is kept, the guard asks least.
@pytest.mark.parametrize(
    ("audience", "unit"),
    [
        pytest.param("custodian", None, marks=pytest.mark.stress),
        ("planner", None),
        ("partner", "U-A1"),
        ("public", None),
    ],
)
def test_an_honest_atlas_passes_the_guard_for_every_audience(cli, demo_copy, audience, unit):
    named = ["--unit", unit] if unit else []
    made = cli("atlas", "-C", demo_copy, "--audience", audience, *named, "--by", "township", "--json")
    assert (made.code, made.err) == (0, "")
    path = demo_copy / f"atlas-{audience}{f'-{unit}' if unit else ''}.pdf"
    assert made.json == {"path": str(path)}
    assert path.read_bytes().startswith(b"%PDF")
    told = json.loads(manifest_path(path).read_text(encoding="utf-8"))
    assert (told["action"], told["audience"], told["unit"]) == ("atlas", audience, unit)
    assert told["options"] == {"by": "township", "size": "A4", "orientation": "landscape", "map_name": "main"}
    if audience == "public":
        found = cli("verify", path, "-C", demo_copy, "--json")
        assert found.code == 0
        assert (found.json["clean"], found.json["matches"], found.json["same_data"]) == (True, True, True)


def test_nothing_is_replaced_without_force(cli, demo_copy):
    out = demo_copy / "a.pdf"
    out.write_bytes(b"mine")
    made = cli("atlas", "-C", demo_copy, "-a", "planner", "--out", out)
    assert made.code == 2
    assert "GM104" in made.err
    assert out.read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--size", "A5"], "GM106"),
        (["--by", "home"], "GM106"),
        (["--scale", "large"], "GM106"),
        (["--scale", "1:1000"], "GM704"),
        (["--map", "other"], "GM105"),
        (["--language", "xx"], "GM106"),
    ],
)
def test_what_cannot_be_drawn_is_said_and_leaves_nothing(cli, small_demo, words, code):
    made = cli("atlas", "-C", small_demo, "-a", "planner", *words)
    assert made.code == 2
    assert code in made.err
    assert not list(small_demo.glob("*.pdf"))


def test_an_audience_must_be_named(cli, small_demo):
    assert "GM109" in cli("atlas", "-C", small_demo).err
    assert "GM109" in cli("atlas", "-C", small_demo, "-a", "partner").err


def test_without_a_chinese_font_nothing_is_left(cli, small_demo, monkeypatch):
    from gridmap.render.atlas import typeface

    monkeypatch.setattr(typeface, "_installed", dict)
    made = cli("atlas", "-C", small_demo, "-a", "planner")
    assert made.code == 2
    assert "GM703" in made.err
    assert "fonts-noto-cjk" in made.err
    assert not list(small_demo.glob("*.pdf"))
