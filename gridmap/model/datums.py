"""The datums that degrees in China are in, by the words that settings, options and headers have for them."""

from __future__ import annotations

from typing import Literal, get_args

Datum = Literal["wgs84", "cgcs2000", "gcj02", "bd09"]
DATUMS: tuple[Datum, ...] = get_args(Datum)
