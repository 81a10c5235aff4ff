"""The life of the demo company's contracts: signed, delivered, accepted or not, invoiced, and paid."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import partial
from random import Random

from loudou.contracts.choices import AcceptanceOutcome, ContractKind, InvoiceKind
from loudou.contracts.models import Contract, ContractLine
from loudou.contracts.services import deliveries, drafting, invoices, life
from loudou.contracts.services.drafts import AcceptanceDraft, ActDraft, DeliveryDraft, DeliveryLineDraft, ReturnDraft
from loudou.contracts.services.ledger_drafts import InvoiceDraft, RedInvoiceDraft
from loudou.demo.agenda import Agenda, instant, working_days_later
from loudou.demo.agreements import Deal, Fate, contract_draft, lines_of
from loudou.demo.amending import Amendments
from loudou.demo.payments import Payments
from loudou.demo.words import Teller, cash
from loudou.people.models import User

PARTIAL_SHARE = 0.28
"""Share of the contracts that are delivered in two parts."""
_LEAD_DAYS = {ContractKind.GOODS: (12, 60), ContractKind.SERVICES: (120, 300), ContractKind.PROJECT: (45, 120)}
_ACCEPTANCE_DAYS = {ContractKind.GOODS: (2, 14), ContractKind.SERVICES: (2, 14), ContractKind.PROJECT: (10, 40)}


class Performance:
    """Plays contracts from signing to acceptance; money follows."""

    def __init__(
        self,
        random: Random,
        tell: Teller,
        agenda: Agenda,
        office: User,
        *,
        payments: Payments,
        amendments: Amendments,
    ) -> None:
        self.random, self.tell, self.agenda = random, tell, agenda
        self.office, self.payments, self.amendments = office, payments, amendments

    def begin(self, deal: Deal) -> None:
        """Plan a contract's signing; everything else follows from it."""
        self.agenda.plan(deal.signed_on, partial(self._sign, deal))

    def _sign(self, deal: Deal, day: dt.date) -> None:
        draft = contract_draft(deal, lines_of(deal.sale), self.tell)
        contract = drafting.draft_contracts(self.office, [draft], at=instant(day))[0].unwrap()
        deal.contract_id = contract.pk
        self.payments.follow(deal)
        self.amendments.begin(deal, day)
        if deal.kind == ContractKind.SERVICES:
            self.agenda.plan(working_days_later(day, 14), partial(self._come_first, deal))
        if deal.fate == Fate.PREPAID:
            self.agenda.plan(working_days_later(day, 20), partial(self.payments.prepay, deal))
        if deal.fate == Fate.CANCELLED:
            return
        lead = self.random.randrange(*_LEAD_DAYS[deal.kind])
        in_parts = deal.fate == Fate.USUAL and self.random.random() < PARTIAL_SHARE
        if in_parts:
            self.agenda.plan(working_days_later(day, lead), partial(self._deliver, deal, False))
            lead += self.random.randrange(10, 40)
        self.agenda.plan(working_days_later(day, lead), partial(self._deliver, deal, True))

    def _come_first(self, deal: Deal, day: dt.date) -> None:
        """Services begin with a visit; what was done is told by the reports that follow."""
        act = ActDraft(day, note=self.tell(cash.FIRST_VISIT))
        life.begin_performance(self.office, deal.contract_id, act=act, at=instant(day))

    def _deliver(self, deal: Deal, is_last: bool, day: dt.date) -> None:
        lines = [] if is_last else _halves(deal.contract_id)
        if not is_last and not lines:
            return
        carrier = self.tell(self.random.choice(cash.CARRIERS))
        draft = DeliveryDraft(day, lines, carrier=carrier)
        if deal.kind == ContractKind.SERVICES:
            draft = DeliveryDraft(day, lines, note=self.tell(cash.SERVED))
        delivery = deliveries.post_delivery(self.office, deal.contract_id, draft=draft, at=instant(day))
        self.payments.follow(deal)
        if is_last:
            self.agenda.plan(working_days_later(day, self.random.randrange(1, 8)), partial(self._invoice, deal))
        later = working_days_later(day, self.random.randrange(*_ACCEPTANCE_DAYS[deal.kind]))
        if deal.fate == Fate.STALLED:
            self.agenda.plan(later, partial(self._not_accepted, delivery.pk))
        elif deal.fate == Fate.RETURNED:
            self.agenda.plan(later, partial(self._send_back, deal, delivery.pk))
        else:
            self.agenda.plan(later, partial(self._accept, deal, delivery.pk))

    def _accept(self, deal: Deal, delivery_id: int, day: dt.date) -> None:
        self._answer(delivery_id, AcceptanceOutcome.ACCEPTED, cash.ACCEPTED, day)
        self.payments.follow(deal)

    def _not_accepted(self, delivery_id: int, day: dt.date) -> None:
        self._answer(delivery_id, AcceptanceOutcome.REJECTED, cash.STALLED, day)

    def _answer(self, delivery_id: int, outcome: AcceptanceOutcome, note: tuple[str, str], day: dt.date) -> None:
        draft = AcceptanceDraft(day, outcome, note=self.tell(note))
        deliveries.record_acceptance(self.office, delivery_id, draft=draft, at=instant(day))

    def _send_back(self, deal: Deal, delivery_id: int, day: dt.date) -> None:
        """The customer refuses, sends one unit back, and gets another."""
        self._answer(delivery_id, AcceptanceOutcome.REJECTED, cash.REJECTED, day)
        line = ContractLine.objects.filter(contract_id=deal.contract_id, delivered__gte=3).order_by("number")[0]
        draft = ReturnDraft(day, self.tell(cash.RETURNED), [DeliveryLineDraft(line.pk, Decimal(1))])
        deliveries.return_delivery(self.office, delivery_id, draft=draft, at=instant(day))
        self.agenda.plan(working_days_later(day, 12), partial(self._replace, deal, delivery_id))

    def _replace(self, deal: Deal, delivery_id: int, day: dt.date) -> None:
        draft = DeliveryDraft(day, note=self.tell(cash.REPLACED))
        again = deliveries.post_delivery(self.office, deal.contract_id, draft=draft, at=instant(day))
        self.payments.follow(deal)
        for pk in (delivery_id, again.pk):
            self.agenda.plan(working_days_later(day, 4), partial(self._accept, deal, pk))

    def _invoice(self, deal: Deal, day: dt.date) -> None:
        """Bill what is agreed; a customer without a credit code gets an ordinary invoice."""
        contract = Contract.objects.select_related("customer").get(pk=deal.contract_id)
        kind = InvoiceKind.SPECIAL if contract.customer.credit_code else InvoiceKind.ORDINARY
        blue = InvoiceDraft(contract.pk, day, kind)
        invoice = invoices.issue_invoice(self.payments.finance, blue, at=instant(day))
        self.payments.follow(deal)
        if deal.fate == Fate.CORRECTED:
            deal.fate = Fate.USUAL
            self.agenda.plan(working_days_later(day, 9), partial(self._correct, deal, invoice.pk))

    def _correct(self, deal: Deal, invoice_id: int, day: dt.date) -> None:
        red = RedInvoiceDraft(invoice_id, day, self.tell(cash.WRONG_TITLE))
        invoices.issue_red_invoice(self.payments.finance, red, at=instant(day))
        self._invoice(deal, day)


def _halves(contract_id: int) -> list[DeliveryLineDraft]:
    """Half of each line, in whole units; nothing when there is only one of everything."""
    lines = ContractLine.objects.filter(contract_id=contract_id).order_by("number")
    return [DeliveryLineDraft(line.pk, line.ordered // 2) for line in lines if line.ordered >= 2]
