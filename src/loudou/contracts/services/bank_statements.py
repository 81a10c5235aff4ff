"""Bank statements: read in as rows, posted line by line as a person confirms."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.utils.translation import gettext as _

from loudou.contracts.accounts import account_key
from loudou.contracts.choices import BillStep, LineState
from loudou.contracts.errors import BankLineNotIncoming, BankLinePosted, BankLineUsedUp
from loudou.contracts.models import BankStatement, Receipt, StatementLine, StatementPosting
from loudou.contracts.movements import lines_of, trouble_of
from loudou.contracts.selectors.bank_matching import known_identities, spelling_of
from loudou.contracts.services.allocations import locked_receipt
from loudou.contracts.services.bills import settle_locked
from loudou.contracts.services.ledger_drafts import BankRow, BillOutcome, LinePart, ReceiptDraft
from loudou.contracts.services.receipts import post_receipts
from loudou.core.actors import Actor
from loudou.core.bulk import clean_row
from loudou.core.copying import copy_rows
from loudou.core.money import check_currency, round_money, written
from loudou.core.refusals import InvalidInput, NotVisible
from loudou.core.verbs import lock, lock_all, service
from loudou.customers.models import Customer

MOST_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class ReadIn:
    """A statement that was read in: how many movements are new, and how many were there from an earlier file."""

    statement: BankStatement
    added: int
    repeated: int


@service("contracts.post_receipt")
def read_in_statement(
    actor: Actor, *, account: str, name: str, currency: str, rows: Sequence[BankRow], at: dt.datetime
) -> ReadIn:
    """Keep the movements of a bank's file; those already read in from an overlapping file are left out.

    A movement is known by its day and amount, with the bank's reference or else with payer and text, counted within the
    file.
    An account that has statements is found in any spelling (`account_key`). Raises InvalidInput, UnknownCurrency.
    """
    if not account_key(account):
        raise InvalidInput({"account": [_("Say which account the statement is of.")]})
    if not 1 <= len(rows) <= MOST_ROWS:
        raise InvalidInput({"rows": [_("A statement has between 1 and %(most)s rows.") % {"most": MOST_ROWS}]})
    code = check_currency(currency)
    _wait_for_others(account)
    statement = BankStatement(
        account=spelling_of(actor, account.strip()),
        name=name.strip()[:255],
        currency=code,
        imported_at=at,
        imported_by_id=actor.pk,
    )
    if refusal := clean_row(statement):
        raise refusal
    lines = _checked(statement, rows)
    known = known_identities(actor, lines)
    fresh = [line for line in lines if line.identity not in known]
    statement.save(force_insert=True)
    copy_rows(fresh)
    return ReadIn(statement, len(fresh), len(lines) - len(fresh))


@service("contracts.post_receipt")
def confirm_line(actor: Actor, line_id: int, *, parts: Sequence[LinePart], at: dt.datetime) -> list[Receipt]:
    """Post what a person decided about a bank line: as one receipt, or split over several customers or contracts.

    A part without an amount takes all that is left. A part that names a bill honours it. Twice is refused, never
    posted twice. Raises NotVisible, BankLineNotIncoming, BankLineUsedUp, InvalidInput and what posting raises.
    """
    line = lock(StatementLine.objects.visible_to(actor), line_id)
    if line.amount < 0:
        raise BankLineNotIncoming
    if line.is_dismissed:
        raise InvalidInput({"": [_("This bank line was dismissed. Take it up again first.")]})
    amounts = _amounts(line, parts)
    _lock_customers(actor, parts)
    settled = [_settled_bill(actor, line, part, amount, at) for part, amount in zip(parts, amounts, strict=True)]
    first = line.postings.count()
    drafts = [
        _receipt_draft(line, part, amount, number=number)
        for number, (part, amount, bill) in enumerate(zip(parts, amounts, settled, strict=True), start=first)
        if bill is None
    ]
    posted = iter([outcome.unwrap() for outcome in post_receipts(actor, drafts, at=at)])
    made = [next(posted) if bill is None else bill for bill in settled]
    for receipt, amount in zip(made, amounts, strict=True):
        StatementPosting(line=line, receipt=receipt, amount=amount, at=at, actor_id=actor.pk).save(force_insert=True)
    return made


@service("contracts.post_receipt")
def dismiss_line(actor: Actor, line_id: int, *, reason: str) -> StatementLine:
    """Say that a bank line, or what is left of it, is no customer's payment. Raises NotVisible, BankLinePosted."""
    line = lock(StatementLine.objects.visible_to(actor), line_id)
    if line.state == LineState.POSTED:
        raise BankLinePosted
    line.is_dismissed, line.dismissal = True, reason.strip()
    if refusal := clean_row(line):
        raise refusal
    line.save(update_fields=["is_dismissed", "dismissal"])
    line.refresh_from_db()
    return line


