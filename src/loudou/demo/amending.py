"""Amendments: some contracts were changed soon after they were signed, for some a change is on the table today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial

from loudou.contracts.choices import DueBasis, Party
from loudou.contracts.models import Contract, ContractVersion, Instalment
from loudou.contracts.services import amendments, editing, plans
from loudou.contracts.services.drafts import ActDraft, LineDraft
from loudou.contracts.services.ledger_drafts import InstalmentDraft
from loudou.demo import calendar
from loudou.demo.agenda import Agenda, instant, working_days_later
from loudou.demo.agreements import Change, Deal
from loudou.demo.payments import Payments
from loudou.demo.words import Pair, Teller, cash
from loudou.people.models import User

DAYS_LATER = 45
"""By how much a performance is postponed."""
_DRAFTED, _OFFERED, _ACCEPTED = 3, 5, 9
"""Days after the signing, so that no goods have left the plant."""
_REASONS: dict[Change, Pair] = {Change.MORE: cash.MORE_GOODS, Change.LATER: cash.LATER_SITE}


class Amendments:
    """Plays how contracts are amended, and what changes with them in their plans of payment."""

    def __init__(self, tell: Teller, agenda: Agenda, office: User, payments: Payments, *, today: dt.date) -> None:
        self.tell, self.agenda, self.office = tell, agenda, office
        self.payments, self.today = payments, today

    def begin(self, deal: Deal, signed_on: dt.date) -> None:
        """Plan the amendment of a contract that was just signed, if it has one."""
        if deal.change is None:
            return
        if deal.offered_days_ago is None:
            for days, act in ((_DRAFTED, self._draft), (_OFFERED, self._offer), (_ACCEPTED, self._accept)):
                self.agenda.plan(working_days_later(signed_on, days), partial(act, deal))
            return
        offered_on = calendar.working_day_until(self.today - dt.timedelta(days=deal.offered_days_ago))
        drafted_on = calendar.working_day_until(offered_on - dt.timedelta(days=2))
        self.agenda.plan(drafted_on, partial(self._draft, deal))
        self.agenda.plan(offered_on, partial(self._offer, deal))

    def _draft(self, deal: Deal, day: dt.date) -> None:
        contract = Contract.objects.select_related("owner", "version_in_force").get(pk=deal.contract_id)
        present, change = contract.version_in_force, deal.change
        if present is None or change is None:
            return
        rep, before = contract.owner, contract.amount
        reason = self.tell(_REASONS[change])
        version = amendments.draft_amendment(rep, contract.pk, reason=reason, at=instant(day))
        if change == Change.MORE:
            editing.set_lines(rep, contract.pk, lines=_more_of_the_first(present))
            version.refresh_from_db()
            lines = [*_plan_of(contract), self._for_the_rest(version.amount - before)]
        else:
            until = (present.performance_until or day) + dt.timedelta(days=DAYS_LATER)
            editing.set_terms(rep, contract.pk, changes={"performance_until": until})
            lines = _due_later(_plan_of(contract))
        plans.draft_plan(rep, contract.pk, lines=lines)

    def _offer(self, deal: Deal, day: dt.date) -> None:
        owner = Contract.objects.select_related("owner").get(pk=deal.contract_id).owner
        amendments.offer_amendment(owner, deal.contract_id, act=ActDraft(day), at=instant(day))

    def _accept(self, deal: Deal, day: dt.date) -> None:
        act = ActDraft(day, Party.CUSTOMER)
        amendments.accept_amendment(self.office, deal.contract_id, act=act, at=instant(day))
        self.payments.follow(deal)

    def _for_the_rest(self, amount: Decimal) -> InstalmentDraft:
        """What is ordered in addition is paid in one sum after the delivery."""
        name_zh, name = cash.ADDED_GOODS
        return InstalmentDraft(name, DueBasis.DELIVERY, name_zh=name_zh, amount=amount, offset_days=30)


def _more_of_the_first(present: ContractVersion) -> list[LineDraft]:
    """The lines in force, with about a quarter more of the first."""
    drafts = [
        LineDraft(
            terms.quantity, terms.unit_price, terms.description, terms.product_id, terms.line_id,
            terms.specification, terms.unit, terms.list_price, terms.discount_rate, terms.tax_rate, terms.due_on,
        )
        for terms in present.terms.order_by("position")
    ]  # fmt: skip
    first = drafts[0]
    return [replace(first, quantity=first.quantity + max(first.quantity // 4, Decimal(1))), *drafts[1:]]


def _plan_of(contract: Contract) -> list[InstalmentDraft]:
    """The instalments in force, each with its amount."""
    return [
        InstalmentDraft(
            row.name, DueBasis(row.basis), name_zh=row.name_zh, amount=row.amount, on=row.fixed_on,
            offset_months=row.offset_months, offset_days=row.offset_days, is_retention=row.is_retention,
        )
        for row in Instalment.objects.in_force().filter(contract=contract).order_by("position")
    ]  # fmt: skip


def _due_later(lines: Sequence[InstalmentDraft]) -> list[InstalmentDraft]:
    """The largest instalment after the deposit becomes due a month later."""
    largest = max((line for line in lines if line.basis != DueBasis.SIGNING), key=lambda line: line.amount or 0)
    return [replace(line, offset_days=(line.offset_days or 0) + 30) if line is largest else line for line in lines]
