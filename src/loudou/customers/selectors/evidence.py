"""What is on record about customers that decides their phases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from loudou.core.actors import Actor
from loudou.core.rates import company
from loudou.customers.models import Customer, CustomerRules, Evidence, PhaseChange, StandingEvidence
from loudou.customers.phases import Derivation, derive
from loudou.customers.selectors.rules import rules


def standing_about(model: str, subject_ids: Collection[int]) -> QuerySet[StandingEvidence]:
    """What holds about some records of a model; for the services of the module that owns them."""
    return StandingEvidence.objects.filter(subject_model=model, subject_id__in=list(subject_ids)).order_by("pk")


def derivation_of(
    actor: Actor, customer: Customer, *, at: dt.datetime, company_rules: CustomerRules | None = None
) -> Derivation:
    """Why a visible customer is in its phase on the company's day of an instant, and what is missing for the next."""
    policy = (company_rules or rules()).phase_policy(grace_days=customer.grace_days)
    today = at.astimezone(ZoneInfo(company().time_zone)).date()
    held = StandingEvidence.objects.filter(customer__in=_this(actor, customer)).order_by("at", "pk")
    return derive([row.truth for row in held], policy, on=today)


def phase_changes_of(actor: Actor, customer: Customer) -> QuerySet[PhaseChange]:
    """The phases a visible customer went through, the latest first, with what caused each."""
    changes = PhaseChange.objects.filter(customer__in=_this(actor, customer))
    return changes.select_related("actor", "evidence")


def evidence_of(actor: Actor, customer: Customer) -> QuerySet[Evidence]:
    """Everything on record about a visible customer's phase, what was recorded last first."""
    return Evidence.objects.filter(customer__in=_this(actor, customer)).select_related("actor")


def _this(actor: Actor, customer: Customer) -> QuerySet[Customer]:
    return Customer.objects.visible_to(actor).filter(pk=customer.pk)
