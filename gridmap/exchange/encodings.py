"""How bytes are text: decided from what is stated and what the bytes themselves prove, or refused.

UTF-8 proves itself: text in another encoding is hardly ever valid UTF-8 by accident. GBK does not, so that
other bytes read as GBK are judged by whether the characters are those that people write. Where two readings
are possible the file is refused with a sample of each.
"""

from __future__ import annotations

import codecs
import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gridmap.errors import InputError

PROVEN, POSSIBLE, UNSURE, NONE = "proven", "possible", "unsure", "none"
ALIASES = {
    "utf8": "utf-8",
    "utf-8-sig": "utf-8",
    "65001": "utf-8",
    "936": "gbk",
    "cp936": "gbk",
    "ms936": "gbk",
    "windows-936": "gbk",
    "gb2312": "gbk",
    "euc-cn": "gbk",
    "54936": "gb18030",
    "iso-8859-1": "latin-1",
    "8859_1": "latin-1",
    "88591": "latin-1",
    "ansi 936": "gbk",
}
BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# What the replacement of undecodable bytes, and uninitialised memory, look like after one more round of GBK.
DESTROYED = re.compile("\ufffd|锟斤拷|锟斤|斤拷|烫烫烫|屯屯屯")
# Python calls these encodings, too; no file of texts is in one.
NO_CHARSETS = {
    "idna",
    "punycode",
    "raw-unicode-escape",
    "unicode-escape",
    "undefined",
    "utf-7",
    "mbcs",
    "oem",
}
SAMPLES, SAMPLE_LENGTH = 3, 24
CANDIDATES = ("utf-8", "gbk", "gb18030", "utf-16", "big5", "euc-kr", "latin-1")
# Where a text may be taken apart without cutting a character, in every one of those but UTF-16.
PIECE = re.compile(rb'[^\r\n\t,;"]+')
NOT_ASCII = re.compile(rb"[\x80-\xff]")
BEFORE = 8
# Characters of the first level of GB 2312 (the 3,755 most used) lie in these rows.
FIRST_LEVEL = (0xB0, 0xD7)
# Hangul fills the first of these rows in EUC-KR, and nothing else does for so many characters on end.
HANGUL, HANGUL_RUN = (0xB0, 0xC8), 12
# Below this share of frequent characters a reading as GBK is not what somebody wrote; where the file says
# that it is GBK, less is enough: texts of another encoding have a third at most.
PLAIN_SHARE, STATED_SHARE = 0.8, 0.5
# So many characters of several bytes are never valid UTF-8 by accident.
PROOF = 8
# A word of so many letters of one script is hardly ever GBK.
WORD = 3
BEYOND = re.compile(r"[^\x00-\x7f]+")
LOOKED_AT = 20_000
FIX = "say which reads right with --encoding, e.g. --encoding gbk"
MARK_IT = "if it is UTF-8, save it with a byte order mark (CSV UTF-8); else --encoding gbk"


