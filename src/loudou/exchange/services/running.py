"""Dry run and run: batch after batch, each one transaction, so that a killed worker leaves nothing half-written.

The rows themselves are the memory: a row that is still pending is done by whoever comes next. Whatever happens, a
row's record and its mark are written together or not at all.
"""

from __future__ import annotations

import datetime as dt
import gc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from django.db import OperationalError, transaction
from django.utils import translation

from loudou.core import audit
from loudou.core.actors import SYSTEM, Actor
from loudou.core.errors import DiskFull
from loudou.core.outages import disk_is_full
from loudou.core.refusals import BusinessRefusal
from loudou.exchange.choices import JobStatus
from loudou.exchange.errors import RoomRunsOut
from loudou.exchange.models import ImportExtra, ImportJob, ImportRow
from loudou.exchange.services.batches import Result, Session, mark
from loudou.exchange.services.staging import require_room, stage_rows
from loudou.exchange.services.undoing import undo_batch
from loudou.people.choices import EventCode, NotificationCode
from loudou.people.services.events import record_event
from loudou.people.services.notifications import notify

log = structlog.get_logger(__name__)

BATCH = 1000
AT_ONCE = 300
"""Rows that are done before the page answers: it takes less than a second."""

Clock = Callable[[], dt.datetime]


def work_on(job_id: int, *, now: Clock) -> None:
    """Do whatever the import is waiting for, to its end, a stop, or trouble that is said on its page."""
    job = ImportJob.objects.select_related("created_by").get(pk=job_id)
    actor: Actor = job.created_by or SYSTEM
    steps = {
        JobStatus.READING: _read,
        JobStatus.CHECKING: _check,
        JobStatus.RUNNING: _run,
        JobStatus.UNDOING: _undo,
    }
    if (step := steps.get(JobStatus(job.status))) is None:
        return
    language = getattr(job.created_by, "language", None) or translation.get_language() or "en"
    with translation.override(language), audit.source("import", reason=f"import {job.pk}"), _patient_collector():
        try:
            step(job, actor, now)
        except RoomRunsOut as refusal:
            _pause(job_id, str(refusal), now)
        except BusinessRefusal as refusal:
            _give_up(job_id, JobStatus.FAILED, str(refusal), now)
        except (OperationalError, OSError) as error:
            if not disk_is_full(error):
                raise
            _pause(job_id, str(DiskFull.message), now)


