"""Finding customers and contacts by what somebody typed.

A common word matches 100,000 rows, of which nobody wants more than a few. So a search gathers at most a few hundred
candidates from the trigram index, and beside them those whose name begins with the words, from a btree; only these are
ranked: the same name first, then names that begin so, then the rest.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TypeVar

from django.db.models import Case, IntegerField, Model, Q, QuerySet, Value, When
from django.db.models.functions import Length, Lower

from loudou.core.actors import Actor
from loudou.core.searchtext import matches
from loudou.customers.models import Contact, Customer
from loudou.customers.namekey import NameKey
from loudou.customers.registration import normalize_name, normalize_phone

CANDIDATES = 200
M = TypeVar("M", bound=Model)
_PHONE = re.compile(r"\+?[\d\s().\-]{6,24}")


def search_customers(actor: Actor, query: str, *, limit: int) -> list[Customer]:
    """Visible customers that hold every word of the query, the best match first (one indexed statement)."""
    words = _searchable(query)
    if not words:
        return []
    visible = Customer.objects.visible_to(actor).order_by()
    key = "".join(filter(str.isalnum, unicodedata.normalize("NFKC", words).lower()))
    same_name = Q(name_key=NameKey(Value(words)))
    begins = Q(name_key__startswith=key) if key else Q(pk__in=())
    named = visible.filter(same_name | begins)
    best = Case(
        When(Q(name__iexact=words) | Q(short_name__iexact=words) | Q(credit_code__iexact=words), then=0),
        When(same_name, then=1),
        When(begins | Q(short_name__istartswith=words), then=2),
        default=3,
        output_field=IntegerField(),
    )
    rows = _among(Customer.objects.all(), named, visible.filter(matches(words)))
    rows = rows.select_related("owner").defer("search_text", "name_key", "owner__search_text")
    return list(rows.alias(best=best).order_by("best", Length("name"), "name", "pk")[:limit])


def search_contacts(actor: Actor, query: str, *, limit: int) -> list[Contact]:
    """Visible contacts that hold every word of the query, the best match first (one indexed statement)."""
    words = _searchable(query)
    if not words:
        return []
    visible = Contact.objects.visible_to(actor).present().order_by()
    named = visible.alias(lower_name=Lower("name")).filter(lower_name__startswith=words.lower())
    best = Case(
        When(name__iexact=words, then=0),
        When(name__istartswith=words, then=1),
        default=2,
        output_field=IntegerField(),
    )
    rows = _among(Contact.objects.all(), named, visible.filter(matches(words)))
    rows = rows.select_related("owner").defer("search_text", "owner__search_text")
    return list(rows.alias(best=best).order_by("best", Length("name"), "name", "pk")[:limit])


def _searchable(query: str) -> str:
    """The words as they are stored: a phone number loses its spaces and dashes."""
    words = normalize_name(unicodedata.normalize("NFKC", query))
    return normalize_phone(words) if _PHONE.fullmatch(words) else words


def _among(rows: QuerySet[M], named: QuerySet[M], matching: QuerySet[M]) -> QuerySet[M]:
    """Rows among the candidates, each branch cut off before anything is sorted."""
    candidates = named.values("pk")[:CANDIDATES].union(matching.values("pk")[:CANDIDATES])
    return rows.filter(pk__in=candidates)
