"""What an undecided deal tells about the win rate: how many wins and losses it counts for.

A rep's new deals are neither won nor lost; to leave them out flatters whoever loses slowly. Let s(a) be the chance that
a deal which will be won by the horizon is still open at age a, and g(a) the same for one that will not. A deal open at
age a has, at a win rate p, the likelihood

    L(p) = p s(a) + (1 - p) g(a).

Its slope and curvature in log L at p are those of w wins and f losses with, for u = (g - s) / L(p),

    w = p^2 u ((1 - p) u - 1),   f = (1 - p)^2 u (p u + 1)

so that a fresh deal (s = g = 1) counts for nothing, one older than any win (s = 0) for exactly one loss, and those in
between for a part of one. The same term with the opposite sign removes what a deal, taken over in the middle of its
life, had survived before it was observed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from funnelstats.survival import CompetingRisks, Floats


@dataclass(frozen=True, slots=True)
class Timing:
    """When deals are decided, taken from all groups together: `win_rate` by `horizon` days, and who is open when."""

    win_rate: float
    horizon: int
    times: Floats
    open_if_won: Floats
    open_if_not: Floats

    def weights(self, ages: Floats, rates: Floats) -> tuple[Floats, Floats]:
        """Wins and losses that a deal open at each age counts for, at each rate."""
        place = np.searchsorted(self.times, ages, side="right")
        s = np.concatenate(([1.0], self.open_if_won))[place]
        g = np.concatenate(([1.0], self.open_if_not))[place]
        likelihood = rates * s + (1 - rates) * g
        u = np.divide(g - s, likelihood, out=np.zeros_like(g), where=likelihood > 0)
        wins = rates**2 * u * ((1 - rates) * u - 1)
        losses = (1 - rates) ** 2 * u * (rates * u + 1)
        return np.where(ages < self.horizon, wins, 0.0), np.where(ages < self.horizon, losses, 1.0)


def timing(curves: CompetingRisks, horizon: int) -> Timing:
    """Take the timing from the curves of all deals, up to the age at which the win rate is read."""
    inside = curves.times <= horizon
    won, survival = curves.won[inside], curves.survival[inside]
    total = float(won[-1]) if len(won) else 0.0
    if_won = 1 - won / total if total else np.zeros_like(won)
    if_not = (survival - (total - won)) / (1 - total) if total < 1 else np.zeros_like(won)
    return Timing(total, horizon, curves.times[inside], np.clip(if_won, 0, 1), np.clip(if_not, 0, 1))


def effective_counts(rows: Floats, rates: Floats, clock: Timing) -> tuple[Floats, Floats]:
    """Wins and losses of rows (days, won, lost, undecided, late), each at the rate of its group.

    What was won after the horizon was not won by it.
    """
    days, won, lost, undecided, late = rows.T
    in_time = days <= clock.horizon
    wins, losses = clock.weights(days, rates)
    balance = undecided - late
    return np.where(in_time, won, 0.0) + balance * wins, lost + np.where(in_time, 0.0, won) + balance * losses
