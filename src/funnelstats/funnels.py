"""Two funnels that must not be mixed: what a month of entries became, and what stands in the stages now.

The **cohort funnel** follows those that entered in a period: how many reached each stage by now. A young cohort is
still on its way, so its shares are lower bounds until it is settled; what history makes likely is said by `conversion`.
The **current funnel** counts only what is open; its stages are no shares of one another, so that the conversion beside
it comes from history.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from funnelstats.conversion import Conversion, Step
from funnelstats.named_rates import Rate
from funnelstats.winrates import Moment, WinRate

Grain = Literal["month", "quarter", "year"]


@dataclass(frozen=True, slots=True)
class CohortStage:
    """What became of a cohort in one stage: `reached` by now, worth `amount`, then `advanced`, `lost`, or still there.

    `step` is advanced / reached and `overall` reached / all of the cohort, so far; both have their 90 % interval.
    """

    ordinal: int
    reached: int
    amount: Decimal
    advanced: int
    lost: int
    undecided: int
    step: Rate
    overall: Rate


@dataclass(frozen=True, slots=True)
class Cohort:
    """All that entered a process in a period beginning on `begins_on`; `won` of them so far, worth `won_amount`."""

    process: Hashable
    begins_on: dt.date
    stages: tuple[CohortStage, ...]
    won: Rate
    won_amount: Decimal
    as_of: Moment | None = None

    @property
    def is_settled(self) -> bool:
        """Whether nothing of it is undecided any more."""
        return all(stage.undecided == 0 for stage in self.stages)


@dataclass(frozen=True, slots=True)
class StageStock:
    """What is open in a stage now, and what history makes of it.

    `without_amount` of the `opportunities` have no amount, so that `amount` is a lower bound; `on_hold` are counted
    apart. `win_rate` is of those that enter the stage, `step` the conversion through it; None without history.
    """

    ordinal: int
    stage: Hashable
    opportunities: int
    amount: Decimal
    without_amount: int
    on_hold: int
    win_rate: WinRate | None
    step: Step | None


@dataclass(frozen=True, slots=True)
class CurrentFunnel:
    """What is open in one process: its stages in order."""

    process: Hashable
    stages: tuple[StageStock, ...]
    as_of: Moment | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """Moves in a period: from a stage (None: opened) to a stage (None: closed as `outcome`)."""

    source: Hashable
    target: Hashable
    outcome: str
    moves: int
    amount: Decimal


def cohort_funnel(
    rows: Iterable[Sequence[Any]], *, grain: Grain = "month", as_of: Moment | None = None
) -> tuple[Cohort, ...]:
    """Cohorts by process and period of entry, the earliest first, from the rows of `cohort_funnel.sql` (by month)."""
    counts: dict[tuple[Any, dt.date], dict[int, list[Any]]] = defaultdict(dict)
    for month, process, ordinal, *numbers in rows:
        stages = counts[process, _begin(month, grain)]
        known = stages.get(ordinal, [0, Decimal(0), 0, 0, 0, 0, Decimal(0)])
        stages[ordinal] = [
            before + Decimal(n) if isinstance(before, Decimal) else before + int(n)
            for before, n in zip(known, numbers, strict=True)
        ]
    return tuple(
        _cohort(process, begins_on, stages, as_of)
        for (process, begins_on), stages in sorted(counts.items(), key=lambda one: (str(one[0][0]), one[0][1]))
    )


def _cohort(process: Hashable, begins_on: dt.date, stages: dict[int, list[Any]], as_of: Moment | None) -> Cohort:
    lines = sorted(stages.items())
    entered = max(numbers[0] for numbers in stages.values())
    first = lines[0][1]
    return Cohort(
        process=process,
        begins_on=begins_on,
        stages=tuple(
            CohortStage(
                ordinal, reached, amount, advanced, lost, undecided, Rate(advanced, reached), Rate(reached, entered)
            )
            for ordinal, (reached, amount, advanced, lost, undecided, _won, _won_amount) in lines
        ),
        won=Rate(first[5], entered),
        won_amount=first[6],
        as_of=as_of,
    )


def _begin(month: dt.date | dt.datetime, grain: Grain) -> dt.date:
    if grain == "year":
        return dt.date(month.year, 1, 1)
    return dt.date(month.year, month.month if grain == "month" else (month.month - 1) // 3 * 3 + 1, 1)


def current_funnel(
    rows: Iterable[Sequence[Any]],
    *,
    win_rates: dict[Hashable, WinRate],
    conversions: dict[Hashable, Conversion],
    as_of: Moment | None = None,
) -> dict[Hashable, CurrentFunnel]:
    """Stages with open deals (or deals on hold) by process from the rows of `current_funnel.sql`.

    `win_rates` by stage and `conversions` by process are what history taught; either may be empty.
    """
    found: dict[Hashable, list[StageStock]] = defaultdict(list)
    for process, ordinal, stage, opportunities, amount, without_amount, on_hold in rows:
        steps = conversions[process].steps if process in conversions else ()
        step = next((one for one in steps if one.ordinal == ordinal), None)
        found[process].append(
            StageStock(
                int(ordinal),
                stage,
                int(opportunities),
                Decimal(amount),
                int(without_amount),
                int(on_hold),
                win_rates.get(stage),
                step,
            )
        )
    return {
        process: CurrentFunnel(process, tuple(sorted(lines, key=lambda line: line.ordinal)), as_of)
        for process, lines in found.items()
    }


def flows(rows: Iterable[Sequence[Any]]) -> tuple[Flow, ...]:
    """Moves between stages from the rows of `stage_flows.sql`, the most frequent first."""
    found = [Flow(source, target, outcome, int(n), Decimal(amount)) for source, target, outcome, n, amount in rows]
    return tuple(sorted(found, key=lambda flow: (-flow.moves, str(flow.source), str(flow.target), flow.outcome)))
