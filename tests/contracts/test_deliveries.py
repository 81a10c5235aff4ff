"""What goes to the customer, comes back, is accepted; and what keeps it from going."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from loudou.contracts.errors import (
    CreditLimitExceeded,
    DeliveryExceedsOrder,
    DeliveryKeyReused,
    DeliveryNotPossible,
    LineOfOtherContract,
    NothingToDeliver,
    NothingToReturn,
    ReturnExceedsDelivery,
    ReturnOfReturn,
)
from loudou.contracts.models import Contract, ContractAct, Delivery, DeliveryLine, Instalment
from loudou.contracts.selectors.deliveries import deliveries_of, open_lines, returnable
from loudou.contracts.selectors.exposure import exposure
from loudou.contracts.services import deliveries, receipts
from loudou.contracts.services.drafts import (
    AcceptanceDraft,
    DeliveryDraft,
    DeliveryLineDraft,
    LineDraft,
    ReturnDraft,
)
from loudou.contracts.services.ledger_drafts import ReceiptDraft
from loudou.core.models import ExchangeRate
from loudou.core.money import Money
from loudou.core.refusals import InvalidInput, NotVisible, PermissionRefused
from loudou.customers.errors import SupplyOnHold
from loudou.customers.models import Customer, ReleaseUse
from loudou.customers.services import approve_release, lift_hold, place_hold, request_release
from loudou.people.models import AuditEntry
from loudou.pipeline.errors import DateInFuture, DatesOutOfOrder


@pytest.fixture
def post(finance, at, on):
    """Post a delivery of quantities of a contract's lines, in order: `post(contract, 3)`; all without quantities."""

    def make(contract, *quantities, days=0, actor=None, **facts):
        rows = contract.lines.order_by("number")
        lines = [
            DeliveryLineDraft(row.pk, Decimal(quantity))
            for row, quantity in zip(rows, quantities, strict=False)
            if Decimal(quantity)
        ]
        return deliveries.post_delivery(
            actor or finance, contract.pk, draft=DeliveryDraft(on(days).on, lines, **facts), at=at
        )

    return make


def figures(lines):
    return [(line.delivered, line.delivered_amount) for line in lines]


def test_parts_go_one_after_another_until_all_is_delivered(signed, post, lines_of, acts_of, finance):
    contract = signed()
    first = post(contract, 4, days=-5)
    assert (first.number, first.amount, first.kind) == ("FH202606-0001", 400, "delivery")
    contract.refresh_from_db()
    assert (contract.state, contract.delivered_on) == ("performing", None)
    assert figures(lines_of(contract)) == [(4, 400), (0, 0)]
    assert [(line.number, line.ordered - line.delivered) for line in open_lines(contract)] == [(1, 6), (2, 1)]
    rest = post(contract, days=-2)
    assert [(line.line.number, line.quantity, line.amount) for line in rest.lines.order_by("line__number")] == [
        (1, 6, 600), (2, 1, 500),
    ]  # fmt: skip
    contract.refresh_from_db()
    assert contract.delivered_on == rest.on
    assert acts_of(contract) == ["offered", "signed", "began"]
    with pytest.raises(NothingToDeliver):
        post(contract)
    assert list(deliveries_of(finance, contract)) == [first, rest]


def test_deliveries_are_worth_exactly_what_the_line_is(signed, post, lines_of):
    contract = signed(lines=[LineDraft(Decimal(3), Decimal("33.333"), "Thirds", tax_rate=Decimal("0.13"))])
    assert contract.amount == Decimal("100.00")
    assert [post(contract, 1).amount for _ in range(3)] == [Decimal("33.33"), Decimal("33.34"), Decimal("33.33")]
    assert figures(lines_of(contract)) == [(3, 100)]


