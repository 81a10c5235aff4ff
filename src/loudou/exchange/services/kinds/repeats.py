"""Telling payments apart that have no number: by all that their rows say, and how often the file says it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from loudou.exchange.choices import RowStatus
from loudou.exchange.models import ImportJob, ImportRow

_OCCURRENCES = """
    SELECT r.number, count(earlier.id) + 1
    FROM exchange_importrow r
    JOIN exchange_importrow earlier
      ON earlier.job_id = r.job_id AND earlier.number < r.number AND earlier.cells = r.cells
    WHERE r.job_id = %s AND r.number = ANY(%s)
    GROUP BY r.number
"""


def occurrences(job_id: int, numbers: Sequence[int]) -> dict[int, int]:
    """For rows of a file that repeat earlier ones to the letter: the how-manieth they are. Others are left out."""
    with connection.cursor() as cursor:
        cursor.execute(_OCCURRENCES, [job_id, list(numbers)])
        return dict(cursor.fetchall())


def tried_before(job: ImportJob, number: int, codes: Sequence[str]) -> bool:
    """Whether a dry run found an earlier row good that says the same of one of these targets, such as the contract.

    A dry run rolls each batch back. What such a row would post is not there when a later batch, or the next dry run,
    looks for the original of something that names none; the run itself will find it.
    """
    columns = {code: int(column) for column, code in job.mapping.items() if code in codes}
    rows = ImportRow.objects.filter(job=job)
    row = rows.get(number=number)
    code = next((code for code in codes if code in columns and _cell(row, columns[code])), None)
    if code is None:
        return False
    good = rows.filter(number__lt=number, verdict=RowStatus.CREATED)
    return good.filter(**{f"cells__{columns[code]}": row.cells[columns[code]]}).exists()


def _cell(row: ImportRow, column: int) -> str:
    return row.cells[column].strip() if column < len(row.cells) else ""


def same_facts(values: Mapping[str, Any], codes: Sequence[str], *, nth: int) -> str:
    """A key that the same payment has in any file: what its row says, and the how-manieth such row it is."""
    said = [f"{code}={_plain(values[code])}" for code in codes if values.get(code) is not None]
    return "import:" + hashlib.sha256("\n".join([*said, str(nth)]).encode()).hexdigest()[:40]


def _plain(value: Any) -> str:
    """Amounts count by their value: 100 and 100.00 are the same."""
    if isinstance(value, tuple):
        return _plain(value[0])
    return f"{value.normalize():f}" if hasattr(value, "normalize") else str(value)
