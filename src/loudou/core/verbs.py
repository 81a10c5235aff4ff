"""How a change is made: `@service` makes a verb atomic, checks its permission, and tells the audit who acts."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import models, transaction
from django.db.models.expressions import Expression

from loudou.core import audit
from loudou.core.actors import Actor
from loudou.core.refusals import InvalidInput, NotVisible, PermissionRefused, StaleWrite

P = ParamSpec("P")
R = TypeVar("R")
A = TypeVar("A", bound=Actor)
M = TypeVar("M", bound=models.Model)

SERVICES: dict[str, str] = {}
"""Every service by dotted name with the permission it asks for; the documentation test and the docs read it."""


def service(permission: str) -> Callable[[Callable[Concatenate[A, P], R]], Callable[Concatenate[A, P], R]]:
    """Make a function a service: actor first, one transaction, `permission` checked, the actor bound to the audit.

    Raises PermissionRefused when the actor's roles do not include `permission`.
    """

    def decorate(function: Callable[Concatenate[A, P], R]) -> Callable[Concatenate[A, P], R]:
        SERVICES[f"{function.__module__}.{function.__qualname__}"] = permission

        @functools.wraps(function)
        def run(actor: A, /, *args: P.args, **kwargs: P.kwargs) -> R:
            if not actor.has_permission(permission):
                raise PermissionRefused
            with transaction.atomic():
                audit.bind(actor)
                return function(actor, *args, **kwargs)

        return run

    return decorate


def lock(queryset: models.QuerySet[M], pk: Any) -> M:
    """Lock one row of an already scoped queryset (FOR NO KEY UPDATE) and return it fresh. Raises NotVisible."""
    try:
        return queryset.select_for_update(no_key=True, of=("self",)).get(pk=pk)
    except (ObjectDoesNotExist, ValueError, OverflowError):
        raise NotVisible from None


def lock_all(queryset: models.QuerySet[M], pks: Iterable[Any]) -> list[M]:
    """Lock rows in primary-key order, so that two callers can never wait for each other."""
    return list(queryset.select_for_update(no_key=True, of=("self",)).filter(pk__in=list(pks)).order_by("pk"))


def check_version(row: models.Model, version: int | None) -> None:
    """Refuse a write that was based on an older version of the row. None means the caller did not read it first."""
    if version is not None and row.version != version:  # type: ignore[attr-defined]
        raise StaleWrite(row)


def validate(row: models.Model, *, exclude: Iterable[str] = ()) -> None:
    """Run the model's own validation, database constraints included, and raise InvalidInput with its sentences."""
    try:
        row.full_clean(exclude=set(exclude))
    except ValidationError as error:
        raise _at_their_fields(row, InvalidInput.from_validation(error)) from error


def _at_their_fields(row: models.Model, refusal: InvalidInput) -> InvalidInput:
    """Put the sentence of a constraint over one column beside that field; Django says it of the whole record."""
    homes = {
        str(constraint.violation_error_message): columns.pop()
        for constraint in row._meta.constraints
        if isinstance(constraint, models.UniqueConstraint) and len(columns := _columns(constraint)) == 1
    }
    errors: dict[str, list[str]] = {}
    for field, sentences in refusal.errors.items():
        for sentence in sentences:
            errors.setdefault(field or homes.get(sentence, ""), []).append(sentence)
    return InvalidInput(errors)


def _columns(constraint: models.UniqueConstraint) -> set[str]:
    """Names of the columns that a constraint makes unique, also through an expression such as Lower("name")."""
    parts: list[object] = []
    for expression in constraint.expressions:
        parts += expression.flatten() if isinstance(expression, Expression) else [expression]
    return {*constraint.fields, *(part.name for part in parts if isinstance(part, models.F))}  # type: ignore[attr-defined]
