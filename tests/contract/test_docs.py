"""Docs that cannot fall behind: nothing in the code without its line, no link or command that fails."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
import types
import typing
from pathlib import Path

import pytest
import readme_files
import reference
from prompt import at_prompt
from pydantic import BaseModel

from gridmap import checks, registry
from gridmap.config import RESULT_TABLES, default_spec, template_text
from gridmap.config.spec import COMMON_COLUMNS, RESERVED, ProjectSpec

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *ROOT.glob("data/*.md")])


def read(*parts: str) -> str:
    return DOCS.joinpath(*parts).read_text(encoding="utf-8")


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def models(model: type[BaseModel]) -> list[type[BaseModel]]:
    """Return a settings model and all that it is made of."""
    found, waiting = [], [model]
    while waiting:
        one = waiting.pop(0)
        if one in found:
            continue
        found.append(one)
        for field in one.model_fields.values():
            waiting.extend(_models_in(field.annotation))
    return found


def _models_in(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return [annotation] if issubclass(annotation, BaseModel) else []
    return [one for part in typing.get_args(annotation) for one in _models_in(part)]


KEYS = [
    (model.__name__, field.alias or name)
    for model in models(ProjectSpec)
    for name, field in model.model_fields.items()
    if model.__name__ != "Text"
]


def key_row(key: str) -> re.Pattern[str]:
    return re.compile(rf"^\| `{re.escape(key)}` \|[^|]+\|[^|]*\| \S", re.MULTILINE)


@pytest.mark.parametrize(("model", "key"), KEYS)
def test_every_key_has_its_line(model, key):
    assert key_row(key).search(read("reference", "config.md")), f"{model}: {key}"


def test_the_page_names_no_key_that_does_not_exist():
    known = {key for _, key in KEYS} | set(registry.names("overlays"))
    rows = set(re.findall(r"^\| `([a-z_0-9]+)` \|", read("reference", "config.md"), re.MULTILINE))
    assert rows - known == set()


def test_the_page_gives_the_defaults_of_the_code():
    page = read("reference", "config.md")
    for model in models(ProjectSpec):
        for name, field in model.model_fields.items():
            if isinstance(field.default, (int, float, bool)) and model.__name__ != "Text":
                # Two tables may have a key of one name, each with its own default.
                rows = re.findall(rf"^\| `{name}` \| [^|]+ \| `([^`]+)` \|", page, re.MULTILINE)
                assert field.default in [tomllib.loads(f"x = {row}")["x"] for row in rows], name


def test_every_overlay_and_own_table_is_named():
    page = read("reference", "config.md")
    for word in (*registry.names("overlays"), *sorted(RESERVED), *COMMON_COLUMNS):
        assert f"`{word}`" in page, word


def test_the_template_says_what_the_page_says():
    """The comments in a new gridmap.toml are the first documentation that people read."""
    text = template_text(name_en="a", name_zh="b", crs="EPSG:4508", synthetic=False, source="")
    for model, key in KEYS:
        if model in {"LineLayer", "AreaLayer", "PointLayer", "RuleSpec", "LevelSpec"}:
            assert re.search(rf"^{key} = ", text, re.MULTILINE), f"{model}: {key}"


@pytest.mark.parametrize("rule", registry.names("rules"))
def test_every_rule_has_its_line(rule):
    assert f"`{rule}`" in read("reference", "rules.md")


@pytest.mark.parametrize("name", registry.names("formats"))
def test_every_format_has_its_line(name):
    assert re.search(rf"\b{name}\b", read("reference", "formats.md"), re.IGNORECASE)


def test_every_check_has_its_line():
    rows = re.findall(
        r"^\| `([a-z-]+)` \| (error|warning|info) \|", read("reference", "checks.md"), re.MULTILINE
    )
    assert dict(rows) == {code: doc.level for code, doc in checks.codes().items()}


@pytest.mark.parametrize("name", ["commands.md", "checks.md"])
def test_made_pages_are_as_the_code_makes_them(name):
    """`make docs` writes them anew."""
    path = DOCS / "reference" / name
    assert path.read_text(encoding="utf-8") == reference.pages()[path], "run: make docs"


def test_every_command_has_an_example():
    page = reference.commands_text()
    parts = page.split("\n## gridmap ")[1:]
    assert len(parts) >= 12
    for part in parts:
        name = part.split("\n", 1)[0]
        assert f"```sh\ngridmap {name}" in part, name


def test_the_glossary_has_the_words_of_the_model():
    page = read("glossary.md")
    spec = default_spec()
    for word in (*spec.kinds, "line", "area", "point", "lead", "support", "custodian", "planner"):
        assert re.search(rf"\b{word}\b", page), word
    for word in (
        "军管线",
        "警管面",
        "户管点",
        "堡垒户",
        "边境段",
        "网格",
        "嘎查",
        "里程",
        "牵头",
        "协同",
        "空白",
        "重叠",
    ):
        assert word in page, word


def test_every_result_table_is_explained():
    text = read("tutorial.md")
    for table in RESULT_TABLES:
        assert f"`{table}`" in text


def anchors(text: str) -> set[str]:
    """Return the anchors that a page's headings make, as GitHub makes them."""
    heads = re.findall(
        r"^#+ +(.+)$", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE
    )
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_links_lead_somewhere(path):
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("https://", "mailto:")):
            continue
        file, _, anchor = target.partition("#")
        other = (path.parent / file).resolve() if file else path
        assert other.exists(), f"{named(path)} -> {target}"
        assert other.is_relative_to(ROOT), target
        if anchor:
            assert anchor in anchors(other.read_text(encoding="utf-8")), f"{named(path)} -> {target}"


