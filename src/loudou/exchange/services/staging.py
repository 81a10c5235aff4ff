"""Bringing the rows of a file into the database, where every later step finds them cheaply."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection, transaction

from loudou.core.outages import room_for_the_database
from loudou.exchange.choices import DateOrder
from loudou.exchange.errors import FileEmpty, RoomRunsOut
from loudou.exchange.models import ImportJob, ImportRow
from loudou.exchange.services.uploads import table_of
from loudou.exchange.values.dates import AMBIGUOUS

_COPY = """
    COPY exchange_importrow (job_id, number, cells, verdict, status, reasons, needs_link) FROM STDIN
"""
_PROVES = """
    SELECT bool_or(part[1]::int > 12), bool_or(part[2]::int > 12)
    FROM exchange_importrow, regexp_match(cells[%s], %s) AS part
    WHERE job_id = %s AND part IS NOT NULL
"""
_EMPTY: list[str] = []

RESERVE = 192 * 2**20
"""Bytes that an import leaves free: a batch and what others save meanwhile, and room to recover in."""

LOOK_EVERY = 1000  # rows, between two looks at the disk


def require_room() -> None:
    """Leave the last of the disk to everybody's work. Raises RoomRunsOut."""
    if not room_for_the_database(RESERVE):
        raise RoomRunsOut


def stage_rows(job: ImportJob) -> int:
    """Read the file into rows, in one transaction, replacing those of an earlier reading; returns how many.

    Raises FileEmpty, EncodingWrong, FileUnreadable, FileTooCostly, RoomRunsOut.
    """
    table = table_of(job)
    with transaction.atomic():
        ImportRow.objects.filter(job=job).delete()
        count = 0
        with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            for number, cells in table.rows():
                if count % LOOK_EVERY == 0:
                    require_room()
                copy.write_row((job.pk, number, cells, "", "pending", _EMPTY, False))
                count += 1
        if not count:
            raise FileEmpty(name=job.file_name)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE exchange_importrow")
    return count


def samples(job: ImportJob, most: int = 3) -> list[list[str]]:
    """For each column a few values that are not empty, from the first rows."""
    found: list[list[str]] = [[] for _header in job.headers]
    for cells in ImportRow.objects.filter(job=job).order_by("number").values_list("cells", flat=True)[:200]:
        for column, cell in enumerate(cells[: len(found)]):
            text = cell.strip()
            if text and len(found[column]) < most and text not in found[column]:
                found[column].append(text[:60])
    return found


def distinct_values(job: ImportJob, column: int) -> Iterator[tuple[str, int]]:
    """Every value of a column that is not empty, with how often it occurs, most frequent first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT value, count(*) FROM exchange_importrow, btrim(cells[%s]) AS value
            WHERE job_id = %s AND value <> '' GROUP BY value ORDER BY count(*) DESC, value
            """,
            [column + 1, job.pk],
        )
        yield from cursor.fetchall()


def proven_date_order(job: ImportJob, column: int) -> str | None:
    """The order of day and month that a column itself proves, by a number above 12; None when it doesn't."""
    with connection.cursor() as cursor:
        cursor.execute(_PROVES, [column + 1, AMBIGUOUS, job.pk])
        first_is_day, second_is_day = cursor.fetchone()
    if first_is_day:
        return DateOrder.DMY
    return DateOrder.MDY if second_is_day else None
