"""Fitting the model of repeat orders: ours by counts of distinct histories, and `lifetimes` one customer at a time."""

from __future__ import annotations

import csv
import datetime as dt
import time
import warnings
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from funnelstats.repeat import compress, fit_buying

CDNOW = Path(__file__).resolve().parents[2] / "shared" / "data" / "cdnow" / "CDNOW_sample.txt"
TRUTH = (0.25, 4.5, 0.8, 2.4)
"""r, alpha, a, b of the simulated customers; weeks."""

Histories = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


def cdnow() -> Histories:
    """The published sample's calibration period: frequency, recency, age in weeks."""
    ends = dt.date(1997, 9, 30)
    days: dict[str, set[dt.date]] = defaultdict(set)
    with CDNOW.open() as file:
        for _, customer, day, *_ in csv.reader(file, delimiter=" ", skipinitialspace=True):
            on = dt.datetime.strptime(day, "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone
            if on <= ends:
                days[customer].add(on)
    rows = [
        (len(known) - 1, (max(known) - min(known)).days / 7, (ends - min(known)).days / 7) for known in days.values()
    ]
    frequency, recency, age = np.asarray(rows, dtype=float).T
    return frequency, recency, age


def simulated(customers: int, seed: int = 1) -> Histories:
    """Customers of two years who order and leave by the model's own rules; whole weeks."""
    chance = np.random.default_rng(seed)
    r, alpha, a, b = TRUTH
    rate = chance.gamma(r, 1 / alpha, customers)
    leaving = chance.beta(a, b, customers)
    age = chance.uniform(26, 104, customers)
    frequency, recency, clock = np.zeros(customers), np.zeros(customers), np.zeros(customers)
    active = np.arange(customers)
    while len(active):
        clock[active] += chance.exponential(1, len(active)) / np.maximum(rate[active], 1e-12)
        active = active[clock[active] <= age[active]]
        frequency[active] += 1
        recency[active] = clock[active]
        active = active[chance.random(len(active)) > leaving[active]]
    weeks = np.minimum(np.round(recency), np.round(age))
    return frequency, weeks, np.round(age)


def ours(customers: int) -> tuple[float, dict[str, Any]]:
    """Compress and fit; 0 customers means the published sample. CPU seconds of both steps, and the optimum."""
    given = cdnow() if customers == 0 else simulated(customers)
    began = time.process_time()
    histories = compress(*given)
    counted = time.process_time()
    found = fit_buying(histories)
    ended = time.process_time()
    return ended - began, {
        "fit_seconds": ended - counted,
        "parameters": [found.r, found.alpha, found.a, found.b],
        "log_likelihood": found.log_likelihood,
        "customers": len(given[0]),
        "histories": len(histories.customers),
    }


def lifetimes(customers: int) -> tuple[float, dict[str, Any]]:
    """Fit the same customers with `lifetimes`, one row each, as its users do."""
    warnings.simplefilter("ignore")  # of the other library, in this process alone
    from lifetimes import BetaGeoFitter

    frequency, recency, age = cdnow() if customers == 0 else simulated(customers)
    began = time.process_time()
    fitter = BetaGeoFitter().fit(frequency, recency, age)
    seconds = time.process_time() - began
    r, alpha, a, b = (float(fitter.params_[name]) for name in ("r", "alpha", "a", "b"))
    return seconds, {
        "parameters": [r, alpha, a, b],
        "log_likelihood": -float(fitter._negative_log_likelihood_) * len(frequency),
        "customers": len(frequency),
    }
