"""Whether a customer is supplied, and why not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from loudou.core.actors import Actor
from loudou.core.money import Money
from loudou.core.rates import RateTable, company
from loudou.core.refusals import NotVisible
from loudou.customers.choices import ReleaseState
from loudou.customers.models import Customer, HoldChange, ReleaseUse, SupplyRelease


@dataclass(frozen=True, slots=True)
class DeliveryAnswer:
    """Whether a delivery may go out: the holds in its way, and the release that covers it if there is one."""

    holds: tuple[HoldChange, ...] = ()
    release: SupplyRelease | None = None

    @property
    def is_allowed(self) -> bool:
        """Whether nothing is in the way, or a release covers it."""
        return not self.holds or self.release is not None


def present_holds(customer_id: int) -> list[HoldChange]:
    """The holds of a customer that stand now, at most one per source, the latest first."""
    newest = HoldChange.objects.filter(customer_id=customer_id).order_by("source", "-id").distinct("source")
    standing = [row for row in newest.select_related("actor") if row.is_held]
    return sorted(standing, key=lambda row: row.at, reverse=True)


def holds_of_each(customer_ids: Iterable[int]) -> dict[int, list[HoldChange]]:
    """The holds that stand now of many customers, by customer, the latest first. One statement."""
    newest = HoldChange.objects.filter(customer_id__in=list(customer_ids)).order_by("customer_id", "source", "-id")
    found: dict[int, list[HoldChange]] = {}
    for row in newest.distinct("customer_id", "source"):
        if row.is_held:
            found.setdefault(row.customer_id, []).append(row)
    return {pk: sorted(rows, key=lambda row: row.at, reverse=True) for pk, rows in found.items()}


def delivery_allowed(customer_id: int, *, at: dt.datetime, amount: Money) -> DeliveryAnswer:
    """Tell whether a delivery worth an amount may go out now; for the services of modules above, which found the
    customer through their own door. To deliver, call `services.holds.pass_delivery`, which decides under a lock.

    Raises ExchangeRateMissing when a release is in another currency and there is no rate.
    """
    holds = present_holds(customer_id)
    if not holds:
        return DeliveryAnswer()
    return DeliveryAnswer(tuple(holds), covering_release(customer_id, at=at, amount=amount))


def covering_release(customer_id: int, *, at: dt.datetime, amount: Money) -> SupplyRelease | None:
    """The approved release that covers an amount on the company's day of an instant; the one that ends first."""
    today = at.astimezone(ZoneInfo(company().time_zone)).date()
    valid = with_use(SupplyRelease.objects.filter(customer_id=customer_id, state=ReleaseState.APPROVED))
    for release in valid.filter(until_on__gte=today).order_by("until_on", "pk"):
        if release.limit is None:
            return release
        used: Decimal = release.used_amount  # type: ignore[attr-defined]
        if in_currency(amount, release.currency, today) <= release.limit.amount - used:
            return release
    return None


def with_use(releases: QuerySet[SupplyRelease]) -> QuerySet[SupplyRelease]:
    """Releases with `used_amount`, in their own currency."""
    return releases.annotate(used_amount=Coalesce(Sum("uses__amount"), Value(Decimal(0))))


def in_currency(amount: Money, currency: str, on: dt.date) -> Decimal:
    """What an amount is worth in a currency on a day. Raises ExchangeRateMissing."""
    if not currency or amount.currency == currency:
        return amount.amount
    table = RateTable.load({amount.currency, currency})
    return Money(amount.amount * table.rate(amount.currency, on) / table.rate(currency, on), currency).rounded().amount


def hold_changes_of(actor: Actor, customer: Customer) -> QuerySet[HoldChange]:
    """When a visible customer was put on hold and by whom, the latest first."""
    seen = Customer.objects.visible_to(actor).filter(pk=customer.pk)
    return HoldChange.objects.filter(customer__in=seen).select_related("actor")


def releases_of(actor: Actor, customer: Customer) -> QuerySet[SupplyRelease]:
    """Releases of a visible customer with what was used of them, the latest first."""
    seen = Customer.objects.visible_to(actor).filter(pk=customer.pk)
    rows = SupplyRelease.objects.filter(customer__in=seen).select_related("requested_by", "decided_by")
    return with_use(rows)


def release_rows(actor: Actor) -> QuerySet[SupplyRelease]:
    """Releases of all visible customers, for a list or the API, the latest first."""
    rows = SupplyRelease.objects.filter(customer__in=Customer.objects.visible_to(actor).order_by())
    return with_use(rows.select_related("customer", "requested_by", "decided_by"))


def waiting_releases(actor: Actor) -> QuerySet[SupplyRelease]:
    """Releases of visible customers that were asked for and are not decided, the oldest first."""
    return release_rows(actor).filter(state=ReleaseState.REQUESTED).order_by("requested_at", "pk")


def get_release(actor: Actor, release_id: int) -> SupplyRelease:
    """One release of a visible customer. Raises NotVisible."""
    found = release_rows(actor).filter(pk=release_id).first()
    if found is None:
        raise NotVisible
    return found


def uses_of(releases: Iterable[SupplyRelease]) -> QuerySet[ReleaseUse]:
    """What was delivered under releases that the caller may see, the latest first."""
    return ReleaseUse.objects.filter(release__in=[release.pk for release in releases]).select_related("actor")
