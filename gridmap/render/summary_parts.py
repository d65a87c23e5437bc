"""Pieces of HTML that the summary page is made of: texts in both languages, data, tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from gridmap.model import Bilingual
from gridmap.render.text import inert


def pair(texts: object, *, fallback: Mapping[str, str]) -> tuple[str, str]:
    """Return a text of the facts, Chinese and English."""
    found = texts if isinstance(texts, Mapping) else fallback
    return str(found.get("zh") or ""), str(found.get("en") or "")


def both(zh: str, en: str) -> str:
    """Return a heading in both languages, the Chinese first, the English smaller; once where they are one."""
    if zh == en:
        return inert(en)
    return f'{inert(zh)} <span class="en" lang="en">{inert(en)}</span>'


def data(value: object) -> str:
    """Return a text from the data; isolated, so that a right-to-left mark turns nothing around."""
    return f"<bdi>{inert(str(value))}</bdi>" if value not in (None, "") else '<span class="none">—</span>'


def table(heads: Sequence[tuple[str, str]], rows: Iterable[Sequence[str]], *, numbers: frozenset[int]) -> str:
    """Return a table with heads in both languages; the columns `numbers` stand at the right."""

    def cells(values: Sequence[str], tag: str) -> str:
        opened = (f'<{tag} class="n">' if at in numbers else f"<{tag}>" for at in range(len(values)))
        return "".join(f"{start}{value}</{tag}>" for start, value in zip(opened, values, strict=True))

    head = cells([both(zh, en) for zh, en in heads], "th")
    body = "\n".join(f"<tr>{cells(row, 'td')}</tr>" for row in rows)
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"


def said(text: Bilingual) -> str:
    """Return a text of the catalogue or the settings, as `both`."""
    return both(text.zh, text.en)
