"""What a quarter will bring: the exact distribution beside drawing it ten thousand times."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from funnelstats.draws import draw_totals
from funnelstats.totals import OpenDeals, total_of_deals

DRAWS = 10_000
SHOCK = 0.4
QUANTILES = (0.1, 0.5, 0.9)


def _deals(number: int) -> tuple[Any, Any]:
    chance = np.random.default_rng(7)
    amounts = np.round(np.exp(chance.normal(11, 1, number)), -3)
    return amounts, chance.beta(1, 3, number)


def exact(number: int) -> tuple[float, list[float]]:
    """Convolution, mixed over the shared shock by quadrature."""
    amounts, chances = _deals(number)
    began = time.perf_counter()
    found = total_of_deals(amounts, chances, shock=SHOCK)
    quantiles = [found.quantile(share) for share in QUANTILES]
    return time.perf_counter() - began, quantiles


def simulated(number: int) -> tuple[float, list[float]]:
    """Draw the shock and every deal, in blocks that fit the memory."""
    amounts, chances = _deals(number)
    began = time.perf_counter()
    totals = draw_totals(OpenDeals.of(amounts, chances), shock=SHOCK, draws=DRAWS, seed=11)
    quantiles = np.quantile(totals, QUANTILES).tolist()
    return time.perf_counter() - began, quantiles
