"""The group a company belongs to: parents above it, everything below the one at the top, at any depth."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from django.db import connection

from loudou.core.actors import Actor
from loudou.customers.models import Customer

MOST_MEMBERS = 200
"""Members of a group that are read; a larger group says that there are more."""

_GROUP = """
    WITH RECURSIVE above(id, parent_id) AS (
        SELECT id, parent_id FROM customers_customer WHERE id = %s
        UNION
        SELECT parent.id, parent.parent_id FROM customers_customer parent JOIN above ON parent.id = above.parent_id
    ), members(id, parent_id, name, city) AS (
        SELECT id, parent_id, name, city FROM customers_customer WHERE id IN (SELECT id FROM above)
        UNION
        SELECT child.id, child.parent_id, child.name, child.city
        FROM customers_customer child JOIN members ON child.parent_id = members.id
    )
    SELECT id, parent_id, name, city FROM members LIMIT %s
"""
"""The line upwards comes first, then generation by generation: reading stops at the limit, however large the group."""


@dataclass(slots=True)
class Kin:
    """One company of a group, with those directly below it in order of their names."""

    pk: int
    name: str
    city: str
    is_visible: bool
    """Whether the reader may open it; a parent of somebody they see is named either way."""
    is_here: bool
    children: list[Kin] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Family:
    """The company at the top of a group, and whether the group is larger than what was read."""

    top: Kin
    has_more: bool


def family_of(actor: Actor, customer: Customer) -> Family | None:
    """The group of a visible customer as far as the actor sees it; None for a company by itself (two statements)."""
    with connection.cursor() as cursor:
        cursor.execute(_GROUP, [customer.pk, MOST_MEMBERS + 1])
        rows: list[tuple[int, int | None, str, str]] = cursor.fetchall()
    members = rows[:MOST_MEMBERS]
    if len(members) <= 1:
        return None
    found = Customer.objects.visible_to(actor).filter(pk__in=[pk for pk, *_ in members])
    visible = set(found.values_list("pk", flat=True))
    kin = {pk: Kin(pk, name, city, pk in visible, pk == customer.pk) for pk, _parent, name, city in members}
    below: dict[int, list[Kin]] = defaultdict(list)
    for pk, parent, *_ in members:
        below[parent or 0].append(kin[pk])
    (top,) = below[0]
    _arrange(top, below)
    return Family(top, has_more=len(rows) > MOST_MEMBERS) if top.children else None


def _arrange(kin: Kin, below: dict[int, list[Kin]]) -> bool:
    """Hang up the children; tell whether the actor sees the company or one below it, or came for it."""
    for child in sorted(below[kin.pk], key=lambda one: one.name):
        if _arrange(child, below):
            kin.children.append(child)
    return kin.is_visible or kin.is_here or bool(kin.children)
