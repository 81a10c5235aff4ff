"""Win probability from a frequency table: the cold-start rung of the ladder, for twenty to two hundred closed deals.

The scoring known from Odoo's predictive lead scoring (addons/crm/models/crm_lead.py), so that a company that comes
from there finds its figures again. Per team, variable and value it counts won and lost deals, each cell starting at
0.1; a won deal counts in every stage, a lost one in the stage it was lost in and all before. The score multiplies the
shares as if variables were independent, which makes it over-confident: later rungs replace it where they do better.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

START = 0.1


@dataclass(frozen=True, slots=True)
class ClosedDeal:
    """One deal of the past: its `stage` (index from zero, in order), its `features`, and whether it was won."""

    stage: int
    features: Mapping[str, Hashable]
    is_won: bool


@dataclass(frozen=True, slots=True)
class FrequencyTable:
    """Counts of won and lost deals per variable and value, with 0.1 added to each cell that occurs."""

    won: Mapping[tuple[str, Hashable], float]
    lost: Mapping[tuple[str, Hashable], float]
    first_stage_won: float
    first_stage_lost: float

    def probability(self, stage: int, features: Mapping[str, Hashable]) -> float | None:
        """Chance of a win between 0 and 1; None where nothing was won or nothing was lost.

        Values that never occurred say nothing. The stage's shares have the whole team in the denominator, the others
        the deals in which the variable occurred.
        """
        if self.first_stage_won <= 0 or self.first_stage_lost <= 0:
            return None
        total = self.first_stage_won + self.first_stage_lost
        won, lost = self.first_stage_won / total, self.first_stage_lost / total
        for name, value in {**features, "stage": stage}.items():
            key = (name, value)
            if key not in self.won and key not in self.lost:
                continue
            if name == "stage":
                won_base, lost_base = self.first_stage_won, self.first_stage_lost
            else:
                won_base = sum(count for (other, _), count in self.won.items() if other == name)
                lost_base = sum(count for (other, _), count in self.lost.items() if other == name)
            won *= self.won.get(key, START) / won_base
            lost *= self.lost.get(key, START) / lost_base
        return won / (won + lost)


def frequency_table(deals: Iterable[ClosedDeal], stages: int) -> FrequencyTable:
    """Count closed deals over a process of so many stages."""
    won: Counter[tuple[str, Hashable]] = Counter()
    lost: Counter[tuple[str, Hashable]] = Counter()
    for deal in deals:
        passed: Sequence[int] = range(stages) if deal.is_won else range(deal.stage + 1)
        cells = [("stage", stage) for stage in passed] + list(deal.features.items())
        (won if deal.is_won else lost).update(cells)
    cells_seen = set(won) | set(lost)
    return FrequencyTable(
        won={cell: won[cell] + START for cell in cells_seen},
        lost={cell: lost[cell] + START for cell in cells_seen},
        first_stage_won=won[("stage", 0)] + START if won else 0.0,
        first_stage_lost=lost[("stage", 0)] + START if lost else 0.0,
    )
