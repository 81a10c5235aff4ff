"""Bank lines are read in once, proposed to customers with reasons, and become receipts when a person confirms."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from loudou.contracts.choices import LineState, ReceiptKind
from loudou.contracts.errors import BankLineNotIncoming, BankLinePosted, BankLineUsedUp, BankReferencePosted
from loudou.contracts.models import BankStatement, Receipt, StatementLine, StatementPosting
from loudou.contracts.selectors import bank_matching
from loudou.contracts.services import bank_statements, invoices, receipts, refunds
from loudou.contracts.services.ledger_drafts import BankRow, InvoiceDraft, LinePart, ReceiptDraft
from loudou.core.refusals import InvalidInput, NotVisible, PermissionRefused
from loudou.customers.models import Customer

from .world import day, part

pytestmark = pytest.mark.django_db


@pytest.fixture
def read_in(finance, at):
    """Read rows in and return the lines that are new."""

    def read(*rows, account="ICBC 8899", currency="CNY", name="june.csv"):
        done = bank_statements.read_in_statement(
            finance, account=account, name=name, currency=currency, rows=rows, at=at
        )
        return list(StatementLine.objects.filter(statement=done.statement).order_by("position"))

    return read


def row(amount, on="06-10", **facts):
    return BankRow(day(on), Decimal(amount), **facts)


def best(finance, line):
    found = bank_matching.proposals(finance, [line]).get(line.pk, [])
    return [(one.customer.name, one.score, [reason.code for reason in one.reasons]) for one in found]


def fresh(line):
    return StatementLine.objects.get(pk=line.pk)


def test_a_movement_of_an_overlapping_file_is_read_in_once(read_in, finance, at):
    twin = row(50, payer="Hengda")
    assert len(read_in(row(100, reference="R1"), twin, twin, row(-20))) == 4
    again = bank_statements.read_in_statement(
        finance, account="ICBC 8899", name="again.csv", currency="CNY", at=at,
        rows=[row(100, reference="R1"), twin, twin, twin, row(30)],
    )  # fmt: skip
    assert (again.added, again.repeated) == (2, 3)
    assert [line.amount for line in again.statement.lines.order_by("position")] == [50, 30]
    assert len(read_in(row(100, reference="R1"), account="BOC 1122")) == 1


@pytest.mark.parametrize("spelling", ["icbc8899", "ＩＣＢＣ　８８９９", "ICBC-8899", " ICBC – 88 99 ", "ICBC/8899"])
def test_an_account_is_one_in_any_spelling_and_written_as_in_its_first_statement(read_in, finance, spelling):
    read_in(row(100, reference="R1"))
    assert read_in(row(100, reference="R1"), account=spelling) == []
    assert set(BankStatement.objects.values_list("account", flat=True)) == {"ICBC 8899"}
    assert bank_matching.spelling_of(finance, spelling) == "ICBC 8899"
    assert bank_matching.known_accounts(finance) == {"ICBC 8899": "CNY"}


@pytest.mark.parametrize("other", ["ICBC 8898", "ICBC **** 8899", "工行 8899"])
def test_another_account_is_not_taken_for_it(read_in, other):
    read_in(row(100, reference="R1"))
    assert len(read_in(row(100, reference="R1"), account=other)) == 1


def test_a_transfer_is_posted_once_however_its_account_is_written(read_in, customer, finance, at):
    (line,) = read_in(row(100, reference="R1"))
    (receipt,) = bank_statements.confirm_line(finance, line.pk, parts=[LinePart(customer.pk)], at=at)
    again = ReceiptDraft(customer.pk, Decimal(100), day("06-10"), account="icbc-8899", bank_reference="R1")
    with pytest.raises(BankReferencePosted):
        receipts.post_receipt(finance, again, at=at)
    assert Receipt.objects.get() == receipt
    other = ReceiptDraft(customer.pk, Decimal(100), day("06-10"), account="BOC 1", bank_reference="R1")
    assert receipts.post_receipt(finance, other, at=at).account == "BOC 1"


def test_a_reference_that_a_bank_repeats_hides_no_money(read_in):
    first = read_in(row(100, reference="0"), row(100, reference="0"))
    later = read_in(row(100, "06-11", reference="0"), row(70, reference="0"), row(100, reference="0"))
    assert [line.amount for line in first] == [100, 100]
    assert [(line.booked_on, line.amount) for line in later] == [(day("06-11"), 100), (day("06-10"), 70)]


def test_a_file_that_makes_no_sense_is_refused_whole(read_in):
    with pytest.raises(InvalidInput) as refused:
        read_in(row(1), row(0))
    assert refused.value.errors == {"rows": ["Row 2: A movement of nothing is no movement."]}
    with pytest.raises(InvalidInput):
        read_in(row(1), account=" ")
    with pytest.raises(InvalidInput):
        read_in()
    assert not BankStatement.objects.exists()


def test_clues_add_up_and_the_best_comes_first(signed, read_in, finance, owner, customer, at):
    contract = signed(1000, plan=[part(300, "06-01"), part(700, "09-01")])
    other = Customer.objects.create(name="Jinli Pumps", aliases=["金利泵业有限公司"], owner=owner)
    twin = signed(900, plan=[part(300, "01-20"), part(600, "08-01")], customer=other)
    (line,) = read_in(row(300, payer="Hengda Steel", remittance=f"货款{contract.number.lower()}首付"))
    assert best(finance, line) == [
        ("Hengda Steel", 100, ["contract_number", "payer_name", "exact_instalment", "exact_due", "near_due_day"]),
        ("Jinli Pumps", 25, ["exact_instalment"]),
    ]
    (line,) = read_in(row(300, payer="金利泵业有限公司"))
    assert best(finance, line)[0] == ("Jinli Pumps", 65, ["payer_short_name", "exact_instalment", "exact_due"])
    (line,) = read_in(row(42, payer="Hengda"))
    assert best(finance, line) == [("Hengda Steel", 20, ["payer_short_name"])]
    (line,) = read_in(row(43, payer="Nobody we know", remittance="rent"))
    assert best(finance, line) == []
    blue = invoices.issue_invoice(finance, InvoiceDraft(twin.pk, day("06-01"), number="25312000000012345678"), at=at)
    (line,) = read_in(row(900, payer="Li Wei", remittance=f"付发票{blue.number}款"))
    assert best(finance, line) == [("Jinli Pumps", 40, ["invoice_number"])]


def test_who_paid_from_the_account_before_is_known_again(signed, read_in, finance, customer, at):
    signed(1000, plan=[part(1000, "06-01")])
    first, second = read_in(
        row(10, payer="Boss", payer_account="6222 01", reference="A"),
        row(20, payer="Boss", payer_account="6222 01", reference="B"),
    )
    assert best(finance, second) == []
    bank_statements.confirm_line(finance, first.pk, parts=[LinePart(customer.pk)], at=at)
    assert best(finance, second) == [("Hengda Steel", 35, ["payer_account"])]


def test_a_confirmed_line_is_one_receipt_and_never_two(signed, read_in, shares, finance, customer, at, findings):
    contract = signed(1000, plan=[part(300, "06-01"), part(700, "09-01")])
    (line,) = read_in(row(300, payer="Hengda Steel", reference="R1"))
    (receipt,) = bank_statements.confirm_line(finance, line.pk, parts=[LinePart(customer.pk)], at=at)
    assert (receipt.amount, receipt.received_on, receipt.payer, receipt.bank_reference, receipt.account) == (
        300, day("06-10"), "Hengda Steel", "R1", "ICBC 8899",
    )  # fmt: skip
    assert shares(contract)[0] == ("300.00", "300.00")
    assert (fresh(line).state, fresh(line).to_post) == (LineState.POSTED, 0)
    with pytest.raises(BankLineUsedUp):
        bank_statements.confirm_line(finance, line.pk, parts=[LinePart(customer.pk)], at=at)
    with pytest.raises(BankLinePosted):
        bank_statements.dismiss_line(finance, line.pk, reason="No")
    assert Receipt.objects.count() == 1
    assert findings() == []


def test_a_line_is_split_over_customers_and_posted_in_parts(read_in, finance, owner, customer, at, findings):
    other = Customer.objects.create(name="Jinli Pumps", owner=owner)
    (line,) = read_in(row(1000, reference="R1"))
    bank_statements.confirm_line(finance, line.pk, parts=[LinePart(customer.pk, Decimal(600))], at=at)
    assert (fresh(line).state, fresh(line).to_post) == (LineState.PARTLY, 400)
    with pytest.raises(BankLineUsedUp):
        bank_statements.confirm_line(finance, line.pk, parts=[LinePart(other.pk, Decimal("400.01"))], at=at)
    made = bank_statements.confirm_line(
        finance, line.pk, parts=[LinePart(other.pk, Decimal(100)), LinePart(customer.pk)], at=at
    )
    assert [(one.amount, one.bank_reference) for one in made] == [(100, "R1/2"), (300, "R1/3")]
    assert fresh(line).state == LineState.POSTED
    assert findings() == []


def test_a_part_that_is_refused_posts_nothing_of_the_line(read_in, finance, customer, at):
    (line,) = read_in(row(1000))
    with pytest.raises(NotVisible):
        bank_statements.confirm_line(
            finance, line.pk, parts=[LinePart(customer.pk, Decimal(1)), LinePart(customer.pk + 99)], at=at
        )
    assert not Receipt.objects.exists()
    assert fresh(line).state == LineState.OPEN


def test_a_reversed_receipt_gives_the_line_back(read_in, finance, owner, customer, at, findings):
    other = Customer.objects.create(name="Jinli Pumps", owner=owner)
    (line,) = read_in(row(1000, reference="R1"))
    (wrong,) = bank_statements.confirm_line(finance, line.pk, parts=[LinePart(customer.pk)], at=at)
    refunds.reverse_receipt(finance, wrong.pk, on=day("06-15"), reason="Wrong customer", at=at)
    assert fresh(line).state == LineState.OPEN
    (right,) = bank_statements.confirm_line(finance, line.pk, parts=[LinePart(other.pk)], at=at)
    assert (right.customer, right.bank_reference) == (other, "R1")
    assert findings() == []


def test_the_money_of_a_bill_honours_the_bill(signed, receive, read_in, shares, finance, customer, at, findings):
    contract = signed(1000, plan=[part(1000, "03-01")])
    bill = receive(400, "04-01", kind=ReceiptKind.BILL, matures_on=day("06-08"))
    (line,) = read_in(row(400, "06-10"))
    assert best(finance, line) == [("Hengda Steel", 30, ["exact_bill"])]
    with pytest.raises(InvalidInput):
        bank_statements.confirm_line(finance, line.pk, parts=[LinePart(receipt_id=bill.pk, amount=Decimal(1))], at=at)
    assert bank_statements.confirm_line(finance, line.pk, parts=[LinePart(receipt_id=bill.pk)], at=at) == [bill]
    assert shares(contract) == [("400.00", "400.00")]
    assert Receipt.objects.count() == 1
    assert findings() == []


def test_money_that_left_is_no_receipt_and_can_be_dismissed(read_in, finance, customer, at):
    out, rent = read_in(row(-50), row(70))
    with pytest.raises(BankLineNotIncoming):
        bank_statements.confirm_line(finance, out.pk, parts=[LinePart(customer.pk)], at=at)
    assert bank_statements.dismiss_line(finance, rent.pk, reason="Rent").state == LineState.DISMISSED
    with pytest.raises(InvalidInput):
        bank_statements.confirm_line(finance, rent.pk, parts=[LinePart(customer.pk)], at=at)
    assert bank_statements.take_up_line(finance, rent.pk).state == LineState.OPEN
    assert list(bank_matching.bank_lines(finance).to_match()) == [rent]


def test_a_rep_sees_no_bank_line_and_confirms_none(read_in, owner, finance, customer, at):
    (line,) = read_in(row(100, payer="Hengda Steel"))
    assert not bank_matching.bank_lines(owner).exists()
    with pytest.raises(PermissionRefused):
        bank_statements.confirm_line(owner, line.pk, parts=[LinePart(customer.pk)], at=at)
    assert not StatementPosting.objects.exists()


def test_the_database_posts_no_more_than_the_bank_brought(receive, read_in, at):
    (line,) = read_in(row(100))
    receipt = receive(101)
    facts = {"line": line, "receipt": receipt, "at": at}
    with pytest.raises(IntegrityError, match="posted_within_statement_line"), transaction.atomic():
        StatementPosting.objects.create(amount=101, **facts)
    with pytest.raises(IntegrityError, match="a bank line is posted as a receipt"), transaction.atomic():
        StatementPosting.objects.create(amount=100, **facts)
    with pytest.raises(IntegrityError, match="balances of line of a bank statements follow"), transaction.atomic():
        connection.cursor().execute("UPDATE contracts_statementline SET posted_amount = 1")
    with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
        StatementLine.objects.update(amount=101)


def test_proposals_for_a_page_of_lines_take_the_same_number_of_statements(
    signed, read_in, finance, customer, django_assert_num_queries
):
    signed(1000, plan=[part(300, "06-01"), part(700, "09-01")])
    lines = read_in(*[row(300, payer="Hengda Steel", remittance=f"T-{n:05}", payer_account="6") for n in range(30)])
    with django_assert_num_queries(11):
        bank_matching.proposals(finance, lines[:1])
    with django_assert_num_queries(11):
        bank_matching.proposals(finance, lines)
