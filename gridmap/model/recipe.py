"""How a product is made: enough to make it again, and to see later whether it may still be handed on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

MAP, SUMMARY, ATLAS, EXPORT, COVERAGE = "map", "summary", "atlas", "export", "coverage"


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is made, for whom, and with which options.

    Parameters
    ----------
    action : str
        ``"map"``, ``"summary"``, ``"atlas"``, ``"export household"`` or ``"coverage strip"``: what the log
        says was done.
    audience : str
        Name of the audience in gridmap.toml.
    unit : str, optional
        The unit that it is for.
    options : mapping of str to str
        What else was asked for: map, table, format, crs, datum, encoding; of an atlas sheets, paper, scale;
        of a coverage how far keepers reach, and who is left out.
    """

    action: str
    audience: str
    unit: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "options", MappingProxyType(dict(self.options)))

    @property
    def exported(self) -> str | None:
        """The table that is exported; None for what is drawn from a plan."""
        word, _, table = self.action.partition(" ")
        return table if word == EXPORT else None

    @property
    def analysed(self) -> str | None:
        """What is drawn of a coverage (map, strip, bars); None for any other product."""
        word, _, what = self.action.partition(" ")
        return what if word == COVERAGE else None


@dataclass(frozen=True, slots=True)
class Source:
    """What a product was made from, as hashes; not for handing on as they are.

    Parameters
    ----------
    data : str
        The revision of the data.
    settings : str
        Hash of all settings that decide a product.
    outside : int
        Changes made outside gridmap that no revision tells of.
    """

    data: str
    settings: str
    outside: int = 0
