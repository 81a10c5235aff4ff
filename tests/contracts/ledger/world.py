"""Contracts in force made row by row, and a world in which anything may happen to their money, in any order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import count
from typing import Any

from django.db import connection, transaction

from loudou.contracts.choices import BillStep, DueBasis, ReceiptKind
from loudou.contracts.models import (
    Allocation,
    Contract,
    ContractAct,
    ContractLine,
    ContractVersion,
    Instalment,
    Invoice,
    LineTerms,
    Receipt,
    Refund,
)
from loudou.contracts.selectors import reconciliation
from loudou.contracts.selectors.statistics import Span
from loudou.contracts.services import (
    allocations,
    bills,
    due_dates,
    invoices,
    plans,
    plans_in_force,
    receipts,
    refunds,
)
from loudou.contracts.services.invoices import net_of
from loudou.contracts.services.ledger_drafts import (
    BillOutcome,
    InstalmentDraft,
    InvoiceDraft,
    InvoiceLineDraft,
    Part,
    ReceiptDraft,
    RedInvoiceDraft,
    RefundDraft,
)
from loudou.core import checks
from loudou.core.actors import SYSTEM
from loudou.core.money import Money
from loudou.core.rates import RateTable
from loudou.core.refusals import BusinessRefusal
from loudou.customers.models import Customer
from loudou.people.models import User

from .statistics_by_hand import disagreements

AT = dt.datetime(2026, 6, 15, 8, 0, tzinfo=dt.UTC)
TODAY = AT.date()
TAX = Decimal("0.13")
_numbers = count(1)


def day(text: str) -> dt.date:
    """A day of 2026, from '06-15'."""
    return dt.date.fromisoformat(f"2026-{text}")


def part(amount: str | int, on: str = "", **facts: Any) -> InstalmentDraft:
    """An instalment of a plan over an amount, due on a day of 2026, or on signing."""
    basis = DueBasis.DATE if on else facts.pop("basis", DueBasis.SIGNING)
    return InstalmentDraft(
        name=facts.pop("name", "Part"), basis=basis, amount=Decimal(amount), on=day(on) if on else None, **facts
    )


def sign(
    owner: User,
    customer: Customer,
    *amounts: str | int,
    plan: Sequence[InstalmentDraft] = (),
    currency: str = "CNY",
    signed: str = "01-10",
    at: dt.datetime = AT,
    actor: Any = SYSTEM,
    products: Sequence[Any] = (),
) -> Contract:
    """Sign a contract of one line for each gross amount (13 % tax inside) and put its plan in force."""
    number = next(_numbers)
    with transaction.atomic():
        contract = Contract.objects.create(
            title=f"Contract {number}", customer=customer, owner=owner, drafted_on=day(signed), currency=currency,
            number=f"T-{number:05}",
        )  # fmt: skip
        version = ContractVersion.objects.create(contract=contract, sequence=1)
        gross = [Decimal(amount) for amount in amounts]
        nets = [net_of(amount, TAX, currency) for amount in gross]
        for position, (amount, net) in enumerate(zip(gross, nets, strict=True), start=1):
            line = ContractLine.objects.create(contract=contract, number=position)
            LineTerms.objects.create(
                version=version, line=line, position=position, description=f"Press {position}", quantity=10,
                unit_price=amount / 10, tax_rate=TAX, net_amount=net, tax_amount=amount - net, amount=amount,
                product=products[position - 1] if products else None,
            )  # fmt: skip
        set_amounts(version, sum(nets), sum(gross))
        version.save()
        if plan:
            plans.draft_plan(actor, contract.pk, lines=plan)
        version.state = "offered"
        version.save()
        version.state = "in_force"
        version.save()
        contract.state = "offered"
        contract.save()
        contract.state, contract.signed_on, contract.version_in_force = "signed", day(signed), version
        set_amounts(contract, sum(nets), sum(gross))
        rates = RateTable.load([currency])
        contract.amount_base = rates.to_base(Money(contract.amount, currency), contract.signed_on)
        contract.save()
        ContractAct.objects.create(contract=contract, version=version, kind="signed", on=day(signed), party="customer")
        plans_in_force.put_in_force(actor, contract, at=at)
    return contract


def set_amounts(row: Any, net: Any, gross: Any) -> None:
    """Set the three amounts of a contract or version."""
    row.net_amount, row.tax_amount, row.amount = net, gross - net, gross


def amend(
    contract: Contract,
    amount: str | int | Decimal,
    at: dt.datetime,
    *,
    plan: Sequence[InstalmentDraft] = (),
    actor: Any = SYSTEM,
) -> None:
    """Put another version of a one-line contract in force."""
    with transaction.atomic():
        plans_in_force.hold_customer(contract)
        old: Any = contract.version_in_force
        version = ContractVersion.objects.create(contract=contract, sequence=old.sequence + 1)
        LineTerms.objects.create(
            version=version, line=contract.lines.get(), position=1, description="Press", quantity=10,
            unit_price=Decimal(amount) / 10, net_amount=amount, tax_amount=0, amount=amount,
        )  # fmt: skip
        set_amounts(version, Decimal(amount), Decimal(amount))
        version.save()
        if plan:
            plans.draft_plan(actor, contract.pk, lines=plan)
        version.state = "offered"
        version.save()
        old.state = "superseded"
        old.save()
        version.state = "in_force"
        version.save()
        contract.version_in_force = version
        set_amounts(contract, Decimal(amount), Decimal(amount))
        rates = RateTable.load([contract.currency])
        contract.amount_base = rates.to_base(Money(contract.amount, contract.currency), contract.signed_on)
        contract.save()
        plans_in_force.put_in_force(actor, contract, at=at)


Step = tuple[str, int, int, int]
"""What happens, to which of the things there are, and two numbers that say how much and when."""

VERBS = (
    "sign", "receive", "receive", "receive", "bill", "by_hand", "undo", "refund", "reverse", "unrefund", "settle",
    "invoice", "red", "amend", "deliver", "accept", "advances",
)  # fmt: skip
CURRENCIES = ("CNY", "USD", "JPY")


START: tuple[Step, ...] = (("sign", 0, 100_000, 0), ("sign", 1, 90_001, 10))


def try_ledger(steps: Sequence[Step], owner: User) -> tuple[list[str], World]:
    """Let steps happen to two new customers, say what does not hold then, and leave nothing of it behind."""
    with transaction.atomic():
        customers = [Customer.objects.create(name=name, owner=owner) for name in ("Hengda", "Jinli")]
        world = World(customers, owner)
        for step in (*START, *steps):
            world.take(step)
        problems = world.problems()
        transaction.set_rollback(True)
    return problems, world


class World:
    """Two customers in three currencies, and whatever happens to their money."""

    def __init__(self, customers: Sequence[Customer], owner: User) -> None:
        self.customers, self.owner = customers, owner
        self.refused = 0

    def take(self, step: Step) -> None:
        """Do one thing; a refusal is an answer like any other and leaves nothing behind."""
        verb, which, much, when = step
        acts: dict[str, Callable[[int, int, dt.date], Any]] = {
            "sign": self._sign, "receive": self._receive, "bill": self._bill, "by_hand": self._by_hand,
            "undo": self._undo, "refund": self._refund, "reverse": self._reverse, "unrefund": self._unrefund,
            "settle": self._settle, "invoice": self._invoice, "red": self._red, "amend": self._amend,
            "deliver": self._deliver, "accept": self._accept, "advances": self._advances,
        }  # fmt: skip
        try:
            with transaction.atomic():
                acts[verb](which, much, day("02-01") + dt.timedelta(days=when))
                with connection.cursor() as cursor:
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                    cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        except BusinessRefusal:
            self.refused += 1

    def problems(self) -> list[str]:
        """What `loudou check` finds, where today's balances or the statistics are not the sums of the entries."""
        checks.load()
        names = [name for name in checks.CHECKS if name.startswith(("contracts.", "customers.phase"))]
        found = [f"{check.name}: {finding.record}" for check, bad in checks.run(names) for finding in bad]
        for customer in self.customers:
            kept = reconciliation.customer_figures(SYSTEM, customer.pk, today=TODAY)
            added = reconciliation.customer_figures(SYSTEM, customer.pk, today=TODAY, on=TODAY)
            for currency in kept | added:
                empty = reconciliation.Figures(currency)
                if kept.get(currency, empty) != added.get(currency, empty):
                    found.append(f"figures of {customer} in {currency}: {kept.get(currency)} {added.get(currency)}")
                figures = kept.get(currency, empty)
                if figures.ordered != figures.received + figures.in_bills + figures.open:
                    found.append(f"{customer} does not close in {currency}")
        return found + disagreements(Span(day("01-01"), day("12-31"), TODAY))

    def _pick(self, rows: Any, which: int) -> Any:
        found = list(rows.order_by("pk"))
        if not found:
            raise BusinessRefusal
        return found[which % len(found)]

    def _sign(self, which: int, much: int, on: dt.date) -> None:
        total = Decimal(much + 1) / (1 if which % 3 == 2 else 100)
        shares = ([1], [3, 6, 1], [1, 1, 1], [5, 5])[much % 4]
        bases = (DueBasis.SIGNING, DueBasis.DELIVERY, DueBasis.ACCEPTANCE, DueBasis.INVOICE, DueBasis.FIRST_DELIVERY)
        lines = [
            InstalmentDraft(
                f"Part {number}", bases[(which + number) % 5], share=Decimal(share) / sum(shares),
                offset_days=much % 40, is_retention=number == 2,
            )
            for number, share in enumerate(shares[:-1])
        ]  # fmt: skip
        rest = 1 - sum((line.share or Decimal(0) for line in lines), Decimal(0))
        lines.append(InstalmentDraft("Last", DueBasis.DATE, share=rest, on=on))
        sign(
            self.owner, self.customers[which % 2], total, plan=lines, currency=CURRENCIES[which % 3],
            signed=f"{on - dt.timedelta(days=20):%m-%d}",
        )  # fmt: skip

    def _receive(self, which: int, much: int, on: dt.date, **facts: Any) -> None:
        currency = CURRENCIES[which % 3]
        amount = Decimal(much + 1) / (1 if currency == "JPY" else 100)
        draft = ReceiptDraft(
            self.customers[which % 2].pk, amount, on, currency=currency, allocate=bool(much % 5), **facts
        )
        receipts.post_receipt(SYSTEM, draft, at=AT)

    def _bill(self, which: int, much: int, on: dt.date) -> None:
        self._receive(which, much, on, kind=ReceiptKind.BILL, matures_on=on + dt.timedelta(days=30))

    def _by_hand(self, which: int, much: int, on: dt.date) -> None:
        receipt = self._pick(Receipt.objects.with_advance(), which)
        instalment = self._pick(Instalment.objects.open(), much)
        amount = min(receipt.available, instalment.open_amount, Decimal(much + 1) / 50)
        allocations.allocate_receipt(SYSTEM, receipt.pk, parts=[Part(instalment.pk, amount)], at=AT)

    def _undo(self, which: int, much: int, on: dt.date) -> None:
        entry = self._pick(Allocation.objects.all(), which)
        allocations.undo_allocation(SYSTEM, entry.pk, reason="Other part", at=AT)

    def _refund(self, which: int, much: int, on: dt.date) -> None:
        receipt = self._pick(Receipt.objects.all(), which)
        draft = RefundDraft(receipt.pk, Decimal(much + 1) / 100, max(on, receipt.received_on), "Too much")
        refunds.refund_receipt(SYSTEM, draft, at=AT)

    def _reverse(self, which: int, much: int, on: dt.date) -> None:
        receipt = self._pick(Receipt.objects.all(), which)
        refunds.reverse_receipt(SYSTEM, receipt.pk, on=max(on, receipt.received_on), reason="Mistake", at=AT)

    def _unrefund(self, which: int, much: int, on: dt.date) -> None:
        refund = self._pick(Refund.objects.all(), which)
        refunds.reverse_refund(SYSTEM, refund.pk, on=max(on, refund.refunded_on), reason="Bounced", at=AT)

    def _settle(self, which: int, much: int, on: dt.date) -> None:
        bill = self._pick(Receipt.objects.bills(), which)
        step = (BillStep.HONOURED, BillStep.HONOURED, BillStep.DISCOUNTED, BillStep.DISHONOURED)[much % 4]
        bills.settle_bill(SYSTEM, bill.pk, outcome=BillOutcome(step, max(on, bill.received_on)), at=AT)

    def _invoice(self, which: int, much: int, on: dt.date) -> None:
        contract = self._pick(Contract.objects.all(), which)
        line = contract.lines.get()
        left = line.ordered_amount - line.invoiced_amount
        lines = [InvoiceLineDraft(line.pk, min(left, Decimal(much + 1)))] if much % 2 else []
        invoices.issue_invoice(SYSTEM, InvoiceDraft(contract.pk, on, lines=lines), at=AT)

    def _red(self, which: int, much: int, on: dt.date) -> None:
        blue = self._pick(Invoice.objects.all(), which)
        draft = RedInvoiceDraft(blue.pk, max(on, blue.issued_on), "Wrong title")
        invoices.issue_red_invoice(SYSTEM, draft, at=AT)

    def _amend(self, which: int, much: int, on: dt.date) -> None:
        contract = self._pick(Contract.objects.select_related("version_in_force"), which)
        invoiced = contract.lines.get().invoiced_amount
        amount = max(invoiced, Decimal(much + 1) / (1 if contract.currency == "JPY" else 100))
        plan = [InstalmentDraft("All", DueBasis.DATE, share=Decimal(1), on=on)] if much % 2 else ()
        amend(contract, amount, AT, plan=plan)

    def _deliver(self, which: int, much: int, on: dt.date) -> None:
        contract = self._pick(Contract.objects.all(), which)
        contract.delivered_on = on if much % 3 else None
        contract.save()
        due_dates.follow_events(SYSTEM, [contract.pk], at=AT, cause="delivery")

    def _accept(self, which: int, much: int, on: dt.date) -> None:
        contract = self._pick(Contract.objects.all(), which)
        contract.accepted_on = on if much % 3 else None
        contract.save()
        due_dates.follow_events(SYSTEM, [contract.pk], at=AT, cause="acceptance")

    def _advances(self, which: int, much: int, on: dt.date) -> None:
        allocations.allocate_advances(SYSTEM, self.customers[which % 2].pk, at=AT)
