"""How customers pay: on time, weeks late, or months late and in parts. One law for each habit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Habit:
    """A habit of paying: days after the due day (normally distributed, within bounds), and how money comes."""

    name: str
    share: int
    """How many in a hundred customers have it."""
    days_late: float
    spread: float
    earliest: int
    latest: int
    part_share: float
    """Share of the payments that come in two parts."""
    bill_share: float
    """Share of the larger payments in yuan that come as a bill of exchange."""

    def draw(self, random: Random) -> int:
        """Draw how many days after the due day a payment comes; negative is before it."""
        return min(max(round(random.gauss(self.days_late, self.spread)), self.earliest), self.latest)


GRACE_DAYS = 7
"""So many days late still counts as on time in the demo company; a prompt payer is never later."""
PROMPT = Habit("prompt", 54, 1, 2, -5, 5, 0.0, 0.08)
SLOW = Habit("slow", 31, 26, 11, 9, 60, 0.10, 0.20)
BAD = Habit("bad", 15, 85, 30, 40, 180, 0.40, 0.30)
HABITS = (PROMPT, SLOW, BAD)


def draw_habits(random: Random, customer_ids: Iterable[int]) -> dict[int, Habit]:
    """Give each customer a habit, in the order of the ids."""
    weights = [habit.share for habit in HABITS]
    return {pk: random.choices(HABITS, weights)[0] for pk in sorted(customer_ids)}
