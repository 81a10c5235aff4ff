"""What a customer's or contact's page and list say about its opportunities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import (
    Case,
    CharField,
    Count,
    DecimalField,
    F,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
    When,
)

from loudou.pipeline.choices import State
from loudou.pipeline.models import Opportunity, OpportunityContact
from loudou.pipeline.selectors.opportunities import opportunity_rows
from loudou.pipeline.selectors.volume import ZERO, Volume

if TYPE_CHECKING:
    from loudou.core.actors import Actor
    from loudou.customers.models.customer import CustomerQuerySet


@dataclass(frozen=True, slots=True)
class CustomerSales:
    """Opportunities of one customer as the actor sees them: volumes by state, and the ones to show."""

    volumes: dict[State, Volume]
    shown: list[Opportunity]

    @property
    def count(self) -> int:
        """Opportunities in any state."""
        return sum(volume.count for volume in self.volumes.values())


def with_open_opportunities(actor: Actor, customers: CustomerQuerySet, *, currency: str) -> CustomerQuerySet:
    """Annotate customers with `open_count`, `open_amount` (in base currency) and `base_currency`.

    Computed for the rows that are shown only: sort by something else. Empty where nothing is open.
    """
    open_rows = Opportunity.objects.visible_to(actor).open().filter(customer=OuterRef("pk")).order_by()
    grouped = open_rows.values("customer")
    return customers.annotate(
        open_count=Subquery(grouped.annotate(rows=Count("pk")).values("rows"), output_field=IntegerField()),
        open_amount=Subquery(
            grouped.annotate(worth=Sum("amount_base")).values("worth"),
            output_field=DecimalField(max_digits=19, decimal_places=4),
        ),
        base_currency=Value(currency, output_field=CharField()),
    )


def customer_opportunities(actor: Actor, customer_id: int, *, most: int) -> CustomerSales:
    """Volumes by state, and up to `most` opportunities: open ones by date, then closed ones, the latest first."""
    rows = Opportunity.objects.visible_to(actor).filter(customer_id=customer_id).order_by()
    counted = rows.values("state").annotate(rows=Count("pk"), worth=Sum("amount_base"))
    volumes = {State(group["state"]): Volume(group["rows"], group["worth"] or ZERO) for group in counted}
    if not volumes:
        return CustomerSales({}, [])
    rows = opportunity_rows(actor).select_related("stage", "customer", "owner").filter(customer_id=customer_id)
    is_open = Q(state=State.OPEN)
    ordered = rows.order_by(
        Case(When(is_open, then=0), default=1),
        Case(When(is_open, then=F("expected_on"))).asc(nulls_last=True),
        F("closed_at").desc(nulls_last=True),
        "pk",
    )
    shown = list(ordered[:most])
    return CustomerSales({state: volumes[state] for state in State if state in volumes}, shown)


def contact_opportunities(actor: Actor, contact_id: int, *, most: int) -> list[Opportunity]:
    """Opportunities in which a person takes part, open ones first, the latest first."""
    taken = OpportunityContact.objects.filter(contact_id=contact_id).values("opportunity_id")
    rows = opportunity_rows(actor).select_related("stage", "customer", "owner").filter(pk__in=taken)
    return sorted(rows.order_by("-updated_at", "-pk")[:most], key=lambda row: row.state != State.OPEN)
