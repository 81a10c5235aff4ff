"""Attacks on the ledger: by the ORM, by raw SQL, and by fifty sessions at once. The database holds."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, transaction

from loudou.contracts import models
from loudou.contracts.models import Allocation, ExchangeDifference, Instalment, Invoice, Receipt, Refund, StatementLine
from loudou.contracts.services import allocations, bank_statements, deliveries, invoices, receipts, refunds
from loudou.contracts.services.drafts import DeliveryDraft
from loudou.contracts.services.ledger_drafts import (
    BankRow,
    InvoiceDraft,
    InvoiceLineDraft,
    LinePart,
    Part,
    ReceiptDraft,
    RefundDraft,
)
from loudou.core.refusals import BusinessRefusal
from loudou.customers.models import Customer
from loudou.customers.services import holds
from loudou.people.models import User

from .world import AT, amend, day, part

SESSIONS = 50
CENT = Decimal("0.01")
POSTED = ("Receipt", "Refund", "Reversal", "Allocation", "ExchangeDifference", "Invoice", "InvoiceLine", "BillEvent")


@pytest.fixture
def books(signed, receive, rates, finance, at):
    """One row of everything that is posted."""
    from loudou.contracts.choices import BillStep, ReceiptKind
    from loudou.contracts.services import bills
    from loudou.contracts.services.ledger_drafts import BillOutcome

    contract = signed(100, plan=[part(100, "02-01")], currency="USD")
    receipt = receive(60, "03-05", currency="USD")
    refunds.refund_receipt(finance, RefundDraft(receipt.pk, Decimal(10), day("06-10"), "Too much"), at=at)
    mistake = receive(5, "03-05", currency="USD", allocate=False)
    refunds.reverse_receipt(finance, mistake.pk, on=day("06-10"), reason="Mistake", at=at)
    bill = receive(7, "03-05", currency="USD", kind=ReceiptKind.BILL, matures_on=day("06-01"))
    bills.settle_bill(finance, bill.pk, outcome=BillOutcome(BillStep.HONOURED, day("06-01")), at=at)
    invoices.issue_invoice(finance, InvoiceDraft(contract.pk, day("03-01")), at=at)
    return contract, receipt


@pytest.mark.django_db
@pytest.mark.parametrize("name", POSTED)
def test_nothing_posted_is_changed_or_deleted_by_orm_or_raw_sql(books, name):
    model = getattr(models, name)
    before = list(model.objects.order_by("pk").values())
    assert before
    table = model._meta.db_table
    columns = [field.column for field in model._meta.concrete_fields if not field.generated and not field.primary_key]
    for field in (field for field in model._meta.concrete_fields if field.column in columns):
        quoted = f'"{field.column}"'
        kind = "ForeignKey" if field.is_relation else field.get_internal_type()
        other = {
            "CharField": f"CASE WHEN {quoted} = 'X' THEN 'Y' ELSE 'X' END", "BooleanField": f"NOT {quoted}",
            "DateTimeField": f"{quoted} + interval '1 day'",
        }.get(kind, f"{quoted} + 1")  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count({quoted}) FROM {table}")
            if not cursor.fetchone()[0]:
                continue  # empty in every row, and empty plus one is empty
        with pytest.raises(IntegrityError, match=r"never changed|follow from"), transaction.atomic():
            connection.cursor().execute(f"UPDATE {table} SET {quoted} = {other}")
    for attack in (lambda: model.objects.all().delete(), lambda: connection.cursor().execute(f"DELETE FROM {table}")):
        with pytest.raises(DatabaseError), transaction.atomic():
            attack()
    assert list(model.objects.order_by("pk").values()) == before


@pytest.mark.django_db
def test_no_history_is_emptied_at_once(books):
    """TRUNCATE fires no trigger on rows, and CASCADE reaches tables that the statement does not name."""
    tables = {
        model._meta.db_table: model.objects.count()
        for model in apps.get_models()
        if any(trigger.name == "never_emptied" for trigger in getattr(model._meta, "triggers", ()))
    }
    assert {getattr(models, name)._meta.db_table for name in POSTED} < set(tables)
    assert {"people_auditentry", "customers_evidence", "pipeline_stagechange", "contracts_delivery"} < set(tables)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL loudou.allow_truncate = ''")
    for table in (*tables, "contracts_contract", "contracts_paymentplan", "customers_customer", "pipeline_opportunity"):
        for how in ("", " CASCADE"):
            with pytest.raises(DatabaseError, match=r"never emptied|referenced in a foreign key"), transaction.atomic():
                connection.cursor().execute(f"TRUNCATE {table}{how}")
    assert {table: _count(table) for table in tables} == tables


def _count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


@pytest.mark.django_db
def test_raw_entries_that_do_not_fit_are_refused(books, signed, receive, owner):
    contract, receipt = books
    owed = Instalment.objects.get(contract=contract)
    mine = signed(50, plan=[part(50, "02-01")])
    foreign = signed(50, plan=[part(50, "02-01")], customer=Customer.objects.create(name="Other", owner=owner))
    cash = receive(500, "06-01", allocate=False)

    def put(receipt: Receipt, instalment: Instalment, amount: Any, **facts: Any) -> None:
        entry = Allocation(
            receipt=receipt, instalment=instalment, contract_id=instalment.contract_id, amount=amount,
            currency=receipt.currency, amount_base=amount, booked_base=amount, on=day("06-15"), cause="manual", at=AT,
        )  # fmt: skip
        for name, value in facts.items():
            setattr(entry, name, value)
        with transaction.atomic():
            Allocation.objects.bulk_create([entry])

    own, others = Instalment.objects.get(contract=mine), Instalment.objects.get(contract=foreign)
    standing = Allocation.objects.standing().filter(receipt=receipt).latest("pk")
    for attack, sentence in (
        (lambda: put(cash, own, 51), "instalment_not_overpaid"),
        (lambda: put(receive(10, allocate=False), own, 11), "receipt_not_overdrawn|instalment"),
        (lambda: put(cash, owed, 1), "one currency"),
        (lambda: put(cash, own, 1, currency="USD"), "one currency"),
        (lambda: put(cash, others, 1), "of one customer"),
        (lambda: put(cash, own, 1, contract_id=contract.pk), "of one customer"),
        (lambda: put(cash, own, -1), "allocation_sign"),
        (lambda: put(receipt, owed, -1, undoes=standing), "undoes another exactly|not_negative|base_closes"),
    ):
        with pytest.raises(IntegrityError, match=sentence):
            attack()
    with pytest.raises(IntegrityError, match="written with the entry"), transaction.atomic():
        ExchangeDifference.objects.create(
            customer=receipt.customer, refund=Refund.objects.get(), currency="USD", amount_base=1, on=day("06-15")
        )
    with pytest.raises(IntegrityError, match="receipt_not_overdrawn"), transaction.atomic():
        Refund.objects.create(
            number="X", receipt=cash, customer=cash.customer, currency="CNY", amount=501, refunded_on=day("06-15"),
            rate=1, amount_base=501, receipt_base=501, reason="All", posted_at=AT,
        )  # fmt: skip


@pytest.mark.django_db
def test_balances_of_a_new_row_start_empty_whatever_the_statement_says(customer):
    row = Receipt.objects.create(
        number="X", customer=customer, kind="bill", matures_on=day("07-01"), currency="CNY", amount=10, amount_base=10,
        rate=1, received_on=day("06-01"), posted_at=AT, allocated=10, used_base=10, cash_on=day("06-01"),
    )  # fmt: skip
    row.refresh_from_db()
    assert (row.allocated, row.used_base, row.cash_on, row.available) == (0, 0, None, 10)


@pytest.mark.django_db
def test_a_contract_does_not_outgrow_its_plan(signed):
    contract = signed(100, plan=[part(100, "02-01")])
    with pytest.raises(IntegrityError, match=r"adds up to the amount|version in force"), transaction.atomic():
        models.Contract.objects.filter(pk=contract.pk).update(net_amount=1, tax_amount=0, amount=1)
        connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.django_db
def test_the_audit_knows_who_posted(signed, receive, finance):
    from loudou.people.models import AuditEntry

    signed(100, plan=[part(100, "02-01")])
    AuditEntry.objects.filter(table_name="contracts_receipt").count()
    receipt = receive(40)
    entries = AuditEntry.objects.filter(actor=finance).order_by("id").values_list("table_name", "operation")
    assert list(entries) == [("contracts_receipt", "insert"), ("contracts_allocation", "insert")]
    assert AuditEntry.objects.get(table_name="contracts_receipt").object_id == str(receipt.pk)


def at_once(act: Callable[[int], Any]) -> Counter[str]:
    """Let fifty sessions act at the same moment; count what became of it."""
    start = threading.Barrier(SESSIONS)
    outcomes: list[str] = []

    def run(number: int) -> None:
        try:
            start.wait(60)
            act(number)
            outcomes.append("done")
        except BusinessRefusal as refusal:
            outcomes.append(refusal.code)
        except IntegrityError:
            outcomes.append("integrity")
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(SESSIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert len(outcomes) == SESSIONS
    return Counter(outcomes)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
class TestFiftySessions:
    """Real threads, real transactions."""

    def test_one_transfer_posted_by_all_is_one_receipt(self, signed, customer, finance, shares, findings):
        contract = signed(1000, plan=[part(1000, "02-01")])
        draft = ReceiptDraft(customer.pk, Decimal(100), day("06-15"), key="T-1", bank_reference="R-1")

        def post(_number: int) -> Any:
            return receipts.post_receipt(User.objects.get(pk=finance.pk), draft, at=AT)

        assert at_once(post) == {"done": SESSIONS}
        assert Receipt.objects.count() == 1
        assert shares(contract) == [("100.00", "100.00")]
        assert findings() == []

    def test_the_last_cent_is_allocated_once(self, signed, receive, finance, shares, findings):
        first, second = (signed(1, plan=[part(1, "02-01")]) for _ in range(2))
        receipt = receive(CENT, allocate=False)
        owed = list(Instalment.objects.filter(contract__in=[first, second]).values_list("pk", flat=True))

        def allocate(number: int) -> Any:
            parts = [Part(owed[number % 2], CENT)]
            return allocations.allocate_receipt(User.objects.get(pk=finance.pk), receipt.pk, parts=parts, at=AT)

        assert at_once(allocate) == {"done": 1, "receipt_overdrawn": SESSIONS - 1}
        assert sum(Decimal(paid) for paid, _cash in shares(first) + shares(second)) == CENT
        assert findings() == []

    def test_raw_sql_without_any_lock_allocates_no_cent_too_much(self, signed, receive, shares, findings):
        contract = signed(100, plan=[part(100, "02-01")])
        receipt = receive(10, allocate=False)
        owed = Instalment.objects.get(contract=contract)
        statement = """
            INSERT INTO contracts_allocation (receipt_id, instalment_id, contract_id, amount, currency, amount_base,
                                              booked_base, "on", cause, reason, at)
            VALUES (%s, %s, %s, 1, 'CNY', 1, 1, '2026-06-15', 'manual', '', now())
        """

        def attack(_number: int) -> None:
            connection.cursor().execute(statement, [receipt.pk, owed.pk, contract.pk])

        assert at_once(attack) == {"done": 10, "integrity": SESSIONS - 10}
        assert shares(contract) == [("10.00", "10.00")]

    def test_a_receipt_is_refunded_once_and_a_line_invoiced_once(self, signed, receive, finance, findings):
        contract = signed(1000, plan=[part(1000, "02-01")])
        receipt = receive(100)
        line = contract.lines.get()

        def act(number: int) -> Any:
            actor = User.objects.get(pk=finance.pk)
            if number % 2:
                draft = RefundDraft(receipt.pk, Decimal(60), day("06-15"), "Too much")
                return refunds.refund_receipt(actor, draft, at=AT)
            lines = [InvoiceLineDraft(line.pk, Decimal(600))]
            return invoices.issue_invoice(actor, InvoiceDraft(contract.pk, day("06-15"), lines=lines), at=AT)

        half = SESSIONS // 2
        assert at_once(act) == {"done": 2, "receipt_overdrawn": half - 1, "invoice_exceeds_line": half - 1}
        assert (Refund.objects.count(), Invoice.objects.count()) == (1, 1)
        assert findings() == []

    def test_payments_and_an_amendment_at_once_lose_nothing(self, signed, customer, finance, shares, findings):
        contract = signed(1000, plan=[part(400, "02-01"), part(600, "05-01")])

        def act(number: int) -> Any:
            if number == SESSIONS // 2:
                with transaction.atomic():
                    row = models.Contract.objects.select_for_update(no_key=True).get(pk=contract.pk)
                    return amend(row, 1200, AT, plan=[part(500, "02-01"), part(700, "06-01")])
            draft = ReceiptDraft(customer.pk, Decimal(11), day("06-15"))
            return receipts.post_receipt(User.objects.get(pk=finance.pk), draft, at=AT)

        assert at_once(act) == {"done": SESSIONS}
        paid = Decimal(11 * (SESSIONS - 1))
        assert shares(contract) == [("500.00", "500.00"), (f"{paid - 500:.2f}", f"{paid - 500:.2f}")]
        assert findings() == []

    def test_split_bank_lines_of_the_same_customers_never_wait_for_each_other(self, customer, owner, finance, findings):
        other = Customer.objects.create(name="Other", owner=owner)
        rows = [BankRow(day("06-10"), Decimal(10), reference=f"R{number}") for number in range(SESSIONS)]
        bank_statements.read_in_statement(finance, account="ICBC", name="June", currency="CNY", rows=rows, at=AT)
        lines = list(StatementLine.objects.order_by("pk").values_list("pk", flat=True))

        def confirm(number: int) -> Any:
            payers = [customer.pk, other.pk] if number % 2 else [other.pk, customer.pk]
            parts = [LinePart(payers[0], Decimal(4)), LinePart(payers[1], Decimal(6))]
            return bank_statements.confirm_line(User.objects.get(pk=finance.pk), lines[number], parts=parts, at=AT)

        assert at_once(confirm) == {"done": SESSIONS}
        numbers = sorted(Receipt.objects.values_list("number", flat=True))
        assert numbers == [f"SK2026-{number:05}" for number in range(1, 2 * SESSIONS + 1)]
        assert findings() == []

    def test_receipts_of_several_years_at_once_leave_no_gap(self, customer, owner, finance, findings):
        customers = [Customer.objects.create(name=f"C{number}", owner=owner).pk for number in range(SESSIONS)]

        def post(number: int) -> Any:
            days = [dt.date(2025, 3, 1), dt.date(2026, 3, 1)][:: 1 if number % 2 else -1]
            drafts = [ReceiptDraft(customers[number], Decimal(5), day) for day in days]
            with transaction.atomic():
                receipts.post_receipts(User.objects.get(pk=finance.pk), drafts, at=AT)
                transaction.set_rollback(number % 5 == 0)

        assert at_once(post) == {"done": SESSIONS}
        for year in (2025, 2026):
            numbers = sorted(Receipt.objects.filter(received_on__year=year).values_list("number", flat=True))
            assert numbers == [f"SK{year}-{number:05}" for number in range(1, 41)]
        assert findings() == []

    def test_nothing_is_delivered_against_a_hold(self, signed, customer, finance, findings):
        contract = signed(1000, plan=[part(1000, "02-01")])
        holds.place_hold(finance, customer.pk, reason="Overdue", at=AT)

        def deliver(_number: int) -> Any:
            draft = DeliveryDraft(day("06-15"))
            return deliveries.post_delivery(User.objects.get(pk=finance.pk), contract.pk, draft=draft, at=AT)

        assert at_once(deliver) == {"supply_on_hold": SESSIONS}
        assert not models.Delivery.objects.exists()
        assert contract.lines.get().delivered == 0
