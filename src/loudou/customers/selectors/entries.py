"""How customers came into the funnel: on which day, and whether we have followed them from there.

Most are *followed from the start*: we knew of them when they entered, or their past was brought along from its
beginning. Some *came with a past*: an import told of them when they were target customers or further already, and what
went before is not on record. Those stand in the funnel, but to count them among the ones that got there would flatter
it: who did not get there was never told of.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from loudou.core.rates import company
from loudou.customers.choices import Phase
from loudou.customers.models import PhaseChange

MIDDLE = Phase.TARGET
"""A history that begins here or further down began in the middle, if it was brought along."""
SOON = dt.timedelta(days=1)
"""What is recorded no later than this after it happened was not brought along."""

_CAME_LATER = Q(to_phase__gte=MIDDLE, known_at__gt=F("at") + SOON)


def entries(*, from_the_start: bool = True) -> QuerySet[PhaseChange]:
    """Changes by which customers first entered the funnel; one each. Narrow visible customers by them."""
    earlier = PhaseChange.objects.filter(customer=OuterRef("customer"), pk__lt=OuterRef("pk"))
    rows = PhaseChange.objects.order_by().alias(known_at=Coalesce("evidence__recorded_at", "recorded_at"))
    rows = rows.filter(~Exists(earlier), from_phase=Phase.OUTSIDE)
    return rows.exclude(_CAME_LATER) if from_the_start else rows.filter(_CAME_LATER)


def customers_entered(
    *, since: dt.date | None = None, until: dt.date | None = None, from_the_start: bool = True
) -> QuerySet[PhaseChange, int]:
    """Ids of customers that first entered the funnel from one of the company's days until another, both included."""
    rows, zone = entries(from_the_start=from_the_start), ZoneInfo(company().time_zone)
    if since is not None:
        rows = rows.filter(at__gte=dt.datetime.combine(since, dt.time(), zone))
    if until is not None:
        rows = rows.filter(at__lt=dt.datetime.combine(until + dt.timedelta(days=1), dt.time(), zone))
    return rows.values_list("customer_id", flat=True)


def customers_that_reached(phase: Phase) -> QuerySet[PhaseChange, int]:
    """Ids of customers that were in a phase, or beyond it, at some time."""
    return PhaseChange.objects.filter(to_phase__gte=phase).order_by().values_list("customer_id", flat=True)


def customers_that_stood_in(phase: Phase) -> QuerySet[PhaseChange, int]:
    """Ids of customers that were in exactly this phase at some time."""
    return PhaseChange.objects.filter(to_phase=phase).order_by().values_list("customer_id", flat=True)
