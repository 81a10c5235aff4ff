"""Rates of small groups: partial pooling by an empirical-Bayes Beta-Binomial model.

    won_i ~ Binomial(n_i, theta_i),  theta_i ~ Beta(alpha, beta)
    shrunk_i = (won_i + alpha) / (n_i + alpha + beta),  interval = quantiles of Beta(alpha + won_i, beta + n_i - won_i)

(alpha, beta) by maximum likelihood of the Beta-Binomial marginal; with fewer than 300 groups their uncertainty is
integrated over (`hyperprior`), and with fewer than eight, which say next to nothing about a spread, its strength is
fixed. A rep with six deals gets a sensible number: close to the team's, and the closer the fewer the deals. Trials may
be fractional, so that undecided deals can count for what they tell (`censoring`).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from funnelstats.evidence import Difference, difference
from funnelstats.hyperprior import Mixture, integrate

__all__ = ["Difference", "PooledRate", "Prior", "difference", "fit_prior", "pool"]

CONFIDENCE = 0.90
STRONGEST_PRIOR = 1e4
FEWEST_GROUPS = 8
GROUPS_THAT_TELL_THE_SPREAD = 300
DEFAULT_STRENGTH = 20.0
DRAWS = 4000
GROUPS_TO_DRAW = 200
SEED = 20260101

Numbers = Sequence[float] | NDArray[Any]
Method = Literal["fixed", "hyperprior", "empirical_bayes"]


@dataclass(frozen=True, slots=True)
class Prior:
    """Beta(alpha, beta): what one expects of a group before seeing it; `strength` counts as that many deals."""

    alpha: float
    beta: float

    @property
    def mean(self) -> float:
        """Expected rate."""
        return self.alpha / (self.alpha + self.beta)

    @property
    def strength(self) -> float:
        """How many deals of its own a group needs to outweigh the prior."""
        return self.alpha + self.beta


@dataclass(frozen=True, slots=True)
class PooledRate:
    """A group's rate: `raw` = won / n (None without deals), `value` the pooled one with its 90 % interval.

    `above_median` is the probability that the group's true rate exceeds the median of the groups.
    """

    won: float
    n: float
    raw: float | None
    value: float
    low: float
    high: float
    above_median: float


def log_likelihood(alpha: float, beta: float, won: NDArray[np.float64], n: NDArray[np.float64]) -> float:
    """Beta-Binomial marginal log-likelihood, binomial coefficients left out."""
    return float(np.sum(special.betaln(alpha + won, beta + n - won) - special.betaln(alpha, beta)))


def fit_prior(won: Numbers, n: Numbers) -> Prior:
    """Fit Beta(alpha, beta) to groups by maximum likelihood.

    With fewer than eight groups their spread cannot be estimated: the prior then sits at the common rate with the
    strength of twenty deals. Without any spread between groups the strength is capped at 10,000 (complete pooling).
    Raises ValueError when there is no deal at all, or more wins than deals.
    """
    w, m = np.asarray(won, dtype=float), np.asarray(n, dtype=float)
    _refuse_impossible(w, m)
    w, m = w[m > 0], m[m > 0]
    # Half a win and half a loss keep the mean inside (0, 1).
    mean = (w.sum() + 0.5) / (m.sum() + 1)
    if len(m) < FEWEST_GROUPS:
        return Prior(mean * DEFAULT_STRENGTH, (1 - mean) * DEFAULT_STRENGTH)

    def loss(logs: NDArray[np.float64]) -> float:
        centre, strength = special.expit(logs[0]), np.exp(logs[1])
        return -log_likelihood(centre * strength, (1 - centre) * strength, w, m)

    limit = np.log(STRONGEST_PRIOR)
    starts = [np.array([special.logit(mean), np.log(strength)]) for strength in (5.0, 50.0, 1000.0)]
    fits = [
        optimize.minimize(loss, start, method="L-BFGS-B", bounds=[(-12, 12), (-4, limit)], options={"ftol": 1e-13})
        for start in starts
    ]
    best = min(fits, key=lambda fit: float(fit.fun))
    centre, strength = float(special.expit(best.x[0])), float(np.exp(best.x[1]))
    return Prior(centre * strength, (1 - centre) * strength)


def method_for(groups: int) -> Method:
    """How the prior of so many groups with deals is found."""
    if groups < FEWEST_GROUPS:
        return "fixed"
    return "hyperprior" if groups < GROUPS_THAT_TELL_THE_SPREAD else "empirical_bayes"


def pool(groups: Mapping[Hashable, tuple[float, float]], prior: Prior | None = None) -> dict[Hashable, PooledRate]:
    """Pool the rates of groups given as {group: (won, n)}; groups without deals get the prior.

    With a `prior` it is taken for granted; without, it is found by `method_for` the number of groups that have deals.
    Raises ValueError when there is no deal at all, or more wins than deals.
    """
    if not groups:
        return {}
    won, n = np.asarray(list(groups.values()), dtype=float).T
    lost = n - won
    mixture = _prior_of(won, n, prior)
    tail = (1 - CONFIDENCE) / 2
    value = mixture.means(won, lost)
    low, high = mixture.quantiles(won, lost, tail), mixture.quantiles(won, lost, 1 - tail)
    above = _above_median(mixture, won, lost, value)
    return {
        group: PooledRate(
            won=float(won[i]),
            n=float(n[i]),
            raw=float(won[i] / n[i]) if n[i] else None,
            value=float(value[i]),
            low=float(low[i]),
            high=float(high[i]),
            above_median=float(above[i]),
        )
        for i, group in enumerate(groups)
    }


def _prior_of(won: NDArray[np.float64], n: NDArray[np.float64], prior: Prior | None) -> Mixture:
    """The given or the fitted prior as a mixture of one, or the integral over all priors."""
    has_deals = n > 0
    if prior is None and method_for(int(has_deals.sum())) == "hyperprior":
        _refuse_impossible(won, n)
        return integrate(won[has_deals], (n - won)[has_deals])
    prior = prior or fit_prior(won, n)
    return Mixture(np.array([prior.alpha]), np.array([prior.beta]), np.ones(1))


def _above_median(
    mixture: Mixture, won: NDArray[np.float64], lost: NDArray[np.float64], value: NDArray[np.float64]
) -> NDArray[np.float64]:
    """P(rate > median of the rates): drawn together, because the median is as uncertain as they are.

    With hundreds of groups the median is known, and the probability follows from each group's own distribution.
    """
    if len(won) <= GROUPS_TO_DRAW:
        rates = mixture.draw(won, lost, DRAWS, np.random.default_rng(SEED))
        middles = np.median(rates, axis=1)[:, None]
        # The middle one of an odd number is as much above as below.
        above: NDArray[np.float64] = (rates > middles).mean(axis=0) + (rates == middles).mean(axis=0) / 2
        return above
    middle = np.median(value)
    below: NDArray[np.float64] = (
        special.betainc(mixture.alpha + won[:, None], mixture.beta + lost[:, None], middle) @ mixture.weight
    )
    return 1 - below


def _refuse_impossible(won: NDArray[np.float64], n: NDArray[np.float64]) -> None:
    if not n.sum() > 0:
        raise ValueError("a prior needs at least one deal")
    if (won > n).any() or (won < 0).any():
        raise ValueError("wins lie between zero and the number of deals")
