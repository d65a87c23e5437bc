"""Two files that belong together: both are there as made, or both are what they were before."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import product_records
import pytest

from gridmap import publish
from gridmap.errors import ConfigError, PublishError, StoreError
from gridmap.privacy import Withheld
from gridmap.store import atomic

leave = functools.partial(publish.publish, withheld=Withheld({}), record=product_records.record())


def contents(folder):
    return {one.name: one.read_bytes() for one in sorted(folder.iterdir())}


@pytest.fixture(params=["nothing there", "both there", "no second names"])
def place(request, tmp_path, monkeypatch):
    """A place with and without files to replace; and on a disk where a file has one name only."""
    if request.param != "nothing there":
        (tmp_path / "map.html").write_bytes(b"old")
        (tmp_path / "map.html.manifest.json").write_bytes(b"old manifest")
    if request.param == "no second names":

        def refuse(*_):
            raise OSError(1, "Operation not permitted")

        monkeypatch.setattr(Path, "hardlink_to", refuse)
    return tmp_path


def failing_at(real, number, error):
    """Return a function that fails when it is called for the `number`-th time, and that time only."""
    calls = []

    def call(*given, **named):
        calls.append(given)
        if len(calls) == number:
            raise error
        return real(*given, **named)

    return call


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("step", ["write", "flush", "rename", "flush the folder"])
def test_a_disk_that_fails_at_any_step_leaves_both_as_they_were(place, monkeypatch, step, number):
    before = contents(place)
    full = OSError(28, "No space left on device")
    holder, name = {
        "write": (Path, "write_bytes"),
        "flush": (atomic, "sync_file"),
        "rename": (Path, "replace"),
        "flush the folder": (atomic, "sync_folder"),
    }[step]
    monkeypatch.setattr(holder, name, failing_at(getattr(holder, name), number, full))
    with pytest.raises(PublishError, match="No space left") as caught:
        leave(b"new", place / "map.html", force=True)
    assert caught.value.code == "GM603"
    assert contents(place) == before


def test_a_disk_too_full_to_set_the_old_file_aside_leaves_no_rubbish(tmp_path, monkeypatch):
    (tmp_path / "map.html").write_bytes(b"old" * 1000)

    def refuse(*_):
        raise OSError(1, "Operation not permitted")

    def half(_, target):
        target.write_bytes(b"old")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    monkeypatch.setattr(shutil, "copy2", half)
    before = contents(tmp_path)
    with pytest.raises(PublishError, match="No space left"):
        leave(b"new", tmp_path / "map.html", force=True)
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    "error", [StoreError("GM303", "the log cannot be written", where="log", fix="x"), KeyboardInterrupt()]
)
def test_a_line_that_cannot_be_logged_takes_both_back(place, error):
    """Else there would be a product that the log does not tell of."""
    before = contents(place)
    seen = []

    def log(manifest):
        seen.append((place / "map.html").read_bytes())
        assert manifest.product == "map.html"
        raise error

    with pytest.raises(type(error)):
        leave(b"new", place / "map.html", force=True, done=log)
    assert seen == [b"new"]
    assert contents(place) == before


def test_what_cannot_be_put_back_stays_under_another_name(tmp_path, monkeypatch, caplog):
    (tmp_path / "map.html").write_bytes(b"old")

    def fail(*_):
        raise OSError(5, "Input/output error")

    def log(_):
        monkeypatch.setattr(Path, "replace", fail)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        leave(b"new", tmp_path / "map.html", force=True, done=log)
    monkeypatch.undo()
    assert b"old" in contents(tmp_path).values()
    assert "could not be put back" in caplog.text


def test_killed_between_the_two_no_product_is_there_that_nothing_tells_of(tmp_path):
    """The manifest comes first: what a killed run leaves is a manifest that fits no product."""
    (tmp_path / "old.html").write_bytes(b"old")
    script = """
import os, sys
from pathlib import Path
import product_records
from gridmap import publish
from gridmap.privacy import Withheld
real, calls = Path.replace, []
def killed(self, target):
    calls.append(target)
    if len(calls) == 2:
        os._exit(9)
    return real(self, target)
