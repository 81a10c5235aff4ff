"""The funnel of phases over customers: how many stand where, how many got how far, and how long that takes.

`Rate`s are plain shares so far: of those that entered the funnel, how many ever reached a phase. Young cohorts are
still on their way, so these are lower bounds. `Step.onward` allows for that: the share that gets on to the next phase
within a horizon, those still on their way counted as undecided (Aalen-Johansen). Falling back takes nothing away: what
was reached was reached. docs/algorithms/phase-funnel.md works through an example.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection, models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funnelstats.conversion import Step, conversion
from funnelstats.durations import Duration, duration
from funnelstats.named_rates import Rate
from loudou.core.actors import Actor
from loudou.core.rates import company
from loudou.core.statements import ids_of
from loudou.customers.choices import FUNNEL, Phase
from loudou.customers.models import Segment
from loudou.customers.models.customer import CustomerQuerySet
from loudou.customers.selectors.entries import MIDDLE, SOON
from loudou.insights.phase_funnel_sql import COUNTED, GROUPS
from loudou.insights.selectors.standing import NOBODY, standing
from loudou.people.models import User

FEWEST = 10
"""Fewer customers than this make no share."""


class Grain(models.TextChoices):
    """How long the period is in which a cohort entered."""

    MONTH = "month", gettext_lazy("Month")
    QUARTER = "quarter", gettext_lazy("Quarter")


class Sort(models.TextChoices):
    """By what the customers are grouped."""

    SEGMENT = "segment", gettext_lazy("Segment")
    OWNER = "owner", gettext_lazy("Owner")
    SOURCE = "source", gettext_lazy("Source")


@dataclass(frozen=True, slots=True)
class Passage:
    """Customers that entered the funnel, and how many of them reached each phase so far, the first included."""

    key: str
    label: str
    reached: tuple[Rate, ...]

    @property
    def entered(self) -> int:
        """How many customers."""
        return self.reached[0].n

    @property
    def is_enough(self) -> bool:
        """Whether they are enough for shares."""
        return self.entered >= FEWEST


@dataclass(frozen=True, slots=True)
class Cohort(Passage):
    """Those that entered from one day until another, both included."""

    begins_on: dt.date
    ends_on: dt.date


@dataclass(frozen=True, slots=True)
class PhaseLine:
    """One phase: who stands in it `now`, who ever `reached` it, how many get `onward`, how long a `stay` lasts.

    Amounts are in base currency, of open opportunities and of signed contracts that the reader sees. `stood` counts
    the customers whose stays `stay` speaks of, those that came with a past included. The last phase has no `step`.
    """

    phase: Phase
    now: int
    open_amount: Decimal
    contract_amount: Decimal
    reached: Rate
    step: Step | None
    stay: Duration
    stood: int


@dataclass(frozen=True, slots=True)
class PhaseFunnel:
    """The whole: phases in order, cohorts from the latest back, groups with most customers first.

    `entered` customers were followed from the start, `came_later` came with a past; `outside` never entered or left.
    """

    phases: tuple[PhaseLine, ...]
    cohorts: tuple[Cohort, ...]
    groups: tuple[Passage, ...]
    entered: int
    came_later: int
    outside: int
    as_of: dt.datetime

    @property
    def inside(self) -> int:
        """How many customers stand in some phase now."""
        return sum(line.now for line in self.phases)


def phase_funnel(
    actor: Actor, customers: CustomerQuerySet, *, grain: Grain, by: Sort, as_of: dt.datetime
) -> PhaseFunnel:
    """Return the funnel of some visible customers; three statements, none with segments nor owners to name."""
    chosen, facts = ids_of(customers.visible_to(actor), prefix="chosen")
    counted = _counted(chosen, facts, grain, by, as_of)
    now = standing(actor, customers)
    whole = _passage("", "", _added(counted["cohort"]))
    of_phase = _by_phase(counted)
    steps = conversion(
        [(phase, [(days, on, 0, waiting, late) for days, (on, waiting, late) in of_phase["step", phase]])
         for phase in FUNNEL[:-1]],
        as_of=as_of,
    ).steps  # fmt: skip
    stood = {phase: counts[0] for _key, phase, _days, counts in counted["stood"]}
    lines = []
    for place, phase in enumerate(FUNNEL):
        here = now.get(phase, NOBODY)
        stay = duration([(days, *counts) for days, counts in of_phase["stay", phase]], as_of=as_of)
        step = steps[place] if place < len(steps) else None
        figures = (here.count, here.open_amount, here.contract_amount)
        lines.append(PhaseLine(phase, *figures, whole.reached[place], step, stay, stood.get(phase, 0)))
    return PhaseFunnel(
        tuple(lines),
        tuple(_cohort(key, counts, grain) for key, _phase, _days, counts in sorted(counted["cohort"], reverse=True)),
        _groups(counted["group"], by),
        whole.entered,
        sum(counts[0] for _key, _phase, _days, counts in counted["later"]),
        now.get(Phase.OUTSIDE, NOBODY).count,
        as_of,
    )


def _counted(
    chosen: str, facts: dict[str, Any], grain: Grain, by: Sort, as_of: dt.datetime
) -> dict[str, list[tuple[Any, ...]]]:
    given = facts | {
        "middle": MIDDLE.value, "soon": SOON, "as_of": as_of, "grain": str(grain), "zone": company().time_zone,
    }  # fmt: skip
    found: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(COUNTED.format(chosen=chosen, groups=GROUPS[by]), given)
        for part, *row in cursor.fetchall():
            found[part].append(tuple(row))
    return found


def _by_phase(counted: dict[str, list[tuple[Any, ...]]]) -> dict[tuple[str, int], list[tuple[int, Sequence[int]]]]:
    found: dict[tuple[str, int], list[tuple[int, Sequence[int]]]] = defaultdict(list)
    for part in ("step", "stay"):
        for _key, phase, days, counts in counted[part]:
            found[part, phase].append((days, counts))
    return found


def _added(rows: Sequence[tuple[Any, ...]]) -> list[int]:
    return [sum(each) for each in zip(*(counts for *_rest, counts in rows), strict=True)] or [0] * len(FUNNEL)


def _passage(key: str, label: str, counts: Sequence[int]) -> Passage:
    return Passage(key, label, tuple(Rate(count, counts[0]) for count in counts))


def _cohort(key: str, counts: Sequence[int], grain: Grain) -> Cohort:
    begins_on = dt.date.fromisoformat(key)
    months = 3 if grain == Grain.QUARTER else 1
    after = begins_on.month - 1 + months
    ends_on = dt.date(begins_on.year + after // 12, after % 12 + 1, 1) - dt.timedelta(days=1)
    quarter = f"{begins_on.year} Q{(begins_on.month + 2) // 3}"
    label = quarter if grain == Grain.QUARTER else f"{begins_on:%Y-%m}"
    return Cohort(key, label, _passage("", "", counts).reached, begins_on, ends_on)


def _groups(rows: Sequence[tuple[Any, ...]], by: Sort) -> tuple[Passage, ...]:
    keys = [key for key, *_rest in rows]
    labels = {key: key for key in keys}
    if by != Sort.SOURCE and any(keys):
        named: Any = User.objects if by == Sort.OWNER else Segment.objects
        labels = {str(pk): name for pk, name in named.filter(pk__in=filter(None, keys)).values_list("pk", "name")}
    nobody = {Sort.OWNER: _("Nobody"), Sort.SOURCE: _("Not set")}
    passages = [_passage(key, labels.get(key) or nobody.get(by, ""), counts) for key, _phase, _days, counts in rows]
    return tuple(sorted(passages, key=lambda row: (not row.key, -row.entered, row.label)))
