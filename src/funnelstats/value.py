"""What customers are worth: the whale curve's figures, simple and contractual lifetime value, tiers by thresholds.

Classes that need all customers at once are SQL: `abc`, `ranked_shares` (fed by `weighted_score`), `rfm`, `grid`,
`growth_kinds`, `key_customers`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from funnelstats.winrates import Moment


@dataclass(frozen=True, slots=True)
class Whale:
    """The hump of profit, from the one row of `whale_summary.sql`, in its order; money in one currency.

    `peak` is the most that the best customers earn together, reached after `peak_customers` of them. `best` is what the
    best share of customers earns (such as the best 20 %), `worst` what the worst share brings (such as the worst 30 %;
    negative where it destroys profit). Shares of the total are None where the total is not positive: a share would
    change its sign there, and only money can be shown.
    """

    customers: int
    total: Decimal
    peak: Decimal
    peak_customers: int
    best: Decimal
    worst: Decimal
    as_of: Moment | None = None

    @property
    def peak_share(self) -> Decimal | None:
        """Peak / total."""
        return self.peak / self.total if self.total > 0 else None

    @property
    def eroded_share(self) -> Decimal | None:
        """Part of the peak that the customers after it destroy: (peak - total) / peak."""
        return (self.peak - self.total) / self.peak if self.total > 0 else None

    @property
    def best_share(self) -> Decimal | None:
        """Profit of the best share of customers / total."""
        return self.best / self.total if self.total > 0 else None

    @property
    def worst_share(self) -> Decimal | None:
        """Profit of the worst share of customers / total."""
        return self.worst / self.total if self.total > 0 else None


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


def threshold_tier(value: Decimal, thresholds: Sequence[tuple[str, Decimal]]) -> str | None:
    """First tier, in the order given from the highest, whose floor the value reaches; None below all."""
    return next((name for name, floor in thresholds if value >= floor), None)


def return_on_customer(cash_flow: Decimal, equity_before: Decimal, equity_change: Decimal) -> Decimal | None:
    """Return on customer = (cash flow + change of equity) / equity before (Peppers and Rogers); None from zero.

    Customer equity is the sum of all customers' lifetime values; money in one currency.
    """
    return (cash_flow + equity_change) / equity_before if equity_before else None
