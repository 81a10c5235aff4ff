"""In which order one person should work: the four places of an objective, by predicates, never typed.

Best few first, because they are nearly won; then universe and above the funnel, because tomorrow's best few come from
there; in the funnel last. Working strictly down the funnel starves its top and makes next quarter's hole.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

SURE_ENOUGH = 0.9
RECEPTIVE_MODES = frozenset({"growth", "trouble"})
ALL_ROLES = frozenset({"decision_maker", "technical", "user", "coach"})


class Place(enum.IntEnum):
    """Where an objective stands, in the order in which to work."""

    BEST_FEW = 1
    UNIVERSE = 2
    ABOVE = 3
    IN = 4


@dataclass(frozen=True, slots=True)
class Objective:
    """What is known of one open objective.

    `has_hint` of a fit; `is_fit_confirmed`; `modes` of the people contacted; `roles_covered` among them;
    `win_probability` and `expected_days` to the close (None: unknown); `red_flags` open; `value` in any one currency;
    `hours` of work expected.
    """

    key: object
    has_hint: bool = False
    is_fit_confirmed: bool = False
    modes: frozenset[str] = frozenset()
    roles_covered: frozenset[str] = frozenset()
    win_probability: float | None = None
    expected_days: float | None = None
    red_flags: int = 0
    value: float = 0.0
    hours: float = 1.0


def place(objective: Objective, *, median_cycle_days: float) -> Place:
    """Say where an objective stands: the strictest place whose conditions all hold."""
    is_in = objective.is_fit_confirmed and bool(objective.modes & RECEPTIVE_MODES)
    is_sure = objective.win_probability is not None and objective.win_probability >= SURE_ENOUGH
    is_near = objective.expected_days is not None and objective.expected_days <= median_cycle_days / 2
    if is_in and is_sure and is_near and objective.roles_covered >= ALL_ROLES and not objective.red_flags:
        return Place.BEST_FEW
    if is_in:
        return Place.IN
    return Place.ABOVE if objective.has_hint or objective.is_fit_confirmed else Place.UNIVERSE


def work_order(objectives: Iterable[Objective], *, median_cycle_days: float) -> list[tuple[Place, Objective]]:
    """Sort by place, then by expected value an hour; unknown probabilities count as nothing."""

    def key(item: tuple[Place, Objective]) -> tuple[int, float]:
        where, objective = item
        return where, -(objective.win_probability or 0.0) * objective.value / max(objective.hours, 1e-9)

    placed = ((place(objective, median_cycle_days=median_cycle_days), objective) for objective in objectives)
    return sorted(placed, key=key)


def needed_inflow(remaining_quota: float, win_rate: float, mean_amount: float, weeks: float) -> float | None:
    """New objectives a week that the quota still asks for: quota / (win rate x mean amount x weeks).

    None when one of them is zero: then no inflow would do, or nothing is known.
    """
    produced = win_rate * mean_amount * weeks
    return max(remaining_quota, 0.0) / produced if produced > 0 else None


def weak_skill(counts: Mapping[Place, int], won: int) -> str | None:
    """Name the step where objectives pile up: 'qualifying', 'advancing', 'closing'; None where the funnel is balanced.

    Many above and few in is weak qualifying, many in and few best is weak advancing, many best and few won is weak
    closing; "many" is more than four times, and at least eight.
    """
    steps = (
        ("qualifying", counts.get(Place.ABOVE, 0), counts.get(Place.IN, 0)),
        ("advancing", counts.get(Place.IN, 0), counts.get(Place.BEST_FEW, 0)),
        ("closing", counts.get(Place.BEST_FEW, 0), won),
    )
    piled = [(many / max(few, 1), name) for name, many, few in steps if many >= 8 and many > 4 * few]  # noqa: PLR2004
    return max(piled)[1] if piled else None


@dataclass(frozen=True, slots=True)
class Inflow:
    """What entered universe and above in the last `weeks`, against what the quota needs; `is_dry` is the alarm.

    `needed` a week is None where it cannot be said (no win rate, amount or time); then there is no alarm either.
    """

    entered: int
    weeks: float
    needed: float | None

    @property
    def is_dry(self) -> bool:
        """Whether the top of the funnel runs dry: fewer came in a week than the quota needs."""
        return self.needed is not None and self.weeks > 0 and self.entered / self.weeks < self.needed


@dataclass(frozen=True, slots=True)
class Situation:
    """What red flags are raised by; None where it is not known."""

    roles_covered: frozenset[str] = frozenset()
    days_since_contact: int | None = None
    decider_mode: str | None = None
    lowest_rating: int | None = None
    pushes: int = 0
    has_next_step: bool = False
    owner_changed: bool = False


LONGEST_SILENCE_DAYS = 30
MOST_PUSHES = 1


def red_flags(situation: Situation) -> tuple[str, ...]:
    """Name what speaks against an objective being nearly won; ratings of people go from -5 to +5."""
    silence = situation.days_since_contact
    raised = {
        "role_missing": not situation.roles_covered >= ALL_ROLES,
        "not_contacted": silence is None or silence > LONGEST_SILENCE_DAYS,
        "decider_content": situation.decider_mode in {"even_keel", "overconfident"},
        "bad_rating": situation.lowest_rating is not None and situation.lowest_rating <= -1,
        "date_pushed": situation.pushes > MOST_PUSHES,
        "no_next_step": not situation.has_next_step,
        "owner_changed": situation.owner_changed,
    }
    return tuple(name for name, is_raised in raised.items() if is_raised)
