"""Who answers here, on each layer; where does nobody; where do two.

Names load when they are first used (PEP 562), so that ``import gridmap`` is quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gridmap.errors import GridmapError as GridmapError
    from gridmap.model import Answer as Answer
    from gridmap.model import Finding as Finding
    from gridmap.model import Findings as Findings
    from gridmap.project import Area as Area
    from gridmap.project import Plan as Plan
    from gridmap.project import check as check
    from gridmap.project import demo as demo
    from gridmap.project import memory as memory
    from gridmap.project import nearest_stronghold as nearest_stronghold
    from gridmap.project import new as new
    from gridmap.project import open_area as open  # noqa: A004, F401 - users write gm.open
    from gridmap.project import show as show

__version__ = "0.1.0"

_NAMES: dict[str, tuple[str, str]] = {
    "Answer": ("gridmap.model", "Answer"),
    "Area": ("gridmap.project", "Area"),
    "Finding": ("gridmap.model", "Finding"),
    "Findings": ("gridmap.model", "Findings"),
    "GridmapError": ("gridmap.errors", "GridmapError"),
    "Plan": ("gridmap.project", "Plan"),
    "check": ("gridmap.project", "check"),
    "demo": ("gridmap.project", "demo"),
    "memory": ("gridmap.project", "memory"),
    "nearest_stronghold": ("gridmap.project", "nearest_stronghold"),
    "new": ("gridmap.project", "new"),
    "open": ("gridmap.project", "open_area"),
    "show": ("gridmap.project", "show"),
}

__all__ = [*sorted(_NAMES), "__version__"]  # noqa: PLE0604 - names, loaded on first use


def __getattr__(name: str) -> Any:
    if name not in _NAMES:
        msg = f"module 'gridmap' has no attribute {name!r}"
        raise AttributeError(msg)
    module, attribute = _NAMES[name]
    value = getattr(importlib.import_module(module), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
