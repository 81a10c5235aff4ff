"""Writing down what the simulation knows, so that statistics can be judged by it later."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from loudou.demo import calendar
from loudou.demo.models.truth import TruthKind
from loudou.demo.payers import Habit
from loudou.demo.sale import ProcessInfo, Sale
from loudou.demo.staff import Staff
from loudou.demo.words import market
from loudou.demo.world import DIRECT, EFFECTS, PROJECT, REFERENCE_AMOUNT, goes_on, win_probability

Fact = dict[str, Any]


def facts(
    staff: Staff, sales: Sequence[Sale], processes: Sequence[ProcessInfo], *, seed: int, start: dt.date, today: dt.date
) -> list[Fact]:
    """Return the rows of the truth."""
    rows = [
        _fact(TruthKind.WORLD, "simulation", None, {
            "seed": seed, "start": start.isoformat(), "today": today.isoformat(), "sales": len(sales),
            "by_owner_at_opening": True, "reference_amount": REFERENCE_AMOUNT,
        }),
        _fact(TruthKind.EFFECT, "log odds and rates", None, asdict(EFFECTS)),
        _fact(TruthKind.EFFECT, "competitors", None, {
            str(number): weight for number, (*_, weight) in enumerate(market.COMPETITORS, start=1)
        }),
        _fact(TruthKind.SEASON, "year", None, _seasons()),
        *_reps(staff, sales),
    ]  # fmt: skip
    for process, laws in zip(processes, (DIRECT, PROJECT), strict=True):
        for stage, law in zip(process.stages, laws, strict=True):
            rows.append(_fact(TruthKind.STAGE, f"{process.name}: {stage.name}", stage.id, asdict(law)))
    for number, row in enumerate(rows, start=1):
        row["id"] = number
    return rows


def payers(habits: Mapping[int, Habit], *, first_id: int) -> list[Fact]:
    """Return each customer's habit of paying: days after the due day by law, and how money comes."""
    return [
        {"id": number} | _fact(TruthKind.PAYER, f"customer {customer_id}", customer_id, asdict(habits[customer_id]))
        for number, customer_id in enumerate(sorted(habits), start=first_id)
    ]


def _reps(staff: Staff, sales: Sequence[Sale]) -> list[Fact]:
    """Each rep's laws, and the true win rate: over everybody's sales (skill alone) and over the rep's own."""
    mix = Counter((sale.laws, round(sale.log_odds, 1)) for sale in sales)
    everything = sum(mix.values())
    rows = []
    for rep in staff.reps:
        law, own = rep.law, [sale for sale in sales if sale.owner is rep]
        on_all = sum(count * win_probability(laws, odds + law.skill) for (laws, odds), count in mix.items())
        on_own = [win_probability(sale.laws, sale.log_odds + law.skill) for sale in own]
        rows.append(_fact(TruthKind.REP, rep.username, rep.user_id, {
            "skill": law.skill, "pace": law.pace, "discipline": law.discipline, "optimism": law.optimism,
            "neglect_rate": law.neglect_rate, "capacity": law.capacity, "opened": len(own),
            "win_rate": round(on_all / everything, 4),
            "win_rate_of_own_sales": round(sum(on_own) / len(on_own), 4) if on_own else None,
            "goes_on": {
                name: [round(goes_on(stage, law.skill), 4) for stage in laws]
                for name, laws in (("direct", DIRECT), ("project", PROJECT))
            },
        }))  # fmt: skip
    return rows


def _seasons() -> Fact:
    return {
        "months": list(calendar.MONTH_WEIGHTS), "festival_dip": calendar.FESTIVAL_DIP,
        "growth_a_year": calendar.GROWTH_A_YEAR, "quarter_end_pull": calendar.QUARTER_END_PULL,
        "quarter_end_reach_days": calendar.QUARTER_END_REACH,
        "spring_festivals": [day.isoformat() for day in calendar.SPRING_FESTIVALS],
    }  # fmt: skip


def _fact(kind: TruthKind, about: str, object_id: int | None, content: Fact) -> Fact:
    return {"kind": kind, "about": about, "object_id": object_id, "facts": content}
