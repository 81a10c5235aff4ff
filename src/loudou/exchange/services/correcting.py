"""Correcting rows that failed, before they are tried again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from loudou.core.actors import Actor
from loudou.core.verbs import lock, service
from loudou.exchange.choices import JobStatus, RowStatus
from loudou.exchange.errors import JobNotReady
from loudou.exchange.models import ImportJob, ImportRow
from loudou.exchange.services.grouping import group_key, key_columns, others_of_group
from loudou.exchange.services.kinds import WRITERS
from loudou.exchange.targets import KINDS

OPEN = (RowStatus.PENDING, RowStatus.FAILED)


@service("exchange.import")
def edit_row(actor: Actor, job_id: int, number: int, *, cells: Sequence[str]) -> ImportRow:
    """Correct the cells of a row that is not loaded yet; it waits for the dry run or the run again.

    Rows about the same record wait with it, before and after the correction. Raises JobNotReady, NotVisible.
    """
    job = lock(ImportJob.objects.visible_to(actor), job_id)
    if job.is_busy or job.status == JobStatus.UNDONE:
        raise JobNotReady(status=job.get_status_display())
    row = lock(job.rows.filter(status__in=OPEN), job.rows.filter(number=number).values_list("pk", flat=True).first())
    fellows = set(_fellows(job, row))
    row.cells = [cell.replace("\x00", "") for cell in cells]
    row.save(update_fields=["cells"])
    _let_wait(job, {row.pk, *fellows, *_fellows(job, row)})
    row.refresh_from_db()
    return row


def _fellows(job: ImportJob, row: ImportRow) -> list[int]:
    """Ids of the other rows about the same record, when rows of this import belong together."""
    kind = KINDS[job.kind]
    if not (key := group_key(job, kind)):
        return []
    columns = key_columns(job, WRITERS[job.kind].key_codes(key))
    return others_of_group(job, [row], columns) if columns else []


def _let_wait(job: ImportJob, ids: Iterable[int]) -> None:
    """Forget what was said of rows that are not loaded yet, and take them out of the counts."""
    rows = list(job.rows.select_for_update().filter(pk__in=list(ids), status__in=OPEN).order_by("pk"))
    lost = {"run": Counter[str](), "check": Counter[str]()}
    for row in rows:
        failed = row.status == RowStatus.FAILED
        lost["run" if failed else "check"][row.status if failed else row.verdict] += 1
    job.rows.filter(pk__in=[row.pk for row in rows]).update(verdict="", status=RowStatus.PENDING, reasons=[])
    for part, numbers in lost.items():
        if part in job.counts:
            counts = {status: count - numbers[status] for status, count in job.counts[part].items()}
            job.counts = {**job.counts, part: counts}
    job.save_changes("counts")
