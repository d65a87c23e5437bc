"""What a person writes for a place: decimal degrees, degrees-minutes-seconds, a chainage, or a name."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any, Literal

from gridmap.errors import ConfigError

MAX_LON = 180.0
MAX_LAT = 90.0
SIXTY = 60.0
SHOWN = 80

NUMBER = r"[+-]?\d+(?:\.\d+)?"
DECIMAL_PAIR = re.compile(rf"^\s*({NUMBER})\s*°?\s*[,;\s]\s*({NUMBER})\s*°?\s*$")
CHAINAGE = re.compile(r"^\s*K\s*(\d+)\s*\+\s*(\d+(?:\.\d+)?)\s*m?\s*$", re.IGNORECASE)
METRES = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(m|米|km|公里)\s*$", re.IGNORECASE)
KM = 1000.0
HEMISPHERES = {"N": 1, "S": -1, "E": 1, "W": -1, "北纬": 1, "南纬": -1, "东经": 1, "西经": -1}
LATITUDES = frozenset({"N", "S", "北纬", "南纬"})
# Marks that Unicode would fold into a letter or a blank, put into their plain form first.
MARKS = str.maketrans({"º": "°", "˚": "°", "´": "'", "`": "'"})
HEMISPHERE = r"(?P<hemisphere>[NSEW]|[东西]经|[南北]纬)"
# Degrees, then minutes and seconds if there are any, with the usual marks or blanks between them.
DEGREES = (
    r"(?P<deg>\d+(?:\.\d+)?)\s*[°度:\s]?"
    r"(?:\s*(?P<min>\d+(?:\.\d+)?)\s*['′’分:\s]?)?"
    r"(?:\s*(?P<sec>\d+(?:\.\d+)?)\s*(?:''|′′|[\"″”秒])?)?"
)
BETWEEN = r"\s*[,;]?\s*"
ANGLE_AFTER = re.compile(DEGREES + r"\s*" + HEMISPHERE + BETWEEN, re.IGNORECASE)
ANGLE_BEFORE = re.compile(HEMISPHERE + r"\s*" + DEGREES + BETWEEN, re.IGNORECASE)
# Without hemispheres the marks must be there, and longitude comes first.
MARKED = (
    r"(?P<sign>[+-]?)(?P<deg>\d+(?:\.\d+)?)\s*[°度]"
    r"(?:\s*(?P<min>\d+(?:\.\d+)?)\s*['′’分])?"
    r"(?:\s*(?P<sec>\d+(?:\.\d+)?)\s*(?:''|′′|[\"″”秒]))?"
)
ANGLE_BARE = re.compile(MARKED + BETWEEN)
NUMBERS_ONLY = re.compile(r"^[-+\d.°'\"′]+([\s,;]+[-+\d.°'\"′]+)+$")
FIX = "write e.g. 110.12 42.53 (longitude first), 42°31'48\"N 110°7'12\"E, K23+450, or a landmark's name"


@dataclass(frozen=True, slots=True)
class Place:
    """A place as written.

    Parameters
    ----------
    kind : {"lonlat", "chainage", "name"}
        Which of the other fields hold it.
    lon, lat : float or None
        Degrees.
    chainage_m : float or None
        Metres along the border.
    text : str
        What was written.
    """

    kind: Literal["lonlat", "chainage", "name"]
    text: str
    lon: float | None = None
    lat: float | None = None
    chainage_m: float | None = None


def parse_place(*written: Any) -> Place:
    """Read a place.

    Parameters
    ----------
    *written
        ``lon, lat`` as numbers or texts, or one text, or its words; a tuple of them will do.

    Returns
    -------
    Place
        Whatever is neither a coordinate nor a chainage is a name: a landmark's, or an id, or ``kind:id``.

    Raises
    ------
    ConfigError
        GM107 if it is empty, a coordinate that is not on the globe, or numbers that make no place.
    """
    words = [word for one in written for word in (one if isinstance(one, (tuple, list)) else (one,))]
    text = " ".join(str(word) for word in words).strip()
    # Full-width digits and marks of a Chinese keyboard become the plain ones.
    plain = " ".join(unicodedata.normalize("NFKC", text.translate(MARKS)).split())
    if not plain:
        raise ConfigError("GM107", "no place is given", where="the place", fix=FIX)
    pair = DECIMAL_PAIR.match(plain)
    if pair:
        return _on_globe(text, float(pair[1]), float(pair[2]))
    found = _chainage(text, plain) or _angles(text, plain)
    if found is None and NUMBERS_ONLY.match(plain):
        raise ConfigError("GM107", "these numbers are not a place", where=_shown(text), fix=FIX)
    return found or Place("name", text)


def _shown(text: str) -> str:
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


def _chainage(text: str, plain: str) -> Place | None:
    metres = METRES.match(plain)
    if metres:
        return Place("chainage", text, chainage_m=float(metres[1]) * (1.0 if metres[2] in "Mm米" else KM))
    post = CHAINAGE.match(plain)
    if post is None:
        return None
    if float(post[2]) >= KM:
        raise ConfigError("GM107", "the metres after K are under 1000", where=_shown(text), fix=FIX)
    return Place("chainage", text, chainage_m=int(post[1]) * KM + float(post[2]))


def _on_globe(text: str, lon: float, lat: float) -> Place:
    if abs(lon) <= MAX_LON and abs(lat) <= MAX_LAT:
        return Place("lonlat", text, lon=lon, lat=lat)
    swapped = abs(lat) <= MAX_LON and abs(lon) <= MAX_LAT
    fix = f"longitude comes first: did you mean {lat} {lon}?" if swapped else FIX
    raise ConfigError("GM107", "this coordinate is not on the globe", where=_shown(text), fix=fix)


def _angles(text: str, plain: str) -> Place | None:
    """Read two angles, in either order if they name their hemispheres; None if it is something else."""
    for pattern in (ANGLE_BARE, ANGLE_BEFORE, ANGLE_AFTER):
        first = pattern.match(plain)
        second = pattern.match(plain, first.end()) if first else None
        if first is not None and second is not None and second.end() == len(plain):
            break
    else:
        return None
    if pattern is ANGLE_BARE:
        return _on_globe(text, _degrees(text, first), _degrees(text, second))
    hemispheres = [each["hemisphere"].upper() for each in (first, second)]
    values = {
        hemisphere in LATITUDES: HEMISPHERES[hemisphere] * _degrees(text, each)
        for hemisphere, each in zip(hemispheres, (first, second), strict=True)
    }
    if len(values) == 1:
        raise ConfigError("GM107", "two latitudes or two longitudes", where=_shown(text), fix=FIX)
    return _on_globe(text, values[False], values[True])


def _degrees(text: str, match: re.Match[str]) -> float:
    minutes, seconds = float(match["min"] or 0), float(match["sec"] or 0)
    if minutes >= SIXTY or seconds >= SIXTY:
        raise ConfigError("GM107", "minutes and seconds are under 60", where=_shown(text), fix=FIX)
    # One division, of a number that is mostly whole: 110°7'12" is 110.12 to the last bit.
    value = (float(match["deg"]) * SIXTY**2 + minutes * SIXTY + seconds) / SIXTY**2
    return -value if match.groupdict().get("sign") == "-" else value
