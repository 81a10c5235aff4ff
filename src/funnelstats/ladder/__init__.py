"""How likely an open deal is won, by the simplest model that nothing better was found for: a ladder of rungs.

    ladder = climb(engine, as_of)            what history is large enough for, tried on later deals, the best one used
    for deal in chances_now(ladder, engine, as_of):
        deal.chance, deal.reasons            won within the horizon, and the three figures that move it most

Rungs: the share won by stage and age; a frequency table for a cold start; a regularised logistic model; boosted trees.
"""

from funnelstats.ladder.climbing import DealChance, Ladder, chances_now, climb
from funnelstats.ladder.evaluation import Evaluation, Origin, Scores, Verdict
from funnelstats.ladder.leakage import LeakFound
from funnelstats.ladder.reasons import Reason

__all__ = [
    "DealChance",
    "Evaluation",
    "Ladder",
    "LeakFound",
    "Origin",
    "Reason",
    "Scores",
    "Verdict",
    "chances_now",
    "climb",
]
