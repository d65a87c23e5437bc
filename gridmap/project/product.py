"""A finished page, and the way it leaves for a file or a notebook."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

# How a drawing (SVG) and a picture (PNG) begin.
DRAWING, PICTURE = (b"<?xml", b"<svg"), b"\x89PNG"
PAGE = b"<!DOCTYPE html>"


def framed(page: str) -> str:
    """Return a page as a frame for a notebook: it runs, prints and saves, and reaches nothing around it."""
    return (
        f'<iframe srcdoc="{html.escape(page, quote=True)}" style="width:100%;height:640px;border:0" '
        'sandbox="allow-scripts allow-modals allow-downloads" allow="clipboard-write" title="gridmap">'
        "</iframe>"
    )


@dataclass(frozen=True)
class Product:
    """A finished map, page or table for one audience.

    Parameters
    ----------
    data : bytes
        The finished bytes: same input, same bytes.
    audience : str
        Whom it is for.
    leave : callable
        Takes a path and ``force``; scans the bytes and writes them, all or nothing.
    check : callable
        Scans the bytes alone: what a notebook shows, it keeps in its own file.
    notes : tuple of str
        What whoever makes it should know, e.g. that stored results were stale and made anew.
    """

    data: bytes
    audience: str
    leave: Callable[[bytes, Path, bool], Path]
    check: Callable[[bytes], None]
    notes: tuple[str, ...] = ()

    def save(self, path: str | Path, *, force: bool = True) -> Path:
        """Write the product; with ``force=False`` an existing file is refused (GM104).

        Returns
        -------
        Path
            Where it is.
        """
        return self.leave(self.data, Path(path), force)

    def __repr__(self) -> str:
        # Never the bytes: nobody has looked at what is in them.
        return f"<gridmap.Product for {self.audience}, {len(self.data):,} bytes: .save(path) writes it>"

    def _repr_html_(self) -> str | None:
        if not self.data.startswith(PAGE):
            return None  # a PDF, a table: a notebook says what it is
        self.check(self.data)
        return framed(self.data.decode("utf-8"))

    def _repr_svg_(self) -> str | None:
        if not self.data.startswith(DRAWING):
            return None
        self.check(self.data)
        return self.data.decode("utf-8")

    def _repr_png_(self) -> bytes | None:
        if not self.data.startswith(PICTURE):
            return None
        self.check(self.data)
        return self.data
