"""The funnel phase of many customers by one statement, said a second time and independently of `phases.phase_of`.

Tasks and bulk acts use it where millions of rows are too many for Python, and `loudou check` to prove what is stored.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from loudou.customers.models.rules import CustomerRules

NEWEST = """
    SELECT * FROM (
        SELECT DISTINCT ON (customer_id, kind, subject_model, subject_id)
               customer_id, kind, subject_model, subject_id, subject_label, at, due_on, settled_on, holds, id
        FROM customers_evidence
        ORDER BY customer_id, kind, subject_model, subject_id, id DESC
    ) newest WHERE holds
"""
"""What holds, read from the evidence itself."""

STANDING = "SELECT customer_id, kind, subject_model, subject_id, due_on, settled_on FROM customers_standingevidence"
"""What holds, read from the copy."""


def derived(held: str, *, among: str = "true") -> str:
    """Return the statement that yields `(customer_id, phase)` of customers, from what holds (NEWEST or STANDING).

    `among` narrows the customers, by the name `customer`. It takes the parameters of `parameters`.
    """
    return f"""
        SELECT customer.id AS customer_id, CASE
            WHEN contract.is_paid AND facts.is_unpunctual THEN 4
            WHEN contract.is_paid THEN 5
            WHEN contract.customer_id IS NOT NULL OR facts.has_intent THEN 3
            WHEN facts.has_need THEN 2
            WHEN facts.has_segment THEN 1
            ELSE 0
        END AS phase
        FROM customers_customer customer
        LEFT JOIN (
            SELECT held.customer_id,
                   bool_or(held.kind = 'segment_match') AS has_segment,
                   bool_or(held.kind = 'need_verified') AS has_need,
                   bool_or(held.kind = 'intent' AND CASE
                       WHEN held.settled_on IS NOT NULL THEN %(today)s <= held.settled_on + %(horizon)s
                       WHEN held.due_on IS NOT NULL
                       THEN held.due_on BETWEEN %(today)s AND %(today)s + %(horizon)s
                       ELSE false
                   END) AS has_intent,
                   bool_or(held.kind = 'instalment' AND held.due_on IS NOT NULL AND CASE
                       WHEN held.settled_on IS NULL
                       THEN held.due_on + coalesce(owner.grace_days, %(grace)s) < %(today)s
                       ELSE held.settled_on - held.due_on > coalesce(owner.grace_days, %(grace)s)
                            AND (%(late)s::int IS NULL OR %(today)s <= held.settled_on + %(late)s::int)
                   END) AS is_unpunctual
            FROM ({held}) held JOIN customers_customer owner ON owner.id = held.customer_id
            GROUP BY held.customer_id
        ) facts ON facts.customer_id = customer.id
        LEFT JOIN (
            SELECT customer_id, bool_or(is_paid) AS is_paid FROM (
                SELECT customer_id, bool_or(kind = 'first_instalment_received') AS is_paid FROM ({held}) held
                WHERE kind IN ('contract_signed', 'first_instalment_received', 'refunded')
                GROUP BY customer_id, subject_model, subject_id
                HAVING bool_or(kind = 'contract_signed') AND NOT bool_or(kind = 'refunded')
            ) one GROUP BY customer_id
        ) contract ON contract.customer_id = customer.id
        WHERE {among}
    """  # noqa: S608 - put together from constants


def parameters(rules: CustomerRules, *, today: dt.date) -> dict[str, Any]:
    """Values for `derived`: the thresholds and the day."""
    return {
        "today": today,
        "horizon": rules.horizon_days,
        "grace": rules.grace_days,
        "late": rules.late_counts_days,
    }
