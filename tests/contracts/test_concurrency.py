"""Fifty at one counter, one line, one hold: real threads, real transactions."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from tests.threads import at_once

from loudou.contracts.choices import DocumentKind
from loudou.contracts.models import Contract, ContractLine, Delivery, DeliveryLine, NumberSeries
from loudou.contracts.services import amendments, deliveries, drafting, editing, life
from loudou.contracts.services.drafts import ActDraft, ContractDraft, DeliveryDraft, DeliveryLineDraft, LineDraft
from loudou.contracts.services.numbers import next_number
from loudou.core.refusals import BusinessRefusal
from loudou.customers.models import Customer
from loudou.customers.services import place_hold
from loudou.people.models import User

SESSIONS = 50
AT = dt.datetime(2026, 6, 15, 8, 0, tzinfo=dt.UTC)
TODAY = AT.date()

pytestmark = pytest.mark.django_db(transaction=True)


def fresh(user: User) -> User:
    """A user as another request would load them."""
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize("gap_free", [True, False])
def test_fifty_sessions_get_fifty_numbers(gap_free, db):
    NumberSeries.objects.filter(kind=DocumentKind.CONTRACT).update(is_gap_free=gap_free)

    def take(fails: bool) -> Callable[[], str | None]:
        def act() -> str | None:
            with transaction.atomic():
                number = next_number(DocumentKind.CONTRACT, on=TODAY)
                transaction.set_rollback(fails)
            return None if fails else number

        return act

    given = [number for number in at_once(*(take(place % 5 == 0) for place in range(SESSIONS))) if number]
    assert len(set(given)) == len(given) == 40
    if gap_free:
        assert sorted(given) == [f"HT2026-{number:04}" for number in range(1, 41)]


def test_fifty_deliveries_of_one_line_never_exceed_it(signed, finance):
    contract = signed(lines=[LineDraft(Decimal(20), Decimal(10), "Press")])
    line = ContractLine.objects.get(contract=contract)

    def deliver() -> Any:
        draft = DeliveryDraft(TODAY, [DeliveryLineDraft(line.pk, Decimal(1))])
        return deliveries.post_delivery(fresh(finance), contract.pk, draft=draft, at=AT)

    answers = at_once(*[deliver] * SESSIONS)
    assert Counter(str(a) for a in answers if isinstance(a, str)) == {"delivery_exceeds_order": 30}
    line.refresh_from_db()
    assert (line.delivered, line.delivered_amount, Delivery.objects.count()) == (20, 200, 20)


@pytest.mark.parametrize("isolation", ["read committed", "repeatable read"])
def test_raw_inserts_at_once_never_exceed_the_order(isolation, signed):
    contract = signed(lines=[LineDraft(Decimal(5), Decimal(10), "Press")])
    line = ContractLine.objects.get(contract=contract)

    def insert(number: int) -> Callable[[], str]:
        def act() -> str:
            try:
                with transaction.atomic():
                    connection.cursor().execute(f"SET TRANSACTION ISOLATION LEVEL {isolation}")
                    delivery = Delivery.objects.create(
                        contract=contract, number=f"RAW-{number}", on=TODAY, amount=20, posted_at=AT
                    )
                    DeliveryLine.objects.create(delivery=delivery, line=line, quantity=2, amount=20)
            except OperationalError as error:
                assert "could not serialize" in str(error)
                return "serialization"
            return "posted"

        return act

    answers = Counter(at_once(*(insert(number) for number in range(12))))
    assert answers["posted"] <= 2
    line.refresh_from_db()
    assert line.delivered == 2 * answers["posted"]
    if isolation == "read committed":
        assert answers == {"posted": 2, "delivered_within_ordered": 10}


def test_a_double_click_posts_one_delivery(signed, finance):
    contract = signed()

    def click() -> Any:
        draft = DeliveryDraft(TODAY, key="click-1")
        return deliveries.post_delivery(fresh(finance), contract.pk, draft=draft, at=AT).pk

    assert len(set(at_once(*[click] * 6))) == 1
    assert Delivery.objects.count() == 1


def test_a_hold_comes_before_or_after_a_delivery_never_between(signed, finance, customer):
    contract = signed(lines=[LineDraft(Decimal(50), Decimal(10), "Press")])
    line = ContractLine.objects.get(contract=contract)

    def deliver() -> Any:
        draft = DeliveryDraft(TODAY, [DeliveryLineDraft(line.pk, Decimal(1))])
        return deliveries.post_delivery(fresh(finance), contract.pk, draft=draft, at=AT)

    def hold() -> str:
        place_hold(fresh(finance), customer.pk, reason="No money.", at=AT)
        return "held"

    answers = at_once(*[deliver] * 20, hold)
    refused = sum(answer == "supply_on_hold" for answer in answers)
    assert answers.count("held") == 1
    assert Delivery.objects.count() == 20 - refused
    with pytest.raises(BusinessRefusal):
        deliver()


def test_two_contracts_at_once_do_not_pass_one_credit_limit(signed, finance, customer):
    contracts = [signed(lines=[LineDraft(Decimal(1), Decimal(100), "Press")]) for _ in range(4)]
    Customer.objects.filter(pk=customer.pk).update(credit_limit=250, credit_currency="CNY")

    def deliver(contract: Contract) -> Callable[[], Any]:
        return lambda: deliveries.post_delivery(fresh(finance), contract.pk, draft=DeliveryDraft(TODAY), at=AT)

    answers = at_once(*(deliver(contract) for contract in contracts))
    assert answers.count("credit_limit_exceeded") == 2


def test_a_delivery_and_an_amendment_that_undercuts_it_do_not_both_pass(signed, owner, finance, as_drafts):
    contract = signed(lines=[LineDraft(Decimal(10), Decimal(10), "Press")])
    line = ContractLine.objects.get(contract=contract)
    amendments.draft_amendment(owner, contract.pk, reason="Fewer", at=AT)
    editing.set_lines(owner, contract.pk, lines=[LineDraft(Decimal(5), Decimal(10), "Press", line_id=line.pk)])
    amendments.offer_amendment(owner, contract.pk, act=ActDraft(TODAY), at=AT)
    answers = at_once(
        lambda: deliveries.post_delivery(
            fresh(finance), contract.pk, draft=DeliveryDraft(TODAY, [DeliveryLineDraft(line.pk, Decimal(6))]), at=AT
        ),
        lambda: amendments.accept_amendment(fresh(finance), contract.pk, act=ActDraft(TODAY), at=AT),
    )
    assert sum(isinstance(answer, str) for answer in answers) == 1
    line.refresh_from_db()
    assert (line.ordered, line.delivered) in {(10, 6), (5, 0)}


def test_of_two_signatures_one_signs(offered, finance):
    contract = offered()
    sign = lambda: life.sign_contract(fresh(finance), contract.pk, act=ActDraft(TODAY), at=AT)  # noqa: E731
    answers = at_once(sign, sign, sign)
    assert answers.count("contract_state_refused") == 2
    assert Contract.objects.get(pk=contract.pk).number == "HT2026-0001"


def test_two_clicks_on_a_won_sale_make_one_contract(owner, customer):
    from loudou.pipeline.services import opportunities
    from loudou.pipeline.services.drafts import OpportunityDraft

    draft = OpportunityDraft("Press", customer_id=customer.pk, amount=Decimal(100))
    sale = opportunities.create_opportunity(owner, draft=draft, at=AT)
    click = lambda: drafting.draft_contract_from_opportunity(fresh(owner), sale.pk, at=AT)  # noqa: E731
    assert at_once(click, click, click).count("already_drafted") == 2
    assert Contract.objects.count() == 1


def test_signing_many_contracts_at_once_leaves_no_gap(owner, finance, customer, two_lines):
    draft = ContractDraft("Press", customer.pk, lines=two_lines, clauses=None)
    contracts = []
    for _ in range(8):
        contract = drafting.draft_contract(owner, draft=draft, at=AT)
        editing.set_terms(
            owner, contract.pk,
            changes={"performance_until": TODAY, "performance_place": "Here", "performance_manner": "Truck",
                     "quality_standard": "GB", "penalty_rate": Decimal("0.001"), "dispute_venue": "Court"},
        )  # fmt: skip
        contracts.append(life.offer_contract(owner, contract.pk, act=ActDraft(TODAY), at=AT))

    def sign(contract: Contract) -> Callable[[], str]:
        return lambda: life.sign_contract(fresh(finance), contract.pk, act=ActDraft(TODAY), at=AT).number

    assert sorted(at_once(*(sign(contract) for contract in contracts))) == [f"HT2026-000{n}" for n in range(1, 9)]
