"""Whether groups differ at all: before a league table is shown, the question whether it ranks anything but chance."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy import stats

from funnelstats.winrates import Moment

Evidence = Literal["none", "weak", "clear"]
CHI_SQUARE = "chi-square test of equal rates"
OVERDISPERSION = "Tarone's test of equal rates"
FEWEST_EXPECTED = 5.0
FEWEST_GROUPS = 8
WEAK, CLEAR = 0.05, 0.01


@dataclass(frozen=True, slots=True)
class Difference:
    """Whether groups differ at all: none (p >= 0.05), weak (0.01 <= p < 0.05), clear (p < 0.01) by `test`.

    `n` is the number of cases in all groups.
    """

    evidence: Evidence
    p_value: float | None
    test: str
    n: float = 0
    as_of: Moment | None = None


def difference(groups: Mapping[Hashable, tuple[float, float]], *, as_of: Moment | None = None) -> Difference:
    """Test whether groups {group: (won, n)} win at different rates.

    Chi-square on won against not won; groups expecting fewer than five wins or losses are put together first, because
    the test is not valid for them. Where that leaves fewer than two (many small groups), Tarone's test asks whether all
    of them vary more than chance. Neither possible: no evidence, and no p-value. Counts may be fractional.
    """
    counts = np.array([(w, n) for w, n in groups.values() if n > 0], dtype=float).reshape(-1, 2)
    won, n = counts.T
    undecided = Difference("none", None, CHI_SQUARE, float(n.sum()), as_of)
    if not 0 < won.sum() < n.sum():
        return undecided
    rate = won.sum() / n.sum()
    is_large = n * min(rate, 1 - rate) >= FEWEST_EXPECTED
    table = [*counts[is_large]]
    rest = counts[~is_large].sum(axis=0)
    if rest[1] * min(rate, 1 - rate) >= FEWEST_EXPECTED:
        table.append(rest)
    if is_large.sum() >= 2:  # noqa: PLR2004
        w, m = np.array(table).T
        p = float(stats.chi2_contingency(np.array([w, m - w]), correction=False).pvalue)
        return replace(undecided, p_value=p, evidence=_judged(p))
    if len(counts) >= FEWEST_GROUPS and (n > 1).any():
        p = _tarone(won, n)
        return replace(undecided, p_value=p, evidence=_judged(p), test=OVERDISPERSION)
    return undecided


def corrected(found: Mapping[str, Difference]) -> dict[str, Difference]:
    """Correct several answers for their number (Holm 1979): who asks ten times finds something once by chance alone."""
    asked = sorted((one.p_value, name) for name, one in found.items() if one.p_value is not None)
    answers, worst = dict(found), 0.0
    for place, (p, name) in enumerate(asked):
        worst = max(worst, min(1.0, (len(asked) - place) * p))
        test = f"{found[name].test}, corrected for {len(asked)}"
        answers[name] = replace(found[name], evidence=_judged(worst), p_value=worst, test=test)
    return answers


def _judged(p: float) -> Evidence:
    return "clear" if p < CLEAR else "weak" if p < WEAK else "none"


def _tarone(won: np.ndarray, n: np.ndarray) -> float:
    """P-value of Tarone's Z (Biometrika 66, 1979): do many small binomials spread more than chance makes them?"""
    rate = won.sum() / n.sum()
    spread = np.sum((won - n * rate) ** 2) / (rate * (1 - rate))
    return float(stats.norm.sf((spread - n.sum()) / np.sqrt(2 * np.sum(n * (n - 1)))))
