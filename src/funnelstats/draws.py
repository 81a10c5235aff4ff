"""The same totals at random: an independent check of the exact distribution, and a way out of what it cannot express.

One draw is one future: a shock that all share, then each deal won or not, then business that is still to come.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import special

from funnelstats.totals import Coming, OpenDeals

Floats = NDArray[np.float64]
AT_ONCE = 2_000_000


def draw_totals(
    deals: OpenDeals, coming: Sequence[Coming] = (), *, shock: float = 0.0, draws: int = 10_000, seed: int = 1
) -> Floats:
    """Draw totals of a period as `totals.period_total` describes them; the same seed, the same draws."""
    random = np.random.default_rng(seed)
    copies = deals.counts.astype(np.int64)
    amounts, chances, spread = (np.repeat(one, copies) for one in (deals.amounts, deals.chances, deals.spread))
    centre = _centred(chances, shock)
    batch = max(1, AT_ONCE // max(len(amounts), 1))
    found = []
    for start in range(0, draws, batch):
        z = random.standard_normal(min(batch, draws - start))
        now = special.expit(centre[None, :] + shock * z[:, None])
        won = random.random(now.shape) < now
        worth = (
            amounts * np.exp(spread * random.standard_normal(now.shape) - spread**2 / 2) if spread.any() else amounts
        )
        total = (won * worth).sum(axis=1)
        for one in coming:
            total += _come(one, z, shock, random)
        found.append(total)
    return np.concatenate(found)


def _centred(chances: Floats, shock: float) -> Floats:
    """Logits around which a shock leaves each chance as it was, found by bisection."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(61)
    low, high = np.full(len(chances), -50.0), np.full(len(chances), 50.0)
    for _ in range(60):
        middle = (low + high) / 2
        mean = special.expit(middle[:, None] + shock * nodes[None, :]) @ (weights / weights.sum())
        low, high = np.where(mean < chances, middle, low), np.where(mean < chances, high, middle)
    return np.asarray((low + high) / 2)


def _come(coming: Coming, z: Floats, shock: float, random: np.random.Generator) -> Floats:
    """Return what business still to come brings in each draw."""
    if coming.chances is None:
        means = np.exp(shock * z - shock**2 / 2) * coming.arrivals.sum()
    else:
        means = special.expit(_centred(coming.chances, shock)[None, :] + shock * z[:, None]) @ coming.arrivals
    if np.isfinite(coming.shape):
        means = means * random.gamma(coming.shape, size=means.shape) / coming.shape
    counts = random.poisson(means)
    values = random.choice(coming.amounts, int(counts.sum()))
    return np.bincount(np.repeat(np.arange(len(z)), counts), weights=values, minlength=len(z)).astype(np.float64)
