"""Splitting a contract's total into instalments, to the smallest unit of its currency."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from loudou.contracts.errors import PlanDoesNotAddUp
from loudou.contracts.services.ledger_drafts import InstalmentDraft
from loudou.core.money import Money, round_money, written

ONE = Decimal(1)


def by_weight(total: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """Split a total in proportion to weights; each part is the difference of two rounded running totals.

    So the parts always add up to the total, and each differs from its exact share by less than one smallest unit.
    """
    whole = sum(weights, Decimal(0))
    parts: list[Decimal] = []
    reached = running = Decimal(0)
    for weight in weights:
        running += weight
        there = round_money(total * running / whole, currency)
        parts.append(there - reached)
        reached = there
    return parts


def amounts(lines: Sequence[InstalmentDraft], total: Money) -> list[Decimal]:
    """Return the amount of each instalment: shares of the total, or the amounts given.

    Shares are rounded together, so that 30 % + 60 % + 10 % are exactly the whole. Raises PlanDoesNotAddUp.
    """
    shares = [line.share for line in lines if line.share is not None]
    covered = sum(shares, Decimal(0))
    rest = ONE - covered
    weights = [*shares, rest] if rest > 0 else shares
    by_share = iter(by_weight(total.amount, weights, total.currency) if covered > 0 else ())
    found = [
        next(by_share) if line.share is not None else round_money(line.amount or Decimal(0), total.currency)
        for line in lines
    ]
    added = sum(found, Decimal(0))
    if added != total.amount or covered > ONE:
        added = sum((total.amount * s for s in shares), Decimal(0)) if covered > ONE else added
        raise off_by(added, total)
    return found


def off_by(added: Decimal, total: Money) -> PlanDoesNotAddUp:
    """Make the refusal of a plan whose instalments add up to something else."""
    return PlanDoesNotAddUp(
        sum=written(added, total.currency),
        total=written(total.amount, total.currency),
        currency=total.currency,
        difference=written(added - total.amount, total.currency),
    )


def shift(day: dt.date, *, months: int, days: int) -> dt.date:
    """Add months (to the same day, or the last of a shorter month), then days."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    last = calendar.monthrange(year, month)[1]
    return dt.date(year, month, min(day.day, last)) + dt.timedelta(days=days)
