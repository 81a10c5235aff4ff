"""Target segments: saved rules, and the computing of who matches them.

Who matches is standing evidence of kind `segment_match`, kept in step by both sides: changing a rule recomputes all
customers by single statements, changing customers recomputes these. So that neither misses the other, who changes rules
waits for those who change customers and the other way round (a lock of the whole, taken before any customer is locked).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from typing import Any, TypedDict

from django.db import connection
from django.db.models import Max
from django.utils.translation import gettext as _

from loudou.core.actors import Actor
from loudou.core.refusals import InvalidInput
from loudou.core.verbs import check_version, lock, service, validate
from loudou.customers.choices import EvidenceKind, PhaseCause
from loudou.customers.models import Customer, Evidence, Segment, StandingEvidence
from loudou.customers.phases import EvidenceSubject
from loudou.customers.segment_rule import SegmentRule
from loudou.customers.services.evidence import EvidenceDraft, record_all
from loudou.customers.services.phases import follow_rules

_WHOLE = 7_301_164_801
"""Key of the lock that lies over all segments and everybody's membership."""

_HELD = """
    SELECT customer_id FROM customers_standingevidence
    WHERE kind = 'segment_match' AND subject_model = 'customers.segment' AND subject_id = %s
"""

_LOCK_THE_DIFFERENT = f"""
    SELECT id FROM customers_customer WHERE id IN (
        (({{matching}}) EXCEPT ({_HELD})) UNION (({_HELD}) EXCEPT ({{matching}}))
    ) ORDER BY id FOR NO KEY UPDATE
"""  # noqa: S608 - put together from constants

_TELL = """
    WITH told AS (
        INSERT INTO customers_evidence (customer_id, kind, subject_model, subject_id, subject_label, holds, at,
                                        recorded_at, actor_id, cause, facts)
        SELECT id, 'segment_match', 'customers.segment', %s, %s, NOT was_held, %s, %s, %s, '', '{{}}'::jsonb
        FROM (
            SELECT id, id IN ({matching}) AS matches, id IN ({held}) AS was_held FROM unnest(%s::bigint[]) AS id
        ) each WHERE matches <> was_held ORDER BY id
        RETURNING id, customer_id, holds, subject_id, subject_label, at
    ), gone AS (
        DELETE FROM customers_standingevidence standing USING told
        WHERE NOT told.holds AND standing.customer_id = told.customer_id AND standing.kind = 'segment_match'
          AND standing.subject_model = 'customers.segment' AND standing.subject_id = told.subject_id
    )
    INSERT INTO customers_standingevidence
        (customer_id, kind, subject_model, subject_id, subject_label, at, evidence_id)
    SELECT customer_id, 'segment_match', 'customers.segment', subject_id, subject_label, at, id
    FROM told WHERE holds
"""


class SegmentChanges(TypedDict, total=False):
    """Fields that `update_segment` takes."""

    name: str
    description: str
    rule: SegmentRule
    is_active: bool


@service("customers.configure")
def create_segment(actor: Actor, *, name: str, rule: SegmentRule, at: dt.datetime, description: str = "") -> Segment:
    """Save a rule, and let every customer that matches it into the segment. Raises InvalidInput."""
    hold_rules()
    segment = Segment(name=name.strip(), description=description.strip(), rule=_checked(rule).to_json())
    validate(segment)
    segment.save(force_insert=True)
    match_everybody(actor, segment, at=at)
    return segment


@service("customers.configure")
def update_segment(
    actor: Actor, segment_id: int, *, changes: SegmentChanges, at: dt.datetime, version: int | None = None
) -> Segment:
    """Change a segment; who matches, and the phases that follow, change with it. One out of use matches nobody.

    Raises NotVisible, StaleWrite, InvalidInput.
    """
    hold_rules()
    segment = lock(Segment.objects.all(), segment_id)
    check_version(segment, version)
    given: dict[str, Any] = dict(changes)
    if "rule" in given:
        given["rule"] = _checked(given["rule"]).to_json()
    for name in ("name", "description"):
        if name in given:
            given[name] = given[name].strip()
    changed = [name for name, value in given.items() if getattr(segment, name) != value]
    if not changed:
        return segment
    for name in changed:
        setattr(segment, name, given[name])
    validate(segment)
    segment.save_changes(*changed)
    match_everybody(actor, segment, at=at)
    return segment


@service("customers.configure")
def refresh_segments(actor: Actor, *, at: dt.datetime) -> int:
    """Compute anew who matches which segment, and return how many memberships changed: to repair, or after a COPY."""
    hold_rules()
    return sum(match_everybody(actor, segment, at=at) for segment in Segment.objects.all())


