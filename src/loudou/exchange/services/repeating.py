"""Importing a file once more, with everything that was chosen for it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from django.core.files import File

from loudou.core.actors import Actor
from loudou.core.verbs import service
from loudou.exchange.choices import JobStatus
from loudou.exchange.errors import FileMissing
from loudou.exchange.models import ImportJob
from loudou.exchange.services.jobs import INLINE_BYTES, REMEMBERED, check_rights
from loudou.exchange.services.staging import stage_rows

SAME = (
    "kind",
    "file_name",
    "file_size",
    "encoding",
    "delimiter",
    "sheet",
    "header_row",
    "headers",
    "mapping",
    *REMEMBERED,
)


@service("exchange.import")
def repeat_import(actor: Actor, job_id: int, *, at: dt.datetime) -> ImportJob:
    """Set up a new import of the same file with the same choices; it waits for its dry run.

    A large file is read in the background (status READING). Raises NotVisible, FileMissing, PermissionRefused.
    """
    former = ImportJob.objects.visible_to(actor).get_visible(job_id)
    if not former.file.name or not former.file.storage.exists(former.file.name):
        raise FileMissing
    job = ImportJob(created_by_id=actor.pk, **{name: getattr(former, name) for name in SAME})
    check_rights(actor, job)
    job.save()
    with former.file.open("rb") as content:
        job.file.save(f"{job.pk}{Path(former.file.name).suffix}", File(content), save=False)
    if job.file_size <= INLINE_BYTES:
        job.total = stage_rows(job)
    else:
        job.status, job.beat_at = JobStatus.READING, at
    job.save_changes("file", "total", "status", "beat_at")
    return job
