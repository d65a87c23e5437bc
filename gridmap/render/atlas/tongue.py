"""The language of an atlas: the words of the one catalogue, and titles of the data in it."""

from __future__ import annotations

from dataclasses import dataclass

from gridmap.model import Bilingual
from gridmap.render.words import catalogue


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language.

    Parameters
    ----------
    name : str
        A language of the catalogue.
    """

    name: str

    def t(self, key: str, **blanks: object) -> str:
        """Return a message with its blanks filled in."""
        text = catalogue()[self.name][key]
        for blank, value in blanks.items():
            text = text.replace(f"{{{blank}}}", str(value))
        return text

    def pick(self, text: Bilingual) -> str:
        """Return a text of the data; a third language has only what the catalogue knows."""
        if text.key and text.key in catalogue()[self.name]:
            return catalogue()[self.name][text.key]
        return text.zh if self.name == "zh" else text.en

    def join(self, parts: list[str]) -> str:
        """Return names in a row."""
        return ("、" if self.name == "zh" else ", ").join(parts)
