"""Hints that a customer may be known already, without giving away what the asker may not see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, Value

from loudou.core.actors import Actor
from loudou.core.searchtext import matches
from loudou.customers import registration
from loudou.customers.choices import DuplicateReason
from loudou.customers.models import Customer
from loudou.customers.namekey import NameKey

MOST_HINTS = 10
SHORTEST_PHONE = 7


@dataclass(frozen=True, slots=True)
class DuplicateHint:
    """A customer that may be the same.

    `customer` is None when the asker may not see it: then only its existence is known, and whether somebody owns it.
    """

    reason: DuplicateReason
    customer: Customer | None
    is_owned: bool


def duplicate_hints(
    actor: Actor,
    *,
    name: str = "",
    credit_code: str = "",
    website: str = "",
    phones: Sequence[str] = (),
    besides: int | None = None,
) -> list[DuplicateHint]:
    """Customers of anybody with the same code, name, website or phone, at most MOST_HINTS (two indexed statements).

    `besides` is the customer being edited. The check is blind on purpose: a foreign customer's name never shows.
    """
    wanted = _Wanted(name, credit_code, website, phones)
    if not wanted.condition:
        return []
    alike = Customer.objects.filter(wanted.condition).annotate(asked_key=NameKey(Value(name)))
    if besides is not None:
        alike = alike.exclude(pk=besides)
    found = [(row, reason) for row in alike.order_by("pk")[: 4 * MOST_HINTS] if (reason := wanted.reason(row))]
    found = sorted(found, key=lambda pair: list(DuplicateReason).index(pair[1]))[:MOST_HINTS]
    visible = Customer.objects.visible_to(actor).select_related("owner")
    seen = {row.pk: row for row in visible.filter(pk__in=[row.pk for row, _ in found])}
    return [DuplicateHint(reason, seen.get(row.pk), row.owner_id is not None) for row, reason in found]


class _Wanted:
    """What somebody typed, in the spelling that is stored."""

    def __init__(self, name: str, credit_code: str, website: str, phones: Sequence[str]) -> None:
        self.name = registration.normalize_name(name)
        self.code = registration.normalize_credit_code(credit_code)
        self.host = registration.website_host(website)
        kept = registration.normalize_each(phones, registration.normalize_phone)
        self.phones = [phone for phone in kept if sum(map(str.isdigit, phone)) >= SHORTEST_PHONE]

    @property
    def condition(self) -> Q:
        """Every part is answered by an index of its own."""
        condition = Q()
        if self.name:
            condition |= Q(name_key=NameKey(Value(self.name)))
        if len(self.code) == registration.CREDIT_CODE_LENGTH:
            condition |= Q(credit_code=self.code)
        if "." in self.host:
            condition |= matches(self.host)
        for phone in self.phones:
            condition |= matches(phone)
        return condition

    def reason(self, row: Customer) -> DuplicateReason | None:
        """Say why a row was found; None when the trigrams were right and the text is not."""
        if self.code and row.credit_code == self.code:
            return DuplicateReason.CREDIT_CODE
        if self.name and row.name_key == row.asked_key:  # type: ignore[attr-defined]
            return DuplicateReason.NAME
        if self.host and row.website and registration.website_host(row.website) == self.host:
            return DuplicateReason.WEBSITE
        return DuplicateReason.PHONE if set(self.phones) & set(row.phones) else None
