"""What a person writes for a place: decimal degrees, degrees-minutes-seconds, a chainage, or a name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from gridmap.errors import ConfigError
from gridmap.geo.angles import folded, parse_pair

MAX_LON = 180.0
MAX_LAT = 90.0
SHOWN = 80

NUMBER = r"[+-]?\d+(?:\.\d+)?"
DECIMAL_PAIR = re.compile(rf"^\s*({NUMBER})\s*°?\s*[,;\s]\s*({NUMBER})\s*°?\s*$")
CHAINAGE = re.compile(r"^\s*(?:K\s*(\d+)|(?:K\s*)?(\d+)\s*\+\s*(\d+(?:\.\d+)?)\s*m?)\s*$", re.IGNORECASE)
METRES = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(m|米|km|公里)\s*$", re.IGNORECASE)
KM = 1000.0
MARKED = re.compile("[°度]")
NUMBERS_ONLY = re.compile(r"^[-+\d.°'\"′]+([\s,;]+[-+\d.°'\"′]+)+$")
# Degrees are meant, also where they make no angle: 61 minutes are no name of a landmark.
MEANT = re.compile(r"^(?=.*[°度])(?=.*\d)[-+\d.°'\"′″度分秒NSEW东西南北经纬\s,;:]+$", re.IGNORECASE)
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
    plain = folded(text)
    if not plain:
        raise ConfigError("GM107", "no place is given", where="the place", fix=FIX)
    pair = DECIMAL_PAIR.match(plain)
    if pair:
        return _on_globe(text, float(pair[1]), float(pair[2]))
    found = _chainage(text, plain) or _angles(text, plain)
    if found is None and (NUMBERS_ONLY.match(plain) or MEANT.match(plain)):
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
    if post[1] is not None:
        return Place("chainage", text, chainage_m=int(post[1]) * KM)
    if float(post[3]) >= KM:
        raise ConfigError("GM107", "the metres after K are under 1000", where=_shown(text), fix=FIX)
    return Place("chainage", text, chainage_m=int(post[2]) * KM + float(post[3]))


def _on_globe(text: str, lon: float, lat: float) -> Place:
    if abs(lon) <= MAX_LON and abs(lat) <= MAX_LAT:
        return Place("lonlat", text, lon=lon, lat=lat)
    swapped = abs(lat) <= MAX_LON and abs(lon) <= MAX_LAT
    fix = f"longitude comes first: did you mean {lat} {lon}?" if swapped else FIX
    raise ConfigError("GM107", "this coordinate is not on the globe", where=_shown(text), fix=fix)


def _angles(text: str, plain: str) -> Place | None:
    """Read two angles, in either order if they name their hemispheres; None if it is something else."""
    pair = parse_pair(plain)
    if pair is None:
        return None
    first, second = pair
    if first.axis is None and second.axis is None:
        # Bare numbers with blanks between could be anything: the marks must be there.
        return _on_globe(text, first.degrees, second.degrees) if MARKED.search(plain) else None
    if first.axis is None or second.axis is None:
        return None
    if first.axis == second.axis:
        raise ConfigError("GM107", "two latitudes or two longitudes", where=_shown(text), fix=FIX)
    lon, lat = (first, second) if first.axis == "lon" else (second, first)
    return _on_globe(text, lon.degrees, lat.degrees)
