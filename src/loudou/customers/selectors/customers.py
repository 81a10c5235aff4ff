"""Questions about customers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from django.db import connection
from django.db.models import QuerySet, Value
from django.db.models.functions import Lower

from loudou.core.actors import Actor
from loudou.customers.models import Customer, CustomerFile, CustomerMember, LineParty, OwnerChange
from loudou.customers.models.customer import CustomerQuerySet
from loudou.customers.namekey import NameKey
from loudou.customers.registration import normalize_credit_code, normalize_name

KNOWN_COLUMNS = ("industry", "source", "country", "province", "city")
MOST_VALUES = 500

_JUMPS = """
    (WITH RECURSIVE known(value) AS (
        (SELECT {column} FROM customers_customer WHERE {column} > '' ORDER BY {column} LIMIT 1)
        UNION ALL
        SELECT (SELECT {column} FROM customers_customer
                WHERE {column} > known.value AND {column} > '' ORDER BY {column} LIMIT 1)
        FROM known WHERE known.value IS NOT NULL
    )
    SELECT '{column}', value FROM known WHERE value IS NOT NULL LIMIT 500)
"""

MatchKey = Literal["name", "short_name", "credit_code", "registration_number", "external_id"]


def customer_rows(actor: Actor) -> CustomerQuerySet:
    """Customers the actor may see, with owners and parents, ready for a list, an export or the API."""
    rows = Customer.objects.visible_to(actor).select_related("owner", "parent")
    return rows.defer("search_text", "name_key", "parent__search_text", "parent__name_key", "owner__search_text")


def get_customer(actor: Actor, customer_id: int) -> Customer:
    """One customer with its owner and parent company. Raises NotVisible."""
    return customer_rows(actor).get_visible(actor, customer_id)


def customers_by(actor: Actor, key: MatchKey, values: Iterable[str]) -> dict[str, list[int]]:
    """Ids of the visible customers by a matching key, for many values with one indexed statement.

    Names compare without regard to case and white space, credit codes without spaces and dashes, other keys exactly.
    The answer is keyed by the values as they were given; values that match nothing are left out.
    """
    plain = {value: _comparable(key, value) for value in values}
    wanted = sorted(set(plain.values()) - {""})
    if not wanted:
        return {}
    rows = Customer.objects.visible_to(actor).order_by("pk")
    if key == "name":
        rows = rows.filter(name_key__in=[NameKey(Value(name)) for name in wanted])
        rows = rows.alias(lower_name=Lower("name")).filter(lower_name__in=wanted)
    else:
        rows = rows.filter(**{f"{key}__in": wanted})
    found: dict[str, list[int]] = {}
    for pk, value in rows.values_list("pk", key):
        found.setdefault(_comparable(key, value), []).append(pk)
    return {value: found[comparable] for value, comparable in plain.items() if comparable in found}


def members_of(actor: Actor, customer: Customer) -> QuerySet[CustomerMember]:
    """Colleagues who work on a visible customer beside its owner."""
    members = CustomerMember.objects.filter(customer__in=_this(actor, customer))
    return members.select_related("user").order_by("user__name")


def line_parties_of(actor: Actor, customer: Customer) -> QuerySet[LineParty]:
    """Who pays, decides and benefits per product line; parties the actor does not see show as names only."""
    return LineParty.objects.filter(customer__in=_this(actor, customer)).select_related("line", "party")


def owner_changes_of(actor: Actor, customer: Customer) -> QuerySet[OwnerChange]:
    """Who owned a visible customer since when, the latest first."""
    changes = OwnerChange.objects.filter(customer__in=_this(actor, customer))
    return changes.select_related("from_owner", "to_owner", "actor")


def files_of(actor: Actor, customer: Customer) -> QuerySet[CustomerFile]:
    """Files of a visible customer, the latest first."""
    return CustomerFile.objects.filter(customer__in=_this(actor, customer)).select_related("uploaded_by")


def get_file(actor: Actor, file_id: int) -> CustomerFile | None:
    """A file of a customer the actor sees; None when there is none."""
    return CustomerFile.objects.filter(pk=file_id, customer__in=Customer.objects.visible_to(actor)).first()


def known_values(actor: Actor) -> dict[str, list[str]]:
    """Values that the visible customers have in each of KNOWN_COLUMNS, for choosers (one statement).

    Whoever sees everything gets them by jumping from value to value in an index; others have few rows.
    """
    found: dict[str, list[str]] = {column: [] for column in KNOWN_COLUMNS}
    if actor.reach("customers.customer").everything:
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(_JUMPS.format(column=column) for column in KNOWN_COLUMNS))
            rows = cursor.fetchall()
    else:
        visible = Customer.objects.visible_to(actor).order_by()
        parts = [
            visible.exclude(**{column: ""}).values_list(Value(column), column).distinct()[:MOST_VALUES]
            for column in KNOWN_COLUMNS
        ]
        rows = list(parts[0].union(*parts[1:], all=True))
    for column, value in rows:
        found[column].append(value)
    return {column: sorted(values) for column, values in found.items()}


def _this(actor: Actor, customer: Customer) -> CustomerQuerySet:
    return Customer.objects.visible_to(actor).filter(pk=customer.pk)


def _comparable(key: MatchKey, value: str) -> str:
    if key == "name":
        return normalize_name(value).lower()
    return normalize_credit_code(value) if key == "credit_code" else normalize_name(value)
