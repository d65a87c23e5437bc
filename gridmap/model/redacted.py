"""What was done to a table before an audience could see it: for products' manifests and statements."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Redacted:
    """One redaction, done.

    Parameters
    ----------
    kind : str
        The kind whose rows were redacted.
    redaction : str
        Name of the redaction: ``"areas"``.
    table : str
        The table that was made of them, ``""`` if none.
    k : int
        The fewest rows that anything shown stands for; 0 where that means nothing (`drop`).
    before : int
        Rows that it was given.
    after : int
        Rows that it made.
    left_out : int
        Rows given that nothing shown stands for.
    """

    kind: str
    redaction: str
    table: str
    k: int
    before: int
    after: int
    left_out: int
