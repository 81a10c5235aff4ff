"""What was delivered of a contract, what can still go, and what can come back."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, OuterRef, Prefetch, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from loudou.contracts.choices import AcceptanceOutcome, DeliveryKind
from loudou.contracts.models import Contract, ContractLine, Delivery, DeliveryAcceptance, DeliveryLine
from loudou.contracts.models.delivery import DeliveryQuerySet
from loudou.core.actors import Actor
from loudou.core.refusals import NotVisible

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class OpenLine:
    """What of a line of a delivery has not come back: quantity and amount."""

    row: DeliveryLine
    quantity: Decimal
    amount: Decimal


def delivery_rows(actor: Actor) -> DeliveryQuerySet:
    """Deliveries and returns of visible contracts, with contract and customer. No order.

    `answer` and `answered_on` are what the customer said last, and when; None where nothing was said.
    """
    rows = Delivery.objects.visible_to(actor).select_related("contract__customer", "posted_by", "returns")
    return rows.annotate(answer=_latest("outcome"), answered_on=_latest("on")).order_by()


def get_delivery(actor: Actor, delivery_id: int) -> Delivery:
    """One delivery with its lines. Raises NotVisible."""
    found = delivery_rows(actor).prefetch_related(_lines()).filter(pk=delivery_id).first()
    if found is None:
        raise NotVisible
    return found


def deliveries_of(actor: Actor, contract: Contract) -> DeliveryQuerySet:
    """Deliveries and returns of one contract with their lines, the oldest first."""
    return delivery_rows(actor).filter(contract=contract).prefetch_related(_lines()).order_by("on", "pk")


def acceptances_of(actor: Actor, delivery: Delivery) -> QuerySet[DeliveryAcceptance]:
    """What the customer said of a delivery, in order."""
    seen = Delivery.objects.visible_to(actor).filter(pk=delivery.pk)
    return DeliveryAcceptance.objects.filter(delivery__in=seen).select_related("actor", "contact").order_by("id")


def returnable(delivery: Delivery) -> list[OpenLine]:
    """What of each line of a delivery can still come back. One statement."""
    rows = DeliveryLine.objects.filter(delivery=delivery).select_related("line").order_by("line__number")
    returned = rows.annotate(
        back=Coalesce(Sum("returned_by__quantity"), ZERO), back_amount=Coalesce(Sum("returned_by__amount"), ZERO)
    )
    return [OpenLine(row, row.quantity + row.back, row.amount + row.back_amount) for row in returned]


def open_lines(contract: Contract) -> QuerySet[ContractLine]:
    """Lines of a contract of which something is still to be delivered; `ordered - delivered` is how much."""
    rows = ContractLine.objects.filter(contract=contract)
    return rows.filter(delivered__lt=F("ordered")).order_by("number")


def finally_accepted_on(contract: Contract) -> tuple[dt.date | None, dt.date | None]:
    """The day from which everything is delivered, and that from which the customer has accepted all of it.

    None while something is open. A delivery that came back as a whole needs no acceptance. Three statements.
    """
    lines = list(ContractLine.objects.filter(contract=contract, ordered__gt=0).values_list("ordered", "delivered"))
    if not lines or any(delivered < ordered for ordered, delivered in lines):
        return None, None
    kept = list(
        Delivery.objects.filter(contract=contract, kind=DeliveryKind.DELIVERY)
        .annotate(
            kept=Sum("lines__quantity") + Coalesce(_returned(), ZERO),
            answer=_latest("outcome"),
            answered_on=_latest("on"),
        )
        .filter(kept__gt=0)
        .values_list("on", "answer", "answered_on")
    )
    if not kept:
        return None, None
    delivered_on = max(on for on, _answer, _answered_on in kept)
    if any(answer != AcceptanceOutcome.ACCEPTED for _on, answer, _answered_on in kept):
        return delivered_on, None
    return delivered_on, max(answered_on for _on, _answer, answered_on in kept)


def _latest(field: str) -> Subquery:
    answers = DeliveryAcceptance.objects.filter(delivery=OuterRef("pk")).order_by("-id")
    return Subquery(answers.values(field)[:1])


def _returned() -> Subquery:
    """What came back of a delivery, as a negative quantity."""
    back = DeliveryLine.objects.filter(returns__delivery=OuterRef("pk")).order_by().values("returns__delivery")
    return Subquery(back.annotate(total=Sum("quantity")).values("total"))


def _lines() -> Prefetch[str]:
    return Prefetch("lines", DeliveryLine.objects.select_related("line").order_by("line__number"))
