"""The rows of a file that others of it take back: the receipt of a refund, the invoice of a red one, a delivery."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

from django.db import connection

from loudou.exchange.choices import RowStatus
from loudou.exchange.models import ImportJob, ImportRow
from loudou.exchange.values.texts import tidy

_NAMED = """
    SELECT cells[%(number)s], number FROM exchange_importrow
    WHERE job_id = %(job)s AND btrim(cells[%(number)s]) IN (
        SELECT btrim(cells[%(names)s]) FROM exchange_importrow WHERE job_id = %(job)s AND btrim(cells[%(names)s]) <> ''
    )
"""


class Originals:
    """Where in its file stands what a row takes back by its number; read once for a dry run or run.

    Such a row belongs into the batch of the row that names it: in a later one it would not be posted yet.
    """

    def __init__(self, job: ImportJob, names: str) -> None:
        self.job = job
        columns = {code: int(column) for column, code in job.mapping.items() if code}
        self._names, self._number = columns.get(names), columns.get("number")

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        if self._names is None or self._number is None:
            return {}
        facts = {"job": self.job.pk, "number": self._number + 1, "names": self._names + 1}
        places: dict[str, list[int]] = defaultdict(list)
        with connection.cursor() as cursor:
            cursor.execute(_NAMED, facts)
            for text, place in cursor.fetchall():
                places[tidy(text)].append(place)
        return dict(places)

    def named_by(self, rows: Iterable[ImportRow]) -> set[int]:
        """Numbers of the rows of the file that these rows take back."""
        column = self._names
        if column is None or not self._places:
            return set()
        named = {tidy(row.cells[column]) for row in rows if column < len(row.cells)}
        return {place for name in named for place in self._places.get(name, ())}

    def was_tried(self, name: str) -> bool:
        """Whether a dry run found a row of this number good in another batch, which it rolled back."""
        places = self._places.get(name)
        if not places:
            return False
        return ImportRow.objects.filter(job=self.job, number__in=places, verdict=RowStatus.CREATED).exists()