class Cut(bytes):
    """A text that fills its field: it may end within a character."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """How a file's bytes are text.

    Parameters
    ----------
    encoding : str
        As Python names it.
    how : str
        Why, in a few words.
    notes : tuple of str
        What a reader should know.
    """

    encoding: str
    how: str
    notes: tuple[str, ...] = ()


def canonical(name: str) -> str:
    """Return the plain name of an encoding (``cp936`` and ``GB2312`` are ``gbk``).

    Raises
    ------
    InputError
        GM207 if there is none of that name.
    """
    folded = name.strip().strip("\ufeff\0").lower()
    found = ALIASES.get(folded, folded)
    try:
        known = codecs.lookup(found).name not in NO_CHARSETS
        # Of bytes to bytes, such as hex, are no encodings of texts; half a character of UTF-16 is no matter.
        b"a".decode(found, "replace")
    except (LookupError, ValueError):
        known = False
    if not known:
        raise InputError(
            "GM207",
            "no encoding has this name",
            where=f"encoding = {name.strip()[:40]!r}",
            fix="give one such as utf-8, gbk, gb18030 or utf-16",
        )
    return found


def decide(
    samples: Sequence[bytes],
    *,
    asked: str | None = None,
    stated: str | None = None,
    by: str = "",
    where: str,
    headers: Sequence[bytes] = (),
) -> Decision:
    """Decide how texts are encoded.

    Parameters
    ----------
    samples : sequence of bytes
        Every text of the file, or the whole file as one.
    asked, stated : str or None
        What the caller says; what the file says.
    by : str
        Where the file says it: ``.cpg``, the header, the language byte.
    where : str
        The file, for messages.
    headers : sequence of bytes
        The file's headers, which are among the samples: where readings must be compared, they are shown and
        no cell, unless they are plain ASCII.

    Raises
    ------
    InputError
        GM207 if the bytes do not fit what was asked, or could be several things.
    """
    texts = [one for one in samples if not one.isascii()]
    shown = [one for one in headers if not one.isascii()] or texts
    if asked is not None:
        return _as_asked(texts, canonical(asked), where, shown)
    claim = _claim(stated)
    if not texts:
        return Decision("utf-8", "plain ASCII")
    utf8 = _utf8(texts)
    if utf8 == PROVEN or (utf8 == POSSIBLE and claim == "utf-8"):
        notes = () if claim in {None, "utf-8"} else (f"{by} says {claim}, but the texts are UTF-8",)
        return Decision("utf-8", "valid UTF-8", notes)
    wide = _narrowest(texts, "gb18030")
    if claim is None or claim == "utf-8":
        if utf8 == NONE and _natural(texts, wide, PLAIN_SHARE):
            notes = (f"{by} says {claim}, but the texts are {wide}",) if claim else ()
            return Decision(wide, "the texts read as Chinese", notes)
        raise _unsure(texts, "nothing says how the texts are encoded", where, shown)
    if _chinese(claim) and _natural(texts, wide, STATED_SHARE):
        notes = (f"{by} says {claim}, but the texts are {wide}",) if claim == "gbk" != wide else ()
        return Decision(wide, by, notes)
    # Half of all shapefiles say Latin and hold whatever their office writes.
    if not _chinese(claim) and _in_letters(texts, claim) and not _natural(texts, wide, PLAIN_SHARE):
        return Decision(claim, by)
    raise _unsure(texts, f"{by} says {claim}, and the texts do not read as that", where, shown)


def bom_of(data: bytes) -> tuple[str, int] | None:
    """Return the encoding that a byte order mark names, and the mark's length."""
    for mark, name in BOMS:
        if data.startswith(mark):
            return name, len(mark)
    return None


def destroyed(text: str) -> bool:
    """Say whether a text was lost before it came here: the bytes it was made of cannot be found again."""
    return DESTROYED.search(text) is not None


def _claim(stated: str | None) -> str | None:
    if stated is None or not stated.strip():
        return None
    try:
        return canonical(stated)
    except InputError:
        # A .cpg with anything in it is as good as none.
        return None


def _as_asked(texts: Sequence[bytes], chosen: str, where: str, shown: Sequence[bytes]) -> Decision:
    """Take the caller's word, unless the texts prove the contrary."""
    if not _fits(texts, chosen):
        raise _unsure(texts, f"the texts are not {chosen}", where, shown)
    # UTF-8 proves itself, and most of it can be misread as GBK or Latin.
    if texts and chosen not in {"utf-8", "utf-16"} and _utf8(texts) == PROVEN:
        raise _unsure(texts, f"the texts are UTF-8, not {chosen}", where, shown)
    found = _utf8(texts) if texts and chosen == "utf-8" else PROVEN
    if found == NONE:
        raise _unsure(texts, "the texts are Chinese, not utf-8", where, shown)
    if found == UNSURE:
        raise _unsure(texts, "the texts are too short to tell utf-8 from gbk", where, shown, fix=MARK_IT)
    return Decision(chosen, "as you say")


def _chinese(encoding: str) -> bool:
    return encoding in {"gbk", "gb18030"}


def _text(one: bytes, encoding: str) -> str:
    """Decode a text; of one that fills its field, the whole characters."""
    if isinstance(one, Cut):
        return codecs.getincrementaldecoder(encoding)().decode(one, final=False)
    return one.decode(encoding)


def _fits(texts: Iterable[bytes], encoding: str) -> bool:
    try:
        for one in texts:
            _text(one, encoding)
    except (UnicodeError, LookupError):
        return False
    return True