@pytest.mark.parametrize(
    ("quantities", "expected"),
    [((11,), DeliveryExceedsOrder), ((-1,), DeliveryExceedsOrder), ((0.0005,), InvalidInput)],
)
def test_more_than_ordered_less_than_nothing_or_finer_than_kept_is_refused(
    quantities, expected, signed, post, lines_of
):
    contract = signed()
    post(contract, 2)
    with pytest.raises(expected):
        post(contract, *quantities)
    assert figures(lines_of(contract)) == [(2, 200), (0, 0)]
    assert Delivery.objects.count() == 1


def test_a_contract_that_is_not_signed_or_ended_takes_no_delivery(drafted, offered, signed, post, finance, at, on):
    from loudou.contracts.services import life

    ended = signed()
    life.terminate_contract(finance, ended.pk, act=on(note="Stop"), at=at)
    for contract in (drafted(), offered(), ended):
        with pytest.raises(DeliveryNotPossible):
            post(contract, 1)
    assert not Delivery.objects.exists()


def test_days_and_lines_and_numbers_are_checked(signed, drafted, post, lines_of, finance, at, on):
    contract, other = signed(), signed()
    with pytest.raises(DateInFuture):
        post(contract, 1, days=1)
    with pytest.raises(DatesOutOfOrder):
        post(contract, 1, days=-11)
    draft = DeliveryDraft(on().on, [DeliveryLineDraft(lines_of(other)[0].pk, Decimal(1))])
    with pytest.raises(LineOfOtherContract):
        deliveries.post_delivery(finance, contract.pk, draft=draft, at=at)
    post(contract, 1, number="LS-1")
    with pytest.raises(InvalidInput) as refused:
        post(contract, 1, number="LS-1")
    assert "number" in refused.value.errors
    assert Delivery.objects.count() == 1


def test_a_double_click_posts_once_and_a_key_is_not_reused(signed, post, lines_of):
    contract, other = signed(), signed()
    first = post(contract, 3, key="k-1")
    assert post(contract, 3, key="k-1") == first
    with pytest.raises(DeliveryKeyReused):
        post(other, 3, key="k-1")
    assert figures(lines_of(contract)) == [(3, 300), (0, 0)]


@pytest.mark.parametrize(
    ("who", "expected"),
    [("owner", PermissionRefused), ("auditor", PermissionRefused), ("executive", PermissionRefused)],
)
def test_who_may_not_deliver_changes_nothing(who, expected, request, signed, post):
    contract = signed()
    actor = request.getfixturevalue(who)
    before = AuditEntry.objects.count()
    with pytest.raises(expected):
        post(contract, 1, actor=actor)
    assert (Delivery.objects.count(), AuditEntry.objects.count()) == (0, before)


def test_a_manager_of_another_team_does_not_find_the_contract(signed, post, make_user, other_team):
    from loudou.people.choices import Role

    contract = signed()
    foreign = make_user("foreign", Role.MANAGER, team=other_team, is_lead=True)
    with pytest.raises(NotVisible):
        post(contract, 1, actor=foreign)
    assert not Delivery.objects.exists()


def test_what_comes_back_is_an_entry_of_its_own(signed, post, lines_of, finance, at, on):
    contract = signed()
    first = post(contract, 10, 1, days=-3)
    line = lines_of(contract)[0]
    back = deliveries.return_delivery(
        finance, first.pk,
        draft=ReturnDraft(on(-1).on, "Two are scratched.", [DeliveryLineDraft(line.pk, Decimal(2))]), at=at,
    )  # fmt: skip
    assert (back.kind, back.returns, back.amount) == ("return", first, -200)
    assert figures(lines_of(contract)) == [(8, 800), (1, 500)]
    contract.refresh_from_db()
    assert contract.delivered_on is None
    assert [(open_line.quantity, open_line.amount) for open_line in returnable(first)] == [(8, 800), (1, 500)]
    with pytest.raises(ReturnExceedsDelivery):
        deliveries.return_delivery(
            finance, first.pk, draft=ReturnDraft(on().on, "All", [DeliveryLineDraft(line.pk, Decimal(9))]), at=at
        )
    with pytest.raises(ReturnOfReturn):
        deliveries.return_delivery(finance, back.pk, draft=ReturnDraft(on().on, "Back again"), at=at)
    deliveries.return_delivery(finance, first.pk, draft=ReturnDraft(on().on, "The rest"), at=at)
    assert figures(lines_of(contract)) == [(0, 0), (0, 0)]
    with pytest.raises(NothingToReturn):
        deliveries.return_delivery(finance, first.pk, draft=ReturnDraft(on().on, "More"), at=at)
    assert Delivery.objects.get(pk=first.pk).amount == 1500


