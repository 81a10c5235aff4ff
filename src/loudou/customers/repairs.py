"""What `loudou repair` computes anew about customers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from loudou.core import clock
from loudou.core.actors import SYSTEM
from loudou.core.rates import company
from loudou.core.repairs import Columns, Difference, repair
from loudou.customers import checks, phase_sql
from loudou.customers.choices import PhaseCause
from loudou.customers.selectors.rules import rules
from loudou.customers.services.phases import follow_rules
from loudou.customers.services.segments import refresh_segments

CUSTOMER = "customers.customer"

repair("customers.owner", place=10)(
    Columns(
        "customers_customer",
        CUSTOMER,
        ("owner_id",),
        """
        SELECT customer.id, (
            SELECT to_owner_id FROM customers_ownerchange change
            WHERE change.customer_id = customer.id ORDER BY change.at DESC, change.id DESC LIMIT 1
        ) AS owner_id FROM customers_customer customer
        """,
    )
)
repair("customers.hold", place=11)(
    Columns(
        "customers_customer",
        CUSTOMER,
        ("held_since",),
        """
        SELECT customer.id, CASE WHEN held.at IS NOT NULL THEN coalesce(customer.held_since, held.at) END AS held_since
        FROM customers_customer customer LEFT JOIN (
            SELECT customer_id, min(at) AS at FROM (
                SELECT DISTINCT ON (customer_id, source) customer_id, at, is_held FROM customers_holdchange
                ORDER BY customer_id, source, id DESC
            ) newest WHERE is_held GROUP BY customer_id
        ) held ON held.customer_id = customer.id
        """,
    )
)
repair("customers.phase_history", place=80)(
    Columns(
        "customers_customer",
        CUSTOMER,
        ("phase", "phase_since"),
        """
        SELECT customer.id, coalesce(newest.to_phase, 0)::smallint AS phase, newest.at AS phase_since
        FROM customers_customer customer LEFT JOIN LATERAL (
            SELECT to_phase, at FROM customers_phasechange change
            WHERE change.customer_id = customer.id ORDER BY change.id DESC LIMIT 1
        ) newest ON true
        """,
    )
)


@repair("customers.standing_evidence", place=50)
def standing_evidence() -> Iterator[Difference]:
    """Copy what holds from the newest evidence again, for customers where the copy differs."""
    wrong = _ids(checks.standing_evidence())
    before, after = _held(phase_sql.STANDING, wrong), _held(phase_sql.NEWEST, wrong)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM customers_standingevidence WHERE customer_id = ANY(%s)", [wrong])
        cursor.execute(
            f"""
            INSERT INTO customers_standingevidence
                (customer_id, kind, subject_model, subject_id, subject_label, at, due_on, settled_on, evidence_id)
            SELECT customer_id, kind, subject_model, subject_id, subject_label, at, due_on, settled_on, id
            FROM ({phase_sql.NEWEST}) newest WHERE customer_id = ANY(%s)
            """,  # noqa: S608 - put together from constants
            [wrong],
        )
    for customer_id in wrong:
        for key in sorted(before.get(customer_id, set()) ^ after.get(customer_id, set()), key=str):
            name = f"{key[0]} {key[1]} {key[2]}"
            stored = key if key in before.get(customer_id, ()) else None
            yield Difference(f"{CUSTOMER} {customer_id}", name, stored and stored[3:], None if stored else key[3:])


@repair("customers.segments", place=60)
def segments() -> Iterator[Difference]:
    """Compute anew who matches which segment."""
    wrong = _ids(checks.segments())
    before = _held(phase_sql.STANDING, wrong)
    refresh_segments(SYSTEM, at=clock.now())
    after = _held(phase_sql.STANDING, wrong)
    for customer_id in wrong:
        yield Difference(
            f"{CUSTOMER} {customer_id}", "segments", _segments(before, customer_id), _segments(after, customer_id)
        )


@repair("customers.phase", place=90)
def phase() -> Iterator[Difference]:
    """Derive every phase from the evidence; each one that differs goes on in the history as recounted."""
    now, ours = clock.now(), rules()
    today = now.astimezone(ZoneInfo(company().time_zone)).date()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT customer.id, customer.phase, derived.phase FROM customers_customer customer
            JOIN ({phase_sql.derived(phase_sql.STANDING)}) derived ON derived.customer_id = customer.id
            WHERE derived.phase <> customer.phase ORDER BY customer.id
            """,  # noqa: S608 - put together from constants
            phase_sql.parameters(ours, today=today),
        )
        rows = cursor.fetchall()
    follow_rules(at=now, cause=PhaseCause.RECOUNT)
    for pk, stored, derived in rows:
        yield Difference(f"{CUSTOMER} {pk}", "phase", stored, derived)


def _ids(findings: Any) -> list[int]:
    return sorted({int(finding.record.rpartition(" ")[2]) for finding in findings})


def _held(statement: str, customer_ids: list[int]) -> dict[int, set[tuple[Any, ...]]]:
    """What holds for some customers: (kind, model, id of the record, dates)."""
    found: dict[int, set[tuple[Any, ...]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT customer_id, kind, subject_model, subject_id, due_on, settled_on FROM ({statement}) held
            WHERE customer_id = ANY(%s)
            """,  # noqa: S608 - put together from constants
            [customer_ids],
        )
        for customer_id, *held in cursor.fetchall():
            found.setdefault(customer_id, set()).add(tuple(held))
    return found


def _segments(held: dict[int, set[tuple[Any, ...]]], customer_id: int) -> list[int]:
    return sorted(key[2] for key in held.get(customer_id, ()) if key[0] == "segment_match")
