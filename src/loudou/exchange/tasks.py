"""Clockwork of the exchange: imports in the background, and those whose worker died."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from procrastinate.contrib.django import app

from loudou.core import audit, clock
from loudou.core.actors import SYSTEM
from loudou.exchange.models import ImportJob
from loudou.exchange.services.running import AT_ONCE, work_on
from loudou.exchange.services.sweeping import sweep_unfinished

QUEUE = "imports"
SILENCE = dt.timedelta(seconds=90)
"""A batch takes seconds; an import that has been silent for this long has lost its worker."""


@app.task(queue=QUEUE, name="exchange.work_on_import")
def work_on_import(job_id: int) -> None:
    """Carry an import on from where it stands."""
    work_on(job_id, now=clock.now)


@app.periodic(cron="* * * * *")
@app.task(queue=QUEUE, name="exchange.rescue_imports", pass_context=False)
def rescue_imports(timestamp: int) -> None:
    """Carry on with imports whose worker was killed: batches are transactions, so nothing is done twice."""
    silent_since = clock.now() - SILENCE
    for job_id in ImportJob.objects.filter(beat_at__lt=silent_since).busy().values_list("pk", flat=True):
        ImportJob.objects.filter(pk=job_id).update(beat_at=clock.now())
        enqueue(job_id)


@app.periodic(cron="50 3 * * *")
@app.task(queue=QUEUE, queueing_lock="exchange.sweep", name="exchange.sweep_unfinished", pass_context=False)
def sweep(timestamp: int) -> None:
    """Throw away uploads that nobody finished."""
    with audit.source("job"):
        sweep_unfinished(SYSTEM, at=clock.now())


def enqueue(job_id: int) -> None:
    """Let a worker carry the import on, once the present transaction is committed."""
    transaction.on_commit(lambda: work_on_import.defer(job_id=job_id))


def carry_on(job: ImportJob) -> None:
    """Work on an import: at once when it is small, in the background otherwise."""
    if job.total and job.total <= AT_ONCE:
        work_on(job.pk, now=clock.now)
    else:
        enqueue(job.pk)
