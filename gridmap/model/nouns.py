"""Words with one meaning each (docs/glossary.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Layer = Literal["line", "area", "point"]
Level = Literal["error", "warning", "info"]
Role = Literal["lead", "support"]

LAYERS: tuple[Layer, ...] = ("line", "area", "point")
# Which table the targets of a layer are in.
TARGETS = {"line": "sections", "area": "patrol_zone", "point": "household"}


@dataclass(frozen=True, slots=True)
class Bilingual:
    """A text in the two languages of the maps.

    Parameters
    ----------
    en, zh : str
        English and Chinese.
    key : str
        Its key in the maps' catalogue, "" for a text of the data: a third language finds it there.
    """

    en: str
    zh: str
    key: str = ""
