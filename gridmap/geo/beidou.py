"""BeiDou grid location codes: positions to codes and back, exactly.

GB/T 39409-2020, "BeiDou grid location code", two-dimensional part, levels 1 to 10, in the northern and
eastern hemispheres. Level 1 is the sheets of the international map of the world at 1:1,000,000. Every level
divides the one before evenly, so a position is two whole numbers of the finest cell (a 2,048th of a second
of arc), and all arithmetic is with whole numbers and fractions: no cell is missed by a rounding. The grid
lies on CGCS2000; WGS 84 agrees with it within decimetres.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from gridmap.errors import ConfigError

LEVELS = 10
SECOND = 2_048  # finest cells in a second of arc
DEGREE = 3_600 * SECOND
MAX_LON, MAX_LAT = 180, 88  # beyond 88 degrees the standard has other cells, around the pole
ROWS = "ABCDEFGHIJKLMNOPQRSTUV"
FIRST_COLUMN = 31  # the column of sheets from 0 to 6 degrees east
SHEET = "N50J"
HEX = "0123456789ABCDEF"
# Text that is meant to be such a code: of level 4 (a minute of arc) or finer; shorter ones could be names.
MEANT = re.compile(r"[NS]\d\d[A-Z][0-9A-F]{5,16}", re.IGNORECASE)
FIX = "write a code such as N50J47539B8255346152, or the first characters of one"
# Nearer to the edge of a cell than this share of it, floats do not decide.
DOUBTFUL = 1e-4

Number = int | float | str | Decimal | Fraction
Texts = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class _Level:
    """How a cell of the level before is divided: in columns and rows, numbered in one digit or in two."""

    columns: int
    rows: int
    digits: int


# Level 2 is 30' by 30', 3 is 15' by 10', 4 is 1', 5 is 4", 6 is 2"; then eighths of it, down to 1/2048".
DIVISIONS = (
    _Level(12, 8, 2),
    _Level(2, 3, 1),
    _Level(15, 10, 2),
    _Level(15, 15, 2),
    _Level(2, 2, 1),
    *(_Level(8, 8, 2),) * 4,
)
# How many characters a code of each level has.
LENGTHS = tuple(len(SHEET) + sum(one.digits for one in DIVISIONS[:level]) for level in range(LEVELS))


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the grid: its edges in degrees, exactly; west and south belong to it, east and north do not.

    Parameters
    ----------
    west, south, east, north : Fraction
        Degrees.
    """

    west: Fraction
    south: Fraction
    east: Fraction
    north: Fraction

    @property
    def centre(self) -> tuple[Fraction, Fraction]:
        """Longitude and latitude of the middle."""
        return (self.west + self.east) / 2, (self.south + self.north) / 2

    def contains(self, lon: Number, lat: Number) -> bool:
        """Say whether a position lies in the cell."""
        x, y = exact(lon), exact(lat)
        return self.west <= x < self.east and self.south <= y < self.north


def exact(value: Number) -> Fraction:
    """Return a number as it is written: 0.1 is a tenth, not the binary number next to it.

    Raises
    ------
    ConfigError
        GM107 if it is no finite number.
    """
    try:
        return value if isinstance(value, Fraction) else Fraction(str(value).strip())
    except (ValueError, ZeroDivisionError) as error:
        raise _refused("a coordinate is not a number", "the position") from error


def from_seconds(degrees: float) -> Fraction:
    """Return the angle that a float was read from, where that was written in minutes or seconds.

    110°20' is a third of a degree, which no float is. A float tells seconds apart to ten decimals; seven
    of them are kept.
    """
    parts = 3_600 * 10**7
    return Fraction(round(degrees * parts), parts)


def encode(lon: Number, lat: Number, level: int = LEVELS) -> str:
    """Return the code of the cell that a position lies in.

    Parameters
    ----------
    lon, lat : number or text
        Degrees, taken as the exact decimal that is written; 0 <= lon < 180, 0 <= lat < 88.
    level : int
        1 (6 by 4 degrees) to 10 (about 15 mm).

    Raises
    ------
    ConfigError
        GM107 for a position west of Greenwich, south of the equator or around the pole, and for a level
        that there is not.
    """
    x, y = (math.floor(exact(one) * DEGREE) for one in (lon, lat))
    if not 0 <= x < MAX_LON * DEGREE or not 0 <= y < MAX_LAT * DEGREE:
        raise _outside()
    return _code(x, y, _known(level))


def encode_all(lonlat: npt.ArrayLike, level: int = LEVELS) -> Texts:
    """Return the codes of many positions, the same as `encode` gives one by one.

    Parameters
    ----------
    lonlat : (n, 2) array of float
        Degrees.
    level : int
        As for `encode`.

    Returns
    -------
    (n,) text or None
        None where there is no position, or it lies outside the two hemispheres.
    """
    given = np.asarray(lonlat, dtype=np.float64).reshape(-1, 2)
    inside = np.asarray(((given >= 0) & (given < [MAX_LON, MAX_LAT])).all(axis=1), dtype=bool)
    scaled = np.where(inside[:, None], given, 0.0) * DEGREE
    whole = np.floor(scaled).astype(np.int64)
    for row, axis in np.argwhere(np.abs(scaled - np.round(scaled)) < DOUBTFUL).tolist():
        whole[row, axis] = math.floor(exact(float(given[row, axis])) * DEGREE) if inside[row] else 0
    known = _known(level)
    codes = np.full(len(given), None, dtype=object)
    codes[inside] = [_code(x, y, known) for x, y in whole[inside].tolist()]
    return codes


