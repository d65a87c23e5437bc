"""Mappings saved under a name in gridmap.toml, everything else in it kept byte for byte."""

from __future__ import annotations

import re
import tomllib

from pydantic import ValidationError

from gridmap.config.imports import ImportSpec, ProfileSpec
from gridmap.config.load import BOM, parse_spec
from gridmap.config.quoting import escaped
from gridmap.config.spec import ProjectSpec
from gridmap.errors import ConfigError, InternalError

CONFIG = "gridmap.toml"
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
HALF = re.compile("[\ud800-\udfff]")


def add_profile(text: str, name: str, profile: ProfileSpec, *, replace: bool = False) -> str:
    """Return the text of gridmap.toml with a profile added.

    Parameters
    ----------
    text : str
        The text as it stands; it must be valid.
    name : str
        Name of the profile: small letters, digits, underscores.
    profile : ProfileSpec
        How files of this sort are read.
    replace : bool
        Put it in the place of one of the same name.

    Returns
    -------
    str
        The same text, comments, line ends and all, with ``[imports.profiles.NAME]`` at its end (or where the
        one it replaces stood).

    Raises
    ------
    ConfigError
        GM102 or GM103 if the text is not valid, GM103 if the name is not, GM104 if the name is taken, or
        written so that it cannot be replaced.
    """
    parsed = parse_spec(text, where=CONFIG)
    before = parsed.imports
    _check_name(name)
    # No TOML begins with the byte order mark that some editors put in front.
    mark, text = text[: text.startswith(BOM)], text.removeprefix(BOM)
    newline = "\r\n" if "\r\n" in text else "\n"
    made = newline.join(_lines(name, profile)) + newline
    if HALF.search(made):
        raise ConfigError(
            "GM103",
            "a header holds half a character, which no settings can keep",
            where=f"{CONFIG}: imports.profiles.{name}",
            fix="read the file with the right --encoding",
        )
    span = _span(text, name)
    if name in before.profiles:
        if not replace:
            raise ConfigError(
                "GM104",
                f"there is a profile {name} already",
                where=f"{CONFIG}: imports.profiles.{name}",
                fix="give another name, or delete the profile from gridmap.toml first",
            )
        if span is None:
            raise _not_by_itself(name)
        changed = text[: span[0]] + made + text[span[1] :]
    else:
        gap = newline if text.endswith(("\n", "\r")) or not text else newline * 2
        changed = text + gap + made
    wanted = before.model_copy(update={"profiles": {**before.profiles, name: profile}})
    _verify(parsed, changed, wanted, name)
    return mark + changed


def _check_name(name: str) -> None:
    try:
        ImportSpec(profiles={name: ProfileSpec()})
    except ValidationError as error:
        raise ConfigError(
            "GM103",
            f"{name!r} is no name for a profile",
            where=f"{CONFIG}: imports.profiles",
            fix="use small letters, digits and underscores, a letter first",
        ) from error


def _verify(then: ProjectSpec, changed: str, wanted: ImportSpec, name: str) -> None:
    """Read the result again: the profile is there, and nothing else is different."""
    try:
        now = parse_spec(changed, where=CONFIG)
    except ConfigError as error:
        # Inline tables (`profiles = { ... }`) cannot be added to from outside.
        raise _not_by_itself(name) from error
    if now.imports != wanted or now.model_copy(update={"imports": then.imports}) != then:
        raise InternalError(
            "GM900",
            f"the profile {name} would change other settings",
            where=CONFIG,
            fix="write the profile by hand, and report this",
        )


def _not_by_itself(name: str) -> ConfigError:
    return ConfigError(
        "GM104",
        "the profiles are not written as tables of their own",
        where=f"{CONFIG}: imports.profiles.{name}",
        fix=f"write each as [imports.profiles.NAME] on a line of its own, or add {name} by hand",
    )


def _lines(name: str, profile: ProfileSpec) -> list[str]:
    values = profile.model_dump(exclude_defaults=True)
    lines = [f"[imports.profiles.{name}]"]
    for key, value in values.items():
        if isinstance(value, dict):
            pairs = ", ".join(f"{_key(header)} = {_text(column)}" for header, column in value.items())
            lines.append(f"{key} = {{ {pairs} }}")
        elif isinstance(value, bool):
            lines.append(f"{key} = {'true' if value else 'false'}")
        else:
            lines.append(f"{key} = {_text(str(value))}")
    return lines


def _key(text: str) -> str:
    return text if BARE_KEY.fullmatch(text) else _text(text)


def _text(text: str) -> str:
    return f'"{escaped(text)}"'


def _span(text: str, name: str) -> tuple[int, int] | None:
    """Return where ``[imports.profiles.NAME]`` begins and ends in the text, blank lines after it excluded.

    The line that begins it is found by its form; a line inside a multi-line text that looks the same is told
    from it by reading the text up to there: only before a true header that is valid TOML.
    """
    key = rf"(?:{re.escape(name)}|\"{re.escape(name)}\"|'{re.escape(name)}')"
    header = re.compile(
        rf"^[ \t]*\[[ \t]*imports[ \t]*\.[ \t]*profiles[ \t]*\.[ \t]*{key}[ \t]*\]", re.MULTILINE
    )
    for match in header.finditer(text):
        if not _is_whole(text[: match.start()]):
            continue
        return match.start(), _end(text, match.end(), key)
    return None


def _end(text: str, start: int, key: str) -> int:
    """Return the end of the table that begins before `start`: its last key, not the comments after it.

    Tables below it (``[imports.profiles.NAME.columns]``) are part of it.
    """
    end = len(text)
    below = re.compile(rf"[ \t]*\[[ \t]*imports[ \t]*\.[ \t]*profiles[ \t]*\.[ \t]*{key}[ \t]*\.")
    for match in re.finditer(r"^[ \t]*\[", text[start:], re.MULTILINE):
        here = start + match.start()
        if _is_whole(text[:here]) and not below.match(text, here):
            end = here
            break
    lines = text[start:end].splitlines(keepends=True)
    while len(lines) > 1 and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
        lines.pop()
    return start + sum(len(line) for line in lines)


def _is_whole(text: str) -> bool:
    try:
        tomllib.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
