"""How opportunities spread over kinds, time, states, stages and owners."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils import timezone

from loudou.pipeline.choices import CLOSED_STATES, State
from loudou.pipeline.models.opportunity import OpportunityQuerySet
from loudou.pipeline.selectors.volume import Volume, volumes

KINDS = ("likelihood", "visibility", "reach_kind", "purchase_kind", "priority")
CLOSED_WITHIN = dt.timedelta(days=365)


def by_kinds(rows: OpportunityQuerySet, *, win_rates: Mapping[int, Decimal]) -> dict[str, dict[Any, Volume]]:
    """Volume by value of every kind; '' is the key of rows without that kind. One statement for all kinds."""
    found: dict[str, dict[Any, Volume]] = {kind: {} for kind in KINDS}
    for values, volume in volumes(rows, *KINDS, win_rates=win_rates).items():
        for kind, value in zip(KINDS, values, strict=True):
            found[kind][value] = found[kind].get(value, Volume()) + volume
    return found


def by_column(
    rows: OpportunityQuerySet,
    column: str,
    *,
    win_rates: Mapping[int, Decimal],
    key: Callable[[Any], Any] = lambda value: value,
) -> dict[Any, Volume]:
    """Volume by a column such as stage_id, owner_id or state, its values folded by `key`. One statement."""
    found: dict[Any, Volume] = {}
    for (value,), volume in volumes(rows, column, win_rates=win_rates).items():
        folded = key(value)
        found[folded] = found.get(folded, Volume()) + volume
    return found


def month_start(day: dt.date | None) -> dt.date | None:
    """First day of a date's month; None stays None."""
    return day.replace(day=1) if day else None


def closed_since(at: dt.datetime) -> dt.date:
    """First day of the 365 days in which closed opportunities are counted."""
    return timezone.localdate(at) - CLOSED_WITHIN


def recently(at: dt.datetime) -> Q:
    """Condition: still open or on hold, or closed within the last 365 days, so that old years cost nothing."""
    since = timezone.make_aware(dt.datetime.combine(closed_since(at), dt.time.min))
    return Q(state__in=(State.OPEN, State.ON_HOLD)) | Q(state__in=CLOSED_STATES, closed_at__gte=since)
