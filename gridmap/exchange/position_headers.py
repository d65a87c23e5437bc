"""Which headers of a table are the positions: one of four ways, and never two at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from gridmap.errors import InputError
from gridmap.exchange.format import RawTable
from gridmap.exchange.meanings import ASKED, Claim, columns_option
from gridmap.exchange.vocabulary import Role
from gridmap.geo.angles import LONGEST

WAYS: tuple[tuple[Role, ...], ...] = (("lon", "lat"), ("x", "y"), ("wkt",), ("place",))
# An address has at most a house number; a pair of coordinates has figures on both sides of a mark. Between
# them stand minutes and seconds, not a page: the gaps are bounded, and so is what is looked at.
PAIR = re.compile(
    r"[0-9０-９]{1,3}[.．°度].{0,40}[^0-9０-９.．].{0,40}[0-9０-９]{1,3}[.．°度]|[0-9]{5,}[^0-9]{1,40}[0-9]{5,}"
)
LOOKED_AT = 50


def choose_positions(raw: RawTable, claims: Iterable[Claim], *, name: str) -> dict[Role, str]:
    """Return the headers of the positions, by role; empty if the file has none.

    Parameters
    ----------
    raw : RawTable
        The file.
    claims : iterable of Claim
        Headers that may be positions; what the caller asks for beats the rest.
    name : str
        Name of the file, for errors.

    Raises
    ------
    InputError
        GM210 if there is a longitude without a latitude, two headers for one of them, or two complete ways
        of telling positions.
    """
    claims = list(claims)
    asked = {claim.target for claim in claims if claim.how == ASKED}
    strong = _by_role(claim for claim in claims if not claim.weak or claim.how == ASKED)
    if asked:
        ways = [way for way in WAYS if asked & {*way}]
        complete = [way for way in ways if all(role in strong for role in way)]
        if len(ways) > 1 or not complete:
            raise _half(ways, strong, name) if len(ways) == 1 else _which(ways, strong, name)
        return _chosen(complete[0], strong, name)
    complete = [way for way in WAYS if all(role in strong for role in way)]
    if len(complete) > 1:
        raise _which(complete, strong, name)
    if complete:
        return _chosen(complete[0], strong, name)
    weak = [claim for claim in claims if claim.weak and _holds_pairs(raw.columns[claim.header])]
    if weak:
        return _chosen(("place",), {"place": weak}, name)
    if strong:
        raise _half([way for way in WAYS if {*way} & strong.keys()], strong, name)
    return {}


def _by_role(claims: Iterable[Claim]) -> dict[str, list[Claim]]:
    found: dict[str, list[Claim]] = {}
    for claim in claims:
        found.setdefault(claim.target, []).append(claim)
    return {role: [one for one in group if one.how == ASKED] or group for role, group in found.items()}


def _chosen(way: tuple[Role, ...], by_role: dict[str, list[Claim]], name: str) -> dict[Role, str]:
    for role in way:
        headers = [claim.header for claim in by_role[role]]
        if len(headers) > 1:
            raise InputError(
                "GM210",
                f"{len(headers)} headers mean {role}: " + ", ".join(headers),
                where=name,
                fix=f"say which is meant: {columns_option(headers[0], role)} (the others are left out then)",
            )
    return {role: by_role[role][0].header for role in way}


def _which(ways: Sequence[tuple[Role, ...]], by_role: dict[str, list[Claim]], name: str) -> InputError:
    told = ["/".join(by_role[role][0].header if role in by_role else role for role in way) for way in ways]
    first = [f"{by_role[role][0].header}={role}" for role in ways[0] if role in by_role]
    return InputError(
        "GM210",
        f"both {' and '.join(told)} are positions: which is meant?",
        where=name,
        fix=f"say which: --columns {','.join(first)} (the others are left out then)",
    )


def _half(ways: Sequence[tuple[Role, ...]], by_role: dict[str, list[Claim]], name: str) -> InputError:
    there = [by_role[role][0].header for way in ways for role in way if role in by_role]
    missing = [role for way in ways for role in way if role not in by_role]
    return InputError(
        "GM210",
        f"there is {', '.join(there)}, and no header for {', '.join(missing)}",
        where=name,
        fix=f"name it: --columns HEADER={missing[0]}",
    )


def _holds_pairs(values: Sequence[Any] | np.ndarray[Any, Any]) -> bool:
    texts = [value for value in values if isinstance(value, str) and value.strip()][:LOOKED_AT]
    return sum(PAIR.search(text[:LONGEST]) is not None for text in texts) * 2 > len(texts) > 0
