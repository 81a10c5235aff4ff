"""Invoices: blue ones against contract lines, red ones that take blue ones back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import IntegrityError
from django.db.models import Sum
from django.utils.translation import gettext as _

from loudou.contracts.choices import DocumentKind
from loudou.contracts.errors import (
    ContractNotInForce,
    InvoiceExceedsLine,
    InvoiceKeyReused,
    NotABlueInvoice,
    NothingToInvoice,
    RedExceedsBlue,
)
from loudou.contracts.models import Contract, ContractLine, Invoice, InvoiceLine, LineTerms
from loudou.contracts.services.due_dates import follow_events
from loudou.contracts.services.ledger_drafts import InvoiceDraft, InvoiceLineDraft, RedInvoiceDraft
from loudou.contracts.services.numbers import next_number
from loudou.core.actors import Actor
from loudou.core.bulk import clean_row, constraint_refusal
from loudou.core.money import round_money, written
from loudou.core.refusals import InvalidInput, NotVisible
from loudou.core.verbs import lock, service
from loudou.customers.models import Customer
from loudou.pipeline.services.valuing import Books

CAUSE = "invoice"
ZERO = Decimal(0)


@service("contracts.invoice")
def issue_invoice(actor: Actor, draft: InvoiceDraft, *, at: dt.datetime) -> Invoice:
    """Post a blue invoice; instalments that are due on invoicing get their day. The same key again returns it.

    Raises NotVisible, ContractNotInForce, NothingToInvoice, InvoiceExceedsLine, DateInFuture, ExchangeRateMissing,
    InvoiceKeyReused, InvalidInput.
    """
    contract, customer = _locked(actor, draft.contract_id)
    if (found := _by_key(draft.key)) is not None:
        if (found.contract_id, found.issued_on, found.is_red) != (contract.pk, draft.issued_on, False):
            raise InvoiceKeyReused(key=draft.key, number=found.number)
        return found
    lines = _blue_lines(contract, draft)
    invoice = Invoice(
        customer=customer,
        contract=contract,
        kind=draft.kind,
        title=draft.title.strip() or customer.name,
        tax_number=draft.tax_number.strip() or customer.credit_code,
        issued_on=draft.issued_on,
        number=draft.number.strip(),
        note=draft.note,
        key=draft.key,
    )
    return _post(actor, invoice, lines, at=at)


@service("contracts.invoice")
def issue_red_invoice(actor: Actor, draft: RedInvoiceDraft, *, at: dt.datetime) -> Invoice:
    """Take a blue invoice back, wholly or in part, by a red one that names it. The same key again returns it.

    Raises NotVisible, NotABlueInvoice, RedExceedsBlue, DateInFuture, ExchangeRateMissing, InvoiceKeyReused,
    InvalidInput (no reason).
    """
    blue = Invoice.objects.get_visible(actor, draft.invoice_id)
    contract, customer = _locked(actor, blue.contract_id)
    if (found := _by_key(draft.key)) is not None:
        if (found.corrects_id, found.issued_on) != (blue.pk, draft.issued_on):
            raise InvoiceKeyReused(key=draft.key, number=found.number)
        return found
    if blue.is_red:
        raise NotABlueInvoice(number=blue.number)
    if not draft.reason.strip():
        raise InvalidInput({"reason": [_("Say why this is taken back.")]})
    if draft.issued_on < blue.issued_on:
        raise InvalidInput({"issued_on": [_("A red invoice is not issued before the blue one.")]})
    invoice = Invoice(
        customer=customer,
        contract=contract,
        corrects=blue,
        kind=blue.kind,
        title=blue.title,
        tax_number=blue.tax_number,
        issued_on=draft.issued_on,
        number=draft.number.strip(),
        reason=draft.reason.strip(),
        key=draft.key,
    )
    return _post(actor, invoice, _red_lines(blue, draft), at=at)


def _locked(actor: Actor, contract_id: int) -> tuple[Contract, Customer]:
    """Lock the contract, then its customer. Raises NotVisible, ContractNotInForce."""
    contract = lock(Contract.objects.visible_to(actor), contract_id)
    customer = lock(Customer.objects.all(), contract.customer_id)
    if not contract.is_binding:
        raise ContractNotInForce(contract=str(contract))
    return contract, customer


def _by_key(key: str) -> Invoice | None:
    return Invoice.objects.filter(key=key).first() if key else None


def _post(actor: Actor, invoice: Invoice, lines: list[InvoiceLine], *, at: dt.datetime) -> Invoice:
    """Number and write an invoice with its lines, and let due days follow."""
    contract = invoice.contract
    books = Books.load([contract.currency])
    books.instant(invoice.issued_on, now=at)
    invoice.currency, invoice.posted_at, invoice.posted_by_id = contract.currency, at, actor.pk
    invoice.net_amount = sum((line.net_amount for line in lines), ZERO)
    invoice.tax_amount = sum((line.tax_amount for line in lines), ZERO)
    invoice.amount = invoice.net_amount + invoice.tax_amount
    invoice.rate = books.rates.rate(contract.currency, invoice.issued_on)
    invoice.amount_base = books.value(invoice.amount, contract.currency, invoice.issued_on) or ZERO
    rows: list[Invoice | InvoiceLine] = [invoice, *lines]
    for row in rows:
        if refusal := clean_row(row):
            raise refusal
    invoice.number = invoice.number or next_number(DocumentKind.INVOICE, on=invoice.issued_on)
    try:
        invoice.save(force_insert=True)
    except IntegrityError as error:
        raise constraint_refusal(invoice, error) from error
    for line in lines:
        line.invoice = invoice
    InvoiceLine.objects.bulk_create(lines)
    follow_events(actor, [contract.pk], at=at, cause=CAUSE)
    return invoice


@dataclass(frozen=True, slots=True)
class _Billed:
    """What standing invoices bill of a contract line."""

    net: Decimal
    rates: frozenset[Decimal]


def _blue_lines(contract: Contract, draft: InvoiceDraft) -> list[InvoiceLine]:
    """Make the lines of a blue invoice. Raises NotVisible, NothingToInvoice, InvoiceExceedsLine, InvalidInput."""
    terms = {
        row.line_id: row
        for row in LineTerms.objects.filter(version_id=contract.version_in_force_id)
        .select_related("line")
        .order_by("position")
    }
    drafts = draft.lines
    if not drafts:
        left = {pk: row.line.ordered_amount - row.line.invoiced_amount for pk, row in terms.items()}
        amount = None if draft.amount is None else round_money(draft.amount, contract.currency)
        drafts = [InvoiceLineDraft(pk, part, draft.tax_rate) for pk, part in _spread(left, amount)]
    if not drafts:
        raise NothingToInvoice(contract=str(contract))
    if len({line.line_id for line in drafts}) < len(drafts):
        raise InvalidInput({"lines": [_("A line of the contract stands on an invoice once.")]})
    billed = _billed([line.line_id for line in drafts])
    made = []
    for position, line in enumerate(drafts, start=1):
        if line.line_id not in terms:
            raise NotVisible
        made.append(_blue_line(contract, terms[line.line_id], line, billed.get(line.line_id), position))
    return made


def _spread(left: Mapping[int, Decimal], amount: Decimal | None) -> list[tuple[int, Decimal | None]]:
    """Take an amount from what is left of each line, in order; without one all that is left (None) of each.

    What no line has room for is asked of the last one, which refuses it.
    """
    open_ones = [(pk, part) for pk, part in left.items() if part > 0]
    if amount is None:
        return [(pk, None) for pk, _part in open_ones]
    taken: list[tuple[int, Decimal | None]] = []
    for place, (pk, part) in enumerate(open_ones, start=1):
        share = amount if place == len(open_ones) else min(part, amount)
        if share:
            taken.append((pk, share))
        amount -= share
    return taken


def _blue_line(
    contract: Contract, terms: LineTerms, draft: InvoiceLineDraft, billed: _Billed | None, position: int
) -> InvoiceLine:
    line: ContractLine = terms.line
    left = line.ordered_amount - line.invoiced_amount
    amount = left if draft.amount is None else round_money(draft.amount, contract.currency)
    if not 0 < amount <= left:
        raise InvoiceExceedsLine(
            line=line.number,
            left=written(left, contract.currency),
            asked=written(amount, contract.currency),
            currency=contract.currency,
        )
    rate = terms.tax_rate if draft.tax_rate is None else draft.tax_rate
    net = net_of(amount, rate, contract.currency)
    # The invoice that completes a line takes the odd cents of tax, so that line and invoices agree in both columns.
    if amount == left and rate == terms.tax_rate and (billed is None or billed.rates <= {rate}):
        net = terms.net_amount - (billed.net if billed else ZERO)
    return InvoiceLine(
        line=line,
        position=position,
        description=draft.description.strip() or terms.description,
        quantity=draft.quantity,
        tax_rate=rate,
        net_amount=net,
        tax_amount=amount - net,
        amount=amount,
    )


def _red_lines(blue: Invoice, draft: RedInvoiceDraft) -> list[InvoiceLine]:
    """Make the lines of a red invoice. Raises NotVisible, RedExceedsBlue, InvalidInput."""
    rows = {row.pk: row for row in blue.lines.order_by("position")}
    asked = {line.invoice_line_id: line.amount for line in draft.lines}
    if not asked:
        wanted = None if draft.amount is None else round_money(draft.amount, blue.currency)
        asked = dict(_spread({pk: row.amount - row.credited for pk, row in rows.items()}, wanted))
    if len(asked) < len(draft.lines) or not asked:
        raise RedExceedsBlue(number=blue.number, left="0", asked="0", currency=blue.currency)
    taken = dict(
        InvoiceLine.objects.filter(corrects__in=asked)
        .values("corrects")
        .annotate(net=Sum("net_amount"))
        .values_list("corrects", "net")
    )
    made = []
    for position, (pk, part) in enumerate(asked.items(), start=1):
        if pk not in rows:
            raise NotVisible
        row = rows[pk]
        left = row.amount - row.credited
        amount = left if part is None else round_money(part, blue.currency)
        if not 0 < amount <= left:
            raise RedExceedsBlue(
                number=blue.number,
                left=written(left, blue.currency),
                asked=written(amount, blue.currency),
                currency=blue.currency,
            )
        whole = row.net_amount + taken.get(pk, ZERO)
        net = whole if amount == left else net_of(amount, row.tax_rate, blue.currency)
        made.append(
            InvoiceLine(
                line_id=row.line_id,
                corrects=row,
                position=position,
                description=row.description,
                tax_rate=row.tax_rate,
                net_amount=-net,
                tax_amount=net - amount,
                amount=-amount,
            )
        )
    return made


def net_of(amount: Decimal, tax_rate: Decimal, currency: str) -> Decimal:
    """The part of a gross amount that is not tax, rounded to the currency's smallest unit."""
    return round_money(amount / (1 + tax_rate), currency)


def _billed(line_ids: Sequence[int]) -> dict[int, _Billed]:
    rows = (
        InvoiceLine.objects.filter(line_id__in=line_ids)
        .values_list("line_id", "tax_rate")
        .annotate(net=Sum("net_amount"))
    )
    found: dict[int, _Billed] = {}
    for line_id, rate, net in rows.order_by("line_id"):
        before = found.get(line_id, _Billed(ZERO, frozenset()))
        found[line_id] = _Billed(before.net + net, before.rates | ({rate} if net else set()))
    return found
