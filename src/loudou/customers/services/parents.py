"""The tree of parent companies stays a tree."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from loudou.customers.errors import ParentCycle
from loudou.customers.models import Customer
from loudou.customers.models.customer import PARENTS_LOCK

_ANCESTORS = """
    WITH RECURSIVE above(id, parent_id, name) AS (
        SELECT id, parent_id, name FROM customers_customer WHERE id = ANY(%s)
        UNION
        SELECT parent.id, parent.parent_id, parent.name
        FROM customers_customer parent JOIN above ON parent.id = above.parent_id
    )
    SELECT id, parent_id, name FROM above
"""


class ParentTree:
    """The parents above some companies, kept in step while a batch moves companies."""

    def __init__(self, parents: dict[int, int | None], names: dict[int, str]) -> None:
        self._parents = parents
        self._names = names

    @classmethod
    def locked_above(cls, ids: Iterable[int | None]) -> ParentTree:
        """Read all companies above these with one statement, while nobody else may move one. Empty: no statement."""
        wanted = sorted({pk for pk in ids if pk is not None})
        if not wanted:
            return cls({}, {})
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PARENTS_LOCK])
            cursor.execute(_ANCESTORS, [wanted])
            rows = cursor.fetchall()
        return cls({pk: parent for pk, parent, _ in rows}, {pk: name for pk, _, name in rows})

    def move(self, customer: Customer) -> ParentCycle | None:
        """Take note of a company's new parent, or refuse when the company would stand above itself."""
        step: int | None = customer.parent_id
        while step is not None:
            if step == customer.pk:
                return ParentCycle(parent=self._names.get(customer.parent_id or 0, ""), customer=customer.name)
            step = self._parents.get(step)
        self._parents[customer.pk] = customer.parent_id
        return None
