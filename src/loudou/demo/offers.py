"""Contracts that are not signed yet: drafts, offers, one that was declined, and discounts that need an approval."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import partial

from loudou.contracts.choices import ContractKind, Party
from loudou.contracts.models import Contract
from loudou.contracts.selectors.approvals import discount_state
from loudou.contracts.services import approvals, drafting, life
from loudou.contracts.services.drafts import ActDraft, ContractDraft
from loudou.contracts.services.opening import first_version
from loudou.demo.agenda import Agenda, instant
from loudou.demo.agreements import lines_of, terms_of
from loudou.demo.words import Teller, cash
from loudou.people.models import User
from loudou.pipeline.choices import State
from loudou.pipeline.models import Opportunity

MOST = 16
MAX_DISCOUNT = Decimal("0.15")
"""What the company's reps may grant by themselves."""
ASKED_FOR = Decimal("0.22")
_ORDER = ("offer", "draft", "offer", "discount", "offer", "draft", "granted", "offer", "decline", "draft")


class Offers:
    """Plays the negotiations of the last weeks."""

    def __init__(self, tell: Teller, agenda: Agenda, approver: User, *, today: dt.date) -> None:
        self.tell, self.agenda, self.approver, self.today = tell, agenda, approver, today

    def begin(self) -> None:
        """Plan a contract for each of the most advanced open sales."""
        working = Opportunity.objects.filter(
            state=State.OPEN, customer__isnull=False, amount__gt=0, owner__is_active=True, lines__isnull=False,
            opened_on__lt=self.today - dt.timedelta(days=30),
        )  # fmt: skip
        sales = working.distinct().select_related("owner").prefetch_related("lines__product")
        for number, sale in enumerate(sales.order_by("-stage__position", "-stage_entered_at", "pk")[:MOST]):
            age = 2 + number * 3 % 23
            act = partial(self._draft, sale, _ORDER[number % len(_ORDER)])
            self.agenda.plan(self.today - dt.timedelta(days=age), act)

    def _draft(self, sale: Opportunity, course: str, day: dt.date) -> None:
        owner, at = sale.owner, instant(day)
        if owner is None or sale.customer_id is None:
            return
        discount = ASKED_FOR if course in {"discount", "granted"} else None
        draft = ContractDraft(
            title=sale.subject, customer_id=sale.customer_id, currency=sale.currency, opportunity_id=sale.pk,
            lines=lines_of(sale, discount_rate=discount),
            terms=terms_of(sale, ContractKind.GOODS, self.tell, since=day + dt.timedelta(days=30)),
        )  # fmt: skip
        contract = drafting.draft_contract(owner, draft=draft, at=at)
        if course == "draft":
            return
        if discount_state(first_version(contract)).needs_approval:
            request = approvals.request_discount(owner, contract.pk, reason=self.tell(cash.DISCOUNT_REASON), at=at)
            if course == "discount":
                return
            approvals.approve_discount(self.approver, request.pk, reason=self.tell(cash.DISCOUNT_GRANTED), at=at)
        self._offer(owner, contract, day)
        if course == "decline":
            self.agenda.plan(day + dt.timedelta(days=1), partial(self._decline, owner, contract.pk))

    def _offer(self, owner: User, contract: Contract, day: dt.date) -> None:
        until = day + dt.timedelta(days=30)
        life.offer_contract(owner, contract.pk, act=ActDraft(day), valid_until=until, at=instant(day))

    def _decline(self, owner: User, contract_id: int, day: dt.date) -> None:
        act = ActDraft(day, Party.CUSTOMER, note=self.tell(cash.DECLINED))
        life.decline_contract(owner, contract_id, act=act, at=instant(day))
