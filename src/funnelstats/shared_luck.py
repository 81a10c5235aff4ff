"""Win rates whose intervals count that deals of one time share one market.

The interval of `winrates` takes deals as independent: it says how sure the rate of *these* deals is. Asked for the rate
in the long run it is too narrow, since a good quarter lifts all its deals together: of a thousand deals in four years
there are only sixteen quarters. Here each quarter of entry is left out in turn (the delete-one jackknife over cohorts):

    error^2 = (m - 1) / m * (sum d_i^2 + 2 sum d_i d_(i+1) + 2 sum d_i d_(i+2)),   d_i = rate without cohort i - mean

on the complementary log-log scale; the sums over neighbours where they add: deals of one quarter live on in the next
two. Student's t gives the quantile, with m - 1 degrees of freedom, or m / 2 - 1 where neighbours go together. The
wider of both intervals is given. Quenouille 1956; Tukey 1958; for clusters, Cameron and Miller, Journal of Human
Resources 50, 2015.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from funnelstats.survival import curves_of, rows_of_numbers
from funnelstats.winrates import CONFIDENCE, Moment, WinRate, grouped, win_rate

FEWEST_COHORTS = 6
FEWEST_IN_COHORT = 5


def stage_win_rates_in_the_long_run(
    rows: Iterable[Sequence[Any]], *, as_of: Moment | None = None
) -> dict[Hashable, WinRate]:
    """Win rate per stage from the rows of `stage_cohort_outcomes.sql`: (stage, cohort, days, won, lost, ..., late)."""
    return {stage: long_run_rate(counts, as_of=as_of) for stage, counts in grouped(rows).items()}


def long_run_rate(counts: Iterable[Sequence[float]], *, as_of: Moment | None = None) -> WinRate:
    """Infer the win rate from rows (cohort, days, won, lost, undecided[, late]), with room for what the market does.

    With fewer than six cohorts of five deals nothing can be said of what they share: the interval is the plain one.
    """
    table = rows_of_numbers(counts, least=5)
    plain = win_rate(table[:, 1:].tolist(), as_of=as_of)
    if plain.value is None or plain.low is None or plain.high is None or plain.horizon_days is None:
        return plain
    cohorts = [
        cohort for cohort in np.unique(table[:, 0]) if table[table[:, 0] == cohort, 2:5].sum() >= FEWEST_IN_COHORT
    ]
    if len(cohorts) < FEWEST_COHORTS or not 0 < plain.value < 1:
        return plain
    low, high = _interval(table, np.array(cohorts), plain.value, plain.horizon_days)
    return replace(plain, low=min(plain.low, low), high=max(plain.high, high))


def _interval(table: NDArray[np.float64], cohorts: NDArray[np.float64], value: float, days: int) -> tuple[float, float]:
    """Jackknife interval on the complementary log-log scale, which stays between 0 and 1."""
    without = np.array([curves_of(table[table[:, 0] != cohort, 1:]).won_by(days) for cohort in cohorts])
    scaled = np.log(-np.log(np.clip(without, 1e-9, 1 - 1e-9)))
    count = len(cohorts)
    moved = scaled - scaled.mean()
    # Deals of one quarter live on in the next: what neighbours share counts, too (never less than nothing).
    own, next_one, one_after = (float(moved[lag:] @ moved[: count - lag]) for lag in range(3))
    neighbours = max(2 * next_one, 2 * (next_one + one_after), 0.0)
    error = float(np.sqrt((count - 1) / count * (own + neighbours)))
    # Where neighbours go together there are only about half as many independent quarters.
    freedom = count / 2 - 1 if neighbours > 0 else count - 1
    spread = float(stats.t.ppf((1 + CONFIDENCE) / 2, freedom)) * error
    return float(value ** np.exp(spread)), float(value ** np.exp(-spread))
