"""Which sales became contracts, and what was agreed: lines with tax, the plan of payment, and what is special."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from random import Random

from loudou.contracts.choices import ContractKind, Party
from loudou.contracts.models import PlanTemplate
from loudou.contracts.services.drafts import ActDraft, ContractDraft, LineDraft, SignedPast, TermsFacts
from loudou.contracts.services.plan_drafting import lines_of as plan_of
from loudou.demo import calendar
from loudou.demo.payers import PROMPT, Habit
from loudou.demo.words import Teller, cash, goods
from loudou.pipeline.choices import State
from loudou.pipeline.models import Opportunity

BASE = "CNY"
IN_ADVANCE, FOR_PROJECTS = "100 % in advance", "30 / 40 / 25 / 5 for projects"
WITH_RETENTION = "30 / 60 / 10 with retention"
MONTHS = 15
MOST = 70
"""How many of the sales won in the last months became a contract here; the sign-in reps' own come first."""
DAYS_TO_PERFORM = {ContractKind.GOODS: 90, ContractKind.SERVICES: 365, ContractKind.PROJECT: 240}
PENALTY = Decimal("0.0005")
_DAYS_TO_ANSWER = {ContractKind.GOODS: (2, 15), ContractKind.SERVICES: (2, 15), ContractKind.PROJECT: (7, 29)}
_DAYS_TO_WRITE = (1, 7)
LARGE = 100_000
"""Contracts from here on, in yuan, may be paid in bills of exchange alone."""
_TEMPLATES = {
    ContractKind.GOODS: (("30 days after delivery", 26), (WITH_RETENTION, 36),
                         (IN_ADVANCE, 12), ("30 days after invoice", 20), ("Twelve months from signing", 6)),
    ContractKind.SERVICES: (("Twelve months from signing", 60), ("30 days after invoice", 40)),
    ContractKind.PROJECT: ((FOR_PROJECTS, 80), (WITH_RETENTION, 20)),
}  # fmt: skip


class Fate(StrEnum):
    """What is special about a contract."""

    USUAL = "usual"
    STALLED = "stalled"
    RETURNED = "returned"
    CORRECTED = "corrected"
    CANCELLED = "cancelled"
    PAID_TWICE = "paid_twice"
    PREPAID = "prepaid"
    IN_BILLS = "in_bills"


class Change(StrEnum):
    """What an amendment changes."""

    MORE = "more"
    LATER = "later"


@dataclass(slots=True)
class Deal:
    """A sale that was won and became a contract."""

    sale: Opportunity
    signed_on: dt.date
    habit: Habit
    kind: ContractKind
    template: str
    fate: Fate = Fate.USUAL
    change: Change | None = None
    offered_days_ago: int | None = None
    """An amendment that is not answered yet was offered so many days ago; others came soon after the signing."""
    contract_id: int = 0

    @property
    def in_yuan(self) -> bool:
        """Whether it is paid in the company's own currency."""
        return self.sale.currency == BASE

    @property
    def customer_id(self) -> int:
        """Whose contract it is."""
        return int(self.sale.customer_id or 0)


def won_deals(random: Random, habits: dict[int, Habit], *, project_process_id: int, today: dt.date) -> list[Deal]:
    """Choose among the sales that were won in the last months, in the order of signing, with their fates."""
    since = dt.datetime.combine(today - dt.timedelta(days=MONTHS * 30), dt.time(), tzinfo=calendar.TIME_ZONE)
    won = Opportunity.objects.filter(state=State.WON, closed_at__gte=since, customer__isnull=False, amount__gt=0)
    sales = list(
        won.order_by("closed_at", "pk").select_related("owner", "customer__owner").prefetch_related("lines__product")
    )
    own = {sale.pk for sale in sales if sale.owner is not None and sale.owner.username in {"rep", "rep2"}}
    own |= {sale.pk for sale in sales if sells_services(sale)}
    others = [sale.pk for sale in sales if sale.pk not in own]
    chosen = own | set(random.sample(others, min(len(others), max(MOST - len(own), 0))))
    deals = []
    for sale in sales:
        if sale.pk in chosen and sale.closed_at is not None and sale.customer_id is not None:
            kind = ContractKind.SERVICES if sells_services(sale) else ContractKind.GOODS
            if sale.process_id == project_process_id:
                kind = ContractKind.PROJECT
            names, weights = zip(*_TEMPLATES[kind], strict=True)
            signed_on = sale.closed_at.astimezone(calendar.TIME_ZONE).date()
            template = random.choices(names, weights)[0]
            deals.append(Deal(sale, signed_on, habits[sale.customer_id], kind, template))
    _give_fates(deals, today)
    _give_changes(deals, today)
    return deals


def sells_services(sale: Opportunity) -> bool:
    """Whether nothing but services is sold: maintenance, retrofits."""
    names = [line.product.name for line in sale.lines.all() if line.product is not None]
    return bool(names) and all(name.startswith(goods.SERVICES) for name in names)


