"""How the company sells: its processes and stages, read once and asked often."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from loudou.core import kept
from loudou.core.refusals import NotVisible
from loudou.pipeline.choices import State
from loudou.pipeline.models import Competitor, LossReason, Opportunity, SalesProcess, Stage

if TYPE_CHECKING:
    from loudou.core.actors import Actor


@dataclass(frozen=True)
class SalesSetup:
    """All processes and stages: few rows that every view needs."""

    processes: Sequence[SalesProcess]
    every_stage: Sequence[Stage]
    """Stages in order of process and place, those merged into another included."""

    @classmethod
    def load(cls) -> SalesSetup:
        """Take what is kept (no statement of its own) and put stages and processes together."""
        processes = sorted(kept.rows_of(SalesProcess), key=lambda process: (process.position, process.pk))
        by_id = {process.pk: (place, process) for place, process in enumerate(processes)}
        known = [
            stage for stage in kept.rows_of(Stage) if stage.process_id in by_id
        ]  # a process may be added in between
        stages = sorted(known, key=lambda stage: (by_id[stage.process_id][0], stage.position))
        for stage in stages:
            stage.process = by_id[stage.process_id][1]
        return cls(processes, stages)

    @functools.cached_property
    def stages(self) -> dict[int, Stage]:
        """Every stage by id."""
        return {stage.pk: stage for stage in self.every_stage}

    @functools.cached_property
    def win_rates(self) -> dict[int, Decimal]:
        """Prior win rate by stage id."""
        return {stage.pk: stage.prior_win_rate for stage in self.every_stage}

    @property
    def active_processes(self) -> list[SalesProcess]:
        """Processes that new opportunities may enter."""
        return [process for process in self.processes if process.is_active]

    @property
    def default_process(self) -> SalesProcess | None:
        """The process of new opportunities, else the first one in use."""
        active = self.active_processes
        return next((process for process in active if process.is_default), active[0] if active else None)

    def process(self, process_id: int | None) -> SalesProcess | None:
        """The process with an id, else the default one."""
        return next((process for process in self.processes if process.pk == process_id), self.default_process)

    def stages_of(self, process_id: int) -> list[Stage]:
        """The stages in use of a process, first to last."""
        return [s for s in self.every_stage if s.process_id == process_id and s.merged_into_id is None]


def stage_use(process_id: int) -> dict[int, int]:
    """Open opportunities by stage of a process: what a change to its stages would touch."""
    counted = (
        Opportunity.objects.filter(process_id=process_id, state__in=(State.OPEN, State.ON_HOLD))
        .order_by()
        .values("stage_id")
        .annotate(rows=Count("*"))
    )
    return {group["stage_id"]: group["rows"] for group in counted}


def active_competitors(*, with_id: int | None = None) -> list[Competitor]:
    """Competitors to choose from, and one that was chosen before."""
    return list(Competitor.objects.filter(Q(is_active=True) | Q(pk=with_id)).order_by("name"))


def all_loss_reasons() -> list[LossReason]:
    """Return every loss reason in the company's order, those no longer in use among them."""
    return list(LossReason.objects.order_by("position", "pk"))


def active_loss_reasons(*, with_id: int | None = None) -> list[LossReason]:
    """Loss reasons to choose from, and one that was chosen before."""
    return list(LossReason.objects.filter(Q(is_active=True) | Q(pk=with_id)).order_by("position", "pk"))


def get_process(process_id: int) -> SalesProcess:
    """One process. Raises NotVisible."""
    found = SalesProcess.objects.filter(pk=process_id).first()
    if found is None:
        raise NotVisible
    return found


def get_loss_reason(loss_reason_id: int) -> LossReason:
    """One loss reason. Raises NotVisible."""
    found = LossReason.objects.filter(pk=loss_reason_id).first()
    if found is None:
        raise NotVisible
    return found


def get_competitor(competitor_id: int) -> Competitor:
    """One competitor. Raises NotVisible."""
    found = Competitor.objects.filter(pk=competitor_id).first()
    if found is None:
        raise NotVisible
    return found


def stages_with_criteria(process_id: int) -> list[Stage]:
    """The stages in use of a process with their exit criteria, first to last. Two statements."""
    return list(Stage.objects.filter(process_id=process_id).order_by("position").prefetch_related("criteria"))


def competitor_rows(actor: Actor) -> QuerySet[Competitor]:
    """Competitors with `open_count` and `won_count` among what the actor may see."""
    seen = Opportunity.objects.visible_to(actor).order_by()
    meets = (
        seen.open().filter(competitors=OuterRef("pk")).values("competitors").annotate(rows=Count("*")).values("rows")
    )
    lost = seen.filter(lost_to=OuterRef("pk")).values("lost_to").annotate(rows=Count("*")).values("rows")
    return Competitor.objects.annotate(
        open_count=Coalesce(Subquery(meets, output_field=IntegerField()), 0),
        won_count=Coalesce(Subquery(lost, output_field=IntegerField()), 0),
    )
