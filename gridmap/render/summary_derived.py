"""What the summary says instead of rows: areas and counts in figures, and what the product does not hold."""

from __future__ import annotations

import pandas as pd

from gridmap.config import ProjectSpec
from gridmap.model import View
from gridmap.model.scene import Derived
from gridmap.render.holdings import derived, derived_title, layers
from gridmap.render.summary_numbers import thousands
from gridmap.render.summary_parts import both, data, said, table
from gridmap.render.words import catalogue, word

MOST_ROWS = 30
SENTENCES = {"areas": "areas", "counts": "counts", "generalised": "rough"}


def held_note(view: View, spec: ProjectSpec) -> str:
    """Return, for each layer of which the view does not hold all, how much it holds; else nothing."""
    parts = [
        f"<li>{said(word(f'group.{layer}'))}: {said(word(f'held.{held}'))}</li>"
        for layer, held in layers(view, spec).items()
        if held != "whole"
    ]
    if not parts:
        return ""
    return f'<article class="card held"><h2>{said(word("held"))}</h2><ul>{"".join(parts)}</ul></article>'


def derived_section(view: View, spec: ProjectSpec) -> str:
    """Return a table for each derived table of the view: by unit row by row, of areas the sums."""
    blocks = []
    for name, one in derived(view, spec).items():
        frame = pd.DataFrame(view.tables[name].frame)
        if len(frame):
            blocks.append(_block(one, frame, spec))
    inner = "\n".join(blocks)
    return f'<div class="made">\n{inner}\n</div>' if blocks else ""


def _block(one: Derived, frame: pd.DataFrame, spec: ProjectSpec) -> str:
    title = said(derived_title(one))
    note = f'<p class="sub">{_sentence(one)}</p>' if one.form in SENTENCES else ""
    figures = [name for name in frame.columns if _is_figure(frame[name])]
    heads = [_head(one, str(name), spec) for name in figures]
    if one.form == "areas":
        cells = [thousands(len(frame)), *(thousands(frame[name].sum()) for name in figures)]
        body = table([("片区", "areas"), *heads], [cells], numbers=frozenset(range(1, len(cells))))
        return f"<section>\n<h2>{title}</h2>\n{body}\n{note}</section>"
    texts = [name for name in ("name", "area_name") if name in frame.columns]
    rows = [
        [
            *(data(None if pd.isna(row[name]) else row[name]) for name in texts),
            *(thousands(None if pd.isna(row[name]) else row[name]) for name in figures),
        ]
        for row in frame.head(MOST_ROWS).to_dict("records")
    ]
    named = {"name": ("名称", "name"), "area_name": ("所在", "lies in")}
    body = table(
        [*(named[name] for name in texts), *heads],
        rows,
        numbers=frozenset(range(len(texts), len(texts) + len(figures))),
    )
    left = len(frame) - len(rows)
    more = f'<p class="sub">{both(f"另有 {left} 条未列出", f"and {left} more")}</p>' if left > 0 else ""
    return f"<section>\n<h2>{title}</h2>\n{body}\n{more}{note}</section>"


def _is_figure(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype)


def _head(one: Derived, column: str, spec: ProjectSpec) -> tuple[str, str]:
    if column == "rows":
        return one.title.zh, one.title.en
    schema = spec.kinds[one.kind].columns.get(column)
    if schema is None or schema.title is None:
        return column, column
    return schema.title.zh, schema.title.en


def _sentence(one: Derived) -> str:
    key = f"{SENTENCES[one.form]}.{'k' if one.k else 'many'}"
    own = f"{key}.{one.kind}"
    text = word(own if own in catalogue()["en"] else key)
    k = thousands(one.k)
    return both(text.zh.replace("{k}", k), text.en.replace("{k}", k))
