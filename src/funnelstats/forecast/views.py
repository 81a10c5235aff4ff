"""The deterministic views beside the distribution: categories rolled up, and the pipeline that a target needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

CATEGORIES = ("closed", "commit", "most_likely", "best_case", "pipeline")
"""From the surest to the least sure; a deal outside these (omitted) is in no roll-up."""


@dataclass(frozen=True, slots=True)
class RollUp:
    """Sums of amounts by the category that reps chose, each roll-up holding all that is surer.

    `open_pipeline` is everything open, without what is closed, as Salesforce's ForecastingSubmissionItem has it.
    """

    closed: Decimal
    commit: Decimal
    most_likely: Decimal
    best_case: Decimal
    open_pipeline: Decimal


def roll_up(by_category: Mapping[str, Decimal]) -> RollUp:
    """Roll up the amounts of each category; a category without deals may be left out.

    Raises ValueError for an unknown category: a category is never derived from a probability, nor guessed.
    """
    unknown = set(by_category) - {*CATEGORIES, "omitted"}
    if unknown:
        raise ValueError(f"unknown forecast categories: {sorted(unknown)}")
    closed, commit, most_likely, best_case, pipeline = (by_category.get(name, Decimal(0)) for name in CATEGORIES)
    return RollUp(
        closed=closed,
        commit=closed + commit,
        most_likely=closed + commit + most_likely,
        best_case=closed + commit + most_likely + best_case,
        open_pipeline=commit + most_likely + best_case + pipeline,
    )


@dataclass(frozen=True, slots=True)
class Needed:
    """What is missing to a target, and the open pipeline that would bring it at the present conversion.

    `pipeline` is None where nothing open is expected to be won: then no amount of it would do. `coverage` is the open
    pipeline that there is over the one needed (None where none is needed or none would do).
    """

    gap: float
    pipeline: float | None
    coverage: float | None


def needed_pipeline(
    target: float, *, booked: float, from_others: float, open_amount: float, from_open: float
) -> Needed:
    """Return the open pipeline that a period's target needs.

    `booked` is won already, `from_others` is expected from orders and deals still to come, `open_amount` is the open
    pipeline and `from_open` what it is expected to bring within the period; their ratio is the conversion. All in one
    currency.
    """
    gap = max(target - booked - from_others, 0.0)
    conversion = from_open / open_amount if open_amount > 0 else 0.0
    if gap == 0:
        return Needed(0.0, 0.0, None)
    if conversion <= 0:
        return Needed(gap, None, None)
    return Needed(gap, gap / conversion, open_amount * conversion / gap)
