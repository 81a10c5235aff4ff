"""Bulk is the general case: many rows with few statements, and an outcome for each row.

A service that creates or changes many rows checks in Python what one row can know, then writes them together. When
the database refuses the batch, `write_rows` halves it until the guilty rows stand alone, and each of them gets the
sentence of the constraint it broke; the others are written.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models.expressions import DatabaseDefault
from django.utils.translation import gettext_lazy as _

from loudou.core.copying import update_rows
from loudou.core.refusals import BusinessRefusal, InvalidInput, NotVisible, StaleWrite

M = TypeVar("M", bound=models.Model)
Check = Callable[[M, Sequence[str]], BusinessRefusal | None]
"""A module's own rule about a changed row: takes the row and the names of the changed fields."""


@dataclass(frozen=True, slots=True)
class Outcome(Generic[M]):
    """What became of one item of a bulk: the row, or the refusal that says why there is none."""

    row: M | None = None
    refusal: BusinessRefusal | None = None

    def unwrap(self) -> M:
        """Return the row, or raise the refusal."""
        if self.refusal is not None:
            raise self.refusal
        if self.row is None:
            raise TypeError("an outcome holds a row or a refusal")
        return self.row


@dataclass(frozen=True, slots=True)
class RowUpdate:
    """Changes to one existing row: new values by field name, and the version they are based on, if it was read."""

    pk: int
    changes: Mapping[str, Any] = field(default_factory=dict)
    version: int | None = None


def clean_row(row: models.Model, *, only: frozenset[str] | None = None) -> InvalidInput | None:
    """Check the plain fields of a row (or `only` some) without any statement; foreign keys are the service's business.

    It does what `Model.clean_fields` does, and remembers sound values by field: in a bulk the same currency, stage or
    day comes a thousand times.
    """
    errors: dict[str, list[ValidationError]] = {}
    for plain, sound in _plain_fields(type(row)):
        if only is not None and plain.name not in only:
            continue
        value = getattr(row, plain.attname)
        if (plain.blank and value in plain.empty_values) or isinstance(value, DatabaseDefault):
            continue
        known = (value.__class__, value) if isinstance(value, _REMEMBERED) else None
        if known is not None and known in sound:
            continue
        try:
            cleaned = plain.clean(value, row)
        except ValidationError as error:
            errors[plain.name] = error.error_list
            continue
        setattr(row, plain.attname, cleaned)
        if known is not None and known == (cleaned.__class__, cleaned):
            if len(sound) >= _MOST_REMEMBERED:
                sound.clear()
            sound.add(known)
    return InvalidInput.from_validation(ValidationError(errors)) if errors else None


_REMEMBERED = (str, int, dt.date)
"""Not Decimal: 1.0 and 1.00000 are equal, but only one of them may have too many places."""

_MOST_REMEMBERED = 1000


@lru_cache(maxsize=256)
def _plain_fields(model: type[models.Model]) -> list[tuple[Any, set[Any]]]:
    """Fields of a model that are neither keys of other records nor generated, each with its sound values."""
    plain = (each for each in model._meta.fields if not isinstance(each, models.ForeignKey))
    return [(each, set()) for each in plain if not each.generated]


def write_rows(rows: Sequence[M], write: Callable[[Sequence[M]], Any]) -> dict[int, InvalidInput]:
    """Write rows in one savepoint; when a constraint is broken, halve until the guilty rows stand alone.

    Returns refusals by position in `rows`; rows without one are written. Needs an open transaction.
    """
    return dict(_write(rows, write, offset=0)) if rows else {}


def _write(rows: Sequence[M], write: Callable[[Sequence[M]], Any], *, offset: int) -> list[tuple[int, InvalidInput]]:
    try:
        with transaction.atomic():
            write(rows)
    except IntegrityError as error:
        if len(rows) == 1:
            return [(offset, constraint_refusal(rows[0], error))]
        middle = len(rows) // 2
        return [
            *_write(rows[:middle], write, offset=offset),
            *_write(rows[middle:], write, offset=offset + middle),
        ]
    return []