def decode(code: str) -> Cell:
    """Return the cell of a code of any level.

    Raises
    ------
    ConfigError
        GM107 saying what is wrong with the code, and where in it.
    """
    text = code.strip().upper()
    x, y, wide, high = _sheet(text)
    at = len(SHEET)
    for one in DIVISIONS[: LENGTHS.index(len(text))]:
        column, row = _numbers(text, at, one)
        wide, high, at = wide // one.columns, high // one.rows, at + one.digits
        x, y = x + column * wide, y + row * high
    return Cell(*(Fraction(edge, DEGREE) for edge in (x, y, x + wide, y + high)))


def level_of(code: str) -> int:
    """Return the level of a code, 1 to 10; GM107 if it is none."""
    decode(code)
    return LENGTHS.index(len(code.strip())) + 1


def parent(code: str) -> str:
    """Return the code of the cell one level up: the same without its last character or two.

    Raises
    ------
    ConfigError
        GM107 for a code of level 1, and for what is no code.
    """
    level = level_of(code)
    if level == 1:
        raise _refused("a code of level 1 has no parent", "the BeiDou grid code")
    return code.strip().upper()[: LENGTHS[level - 2]]


def _known(level: int) -> int:
    if level not in range(1, LEVELS + 1):
        raise _refused(f"there is no level {level} of BeiDou grid codes", f"levels 1 to {LEVELS}")
    return level


def _code(x: int, y: int, level: int) -> str:
    """Return the code of a place given in finest cells from 0 degrees."""
    wide, high = 6 * DEGREE, 4 * DEGREE
    parts = [f"N{FIRST_COLUMN + x // wide:02d}{ROWS[y // high]}"]
    for one in DIVISIONS[: level - 1]:
        x, y = x % wide, y % high
        wide, high = wide // one.columns, high // one.rows
        column, row = x // wide, y // high
        # In one digit cells are numbered along the letter Z, from the corner next to the equator.
        parts.append(HEX[column] + HEX[row] if one.digits > 1 else HEX[row * one.columns + column])
    return "".join(parts)


def _sheet(text: str) -> tuple[int, int, int, int]:
    """Return west, south, width and height of a code's sheet in finest cells, once the code has a level."""
    if text[:1] == "S":
        raise _outside()
    if len(text) not in LENGTHS:
        raise _refused(
            f"a BeiDou grid code has {', '.join(map(str, LENGTHS))} characters, not {len(text)}",
            "the BeiDou grid code",
        )
    column = int(text[1:3]) if text[1:3].isdecimal() else 0
    if text[0] != "N":
        raise _wrong(text, 0, "N (north)")
    if 1 <= column < FIRST_COLUMN:
        raise _outside()
    if not FIRST_COLUMN <= column < FIRST_COLUMN + MAX_LON // 6:
        raise _wrong(text, 1, f"a number from {FIRST_COLUMN} to 60", 2)
    if text[3] not in ROWS:
        raise _wrong(text, 3, f"a letter from A to {ROWS[-1]}")
    wide, high = 6 * DEGREE, 4 * DEGREE
    return (column - FIRST_COLUMN) * wide, ROWS.index(text[3]) * high, wide, high


def _numbers(text: str, at: int, one: _Level) -> tuple[int, int]:
    """Return the column and row that a level's characters say."""
    if one.digits == 1:
        number = _digit(text, at, one.columns * one.rows)
        return number % one.columns, number // one.columns
    return _digit(text, at, one.columns), _digit(text, at + 1, one.rows)


def _digit(text: str, at: int, limit: int) -> int:
    if text[at] not in HEX[:limit]:
        raise _wrong(text, at, f"from 0 to {HEX[limit - 1]}")
    return HEX.index(text[at])


def _wrong(text: str, at: int, wanted: str, count: int = 1) -> ConfigError:
    where = f"character {at + 1}" if count == 1 else f"characters {at + 1} to {at + count}"
    return _refused(f"{where} of a BeiDou grid code must be {wanted}", f"{text[: at + count]}…")


def _outside() -> ConfigError:
    return ConfigError(
        "GM107",
        "BeiDou grid codes are made for the northern and eastern hemispheres only, up to 88 degrees north",
        where="the position",
        fix="give a longitude from 0 to 180 and a latitude from 0 to 88; codes begin with N31 to N60",
    )


def _refused(what: str, where: str) -> ConfigError:
    return ConfigError("GM107", what, where=where, fix=FIX)


def parse(text: str) -> Cell | None:
    """Return the cell of what is meant as a code of level 4 or finer; None for any other text.

    Raises
    ------
    ConfigError
        GM107 for a code that is wrong.
    """
    return decode(text) if MEANT.fullmatch(text.strip()) else None


def size_m(cell: Cell, geod: Any) -> tuple[float, float]:
    """Return width along its middle and height of a cell in metres on an ellipsoid (`pyproj.Geod`)."""
    lon, lat = (float(one) for one in cell.centre)
    wide = geod.inv(float(cell.west), lat, float(cell.east), lat)[2]
    high = geod.inv(lon, float(cell.south), lon, float(cell.north))[2]
    return float(wide), float(high)
