"""Which of a file's columns are taken, and which make the whole file refused."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable

from gridmap.config import KindSpec
from gridmap.errors import ConfigError, InputError

# Reason -> (Chinese parts of a name, whole words of an English or pinyin name). gridmap keeps no field
# for these, whatever the settings say: no score of a person, no belief, no identity number.
REFUSED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "identity numbers": (
        ("身份证", "公民身份", "身份号", "证件号", "护照", "社保号", "社会保障号"),
        (
            *("id card", "idcard", "identity number", "identity no", "identity card", "id number", "idno"),
            *("id no", "identification number", "national id", "citizen id", "personal id", "passport"),
            *("ssn", "social security number", "sfz", "sfzh", "sfzhm", "shenfenzheng"),
        ),
    ),
    "ethnicity": (
        ("民族", "族别", "族裔", "种族"),
        ("ethnicity", "ethnic", "ethnic group", "nationality", "race", "minzu"),
    ),
    "religion": (
        ("宗教", "信仰", "教派"),
        ("religion", "religious", "religious belief", "faith", "belief", "zongjiao", "xinyang"),
    ),
    "politics": (
        ("政治面貌", "政治身份", "政治倾向", "党派", "党员", "党籍", "团员"),
        (
            *("politics", "political", "political status", "political affiliation", "party", "party member"),
            *("party membership", "zzmm", "zhengzhimianmao", "dangpai", "dangyuan"),
        ),
    ),
    "degree of attention": (
        ("关注程度", "关注等级", "关注级别", "关注度", "重点人", "重点关注"),
        (
            *("attention", "degree of attention", "attention level", "watch level", "watchlist"),
            *("person of interest", "guanzhu", "guanzhuchengdu"),
        ),
    ),
}


def refused_columns(names: Iterable[str]) -> dict[str, str]:
    """Return the columns that are refused by their name, with the reason of each."""
    return {name: reason for name in names if (reason := _reason(name)) is not None}


def check_columns(names: Iterable[str], kind: str, schema: KindSpec, *, where: str) -> None:
    """Refuse a file with columns that gridmap must not or does not know.

    Parameters
    ----------
    names : iterable of str
        Column names of the file, without geometry and the format's own bookkeeping.
    kind, schema
        The kind the rows shall become.
    where : str
        Name of the file.

    Raises
    ------
    InputError
        GM204 with the columns that are refused by name, and why.
    ConfigError
        GM105 with every column that the kind does not have, each with a suggestion.
    """
    names = list(names)
    refused = refused_columns(names)
    if refused:
        listed = ", ".join(f"{name} ({reason})" for name, reason in sorted(refused.items()))
        raise InputError(
            "GM204",
            f"columns are refused: {listed}",
            where=where,
            fix="delete these columns from the file; gridmap keeps places and duties, not what people are",
        )
    known = ["id", *schema.columns]
    unknown = [name for name in names if name not in known]
    if unknown:
        hints = "; ".join(f"{name}: {_suggestion(name, schema)}" for name in unknown)
        raise ConfigError(
            "GM105",
            f"{kind} has no column " + ", ".join(unknown),
            where=where,
            fix=f"rename or delete them, or declare them in gridmap.toml: {hints}",
        )


def _reason(name: str) -> str | None:
    folded = unicodedata.normalize("NFKC", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)).casefold()
    squeezed = re.sub(r"[\W_]+", "", folded)
    words = " ".join(["", *re.findall(r"[^\W_]+", folded), ""])
    for reason, (parts, phrases) in REFUSED.items():
        if any(part in squeezed for part in parts):
            return reason
        if any(f" {phrase} " in words or squeezed == phrase.replace(" ", "") for phrase in phrases):
            return reason
    return None


def _suggestion(name: str, schema: KindSpec) -> str:
    titles: dict[str, str] = {column: column for column in ("id", *schema.columns)}
    for column, one in schema.columns.items():
        if one.title is not None:
            titles |= {one.title.en.casefold(): column, one.title.zh: column}
    folded = unicodedata.normalize("NFKC", name).strip().casefold()
    exact = titles.get(folded)
    if exact is not None:
        return f"did you mean {exact}?"
    close = difflib.get_close_matches(folded, sorted(titles), n=1, cutoff=0.6)
    return f"did you mean {titles[close[0]]}?" if close else "nothing like it is declared"
