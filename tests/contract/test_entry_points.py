"""The one door: a name that does not load is a rule, check, overlay or format that users lose."""

from __future__ import annotations

import importlib
import tomllib
from pathlib import Path

import pytest

from gridmap import registry
from gridmap.config import default_spec
from gridmap.errors import ConfigError

ROOT = Path(__file__).parents[2]
GROUPS = ("rules", "checks", "overlays", "formats")
DECLARED = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]
ENTRIES = [(group, name) for group in GROUPS for name in DECLARED[f"gridmap.{group}"]]


@pytest.mark.parametrize(("group", "name"), ENTRIES)
def test_every_declared_name_loads(group, name):
    module, _, attribute = DECLARED[f"gridmap.{group}"][name].partition(":")
    assert registry.get(group, name) is getattr(importlib.import_module(module), attribute)


@pytest.mark.parametrize("group", GROUPS)
def test_the_installed_names_are_the_declared_ones(group):
    """Fails when entry points were edited without installing again."""
    assert set(DECLARED[f"gridmap.{group}"]) <= set(registry.names(group))
    assert registry.names(group) == tuple(sorted(registry.names(group)))
    assert set(registry.everything(group)) == set(registry.names(group))


@pytest.mark.parametrize(
    ("group", "folder"),
    [("rules", "assign/rules"), ("overlays", "render/overlays"), ("formats", "exchange/formats")],
)
def test_every_built_in_comes_in_by_the_door(group, folder):
    """One file a rule, overlay or format: a file that is not registered never runs."""
    files = {p.stem for p in (ROOT / "gridmap" / folder).glob("*.py") if not p.stem.startswith("_")}
    registered = {
        target.partition(":")[0].rpartition(".")[2] for target in DECLARED[f"gridmap.{group}"].values()
    }
    assert registered <= files
    for stem in files - registered:
        source = (ROOT / "gridmap" / folder / f"{stem}.py").read_text(encoding="utf-8")
        word = group.removesuffix("s").upper()
        assert f"\n{word} = " not in source, f"{stem} is not registered"


@pytest.mark.parametrize("group", GROUPS)
def test_a_misspelling_is_answered_with_the_names(group):
    with pytest.raises(ConfigError, match="GM110") as caught:
        registry.get(group, "no_such_name")
    assert registry.names(group)[0] in caught.value.fix


def test_the_template_uses_only_what_is_registered():
    spec = default_spec()
    assert {used.rule for used in spec.rules} <= set(registry.names("rules"))
    assert {one for drawn in spec.maps.values() for one in drawn.overlays} == set(registry.names("overlays"))
