"""Sales processes with everything that is set up in them."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet

from loudou.core.refusals import NotVisible
from loudou.pipeline.models import SalesProcess, Stage


def _stages() -> QuerySet[Stage]:
    return Stage.objects.order_by("position").prefetch_related("criteria")


def sales_processes() -> list[SalesProcess]:
    """All processes with their stages and exit criteria, in order. Three statements."""
    return list(SalesProcess.objects.order_by("position", "pk").prefetch_related(Prefetch("stages", _stages())))


def sales_process(process_id: int) -> SalesProcess:
    """One process with its stages and exit criteria. Raises NotVisible."""
    rows = SalesProcess.objects.prefetch_related(Prefetch("stages", _stages()))
    found = rows.filter(pk=process_id).first()
    if found is None:
        raise NotVisible
    return found


def stage_of_process(stage_id: int) -> Stage:
    """One stage in use with its exit criteria. Raises NotVisible."""
    found = _stages().filter(pk=stage_id).first()
    if found is None:
        raise NotVisible
    return found
