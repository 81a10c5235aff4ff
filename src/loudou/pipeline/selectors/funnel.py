"""The current funnel: what lies in each stage now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from loudou.pipeline.models.opportunity import OpportunityQuerySet
from loudou.pipeline.models.process import Stage
from loudou.pipeline.selectors.volume import Volume, volumes


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
    per_stage = [found.get((stage.pk,), Volume()) for stage in stages]
    whole = sum(per_stage, start=Volume())
    before: list[Volume | None] = [None, *per_stage[:-1]]
    return [FunnelStep(*step, whole) for step in zip(stages, per_stage, before, strict=True)]


def _share(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    return Decimal(part) / Decimal(whole) if whole else None
