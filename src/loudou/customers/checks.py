"""What `loudou check` proves about customers."""

from collections.abc import Iterator

from django.db import connection
from django.utils.translation import gettext_lazy as _

from loudou.core.checks import Finding, check

_OWNER = """
    SELECT customer.id FROM customers_customer customer
    LEFT JOIN LATERAL (
        SELECT to_owner_id FROM customers_ownerchange change
        WHERE change.customer_id = customer.id ORDER BY change.at DESC, change.id DESC LIMIT 1
    ) latest ON true
    WHERE customer.owner_id IS DISTINCT FROM latest.to_owner_id
    ORDER BY customer.id
"""
_CIRCLES = """
    WITH RECURSIVE above(start, id) AS (
        SELECT id, parent_id FROM customers_customer WHERE parent_id IS NOT NULL
        UNION
        SELECT above.start, parent.parent_id
        FROM above JOIN customers_customer parent ON parent.id = above.id
        WHERE parent.parent_id IS NOT NULL
    )
    SELECT start FROM above WHERE start = id ORDER BY start
"""


@check("customers.owner", _("Each customer's owner is the one that its owner history ends with."))
def owners() -> Iterator[Finding]:
    """Yield customers whose owner was changed without a line in the history."""
    return _findings(_OWNER, _("The owner is not the one that the owner history ends with."))


@check("customers.parents", _("No customer stands, through any number of steps, above itself."))
def parents() -> Iterator[Finding]:
    """Yield customers in a circle of parent companies."""
    return _findings(_CIRCLES, _("The parent companies form a circle."))


def _findings(statement: str, problem: object) -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        for (pk,) in cursor.fetchall():
            yield Finding(f"customers.customer {pk}", problem)  # type: ignore[arg-type]
