"""Nothing in the repository that is not for everybody: no machine's paths, no hosts, no huge files."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LARGEST = 2_000_000
LARGEST_OF_ALL = 12_000_000

# Put together here, so that this file does not hold what it looks for.
MACHINE_PATHS = [f"/{name}/" for name in ("work", "tmp", "root", "home", "Users", "mnt")]
PATHS = re.compile("(?<![\\w.~})-])(" + "|".join(MACHINE_PATHS) + ")")
HOSTS = re.compile(
    r"(index[-_]url|trusted[-_]host|registry\s*=)\s*[=:]?\s*https?:|"
    r"https?://[^\s/\"']*(artifactory|nexus|mirror|proxy|registry|pypi\.(?!org))[^\s/\"']*|"
    r"https?://(?!127\.0\.0\.1)(\d{1,3}\.){3}\d{1,3}|https?://[^\s/\"']*\.(internal|local|lan|corp)\b"
)
SECRETS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE "
    r"KEY-----|\b(ghp|gho|glpat|sk|pypi)[-_][A-Za-z0-9_-]{24,}|AKIA[A-Z0-9]{16}\b"
)
TEXT = {
    ".py",
    ".md",
    ".toml",
    ".txt",
    ".json",
    ".ipynb",
    ".css",
    ".js",
    ".csv",
    ".geojson",
    ".html",
    ".qml",
} | {
    ".svg",
    ".LICENSE",
    ".yml",
    ".yaml",
    ".cfg",
    "",
}


def tracked() -> list[Path]:
    """Return every file that is in the repository, or would be with the next `git add`."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    paths = [ROOT / name for name in listed.stdout.decode("utf-8").split("\0") if name]
    return sorted(path for path in paths if path.is_file())


FILES = tracked()
# Bytes that broke a reader once: in no encoding.
KEPT = ROOT / "tests" / "hostile" / "kept"
TEXTS = [path for path in FILES if path.suffix in TEXT and KEPT not in path.parents]
OWN_NAME = "gridmap"


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{named(path)}:{number}: {hit.group(0)}"
        for path in TEXTS
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1)
        if (hit := pattern.search(line))
    ]


def test_there_is_something_to_look_at():
    assert len(TEXTS) > 50
    assert ROOT / "README.md" in TEXTS


def test_no_path_of_a_machine():
    assert lines_with(PATHS) == []


def test_no_host_of_a_registry():
    assert lines_with(HOSTS) == []


def test_no_secret():
    assert lines_with(SECRETS) == []


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (PATHS, 'open("/' + 'tmp/a.csv")'),
        (PATHS, "see /" + "home/someone/notes"),
        (HOSTS, "--index-url " + "https:" + "//packages.example/simple"),
        (HOSTS, "https:" + "//10.1.2.3/simple"),
        (SECRETS, "token = ghp_" + "a" * 36),
    ],
)
def test_the_patterns_find_what_they_are_for(pattern, text):
    assert pattern.search(text)


def test_no_huge_file():
    sizes = {named(path): path.stat().st_size for path in FILES}
    assert {name: size for name, size in sizes.items() if size > LARGEST} == {}
    assert sum(sizes.values()) < LARGEST_OF_ALL


def test_data_is_kept_where_its_source_is_said():
    """A store, a spreadsheet or a trace anywhere else would be somebody's."""
    suffixes = {".gpkg", ".shp", ".dbf", ".kml", ".kmz", ".gpx", ".xlsx", ".parquet", ".sqlite", ".tif"}
    held = [path for path in FILES if path.suffix.lower() in suffixes]
    assert [named(path) for path in held if path.parent != ROOT / "data" / "samples"] == []
    text = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    assert [named(path) for path in held if path.name not in text] == []


def test_text_files_end_their_lines_the_same_way_everywhere():
    """Those of others are kept to the byte: a checksum pins them."""
    own = [path for path in TEXTS if path.parent != ROOT / "gridmap" / "render" / "assets"]
    assert [named(path) for path in own if b"\r\n" in path.read_bytes()] == []


def test_the_lock_pins_every_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(one for extra in project["optional-dependencies"].values() for one in extra),
    ]
    pinned = {
        re.split(r"[ =;<>]", line, maxsplit=1)[0]
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if line and "==" in line
    }
    names = {re.split(r"[\[<>=~! ;]", one, maxsplit=1)[0].lower() for one in wanted}
    assert names - pinned - {OWN_NAME} == set()


def test_every_dependency_has_its_reason():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    page = (ROOT / "docs" / "decisions" / "0002-dependencies.md").read_text(encoding="utf-8")
    for one in [*project["dependencies"], *(d for e in project["optional-dependencies"].values() for d in e)]:
        name = re.split(r"[\[<>=~! ;]", one, maxsplit=1)[0]
        if name == OWN_NAME:
            continue
        assert f"`{name}`" in page or name.endswith("-stubs") or name.startswith("types-"), name