def test_final_acceptance_is_the_day_of_the_last_accepted_delivery(signed, post, finance, at, on):
    contract = signed()
    first, second = post(contract, 10, days=-6), post(contract, 0, 1, days=-4)
    accept = lambda delivery, days, outcome="accepted": deliveries.record_acceptance(  # noqa: E731
        finance, delivery.pk, draft=AcceptanceDraft(on(days).on, outcome, "Mr Wang"), at=at
    )
    accept(first, -5)
    contract.refresh_from_db()
    assert (contract.delivered_on, contract.accepted_on) == (second.on, None)
    accept(second, -3, "rejected")
    accept(second, -1)
    contract.refresh_from_db()
    assert contract.accepted_on == on(-1).on
    assert accept(second, -1).pk == accept(second, -1).pk, "the same answer twice is once"
    with pytest.raises(DatesOutOfOrder):
        accept(first, -7)


def test_a_contract_completes_itself_with_its_last_money_and_resumes_when_goods_come_back(
    signed, post, finance, customer, acts_of, at, on
):
    contract = signed()
    delivery = post(contract, days=-4)
    deliveries.record_acceptance(finance, delivery.pk, draft=AcceptanceDraft(on(-3).on), at=at)
    receipts.post_receipt(finance, ReceiptDraft(customer.pk, Decimal(1000), on(-2).on, contract_id=contract.pk), at=at)
    assert Contract.objects.get(pk=contract.pk).state == "performing"
    receipts.post_receipt(finance, ReceiptDraft(customer.pk, Decimal(500), on(-1).on, contract_id=contract.pk), at=at)
    contract.refresh_from_db()
    assert (contract.state, contract.ended_on) == ("completed", on(-1).on)
    act = ContractAct.objects.get(kind="completed")
    assert (act.on, act.note, act.actor) == (on(-1).on, "", finance)
    deliveries.return_delivery(finance, delivery.pk, draft=ReturnDraft(on().on, "Faulty"), at=at)
    contract.refresh_from_db()
    assert (contract.state, contract.ended_on, contract.accepted_on) == ("performing", None, None)
    assert acts_of(contract) == ["offered", "signed", "began", "completed", "resumed"]


def test_a_completed_contract_resumes_when_a_receipt_is_reversed(signed, post, finance, customer, at, on):
    from loudou.contracts.services.refunds import reverse_receipt

    contract = signed()
    delivery = post(contract, days=-4)
    receipt = receipts.post_receipt(finance, ReceiptDraft(customer.pk, Decimal(1500), on(-3).on), at=at)
    deliveries.record_acceptance(finance, delivery.pk, draft=AcceptanceDraft(on(-2).on), at=at)
    assert Contract.objects.get(pk=contract.pk).state == "completed"
    reverse_receipt(finance, receipt.pk, on=on().on, reason="Posted to the wrong customer", at=at)
    assert Contract.objects.get(pk=contract.pk).state == "performing"


