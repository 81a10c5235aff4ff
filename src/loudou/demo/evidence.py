"""What the demo company knows about its customers: segments, purchasing power, and the phases that follow.

The rows were written by COPY; here the evidence they amount to is told to customers, each piece from when it was so.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from typing import Any

from loudou.core.actors import SYSTEM
from loudou.customers.choices import CustomerKind, EvidenceKind, SizeBand
from loudou.customers.models import Customer, Segment
from loudou.customers.phases import EvidenceSubject
from loudou.customers.segment_rule import SegmentRule
from loudou.customers.services.evidence import EvidenceDraft, record_all
from loudou.demo import calendar
from loudou.demo.words import Teller, market
from loudou.pipeline.choices import ChangeKind, Visibility
from loudou.pipeline.models import Opportunity, StageChange
from loudou.pipeline.services.evidence import report_new
from loudou.pipeline.services.valuing import Books

_FORWARD = (ChangeKind.ADVANCED, ChangeKind.SKIPPED)
_PROCESS = tuple(industry for industry, *_rest in market.INDUSTRIES[:6])
_LIGHT = tuple(industry for industry, *_rest in market.INDUSTRIES[6:])


def confirm_budgets(opportunities: list[dict[str, Any]], changes: list[dict[str, Any]]) -> None:
    """Say of sales with an explicit need when the purchasing power was confirmed: when they went forward first."""
    first: dict[int, dt.datetime] = {}
    for change in changes:
        if change["kind"] in _FORWARD:
            first.setdefault(change["opportunity_id"], change["at"])
    for row in opportunities:
        at = first.get(row["id"])
        if row.get("visibility") == Visibility.EXPLICIT and at is not None:
            row["budget_confirmed_on"] = at.astimezone(calendar.TIME_ZONE).date()


def estimate_contributions(customers: list[dict[str, Any]]) -> None:
    """Say what each customer may contribute a year: some hundred yuan a head, in round figures."""
    for row in customers:
        if row.get("employees"):
            row["expected_contribution"] = Decimal(round(row["employees"] * (300 + row["id"] % 7 * 80), -3))


def segments(tell: Teller, *, at: dt.datetime) -> list[dict[str, Any]]:
    """The segments that the company aims at, as rows."""
    rules = (
        (("流程工业大客户", "Large process industry"), SegmentRule(
            kind=(CustomerKind.END_USER,), industry=tuple(map(tell, _PROCESS)),
            size_band=(SizeBand.MEDIUM, SizeBand.LARGE, SizeBand.HUGE),
        )),
        (("轻工与新兴制造", "Light and new manufacturing"), SegmentRule(
            kind=(CustomerKind.END_USER,), industry=tuple(map(tell, _LIGHT)),
        )),
        (("经销与代理渠道", "Dealers and agents"), SegmentRule(kind=(CustomerKind.DEALER, CustomerKind.AGENT))),
        (("高购买力客户", "High purchasing power"), SegmentRule(contribution_from=Decimal(200_000))),
    )  # fmt: skip
    return [
        {"id": number, "name": tell(name), "rule": rule.to_json(), "created_at": at, "updated_at": at, "version": 1}
        for number, (name, rule) in enumerate(rules, start=1)
    ]


def tell_all(*, at: dt.datetime) -> None:
    """Report who matches which segment, since the customer is known, and what every sale proved in its time."""
    drafts = [
        EvidenceDraft(
            customer_id=customer_id,
            kind=EvidenceKind.SEGMENT_MATCH,
            subject=EvidenceSubject(Segment._meta.label_lower, segment.pk, segment.name),
            holds=True,
            at=since,
        )
        for segment in Segment.objects.all()
        for customer_id, since in Customer.objects.filter(segment.conditions.condition()).values_list(
            "pk", "created_at"
        )
    ]
    record_all(SYSTEM, drafts, now=at, brings_history=True)
    history: dict[int, list[StageChange]] = defaultdict(list)
    for change in StageChange.objects.order_by("at", "pk"):
        history[change.opportunity_id].append(change)
    sales = Opportunity.objects.filter(visibility=Visibility.EXPLICIT).defer("search_text").order_by("pk")
    report_new(SYSTEM, [(sale, history[sale.pk]) for sale in sales], Books.load(()), at=at)
