"""What customers are worth: simple and contractual lifetime value, the whale curve's peak, thresholds, growth kinds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Growth = Literal["below_zero", "most_valuable", "most_growable", "other"]


@dataclass(frozen=True, slots=True)
class Whale:
    """The hump of profit: `peak` is the most that the best customers earn together, reached after `customers` of them.

    `peak_share` = peak / total and `eroded_share` = (peak - total) / peak are None where the total is not
    positive: then a share would change its sign, and only money can be shown.
    """

    total: Decimal
    peak: Decimal
    customers: int
    peak_share: Decimal | None
    eroded_share: Decimal | None


def whale(running: Sequence[Decimal]) -> Whale | None:
    """Summarise the running sums of `whale.sql`, best customer first; None without customers."""
    if not running:
        return None
    total, peak = running[-1], max(running)
    positive = total > 0
    return Whale(
        total=total,
        peak=peak,
        customers=running.index(peak) + 1,
        peak_share=peak / total if positive else None,
        eroded_share=(peak - total) / peak if positive else None,
    )


def simple_value(
    spend_per_order: Decimal, days_between_orders: Decimal, years: Decimal, margin_rate: Decimal = Decimal(1)
) -> Decimal:
    """Simple value = spend / interval x lifetime x margin. The mean interval must count the open last gap, too."""
    return spend_per_order * 365 / days_between_orders * years * margin_rate


def contractual_value(margin: Decimal, retention: Decimal, discount: Decimal, *, first_now: bool = False) -> Decimal:
    """Value of a contract renewed each period with chance `retention`: m r / (1 + d - r), or m (1 + d) / (1 + d - r).

    The first form counts margins from the end of the first period on, the second (`first_now`) one at once as well.
    """
    return margin * (1 + discount if first_now else retention) / (1 + discount - retention)


def growth_kind(value: float, potential: float, *, valuable_from: float, gap_from: float) -> Growth:
    """Below zero, most valuable, most growable, or other, in this order where several hold.

    `valuable_from` is the value that begins the top tenth; `gap_from` the unused potential that begins the top fifth.
    """
    if value < 0:
        return "below_zero"
    if value >= valuable_from:
        return "most_valuable"
    if value > 0 and potential - value >= gap_from:
        return "most_growable"
    return "other"


def threshold_tier(value: Decimal, thresholds: Sequence[tuple[str, Decimal]]) -> str | None:
    """First tier, in the order given from the highest, whose floor the value reaches; None below all."""
    return next((name for name, floor in thresholds if value >= floor), None)
