"""Kernels load quickly, and what is put off for that is there for whoever needs it."""

from __future__ import annotations

import json
import subprocess
import sys

from kernels_there import need_numba

from gridmap.geo.index import compiling

ASK = """
import json, sys
from importlib import import_module
from gridmap.geo.index.compiling import BLAS, blas_later
said = []
with blas_later():
    import scipy.linalg.cython_blas
said.append("scipy.linalg" in sys.modules or BLAS in sys.modules)
with blas_later():
    asked = import_module(BLAS)
    said.append("dgemm" in asked.__pyx_capi__)
    real = import_module(BLAS)
    said.append("__pyx_capi__" in vars(real))
with blas_later():
    said.append(import_module(BLAS) is real)
said.append(import_module(BLAS) is real)
print(json.dumps(said))
"""
LOAD = """
import json, sys
from gridmap.geo.index.loading import load
load(10**6)
print(json.dumps(sorted({"numba", "scipy.linalg", "scipy.spatial", "scipy.sparse"} & set(sys.modules))))
"""


def run(words):
    ran = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)
    return json.loads(ran.stdout)


def test_a_library_that_is_put_off_is_there_when_it_is_used():
    # Another thread may want linear algebra while kernels load; an empty module would break it.
    assert run(ASK) == [False, True, True, True, True]


def test_indexes_and_kernels_load_without_scipy():
    # Its trees and its linear algebra would double the time.
    need_numba()
    assert run(LOAD) == ["numba"]


def test_a_numba_that_cannot_be_loaded_is_as_good_as_none(monkeypatch, caplog):
    """An installation that broke (another numpy, a missing library) must not stop anybody's assign."""
    need_numba()

    def broken():
        raise ImportError("numba needs another numpy")

    monkeypatch.setenv(compiling.SWITCH, "1")
    monkeypatch.setattr(compiling, "_numba", broken)
    compiling._loads.cache_clear()
    try:
        assert not compiling.compiled()
        assert "another numpy" in caplog.text
    finally:
        compiling._loads.cache_clear()
