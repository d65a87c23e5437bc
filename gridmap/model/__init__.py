"""The nouns of gridmap as frozen dataclasses; standard library only."""

from typing import TYPE_CHECKING

from gridmap.lazy import attach

if TYPE_CHECKING:
    from gridmap.model.answer import Answer, AreaAnswer, LineAnswer, PointAnswer
    from gridmap.model.change import Change
    from gridmap.model.figures import AreaFigures, Figures, LineFigures, PointFigures
    from gridmap.model.findings import LEVELS, Finding, Findings
    from gridmap.model.intake import ImportReport, Matched, Mended, Misfit, OnDuplicate
    from gridmap.model.nouns import LAYERS, TARGETS, Bilingual, Layer, Level, Role
    from gridmap.model.redacted import Redacted
    from gridmap.model.view import View, ViewTable
else:
    __getattr__, __dir__ = attach(
        __name__,
        {
            "answer": ("Answer", "AreaAnswer", "LineAnswer", "PointAnswer"),
            "change": ("Change",),
            "figures": ("AreaFigures", "Figures", "LineFigures", "PointFigures"),
            "findings": ("LEVELS", "Finding", "Findings"),
            "intake": ("ImportReport", "Matched", "Mended", "Misfit", "OnDuplicate"),
            "nouns": ("LAYERS", "TARGETS", "Bilingual", "Layer", "Level", "Role"),
            "redacted": ("Redacted",),
            "view": ("View", "ViewTable"),
        },
    )

__all__ = [
    "LAYERS",
    "LEVELS",
    "TARGETS",
    "Answer",
    "AreaAnswer",
    "AreaFigures",
    "Bilingual",
    "Change",
    "Figures",
    "Finding",
    "Findings",
    "ImportReport",
    "Layer",
    "Level",
    "LineAnswer",
    "LineFigures",
    "Matched",
    "Mended",
    "Misfit",
    "OnDuplicate",
    "PointAnswer",
    "PointFigures",
    "Redacted",
    "Role",
    "View",
    "ViewTable",
]
