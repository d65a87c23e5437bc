"""Whether the compiled kernels are used, and how they are compiled (numba, the extra ``fast``)."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import contextmanager, suppress
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    # The decorated function: its signature is kept.
    Function = TypeVar("Function", bound=Callable[..., object])

log = logging.getLogger(__name__)

SWITCH = "GRIDMAP_COMPILED"
# Loading numba and its kept code costs as much CPU time as the kernels save on so many places.
WORTH = 500_000
# What a part of numba imports, only to see whether it is there.
BLAS, ASKS = "scipy.linalg.cython_blas", "numba.np.arraymath"
_NAMES = {True: "compiled by numba", False: "numpy"}
# Which of the two this process has named: a choice that differs from the others is named too.
_told: set[bool] = set()


def compiled(expected: int = WORTH) -> bool:
    """Return whether kernels are compiled for an index; each index chooses once, and names it in the log.

    The answers are the same either way: only the time differs.

    Parameters
    ----------
    expected : int
        About how many places the index will be asked for. From `WORTH` on, loading numba pays; once it is
        loaded, always. ``GRIDMAP_COMPILED`` in the environment decides instead: 1 always, 0 never.

    Returns
    -------
    bool
        Never true without numba.
    """
    switch = os.environ.get(SWITCH, "")
    wanted = switch != "0" if switch else expected >= WORTH or "numba" in sys.modules
    chosen = wanted and find_spec("numba") is not None and _loads()
    log.debug("kernels for %d places: %s", expected, _NAMES[chosen])
    if chosen not in _told:
        _told.add(chosen)
        log.info("kernels: %s", _NAMES[chosen])
    return chosen


def kernel(function: Function) -> Function:
    """Compile a function with numba when it is first called; the machine code is kept between processes.

    Arithmetic is that of IEEE 754, in the order written (no fastmath), so that bounds on rounding hold;
    a division by zero gives what numpy gives. The interpreter's lock is free while a kernel runs.

    Parameters
    ----------
    function : callable
        In a module named ``*_compiled``, which is imported only where `compiled` says so. A kernel calls
        only kernels of its own module: the kept code is made anew when that one file changes. What it takes
        from other modules is in that code too, so the file names it in its `STAMP`, which a test compares.

    Returns
    -------
    callable
        The compiled function. Where no folder for kept code can be written (a read-only installation
        and home; ``NUMBA_CACHE_DIR`` names another) each process compiles for itself, and the log says so.
    """
    njit = _numba().njit
    options = {"nogil": True, "error_model": "numpy"}
    try:
        return cast("Function", njit(cache=True, **options)(function))
    except RuntimeError as error:  # numba: "cannot cache function ...: no locator available for file ..."
        name = getattr(function, "__name__", "?")
        log.info("kernel %s is compiled anew in each process: %s", name, error)
        return cast("Function", njit(**options)(function))


@cache
def _loads() -> bool:
    """Whether numba can be loaded; one that is broken is as good as none, and named in the log."""
    try:
        _numba()
    except ImportError as error:
        log.warning("numba cannot be loaded, kernels are left out: %s", error)
        return False
    return True


@cache
def _numba() -> ModuleType:
    """Load numba, and the part of it that looks for a BLAS, which its first kernel would load."""
    with blas_later():
        found = import_module("numba")
        with suppress(ImportError):
            import_module(ASKS)
    return found


@contextmanager
def blas_later() -> Iterator[None]:
    """Let numba find a BLAS inside without loading one: that takes half as long as numba itself.

    Kernels here have no use for it. Whoever has, inside or later, in this thread or another, gets the real
    one when it is used.
    """
    if BLAS in sys.modules:
        yield
        return
    sys.modules[BLAS] = _Later(BLAS)
    try:
        yield
    finally:
        if isinstance(sys.modules.get(BLAS), _Later):
            del sys.modules[BLAS]


class _Later(ModuleType):
    """A module that is loaded when something of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)
