"""One bank reference of one account is one receipt, however the account is written and whoever posts it meanwhile."""

from __future__ import annotations

import threading

import pytest
from django.db import IntegrityError, transaction
from tests.threads import at_once

from loudou.contracts.accounts import account_key, account_key_of
from loudou.contracts.models import Receipt
from loudou.contracts.services import receipts
from loudou.customers.models import Customer

SPELLINGS = [
    "ICBC 8899",
    "icbc8899",
    "ＩＣＢＣ　８８９９",
    "ICBC-8899",
    " ICBC – 88 99 ",
    "ICBC/8899",
    "i.c_b·c，8—8、99",
]


@pytest.mark.django_db(transaction=True)
def test_one_reference_in_two_spellings_at_one_moment_is_posted_once(receive, customer, owner, rates, monkeypatch):
    other = Customer.objects.create(name="Bolt Works", owner=owner)
    both_have_looked, look = threading.Barrier(2), receipts._known

    def look_together(drafts):
        found = look(drafts)
        both_have_looked.wait(60)
        return found

    monkeypatch.setattr(receipts, "_known", look_together)
    answers = at_once(
        lambda: receive(100, bank_reference="R1", account="ICBC 8899").number,
        lambda: receive(100, bank_reference="R1", account="icbc-8899", customer_id=other.pk).number,
    )
    assert sorted(answers) == ["SK2026-00001", "invalid_input"]
    assert Receipt.objects.get().number == "SK2026-00001"


@pytest.mark.django_db
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_database_knows_an_account_in_the_spellings_that_we_do(receive, spelling):
    receipt = receive(100, bank_reference="R1", account=spelling)
    assert Receipt.objects.annotate(plain=account_key_of("account")).get().plain == account_key(spelling) == "icbc8899"
    twin = Receipt.objects.get()
    twin.pk, twin.number, twin.account = None, "X-1", "ICBC 8899"
    with pytest.raises(IntegrityError, match="receipt_bank_reference_once"), transaction.atomic():
        twin.save()
    assert Receipt.objects.get() == receipt


@pytest.mark.django_db
def test_other_accounts_other_references_and_what_was_reversed_are_free(receive, finance, at):
    from loudou.contracts.services import refunds

    first = receive(100, bank_reference="R1", account="ICBC 8899", allocate=False)
    receive(100, bank_reference="R1", account="ICBC **** 8899")
    receive(100, bank_reference="r1", account="ICBC 8899")
    refunds.reverse_receipt(finance, first.pk, on=at.date(), reason="Mistake", at=at)
    receive(100, bank_reference="R1", account="icbc8899")
    assert Receipt.objects.count() == 4
