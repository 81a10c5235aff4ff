"""Discounts beyond the policy wait for somebody who did not ask for them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from loudou.contracts.errors import (
    DiscountDecided,
    DiscountNeedsAnother,
    DiscountNeedsApproval,
    DiscountPending,
    DiscountWithinPolicy,
)
from loudou.contracts.models import Contract, DiscountDecision, DiscountRequest
from loudou.contracts.selectors.approvals import discount_state, waiting_requests
from loudou.contracts.services import approvals, editing, life
from loudou.contracts.services.drafts import LineDraft
from loudou.core.refusals import NotVisible, PermissionRefused
from loudou.customers.errors import ReasonMissing
from loudou.customers.models import CustomerRules
from loudou.people.models import Notification


@pytest.fixture
def policy(customer):
    """Five per cent need no approval."""
    customer.max_discount_rate = Decimal("0.05")
    customer.save()


@pytest.fixture
def cheap(policy, drafted, product):
    """A draft that sells for 90 what is listed at 100."""
    return drafted(lines=[LineDraft(Decimal(1), Decimal(100), product_id=product.pk, discount_rate=Decimal("0.1"))])


def test_a_discount_within_the_policy_needs_nobody(policy, drafted, product, owner, at, on):
    contract = drafted(
        lines=[LineDraft(Decimal(1), Decimal(100), product_id=product.pk, discount_rate=Decimal("0.05"))]
    )
    with pytest.raises(DiscountWithinPolicy):
        approvals.request_discount(owner, contract.pk, reason="Please", at=at)
    assert life.offer_contract(owner, contract.pk, act=on(), at=at).state == "offered"


@pytest.mark.parametrize(
    ("own", "company", "needed"), [(None, None, False), (None, "0.05", True), ("0.2", "0.05", False), ("0", "1", True)]
)
def test_the_customers_own_figure_comes_before_the_companys(own, company, needed, drafted, product, customer):
    customer.max_discount_rate = own and Decimal(own)
    customer.save()
    CustomerRules.objects.update_or_create(pk=1, defaults={"max_discount_rate": company and Decimal(company)})
    contract = drafted(lines=[LineDraft(Decimal(1), Decimal(90), product_id=product.pk)])
    state = discount_state(contract.versions.get())
    assert (state.discount, state.needs_approval) == (Decimal("0.1"), needed)


def test_price_and_discount_together_are_compared_with_the_list_price(policy, drafted, product):
    rows = [
        LineDraft(Decimal(1), Decimal(90), product_id=product.pk, discount_rate=Decimal("0.1")),
        LineDraft(Decimal(1), Decimal(120), product_id=product.pk, discount_rate=Decimal("0.1")),
        LineDraft(Decimal(1), Decimal(50), "No list price", discount_rate=Decimal("0.15")),
    ]
    version = drafted(lines=rows).versions.get()
    assert [terms.discount for terms in version.terms.all()] == [Decimal("0.19"), 0, Decimal("0.15")]
    assert discount_state(version).discount == Decimal("0.19")


def test_offering_waits_for_the_approval_of_somebody_else(cheap, owner, manager, executive, at, on):
    with pytest.raises(DiscountNeedsApproval, match="10%"):
        life.offer_contract(owner, cheap.pk, act=on(), at=at)
    request = approvals.request_discount(owner, cheap.pk, reason="They take the whole year's need.", at=at)
    assert (request.discount, request.policy) == (Decimal("0.1"), Decimal("0.05"))
    assert list(waiting_requests(executive)) == [request]
    with pytest.raises(DiscountPending):
        life.offer_contract(owner, cheap.pk, act=on(), at=at)
    with pytest.raises(DiscountPending):
        approvals.request_discount(owner, cheap.pk, reason="Again", at=at)
    approvals.approve_discount(executive, request.pk, reason="Once.", at=at)
    with pytest.raises(DiscountDecided):
        approvals.refuse_discount(manager, request.pk, reason="No.", at=at)
    assert life.offer_contract(owner, cheap.pk, act=on(), at=at).state == "offered"
    assert not waiting_requests(executive).exists()


def test_nobody_decides_an_own_request_and_a_rep_decides_none(cheap, owner, manager, stranger, at):
    request = approvals.request_discount(manager, cheap.pk, reason="Please", at=at)
    for actor, expected in ((owner, PermissionRefused), (manager, DiscountNeedsAnother)):
        with pytest.raises(expected):
            approvals.approve_discount(actor, request.pk, at=at)
    with pytest.raises(NotVisible):
        approvals.drop_discount_request(stranger, request.pk, at=at)
    assert not DiscountDecision.objects.exists()


def test_a_refusal_says_why_and_leaves_the_offer_blocked(cheap, owner, executive, at, on):
    request = approvals.request_discount(owner, cheap.pk, reason="Please", at=at)
    with pytest.raises(ReasonMissing):
        approvals.refuse_discount(executive, request.pk, reason=" ", at=at)
    approvals.refuse_discount(executive, request.pk, reason="Too much.", at=at)
    with pytest.raises(DiscountNeedsApproval):
        life.offer_contract(owner, cheap.pk, act=on(), at=at)
    assert Contract.objects.get(pk=cheap.pk).state == "draft"


def test_a_larger_discount_asks_anew_and_the_request_that_waits_gives_way(cheap, owner, executive, product, at, on):
    first = approvals.request_discount(owner, cheap.pk, reason="Please", at=at)
    editing.set_lines(owner, cheap.pk, lines=[LineDraft(Decimal(1), Decimal(80), product_id=product.pk)])
    with pytest.raises(DiscountNeedsApproval):
        life.offer_contract(owner, cheap.pk, act=on(), at=at)
    second = approvals.request_discount(owner, cheap.pk, reason="More", at=at)
    assert (second.discount, DiscountDecision.objects.get(request=first).outcome) == (Decimal("0.2"), "dropped")
    approvals.approve_discount(executive, second.pk, at=at)
    editing.set_lines(owner, cheap.pk, lines=[LineDraft(Decimal(1), Decimal(85), product_id=product.pk)])
    assert life.offer_contract(owner, cheap.pk, act=on(), at=at).state == "offered", "what was approved covers less"


def test_a_request_is_taken_back_by_whoever_drafts(cheap, owner, at):
    request = approvals.request_discount(owner, cheap.pk, reason="Please", at=at)
    approvals.drop_discount_request(owner, request.pk, at=at)
    assert DiscountRequest.objects.pending().count() == 0


def test_those_who_may_decide_are_told_and_then_whoever_asked(cheap, owner, manager, executive, finance, at):
    asked = approvals.request_discount(owner, cheap.pk, reason="Please", at=at)
    waiting = Notification.objects.filter(code="discount_waits")
    told = set(waiting.values_list("recipient", flat=True))
    assert {manager.pk, executive.pk} <= told and not told & {owner.pk, finance.pk}
    facts = {"discount": "10%", "contract": str(cheap)}
    assert {(row.record_id, row.actor_id, tuple(sorted(row.facts.items()))) for row in waiting} == {
        (cheap.pk, owner.pk, tuple(sorted(facts.items())))
    }
    approvals.refuse_discount(manager, asked.pk, reason="Too much.", at=at)
    again = approvals.request_discount(owner, cheap.pk, reason="Please, please", at=at)
    approvals.approve_discount(executive, again.pk, at=at)
    answers = Notification.objects.filter(recipient=owner).order_by("pk")
    assert list(answers.values_list("code", "actor")) == [
        ("discount_refused", manager.pk),
        ("discount_approved", executive.pk),
    ]


def test_a_request_taken_back_tells_nobody_more(cheap, owner, executive, at):
    asked = approvals.request_discount(owner, cheap.pk, reason="Please", at=at)
    approvals.drop_discount_request(owner, asked.pk, at=at)
    assert not Notification.objects.exclude(code="discount_waits").exists()
