"""The one-page summary: figures per layer, findings, units, a picture; no script, nothing from outside.

Both languages stand side by side, so that the page prints as it shows. Every text from the data goes
through `gridmap.render.text.inert`; the page allows itself one style sheet, by its hash.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

import pandas as pd

from gridmap.config import ProjectSpec
from gridmap.model import View
from gridmap.model.view import require_view
from gridmap.render.holdings import layers
from gridmap.render.summary_derived import derived_section, held_note
from gridmap.render.summary_numbers import kilometres, square_kilometres, thousands
from gridmap.render.summary_parts import both, data, pair, said, table
from gridmap.render.summary_picture import picture
from gridmap.render.summary_units import LAYER_TITLES, units_section
from gridmap.render.text import inert
from gridmap.render.words import approval, named_in_both, word

SHOWN_FINDINGS = 14
SHOWN_IDS = 4
FINDING_HEADS = {
    "level": ("级别", "level"),
    "code": ("代码", "code"),
    "table": ("表", "table"),
    "id": ("编号", "id"),
    "message": ("说明", "what is wrong"),
    "fix": ("处理", "fix"),
}
LEVELS = {"error": ("错误", "error"), "warning": ("警告", "warning"), "info": ("提示", "info")}
TO_KEEP = ("length_m", "area_m2", "served")
SYNTHETIC = ("示意·合成数据", "schematic, synthetic data")


def summary_html(view: View, spec: ProjectSpec) -> str:
    """Return the summary page of a view.

    Parameters
    ----------
    view : View
        Made by `gridmap.privacy.make_view`. Of its facts the page prints name, banner, synthetic,
        crs, revision, version, source and figures (`Figures.to_json`).
    spec : ProjectSpec
        Settings: titles of the audience and of the kinds.

    Returns
    -------
    str
        One HTML page: same view, same text. It asks for nothing but itself, runs no script, and
        prints on A4.

    Raises
    ------
    PublishError
        GM601 if `view` is not a view that privacy has cleared.
    """
    facts = require_view(view).facts
    css = _css()
    title = pair(facts.get("name"), fallback=spec.name.model_dump())
    parts = [
        _header(title, facts, view, spec),
        _cards(facts.get("figures"), held_note(view, spec)),
        derived_section(view, spec),
        picture(view, spec),
        _findings(view, whole=set(layers(view, spec).values()) == {"whole"}),
        units_section(view, spec),
        _statement(facts, view, spec),
    ]
    digest = base64.b64encode(hashlib.sha256(css.encode("utf-8")).digest()).decode("ascii")
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return (
        '<!doctype html>\n<html lang="zh-Hans">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{inert(title[0])} · {inert(title[1])}</title>\n<style>{css}</style>\n</head>\n<body>\n"
        + _sheet(parts, view, spec)
        + "\n</body>\n</html>\n"
    )


@cache
def _css() -> str:
    path = resources.files("gridmap.render").joinpath("assets/summary.css")
    return path.read_text(encoding="utf-8")


def _header(title: tuple[str, str], facts: Mapping[str, Any], view: View, spec: ProjectSpec) -> str:
    banner = pair(facts.get("banner"), fallback={})
    named = spec.audiences.get(view.audience)
    audience = (named.title.zh, named.title.en) if named else (view.audience, view.audience)
    mark = _mark(view, spec)
    marks = [f'<p class="mark handling">{both(*mark)}</p>'] if any(mark) else []
    number = approval(named.approval_number if named else "")
    if number.zh:
        marks.append(f'<p class="approval">{said(number)}</p>')
    if facts.get("synthetic"):
        marks.append(f'<p class="mark synthetic">{both(*SYNTHETIC)}</p>')
    if any(banner):
        marks.append(f'<p class="mark banner">{both(*banner)}</p>')
    second = (
        f' <span class="en" lang="en"><bdi>{inert(title[1])}</bdi></span>' if title[1] != title[0] else ""
    )
    unit = named_in_both(facts.get("unit_name"))
    for_unit = f" · {said(unit)}" if unit.zh else ""
    return (
        f"<header>\n<div>\n<h1><bdi>{inert(title[0])}</bdi>{second}</h1>\n"
        f'<p class="sub">{both("分层布防概要", "who keeps what: summary")} · '
        f"{both('对象：' + audience[0], 'for: ' + audience[1])}{for_unit}</p>\n</div>\n"
        f'<div class="marks">{"".join(marks)}</div>\n</header>'
    )


def _mark(view: View, spec: ProjectSpec) -> tuple[str, str]:
    named = spec.audiences.get(view.audience)
    return (named.handling_mark.zh, named.handling_mark.en) if named else ("", "")


def _sheet(parts: Sequence[str], view: View, spec: ProjectSpec) -> str:
    """Return the body in a frame whose head is printed at the top of every page.

    Only a table's head is repeated on paper by every browser; the screen shows it once, in the header.
    """
    texts = (_mark(view, spec), pair(view.facts.get("banner"), fallback={}))
    running = " · ".join(both(*one) for one in texts if any(one))
    head = f'<thead aria-hidden="true"><tr><td>{running}</td></tr></thead>'
    body = "\n".join(part for part in parts if part)
    rest = f"<tbody><tr><td>\n{body}\n</td></tr></tbody>"
    return f'<table class="sheet" role="presentation">{head}\n{rest}</table>'


def _cards(figures: object, held: str) -> str:
    """Return a card for each layer that there are figures of, and one of what is not in the product."""
    if not isinstance(figures, Mapping):
        figures = {}
    known = figures.get("layers", {})
    cards = [_card(layer, known[layer]) for layer in LAYER_TITLES if layer in known]
    cards += [held] if held else []
    parts = [f'<section class="cards" aria-label="figures">\n{"".join(cards)}</section>'] if cards else []
    if figures.get("assignments") is not None:
        total = thousands(figures["assignments"])
        parts.append(f'<p class="sub">{both(f"共 {total} 条分派", f"{total} assignments in all")}</p>')
    return "\n".join(parts)


def _card(layer: str, values: Mapping[str, Any]) -> str:
    zh, en, target_zh, target_en = LAYER_TITLES[layer]
    rows = [(target_zh, target_en, thousands(values.get("targets")))]
    faults: tuple[tuple[str, str, str], ...]
    if layer == "line":
        faults = (("空白", "gap", "gap_m"), ("重叠", "overlap", "overlap_m"))
        rows.append(("边境线长度", "border length", kilometres(values.get("length_m"))))
        rows += [(a, b, kilometres(values.get(key))) for a, b, key in faults]
    elif layer == "area":
        faults = (
            ("空白", "gap", "gap_m2"),
            ("重叠", "overlap", "overlap_m2"),
            ("界外", "outside", "outside_m2"),
        )
        rows.append(("辖区面积", "jurisdiction", square_kilometres(values.get("area_m2"))))
        rows += [(a, b, square_kilometres(values.get(key))) for a, b, key in faults]
    else:
        faults = (("无堡垒户可及的牧户", "orphans", "orphans"),)
        rows.append(("已覆盖户", "households served", thousands(values.get("served"))))
        rows += [(a, b, thousands(values.get(key))) for a, b, key in faults]
    state, verdict = _verdict(values, [key for _, _, key in faults])
    lines = "".join(f"<div><dt>{both(a, b)}</dt><dd>{value}</dd></div>" for a, b, value in rows)
    return (
        f'<article class="card {layer}"><h2>{both(zh, en)}</h2>'
        f'<p class="verdict {state}">{verdict}</p><dl>{lines}</dl></article>\n'
    )


def _verdict(values: Mapping[str, Any], faults: Sequence[str]) -> tuple[str, str]:
    """Return how a layer stands, as a class of the style sheet and in words."""
    if not set(faults) <= set(values):
        return "", ""
    if any(values.get(key) for key in faults):
        return "bad", both("✗ 有缺口", "not complete")
    # Nothing to keep is not the same as all of it kept.
    if not any(values.get(key) for key in TO_KEEP):
        return "", both("— 无数据", "nothing to keep")
    return "good", both("✓ 完整", "complete")


def _findings(view: View, *, whole: bool) -> str:
    heading = f"<h2>{both('问题清单', 'Findings')}</h2>"
    if "findings" not in view.tables:
        return ""
    frame = pd.DataFrame(view.tables["findings"].frame)
    if len(frame) == 0:
        # Only who sees all of the arrangement may be told that it is complete.
        none = both("✓ 没有发现问题", "no findings") if whole else said(word("findings.less"))
        return f'<section>{heading}\n<p class="verdict{" good" if whole else ""}">{none}</p></section>'
    shown = [column for column in FINDING_HEADS if column in frame.columns]
    cells = frame[shown].astype(object)
    records = cells.where(cells.notna(), "").to_dict("records")
    groups = _grouped(records) if len(records) > SHOWN_FINDINGS else [[one] for one in records]
    many = len(records) > SHOWN_FINDINGS
    rows = [_finding_cells(group, shown, counted=many) for group in groups[:SHOWN_FINDINGS]]
    heads = [FINDING_HEADS[column] for column in shown]
    made = table([*heads, ("数目", "number")] if many else heads, rows, numbers=frozenset({len(shown)}))
    left = sum(len(group) for group in groups[SHOWN_FINDINGS:])
    more = f'<p class="sub">{both(f"另有 {left} 条未列出", f"and {left} more")}</p>' if left > 0 else ""
    return f'<section class="findings">{heading}\n{_counts(frame)}\n{made}\n{more}</section>'


def _grouped(records: list[dict[Any, Any]]) -> list[list[dict[Any, Any]]]:
    """Return findings of one level, code and table together: one page has no room for each."""
    groups: dict[tuple[str, ...], list[dict[Any, Any]]] = {}
    for record in records:
        key = tuple(str(record.get(column, "")) for column in ("level", "code", "table"))
        groups.setdefault(key, []).append(record)
    return list(groups.values())


def _finding_cells(group: list[dict[Any, Any]], shown: list[str], *, counted: bool) -> list[str]:
    """Return the cells of one finding, or of several alike: their first ids and an example."""
    first = group[0]
    cells = [_level(first[column]) if column == "level" else data(first[column]) for column in shown]
    if not counted:
        return cells
    if "id" in shown:
        ids = [str(one["id"]) for one in group[:SHOWN_IDS] if one["id"] != ""]
        cells[shown.index("id")] = data(", ".join(ids) + (" …" if len(group) > len(ids) > 0 else ""))
    if "message" in shown and len(group) > 1:
        cells[shown.index("message")] = f"{both('例', 'e.g.')} {cells[shown.index('message')]}"
    return [*cells, thousands(len(group))]


def _level(level: object) -> str:
    zh, en = LEVELS.get(str(level), (str(level), str(level)))
    return f'<span class="level {en if str(level) in LEVELS else ""}">{both(zh, en)}</span>'


def _counts(frame: Any) -> str:
    if "level" not in frame.columns:
        return ""
    counted = frame["level"].value_counts()
    said = [f"{_level(level)} {thousands(counted[level])}" for level in LEVELS if level in counted.index]
    return f'<p class="sub">{" · ".join(said)}</p>'


def _statement(facts: Mapping[str, Any], view: View, spec: ProjectSpec) -> str:
    named = spec.audiences.get(view.audience)
    audience = f"{named.title.zh} {named.title.en}" if named else view.audience
    degree = both(f"度，保留 {view.decimals} 位小数", f"degrees, {view.decimals} decimals")
    rows = [
        ("坐标参考系", "CRS", data(facts.get("crs") or spec.crs)),
        ("数据版本", "revision", data(facts.get("revision"))),
        ("对象", "audience", data(audience)),
        ("坐标精度", "precision of positions", degree),
        ("程序版本", "gridmap", data(facts.get("version"))),
    ]
    season = facts.get("season")
    if isinstance(season, Mapping):
        rows.insert(
            0, ("季节（牧户位于该季营地）", "season (homes at their camps)", both(*pair(season, fallback={})))
        )
    if facts.get("synthetic"):
        rows.insert(0, ("数据性质", "nature of the data", both(*SYNTHETIC)))
    lines = "".join(f"<div><dt>{both(zh, en)}</dt><dd>{value}</dd></div>" for zh, en, value in rows)
    head = both("边界与数据来源", "source of boundary and data")
    lines += f'<div class="wide"><dt>{head}</dt><dd>{data(facts.get("source"))}</dd></div>'
    return f"<footer>\n<h2>{both('数据说明', 'Data statement')}</h2>\n<dl>{lines}</dl>\n</footer>"
