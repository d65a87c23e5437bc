"""The catalogue of every word on the page: one file a language (``assets/messages/LANGUAGE.json``).

A page speaks every language that has a file. English and Chinese are always there: titles of the data
have these two; a third language is one more file with the same keys.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from gridmap.model import Bilingual

LANGUAGES = ("zh", "en")  # those every text has; the page's first
_APPROVAL = re.compile(r"^\s*(审图号|map approval no\.?)\s*[:：]?\s*", re.IGNORECASE)


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Return the messages by language and key: Chinese and English first, then the others by name."""
    files = {
        one.name.removesuffix(".json"): one
        for one in resources.files("gridmap.render").joinpath("assets", "messages").iterdir()
        if one.name.endswith(".json")
    }
    order = [*LANGUAGES, *sorted(files.keys() - set(LANGUAGES))]
    return {name: json.loads(files[name].read_text(encoding="utf-8")) for name in order}


def word(key: str) -> Bilingual:
    """Return one message in both languages; a missing key is a KeyError, found by the tests."""
    return Bilingual(en=catalogue()["en"][key], zh=catalogue()["zh"][key], key=key)


def both(text: str) -> Bilingual:
    """Return a text that is the same in both languages: a name, an id."""
    return Bilingual(en=text, zh=text)


def named_in_both(value: Any) -> Bilingual:
    """Return a fact's text: from a `Bilingual`, a mapping with ``en`` and ``zh``, or one text for both."""
    if isinstance(value, Bilingual):
        return value
    if isinstance(value, Mapping):
        english, chinese = str(value.get("en") or ""), str(value.get("zh") or "")
        return Bilingual(en=english or chinese, zh=chinese or english)
    return both("" if value is None else str(value))


def approval(number: str) -> Bilingual:
    """Return a map approval number as it is printed, however it was written in the settings; "" for none."""
    bare = _APPROVAL.sub("", number).strip()
    words = word("approval")
    if not bare:
        return both("")
    return Bilingual(en=words.en.replace("{number}", bare), zh=words.zh.replace("{number}", bare))
