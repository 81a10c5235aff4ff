"""Carrying out one batch of rows: read, resolve, match, decide, write, and say of every row what became of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from psycopg.types.json import Jsonb

from loudou.core.actors import Actor
from loudou.core.bulk import RowUpdate
from loudou.exchange.choices import Mode, OnMatch, RowStatus
from loudou.exchange.models import ImportJob, ImportRow
from loudou.exchange.services.directory import MANY, Directory
from loudou.exchange.services.grouping import group_key, join, key_columns, others_of_group, share_facts
from loudou.exchange.services.kinds import WRITERS, Writer
from loudou.exchange.services.owning import OwnerRule
from loudou.exchange.services.parsing import Parsed, Parser, orders_of_dates
from loudou.exchange.services.references import Context, resolve, sentences
from loudou.exchange.services.staging import distinct_values, proven_date_order
from loudou.exchange.values.texts import same

_MARK = """
    UPDATE exchange_importrow AS r
    SET {column} = v.status, reasons = ARRAY(SELECT jsonb_array_elements_text(v.reasons)),
        target_id = v.target_id, version_left = v.version_left, before = v.before, needs_link = v.needs_link
    FROM unnest(%s::bigint[], %s::text[], %s::jsonb[], %s::bigint[], %s::int[], %s::jsonb[], %s::bool[])
         AS v(id, status, reasons, target_id, version_left, before, needs_link)
    WHERE r.id = v.id
