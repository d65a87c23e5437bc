"""The only place that leaves a product on disk: guard on the bytes, then the file, all or nothing.

The guard is the last look, behind the views: it reads the finished bytes, in each spelling that a
page or table can hold a text in, and refuses to leave a file with a private text that the view left
out. It finds mistakes of writers and of configuration; it is not what keeps a view clean.
"""

from __future__ import annotations

import html
import re
import urllib.parse
from collections.abc import Iterator
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from gridmap.config import CONFIG_NAME, LOG_NAME, STORE_NAME
from gridmap.errors import ConfigError, PublishError, StoreError
from gridmap.privacy import Withheld
from gridmap.store import replacing

SQLITE = b"SQLite format 3\x00"
JSON_ESCAPE = re.compile(r'((?:\\u[0-9a-fA-F]{4})+)|\\(["\\/bfnrt])')
SHORT_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
# What every page holds, whatever the data: a household called so is not given away by it.
STRUCTURE = (
    b"<!doctype html><html><head><meta><title><style><script></script></style></title><body><svg><table>"
)


def publish(data: bytes, out: Path, *, withheld: Withheld, force: bool = False) -> Path:
    """Leave finished bytes as a file, if they hold nothing that their view left out.

    Parameters
    ----------
    data : bytes
        The finished product.
    out : Path
        Where it shall be.
    withheld : Withheld
        From `gridmap.privacy.withheld`, for the view that the product was made from.
    force : bool
        Replace a file that is there.

    Returns
    -------
    Path
        `out`, which now holds exactly `data`; on any error it is what it was before.

    Raises
    ------
    ConfigError
        GM104 if there is a file and not `force`, a folder, or a project's own file, `force` or not.
    PublishError
        GM602 if the bytes hold a withheld text (the column is named, never the text);
        GM603 if the file cannot be written.
    """
    if out.is_dir():
        raise ConfigError("GM104", "a folder is in the way", where=str(out), fix="name a file")
    if _belongs_to_a_project(out):
        raise ConfigError(
            "GM104",
            "a project's own file is in the way, and no product replaces it",
            where=str(out),
            fix="name another file",
        )
    if out.exists() and not force:
        raise ConfigError(
            "GM104", "a file is in the way", where=str(out), fix="name another, or replace it with --force"
        )
    guard(data, withheld, where=out.name)
    _leave(data, out)
    return out


def _belongs_to_a_project(out: Path) -> bool:
    """Whether a file is the settings, the log, the store or what SQLite keeps beside it, by any path."""
    real = out.resolve()
    own = real.name in {CONFIG_NAME, LOG_NAME} or real.name.startswith(STORE_NAME)
    return own and (real.parent / CONFIG_NAME).exists()


def guard(data: bytes, withheld: Withheld, *, where: str) -> None:
    """Refuse bytes that hold a withheld text in any spelling.

    Raises
    ------
    PublishError
        GM602, with the names of the columns.
    """
    found: set[str] = set()
    if withheld.needles:
        for reading in readings(data):
            found |= withheld.found(reading)
    columns = withheld.columns_of(
        text for text in found if text.encode("utf-8", "replace") not in _own_words()
    )
    if columns:
        raise PublishError(
            "GM602",
            "the product would hold private texts that its audience may not see, of " + ", ".join(columns),
            where=where,
            fix="nothing was written; look for these texts in columns that are not private, "
            "e.g. a householder's name in a remark, and correct them or list the columns for the audience",
        )


def readings(data: bytes) -> Iterator[bytes]:
    r"""Yield the bytes as they are, and with each kind of spelling undone.

    JSON escapes (``\u6237``), character references of HTML (``&#25143;``), both of them, percent
    encoding and doubled quotes of CSV. A database is read as it is: SQLite keeps text as UTF-8.
    """
    yield data
    if data.startswith(SQLITE):
        return
    text = data.decode("utf-8", "surrogateescape")
    plain = {text}
    if "&" in text:
        plain.add(html.unescape(text))
    for one in sorted(plain):
        if one != text:
            yield _bytes(one)
        if "\\" in one:
            unescaped = JSON_ESCAPE.sub(_json_character, one)
            yield _bytes(unescaped)
            yield _bytes(html.unescape(unescaped))
    if '""' in text:
        yield _bytes(text.replace('""', '"'))
    if b"%" in data:
        yield urllib.parse.unquote_to_bytes(data)


def _bytes(text: str) -> bytes:
    # Only the sixteen-bit halves that decoding let through are written back as they came.
    return text.encode("utf-8", "surrogatepass")


def _json_character(match: re.Match[str]) -> str:
    if match[2]:
        return SHORT_ESCAPES.get(match[2], match[2])
    units = bytes.fromhex(match[1].replace("\\u", ""))
    return units.decode("utf-16-be", "replace")


@cache
def _own_words() -> bytes:
    """Return all that gridmap's pages are made of: public source, so no secret is in it."""
    return STRUCTURE + b"\n".join(_files(resources.files("gridmap.render")))


def _files(folder: Traversable) -> Iterator[bytes]:
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        if entry.is_dir():
            yield from _files(entry)
        elif entry.name.endswith((".py", ".js", ".css", ".html", ".json")):
            yield entry.read_bytes()


def _leave(data: bytes, out: Path) -> None:
    """Write beside the target, flush to the disk, and put it in place in one step."""
    try:
        with replacing(out) as beside:
            beside.write_bytes(data)
    except StoreError as error:
        cause = error.__cause__
        said = cause.strerror if isinstance(cause, OSError) and cause.strerror else "no reason given"
        raise PublishError(
            "GM603",
            f"the file cannot be written: {said}",
            where=str(out),
            fix="give a folder that exists, may be written and has room; close the file in other programs",
        ) from cause
