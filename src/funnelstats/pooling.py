"""Rates of small groups: partial pooling by an empirical-Bayes Beta-Binomial model.

    won_i ~ Binomial(n_i, theta_i),  theta_i ~ Beta(alpha, beta)
    shrunk_i = (won_i + alpha) / (n_i + alpha + beta),  interval = quantiles of Beta(alpha + won_i, beta + n_i - won_i)

(alpha, beta) by maximum likelihood of the Beta-Binomial marginal. A rep with six deals gets a sensible number: close to
the team's, and the closer the fewer the deals. Trials may be fractional, so that undecided deals can count by their
probability of a win.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats

CONFIDENCE = 0.90
STRONGEST_PRIOR = 1e4
FEWEST_GROUPS = 8
DEFAULT_STRENGTH = 20.0

Evidence = Literal["none", "weak", "clear"]


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


@dataclass(frozen=True, slots=True)
class Difference:
    """Whether groups differ at all: none (p >= 0.05), weak (0.01 <= p < 0.05), clear (p < 0.01) by `test`."""

    evidence: Evidence
    p_value: float | None
    test: str


def log_likelihood(alpha: float, beta: float, won: NDArray[np.float64], n: NDArray[np.float64]) -> float:
    """Beta-Binomial marginal log-likelihood, binomial coefficients left out."""
    return float(np.sum(special.betaln(alpha + won, beta + n - won) - special.betaln(alpha, beta)))


def fit_prior(won: Sequence[float], n: Sequence[float]) -> Prior:
    """Fit Beta(alpha, beta) to groups by maximum likelihood.

    With fewer than eight groups their spread cannot be estimated: the prior then sits at the common rate with the
    strength of twenty deals. Without any spread between groups the strength is capped at 10,000 (complete pooling).
    Raises ValueError when there is no deal at all, or more wins than deals.
    """
    w, m = np.asarray(won, dtype=float), np.asarray(n, dtype=float)
    if not m.sum() > 0:
        raise ValueError("a prior needs at least one deal")
    if (w > m).any() or (w < 0).any():
        raise ValueError("wins lie between zero and the number of deals")
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


def pool(groups: Mapping[Hashable, tuple[float, float]], prior: Prior | None = None) -> dict[Hashable, PooledRate]:
    """Pool the rates of groups given as {group: (won, n)}; groups without deals get the prior."""
    if not groups:
        return {}
    prior = prior or fit_prior([w for w, _ in groups.values()], [n for _, n in groups.values()])
    tail = (1 - CONFIDENCE) / 2
    posteriors = {g: stats.beta(prior.alpha + w, prior.beta + n - w) for g, (w, n) in groups.items()}
    median = float(np.median([posterior.mean() for posterior in posteriors.values()]))
    return {
        group: PooledRate(
            won=won,
            n=n,
            raw=won / n if n else None,
            value=float(posteriors[group].mean()),
            low=float(posteriors[group].ppf(tail)),
            high=float(posteriors[group].ppf(1 - tail)),
            above_median=float(posteriors[group].sf(median)),
        )
        for group, (won, n) in groups.items()
    }


def difference(groups: Mapping[Hashable, tuple[int, int]]) -> Difference:
    """Test whether groups {group: (won, n)} win at different rates: chi-square on won against not won.

    Groups expecting fewer than five wins or losses are put together first, because the test is not valid for them.
    Fewer than two groups remain: no evidence, and no p-value.
    """
    total_won = sum(w for w, _ in groups.values())
    total = sum(n for _, n in groups.values())
    name = "chi-square test of equal rates"
    if not 0 < total_won < total:
        return Difference("none", None, name)
    rate = total_won / total
    large = [(w, n - w) for w, n in groups.values() if n and n * min(rate, 1 - rate) >= 5]  # noqa: PLR2004
    small = [(w, n - w) for w, n in groups.values() if n and n * min(rate, 1 - rate) < 5]  # noqa: PLR2004
    rest = (sum(w for w, _ in small), sum(x for _, x in small))
    table = [*large, rest] if sum(rest) * min(rate, 1 - rate) >= 5 else large  # noqa: PLR2004
    if len(table) < 2:  # noqa: PLR2004
        return Difference("none", None, name)
    p = float(stats.chi2_contingency(np.array(table), correction=False).pvalue)
    evidence: Evidence = "clear" if p < 0.01 else "weak" if p < 0.05 else "none"  # noqa: PLR2004
    return Difference(evidence, p, name)
