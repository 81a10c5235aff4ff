"""The worked examples of docs/algorithms/ledger.md, carried out by the services."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from loudou.contracts.choices import BillStep, DueBasis, ReceiptKind
from loudou.contracts.models import Allocation, ExchangeDifference, Instalment
from loudou.contracts.selectors import reconciliation
from loudou.contracts.services import bills, due_dates, invoices
from loudou.contracts.services.ledger_drafts import (
    BillOutcome,
    InstalmentDraft,
    InvoiceDraft,
    RedInvoiceDraft,
    RedLineDraft,
)

from .world import TODAY, day, part

pytestmark = pytest.mark.django_db
PAGE = (Path(__file__).resolve().parents[3] / "docs" / "algorithms" / "ledger.md").read_text(encoding="utf-8")


def table(heading):
    """Rows of the first table under a heading, as text."""
    section = PAGE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:] if not re.match(r"\|-", row)]


def written(*values):
    return [f"{value:.2f}" if isinstance(value, Decimal) else str(value) for value in values]


def test_allocation(signed, receive):
    a = signed(1000, plan=[part(400, "03-01"), part(600, "05-01")])
    signed(500, plan=[part(500, "02-01")])
    receive(1000)
    rows = Instalment.objects.in_force().oldest_due_first()
    assert table("Allocation: oldest due first") == [
        written(
            "A" if row.contract_id == a.pk else "B",
            row.position,
            row.due_on,
            row.amount,
            row.allocated,
            row.open_amount,
        )
        for row in rows
    ]


def test_shares_and_retention(signed, at, finance):
    lines = [
        InstalmentDraft("Deposit", DueBasis.SIGNING, share=Decimal("0.3")),
        InstalmentDraft("Payment on delivery", DueBasis.DELIVERY, share=Decimal("0.6")),
        InstalmentDraft("Retention money", DueBasis.ACCEPTANCE, share=Decimal("0.1"), offset_months=12),
    ]
    contract = signed("999.99", plan=lines)
    rows = list(Instalment.objects.filter(contract=contract).order_by("position"))
    assert [[row[0], row[4]] for row in table("Shares and retention")] == [[r.name, f"{r.amount:.2f}"] for r in rows]
    contract.accepted_on = day("04-30")
    contract.save()
    due_dates.follow_events(finance, [contract.pk], at=at, cause="acceptance")
    assert f"is due on {Instalment.objects.get(pk=rows[2].pk).due_on}" in PAGE


def test_red_invoice(signed, finance, at):
    contract = signed(1130)
    blue = invoices.issue_invoice(finance, InvoiceDraft(contract.pk, day("06-01")), at=at)
    told = [written("blue", blue.net_amount, blue.tax_amount, blue.amount, contract.lines.get().invoiced_amount)]
    lines = [RedLineDraft(blue.lines.get().pk, Decimal(113))]
    draft = RedInvoiceDraft(blue.pk, day("06-02"), "Returned", lines=lines)
    red = invoices.issue_red_invoice(finance, draft, at=at)
    told.append(written("red", red.net_amount, red.tax_amount, red.amount, contract.lines.get().invoiced_amount))
    assert told == table("Red invoice")


def test_bill_of_exchange(signed, receive, finance, at):
    contract = signed(1000, plan=[part(1000, "03-01")])
    bill = receive(600, "04-01", kind=ReceiptKind.BILL, matures_on=day("06-10"))
    bills.settle_bill(finance, bill.pk, outcome=BillOutcome(BillStep.HONOURED, day("06-10")), at=at)
    told = []
    for on in (day("04-01"), day("06-10")):
        figures = reconciliation.contract_figures(finance, contract.pk, today=TODAY, on=on)
        told.append(written(on, figures.received + figures.in_bills, figures.received, figures.open))
    assert told == table("Bill of exchange")


def test_exchange_gain_and_loss(signed, receive, rates):
    signed(100, plan=[part(100, "02-01")], currency="USD", signed="01-10")
    receive(60, "03-05", currency="USD")
    receive(40, "06-05", currency="USD")
    gains = {line.allocation_id: line.amount_base for line in ExchangeDifference.objects.all()}
    assert table("Exchange gain and loss") == [
        written(name, entry.amount, entry.amount_base, entry.booked_base, gains[entry.pk])
        for name, entry in zip(("March", "June"), Allocation.objects.order_by("pk"), strict=True)
    ]
