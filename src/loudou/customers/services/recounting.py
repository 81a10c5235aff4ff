"""Telling the history of customers' phases anew from all their evidence.

Ordinarily history only grows. Two acts change the past itself: an import that brings it, and the undoing of an import.
Then the customers concerned are counted anew, as if every piece of evidence had been recorded when it happened.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from django.db import connection
from django.db.models import Max

from loudou.core import audit
from loudou.customers.choices import Phase
from loudou.customers.models import Customer, Evidence, PhaseChange, StandingEvidence
from loudou.customers.phase_history import Event, as_known, replay
from loudou.customers.selectors.rules import rules
from loudou.customers.services.following import BATCH, Days, enter, standing_row, write_phases, write_standing


def recount(customer_ids: Collection[int], *, now: dt.datetime) -> list[PhaseChange]:
    """Write the histories of some customers anew, and what holds for them; return their changes of phase.

    Not a verb of its own: the calling service holds the transaction and has decided that the past changed.
    """
    rows = Customer.objects.select_for_update(no_key=True).filter(pk__in=customer_ids).order_by("pk")
    customers = list(rows.only("phase", "phase_since", "grace_days", "name", "short_name"))
    told: dict[int, list[Evidence]] = defaultdict(list)
    for row in Evidence.objects.filter(customer_id__in=customer_ids).order_by("id").iterator(chunk_size=10 * BATCH):
        told[row.customer_id].append(row)
    with audit.history_may_go():
        PhaseChange.objects.filter(customer_id__in=customer_ids).delete()
    days, policy_of = Days(now), rules().phase_policy
    changes: list[PhaseChange] = []
    standing: list[StandingEvidence] = []
    for customer in customers:
        marked = dict(enumerate(told[customer.pk]))
        events = [Event(row.at, days.of(row.at), row.truth, row.holds, mark) for mark, row in marked.items()]
        steps = replay(as_known(events), policy_of(grace_days=customer.grace_days), until=days.today)
        customer.phase, customer.phase_since = Phase.OUTSIDE, None
        changes += [enter(customer, step, days, evidence=marked) for step in steps]
        newest = {(row.kind, row.subject_model, row.subject_id): row for row in told[customer.pk]}
        standing += [standing_row(row) for row in newest.values() if row.holds]
    StandingEvidence.objects.filter(customer_id__in=customer_ids).delete()
    write_standing(standing)
    PhaseChange.objects.bulk_create(changes, batch_size=BATCH)
    write_phases(customers)
    return changes


_FORGET = """
    DELETE FROM customers_evidence evidence USING unnest(%s::bigint[], %s::bigint[]) AS kept(subject_id, newest)
    WHERE evidence.subject_model = %s AND evidence.subject_id = kept.subject_id AND evidence.id > kept.newest
    RETURNING evidence.customer_id
"""
_LOOSEN = """
    DELETE FROM {table}
    USING customers_evidence evidence, unnest(%s::bigint[], %s::bigint[]) AS kept(subject_id, newest)
    WHERE {table}.evidence_id = evidence.id
      AND evidence.subject_model = %s AND evidence.subject_id = kept.subject_id AND evidence.id > kept.newest
"""


def newest_about(model: str, subject_ids: Collection[int]) -> dict[int, int]:
    """The newest evidence on record about some records of a model, by their ids; to remember before an import."""
    about = Evidence.objects.filter(subject_model=model, subject_id__in=list(subject_ids)).order_by()
    return dict(about.values_list("subject_id").annotate(newest=Max("pk")))


def forget(model: str, kept: Mapping[int, int], *, now: dt.datetime) -> int:
    """Remove evidence about records because an import is undone, and tell the histories of their customers anew.

    `kept` says for each record up to which evidence it stays: 0 for none. Returns how many customers were concerned.
    Not a verb of its own: undoing decides and holds the transaction.
    """
    if not kept:
        return 0
    which: list[Any] = [[*kept.keys()], [*kept.values()], model]
    with audit.history_may_go(), connection.cursor() as cursor:
        for table in (PhaseChange._meta.db_table, StandingEvidence._meta.db_table):
            cursor.execute(_LOOSEN.format(table=table), which)
        cursor.execute(_FORGET, which)
        concerned = {pk for (pk,) in cursor.fetchall()}
    if concerned:
        recount(concerned, now=now)
    return len(concerned)