def match_everybody(actor: Actor, segment: Segment, *, at: dt.datetime) -> int:
    """Bring the members of a segment in step with its rule by a few statements; return how many came and went.

    Not a verb of its own: the calling service holds the rules and the transaction.
    """
    customers = (
        Customer.objects.filter(segment.conditions.condition()) if segment.is_active else Customer.objects.none()
    )
    matching, values = _statement(customers)
    told_after = Evidence.objects.aggregate(last=Max("pk"))["last"] or 0
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_THE_DIFFERENT.format(matching=matching), [*values, segment.pk, segment.pk, *values])
        ids = [pk for (pk,) in cursor.fetchall()]
        if not ids:
            return 0
        told = [segment.pk, segment.name, at, at, actor.pk]
        cursor.execute(_TELL.format(matching=matching, held=_HELD), [*told, *values, segment.pk, ids])
    follow_rules(at=at, cause=PhaseCause.EVIDENCE, among=ids, actor_id=actor.pk, told_after=told_after)
    return len(ids)


def match_customers(actor: Actor, customers: Collection[Customer], *, at: dt.datetime, are_new: bool = False) -> None:
    """Bring the segments of some customers in step with the rules; at most three statements when nothing changes.

    New ones belong to none yet. The rows get the phases that follow. Not a verb of its own: the calling service called
    `hold_members` before it locked the customers.
    """
    rows = {row.pk: row for row in customers}
    customer_ids = set(rows)
    if not rows:
        return
    segments = {segment.pk: segment for segment in Segment.objects.filter(is_active=True)}
    held: dict[int, set[int]] = defaultdict(set)
    if not are_new:
        standing = StandingEvidence.objects.filter(kind=EvidenceKind.SEGMENT_MATCH, customer_id__in=customer_ids)
        for customer_id, segment_id in standing.values_list("customer_id", "subject_id"):
            held[customer_id].add(segment_id)
    matched = _matching(segments.values(), customer_ids)
    labels = {row.pk: row.name for row in Segment.objects.filter(pk__in=set().union(*held.values()))} if held else {}
    labels |= {pk: segment.name for pk, segment in segments.items()}
    drafts = [
        EvidenceDraft(
            customer_id=customer_id,
            kind=EvidenceKind.SEGMENT_MATCH,
            subject=EvidenceSubject(Segment._meta.label_lower, segment_id, labels[segment_id]),
            holds=segment_id in matched[customer_id],
            at=at,
        )
        for customer_id in sorted(customer_ids)
        for segment_id in sorted(matched[customer_id] ^ held[customer_id])
    ]
    for change in record_all(actor, drafts, now=at):
        row = rows[change.customer_id]
        row.phase, row.phase_since = change.to_phase, change.at


def hold_rules() -> None:
    """Keep everybody else from changing segments and customers' fields until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_WHOLE])


def hold_members() -> None:
    """Keep rules of segments from changing until the transaction ends; any number may hold it together."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_WHOLE])


def _matching(segments: Collection[Segment], customer_ids: Collection[int]) -> dict[int, set[int]]:
    """Which of some customers match which segments; one statement, none without segments."""
    found: dict[int, set[int]] = defaultdict(set)
    if not segments or not customer_ids:
        return found
    parts, values = [], []
    for segment in segments:
        rows = Customer.objects.filter(segment.conditions.condition(), pk__in=customer_ids)
        statement, parameters = _statement(rows)
        parts.append(f"SELECT id, %s::bigint FROM ({statement}) matching")  # noqa: S608 - made by the ORM
        values += [segment.pk, *parameters]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), values)
        for customer_id, segment_id in cursor.fetchall():
            found[customer_id].add(segment_id)
    return found


def _statement(customers: Any) -> tuple[str, tuple[Any, ...]]:
    """The statement of a queryset over customers that yields their ids."""
    if customers.query.is_empty():
        return "SELECT NULL::bigint AS id WHERE false", ()
    statement, values = customers.order_by().values("id").query.sql_with_params()
    return statement, values


def _checked(rule: SegmentRule) -> SegmentRule:
    """Refuse a rule that asks for nothing, or whose bounds exclude everybody. Raises InvalidInput."""
    if rule.is_empty:
        raise InvalidInput({"": [_("Name at least one condition; without any, every customer would belong.")]})
    for name in ("contribution", "employees"):
        low, high = getattr(rule, f"{name}_from"), getattr(rule, f"{name}_below")
        if low is not None and high is not None and high <= low:
            raise InvalidInput({f"{name}_below": [_("The upper bound must be above the lower one.")]})
    return rule
