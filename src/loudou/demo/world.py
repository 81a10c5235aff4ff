"""The laws of the simulated world. What a statistic finds in the demo can be held against these numbers.

A sale passes the stages of its process. In each stage its fate is one draw: it goes on with a probability whose log
odds are the stage's own plus the effects below; otherwise it is lost or dropped there. How long it stays is a draw of
its own, log-normal in calendar days. Fate and duration are independent given the rep, so that the true win rate is
the product of the stages' probabilities.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from statistics import NormalDist


@dataclass(frozen=True, slots=True)
class StageLaw:
    """One stage: share that goes on for a rep of skill 0 and no effects; median and spread of its duration."""

    goes_on: float
    median_days: float
    sigma: float = 0.65


DIRECT = (
    StageLaw(0.74, 10), StageLaw(0.76, 18), StageLaw(0.66, 24), StageLaw(0.76, 20), StageLaw(0.92, 10),
)  # fmt: skip
"""The process from first contact to signing."""
PROJECT = (
    StageLaw(0.76, 16), StageLaw(0.74, 34), StageLaw(0.60, 40), StageLaw(0.72, 34), StageLaw(0.90, 18),
)  # fmt: skip
"""The process of projects, slower and harder."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What moves the log odds of going on in a stage, and other rates of the world."""

    additional_purchase: float = 0.32
    replacement_purchase: float = 0.10
    known_customer: float = 0.25
    per_tenfold_amount: float = -0.28
    """For each tenfold of the amount over 200,000 yuan."""
    per_tenfold_duration: float = 0.22
    """Log10 amount over 200,000 yuan lengthens each stage by this much, as a log factor."""
    dropped_share: float = 0.22
    """Of the sales that do not go on; the rest is lost."""
    back_rate: float = 0.05
    skip_rate: float = 0.06
    hold_rate: float = 0.022
    never_resumed_share: float = 0.3
    reopen_rate: float = 0.04
    """Of the lost sales; a reopened one tries again from the stage in which it was lost."""


EFFECTS = Effects()
REFERENCE_AMOUNT = 200_000
_BELL = NormalDist()


@dataclass(slots=True)
class RepLaw:
    """What a rep really is. Nobody in the demo company knows these numbers."""

    skill: float
    """Log odds added in every stage."""
    pace: float
    """Factor on every duration; below 1 is quick."""
    discipline: float
    """Share of what should be written down that is: pushed dates, met criteria, next steps."""
    optimism: float
    """Added to the probability the rep types in."""
    neglect_rate: float
    """Share of stages in which a sale is forgotten for a long time."""
    capacity: float
    """How many sales the rep opens, against the mean."""
    goes_on: dict[str, list[float]] = field(default_factory=dict)
    win_rate: float = 0.0


def draw_reps(random: Random, count: int) -> list[RepLaw]:
    """Draw reps whose skills are spread evenly over a bell curve, so that every seed has strong and weak ones."""
    ranks = list(range(count))
    random.shuffle(ranks)
    laws = []
    for rank in ranks:
        skill = 0.45 * _BELL.inv_cdf((rank + 0.5) / count)
        discipline = min(0.97, max(0.35, random.gauss(0.74, 0.16)))
        laws.append(
            RepLaw(
                skill=round(skill, 4),
                pace=round(math.exp(random.gauss(-0.25 * skill, 0.14)), 4),
                discipline=round(discipline, 4),
                optimism=round(random.gauss(0.08, 0.10), 4),
                neglect_rate=round(0.24 * (1.1 - discipline), 4),
                capacity=round(math.exp(random.gauss(0, 0.22)), 4),
            )
        )
    return laws


def goes_on(law: StageLaw, log_odds: float) -> float:
    """Probability of going on from a stage when effects of `log_odds` are added."""
    return 1 / (1 + math.exp(-(math.log(law.goes_on / (1 - law.goes_on)) + log_odds)))


def win_probability(laws: Sequence[StageLaw], log_odds: float) -> float:
    """Probability that a sale is won in the end, reopening after a loss included."""
    shares = [goes_on(law, log_odds) for law in laws]
    won = math.prod(shares)
    lost_here = 1.0
    again = 0.0
    for position, share in enumerate(shares):
        lost = lost_here * (1 - share) * (1 - EFFECTS.dropped_share)
        again += lost * EFFECTS.reopen_rate * math.prod(shares[position:])
        lost_here *= share
    return won + again