def _give_fates(deals: list[Deal], today: dt.date) -> None:
    """Choose by rule, so that each special course of events occurs where it is plausible."""
    contracts_of = Counter(deal.customer_id for deal in deals)
    rules: tuple[tuple[Fate, int, int, int, Callable[[Deal], bool]], ...] = (
        # (fate, how many, signed at least and at most so many days ago, which ones)
        (Fate.IN_BILLS, 4, 45, 160, lambda deal: deal.in_yuan and (deal.sale.amount or 0) >= LARGE),
        (Fate.STALLED, 2, 150, 400, lambda deal: deal.kind == ContractKind.PROJECT),
        (Fate.CANCELLED, 2, 75, 300, lambda deal: deal.in_yuan and contracts_of[deal.customer_id] == 1),
        (Fate.RETURNED, 3, 110, 420, lambda deal: any(line.quantity >= 3 for line in deal.sale.lines.all())),
        (Fate.PAID_TWICE, 2, 80, 300, lambda deal: deal.in_yuan and deal.habit is PROMPT),
        (Fate.CORRECTED, 4, 100, 450, lambda deal: True),
        (Fate.PREPAID, 4, 25, 120, lambda deal: deal.habit is PROMPT),
    )
    for fate, number, youngest, oldest, fits in rules:
        candidates = [
            deal for deal in deals
            if deal.fate == Fate.USUAL and youngest <= (today - deal.signed_on).days <= oldest and fits(deal)
        ]  # fmt: skip
        for deal in candidates[:number]:
            deal.fate = fate
            if fate == Fate.CANCELLED:
                deal.template = IN_ADVANCE
            elif fate == Fate.STALLED:
                deal.template = FOR_PROJECTS


def _give_changes(deals: list[Deal], today: dt.date) -> None:
    """Choose contracts that were amended: some soon after the signing, some are about to be. All keep retention money,
    so that none of them is completed when its amendment comes.
    """
    rules = (
        # (change, offered days ago, signed at least and at most so many days ago)
        *((Change.MORE, None, 60, 400), (Change.LATER, None, 60, 400)) * 2,
        (Change.MORE, 4, 25, 120), (Change.LATER, 11, 25, 120),
    )  # fmt: skip
    for change, offered_days_ago, youngest, oldest in rules:
        candidates = [
            deal for deal in deals
            if deal.fate == Fate.USUAL and deal.change is None and deal.kind != ContractKind.SERVICES
            and deal.in_yuan and youngest <= (today - deal.signed_on).days <= oldest
            and (change == Change.LATER or any(line.quantity >= 4 for line in deal.sale.lines.all()))
        ]  # fmt: skip
        # From the middle: the first ones have a fate already, and the sign-in reps own most
        for deal in candidates[len(candidates) // 2 :][:1]:
            deal.change, deal.offered_days_ago = change, offered_days_ago
            deal.template = FOR_PROJECTS if deal.kind == ContractKind.PROJECT else WITH_RETENTION


def terms_of(sale: Opportunity, kind: ContractKind, tell: Teller, *, since: dt.date) -> TermsFacts:
    """What was agreed about performance, so that no clause of the paper has a blank."""
    customer = sale.customer
    place = " ".join(part for part in (customer.city, customer.address) if part) if customer else ""
    is_service = kind == ContractKind.SERVICES
    return {
        "performance_from": since,
        "performance_until": since + dt.timedelta(days=DAYS_TO_PERFORM[kind]),
        "performance_place": place or tell(cash.ON_SITE),
        "performance_manner": tell(cash.SERVICE_MANNER if is_service else cash.MANNER),
        "quality_standard": tell(cash.SERVICE_QUALITY if is_service else cash.QUALITY),
        "acceptance_days": 15,
        "warranty_months": None if is_service else 12,
        "penalty_rate": PENALTY,
        "dispute_venue": tell(cash.VENUE),
    }


def negotiation(deal: Deal) -> tuple[dt.date, dt.date]:
    """On which days the contract was drafted and offered: working days before the signing, none before the sale."""
    random = Random(f"{deal.sale.pk} negotiation")  # its own chance, so that nothing else of the story moves
    opened = deal.sale.opened_on
    days_to_answer = dt.timedelta(days=random.randrange(*_DAYS_TO_ANSWER[deal.kind]))
    offered = max(calendar.working_day_until(deal.signed_on - days_to_answer), opened)
    days_to_write = dt.timedelta(days=random.randrange(*_DAYS_TO_WRITE))
    return max(calendar.working_day_until(offered - days_to_write), opened), offered


def contract_draft(deal: Deal, lines: list[LineDraft], tell: Teller) -> ContractDraft:
    """The contract of a sale, as it was signed; its number is the one that the sale names."""
    sale = deal.sale
    drafted_on, offered_on = negotiation(deal)
    owner = sale.owner if sale.owner is not None and sale.owner.is_active else sale.customer and sale.customer.owner
    return ContractDraft(
        title=_services_of(sale, tell) if deal.kind == ContractKind.SERVICES else sale.subject,
        customer_id=deal.customer_id,
        kind=deal.kind,
        currency=sale.currency,
        lines=lines,
        plan=plan_of(PlanTemplate.objects.get(name=deal.template)),
        terms=terms_of(sale, deal.kind, tell, since=deal.signed_on),
        opportunity_id=sale.pk,
        owner_id=owner.pk if owner else None,
        number=sale.contract_reference,
        drafted_on=drafted_on,
        past=SignedPast(ActDraft(deal.signed_on, Party.CUSTOMER), offered=ActDraft(offered_on)),
    )


def _services_of(sale: Opportunity, tell: Teller) -> str:
    """What a service contract is about: its services, without their codes."""
    names = [line.product.name.partition(" ")[2] for line in sale.lines.all() if line.product is not None]
    text = tell(cash.AND).join(names)
    return text[:1].upper() + text[1:]


def lines_of(sale: Opportunity, *, discount_rate: Decimal | None = None) -> list[LineDraft]:
    """The products of a sale, one line where it names only an amount; each with the usual tax, exports without."""
    rows = [
        LineDraft(
            line.quantity,
            line.unit_price,
            product_id=line.product_id,
            discount_rate=line.discount_rate if discount_rate is None else discount_rate,
        )
        for line in sale.lines.all()
    ]
    if not rows and sale.amount is not None:
        rows = [LineDraft(Decimal(1), sale.amount, description=sale.subject)]
    return rows
