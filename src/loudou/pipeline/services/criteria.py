"""What stages ask for before they are left, and what of it is still missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from django.db import models

from loudou.core.actors import Actor
from loudou.core.phrases import in_a_row
from loudou.core.refusals import PermissionRefused
from loudou.pipeline.choices import CriteriaMode, RequiredField
from loudou.pipeline.errors import CriteriaUnmet, WaiverNeedsReason
from loudou.pipeline.models import (
    CriterionCheck,
    Opportunity,
    OpportunityCompetitor,
    OpportunityContact,
    OpportunityLine,
    SalesProcess,
    Stage,
    StageCriterion,
)
from loudou.pipeline.services.drafts import Unmet

ON_THE_ROW: Mapping[RequiredField, Callable[[Opportunity], Any]] = {
    RequiredField.CUSTOMER: lambda row: row.customer_id,
    RequiredField.AMOUNT: lambda row: row.amount,
    RequiredField.EXPECTED_ON: lambda row: row.expected_on,
    RequiredField.NEXT_STEP: lambda row: row.next_step,
    RequiredField.PROBABILITY: lambda row: row.probability is not None,
    RequiredField.PURCHASE_KIND: lambda row: row.purchase_kind,
}
"""Required fields that the row itself answers."""

BESIDE_THE_ROW: Mapping[RequiredField, type[models.Model]] = {
    RequiredField.CONTACTS: OpportunityContact,
    RequiredField.COMPETITORS: OpportunityCompetitor,
    RequiredField.LINES: OpportunityLine,
}
"""Required fields that are rows of their own."""


class Requirements:
    """What some stages ask for, and what of it each of some opportunities has; read once for all of them."""

    def __init__(self, stages: Collection[Stage], opportunity_ids: Collection[int]) -> None:
        self._criteria: dict[int, list[StageCriterion]] = defaultdict(list)
        for criterion in StageCriterion.objects.filter(stage_id__in=[s.pk for s in stages]).order_by("position", "pk"):
            self._criteria[criterion.stage_id].append(criterion)
        self._met: set[tuple[int, int]] = set()
        if self._criteria:
            checks = CriterionCheck.objects.filter(
                opportunity_id__in=opportunity_ids, criterion__stage_id__in=list(self._criteria)
            )
            self._met = set(checks.values_list("opportunity_id", "criterion_id"))
        asked = {RequiredField(name) for stage in stages for name in stage.required_fields}
        self._have: dict[RequiredField, set[int]] = {
            name: set(
                model._default_manager.filter(opportunity_id__in=opportunity_ids)
                .values_list("opportunity_id", flat=True)
                .distinct()
            )
            for name, model in BESIDE_THE_ROW.items()
            if name in asked
        }

    def unmet(self, opportunity: Opportunity, stages: Sequence[Stage]) -> list[Unmet]:
        """Return what these stages ask for and the opportunity lacks, each field once."""
        found: list[Unmet] = []
        fields: set[str] = set()
        for stage in stages:
            for criterion in self._criteria[stage.pk]:
                if (opportunity.pk, criterion.pk) not in self._met:
                    found.append(Unmet(stage.label, criterion.label, criterion_id=criterion.pk))
            for name in stage.required_fields:
                if name not in fields and not self._has(opportunity, RequiredField(name)):
                    fields.add(name)
                    found.append(Unmet(stage.label, str(RequiredField(name).label), field=name))
        return found

    def _has(self, opportunity: Opportunity, name: RequiredField) -> bool:
        if name in ON_THE_ROW:
            answer = ON_THE_ROW[name](opportunity)
            return answer is not None and answer is not False and answer != ""
        return opportunity.pk in self._have[name]


def stages_left(stages: Sequence[Stage], here: Stage, there: Stage) -> list[Stage]:
    """Return the stages a move forward leaves behind: the present one and those it skips. Moving back leaves none."""
    return [stage for stage in stages if here.position <= stage.position < there.position]


def check_waiver(actor: Actor, waiver: str) -> str:
    """Return the reason for which criteria are waived, '' for none. Raises PermissionRefused, WaiverNeedsReason."""
    if not waiver:
        return ""
    if not actor.has_permission("pipeline.waive"):
        raise PermissionRefused
    if not waiver.strip():
        raise WaiverNeedsReason
    return waiver.strip()


def refuse_unmet(process: SalesProcess, here: Stage, unmet: list[Unmet], waiver: str) -> None:
    """Refuse a move while something is missing, when the process blocks and nobody waives it. Raises CriteriaUnmet."""
    if unmet and process.criteria_mode == CriteriaMode.BLOCK and not waiver:
        raise CriteriaUnmet(list(unmet), stage=here.label, missing=in_a_row(item.name for item in unmet))
