"""Three plain win rates under their own names, beside the official one: they answer other questions.

- closed: won / (won + lost) among what was *closed* in a period. It over-weights what is decided fast, and moves when
  the pipeline grows.
- created: won / all that was *opened* in a period. Too low while some of it is open.
- in time: won within D days / opened in the period and at least D days ago. Right, but it leaves out what is younger.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from scipy import stats

from funnelstats.winrates import CONFIDENCE, Moment


@dataclass(frozen=True, slots=True)
class Rate:
    """`hits` of `n`: the share with its 90 % interval (Jeffreys); None when nothing was counted."""

    hits: int
    n: int

    @property
    def value(self) -> float | None:
        """Share between 0 and 1."""
        return self.hits / self.n if self.n else None

    @property
    def low(self) -> float | None:
        """Lower bound."""
        return self._bound((1 - CONFIDENCE) / 2, at_the_edge=(0, 0.0))

    @property
    def high(self) -> float | None:
        """Upper bound."""
        return self._bound((1 + CONFIDENCE) / 2, at_the_edge=(self.n, 1.0))

    def _bound(self, share: float, *, at_the_edge: tuple[int, float]) -> float | None:
        if not self.n:
            return None
        hits, bound = at_the_edge
        return bound if self.hits == hits else float(stats.beta.ppf(share, self.hits + 0.5, self.n - self.hits + 0.5))


@dataclass(frozen=True, slots=True)
class NamedRates:
    """The three plain rates of one group and period; `within_days` belongs to `in_time`."""

    closed: Rate
    created: Rate
    in_time: Rate
    within_days: int
    as_of: Moment | None = None


def named_rates(
    rows: Iterable[Sequence[Any]], *, within_days: int, as_of: Moment | None = None
) -> dict[Hashable, NamedRates]:
    """Rates per segment from the rows of `named_rates.sql`."""
    return {
        segment: NamedRates(
            closed=Rate(int(closed_won), int(closed_won + closed_lost)),
            created=Rate(int(created_won), int(created)),
            in_time=Rate(int(mature_won), int(mature)),
            within_days=within_days,
            as_of=as_of,
        )
        for segment, closed_won, closed_lost, created, created_won, mature, mature_won in rows
    }
