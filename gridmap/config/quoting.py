"""Texts as TOML has them between double quotes (TOML 1.0.0, "String")."""

from __future__ import annotations

import re

SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
CONTROL = re.compile(r'["\\\x00-\x1f\x7f]')


def escaped(text: str) -> str:
    """Return a text so that it can stand between the quotes of a basic string."""
    return CONTROL.sub(lambda one: SHORT.get(one[0], f"\\u{ord(one[0]):04x}"), text)
