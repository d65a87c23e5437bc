"""The one-page summary: figures per layer, findings, units, a picture; no script, nothing from outside.

Both languages stand side by side, so that the page prints as it shows. Every text from the data goes
through `gridmap.render.text.inert`; the page allows itself one style sheet, by its hash.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

import pandas as pd

from gridmap.config import ProjectSpec
from gridmap.model import View
from gridmap.model.view import require_view
from gridmap.render.summary_numbers import UnitRow, kilometres, square_kilometres, thousands, unit_rows
from gridmap.render.summary_picture import picture
from gridmap.render.text import inert

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
LAYER_TITLES = {
    "line": ("军管线", "Line", "边境段", "sections"),
    "area": ("警管面", "Area", "巡逻区", "zones"),
    "point": ("户管点", "Point", "堡垒户", "strongholds"),
}
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
    title = _pair(facts.get("name"), fallback=spec.name.model_dump())
    parts = [
        _header(title, facts, view, spec),
        _cards(facts.get("figures")),
        picture(view, spec),
        _findings(view),
        _units(view, spec),
        _statement(facts, view, spec),
    ]
    digest = base64.b64encode(hashlib.sha256(css.encode("utf-8")).digest()).decode("ascii")
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return (
        '<!doctype html>\n<html lang="zh-Hans">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{inert(title[0])} · {inert(title[1])}</title>\n<style>{css}</style>\n</head>\n<body>\n"
        + "\n".join(part for part in parts if part)
        + "\n</body>\n</html>\n"
    )


@cache
def _css() -> str:
    path = resources.files("gridmap.render").joinpath("assets/summary.css")
    return path.read_text(encoding="utf-8")


def _pair(texts: object, *, fallback: Mapping[str, str]) -> tuple[str, str]:
    found = texts if isinstance(texts, Mapping) else fallback
    return str(found.get("zh") or ""), str(found.get("en") or "")


def _both(zh: str, en: str) -> str:
    """Return a heading in both languages, the Chinese first, the English smaller; once where they are one."""
    if zh == en:
        return inert(en)
    return f'{inert(zh)} <span class="en" lang="en">{inert(en)}</span>'


def _data(value: object) -> str:
    """Return a text from the data; isolated, so that a right-to-left mark turns nothing around."""
    return f"<bdi>{inert(str(value))}</bdi>" if value not in (None, "") else '<span class="none">—</span>'


def _header(title: tuple[str, str], facts: Mapping[str, Any], view: View, spec: ProjectSpec) -> str:
    banner = _pair(facts.get("banner"), fallback={})
    named = spec.audiences.get(view.audience)
    audience = (named.title.zh, named.title.en) if named else (view.audience, view.audience)
    marks = []
    if facts.get("synthetic"):
        marks.append(f'<p class="mark synthetic">{_both(*SYNTHETIC)}</p>')
    if any(banner):
        marks.append(f'<p class="mark">{_both(*banner)}</p>')
    second = (
        f' <span class="en" lang="en"><bdi>{inert(title[1])}</bdi></span>' if title[1] != title[0] else ""
    )
    return (
        f"<header>\n<div>\n<h1><bdi>{inert(title[0])}</bdi>{second}</h1>\n"
        f'<p class="sub">{_both("分层布防概要", "who keeps what: summary")} · '
        f"{_both('对象：' + audience[0], 'for: ' + audience[1])}</p>\n</div>\n"
        f'<div class="marks">{"".join(marks)}</div>\n</header>'
    )


def _cards(figures: object) -> str:
    if not isinstance(figures, Mapping):
        return ""
    layers = figures.get("layers", {})
    cards = [_card(layer, layers[layer]) for layer in LAYER_TITLES if layer in layers]
    total = thousands(figures.get("assignments"))
    return (
        f'<section class="cards" aria-label="figures">\n{"".join(cards)}</section>\n'
        f'<p class="sub">{_both(f"共 {total} 条分派", f"{total} assignments in all")}</p>'
    )


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
    lines = "".join(f"<div><dt>{_both(a, b)}</dt><dd>{value}</dd></div>" for a, b, value in rows)
    return (
        f'<article class="card {layer}"><h2>{_both(zh, en)}</h2>'
        f'<p class="verdict {state}">{verdict}</p><dl>{lines}</dl></article>\n'
    )


def _verdict(values: Mapping[str, Any], faults: Sequence[str]) -> tuple[str, str]:
    """Return how a layer stands, as a class of the style sheet and in words."""
    if any(values.get(key) for key in faults):
        return "bad", _both("✗ 有缺口", "not complete")
    # Nothing to keep is not the same as all of it kept.
    if not any(values.get(key) for key in TO_KEEP):
        return "", _both("— 无数据", "nothing to keep")
    return "good", _both("✓ 完整", "complete")


def _table(
    heads: Sequence[tuple[str, str]], rows: Iterable[Sequence[str]], *, numbers: frozenset[int]
) -> str:
    def cells(values: Sequence[str], tag: str) -> str:
        opened = (f'<{tag} class="n">' if at in numbers else f"<{tag}>" for at in range(len(values)))
        return "".join(f"{start}{value}</{tag}>" for start, value in zip(opened, values, strict=True))

    head = cells([_both(zh, en) for zh, en in heads], "th")
    body = "\n".join(f"<tr>{cells(row, 'td')}</tr>" for row in rows)
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"


def _findings(view: View) -> str:
    heading = f"<h2>{_both('问题清单', 'Findings')}</h2>"
    if "findings" not in view.tables:
        return ""
    frame = pd.DataFrame(view.tables["findings"].frame)
    if len(frame) == 0:
        none = _both("✓ 没有发现问题", "no findings")
        return f'<section>{heading}\n<p class="verdict good">{none}</p></section>'
    shown = [column for column in FINDING_HEADS if column in frame.columns]
    cells = frame[shown].astype(object)
    records = cells.where(cells.notna(), "").to_dict("records")
    groups = _grouped(records) if len(records) > SHOWN_FINDINGS else [[one] for one in records]
    many = len(records) > SHOWN_FINDINGS
    rows = [_finding_cells(group, shown, counted=many) for group in groups[:SHOWN_FINDINGS]]
    heads = [FINDING_HEADS[column] for column in shown]
    table = _table([*heads, ("数目", "number")] if many else heads, rows, numbers=frozenset({len(shown)}))
    left = sum(len(group) for group in groups[SHOWN_FINDINGS:])
    more = f'<p class="sub">{_both(f"另有 {left} 条未列出", f"and {left} more")}</p>' if left > 0 else ""
    return f'<section class="findings">{heading}\n{_counts(frame)}\n{table}\n{more}</section>'


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
    cells = [_level(first[column]) if column == "level" else _data(first[column]) for column in shown]
    if not counted:
        return cells
    if "id" in shown:
        ids = [str(one["id"]) for one in group[:SHOWN_IDS] if one["id"] != ""]
        cells[shown.index("id")] = _data(", ".join(ids) + (" …" if len(group) > len(ids) > 0 else ""))
    if "message" in shown and len(group) > 1:
        cells[shown.index("message")] = f"{_both('例', 'e.g.')} {cells[shown.index('message')]}"
    return [*cells, thousands(len(group))]


def _level(level: object) -> str:
    zh, en = LEVELS.get(str(level), (str(level), str(level)))
    return f'<span class="level {en if str(level) in LEVELS else ""}">{_both(zh, en)}</span>'


def _counts(frame: Any) -> str:
    if "level" not in frame.columns:
        return ""
    counted = frame["level"].value_counts()
    said = [f"{_level(level)} {thousands(counted[level])}" for level in LEVELS if level in counted.index]
    return f'<p class="sub">{" · ".join(said)}</p>'


def _units(view: View, spec: ProjectSpec) -> str:
    rows = unit_rows(view, spec)
    if not rows:
        return ""
    heads = [
        ("单位", "unit"),
        ("名称", "name"),
        ("层", "layer"),
        ("所管", "keeps"),
        ("长度", "length"),
        ("面积", "area"),
        ("负责户", "households"),
        ("协同", "supports"),
    ]
    table = _table(heads, [_unit_cells(row) for row in rows], numbers=frozenset({3, 4, 5, 6, 7}))
    note = _both(
        "所管：边境段、巡逻区或堡垒户的数目；负责户：由该单位所管区或堡垒户牵头的牧户；协同：其协同的分派。",
        "keeps: sections, zones or strongholds; households: those it leads, by zone or stronghold; "
        "supports: assignments in a supporting role.",
    )
    return f'<section>\n<h2>{_both("各单位", "Units")}</h2>\n{table}\n<p class="sub">{note}</p></section>'


def _unit_cells(row: UnitRow) -> list[str]:
    titles = LAYER_TITLES.get(row.layer)
    layer = (
        f'<span class="key {row.layer}">{_both(titles[0], titles[1])}</span>' if titles else _data(row.layer)
    )
    return [
        _data(row.unit) if row.unit else _both("未指定", "none named"),
        _data(row.name),
        layer,
        thousands(row.targets),
        kilometres(row.metres) if row.metres else "",
        square_kilometres(row.square_metres) if row.square_metres else "",
        thousands(row.households) if row.households else "",
        thousands(row.supports) if row.supports else "",
    ]


def _statement(facts: Mapping[str, Any], view: View, spec: ProjectSpec) -> str:
    named = spec.audiences.get(view.audience)
    audience = f"{named.title.zh} {named.title.en}" if named else view.audience
    degree = _both(f"度，保留 {view.decimals} 位小数", f"degrees, {view.decimals} decimals")
    rows = [
        ("坐标参考系", "CRS", _data(facts.get("crs") or spec.crs)),
        ("数据版本", "revision", _data(facts.get("revision"))),
        ("对象", "audience", _data(audience)),
        ("坐标精度", "precision of positions", degree),
        ("程序版本", "gridmap", _data(facts.get("version"))),
    ]
    if facts.get("synthetic"):
        rows.insert(0, ("数据性质", "nature of the data", _both(*SYNTHETIC)))
    lines = "".join(f"<div><dt>{_both(zh, en)}</dt><dd>{value}</dd></div>" for zh, en, value in rows)
    head = _both("边界与数据来源", "source of boundary and data")
    lines += f'<div class="wide"><dt>{head}</dt><dd>{_data(facts.get("source"))}</dd></div>'
    return f"<footer>\n<h2>{_both('数据说明', 'Data statement')}</h2>\n<dl>{lines}</dl>\n</footer>"
