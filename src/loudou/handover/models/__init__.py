"""Nouns of handovers."""

from loudou.handover.models.handover import Confirmation, Handover, HandoverItem, HandoverPart
from loudou.handover.models.letter import HandoverLetter
from loudou.handover.models.plan import HandoverPlan, PlanChoice, PlanNote

__all__ = [
    "Confirmation",
    "Handover",
    "HandoverItem",
    "HandoverLetter",
    "HandoverPart",
    "HandoverPlan",
    "PlanChoice",
    "PlanNote",
]