Path.replace = killed
publish.publish(b"new", Path(sys.argv[1]), withheld=Withheld({}), record=product_records.record(), force=True)
"""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
    for name in ("old.html", "new.html"):
        done = subprocess.run([sys.executable, "-c", script, tmp_path / name], env=env, check=False)
        assert done.returncode == 9
    assert (tmp_path / "old.html").read_bytes() == b"old"
    assert not (tmp_path / "new.html").exists()
    for name in ("old.html", "new.html"):
        told = json.loads((tmp_path / f"{name}.manifest.json").read_bytes())
        assert told["output"]["bytes"] == len(b"new")
    with pytest.raises(ConfigError, match="GM104"):
        leave(b"new", tmp_path / "new.html")
    assert leave(b"new", tmp_path / "new.html", force=True).read_bytes() == b"new"


@pytest.mark.parametrize("there", ["map.html", "map.html.manifest.json"])
def test_either_file_is_in_the_way_without_force(tmp_path, there):
    (tmp_path / there).write_bytes(b"somebody else's")
    before = contents(tmp_path)
    with pytest.raises(ConfigError) as caught:
        leave(b"new", tmp_path / "map.html")
    assert caught.value.code == "GM104"
    assert there in caught.value.where
    assert contents(tmp_path) == before
    leave(b"new", tmp_path / "map.html", force=True)
    assert set(contents(tmp_path)) == {"map.html", "map.html.manifest.json"}


def test_a_folder_in_the_manifests_place_is_never_replaced(tmp_path):
    (tmp_path / "map.html.manifest.json").mkdir()
    with pytest.raises(ConfigError, match="GM104"):
        leave(b"new", tmp_path / "map.html", force=True)
    assert not (tmp_path / "map.html").exists()


@pytest.mark.parametrize("name", ["map.html.manifest.json", "MAP.MANIFEST.JSON", ".manifest.json"])
def test_no_product_is_called_like_a_manifest(tmp_path, name):
    with pytest.raises(ConfigError, match="GM104"):
        leave(b"new", tmp_path / name, force=True)
    assert contents(tmp_path) == {}


def test_a_manifests_place_that_leads_to_the_store_is_refused(tmp_path):
    for own in ("gridmap.toml", "border.gpkg"):
        (tmp_path / own).write_bytes(b"the only copy")
    (tmp_path / "map.html.manifest.json").symlink_to(tmp_path / "border.gpkg")
    with pytest.raises(ConfigError, match="GM104"):
        leave(b"new", tmp_path / "map.html", force=True)
    assert (tmp_path / "border.gpkg").read_bytes() == b"the only copy"


def test_the_secret_is_not_replaced_however_it_is_spelled(tmp_path):
    """Many disks take Releases.JSON for releases.json."""
    for own in ("gridmap.toml", "releases.json"):
        (tmp_path / own).write_bytes(b"the only copy")
    for name in ("releases.json", "Releases.JSON", "GRIDMAP.toml"):
        with pytest.raises(ConfigError, match="GM104"):
            leave(b"new", tmp_path / name, force=True)


def test_a_link_is_put_back_as_a_link(tmp_path, monkeypatch):
    (tmp_path / "elsewhere.html").write_bytes(b"old")
    out = tmp_path / "map.html"
    out.symlink_to("elsewhere.html")
    monkeypatch.setattr(atomic, "sync_folder", failing_at(atomic.sync_folder, 2, OSError(5, "I/O error")))
    with pytest.raises(PublishError):
        leave(b"new", out, force=True)
    assert out.readlink() == Path("elsewhere.html")
    assert set(contents(tmp_path)) == {"elsewhere.html", "map.html"}


def test_a_name_that_no_disk_takes_is_a_clear_error(tmp_path):
    with pytest.raises(PublishError) as caught:
        leave(b"new", tmp_path / ("图" * 100 + ".html"))
    assert caught.value.code == "GM603"
    assert contents(tmp_path) == {}
