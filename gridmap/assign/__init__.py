"""Who keeps what: rules in file order, the completeness proof, and the answer at a place."""

from gridmap.assign.again import rearrange
from gridmap.assign.arrangement import Arrangement
from gridmap.assign.edited import Edit
from gridmap.assign.engine import arrange
from gridmap.assign.faults import CODES, FaultDoc
from gridmap.assign.ground import Features, Ground, border_hash
from gridmap.assign.reasons import reason, reasons
from gridmap.assign.rule import Claims, Contribution, Rule, State, Stretches
from gridmap.assign.viewed import Seen, seen
from gridmap.assign.who import Keepers, answer, answers, each_answer

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
