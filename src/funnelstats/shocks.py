"""The shock that all deals of a period share: they live in one market, so that good and bad luck come together.

A chance q becomes expit(c(q) + shock * z) with z standard normal, and c(q) such that the mean over z is q again: the
shock widens the total without moving it. The textbook form expit(logit(q) + shock * z) would lift small chances, by 6 %
of a chance of 0.1 for a shock of 0.4, and a calibrated chance would not stay calibrated.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]
FEWEST_NODES, MOST_NODES = 15, 401
REACH = 4.0
_TABLE = np.linspace(-30.0, 30.0, 3001)
_FINE = np.linspace(-6.0, 6.0, 61)


@dataclass(frozen=True, slots=True)
class Shock:
    """Values of z with their weights, evenly spaced; a standard deviation of zero has one value."""

    sd: float
    z: Floats
    weights: Floats

    @classmethod
    def of(cls, sd: float, *, pull: float = 0.0) -> Shock:
        """Space the nodes closely enough.

        `pull` says by how many of its own standard deviations the total moves when z moves by one; the stronger, the
        closer the nodes must be, or the total would fall into lumps. Raises ValueError for a negative `sd`.
        """
        if sd < 0:
            raise ValueError("a standard deviation is not negative")
        if sd == 0:
            return cls(0.0, np.zeros(1), np.ones(1))
        wanted = int(min(max(np.ceil(2 * REACH * pull), FEWEST_NODES), MOST_NODES)) | 1
        z = np.linspace(-REACH, REACH, wanted)
        weights = np.exp(-(z**2) / 2)
        return cls(sd, z, weights / weights.sum())

    def chances(self, chances: Floats) -> Floats:
        """Each chance under each shock: a row per value of z. Certainties stay certain."""
        if self.sd == 0:
            return chances[None, :]
        with np.errstate(divide="ignore"):
            logits = special.logit(chances)
        centre = np.interp(logits, _mean_logits(self.sd), _TABLE)
        shifted = special.expit(centre[None, :] + self.sd * self.z[:, None])
        return np.asarray(np.where((chances <= 0) | (chances >= 1), chances, shifted))

    def rates(self) -> Floats:
        """Factor of a rate of rare events under each shock; its mean is one."""
        factor = np.exp(self.sd * self.z)
        return np.asarray(factor / (self.weights @ factor))


@lru_cache(maxsize=64)
def _mean_logits(sd: float) -> Floats:
    """Logit of the mean chance for each centre of the table: nearly straight, so that it interpolates to six digits."""
    fine = np.exp(-(_FINE**2) / 2)
    mean = special.expit(_TABLE[:, None] + sd * _FINE[None, :]) @ (fine / fine.sum())
    return np.asarray(special.logit(np.clip(mean, 1e-300, 1 - 1e-16)))
