"""Text that is inert wherever a page could run it. Data text is hostile.

Two ways into a page, and no third: `inert` for the few words of static HTML (title, heading), and
`json_block` for everything else, which the page's script parses and writes with ``textContent``.
"""

from __future__ import annotations

import json
import re
from typing import Any

# Ampersand, brackets and quotes end HTML contexts; backtick, dollar and braces start JavaScript
# templates; braces, percent and hash start Jinja ones; a backslash starts escapes in either.
_ACTIVE = re.compile(r"[&<>\"'`$%{}#\\=]")
# What HTML forbids even as a numeric entity, and lone surrogates, which UTF-8 cannot hold.
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_LONE = re.compile("[\ud800-\udfff]")
_SCRIPT = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_JSON_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_TEMPLATE_ACTIVE = re.compile(r"[{}%#<>&'`$\u2028\u2029]")


def inert(text: str) -> str:
    """Return `text` as HTML that shows it and does nothing, in an element or a quoted attribute.

    Line separators become entities too; what HTML cannot hold becomes U+FFFD.
    """
    clean = _FORBIDDEN.sub("\ufffd", text)
    shown = _ACTIVE.sub(lambda match: f"&#{ord(match.group())};", clean)
    return shown.replace("\u2028", "&#8232;").replace("\u2029", "&#8233;")


def json_block(value: Any) -> str:
    """Return JSON for a ``<script type="application/json">`` element.

    No character in it can end the element or start a comment. NaN and infinity are refused
    (ValueError): they are not JSON, and a page that fails to parse shows nothing.
    """
    raw = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign, escape in _SCRIPT.items():
        # Packed columns are megabytes: this looks for a sign much faster than a pattern of all does.
        raw = raw.replace(sign, escape)
    try:
        raw.encode("utf-8")
    except UnicodeEncodeError:
        return _LONE.sub(lambda match: f"\\u{ord(match.group()):04x}", raw)
    return raw


def json_for_template(value: Any, **options: Any) -> str:
    """Return JSON that may pass through a Jinja template and a script unharmed.

    branca compiles rendered scripts as templates a second time. Only strings need care: outside
    them JSON has no ``{{``, ``{%`` or ``{#``.
    """
    raw = json.dumps(value, **options)
    return _JSON_STRING.sub(
        lambda literal: _TEMPLATE_ACTIVE.sub(lambda c: f"\\u{ord(c.group()):04x}", literal.group()), raw
    )
