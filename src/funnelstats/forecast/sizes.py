"""Whether large deals are won as often as small ones, and by how much not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from funnelstats.forecast.history import Amounts

Floats = NDArray[np.float64]
PRIOR_SLOPE_SD = 0.25
FEWEST_DECIDED = 100
STEPS = 20


@dataclass(frozen=True, slots=True)
class Sizes:
    """What the logarithm of an amount adds to the logit of a chance: `slope` x (log amount - `centre`)."""

    slope: float
    centre: float

    def of(self, amounts: Floats) -> Floats:
        """Offset of each amount; amounts that are not known or not positive have none."""
        known = np.nan_to_num(amounts) > 0
        return np.where(known, self.slope * (np.log(np.where(known, amounts, 1.0)) - self.centre), 0.0)


NO_DIFFERENCE = Sizes(0.0, 0.0)


def sizes(amounts: Amounts) -> Sizes:
    """Fit the slope of a logistic curve to decided deals, with a Normal(0, 0.25) prior that keeps noise small.

    Fewer than a hundred decided deals with an amount say nothing; neither do exports that have none for lost deals.
    """
    decided = amounts.won + amounts.lost
    total, won = float(decided.sum()), float(amounts.won.sum())
    if total < FEWEST_DECIDED or not 0 < won < total:
        return NO_DIFFERENCE
    centre = float(amounts.logs @ decided) / total
    logs = amounts.logs - centre
    level, slope = float(special.logit(won / total)), 0.0
    for _ in range(STEPS):
        rate = special.expit(level + slope * logs)
        weight = decided * rate * (1 - rate)
        miss = amounts.won - decided * rate
        curvature = np.array([[weight.sum(), weight @ logs], [weight @ logs, weight @ logs**2 + PRIOR_SLOPE_SD**-2]])
        step = np.linalg.solve(curvature, np.array([miss.sum(), miss @ logs - slope * PRIOR_SLOPE_SD**-2]))
        level, slope = level + float(step[0]), slope + float(step[1])
        if abs(step).max() < 1e-8:  # noqa: PLR2004
            break
    return Sizes(slope, centre)