def test_every_page_can_be_reached():
    index = read("index.md")
    for path in DOCS.rglob("*.md"):
        if path.name != "index.md":
            assert f"({path.relative_to(DOCS).as_posix()})" in index, named(path)


def blocks(path: Path, language: str) -> list[str]:
    text = path.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def commands(path: Path) -> list[list[str]]:
    lines = [line for block in blocks(path, "sh") for line in block.splitlines()]
    return [words for line in lines if (words := shlex.split(line, comments=True))]


def run(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False, timeout=240
    )


def run_page(path: Path, folder: Path, *, swap: dict[str, str] | None = None, found: tuple[str, ...] = ()):
    """Run the commands of a page in order; those in `found` exit with 1, the others with 0."""
    for words in commands(path):
        assert words[0] == "gridmap", f"{named(path)}: {words}"
        done = at_prompt([(swap or {}).get(word, word) for word in words[1:]], folder)
        wanted = 1 if shlex.join(words) in found else 0
        assert done.returncode == wanted, f"{named(path)}: {shlex.join(words)}\n{done.stdout}\n{done.stderr}"


def test_the_readme_runs_at_a_prompt(tmp_path):
    readme_files.write(tmp_path)
    run_page(ROOT / "README.md", tmp_path)
    assert (tmp_path / "map.html").stat().st_size > 10_000


def test_the_readme_runs_in_python(tmp_path):
    [code] = blocks(ROOT / "README.md", "python")
    assert len([line for line in code.splitlines() if line]) <= 12
    done = run([sys.executable, "-W", "error", "-c", code], tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "map.html").is_file()
    assert "LineAnswer" in done.stdout


def test_the_readme_names_targets_that_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    for page in PAGES:
        for target in re.findall(
            r"^\$ make (\w+)|`make (\w+)`", page.read_text(encoding="utf-8"), re.MULTILINE
        ):
            assert "".join(target) in targets, f"{named(page)}: make {target}"


def test_the_tutorial_runs(tmp_path):
    wells = "id,name,class,lon,lat\nW-NEW-1,新井,well,110.12,42.50\n"
    (tmp_path / "wells.csv").write_text(wells, encoding="utf-8", newline="\n")
    made = at_prompt(["demo", "other"], tmp_path)
    assert made.returncode == 0, made.stderr
    listed = at_prompt(shlex.split("export outpost o.csv --audience planner -C other"), tmp_path)
    assert listed.returncode == 0, listed.stderr
    outpost = (tmp_path / "o.csv").read_text(encoding="utf-8-sig").splitlines()[1].split(",")[0]
    run_page(DOCS / "tutorial.md", tmp_path, swap={"OUTPOST": outpost}, found=("gridmap check -C faulty",))
    [code] = blocks(DOCS / "tutorial.md", "python")
    done = run([sys.executable, "-W", "error", "-c", code], tmp_path)
    assert done.returncode == 0, done.stderr


def test_the_changelog_says_this_version():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert version in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
