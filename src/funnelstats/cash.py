"""When money comes in: how long instalments take to be paid, and what to expect week by week.

Days to pay are survival times: what is open is still waited for. Leaving it out (the mean delay of paid invoices) makes
slow payers look better than they are. Each unit of money counts as a case, so that the curve is of money, not of
invoices; times run from the due date, negative before it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from funnelstats.survival import CompetingRisks, competing_risks
from funnelstats.totals import total_of_deals
from funnelstats.winrates import Moment

FEWEST_PAID = 20
"""Different days on which something was paid, below which a curve says nothing."""
PRIOR_DAYS = 10.0
"""How many paying days of its own a customer needs to outweigh the company's habit."""
LUMPS = 200
"""So many of the largest open items keep their own fate in the band; the rest enters with what is expected of it."""
DAYS_A_WEEK = 7


@dataclass(frozen=True, slots=True)
class PaymentCurve:
    """Share of money still unpaid by days after the due date, over everybody; `shifts` are each member's own habit.

    A member's curve is the common one moved by its shift in days: the difference of its median delay from the common
    one, shrunk to zero where it has paid on few days. `paying_days` is the number of (member, day) pairs behind it.
    """

    curve: CompetingRisks
    median: float | None
    shifts: Mapping[Hashable, float]
    paying_days: int
    as_of: Moment | None = None

    @property
    def is_enough(self) -> bool:
        """Whether enough has been paid to say anything."""
        return self.paying_days >= FEWEST_PAID

    def unpaid_at(self, days: float, member: Hashable = None) -> float:
        """Share of money unpaid so many days after the due date."""
        return self.curve.undecided_at(days - self.shifts.get(member, 0.0))

    def paid_within(self, days: float, now: float, member: Hashable = None) -> float:
        """Chance that money unpaid `now` days after its due date comes within the next `days` days.

        Beyond what history has seen nothing more is expected: zero, never a guess.
        """
        unpaid = self.unpaid_at(now, member)
        return (unpaid - self.unpaid_at(now + days, member)) / unpaid if unpaid > 0 else 0.0


@dataclass(frozen=True, slots=True)
class CashWeek:
    """What is expected in one week, counted from `as_of`: mean and the 80 % band, money in one currency.

    `items` open items are behind it.
    """

    week: int
    expected: float
    p10: float
    p50: float
    p90: float
    items: int
    as_of: Moment | None = None


def payment_curve(
    rows: Iterable[tuple[Hashable, int, float, float, float]], *, as_of: Moment | None = None
) -> PaymentCurve:
    """Estimate from the rows of `days_to_pay.sql`: (member, days, paid, waiting, entering)."""
    table = [(member, float(days), float(paid), float(wait), float(enter)) for member, days, paid, wait, enter in rows]
    common = _curve(table)
    median = _median(common)
    grouped: dict[Hashable, list[tuple[Hashable, float, float, float, float]]] = defaultdict(list)
    for row in table:
        grouped[row[0]].append(row)
    shifts = {}
    for member, own in grouped.items():
        paying = sum(1 for row in own if row[2] > 0)
        delay = _median(_curve(own)) if paying else None
        if delay is not None and median is not None:
            shifts[member] = (delay - median) * paying / (paying + PRIOR_DAYS)
    return PaymentCurve(common, median, shifts, sum(1 for row in table if row[2] > 0), as_of)


def expected_cash(
    items: Sequence[tuple[Hashable, float, float]], curve: PaymentCurve, *, weeks: int = 13, shock: float = 0.4
) -> list[CashWeek] | None:
    """Cash of the coming weeks from open items (member, days after the due date now, amount); None with little history.

    "Now" is the curve's `as_of`.

    `shock` is the spread, on the logit scale, of what all payers share: a tight month delays everybody. Zero would make
    the band too narrow.
    """
    if not curve.is_enough:
        return None
    found = []
    ordered = sorted(items, key=lambda item: -item[2])
    amounts = np.asarray([item[2] for item in ordered], dtype=float)
    before = np.asarray([1.0] * len(ordered))
    for week in range(1, weeks + 1):
        after = np.asarray([1 - curve.paid_within(week * DAYS_A_WEEK, now, member) for member, now, _ in ordered])
        chances = before - after
        before = after
        rest = float(amounts[LUMPS:] @ chances[LUMPS:])
        total = total_of_deals(amounts[:LUMPS], np.clip(chances[:LUMPS], 0.0, 1.0), shock=shock) if len(items) else None
        low, middle, high = (total.quantile(share) for share in (0.1, 0.5, 0.9)) if total else (0.0, 0.0, 0.0)
        bounds = (low + rest, middle + rest, high + rest)
        found.append(CashWeek(week, float(amounts @ chances), *bounds, items=len(items), as_of=curve.as_of))
    return found


def _curve(rows: Sequence[tuple[Hashable, float, float, float, float]]) -> CompetingRisks:
    columns = np.asarray([row[1:] for row in rows], dtype=float).reshape(-1, 4)
    return competing_risks(
        columns[:, 0], columns[:, 1], np.zeros(len(columns)), columns[:, 2], late_entries=columns[:, 3]
    )


def _median(curve: CompetingRisks) -> float | None:
    reached = np.nonzero(curve.survival <= 0.5 + 1e-12)[0]
    return float(curve.times[reached[0]]) if len(reached) else None
