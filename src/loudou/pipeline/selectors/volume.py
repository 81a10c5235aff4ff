"""How much lies where: count, amount and weighted amount of opportunities, grouped in the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, Sum

from loudou.pipeline.models.opportunity import OpportunityQuerySet

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Volume:
    """So many opportunities, worth so much, and worth so much weighted by their chances; in base currency.

    Weighted = amount x the rep's probability, or the stage's prior win rate where the rep gave none.
    """

    count: int = 0
    amount: Decimal = ZERO
    weighted: Decimal = ZERO

    def __add__(self, other: Volume) -> Volume:
        return Volume(self.count + other.count, self.amount + other.amount, self.weighted + other.weighted)


FIGURES: Mapping[str, Any] = {
    "rows": Count("*"),
    "worth": Sum("amount_base"),
    "called": Sum(F("amount_base") * F("probability")),
    "uncalled": Sum("amount_base", filter=Q(probability__isnull=True)),
}
"""What a volume is made of, of opportunities as of rows of their history."""


def volumes(rows: OpportunityQuerySet, *keys: str, win_rates: Mapping[int, Decimal]) -> dict[tuple[Any, ...], Volume]:
    """Group rows by `keys` (columns or annotations) and sum each group. One statement, no join.

    The stage is always part of the grouping in the database, so that its win rate (`win_rates` by stage id) can be
    applied to a sum instead of being joined to every row. Counting `*` keeps the open index sufficient: counting ids
    would fetch every row.
    """
    grouped = rows.order_by().values(*dict.fromkeys((*keys, "stage_id"))).annotate(**FIGURES)
    found: dict[tuple[Any, ...], Volume] = {}
    for group in grouped:
        key = tuple(group[name] for name in keys)
        found[key] = found.get(key, Volume()) + volume_of(group, win_rates[group["stage_id"]])
    return found


def volume_of(group: Mapping[str, Any], win_rate: Decimal) -> Volume:
    """Make a volume of the FIGURES of rows that lie in one stage, whose win rate weighs what no rep has called."""
    weighted = (group["called"] or ZERO) + (group["uncalled"] or ZERO) * win_rate
    return Volume(group["rows"], group["worth"] or ZERO, weighted)


def total(volume_of: Mapping[Any, Volume]) -> Volume:
    """Add up groups."""
    return sum(volume_of.values(), start=Volume())
