"""What `loudou check` proves about customers."""

from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.translation import gettext_lazy as _

from loudou.core import clock
from loudou.core.checks import Finding, check
from loudou.core.rates import company
from loudou.customers import phase_sql
from loudou.customers.choices import EvidenceKind
from loudou.customers.models import Customer, Segment, StandingEvidence
from loudou.customers.selectors.rules import rules

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


@check("customers.standing_evidence", _("What holds for a customer is the newest evidence of each kind and record."))
def standing_evidence() -> Iterator[Finding]:
    """Yield customers for whom the copy of what holds differs from the evidence."""
    return _findings(
        f"""
        SELECT DISTINCT coalesce(newest.customer_id, standing.customer_id) AS id
        FROM ({phase_sql.NEWEST}) newest
        FULL JOIN customers_standingevidence standing ON standing.evidence_id = newest.id
        WHERE newest.id IS NULL OR standing.id IS NULL
           OR (standing.customer_id, standing.kind, standing.subject_model, standing.subject_id, standing.due_on,
               standing.settled_on)
              IS DISTINCT FROM
              (newest.customer_id, newest.kind, newest.subject_model, newest.subject_id, newest.due_on,
               newest.settled_on)
        ORDER BY id
        """,  # noqa: S608 - put together from constants
        _("What holds for it differs from its newest evidence."),
    )


@check("customers.phase", _("Each customer's phase is the one that follows, today, from its evidence."))
def phase() -> Iterator[Finding]:
    """Derive all phases from the evidence and yield customers whose stored phase differs."""
    today = clock.now().astimezone(ZoneInfo(company().time_zone)).date()
    return _findings(
        f"""
        SELECT customer.id FROM customers_customer customer
        JOIN ({phase_sql.derived(phase_sql.NEWEST)}) derived ON derived.customer_id = customer.id
        WHERE derived.phase <> customer.phase ORDER BY customer.id
        """,  # noqa: S608 - put together from constants
        _("Its phase is not the one that follows from its evidence."),
        phase_sql.parameters(rules(), today=today),
    )


@check(
    "customers.phase_history",
    _("Each customer's phase is the one that its history ends with, and each change continues the one before."),
)
def phase_history() -> Iterator[Finding]:
    """Yield customers whose history of phases has a gap, runs backwards or ends elsewhere."""
    return _findings(
        """
        WITH chain AS (
            SELECT customer_id, from_phase, to_phase, at,
                   lag(to_phase) OVER w AS phase_before, lag(at) OVER w AS at_before,
                   row_number() OVER (PARTITION BY customer_id ORDER BY id DESC) AS place
            FROM customers_phasechange WINDOW w AS (PARTITION BY customer_id ORDER BY id)
        )
        SELECT customer_id AS id FROM chain
        WHERE from_phase <> coalesce(phase_before, 0) OR at < at_before OR from_phase = to_phase
        UNION
        SELECT customer.id FROM customers_customer customer
        LEFT JOIN chain ON chain.customer_id = customer.id AND chain.place = 1
        WHERE (customer.phase, customer.phase_since) IS DISTINCT FROM (coalesce(chain.to_phase, 0), chain.at)
        ORDER BY id
        """,
        _("Its phase is not the one that the history of its phases ends with."),
    )


@check("customers.segments", _("Who belongs to a segment in use is exactly who matches its rule."))
def segments() -> Iterator[Finding]:
    """Yield customers that match and do not belong, or the other way round."""
    belong = StandingEvidence.objects.filter(kind=EvidenceKind.SEGMENT_MATCH)
    for segment in Segment.objects.order_by("pk"):
        matching = (
            Customer.objects.filter(segment.conditions.condition()) if segment.is_active else Customer.objects.none()
        )
        here = belong.filter(subject_id=segment.pk).values("customer_id")
        wrong = {*matching.exclude(pk__in=here).values_list("pk", flat=True)}
        wrong |= {*here.exclude(customer__in=matching.order_by().values("pk")).values_list("customer_id", flat=True)}
        for pk in sorted(wrong):
            yield Finding(
                f"customers.customer {pk}", _("It belongs to segments that it does not match, or the reverse.")
            )


@check("customers.hold", _("A customer is on supply hold exactly while some source holds it."))
def hold() -> Iterator[Finding]:
    """Yield customers whose hold differs from the history of holds."""
    return _findings(
        """
        SELECT customer.id FROM customers_customer customer LEFT JOIN (
            SELECT customer_id FROM (
                SELECT DISTINCT ON (customer_id, source) customer_id, is_held FROM customers_holdchange
                ORDER BY customer_id, source, id DESC
            ) newest WHERE is_held GROUP BY customer_id
        ) held ON held.customer_id = customer.id
        WHERE (customer.held_since IS NULL) <> (held.customer_id IS NULL) ORDER BY customer.id
        """,
        _("Its supply hold is not the one that the history of holds ends with."),
    )


def _findings(statement: str, problem: object, parameters: Mapping[str, Any] | None = None) -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        for (pk,) in cursor.fetchall():
            yield Finding(f"customers.customer {pk}", problem)  # type: ignore[arg-type]
