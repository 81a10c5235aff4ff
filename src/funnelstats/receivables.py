"""What is owed: days sales outstanding, collection effectiveness, provision by age."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from funnelstats.winrates import Moment


@dataclass(frozen=True, slots=True)
class DaysOutstanding:
    """DSO by countback; `is_complete` is False when more is owed than the listed months sold."""

    days: Decimal
    is_complete: bool
    as_of: Moment | None = None


def days_sales_outstanding(receivable: Decimal, sales: Decimal, days: int) -> Decimal | None:
    """Simple DSO = receivable / credit sales x days of the period; None without sales."""
    return receivable / sales * days if sales else None


def countback(
    receivable: Decimal, months: Sequence[tuple[Decimal, int]], *, as_of: Moment | None = None
) -> DaysOutstanding:
    """DSO by countback: use up the receivable with the sales of the latest months, newest first.

    `months` are (credit sales, days in the month). A month that is used up counts with all its days, the last one
    with its share. When more is owed than all listed months sold the result is a lower bound and says so.
    """
    left, days = receivable, Decimal(0)
    for sales, length in months:
        if left <= 0:
            break
        if sales <= left:
            days += length
        else:
            days += length * left / sales
        left -= sales
    return DaysOutstanding(days, is_complete=left <= 0, as_of=as_of)


def collection_effectiveness(
    beginning: Decimal, sales: Decimal, ending: Decimal, ending_current: Decimal
) -> Decimal | None:
    """CEI = (beginning + sales - ending) / (beginning + sales - ending not yet due) x 100, for one month.

    Sales are the month's credit sales; for a quarter chain the months. None when nothing could have been collected.
    """
    collectable = beginning + sales - ending_current
    return (beginning + sales - ending) / collectable * 100 if collectable else None


def loss_rates(entered: Sequence[Decimal], lost: Decimal) -> list[Decimal | None]:
    """Share of the money that entered each age bucket and was lost in the end (IFRS 9 B5.5.35, simplified approach).

    `entered` is what was still unpaid at the start of each bucket, youngest first. None for a bucket nothing entered.
    """
    return [lost / amount if amount else None for amount in entered]


def provision(balances: Sequence[Decimal], rates: Sequence[Decimal]) -> Decimal:
    """Allowance = sum of balance x rate over the buckets. Raises ValueError when they do not pair up."""
    if len(balances) != len(rates):
        raise ValueError("each bucket needs one balance and one rate")
    return sum((b * r for b, r in zip(balances, rates, strict=True)), Decimal(0))
