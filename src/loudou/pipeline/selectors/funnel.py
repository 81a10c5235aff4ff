"""The funnel: what lies in each stage now, or lay there at an earlier moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Subquery

from loudou.pipeline.choices import State
from loudou.pipeline.models import StageChange
from loudou.pipeline.models.opportunity import OpportunityQuerySet
from loudou.pipeline.models.process import Stage
from loudou.pipeline.selectors.history import last_change_before, not_closed_before
from loudou.pipeline.selectors.volume import FIGURES, Volume, volume_of, volumes


@dataclass(frozen=True)
class FunnelStep:
    """A stage with what lies in it, beside the stage before it and beside the whole funnel.

    The shares compare stages at one moment. They are not conversion rates: today's proposals did not grow out of
    today's first contacts.
    """

    stage: Stage
    volume: Volume
    before: Volume | None
    whole: Volume

    @property
    def step_share(self) -> Decimal | None:
        """Count of this stage to that of the stage before it; None for the first stage or an empty one before."""
        return _share(self.volume.count, self.before.count) if self.before else None

    @property
    def step_share_of_amount(self) -> Decimal | None:
        """Amount of this stage to that of the stage before it; None for the first stage or an empty one before."""
        return _share(self.volume.amount, self.before.amount) if self.before else None

    @property
    def overall_share(self) -> Decimal | None:
        """Count of this stage to all open opportunities of the process; None when there are none."""
        return _share(self.volume.count, self.whole.count)

    @property
    def overall_share_of_amount(self) -> Decimal | None:
        """Amount of this stage to that of all open opportunities of the process; None when it is nothing."""
        return _share(self.volume.amount, self.whole.amount)


def current_funnel(
    rows: OpportunityQuerySet, stages: Sequence[Stage], *, win_rates: Mapping[int, Decimal]
) -> list[FunnelStep]:
    """Count, amount and weighted amount of open rows per stage of one process. One statement."""
    if not stages:
        return []
    found = volumes(rows.filter(process_id=stages[0].process_id), "stage_id", win_rates=win_rates)
    return _steps(stages, {stage: volume for (stage,), volume in found.items()})


def funnel_as_of(
    rows: OpportunityQuerySet, stages: Sequence[Stage], *, at: dt.datetime, win_rates: Mapping[int, Decimal]
) -> list[FunnelStep]:
    """The funnel of one process as it was just before a moment, from the history. One statement.

    Count, amount (in base currency, at the rate of then) and weighted amount of what was open then, in the stage it was
    in then. Weighted = amount x the rep's probability of then, or the stage's prior win rate of now. `rows` are those
    of any state that the reader may see now.
    """
    if not stages:
        return []
    past = rows.filter(not_closed_before(at)).order_by()
    then = StageChange.objects.filter(
        pk__in=past.values(then=Subquery(last_change_before(at).values("pk")[:1])),
        to_state=State.OPEN,
        to_stage__in=[stage.pk for stage in stages],
    )
    grouped = then.order_by().values("to_stage_id").annotate(**FIGURES)
    return _steps(stages, {each["to_stage_id"]: volume_of(each, win_rates[each["to_stage_id"]]) for each in grouped})


def _steps(stages: Sequence[Stage], found: Mapping[int, Volume]) -> list[FunnelStep]:
    per_stage = [found.get(stage.pk, Volume()) for stage in stages]
    whole = sum(per_stage, start=Volume())
    before: list[Volume | None] = [None, *per_stage[:-1]]
    return [FunnelStep(*step, whole) for step in zip(stages, per_stage, before, strict=True)]


def _share(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    return Decimal(part) / Decimal(whole) if whole else None
