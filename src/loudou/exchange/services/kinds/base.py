"""What all kinds share: matching rows with records by keys, and telling what an update changes."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext as _

from loudou.core.bulk import Outcome, RowUpdate
from loudou.exchange.models import ImportRow
from loudou.exchange.services.directory import MANY
from loudou.exchange.services.kinds.repeats import tried_before
from loudou.exchange.services.originals import Originals
from loudou.exchange.services.parsing import Parsed
from loudou.exchange.services.references import Context
from loudou.exchange.targets import Target
from loudou.exchange.values.texts import same


@dataclass(frozen=True, slots=True)
class Memory:
    """What an undo needs to know of a record an import changed: the version it left, and what was there before."""

    pk: int
    version: int
    before: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Made:
    """What a row keeps of the record it made: its id, the version it was left in, and what else an undo must know."""

    pk: int
    version: int | None = None
    before: dict[str, Any] | None = None


class Writer:
    """Writes the rows of one kind: a subclass says which fields there are, how keys are found, which services write."""

    model: ClassVar[type[models.Model]]
    plain: ClassVar[tuple[str, ...]] = ()
    """Targets that are fields of the same name."""

    ids: ClassVar[Mapping[str, str]] = {}
    """Targets that are foreign keys: target code -> column."""

    belongings: ClassVar[frozenset[str]] = frozenset()
    """Rows that an import itself writes under a record, so that they go with it; anything else somebody added since."""

    computed: ClassVar[Mapping[str, str]] = {"customers.evidence": "kind = 'segment_match'"}
    """Of these belongings only such rows (a condition in SQL) follow by themselves; others tell what somebody did."""

    batch: ClassVar[int] = 1000
    """How many rows make a batch at most: fewer where each row is posted by itself, so that the page shows progress."""

    links_later: ClassVar[str] = ""
    """Target whose record may come from a later row of the same file."""

    takes_back: ClassVar[str] = ""
    """Target that names, by its number, a record of the same kind that the row takes back."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.originals = Originals(context.parser.job, self.takes_back)

    def visible(self) -> models.QuerySet[Any]:
        """Records the actor may see."""
        manager: Any = self.model._default_manager
        rows: models.QuerySet[Any] = manager.all().visible_to(self.context.actor)
        return rows

    def known(self, ids: Iterable[int]) -> dict[int, Any]:
        """Known records by id, with what `beside` compares."""
        return self.visible().in_bulk(list(ids))

    def was_tried(self, name: str) -> bool:
        """Whether only the run finds the original that a row names: it was tried in a batch that is rolled back."""
        return bool(name) and self.context.dry and self.originals.was_tried(name)

    def waits_for_run(self, head: Parsed, *codes: str) -> bool:
        """Whether only the run finds the original of a row that names none (`tried_before`); the row then says so."""
        if not self.context.dry or not tried_before(self.context.parser.job, head.row.number, codes):
            return False
        head.remarks.append(
            _("What it takes back is in an earlier row of this file; the import finds it when it runs.")
        )
        return True

    def prepare(self, batch: Sequence[Parsed]) -> None:
        """Complete values that depend on others of the same row; problems go to the row."""

    def screen(self, batch: Sequence[Parsed]) -> None:
        """Say of rows that are none of our business why they are skipped (`parsed.skip`)."""

    @classmethod
    def key_codes(cls, key: str) -> frozenset[str]:
        """Targets whose cells make up a match key."""
        return frozenset({key})

    def missing(self, parsed: Parsed) -> list[Target]:
        """Targets that a new record needs and the row does not say."""
        return [
            target for target in self.context.parser.kind.targets if target.required and not parsed.text(target.code)
        ]

    def match(self, batch: Sequence[Parsed], keys: Iterable[str]) -> dict[int, int]:
        """Row number -> id of the known record, or MANY; the first key that finds one counts."""
        found: dict[int, int] = {}
        for key in keys:
            open_rows = [parsed for parsed in batch if parsed.row.number not in found]
            texts = {
                parsed.row.number: [same(text) for text in self.key_texts(parsed, key) if text] for parsed in open_rows
            }
            wanted = {text for each in texts.values() for text in each}
            if not wanted:
                continue
            known: dict[str, set[int]] = defaultdict(set)
            for text, pk in self.find(key, [p for p in open_rows if texts[p.row.number]]):
                known[same(text)].add(pk)
            for number, each in texts.items():
                ids = set().union(*(known.get(text, set()) for text in each))
                if ids:
                    found[number] = ids.pop() if len(ids) == 1 else MANY
        return found

    def key_texts(self, parsed: Parsed, key: str) -> list[str]:
        """What a row says for a key; several texts for a list."""
        value = parsed.values.get(key)
        if value is None:
            return []
        return [str(item) for item in value] if isinstance(value, list) else [str(value)]

    def find(self, key: str, batch: Sequence[Parsed]) -> Iterable[tuple[str, int]]:
        """Known records for a key: pairs of the key's text and the id."""
        raise NotImplementedError

    def changes(self, parsed: Parsed) -> dict[str, Any]:
        """New values by column, for the cells that say something."""
        changed = {code: parsed.values[code] for code in self.plain if code in parsed.values}
        for code, column in self.ids.items():
            if code in parsed.values:
                changed[column] = parsed.values[code]
        for code in parsed.cleared:
            column = code if code in self.plain else self.ids.get(code, "")
            if column and column not in changed:
                changed[column] = _blank(self.model, column)
        return changed

    def beside(self, parsed: Parsed, known: Any) -> dict[str, Any]:
        """What an update changes besides fields of the record, by a name of its own."""
        return {}

    def create(self, batch: Sequence[Parsed]) -> list[Outcome[Any]]:
        """Create records; one outcome per row."""
        raise NotImplementedError

    def made(self, row: Any) -> Made:
        """What the row of the file keeps of a created record. One with something to remember is undone first."""
        return Made(row.pk, row.version)

    def has_changed(self, row: Any, before: int) -> bool:
        """Whether an update changed the record, whose version was `before`."""
        changed: bool = row.version != before
        return changed

    def take_away(self, rows: Sequence[ImportRow]) -> list[str] | None:
        """Undo created records by a verb of their own module: for each row why its record stays, '' when it is gone.

        None when they are deleted like any other records, which needs nothing of the module.
        """
        return None

    def update(self, updates: Sequence[RowUpdate]) -> list[Outcome[Any]]:
        """Change known records; one outcome per update."""
        raise NotImplementedError

    def link(self, pairs: Sequence[tuple[int, int]]) -> list[Outcome[Any]]:
        """Set the reference that had to wait for later rows: pairs of (record, referenced record)."""
        raise NotImplementedError

    def remember(self, found: Sequence[tuple[Any, Mapping[str, Any]]]) -> list[dict[str, Any]]:
        """For each known record and its changes, what `restore` needs to put it back as it is now, as JSON."""
        columns = {*self.plain, *self.ids.values()}
        return [{c: as_json(getattr(known, c)) for c in changes if c in columns} for known, changes in found]

    def restore(self, memories: Sequence[Memory]) -> list[Outcome[Any]]:
        """Put records back as they were remembered; the versions were checked. One outcome per record."""
        if not memories:
            return []
        changes = [{c: self._python(c, value) for c, value in memory.before.items()} for memory in memories]
        return self.update([RowUpdate(m.pk, c, m.version) for m, c in zip(memories, changes, strict=True)])

    def _python(self, column: str, value: Any) -> Any:
        if value is None or isinstance(value, list):
            return value
        field: Any = self.model._meta.get_field(column)
        return field.to_python(value)

    def labels(self) -> dict[str, str]:
        """Labels of targets by field name, for sentences."""
        labels = {target.code: str(target.label) for target in self.context.parser.kind.targets}
        return labels | {column: labels[code] for code, column in self.ids.items() if code in labels}


def _blank(model: type[models.Model], column: str) -> Any:
    field: Any = model._meta.get_field(column)
    if field.null:
        return None
    return field.get_default() if field.has_default() else ""


def as_json(value: Any) -> Any:
    """A field's value as JSON can hold it; the field itself reads it back."""
    if isinstance(value, Decimal | dt.date | dt.datetime):
        return str(value)
    return value
