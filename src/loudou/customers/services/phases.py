"""Moving the phases of many customers by single statements: when days pass, when rules change, and to repair."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db import connection

from loudou.core.actors import Actor
from loudou.core.verbs import service
from loudou.customers import phase_sql
from loudou.customers.choices import PhaseCause
from loudou.customers.selectors.rules import rules
from loudou.customers.services.following import Days

_LOCK = """
    SELECT id FROM customers_customer WHERE id IN (
        SELECT customer.id FROM customers_customer customer
        JOIN ({derived}) derived ON derived.customer_id = customer.id WHERE derived.phase <> customer.phase
    ) ORDER BY id FOR NO KEY UPDATE
"""

# What time turned last: the latest day, not after today, on which an expected signing came within the horizon or
# passed, an instalment was missed, or a late payment ceased to count. `phases.turned_on` says the same.
_TURNED = """
    SELECT max(day) FROM customers_standingevidence held CROSS JOIN LATERAL (VALUES
        (CASE WHEN held.kind = 'intent' THEN held.settled_on + %(horizon)s + 1 END),
        (CASE WHEN held.kind = 'intent' AND held.settled_on IS NULL THEN held.due_on - %(horizon)s END),
        (CASE WHEN held.kind = 'intent' AND held.settled_on IS NULL THEN held.due_on + 1 END),
        (CASE WHEN held.kind <> 'intent' AND held.settled_on IS NULL
              THEN held.due_on + coalesce(customer.grace_days, %(grace)s) + 1 END),
        (CASE WHEN held.kind <> 'intent' AND held.due_on IS NOT NULL THEN held.settled_on + %(late)s::int + 1 END)
    ) turns(day) WHERE held.customer_id = customer.id AND day <= %(today)s
"""

_FOLLOW = """
    WITH moving AS MATERIALIZED (
        SELECT customer.id, customer.phase AS from_phase, derived.phase AS to_phase,
               greatest(customer.phase_since, {at}) AS at
        FROM customers_customer customer
        JOIN ({derived}) derived ON derived.customer_id = customer.id
        WHERE derived.phase <> customer.phase
    ), told AS (
        INSERT INTO customers_phasechange
            (customer_id, from_phase, to_phase, at, recorded_at, actor_id, cause, evidence_id)
        SELECT id, from_phase, to_phase, at, %(now)s, %(actor)s, %(cause)s,
               (SELECT max(evidence.id) FROM customers_evidence evidence
                WHERE evidence.customer_id = moving.id AND evidence.id > %(told_after)s)
        FROM moving ORDER BY id
    )
    UPDATE customers_customer customer SET phase = moving.to_phase, phase_since = moving.at
    FROM moving WHERE moving.id = customer.id
"""


@service("customers.configure")
def follow_time(actor: Actor, *, at: dt.datetime) -> int:
    """Move the phases that changed by the mere passing of time, and return how many. Run daily; twice is once."""
    return follow_rules(at=at, cause=PhaseCause.TIME)


def follow_rules(
    *,
    at: dt.datetime,
    cause: PhaseCause,
    among: Collection[int] | None = None,
    actor_id: int | None = None,
    told_after: int | None = None,
) -> int:
    """Let the phases of customers, all or some, follow from what holds, the rules and the day; return how many moved.

    Not a verb of its own: the calling service holds the transaction. Customers whose phase is right are neither locked
    nor written. What time did is dated to the day on which it did so, anything else to `at`. With `told_after` the
    change names the newest evidence of the customer after that id as what caused it.
    """
    days, ours = Days(at), rules()
    narrowed = "true" if among is None else "customer.id = ANY(%(among)s)"
    values: dict[str, Any] = phase_sql.parameters(ours, today=days.today) | {
        "among": None if among is None else sorted(among),
        "now": at,
        "zone": str(days.zone),
        "actor": actor_id,
        "cause": str(cause),
        "told_after": told_after,
    }
    turned = f"coalesce(({_TURNED})::timestamp AT TIME ZONE %(zone)s, %(now)s)"
    with connection.cursor() as cursor:
        cursor.execute(_LOCK.format(derived=phase_sql.derived(phase_sql.STANDING, among=narrowed)), values)
        values["among"] = [pk for (pk,) in cursor.fetchall()]
        if not values["among"]:
            return 0
        derived = phase_sql.derived(phase_sql.STANDING, among="customer.id = ANY(%(among)s)")
        moment = turned if cause == PhaseCause.TIME else "%(now)s"
        cursor.execute(_FOLLOW.format(at=moment, derived=derived), values)
        moved: int = cursor.rowcount
        return moved
