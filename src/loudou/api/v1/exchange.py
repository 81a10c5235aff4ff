"""Imports: upload a file, say what its columns are, try, run, watch, stop, undo."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Annotated, Any, Literal

from django.conf import settings
from django.db import models, transaction
from ninja import File, Form, Query, Router
from ninja.files import UploadedFile
from pydantic import Field

from loudou.api.operations import Caller, operation
from loudou.api.paging import BY_ID, PageQuery, Sort, page
from loudou.api.problems import CURRENT
from loudou.api.schemas import Given, Ref, Short, Shown, Stamped
from loudou.core import clock
from loudou.core.refusals import NotVisible
from loudou.exchange import selectors
from loudou.exchange.choices import DateOrder, DecimalMark, EmptyCell, JobStatus, Mode, ObjectKind, OnMatch, RowStatus
from loudou.exchange.models import ImportJob, ImportRow
from loudou.exchange.services import jobs
from loudou.exchange.tasks import carry_on

router = Router(tags=["Imports"])
Cell = Annotated[str, Field(max_length=1000)]
Code = Annotated[str, Field(max_length=60)]
MOST_COLUMNS = 1000


class ImportOut(Stamped):
    """An import and how far it has come. `mapping` names the field of each column, counted from 0."""

    kind: ObjectKind
    mode: Mode
    status: JobStatus
    file_name: str
    file_size: int
    encoding: str
    delimiter: str
    sheet: int
    header_row: int
    headers: list[str]
    mapping: dict[str, str]
    defaults: dict[str, str]
    reconciled: dict[str, Any]
    match_keys: list[str]
    on_match: OnMatch
    empty_cell: EmptyCell
    date_order: DateOrder
    decimal_mark: DecimalMark
    currency: str
    time_zone: str
    total: int
    progress: int
    counts: dict[str, Any]
    checked_at: dt.datetime | None
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    undone_at: dt.datetime | None
    trouble: str
    created_by: Ref | None


class ImportPage(Shown):
    """A page of imports; `next` is the cursor of the next one."""

    items: list[ImportOut]
    next: str | None


class ImportQuery(PageQuery):
    """How to list imports."""

    sort: Literal["id", "-id"] = "-id"


class RowOut(Shown):
    """A row of the file: what became of it and why."""

    number: int
    cells: list[str]
    verdict: str
    status: RowStatus
    reasons: list[str]
    target_id: int | None


class RowPage(Shown):
    """A page of rows; `next` is the cursor of the next one."""

    items: list[RowOut]
    next: str | None


class RowQuery(PageQuery):
    """Which rows."""

    status: RowStatus | None = None
    verdict: RowStatus | None = None


class UploadIn(Given):
    """What the rows of the file are."""

    kind: ObjectKind
    mode: Mode = Mode.BOTH


class ReadingIn(Given):
    """How the file is read, where the guess was wrong."""

    encoding: Annotated[str, Field(max_length=20)] | None = None
    delimiter: Annotated[str, Field(max_length=2)] | None = None
    sheet: Annotated[int, Field(ge=0, le=1000)] | None = None
    header_row: Annotated[int, Field(ge=1, le=1_000_000)] | None = None


class MappingIn(Given):
    """The field of each column, counted from 0, and values for fields without a column."""

    mapping: Annotated[dict[Annotated[int, Field(ge=0, le=MOST_COLUMNS)], Code], Field(max_length=MOST_COLUMNS)]
    defaults: Annotated[dict[Code, Cell], Field(max_length=200)] = {}


class MatchingIn(Given):
    """How known records are found, and how dates, numbers and empty cells are read; what is not sent stays."""

    match_keys: Annotated[list[Code], Field(max_length=20)] = []
    on_match: OnMatch = OnMatch.OVERWRITE
    empty_cell: EmptyCell = EmptyCell.LEAVE
    date_order: DateOrder = DateOrder.AUTO
    decimal_mark: DecimalMark = DecimalMark.POINT
    currency: Annotated[str, Field(max_length=3)] = ""
    time_zone: Annotated[str, Field(max_length=64)] = ""


class DecisionIn(Given):
    """What to do with a value that names nothing known, and the name to take instead."""

    do: Short
    to: Annotated[str, Field(max_length=255)] = ""


class ValuesIn(Given):
    """Decisions by field and value; the value `*` stands for all others."""

    decisions: Annotated[dict[Code, Annotated[dict[Cell, DecisionIn], Field(max_length=1000)]], Field(max_length=200)]


@operation(router, "GET", "/imports", permission="exchange.import", answers=ImportPage)
def list_imports(request: Caller, query: Query[ImportQuery]) -> Any:
    """List imports."""
    items, following = page(selectors.imports(request.user), query=query, sorts=BY_ID, sort=query.sort)
    return {"items": items, "next": following}


@operation(router, "POST", "/imports", permission="exchange.import", answers=ImportOut, status=201)
def upload(request: Caller, body: Form[UploadIn], file: UploadedFile = File(...)) -> Any:  # type: ignore[type-arg]  # noqa: B008
    """Upload a file. How it is read and what its columns mean is guessed, and can be changed before it runs."""
    with transaction.atomic():
        job = jobs.create_import(request.user, kind=body.kind, mode=body.mode)
        job = jobs.attach_file(
            request.user, job.pk, content=file, name=file.name or "", limit_mb=settings.UPLOAD_LIMIT_MB
        )
        return _read(request, job, {})


@operation(router, "GET", "/imports/{int:import_id}", permission="exchange.import", answers=ImportOut)
def show_import(request: Caller, import_id: int) -> Any:
    """Show an import and how far it has come."""
    return _import(request, import_id)


@operation(router, "PUT", "/imports/{int:import_id}/reading", permission="exchange.import", answers=ImportOut)
def choose_reading(request: Caller, import_id: int, body: ReadingIn) -> Any:
    """Read the file with another encoding, separator, sheet or header row."""
    return _read(request, _import(request, import_id), body.model_dump(exclude_none=True))


@operation(router, "PUT", "/imports/{int:import_id}/mapping", permission="exchange.import", answers=ImportOut)
def map_columns(request: Caller, import_id: int, body: MappingIn) -> Any:
    """Say what each column is."""
    return jobs.map_columns(request.user, import_id, mapping=body.mapping, defaults=body.defaults)


@operation(router, "PUT", "/imports/{int:import_id}/matching", permission="exchange.import", answers=ImportOut)
def choose_matching(request: Caller, import_id: int, body: MatchingIn) -> Any:
    """Choose how known records are found and what to do with them."""
    return jobs.choose_matching(request.user, import_id, **body.model_dump(exclude_unset=True))


@operation(router, "PUT", "/imports/{int:import_id}/values", permission="exchange.import", answers=ImportOut)
def reconcile_values(request: Caller, import_id: int, body: ValuesIn) -> Any:
    """Decide about values that name nothing known."""
    return jobs.reconcile(request.user, import_id, decisions=body.model_dump()["decisions"])


@operation(
    router, "POST", "/imports/{int:import_id}/check", permission="exchange.import", answers=ImportOut, status=202
)
def check_import(request: Caller, import_id: int) -> Any:
    """Start the dry run; ask for the import again to see how far it is."""
    return _start(jobs.request_check(request.user, import_id, at=clock.now()))


@operation(router, "POST", "/imports/{int:import_id}/run", permission="exchange.import", answers=ImportOut, status=202)
def run_import(request: Caller, import_id: int) -> Any:
    """Start the import, or carry on with one that stopped."""
    return _start(jobs.request_run(request.user, import_id, at=clock.now()))


@operation(router, "POST", "/imports/{int:import_id}/stop", permission="exchange.import", answers=ImportOut)
def stop_import(request: Caller, import_id: int) -> Any:
    """Stop after the batch it is at; what is written stays until it is undone."""
    return jobs.request_stop(request.user, import_id)


@operation(router, "POST", "/imports/{int:import_id}/undo", permission="exchange.undo", answers=ImportOut, status=202)
def undo_import(request: Caller, import_id: int) -> Any:
    """Start taking an import back."""
    return _start(jobs.request_undo(request.user, import_id, at=clock.now()))


@operation(router, "DELETE", "/imports/{int:import_id}", permission="exchange.import", status=204)
def discard_import(request: Caller, import_id: int) -> None:
    """Throw away an import that has not written anything."""
    jobs.discard_import(request.user, import_id)


@operation(router, "GET", "/imports/{int:import_id}/rows", permission="exchange.import", answers=RowPage)
def list_import_rows(request: Caller, import_id: int, query: Query[RowQuery]) -> Any:
    """List the rows of an import with what became of them."""
    rows = ImportRow.objects.filter(job=_import(request, import_id))
    plain = {"status": query.status, "verdict": query.verdict}
    rows = rows.filter(**{name: value for name, value in plain.items() if value})
    items, following = page(rows, query=query, sorts={"number": Sort("number")}, sort="number")
    return {"items": items, "next": following}


def _import(request: Caller, import_id: int) -> ImportJob:
    found = selectors.imports(request.user).filter(pk=import_id).first()
    if found is None:
        raise NotVisible
    return found


def _read(request: Caller, job: ImportJob, chosen: dict[str, Any]) -> ImportJob:
    guessed = {name: getattr(job, name) for name in ("encoding", "delimiter", "sheet", "header_row")}
    job = jobs.choose_reading(request.user, job.pk, **(guessed | chosen), at=clock.now())
    return _start(job) if job.status == JobStatus.READING else job


def _start(job: ImportJob) -> ImportJob:
    transaction.on_commit(partial(carry_on, job))
    return job


def _show_current(row: models.Model) -> dict[str, Any]:
    return ImportOut.model_validate(row).model_dump(mode="json")


CURRENT[ImportJob] = _show_current
