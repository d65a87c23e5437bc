"""The base of every settings model, and texts in the languages of a project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, model_validator

# Strict: a number in quotes, or 1 for true, is a mistake and not a value.
Flag = Annotated[bool, Field(strict=True)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]

LANGUAGES = ("en", "zh")


class Frozen(BaseModel):
    """Base of every settings model: immutable, strict about keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(BaseModel):
    """A text in every language of the project (its ``languages``; English and Chinese without them).

    The words of gridmap itself are in English and Chinese. Where the project has no text in one of the
    two, its other language stands there: nothing on a page is empty.
    """

    model_config = ConfigDict(frozen=True, extra="allow")
    __pydantic_extra__: dict[str, str] = Field(init=False)

    en: str
    zh: str

    @model_validator(mode="before")
    @classmethod
    def _in_every_language(cls, given: Any, info: ValidationInfo) -> Any:
        if not isinstance(given, Mapping):
            return given
        languages = (info.context or {}).get("languages") or LANGUAGES
        for language in given:
            if language not in languages:
                msg = f"{language} is none of the project's languages: " + ", ".join(languages)
                raise ValueError(msg)
        for language in languages:
            if language not in given:
                msg = f"the key {language} is missing"
                raise ValueError(msg)
        other = next((one for one in languages if one not in LANGUAGES), languages[0])
        slots = {one: one if one in languages else other for one in LANGUAGES}
        return {**given, **{one: given[held] for one, held in slots.items()}}

    @property
    def every(self) -> tuple[str, ...]:
        """The text in each language, each once."""
        return tuple(dict.fromkeys((self.en, self.zh, *(self.__pydantic_extra__ or {}).values())))