@service("contracts.post_receipt")
def take_up_line(actor: Actor, line_id: int) -> StatementLine:
    """Take a dismissed bank line up again. Raises NotVisible."""
    line = lock(StatementLine.objects.visible_to(actor), line_id)
    line.is_dismissed, line.dismissal = False, ""
    line.save(update_fields=["is_dismissed", "dismissal"])
    line.refresh_from_db()
    return line


def _checked(statement: BankStatement, rows: Sequence[BankRow]) -> list[StatementLine]:
    """Make the lines. Raises InvalidInput naming the row."""
    lines = lines_of(statement, rows)
    for line in lines:
        if why := trouble_of(line):
            raise InvalidInput({"rows": [_("Row %(row)s: %(why)s") % {"row": line.position, "why": why}]})
    return lines


def _amounts(line: StatementLine, parts: Sequence[LinePart]) -> list[Decimal]:
    """What each part takes of the line. Raises BankLineUsedUp."""
    left, amounts = line.to_post, []
    for part in parts:
        amount = left if part.amount is None else round_money(part.amount, line.currency)
        if not 0 < amount <= left:
            raise BankLineUsedUp(
                left=written(left, line.currency), asked=written(amount, line.currency), currency=line.currency
            )
        left -= amount
        amounts.append(amount)
    if not amounts:
        raise BankLineUsedUp(left=written(left, line.currency), asked="0", currency=line.currency)
    return amounts


def _lock_customers(actor: Actor, parts: Sequence[LinePart]) -> None:
    """Lock the customers of all parts in one order, so that two split lines never wait for each other."""
    bills = Receipt.objects.visible_to(actor).filter(pk__in=[part.receipt_id for part in parts if part.receipt_id])
    customers = {part.customer_id for part in parts if part.customer_id is not None}
    lock_all(Customer.objects.visible_to(actor), {*customers, *bills.values_list("customer_id", flat=True)})


def _wait_for_others(account: str) -> None:
    """Let whoever reads in files of the same account finish first: what they read in is known then."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('loudou.bank.' || %s))", [account_key(account)])


def _settled_bill(
    actor: Actor, line: StatementLine, part: LinePart, amount: Decimal, at: dt.datetime
) -> Receipt | None:
    """Honour the bill that the part names. Raises NotVisible, NotAnOpenBill, InvalidInput."""
    if part.receipt_id is None:
        return None
    bill = locked_receipt(actor, part.receipt_id)
    if (bill.amount, bill.currency) != (amount, line.currency):
        raise InvalidInput({"amount": [_("The bill is over another amount. Discount it by hand instead.")]})
    outcome = BillOutcome(BillStep.HONOURED, max(line.booked_on, bill.received_on), note=line.reference)
    settle_locked(actor, bill, outcome=outcome, at=at)
    return bill


def _receipt_draft(line: StatementLine, part: LinePart, amount: Decimal, *, number: int) -> ReceiptDraft:
    """The receipt of one part. Raises NotVisible when it names no customer."""
    if part.customer_id is None:
        raise NotVisible
    # The bank's reference is unique among receipts; the parts of a split line number it.
    reference = f"{line.reference}/{number + 1}" if line.reference and amount < line.amount else line.reference
    return ReceiptDraft(
        customer_id=part.customer_id,
        amount=amount,
        received_on=line.booked_on,
        currency=line.currency,
        contract_id=part.contract_id,
        parts=part.parts,
        allocate=part.allocate,
        payer=line.payer,
        account=line.account,
        bank_reference=reference[:100],
    )