@contextmanager
def _patient_collector() -> Iterator[None]:
    """Let the garbage collector wait: a batch's hundred thousand objects all live until its end.

    At Python's default it would walk them a hundred times for nothing, a sixth of the whole time.
    """
    before = gc.get_threshold()
    gc.set_threshold(200_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _pause(job_id: int, sentence: str, now: Clock) -> None:
    """Wait for room: a run is carried on; what was still being set up goes back to the step it came from."""
    has_begun = ImportJob.objects.filter(pk=job_id, started_at__isnull=False).exists()
    _give_up(job_id, JobStatus.PAUSED if has_begun else JobStatus.FAILED, sentence, now)


def _give_up(job_id: int, status: JobStatus, sentence: str, now: Clock) -> None:
    log.warning("import.gave_up", job=job_id, status=status)
    with transaction.atomic():
        job = _locked(job_id)
        job.status, job.trouble, job.beat_at = status, sentence, now()
        job.save_changes("status", "trouble", "beat_at")
        paused = status == JobStatus.PAUSED
        _tell(job, NotificationCode.IMPORT_PAUSED if paused else NotificationCode.IMPORT_FAILED, now)


def _tell(job: ImportJob, code: NotificationCode, now: Clock) -> None:
    """Tell whoever started an import that went on in the background; a small one they saw end themselves."""
    if job.total > AT_ONCE or not job.total:
        notify(SYSTEM, [job.created_by_id], code, at=now(), record_id=job.pk, file=str(job))


def _locked(job_id: int) -> ImportJob:
    return ImportJob.objects.select_for_update(no_key=True, of=("self",)).select_related("created_by").get(pk=job_id)


def _read(job: ImportJob, actor: Actor, now: Clock) -> None:
    total = stage_rows(job)
    with transaction.atomic():
        fresh = _locked(job.pk)
        fresh.total, fresh.status, fresh.beat_at = total, JobStatus.UPLOADED, now()
        fresh.save_changes("total", "status", "beat_at")


def _check(job: ImportJob, actor: Actor, now: Clock) -> None:
    """Do everything that the run will do, and roll each batch back."""
    session = Session(job, actor, at=now(), dry=True)
    while _one_batch(session, now, dry=True):
        pass


def _run(job: ImportJob, actor: Actor, now: Clock) -> None:
    session = Session(job, actor, at=job.started_at or now())
    while _one_batch(session, now, dry=False):
        pass


def _one_batch(session: Session, now: Clock, *, dry: bool) -> bool:
    """Carry out the next batch in one transaction; tells whether there may be another. Raises RoomRunsOut."""
    require_room()
    expected = JobStatus.CHECKING if dry else JobStatus.RUNNING
    with transaction.atomic():
        job = _locked(session.job.pk)
        if job.status != expected:
            return False
        if job.stop_requested:
            _stop(job, now, dry=dry)
            return False
        if rows := session.waiting(dry=dry, most=min(BATCH, session.writer.batch)):
            results = _write(session, rows, dry=dry)
            _count(job, results, now, dry=dry)
            return True
        if not dry and _link(session, job, now):
            return True
        _finish(job, session.context.actor, now, dry=dry)
        return False


def _write(session: Session, rows: list[ImportRow], *, dry: bool) -> list[Result]:
    if dry:
        savepoint = transaction.savepoint()
        results = session.carry_out(rows)
        transaction.savepoint_rollback(savepoint)
        session.take_back()
    else:
        results = session.carry_out(rows)
        ImportExtra.objects.bulk_create(session.context.extras)
    mark(results, dry=dry)
    return results


def _count(job: ImportJob, results: list[Result], now: Clock, *, dry: bool) -> None:
    part = "check" if dry else "run"
    counts = Counter(job.counts.get(part, {}))
    counts.update(str(result.status) for result in results)
    job.counts = {**job.counts, part: dict(counts)}
    job.progress += len(results)
    job.beat_at = now()
    job.save_changes("counts", "progress", "beat_at")


def _link(session: Session, job: ImportJob, now: Clock) -> bool:
    """Set references to records that came later in the file; tells whether there were any."""
    rows = list(ImportRow.objects.filter(job=job, needs_link=True).order_by("number")[:BATCH])
    if not rows:
        return False
    session.link(rows)
    job.beat_at = now()
    job.save_changes("beat_at")
    return True


def _stop(job: ImportJob, now: Clock, *, dry: bool) -> None:
    job.status = JobStatus.UPLOADED if dry else JobStatus.STOPPED
    job.stop_requested, job.beat_at = False, now()
    job.save_changes("status", "stop_requested", "beat_at")


def _finish(job: ImportJob, actor: Actor, now: Clock, *, dry: bool) -> None:
    job.beat_at = now()
    if dry:
        job.status, job.checked_at = JobStatus.READY, now()
        job.save_changes("status", "checked_at", "beat_at")
        return
    job.status, job.finished_at = JobStatus.DONE, now()
    job.save_changes("status", "finished_at", "beat_at")
    facts = {"kind": job.kind, "file": job.file_name, "counts": job.counts.get("run", {})}
    record_event(actor, EventCode.IMPORTED, at=now(), details=facts, object_id=job.pk)
    _tell(job, NotificationCode.IMPORT_DONE, now)


def _undo(job: ImportJob, actor: Actor, now: Clock) -> None:
    while True:
        require_room()
        with transaction.atomic():
            fresh = _locked(job.pk)
            if fresh.status != JobStatus.UNDOING:
                return
            done = undo_batch(fresh, actor, at=now())
            fresh.progress += done
            fresh.beat_at = now()
            if not done:
                fresh.status, fresh.undone_at = JobStatus.UNDONE, now()
                record_event(
                    actor, EventCode.IMPORT_UNDONE, at=now(), details={"file": fresh.file_name}, object_id=fresh.pk
                )
            fresh.save_changes("status", "undone_at", "progress", "beat_at")
            if not done:
                return
