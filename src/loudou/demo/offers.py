"""Contracts that are not signed yet: drafts, offers, one that was declined, and discounts that need an approval."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import partial

from loudou.contracts.choices import ContractKind, Party
from loudou.contracts.selectors.approvals import discount_state
from loudou.contracts.services import approvals, drafting, life
from loudou.contracts.services.drafts import ActDraft, ContractDraft
from loudou.contracts.services.opening import first_version
from loudou.demo import calendar
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
DAYS_TO_DECLINE = 7
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
            course = _ORDER[number % len(_ORDER)]
            age = 2 + number * 3 % 23 + (DAYS_TO_DECLINE if course == "decline" else 0)
            offered_on = calendar.working_day_until(self.today - dt.timedelta(days=age))
            drafted_on = calendar.working_day_until(offered_on - dt.timedelta(days=1 + number * 5 % 6))
            self.agenda.plan(max(drafted_on, sale.opened_on), partial(self._draft, sale, course, offered_on))

    def _draft(self, sale: Opportunity, course: str, offered_on: dt.date, day: dt.date) -> None:
        owner, at = sale.owner, instant(day)
        if owner is None or sale.customer_id is None:
            return
        discount = ASKED_FOR if course in {"discount", "granted"} else None
        draft = ContractDraft(
            title=sale.subject, customer_id=sale.customer_id, currency=sale.currency, opportunity_id=sale.pk,
            lines=lines_of(sale, discount_rate=discount),
            terms=terms_of(sale, ContractKind.GOODS, self.tell, since=offered_on + dt.timedelta(days=30)),
        )  # fmt: skip
        contract = drafting.draft_contract(owner, draft=draft, at=at)
        if course == "draft":
            return
        if discount_state(first_version(contract)).needs_approval:
            request = approvals.request_discount(owner, contract.pk, reason=self.tell(cash.DISCOUNT_REASON), at=at)
            if course == "discount":
                return
            self.agenda.plan(offered_on, partial(self._grant, request.pk))
        self.agenda.plan(offered_on, partial(self._offer, owner, contract.pk))
        if course == "decline":
            declined_on = calendar.working_day_until(offered_on + dt.timedelta(days=DAYS_TO_DECLINE))
            self.agenda.plan(declined_on, partial(self._decline, owner, contract.pk))

    def _grant(self, request_id: int, day: dt.date) -> None:
        reason = self.tell(cash.DISCOUNT_GRANTED)
        approvals.approve_discount(self.approver, request_id, reason=reason, at=instant(day))

    def _offer(self, owner: User, contract_id: int, day: dt.date) -> None:
        until = day + dt.timedelta(days=30)
        life.offer_contract(owner, contract_id, act=ActDraft(day), valid_until=until, at=instant(day))

    def _decline(self, owner: User, contract_id: int, day: dt.date) -> None:
        act = ActDraft(day, Party.CUSTOMER, note=self.tell(cash.DECLINED))
        life.decline_contract(owner, contract_id, act=act, at=instant(day))