def test_instalments_on_delivery_and_acceptance_get_their_days(signed, post, finance, at, on):
    from loudou.contracts.choices import DueBasis
    from loudou.contracts.services.ledger_drafts import InstalmentDraft

    plan = [
        InstalmentDraft(name="Deposit", basis=DueBasis.SIGNING, share=Decimal("0.3")),
        InstalmentDraft(name="On delivery", basis=DueBasis.DELIVERY, share=Decimal("0.6")),
        InstalmentDraft(
            name="Retention", basis=DueBasis.ACCEPTANCE, share=Decimal("0.1"), offset_months=12, is_retention=True
        ),
    ]
    contract = signed(plan=plan)
    due = lambda: list(Instalment.objects.in_force().order_by("position").values_list("amount", "due_on"))  # noqa: E731
    assert due() == [(450, on(-10).on), (900, None), (150, None)]
    delivery = post(contract, days=-4)
    assert due()[1:] == [(900, on(-4).on), (150, None)]
    deliveries.record_acceptance(finance, delivery.pk, draft=AcceptanceDraft(on(-2).on), at=at)
    assert due()[2] == (150, dt.date(2027, 6, 13))
    deliveries.return_delivery(finance, delivery.pk, draft=ReturnDraft(on().on, "Faulty"), at=at)
    assert due() == [(450, on(-10).on), (900, None), (150, None)]


def test_nothing_goes_to_a_customer_on_hold_but_what_a_release_covers(
    signed, post, finance, executive, owner, customer, at, on
):
    contract = signed()
    place_hold(finance, customer.pk, reason="Three letters, no money.", at=at)
    with pytest.raises(SupplyOnHold, match="Three letters, no money"):
        post(contract, 1)
    assert not Delivery.objects.exists()
    release = request_release(
        owner, customer.pk, reason="Their line stands still.", until_on=on(3).on, amount=Decimal(300), at=at
    )
    with pytest.raises(SupplyOnHold):
        post(contract, 1)
    approve_release(executive, release.pk, at=at)
    delivery = post(contract, 3)
    assert ReleaseUse.objects.get(subject_id=delivery.pk).amount == 300
    with pytest.raises(SupplyOnHold):
        post(contract, 1)
    deliveries.return_delivery(finance, delivery.pk, draft=ReturnDraft(on().on, "Sent by mistake"), at=at)
    post(contract, 2)
    lift_hold(finance, customer.pk, reason="Paid.", at=at)
    post(contract)
    assert Delivery.objects.filter(kind="delivery").count() == 3


def test_the_credit_limit_stops_a_delivery_until_money_comes_or_a_release_covers_it(
    signed, post, finance, executive, owner, customer, at, on
):
    Customer.objects.filter(pk=customer.pk).update(credit_limit=600, credit_currency="CNY")
    contract = signed()
    post(contract, 5)
    with pytest.raises(CreditLimitExceeded) as refused:
        post(contract, 2)
    assert refused.value.facts == {
        "customer": "Hengda Steel", "owed": "CN¥500.00", "amount": "CN¥200.00", "limit": "CN¥600.00",
    }  # fmt: skip
    post(contract, 1)
    receipts.post_receipt(finance, ReceiptDraft(customer.pk, Decimal(250), on().on), at=at)
    customer.refresh_from_db()
    assert exposure(customer, on=on().on).room == Money(Decimal(250), "CNY")
    post(contract, 2)
    release = request_release(owner, customer.pk, reason="Urgent", until_on=on().on, at=at)
    approve_release(executive, release.pk, at=at)
    post(contract)
    assert ReleaseUse.objects.get().amount == 700


def test_exposure_adds_currencies_at_the_rate_of_the_day(signed, post, customer, on):
    ExchangeRate.objects.create(currency="USD", on=dt.date(2026, 1, 1), rate=Decimal("7.2"))
    Customer.objects.filter(pk=customer.pk).update(credit_limit=10000, credit_currency="USD")
    customer.refresh_from_db()
    post(signed(currency="USD", lines=[LineDraft(Decimal(1), Decimal(1000), "Press")]))
    post(signed(lines=[LineDraft(Decimal(1), Decimal(720), "Press")]))
    found = exposure(customer, on=on().on)
    assert (found.owed, found.room) == (Money(Decimal("1100.00"), "USD"), Money(Decimal("8900.00"), "USD"))


def test_an_entry_keeps_its_lines_and_its_worth(signed, post):
    delivery = post(signed(), 4, 1)
    assert delivery.amount == sum(row.amount for row in DeliveryLine.objects.filter(delivery=delivery)) == 900
