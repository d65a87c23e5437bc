"""Numbers of things in words."""

from __future__ import annotations


def many(number: int, noun: str) -> str:
    """Return a number and what it counts: ``1 gap``, ``2 gaps``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
