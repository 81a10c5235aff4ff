"""Rows about one record, such as the product lines of a sale: bringing them together, and where they disagree."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from loudou.exchange.models import ImportJob, ImportRow
from loudou.exchange.services.parsing import Parsed
from loudou.exchange.targets import Kind
from loudou.exchange.values.texts import same

MOST = 20_000
"""Rows fetched to complete the records of one batch; it bounds memory when a column that repeats is taken for a key."""

_OTHERS = """
    SELECT id FROM exchange_importrow
    WHERE job_id = %s AND id <> ALL(%s) AND {key} IN (
        SELECT {key} FROM exchange_importrow WHERE id = ANY(%s) AND {key} <> ''
    )
    ORDER BY number LIMIT %s
"""


def group_key(job: ImportJob, kind: Kind) -> str:
    """The match key by which rows of this import belong together; '' when each row is a record of its own."""
    if kind.grouped_by:
        return kind.grouped_by
    return job.match_keys[0] if job.rows_are_lines and kind.line_targets and job.match_keys else ""


def key_columns(job: ImportJob, codes: Collection[str]) -> list[int]:
    """Columns of the file (from 0) that hold the parts of the key."""
    return sorted(int(column) for column, code in job.mapping.items() if code in codes)


def others_of_group(job: ImportJob, rows: Sequence[ImportRow], columns: Sequence[int]) -> list[int]:
    """Ids of further rows of the file that have the same key as one of these, in the order of the file."""
    parts = ", ".join(f"btrim(cells[{column + 1}])" for column in columns)
    ids = [row.pk for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(_OTHERS.format(key=f"lower(concat_ws('\x1f', {parts}))"), [job.pk, ids, ids, MOST])
        return [pk for (pk,) in cursor.fetchall()]


def join(batch: Sequence[Parsed], key_of: Callable[[Parsed], str]) -> list[Parsed]:
    """Return one row per record, the first of the file, with all of its rows as `parts`."""
    heads: list[Parsed] = []
    by_key: dict[str, Parsed] = {}
    for parsed in batch:
        key = same(key_of(parsed))
        if key and key in by_key:
            by_key[key].parts.append(parsed)
            continue
        parsed.parts = [parsed]
        heads.append(parsed)
        if key:
            by_key[key] = parsed
    return heads


def share_facts(head: Parsed, kind: Kind) -> None:
    """Give the first row what only others say of the record; where two rows disagree, it is a problem of the later."""
    for target in kind.targets:
        if target.code in kind.line_targets:
            continue
        if target.takes_many:
            _gather(head, target.code)
            continue
        told: Parsed | None = None
        for part in head.parts:
            fact = _fact(part, target.code)
            if fact is None:
                continue
            if told is None:
                told = part
            elif fact != _fact(told, target.code):
                part.problems.append(_disagrees(target.label, part, told, target.code))
        if told is not None and told is not head:
            _take_over(head, told, target.code)


def _gather(head: Parsed, code: str) -> None:
    """What one record may have several of, such as contacts, is what all of its rows say together."""
    found = [value for part in head.parts for value in part.values.get(code, ())]
    if found:
        head.values[code] = list(dict.fromkeys(found))
        head.cleared.discard(code)


def _fact(parsed: Parsed, code: str) -> Any:
    value = parsed.values.get(code)
    if value is None and code in parsed.named:
        return [same(name) for name in parsed.named[code]]
    return value


def _take_over(head: Parsed, told: Parsed, code: str) -> None:
    for theirs, ours in ((told.values, head.values), (told.named, head.named)):
        if code in theirs:
            ours[code] = theirs[code]
    head.cleared.discard(code)


def _disagrees(label: Any, part: Parsed, told: Parsed, code: str) -> str:
    return _("%(field)s: “%(here)s” here, but “%(there)s” in row %(number)s about the same record.") % {
        "field": label,
        "here": _said(part, code),
        "there": _said(told, code),
        "number": told.row.number,
    }


def _said(parsed: Parsed, code: str) -> str:
    if code in parsed.named:
        return "; ".join(parsed.named[code])[:80]
    value = parsed.values[code]
    return str(value[0] if isinstance(value, tuple) else value)[:80]
