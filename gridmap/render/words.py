"""The catalogue of every word on the page, in both languages (``assets/messages.json``)."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources

from gridmap.model import Bilingual

LANGUAGES = ("zh", "en")


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Return the messages by language and key."""
    raw = resources.files("gridmap.render").joinpath("assets/messages.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = json.loads(raw)
    return found


def word(key: str) -> Bilingual:
    """Return one message in both languages; a missing key is a KeyError, found by the tests."""
    return Bilingual(en=catalogue()["en"][key], zh=catalogue()["zh"][key])


def both(text: str) -> Bilingual:
    """Return a text that is the same in both languages: a name, an id."""
    return Bilingual(en=text, zh=text)
