"""Words with blanks, filled for a million rows at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Objects = npt.NDArray[np.object_]

TARGET, METRES = "{target}", "{metres}"
# What an assignment's metres are called where they are not known.
UNKNOWN = "an unknown number of"
MM = 1000


def half_even(mm: Any) -> npt.NDArray[np.int64]:
    """Round whole millimetres to whole metres, halves to even, as Python's ``f"{metres:.0f}"`` does."""
    values = np.asarray(mm, dtype=np.int64)
    whole, rest = np.divmod(values, MM)
    up = (rest > MM // 2) | ((rest == MM // 2) & (whole % 2 == 1))
    return np.asarray(whole + up, dtype=np.int64)


def metres_texts(mm: Any, unknown: str) -> list[str]:
    """Return whole metres with thousands separated; `unknown` where the millimetres are negative."""
    values = np.asarray(mm, dtype=np.int64)
    told, at = np.unique(np.where(values < 0, -1, half_even(values)), return_inverse=True)
    texts = np.array([unknown if one < 0 else f"{one:,}" for one in told.tolist()], dtype=object)
    found: list[str] = texts[at].tolist()
    return found


def fill(text: str, mm: Any, targets: Objects, *, unknown: str = UNKNOWN) -> Objects:
    """Fill ``{target}`` and ``{metres}`` for many rows; the blanks may stand in any order.

    Parameters
    ----------
    text : str
        The words, each blank at most once.
    mm : (n,) int
        Whole millimetres; what is negative is said to be `unknown`.
    targets : (n,) text
        Ids.
    unknown : str
        What to say where the metres are not known.
    """
    if METRES not in text:
        return _per_value(text, TARGET, targets)
    numbers = metres_texts(mm, unknown)
    if TARGET not in text:
        return _per_value(text, METRES, numbers)
    return _join(text, numbers, targets)


def _per_value(text: str, blank: str, values: Sequence[str] | Objects) -> Objects:
    """Fill one blank; equal values share one string, so a million rows cost little."""
    made = {value: text.replace(blank, value) for value in set(values)}
    return np.array([made[value] for value in values], dtype=object)


def _join(text: str, numbers: list[str], targets: Objects) -> Objects:
    ahead = text.index(TARGET) < text.index(METRES)
    first, second = (TARGET, METRES) if ahead else (METRES, TARGET)
    head, rest = text.split(first, 1)
    middle, tail = rest.split(second, 1)
    ones, others = (targets, numbers) if ahead else (numbers, targets)
    made = [f"{head}{one}{middle}{other}{tail}" for one, other in zip(ones, others, strict=True)]
    return np.array(made, dtype=object)
