"""Packages whose names load when they are first used (PEP 562).

A command loads what it uses and no more: who asks for a place does not wait for the readers of files, the
guards of products and the makers of maps.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any


def attach(
    package: str, homes: Mapping[str, Sequence[str]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return the ``__getattr__`` and ``__dir__`` of a package.

    Parameters
    ----------
    package : str
        Its ``__name__``.
    homes : mapping of str to sequence of str
        Its modules, and the public names that each holds. A module loads by its own name too. None of the
        names may be that of a module of the package: Python would put the module in its place.

    Returns
    -------
    tuple of callable
        To be bound where a type checker does not look: it reads plain imports beside them.
    """
    where = {name: module for module, names in homes.items() for name in names}

    def load(name: str) -> Any:
        if name in where:
            value = getattr(importlib.import_module(f"{package}.{where[name]}"), name)
        elif name in homes:
            value = importlib.import_module(f"{package}.{name}")
        else:
            msg = f"module {package!r} has no attribute {name!r}"
            raise AttributeError(msg)
        setattr(sys.modules[package], name, value)
        return value

    def listed() -> list[str]:
        return sorted({*vars(sys.modules[package]), *where, *homes})

    return load, listed