def constraint_refusal(row: models.Model, error: IntegrityError) -> InvalidInput:
    """Turn a broken constraint into its own sentence, at its field when it has just one."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    for constraint in row._meta.constraints:
        if constraint.name == name:
            fields: tuple[str, ...] = getattr(constraint, "fields", ())
            return InvalidInput({fields[0] if len(fields) == 1 else "": [str(constraint.violation_error_message)]})
    raise error


def insert_rows(rows: Sequence[M]) -> list[Outcome[M]]:
    """Insert rows of one model, leaving out those that break a rule; outcomes come in the order of `rows`.

    Needs an open transaction.
    """
    refusals = {place: refusal for place, row in enumerate(rows) if (refusal := clean_row(row)) is not None}
    clean = [place for place in range(len(rows)) if place not in refusals]
    broken = write_rows([rows[place] for place in clean], lambda part: type(part[0])._default_manager.bulk_create(part))
    refusals |= {clean[place]: refusal for place, refusal in broken.items()}
    return [Outcome(refusal=refusals[i]) if i in refusals else Outcome(row=row) for i, row in enumerate(rows)]


def create_rows(
    rows: Sequence[M], refusals: Mapping[int, BusinessRefusal], write: Callable[[Sequence[M]], Any]
) -> list[Outcome[M]]:
    """Write the rows that have no refusal yet (by position) and return one outcome per row, in order."""
    refused: dict[int, BusinessRefusal] = dict(refusals)
    places = [place for place in range(len(rows)) if place not in refused]
    for position, refusal in write_rows([rows[place] for place in places], write).items():
        refused[places[position]] = refusal
    return [Outcome(refusal=refused[place]) if place in refused else Outcome(row=row) for place, row in enumerate(rows)]


def change_rows(
    locked: Iterable[M],
    updates: Sequence[RowUpdate],
    *,
    changeable: Iterable[str],
    normalize: Callable[[str, Any], Any],
    check: Check[M],
    at: dt.datetime,
) -> list[Outcome[M]]:
    """Apply updates to locked rows of a Versioned model with one UPDATE; one outcome per update, in order.

    Refused rows keep their old values; rows that do not change are not written.
    """
    rows: dict[int, M] = {row.pk: row for row in locked}
    allowed = set(changeable)
    refusals: dict[int, BusinessRefusal] = {}
    changed: dict[int, set[str]] = {}
    for place, update in enumerate(updates):
        row = rows.get(update.pk)
        if row is None:
            refusals[place] = NotVisible()
            continue
        outcome = _change(row, update, allowed, normalize, check)
        if isinstance(outcome, BusinessRefusal):
            refusals[place] = outcome
        elif outcome:
            changed.setdefault(update.pk, set()).update(outcome)
    broken = _write_changes([rows[pk] for pk in changed], set().union(*changed.values()), at)
    return [
        Outcome(refusal=refusals.get(place) or broken[update.pk])
        if place in refusals or update.pk in broken
        else Outcome(row=rows[update.pk])
        for place, update in enumerate(updates)
    ]


def _change(
    row: M, update: RowUpdate, allowed: set[str], normalize: Callable[[str, Any], Any], check: Check[M]
) -> list[str] | BusinessRefusal:
    """Put the new values on the row and return the names of the changed fields, or restore it and say why not."""
    unknown = set(update.changes) - allowed
    if unknown:
        return InvalidInput({name: [_("This field cannot be changed.")] for name in sorted(unknown)})
    if update.version is not None and row.version != update.version:  # type: ignore[attr-defined]
        return StaleWrite(row)
    before = {name: getattr(row, name) for name in update.changes}
    for name, value in update.changes.items():
        setattr(row, name, normalize(name, value))
    refusal: BusinessRefusal | None = clean_row(row)
    changed = [name for name, old in before.items() if getattr(row, name) != old]
    refusal = refusal or (check(row, changed) if changed else None)
    if refusal is not None:
        for name, old in before.items():
            setattr(row, name, old)
        return refusal
    return changed


def _write_changes(rows: Sequence[M], fields: set[str], at: dt.datetime) -> dict[int, BusinessRefusal]:
    """Write the rows with their versions counted up; refusals by primary key."""
    if not rows:
        return {}
    for row in rows:
        row.version += 1  # type: ignore[attr-defined]
        row.updated_at = at  # type: ignore[attr-defined]
    names = {*fields, "version", "updated_at"}
    broken = write_rows(rows, lambda part: update_rows(part, names))
    return {rows[position].pk: refusal for position, refusal in broken.items()}
