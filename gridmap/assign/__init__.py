"""Who keeps what: rules in file order, the completeness proof, and the answer at a place."""

from typing import TYPE_CHECKING

from gridmap.assign.arrangement import Arrangement
from gridmap.assign.engine import arrange
from gridmap.assign.faults import CODES, FaultDoc
from gridmap.assign.ground import Features, Ground, border_hash
from gridmap.assign.reasons import reason, reasons
from gridmap.assign.rule import Claims, Contribution, Rule, State, Stretches
from gridmap.assign.who import Keepers, answer, answers, each_answer
from gridmap.lazy import attach

if TYPE_CHECKING:
    from gridmap.assign.again import rearrange
    from gridmap.assign.edited import Edit
    from gridmap.assign.viewed import Seen, seen
else:
    # What a whole run does without.
    __getattr__, __dir__ = attach(
        __name__, {"again": ("rearrange",), "edited": ("Edit",), "viewed": ("Seen", "seen")}
    )

__all__ = [
    "CODES",
    "Arrangement",
    "Claims",
    "Contribution",
    "Edit",
    "FaultDoc",
    "Features",
    "Ground",
    "Keepers",
    "Rule",
    "Seen",
    "State",
    "Stretches",
    "answer",
    "answers",
    "arrange",
    "border_hash",
    "each_answer",
    "rearrange",
    "reason",
    "reasons",
    "seen",
]
