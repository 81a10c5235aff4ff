"""Personal data of contacts in imports: rows and files that brought them, and what is remembered of files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from django.db import transaction
from django.db.models import Q

from loudou.core.blackening import blacken, blacken_whole
from loudou.core.personal_data import BUSINESS_RECORD, Person, Place, Treatment, declare, keep
from loudou.exchange.choices import ObjectKind, RowStatus
from loudou.exchange.models import ImportJob, ImportRow
from loudou.exchange.services.uploads import delete_upload

declare(
    "exchange.importjob",
    plain=("encoding", "delimiter", "mapping", "match_keys", "currency", "time_zone", "counts"),
    searched=("file_name", "headers", "defaults", "reconciled", "trouble"),
    handled=("file",),
)
declare("exchange.importrow", handled=("cells", "reasons", "before"))
declare("exchange.importextra", plain=("label",))
declare("exchange.savedmapping", plain=("signature",), searched=("choices",))
declare("exchange.accountformat", plain=("account", "signature", "headers", "choices"))
declare(
    "exchange.statementfile",
    plain=("encoding", "delimiter", "mapping", "account", "currency"),
    kept=("file", "file_name", "headers"),
    because=BUSINESS_RECORD,
)

SHOWN = 200


def rows_about(person: Person) -> Iterator[Place]:
    """Rows that brought the contact, and rows of any import that name the person."""
    for row in _rows(person):
        text = "\t".join(row.cells)
        sure = _is_the_person(row, person) or bool(person.identifies.search(text))
        yield Place("exchange.importrow", row.pk, "cells", Treatment.HANDLED, text[:SHOWN], sure)


def erase_rows(person: Person, places: Sequence[Place], at: dt.datetime) -> None:
    """Blacken rows: a contact's row as a whole, in others what names the person.

    A row that is still to be imported is emptied instead, so that no contact of that name is made.
    """
    for row in ImportRow.objects.select_for_update().select_related("job").filter(pk__in=[p.pk for p in places]):
        if row.job.kind != ObjectKind.CONTACTS:
            row.cells = blacken(row.cells, person.finds)
        elif row.status == RowStatus.PENDING:
            row.cells = [""] * len(row.cells)
        else:
            row.cells = [blacken_whole(cell) for cell in row.cells]
        row.reasons = blacken(row.reasons, person.finds)
        row.before = None if row.job.kind == ObjectKind.CONTACTS else blacken(row.before, person.finds)
        row.save(update_fields=["cells", "reasons", "before"])


def files_with(person: Person) -> Iterator[Place]:
    """Kept files of imports whose rows are the person's or name it."""
    sure: dict[int, bool] = {}
    for row in _rows(person):
        meant = _is_the_person(row, person) or bool(person.identifies.search("\t".join(row.cells)))
        sure[row.job_id] = sure.get(row.job_id, False) or meant
    for job in ImportJob.objects.exclude(file="").filter(pk__in=sure).order_by("pk"):
        yield Place("exchange.importjob", job.pk, "file", Treatment.HANDLED, job.file_name, sure[job.pk])


def delete_files(person: Person, places: Sequence[Place], at: dt.datetime) -> None:
    """Delete kept files; the rows, blackened, stay, so that the import can still be read and undone."""
    for job in ImportJob.objects.select_for_update(of=("self",)).filter(pk__in=[place.pk for place in places]):
        path = Path(job.file.path)
        job.file = ""
        job.save_changes("file")
        transaction.on_commit(partial(delete_upload, path))


def _rows(person: Person) -> list[ImportRow]:
    brought = Q(job__kind=ObjectKind.CONTACTS, target_id=person.contact_id)
    naming = ImportRow.objects.extra(
        where=["(array_to_string(cells, E'\\t') || array_to_string(reasons, ' ') || coalesce(before::text, '')) ~* %s"],
        params=[person.pattern],
    )
    ids = {
        *naming.order_by().values_list("pk", flat=True),
        *ImportRow.objects.filter(brought).values_list("pk", flat=True),
    }
    return list(ImportRow.objects.filter(pk__in=ids).select_related("job").order_by("pk"))


def _is_the_person(row: ImportRow, person: Person) -> bool:
    return row.job.kind == ObjectKind.CONTACTS and row.target_id == person.contact_id


keep("exchange.importrow", find=rows_about, erase=erase_rows)
keep("exchange.importjob", find=files_with, erase=delete_files)
