"""The record of an export: what is taken is written down before the first byte leaves, and how it ended after the last.

Both are events of the audit, which is append-only: `exported`, and `export_ended` with the number of the first. No
transaction is open in between, however long the stream takes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import structlog
from django.db import Error as DatabaseError

from loudou.core import audit
from loudou.people.choices import EventCode, ExportOutcome
from loudou.people.services.events import record_event

if TYPE_CHECKING:
    from loudou.core.actors import Actor

log = structlog.get_logger(__name__)

Clock = Callable[[], dt.datetime]


class ExportRecord:
    """What is written down about one export; it counts the rows that are read and is closed once."""

    def __init__(self, actor: Actor, *, facts: dict[str, Any], at: dt.datetime, now: Clock) -> None:
        self._actor, self._now, self._origin = actor, now, audit.origin()
        self._begun = record_event(actor, EventCode.EXPORTED, at=at, details=facts)
        self._is_open, self._list = True, facts["list"]
        self.rows = 0
        self.bytes = 0

    def counted(self, rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
        """The same rows, counted."""
        for row in rows:
            self.rows += 1
            yield row

    def end(self, outcome: ExportOutcome) -> None:
        """Write down how it ended, the first time. The request is over by then: where it came from is remembered.

        A database that is gone cannot be written to: whoever has the file keeps it, and the record has no end.
        """
        if not self._is_open:
            return
        self._is_open = False
        details = {"list": self._list, "outcome": outcome.value, "rows": self.rows, "bytes": self.bytes}
        origin = self._origin
        try:
            with audit.source(origin.get("source", ""), request_id=origin.get("request", ""), ip=origin.get("ip")):
                record_event(
                    self._actor, EventCode.EXPORT_ENDED, at=self._now(), details=details, object_id=self._begun.pk
                )
        except DatabaseError:
            log.exception("export_end_not_recorded", export=self._begun.pk, **details)


class RecordedChunks(Iterator[bytes]):
    """A file on its way whose end is written down, whatever ends it: its last byte, a mistake, a reader who left."""

    def __init__(self, chunks: Generator[bytes], record: ExportRecord) -> None:
        self._chunks, self._record = chunks, record

    def __next__(self) -> bytes:
        """The next piece."""
        try:
            chunk = next(self._chunks)
        except StopIteration:
            self._record.end(ExportOutcome.FINISHED)
            raise
        except Exception:
            self._record.end(ExportOutcome.FAILED)
            raise
        self._record.bytes += len(chunk)
        return chunk

    def close(self) -> None:
        """Called by the server when the answer is over: before its last byte, the reader has left."""
        self._record.end(ExportOutcome.BROKEN_OFF)
        self._chunks.close()
