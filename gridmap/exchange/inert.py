r"""Any text as one that XML can hold and that no viewer takes for markup, and exactly back.

Google Earth shows the values of a placemark as HTML, and XML 1.0 has no way at all to say most control
characters. So ``<`` and every character that XML does not have are written as a backslash, ``u`` and four
hexadecimal digits, and a backslash is, where it would otherwise read as the beginning of such an escape. Any
other text stays as it is.
"""

from __future__ import annotations

import re

# What is no Char of XML 1.0 (2.2), the bracket, and a backslash that looks like an escape of ours.
ESCAPED = re.compile("[<\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]|\\\\(?=u[0-9a-f]{4})")
ESCAPE = re.compile(r"\\u([0-9a-f]{4})")
# As references: a parser makes every end of a line \n, and in an attribute a blank.
TEXT = str.maketrans({"&": "&amp;", ">": "&gt;", "\r": "&#13;"})
ATTRIBUTE = str.maketrans(
    {"&": "&amp;", ">": "&gt;", '"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}
)


def inert(text: str) -> str:
    """Return a text without markup or characters that XML does not have; `exact` takes it back."""
    return ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def exact(text: str) -> str:
    """Return the text that `inert` was given."""
    return ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)


def element_text(text: str) -> str:
    """Return a text as it stands between tags."""
    return inert(text).translate(TEXT)


def attribute_text(text: str) -> str:
    """Return a text as it stands between the double quotes of an attribute."""
    return inert(text).translate(ATTRIBUTE)
