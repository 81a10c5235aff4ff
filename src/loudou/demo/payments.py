"""The customers' money: each instalment is paid when its payer is used to, in transfers and bills of exchange."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any

from django.db.models import Sum

from loudou.contracts.choices import BillStep, DueBasis, ReceiptKind
from loudou.contracts.models import Instalment, Receipt
from loudou.contracts.services import bills, life, plans, receipts, refunds
from loudou.contracts.services.drafts import ActDraft
from loudou.contracts.services.ledger_drafts import BillOutcome, InstalmentDraft, ReceiptDraft, RefundDraft
from loudou.core.money import round_money
from loudou.demo import calendar
from loudou.demo.agenda import Agenda, instant, working_days_later
from loudou.demo.agreements import Deal, Fate
from loudou.demo.payers import GRACE_DAYS
from loudou.demo.words import Teller, cash
from loudou.people.models import User

SMALLEST_BILL = Decimal(20_000)
BILL_DAYS = (90, 180)
DISCOUNTED_SHARE = 0.2
FIRST_PART = Decimal("0.6")
ZERO = Decimal(0)


class Payments:
    """Plans and posts what the customers pay, and what is paid back to them."""

    def __init__(self, random: Random, tell: Teller, agenda: Agenda, finance: User) -> None:
        self.random, self.tell, self.agenda, self.finance = random, tell, agenda, finance
        self.expected: set[int] = set()
        self.posted = 0

    def follow(self, deal: Deal) -> None:
        """Plan the payment of each instalment whose due day has become known since the last time."""
        rows = Instalment.objects.in_force().filter(contract_id=deal.contract_id, due_on__isnull=False)
        for row in rows.exclude(pk__in=self.expected).order_by("position"):
            self.expected.add(row.pk)
            if row.open_amount <= 0:
                continue  # an amendment made the row anew, and what was paid before stands on it
            if deal.fate == Fate.STALLED and row.basis != DueBasis.SIGNING:
                continue  # the owner of a stalled site pays nothing but the deposit
            days = deal.habit.draw(self.random)
            day = row.due_on + dt.timedelta(days=days) if row.due_on else self.agenda.day
            day = calendar.working_day_until(day) if days <= GRACE_DAYS else calendar.working_day_from(day)
            parts = [row.open_amount]
            if self.random.random() < deal.habit.part_share:
                first = round_money(row.open_amount * FIRST_PART, row.currency)
                parts = [first, row.open_amount - first]
            for number, amount in enumerate(parts):
                later = day + dt.timedelta(days=number * self.random.randrange(20, 60))
                self.agenda.plan(later, partial(self._pay, deal, row.pk, amount))

    def _pay(self, deal: Deal, instalment_id: int, wanted: Decimal, day: dt.date) -> None:
        """Post one payment, and let the rest of the deal's story follow from it."""
        if deal.change and not Instalment.objects.in_force().filter(pk=instalment_id).exists():
            return  # an amendment replaced the instalment; what is owed now was planned with it
        rows = Instalment.objects.open().filter(contract_id=deal.contract_id)
        amount = min(wanted, rows.aggregate(owed=Sum("open_amount", default=ZERO))["owed"])
        if amount <= 0:
            return
        share = {Fate.USUAL: deal.habit.bill_share, Fate.IN_BILLS: 1}.get(deal.fate, 0)
        if deal.in_yuan and amount >= SMALLEST_BILL and self.random.random() < share:
            self._receive_bill(deal, amount, day)
            return
        receipt = self._receive(deal, amount, day, contract_id=deal.contract_id)
        if deal.fate == Fate.CANCELLED:
            self.agenda.plan(working_days_later(day, 24), partial(self._cancel, deal))
        elif deal.fate == Fate.PAID_TWICE:
            deal.fate = Fate.USUAL
            self.agenda.plan(working_days_later(day, 2), partial(self._pay_again, deal, receipt.amount))

    def _receive(self, deal: Deal, amount: Decimal, day: dt.date, **facts: Any) -> Receipt:
        self.posted += 1
        facts = {"account": self.tell(cash.ACCOUNT), "bank_reference": f"{day:%Y%m%d}{self.posted:06}"} | facts
        payer = deal.sale.customer.name if deal.sale.customer else ""
        draft = ReceiptDraft(deal.customer_id, amount, day, currency=deal.sale.currency, payer=payer, **facts)
        return receipts.post_receipt(self.finance, draft, at=instant(day))

    def _receive_bill(self, deal: Deal, amount: Decimal, day: dt.date) -> None:
        """Post a bill of exchange. It is discounted at a bank soon, or honoured when it matures."""
        days = self.random.choice(BILL_DAYS)
        matures_on = day + dt.timedelta(days=days)
        receipt = self._receive(
            deal, amount, day, contract_id=deal.contract_id, kind=ReceiptKind.BILL, matures_on=matures_on,
            account="", bank_reference="", drawee=self.tell(self.random.choice(cash.BANKS)),
            bill_number=f"1{self.random.randrange(10**14):014}{day:%Y%m%d}{self.posted:07}",
        )  # fmt: skip
        step, on = BillStep.HONOURED, matures_on
        if deal.fate != Fate.IN_BILLS and self.random.random() < DISCOUNTED_SHARE:
            step, on = BillStep.DISCOUNTED, day + dt.timedelta(days=30)
        self.agenda.plan(calendar.working_day_from(on), partial(self._settle, receipt.pk, step))

    def _settle(self, receipt_id: int, step: BillStep, day: dt.date) -> None:
        bills.settle_bill(self.finance, receipt_id, outcome=BillOutcome(step, day), at=instant(day))

    def prepay(self, deal: Deal, day: dt.date) -> None:
        """Post money that names no contract: an advance for what the customer orders next."""
        amount = round_money(deal.sale.amount * Decimal("0.1") if deal.sale.amount else ZERO, deal.sale.currency)
        self._receive(deal, amount, day, allocate=False, note=self.tell(cash.PREPAID))

    def _pay_again(self, deal: Deal, amount: Decimal, day: dt.date) -> None:
        """The customer's bookkeeper pays a second time what was paid already; it goes back a week later."""
        receipt = self._receive(deal, amount, day, allocate=False, note=self.tell(cash.PAID_TWICE))
        back = partial(self._pay_back, receipt.pk, amount, self.tell(cash.PAID_TWICE))
        self.agenda.plan(working_days_later(day, 7), back)

    def _cancel(self, deal: Deal, day: dt.date) -> None:
        """End a prepaid contract: a tenth is kept, the rest becomes an advance and is paid back."""
        at = instant(day)
        act = ActDraft(day, note=self.tell(cash.CANCELLED))
        contract = life.terminate_contract(
            self.finance, deal.contract_id, act=act, settlement=self.tell(cash.SETTLEMENT), at=at
        )
        fee = InstalmentDraft(
            self.tell(cash.CANCELLATION_FEE), DueBasis.DATE, on=day,
            amount=round_money(contract.amount * Decimal("0.1"), contract.currency),
        )  # fmt: skip
        plans.settle_termination(self.finance, deal.contract_id, lines=[fee], at=at)
        for receipt in Receipt.objects.with_advance().filter(contract_id=deal.contract_id).order_by("pk"):
            back = partial(self._pay_back, receipt.pk, receipt.available, self.tell(cash.MONEY_BACK))
            self.agenda.plan(working_days_later(day, 5), back)

    def _pay_back(self, receipt_id: int, amount: Decimal, reason: str, day: dt.date) -> None:
        draft = RefundDraft(receipt_id, amount, day, reason, bank_reference=f"TK{day:%Y%m%d}{receipt_id:06}")
        refunds.refund_receipt(self.finance, draft, at=instant(day))
