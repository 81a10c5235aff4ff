"""Nouns of the pipeline."""

from loudou.pipeline.models.opportunity import (
    Competitor,
    LossReason,
    Opportunity,
    OpportunityCompetitor,
    OpportunityContact,
    OpportunityLine,
    OpportunityMember,
    Star,
)
from loudou.pipeline.models.process import CriterionCheck, SalesProcess, Stage, StageCriterion
from loudou.pipeline.models.search_document import NamedCustomer
from loudou.pipeline.models.stage_change import StageChange

__all__ = [
    "Competitor",
    "CriterionCheck",
    "LossReason",
    "NamedCustomer",
    "Opportunity",
    "OpportunityCompetitor",
    "OpportunityContact",
    "OpportunityLine",
    "OpportunityMember",
    "SalesProcess",
    "Stage",
    "StageChange",
    "StageCriterion",
    "Star",
]