"""


@dataclass(slots=True)
class Result:
    """What became of a row."""

    parsed: Parsed
    status: str
    reasons: list[str] = field(default_factory=list)
    target_id: int | None = None
    version_left: int | None = None
    before: dict[str, Any] | None = None


class Session:
    """One run, or dry run, of an import: what is read once and serves every batch."""

    def __init__(self, job: ImportJob, actor: Actor, *, at: dt.datetime, dry: bool = False) -> None:
        self.job = job
        orders = orders_of_dates(job, lambda column: proven_date_order(job, column))
        self.context = Context(actor, at, Parser(job, date_orders=orders), Directory(actor), dry=dry)
        self.writer: Writer = WRITERS[job.kind](self.context)
        makes_another = job.on_match == OnMatch.CREATE and not self.context.parser.kind.is_known_by_any_key
        self.keys: list[str] = [] if makes_another else list(job.match_keys)
        self.seen: dict[tuple[str, str], int] = {}
        self.in_file = self._names_in_file()
        self.owners = OwnerRule(job, on=at.date())
        self.group_key = group_key(job, self.context.parser.kind)
        self.group_columns = key_columns(job, self.writer.key_codes(self.group_key)) if self.group_key else []

    def _names_in_file(self) -> frozenset[str]:
        targets = {code: int(column) for column, code in self.job.mapping.items() if code}
        if self.writer.links_later not in targets or "name" not in targets:
            return frozenset()
        return frozenset(same(name) for name, _often in distinct_values(self.job, targets["name"]))

    def carry_out(self, rows: Sequence[ImportRow]) -> list[Result]:
        """Write a batch through the services, in the transaction that is open; one result per row."""
        self.context.extras.clear()
        self.context.made.clear()
        batch = self.context.parser.parse(rows)
        resolve(self.context, batch, links_later=self.writer.links_later, in_file=self.in_file)
        self.writer.screen(batch)
        results = {p.row.number: Result(p, RowStatus.SKIPPED, [p.skip]) for p in batch if p.skip}
        heads = self._records([parsed for parsed in batch if not parsed.skip])
        self.writer.prepare(heads)
        fresh = self._without_repeats(self._without_problems(heads, results), results)
        matched = self.writer.match(fresh, self.keys)
        self._decide(fresh, matched, results)
        for head in heads:
            _tell_parts(head, results)
        return [results[parsed.row.number] for parsed in batch]

    def waiting(self, *, dry: bool, most: int) -> list[ImportRow]:
        """The next rows to be tried or written, in the order of the file.

        They are completed by what they need from further down: rows they take back, and those of the same records.
        """
        rows = ImportRow.objects.filter(job=self.job).order_by("number")
        rows = rows.filter(verdict="") if dry else rows.filter(status=RowStatus.PENDING)
        found = list(rows[:most])
        if named := self.writer.originals.named_by(found) - {row.number for row in found}:
            found += rows.filter(number__in=named)
        if found and self.group_columns:
            found += rows.filter(pk__in=others_of_group(self.job, found, self.group_columns))
        return sorted(found, key=lambda row: row.number)

    def _records(self, batch: Sequence[Parsed]) -> list[Parsed]:
        """One row per record: each row itself, or the first of those that belong together."""
        if not self.group_key:
            for parsed in batch:
                parsed.parts = [parsed]
            return list(batch)
        heads = join(batch, lambda parsed: next(iter(self.writer.key_texts(parsed, self.group_key)), ""))
        for head in heads:
            if len(head.parts) > 1:
                share_facts(head, self.context.parser.kind)
        return heads

    def link(self, rows: Sequence[ImportRow]) -> None:
        """Set the references that had to wait; a failure is added to the row's reasons, its record stays."""
        code = self.writer.links_later
        batch = [parsed for parsed in self.context.parser.parse(rows) if code in parsed.named]
        for parsed in batch:
            parsed.problems.clear()
        resolve(self.context, batch)
        found = [parsed for parsed in batch if code in parsed.values and parsed.row.target_id]
        outcomes = self.writer.link([(parsed.row.target_id or 0, parsed.values[code]) for parsed in found])
        for parsed, outcome in zip(found, outcomes, strict=True):
            row: Any = outcome.row
            if row is not None:
                parsed.row.version_left = row.version
            elif outcome.refusal is not None:
                parsed.problems += sentences(outcome.refusal, self.writer.labels())
        for waiting in rows:
            waiting.needs_link = False
        for parsed in batch:
            parsed.row.reasons = [*parsed.row.reasons, *parsed.problems]
        ImportRow.objects.bulk_update(rows, ["needs_link", "reasons", "version_left"])

    def take_back(self) -> None:
        """Forget what a dry run made: it was rolled back."""
        for reference, name in self.context.made:
            self.context.directory.forget(reference, name)

    def _without_problems(self, heads: Sequence[Parsed], results: dict[int, Result]) -> list[Parsed]:
        """Leave out records of which some row cannot be read or contradicts another."""
        good = []
        for head in heads:
            if any(part.problems for part in head.parts):
                results[head.row.number] = Result(head, RowStatus.FAILED, head.problems)
            else:
                good.append(head)
        return good

    def _without_repeats(self, batch: Sequence[Parsed], results: dict[int, Result]) -> list[Parsed]:
        """Leave out rows whose key an earlier row of the file already has."""
        fresh = []
        for parsed in batch:
            number = parsed.row.number
            keys = [(key, same(text)) for key in self.keys for text in self.writer.key_texts(parsed, key) if text]
            earlier = next((self.seen[key] for key in keys if self.seen.get(key, number) != number), None)
            if earlier is not None:
                results[number] = Result(parsed, RowStatus.SKIPPED, [_repeats(earlier)])
                continue
            self.seen.update(dict.fromkeys(keys, number))
            fresh.append(parsed)
        return fresh

    def _decide(self, batch: Sequence[Parsed], matched: dict[int, int], results: dict[int, Result]) -> None:
        ids = {pk for pk in matched.values() if pk != MANY}
        own = dict(
            ImportRow.objects.filter(job=self.job, target_id__in=ids, status=RowStatus.CREATED).values_list(
                "target_id", "number"
            )
        )
        known = self.writer.known(ids) if ids else {}
        to_create: list[Parsed] = []
        to_update: list[tuple[Parsed, Any, dict[str, Any]]] = []
        for parsed in batch:
            number = parsed.row.number
            pk = matched.get(number)
            if pk is None:
                if result := self._refuse_new(parsed):
                    results[number] = result
                else:
                    to_create.append(parsed)
            elif pk == MANY:
                results[number] = Result(
                    parsed, RowStatus.FAILED, [_("Several records match this row. Match by another key.")]
                )
            elif pk in own:
                results[number] = Result(parsed, RowStatus.SKIPPED, [_repeats(own[pk])])
            elif self.job.mode == Mode.CREATE or self.job.on_match in (OnMatch.SKIP, OnMatch.CREATE):
                results[number] = Result(
                    parsed, RowStatus.SKIPPED, [_("Already known: %(name)s.") % {"name": known[pk]}]
                )
            elif changes := self._changes(parsed, known[pk]):
                to_update.append((parsed, known[pk], changes))
            else:
                results[number] = Result(parsed, RowStatus.SKIPPED, [_("Nothing to change.")])
        # Known records first: they are locked before the customers that new ones have something to say about.
        self._update(to_update, results)
        self._create(to_create, results)

    def _refuse_new(self, parsed: Parsed) -> Result | None:
        if self.job.mode == Mode.UPDATE:
            return Result(parsed, RowStatus.SKIPPED, [_("No known record matches this row.")])
        if missing := self.writer.missing(parsed):
            sentence = _("%(field)s is missing.")
            return Result(parsed, RowStatus.FAILED, [sentence % {"field": target.label} for target in missing])
        return None

    def _changes(self, parsed: Parsed, known: Any) -> dict[str, Any]:
        """What the row really changes; with UPDATE_EMPTY only where nothing is."""
        only_empty = self.job.on_match == OnMatch.UPDATE_EMPTY
        changes = {}
        for column, value in self.writer.changes(parsed).items():
            present = getattr(known, column)
            if present == value or (only_empty and present not in (None, "", [])):
                continue
            changes[column] = value
        return changes | ({} if only_empty else self.writer.beside(parsed, known))

    def _create(self, batch: Sequence[Parsed], results: dict[int, Result]) -> None:
        if not batch:
            return
        if self.context.parser.kind.has("owner"):
            self.owners.fill(batch)
        labels = self.writer.labels()
        for parsed, outcome in zip(batch, self.writer.create(batch), strict=True):
            if outcome.row is None:
                assert outcome.refusal is not None  # noqa: S101 - an outcome holds a row or a refusal
                results[parsed.row.number] = Result(parsed, RowStatus.FAILED, sentences(outcome.refusal, labels))
            else:
                made = self.writer.made(outcome.row)
                results[parsed.row.number] = Result(
                    parsed,
                    RowStatus.CREATED,
                    parsed.remarks,
                    target_id=made.pk,
                    version_left=made.version,
                    before=made.before,
                )

    def _update(self, found: Sequence[tuple[Parsed, Any, dict[str, Any]]], results: dict[int, Result]) -> None:
        if not found:
            return
        labels = self.writer.labels()
        versions = {known.pk: known.version for _parsed, known, _changes in found}
        remembered = self.writer.remember([(known, changes) for _parsed, known, changes in found])
        updates = [RowUpdate(known.pk, changes) for _parsed, known, changes in found]
        outcomes = self.writer.update(updates)
        for (parsed, known, _changes), before, outcome in zip(found, remembered, outcomes, strict=True):
            number = parsed.row.number
            row: Any = outcome.row
            if outcome.refusal is not None:
                results[number] = Result(parsed, RowStatus.FAILED, sentences(outcome.refusal, labels))
            elif not self.writer.has_changed(row, versions[known.pk]) and not self.context.extras:
                results[number] = Result(parsed, RowStatus.SKIPPED, [_("Nothing to change.")])
            else:
                results[number] = Result(
                    parsed,
                    RowStatus.UPDATED,
                    parsed.remarks,
                    target_id=known.pk,
                    version_left=row.version,
                    before=before,
                )


