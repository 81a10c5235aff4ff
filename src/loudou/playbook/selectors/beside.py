"""The cards that belong beside a sale, a product or a customer, the most fitting first."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from loudou.core.actors import Actor
from loudou.core.searchtext import matches
from loudou.pipeline.choices import State
from loudou.pipeline.models import Opportunity, OpportunityCompetitor, OpportunityLine
from loudou.playbook.choices import CardKind
from loudou.playbook.models import Card
from loudou.playbook.selectors.cards import card_rows

if TYPE_CHECKING:
    from loudou.catalog.models import Product

# A rival at the table is the most urgent; then the stage, then how the customer buys, then the product.
RIVAL, STAGE, PURCHASE, PRODUCT = 8, 4, 2, 1
_KINDS = {kind: place for place, kind in enumerate(CardKind.values)}


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known of the place where cards are shown."""

    product_ids: frozenset[int] = frozenset()
    line_ids: frozenset[int] = frozenset()
    competitor_ids: frozenset[int] = frozenset()
    stage_id: int | None = None
    purchase_kind: str = ""


@dataclass(frozen=True, slots=True)
class CardBeside:
    """A card with why it is shown: each flag says that the card asks for something which is the case here."""

    card: Card
    fits_rival: bool
    fits_stage: bool
    fits_purchase: bool
    fits_product: bool
    is_for_elsewhere: bool
    """It asks for another stage, way of buying or rival than those here."""
    is_stale: bool

    @property
    def points(self) -> int:
        """How well the card fits; below zero it is for elsewhere."""
        fit = RIVAL * self.fits_rival + STAGE * self.fits_stage + PURCHASE * self.fits_purchase
        return -1 if self.is_for_elsewhere else fit + PRODUCT * self.fits_product


def situation_of_product(product: Product) -> Situation:
    """A product by itself."""
    lines = frozenset() if product.line_id is None else frozenset({product.line_id})
    return Situation(frozenset({product.pk}), lines)


def situation_of_opportunity(opportunity: Opportunity) -> Situation:
    """A sale: its products, its rivals, its stage and how the customer buys. Two statements.

    While no product is named, the product line that its sales process is for stands for them.
    """
    pairs = set(OpportunityLine.objects.filter(opportunity=opportunity).values_list("product_id", "product__line_id"))
    lines = {line for _product, line in pairs if line is not None}
    if not pairs and opportunity.process.product_line_id is not None:
        lines = {opportunity.process.product_line_id}
    rivals = OpportunityCompetitor.objects.filter(opportunity=opportunity).values_list("competitor_id", flat=True)
    return Situation(
        frozenset(product for product, _line in pairs),
        frozenset(lines),
        frozenset(rivals),
        opportunity.stage_id if opportunity.is_open else None,
        opportunity.purchase_kind,
    )


def situation_of_customer(actor: Actor, customer_id: int) -> Situation:
    """A customer: products of the sales that the actor sees, won or open, and the rivals in open ones."""
    sales = Opportunity.objects.visible_to(actor).filter(customer_id=customer_id)
    bought = sales.filter(state__in=(State.OPEN, State.ON_HOLD, State.WON)).order_by().values("pk")
    pairs = set(OpportunityLine.objects.filter(opportunity__in=bought).values_list("product_id", "product__line_id"))
    rivals = OpportunityCompetitor.objects.filter(opportunity__in=sales.open().order_by().values("pk"))
    return Situation(
        frozenset(product for product, _line in pairs),
        frozenset(line for _product, line in pairs if line is not None),
        frozenset(rivals.values_list("competitor_id", flat=True)),
    )


def cards_beside(actor: Actor, situation: Situation, *, today: dt.date, query: str = "") -> list[CardBeside]:
    """Published cards for a situation, the most fitting first; with words, those that hold them. Four statements.

    Cards of other products are left out. Cards for another stage, another way of buying or a rival who is not at the
    table come last: the rep may know more than the record does.
    """
    rows = card_rows(actor).published()
    rows = rows.about(product_ids=list(situation.product_ids), line_ids=list(situation.line_ids))
    rows = rows.filter(Q(competitor__isnull=True) | Q(competitor__is_active=True))
    if query.strip():
        rows = rows.filter(matches(query))
    found = [_beside(card, situation, today) for card in rows]
    return sorted(found, key=lambda each: (-each.points, _KINDS[each.card.kind], each.card.name))


def _beside(card: Card, here: Situation, today: dt.date) -> CardBeside:
    # A merged stage lives on in the stage it was merged into.
    stages = {stage.merged_into_id or stage.pk for stage in card.stages.all()}
    products, lines = {row.pk for row in card.products.all()}, {row.pk for row in card.lines.all()}
    fits_rival = card.competitor_id is not None and card.competitor_id in here.competitor_ids
    fits_stage = here.stage_id in stages
    fits_purchase = bool(card.purchase_kind) and card.purchase_kind == here.purchase_kind
    elsewhere = (
        (card.competitor_id is not None and not fits_rival and bool(here.competitor_ids))
        or (bool(stages) and here.stage_id is not None and not fits_stage)
        or (bool(card.purchase_kind) and bool(here.purchase_kind) and not fits_purchase)
    )
    return CardBeside(
        card=card,
        fits_rival=fits_rival,
        fits_stage=fits_stage,
        fits_purchase=fits_purchase,
        fits_product=bool(products & here.product_ids or lines & here.line_ids),
        is_for_elsewhere=elsewhere,
        is_stale=card.is_stale(today),
    )
