"""Every place where a person is named: by the modules' declarations and by their keepers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection, models
from django.db.models import Q

from loudou.core import personal_data
from loudou.core.personal_data import Declaration, Person, Place, Treatment

MOST_DOUBTFUL = 50
"""Of records that nothing ties to the person but a name, so many are shown of each kind."""

AROUND = 60


def places_of(person: Person) -> list[Place]:
    """Where the person is named outside its own fields: first what is surely meant, in order of kinds and numbers.

    Records that nothing but an equal name ties to the person are doubtful (`is_sure` is false); of what is kept anyway,
    only sure places are told. One pass over each table that may name contacts: seconds in a large installation.
    """
    personal_data.load()
    found: list[Place] = []
    for label in sorted(personal_data.DECLARATIONS):
        declaration = personal_data.DECLARATIONS[label]
        if declaration.named(Treatment.SEARCHED, Treatment.KEPT):
            found += _named_in(declaration, person)
    for name in sorted(personal_data.KEEPERS):
        found += personal_data.KEEPERS[name].find(person)
    return sorted(found, key=lambda place: (not place.is_sure, place.label, place.pk, place.field))


def tied_ids(declaration: Declaration, person: Person, among: Iterable[int] | None = None) -> set[int]:
    """Rows of a model that lead to the contact, such as the opportunities it takes part in."""
    if not declaration.ties:
        return set()
    model = personal_data.models_to_decide()[declaration.label]
    tied = Q()
    for lookup in declaration.ties:
        tied |= Q(**{lookup: person.contact_id}) if isinstance(lookup, str) else lookup(person.contact_id)
    rows = model._base_manager.filter(tied)
    if among is not None:
        rows = rows.filter(pk__in=list(among))
    return set(rows.order_by().values_list("pk", flat=True))


def shown(places: Iterable[Place]) -> str:
    """Digest of what a preview showed, so that an erasure can tell whether that is still so."""
    lines = sorted(f"{place.key}={place.text}" for place in places)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]


def _named_in(declaration: Declaration, person: Person) -> Iterator[Place]:
    model = personal_data.models_to_decide()[declaration.label]
    names = declaration.named(Treatment.SEARCHED, Treatment.KEPT)
    ids = _matching(model, names, person.pattern)
    if not ids:
        return
    tied, doubtful = tied_ids(declaration, person, ids), 0
    for row in model._base_manager.filter(pk__in=ids).order_by("pk").values("pk", *names):
        for name in names:
            text = as_text(row[name])
            match = person.finds.search(text)
            if match is None:
                continue
            is_sure = row["pk"] in tied or bool(person.identifies.search(text))
            treatment = declaration.fields[name]
            if not is_sure:
                doubtful += 1
                if treatment == Treatment.KEPT or doubtful > MOST_DOUBTFUL:
                    continue
            excerpt = _around(text, match.start(), match.end())
            yield Place(declaration.label, row["pk"], name, treatment, excerpt, is_sure, declaration.because)


def _matching(model: type[models.Model], names: Iterable[str], pattern: str) -> list[int]:
    quote, table = connection.ops.quote_name, connection.ops.quote_name(model._meta.db_table)
    columns = ", ".join(f"{quote(personal_data.column_of(model, name))}::text" for name in names)
    statement = f"SELECT id FROM {table} WHERE concat_ws(E'\\n', {columns}) ~* %s ORDER BY id"  # noqa: S608 - names of ours
    with connection.cursor() as cursor:
        cursor.execute(statement, [pattern])
        return [pk for (pk,) in cursor.fetchall()]


def as_text(value: Any) -> str:
    """A value as text to search: lists and objects as JSON."""
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value)


def _around(text: str, start: int, end: int) -> str:
    before, after = max(start - AROUND, 0), min(end + AROUND, len(text))
    cut = " ".join(text[before:after].split())
    return f"{'…' if before else ''}{cut}{'…' if after < len(text) else ''}"
