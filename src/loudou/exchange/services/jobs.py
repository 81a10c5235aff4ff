"""Setting an import up, starting, stopping and undoing it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from django.core.files import File

from loudou.core.actors import Actor
from loudou.core.money import check_currency
from loudou.core.refusals import PermissionRefused
from loudou.core.verbs import lock, service
from loudou.exchange.choices import JobStatus, Mode, NameOrder, ObjectKind, OnMatch, RowStatus
from loudou.exchange.errors import (
    FileMissing,
    JobNotReady,
    MappingAmbiguous,
    MappingIncomplete,
    NothingMapped,
    TeamCannotOwn,
    TimeZoneUnknown,
    UndoNotPossible,
)
from loudou.exchange.models import ImportJob, SavedMapping
from loudou.exchange.models.job import SETTING_UP
from loudou.exchange.reading.tables import Table
from loudou.exchange.services.owning import members_who_sell
from loudou.exchange.services.parsing import needed
from loudou.exchange.services.staging import stage_rows
from loudou.exchange.services.uploads import keep_upload, read_as, signature, throw_away
from loudou.exchange.targets import KINDS
from loudou.exchange.targets.synonyms import propose_mapping
from loudou.exchange.values.texts import same
from loudou.people.models import Team, User

INLINE_BYTES = 2 * 1024 * 1024
"""A file up to this size is read at once; a larger one in the background, with progress."""

REMEMBERED = (
    "mode", "match_keys", "on_match", "empty_cell", "date_order", "decimal_mark", "currency", "time_zone", "name_order",
    "rows_are_lines", "owner_id", "team_id", "defaults", "reconciled",
)  # fmt: skip
OPTIONS = frozenset(REMEMBERED) - {"mode", "defaults", "reconciled"}


@service("exchange.import")
def create_import(actor: Actor, *, kind: str, mode: str = Mode.BOTH) -> ImportJob:
    """Begin an import of one kind. Raises PermissionRefused when the actor may not write such records."""
    modes = KINDS[kind].modes
    job = ImportJob(kind=ObjectKind(kind), mode=Mode(mode) if mode in modes else modes[0], created_by_id=actor.pk)
    check_rights(actor, job)
    job.save()
    return job


def check_rights(actor: Actor, job: ImportJob) -> None:
    """Refuse an import whose rows the actor could not write by hand. Raises PermissionRefused."""
    kind = KINDS[job.kind]
    wanted = {kind.creates_with} if job.mode != Mode.UPDATE else set()
    wanted |= {kind.changes_with} if job.mode != Mode.CREATE else set()
    if not all(actor.has_permission(verb) for verb in wanted):
        raise PermissionRefused


@service("exchange.import")
def attach_file(actor: Actor, job_id: int, *, content: File[Any], name: str, limit_mb: int) -> ImportJob:
    """Keep the file, and propose how to read it.

    Raises FileTooLarge, FileKindUnknown, FileUnreadable, FileTooCostly; then nothing of the file is kept.
    """
    job = _set_up(actor, job_id)
    keep_upload(job, content=content, name=name, limit_mb=limit_mb)
    job.mapping, job.defaults, job.reconciled, job.counts, job.trouble = {}, {}, {}, {}, ""
    job.status = JobStatus.UPLOADED
    job.save_changes(
        "file", "file_name", "file_size", "encoding", "delimiter", "sheet", "header_row", "headers", "mapping",
        "defaults", "reconciled", "counts", "trouble", "status",
    )  # fmt: skip
    return job


@service("exchange.import")
def choose_reading(
    actor: Actor, job_id: int, *, encoding: str, delimiter: str, sheet: int, header_row: int, at: dt.datetime
) -> ImportJob:
    """Decide how the file is read, and read it: at once when it is small, else in the background (status READING).

    Proposes a mapping: the remembered one for such headings, else by synonyms. Raises FileMissing, FileEmpty,
    EncodingWrong.
    """
    job = _set_up(actor, job_id)
    if not job.file:
        raise FileMissing
    table = Table(Path(job.file.path), job.file_name, encoding, delimiter, sheet, max(header_row, 1))
    read_as(job, table)
    _remembered(actor, job)
    if job.file_size <= INLINE_BYTES:
        job.total = stage_rows(job)
    else:
        job.status, job.beat_at = JobStatus.READING, at
    job.save_changes(
        "encoding", "delimiter", "sheet", "header_row", "headers", "mapping", "total", "status", "beat_at", *REMEMBERED
    )
    return job


@service("exchange.import")
def map_columns(
    actor: Actor, job_id: int, *, mapping: Mapping[int, str], defaults: Mapping[str, str] | None = None
) -> ImportJob:
    """Say what each column is; columns that are left out are skipped.

    Raises MappingAmbiguous, MappingIncomplete, NothingMapped.
    """
    job = _set_up(actor, job_id)
    kind = KINDS[job.kind]
    chosen = {column: code for column, code in mapping.items() if code and kind.has(code) and column < len(job.headers)}
    often = Counter(chosen.values())
    twice = [kind.target(code) for code, n in often.items() if n > 1 and not kind.target(code).takes_many]
    if twice:
        raise MappingAmbiguous(fields=", ".join(str(target.label) for target in twice))
    if not chosen:
        raise NothingMapped(name=job.file_name)
    job.defaults = {code: text for code, text in (defaults or {}).items() if text.strip() and kind.has(code)}
    codes = {*chosen.values(), *job.defaults}
    is_free = (job.mode == Mode.UPDATE and not kind.grouped_by) or codes & {"first_name", "last_name"}
    missing = [] if is_free else needed(kind, sorted(codes))
    if missing:
        raise MappingIncomplete(fields=", ".join(str(target.label) for target in missing))
    job.mapping = {str(column): code for column, code in sorted(chosen.items())}
    usable = usable_keys(job)
    job.match_keys = [key for key in job.match_keys if key in usable] or usable[:1]
    if kind.is_known_by_any_key:
        job.match_keys = usable
    _changed(job)
    job.save_changes("mapping", "defaults", "match_keys", "status", "counts", "checked_at")
    return job


def usable_keys(job: ImportJob) -> list[str]:
    """Match keys for which the mapping has the columns, in the order in which they are tried."""
    codes = {*job.mapping.values(), *job.defaults}
    parts = {
        "name_at_customer": [{"name", "first_name", "last_name"}, {"customer", "customer_key", "customer_domain"}],
        "subject_of_customer": [{"subject"}],
        "name": [{"name", "first_name", "last_name"}],
        "same_delivery": [{"contract"}, {"delivered_on"}],
        "same_payment": [{"customer", "customer_key", "customer_domain", "contract"}, {"amount"}, {"received_on"}],
    }
    return [key for key in KINDS[job.kind].keys if all(part & codes for part in parts.get(key, [{key}]))]


@service("exchange.import")
def choose_matching(actor: Actor, job_id: int, /, **options: Any) -> ImportJob:
    """Choose match keys, what to do with a match, and how dates, numbers and empty cells are read (see OPTIONS).

    Raises UnknownCurrency, TimeZoneUnknown, TeamCannotOwn.
    """
    job = _set_up(actor, job_id)
    for name, value in options.items():
        if name not in OPTIONS:
            raise TypeError(f"not an option of an import: {name}")
        setattr(job, name, value)
    by_any = KINDS[job.kind].is_known_by_any_key
    job.match_keys = [key for key in usable_keys(job) if by_any or key in job.match_keys]
    job.on_match, job.name_order = OnMatch(job.on_match), NameOrder(job.name_order)
    if job.time_zone and job.time_zone not in available_timezones():
        raise TimeZoneUnknown(name=job.time_zone)
    if job.team_id is not None and not members_who_sell(job.team_id, on=job.created_at.date()):
        raise TeamCannotOwn
    if job.currency:
        job.currency = check_currency(job.currency)
    _changed(job)
    job.save_changes(*OPTIONS, "status", "counts", "checked_at")
    return job


@service("exchange.import")
def reconcile(actor: Actor, job_id: int, *, decisions: Mapping[str, Mapping[str, Mapping[str, str]]]) -> ImportJob:
    """Decide about values that name nothing known: {target: {value: {"do": …, "to": name}}}; '*' is the rest."""
    job = _set_up(actor, job_id)
    job.reconciled = {
        code: {same(value): dict(decision) for value, decision in values.items() if decision.get("do")}
        for code, values in decisions.items()
    }
    _changed(job)
    job.save_changes("reconciled", "status", "counts", "checked_at")
    return job


@service("exchange.import")
def request_check(actor: Actor, job_id: int, *, at: dt.datetime) -> ImportJob:
    """Start the dry run; rows that were checked and not changed since are not checked again. Raises JobNotReady."""
    job = _set_up(actor, job_id)
    if not job.total or not job.mapping:
        raise JobNotReady(status=job.get_status_display())
    check_rights(actor, job)
    job.status, job.beat_at, job.trouble, job.stop_requested = JobStatus.CHECKING, at, "", False
    job.progress = job.rows.exclude(verdict="").count()
    job.save_changes("status", "beat_at", "trouble", "stop_requested", "progress")
    return job


@service("exchange.import")
def request_run(actor: Actor, job_id: int, *, at: dt.datetime) -> ImportJob:
    """Start the import, or carry on with one that stopped, paused or had failing rows corrected. Raises JobNotReady."""
    job = lock(ImportJob.objects.visible_to(actor), job_id)
    startable = (*SETTING_UP, JobStatus.STOPPED, JobStatus.PAUSED, JobStatus.DONE)
    if job.status not in startable or not job.total or not job.mapping:
        raise JobNotReady(status=job.get_status_display())
    check_rights(actor, job)
    job.status, job.beat_at, job.trouble, job.stop_requested = JobStatus.RUNNING, at, "", False
    job.started_at = job.started_at or at
    job.progress = job.rows.exclude(status=RowStatus.PENDING).count()
    job.save_changes("status", "beat_at", "trouble", "stop_requested", "started_at", "progress")
    _remember(actor, job, at)
    return job


@service("exchange.import")
def request_stop(actor: Actor, job_id: int) -> ImportJob:
    """Ask a dry run or run to stop after the batch it is at; what is written stays until it is undone."""
    job = lock(ImportJob.objects.visible_to(actor), job_id)
    if job.status not in (JobStatus.CHECKING, JobStatus.RUNNING):
        raise JobNotReady(status=job.get_status_display())
    job.stop_requested = True
    job.save_changes("stop_requested")
    return job


@service("exchange.undo")
def request_undo(actor: Actor, job_id: int, *, at: dt.datetime) -> ImportJob:
    """Start taking an import back. Raises UndoNotPossible, JobNotReady while it runs, PermissionRefused when the actor
    may not write such records.
    """
    job = lock(ImportJob.objects.visible_to(actor), job_id)
    check_rights(actor, job)
    if job.is_busy:
        raise JobNotReady(status=job.get_status_display())
    if not job.rows.filter(status__in=[RowStatus.CREATED, RowStatus.UPDATED]).exists() and not job.extras.exists():
        raise UndoNotPossible
    job.status, job.beat_at, job.trouble, job.progress = JobStatus.UNDOING, at, "", 0
    job.save_changes("status", "beat_at", "trouble", "progress")
    return job


@service("exchange.import")
def discard_import(actor: Actor, job_id: int) -> None:
    """Throw away an import that has not written anything. Raises JobNotReady."""
    job = lock(ImportJob.objects.visible_to(actor), job_id)
    if not job.is_unfinished:
        raise JobNotReady(status=job.get_status_display())
    throw_away(job)


def _set_up(actor: Actor, job_id: int) -> ImportJob:
    job = lock(ImportJob.objects.visible_to(actor), job_id)
    if not job.is_unfinished:
        raise JobNotReady(status=job.get_status_display())
    return job


def _changed(job: ImportJob) -> None:
    """A changed choice makes an earlier dry run worthless."""
    job.rows.exclude(verdict="").update(verdict="", reasons=[])
    job.status, job.checked_at = JobStatus.UPLOADED, None
    job.counts = {part: counts for part, counts in job.counts.items() if part != "check"}


def _remembered(actor: Actor, job: ImportJob) -> None:
    known = SavedMapping.objects.filter(user_id=actor.pk, kind=job.kind, signature=signature(job.headers)).first()
    if known is None:
        job.mapping = {str(c): code for c, code in propose_mapping(KINDS[job.kind], job.headers).items()}
        job.match_keys = usable_keys(job)[: None if KINDS[job.kind].is_known_by_any_key else 1]
        return
    job.mapping = known.choices["mapping"]
    for name in REMEMBERED:
        if name != "mode":
            setattr(job, name, known.choices.get(name, getattr(job, name)))
    if job.owner_id is not None and not User.objects.filter(pk=job.owner_id, is_active=True).exists():
        job.owner_id = None
    if job.team_id is not None and not Team.objects.filter(pk=job.team_id, is_active=True).exists():
        job.team_id = None


def _remember(actor: Actor, job: ImportJob, at: dt.datetime) -> None:
    if actor.pk is None:
        return
    choices = {"mapping": job.mapping} | {name: getattr(job, name) for name in REMEMBERED}
    SavedMapping.objects.update_or_create(
        user_id=actor.pk,
        kind=job.kind,
        signature=signature(job.headers),
        defaults={"choices": choices, "used_at": at},
    )
