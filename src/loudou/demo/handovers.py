"""The handovers of the demo company: those who left handed their work over, and one is being prepared."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db.models import Sum
from django.db.models.functions import Coalesce

from loudou.contracts.models import Allocation, Contract
from loudou.core.copying import copy_rows
from loudou.customers.models import Customer, OwnerChange, Post
from loudou.demo import calendar
from loudou.demo.staff import Rep, Staff
from loudou.demo.words import Teller, goods
from loudou.handover.choices import Kind
from loudou.handover.models import Confirmation, Handover, HandoverItem, HandoverPart, HandoverPlan, PlanNote
from loudou.people.models import User
from loudou.pipeline.choices import ChangeKind, State
from loudou.pipeline.models import StageChange

CONFIRMED_AFTER = dt.timedelta(days=2)


def tell_of_leavers(tell: Teller, staff: Staff) -> int:
    """Write a handover for everybody who left, with what changed hands that day; returns how many."""
    leavers = [rep for rep in staff.reps if rep.left_on is not None and rep.successor is not None]
    for rep in leavers:
        _tell(tell, rep)
    return len(leavers)


def prepare_one(tell: Teller, staff: Staff, *, today: dt.date) -> HandoverPlan:
    """Let the manager one signs in as prepare the handover of a rep who moves to another region."""
    manager = User.objects.get(username="manager")
    mine = [rep for rep in staff.reps if rep.manager_id == manager.pk and rep.left_on is None]
    there = [rep for rep in mine if rep.username not in {"rep", "rep2"}]
    moving = there[-1]
    successor = next(rep for rep in mine if rep.username == "rep2")
    plan = HandoverPlan.objects.create(
        leaver_id=moving.user_id, last_day=today, reason=tell(goods.MOVING_REASON), successor_id=successor.user_id,
        note=tell(goods.MOVING_NOTE), prepared_by=manager, keeps_access=True,
    )  # fmt: skip
    largest = Customer.objects.filter(owner_id=moving.user_id).order_by("-expected_contribution", "pk").first()
    if largest is not None:
        PlanNote.objects.create(plan=plan, customer=largest, text=tell(goods.MOVING_CUSTOMER_NOTE))
    return plan


def _tell(tell: Teller, rep: Rep) -> None:
    successor = rep.successor
    assert successor is not None  # noqa: S101 - only those with a successor are told of
    assert rep.left_on is not None  # noqa: S101 - only those who left are told of
    given = OwnerChange.objects.filter(from_owner_id=rep.user_id, to_owner_id=successor.user_id)
    changes = list(given.select_related("customer").order_by("customer__name", "pk"))
    if not changes:
        return
    at = changes[0].at
    handover = Handover.objects.create(
        leaver_id=rep.user_id, last_day=rep.left_on - dt.timedelta(days=1), reason=tell(goods.LEAVER_NOTE),
        note=tell(goods.LEAVING_WORDS), actor_id=rep.manager_id, at=at,
    )  # fmt: skip
    part = HandoverPart.objects.create(handover=handover, successor_id=successor.user_id)
    customers = [_of_customer(part, change.customer) for change in changes]
    copy_rows([*customers, *_sales(part, rep, at), *_contracts(part, rep, at), *_contacts(part, customers)])
    Confirmation.objects.create(part=part, at=at + CONFIRMED_AFTER)


def _of_customer(part: HandoverPart, customer: Customer) -> HandoverItem:
    name = str(customer)
    return HandoverItem(
        part=part, kind=Kind.CUSTOMER, object_id=customer.pk, name=name, customer_ref=customer.pk, customer_name=name
    )


def _sales(part: HandoverPart, rep: Rep, at: dt.datetime) -> list[HandoverItem]:
    """The sales that the history says changed hands then and were open, with their amounts of that moment."""
    given = StageChange.objects.filter(
        at=at, kind=ChangeKind.REVISED, owner_id=part.successor_id, actor_id=rep.manager_id,
        to_state__in=(State.OPEN, State.ON_HOLD),
    )  # fmt: skip
    rows = given.select_related("opportunity__customer").order_by("opportunity__subject", "pk")
    return [
        HandoverItem(
            part=part, kind=Kind.OPPORTUNITY, object_id=row.opportunity_id, name=row.opportunity.subject,
            customer_ref=row.opportunity.customer_id, customer_name=str(row.opportunity.customer or ""),
            amount=row.amount, currency=row.currency,
        )
        for row in rows
    ]  # fmt: skip


def _contracts(part: HandoverPart, rep: Rep, at: dt.datetime) -> list[HandoverItem]:
    """Contracts of sales that the leaver had won, as far as they were not at their end; owed is what was not paid."""
    day = at.astimezone(calendar.TIME_ZONE).date()
    rows = Contract.objects.filter(opportunity__owner_id=rep.user_id, owner_id=part.successor_id, signed_on__lt=day)
    paid = dict(
        Allocation.objects.filter(contract__in=rows, on__lt=day)
        .order_by().values_list("contract_id").annotate(total=Coalesce(Sum("amount"), Decimal(0)))
    )  # fmt: skip
    items = []
    for row in rows.select_related("customer").order_by("signed_on", "pk"):
        owed = row.amount - paid.get(row.pk, Decimal(0))
        if owed <= 0 and row.ended_on is not None and row.ended_on < day:
            continue
        items.append(
            HandoverItem(
                part=part, kind=Kind.CONTRACT, object_id=row.pk, name=str(row), customer_ref=row.customer_id,
                customer_name=str(row.customer), amount=row.amount, owed=owed if owed > 0 else None,
                currency=row.currency,
            )
        )  # fmt: skip
    return items


def _contacts(part: HandoverPart, customers: list[HandoverItem]) -> list[HandoverItem]:
    """The people at the customers that changed hands who are the successor's since."""
    names = {item.object_id: item.name for item in customers}
    posts = Post.objects.filter(customer_id__in=names, ended_on=None, contact__owner_id=part.successor_id)
    return [
        HandoverItem(
            part=part, kind=Kind.CONTACT, object_id=post.contact_id, name=post.contact.name,
            customer_ref=post.customer_id, customer_name=names[post.customer_id],
        )
        for post in posts.select_related("contact").order_by("contact__name", "pk")
    ]  # fmt: skip