def _tell_parts(head: Parsed, results: dict[int, Result]) -> None:
    """Say of the other rows of a record what became of it."""
    told = results[head.row.number]
    if told.status == RowStatus.FAILED and not told.reasons:
        told.reasons = [_refused_with(next(part for part in head.parts if part.problems))]
    for part in head.parts[1:]:
        if told.status == RowStatus.FAILED:
            reasons = part.problems or [_refused_with(head)]
            results[part.row.number] = Result(part, RowStatus.FAILED, reasons)
        elif told.status == RowStatus.SKIPPED:
            results[part.row.number] = Result(part, RowStatus.SKIPPED, told.reasons)
        else:
            results[part.row.number] = Result(part, RowStatus.LINE, part.remarks, target_id=told.target_id)


def _refused_with(other: Parsed) -> str:
    return _("Row %(number)s about the same record is refused.") % {"number": other.row.number}


def mark(results: Sequence[Result], *, dry: bool) -> None:
    """Write down what became of the rows, with one statement."""
    rows = [
        (
            r.parsed.row.pk,
            str(r.status),
            Jsonb(r.reasons),
            None if dry else r.target_id,
            None if dry else r.version_left,
            None if dry or r.before is None else Jsonb(r.before),
            r.parsed.row.needs_link and not dry,
        )
        for r in results
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            _MARK.format(column="verdict" if dry else "status"), [list(column) for column in zip(*rows, strict=True)]
        )


def _repeats(number: int) -> str:
    return _("Row %(number)s of the file is about the same record. Only that one is loaded.") % {"number": number}
