"""Bulk is the general case: many rows with few statements, and an outcome for each row.

A service that creates or changes many rows checks in Python what one row can know, then writes them together. When
the database refuses the batch, `write_rows` halves it until the guilty rows stand alone, and each of them gets the
sentence of the constraint it broke; the others are written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from loudou.core.refusals import BusinessRefusal, InvalidInput

M = TypeVar("M", bound=models.Model)


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


def clean_row(row: models.Model) -> InvalidInput | None:
    """Check the plain fields of a row without any statement; foreign keys are the service's own business."""
    relations = {f.name for f in row._meta.get_fields() if isinstance(f, models.ForeignKey)}
    try:
        row.clean_fields(exclude=relations)
    except ValidationError as error:
        return InvalidInput.from_validation(error)
    return None


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
            fields = getattr(constraint, "fields", ())
            return InvalidInput({fields[0] if len(fields) == 1 else "": [constraint.violation_error_message]})
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
