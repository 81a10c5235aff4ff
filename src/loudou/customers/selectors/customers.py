"""Questions about customers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Literal

from loudou.core.actors import Actor
from loudou.customers.models import Customer
from loudou.customers.models.customer import CustomerQuerySet

MatchKey = Literal["name", "short_name", "credit_code", "registration_number", "external_id"]


def customer_rows(actor: Actor) -> CustomerQuerySet:
    """Customers the actor may see, with their owners, ready for a list, an export or the API."""
    return Customer.objects.visible_to(actor).select_related("owner", "parent")


def get_customer(actor: Actor, customer_id: int) -> Customer:
    """One customer with its owner and parent company. Raises NotVisible."""
    return customer_rows(actor).get_visible(actor, customer_id)


def customers_by(actor: Actor, key: MatchKey, values: Iterable[str]) -> dict[str, list[int]]:
    """Ids of the visible customers by a matching key, for many values with one statement.

    Values compare without regard to case and outer spaces; the answer's keys are in lower case.
    """
    wanted = {value.strip().lower() for value in values} - {""}
    found: dict[str, list[int]] = defaultdict(list)
    if wanted:
        rows = Customer.objects.visible_to(actor).filter(**{f"{key}__lower__in": wanted}).order_by("pk")
        for pk, value in rows.values_list("pk", key):
            found[value.lower()].append(pk)
    return dict(found)
