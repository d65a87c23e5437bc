"""What was asked for: which figure, in which format and language."""

from __future__ import annotations

from dataclasses import dataclass

from gridmap.config.suggesting import suggest
from gridmap.errors import ConfigError
from gridmap.render.words import catalogue

FIGURES = ("strip", "bars")
FORMATS = ("svg", "png")


@dataclass(frozen=True, slots=True)
class Figure:
    """The options of a figure.

    Parameters
    ----------
    what : {"strip", "bars"}
        The border unrolled, or what each unit keeps.
    fmt : {"svg", "png"}
        Vectors or pixels.
    language : str, optional
        A language of the catalogue; without it that in which the project's maps open.

    Raises
    ------
    ConfigError
        GM106 for what there is not.
    """

    what: str
    fmt: str = "svg"
    language: str | None = None

    def __post_init__(self) -> None:
        known: dict[str, tuple[str, tuple[str, ...]]] = {
            "figure": (self.what, FIGURES),
            "format": (self.fmt, FORMATS),
        }
        if self.language is not None:
            known["language"] = (self.language, tuple(catalogue()))
        for where, (value, names) in known.items():
            if value not in names:
                raise ConfigError(
                    "GM106", f"there is no {where} {value!r} here", where=where, fix=suggest(value, names)
                )

    def options(self) -> dict[str, str]:
        """Return what a recipe keeps."""
        return {"format": self.fmt} | ({} if self.language is None else {"language": self.language})