def _utf8(texts: Sequence[bytes]) -> str:
    """Say whether texts are UTF-8: proven, possible, unsure or none.

    A few characters of two bytes each are valid as both. Chinese in UTF-8 never reads as frequent Chinese in
    GBK: the bytes that begin its characters begin rare ones there.
    """
    if not _fits(texts, "utf-8"):
        return NONE
    if sum(map(_count, texts)) >= PROOF or not _natural(texts, "gbk", PLAIN_SHARE):
        return PROVEN
    runs = [run for one in texts for run in _runs(_text(one, "utf-8"))]
    # The sign of degrees is a rare word in GBK.
    if {char for run, _ in runs for char in run} == {"°"}:
        return PROVEN
    if any(len({unicodedata.name(char, "?").split()[0] for char in run}) > 1 for run, _ in runs):
        # Letters of several scripts side by side, as GBK has them when it is read as UTF-8.
        return NONE
    return POSSIBLE if all(beside or len(run) >= WORD for run, beside in runs) else UNSURE


def _count(one: bytes) -> int:
    text = _text(one, "utf-8")
    return len(text) - len(text.encode("ascii", "ignore"))


def _runs(text: str) -> list[tuple[str, bool]]:
    """Return what is not ASCII, run by run, and whether a Latin letter stands beside it as in ``café``."""
    return [
        (match[0], any(map(str.isalpha, text[match.start() - 1 : match.start()] + text[match.end() :][:1])))
        for match in BEYOND.finditer(text)
    ]


def _narrowest(texts: Sequence[bytes], encoding: str) -> str:
    return "gbk" if _chinese(encoding) and _fits(texts, "gbk") else encoding


def _natural(texts: Sequence[bytes], encoding: str, share: float) -> bool:
    """Say whether texts read as what people write: mostly characters of the first level of GB 2312."""
    if not _fits(texts, encoding):
        return False
    beyond = _beyond(texts, encoding)
    plain = sum(_frequent(char) for char in beyond)
    return bool(beyond) and plain >= share * len(beyond) and not _hangul(beyond)


def _in_letters(texts: Sequence[bytes], encoding: str) -> bool:
    """Say whether what is not ASCII in texts is letters: any bytes are Latin, but then mostly signs."""
    if not _fits(texts, encoding):
        return False
    beyond = _beyond(texts, encoding)
    return sum(unicodedata.category(char)[0] in "LM" for char in beyond) >= PLAIN_SHARE * len(beyond)


def _beyond(texts: Iterable[bytes], encoding: str) -> list[str]:
    """Return the first characters of texts that are not ASCII."""
    found = (char for one in texts for run in BEYOND.finditer(_text(one, encoding)) for char in run[0])
    return list(itertools.islice(found, LOOKED_AT))


def _frequent(char: str) -> bool:
    """Say whether a character is of the first level of GB 2312, or one of its marks and full-width signs.

    So is a letter of four bytes in GB 18030: in no other encoding do bytes stand like that.
    """
    code = char.encode("gb18030")
    if len(code) > 2:  # noqa: PLR2004 - the longest of GBK
        return unicodedata.category(char)[0] in "LMN"
    try:
        code = char.encode("gb2312")
    except UnicodeEncodeError:
        # Names of places and people use some that GB 2312 does not have.
        return False
    return FIRST_LEVEL[0] <= code[0] <= FIRST_LEVEL[1] or code[0] in {0xA1, 0xA3}


def _hangul(chars: Sequence[str]) -> bool:
    rows = [char.encode("gb18030")[0] for char in chars]
    letters = [row for row in rows if row > 0xA9]  # noqa: PLR2004 - marks are below
    return len(letters) >= HANGUL_RUN and all(HANGUL[0] <= row <= HANGUL[1] for row in letters)


def _unsure(
    texts: Sequence[bytes], what: str, where: str, shown: Sequence[bytes], *, fix: str = FIX
) -> InputError:
    found = dict.fromkeys(piece for one in shown for piece in _pieces(one))
    pieces = list(itertools.islice(found, SAMPLES))
    lines = []
    for name in CANDIDATES:
        if not _fits(texts, name):
            continue
        samples = [one.decode(name, "replace") for one in pieces]
        if any("\0" in one for one in samples):
            continue
        told = " / ".join(one.strip()[:SAMPLE_LENGTH] for one in samples)
        lines.append(f"\n    --encoding {name}: {told}")
    return InputError("GM207", what, where=where + "".join(lines), fix=fix)


def _pieces(one: bytes) -> Iterator[bytes]:
    """Yield the pieces of a text in which encodings differ, each from shortly before that."""
    for piece in PIECE.finditer(one):
        first = NOT_ASCII.search(piece[0])
        if first is not None:
            yield piece[0][max(0, first.start() - BEFORE) :][: 4 * SAMPLE_LENGTH]
