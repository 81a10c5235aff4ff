"""Rows of a prepared handover: what is shown of them, narrowed and turned in pages."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from loudou.handover.choices import Kind
from loudou.handover.selectors.preview import Going
from loudou.people.models import User
from loudou.web.frame.paging import RowsPage

PER_PAGE = 50
PAGES_OF: Mapping[str, str] = {
    Kind.CUSTOMER: "customers:customer",
    Kind.CUSTOMER_MEMBER: "customers:customer",
    Kind.OPPORTUNITY: "pipeline:opportunity",
    Kind.OPPORTUNITY_MEMBER: "pipeline:opportunity",
    Kind.CONTRACT: "contracts:contract",
    Kind.CONTACT: "customers:contact",
}
ONE: Mapping[str, Promise] = {
    Kind.CUSTOMER: _("Customer"),
    Kind.OPPORTUNITY: _("Opportunity"),
    Kind.CONTRACT: _("Contract"),
    Kind.CONTACT: _("Contact"),
    Kind.CUSTOMER_MEMBER: _("Works on the customer"),
    Kind.OPPORTUNITY_MEMBER: _("Works on the opportunity"),
    Kind.SAVED_VIEW: _("Shared view"),
}
"""What a single thing of a kind is called."""
ICONS: Mapping[str, str] = {
    Kind.CUSTOMER: "building",
    Kind.OPPORTUNITY: "filter",
    Kind.CONTRACT: "file-text",
    Kind.CONTACT: "address-book",
    Kind.CUSTOMER_MEMBER: "users",
    Kind.OPPORTUNITY_MEMBER: "users",
    Kind.SAVED_VIEW: "bookmark",
}


def address_of(kind: str, pk: int) -> str:
    """Where a thing has its page; '' for those that have none."""
    return reverse(PAGES_OF[kind], args=[pk]) if kind in PAGES_OF else ""


@dataclass(frozen=True, slots=True)
class Row:
    """A thing as the page shows it."""

    going: Going
    successor: User | None
    label: str
    icon: str
    url: str

    @property
    def value(self) -> str:
        """How the thing is named in forms."""
        return f"{self.going.thing.kind}-{self.going.thing.pk}"


class Narrowing:
    """What of the things the address asks for: kind, successor, words, and region or industry of the customer."""

    names = ("kind", "to", "q", "province", "industry")

    def __init__(self, query: QueryDict) -> None:
        self.given = {name: query.get(name, "").strip() for name in self.names}
        page = query.get("page", "")
        self.page = int(page) if page.isdecimal() and len(page) < 7 else 1  # noqa: PLR2004

    @property
    def is_set(self) -> bool:
        """Whether anything is asked for."""
        return any(self.given.values())

    def address(self, page: int | None = None) -> str:
        """The query string that asks for the same, on another page."""
        parts = {name: value for name, value in self.given.items() if value}
        return urlencode(parts | ({"page": page} if page else {}))

    def among(self, goings: Sequence[Going]) -> list[Going]:
        """Those that pass, each customer followed by what belongs to it."""
        customers = {going.thing.pk: going.thing for going in goings if going.thing.kind == Kind.CUSTOMER}

        def passes(going: Going) -> bool:
            thing, given = going.thing, self.given
            own = customers.get(thing.customer_id or 0)
            where = own or thing
            return (
                (not given["kind"] or thing.kind == given["kind"])
                and (not given["to"] or str(going.successor_id or "none") == given["to"])
                and (not given["q"] or given["q"].casefold() in f"{thing.name} {thing.customer}".casefold())
                and (not given["province"] or where.province == given["province"])
                and (not given["industry"] or where.industry == given["industry"])
            )

        order = {kind: place for place, kind in enumerate(Kind)}
        found = [going for going in goings if passes(going)]
        return sorted(
            found,
            key=lambda each: (
                not each.thing.customer, each.thing.customer, each.thing.customer_id or 0, order[each.thing.kind],
                each.thing.name,
            ),
        )  # fmt: skip


def turned(goings: Sequence[Going], people: Mapping[int, User], *, number: int) -> RowsPage:
    """One page of rows."""
    pages = max(1, math.ceil(len(goings) / PER_PAGE))
    number = max(1, min(number, pages))
    part = goings[(number - 1) * PER_PAGE : number * PER_PAGE]
    rows = [
        Row(going, people.get(going.successor_id or 0), str(ONE[going.thing.kind]), ICONS[going.thing.kind],
            address_of(going.thing.kind, going.thing.pk))
        for going in part
    ]  # fmt: skip
    return RowsPage(rows, number, PER_PAGE, len(goings), capped=False)


def known(goings: Iterable[Going], field: str) -> list[str]:
    """Values of a field of the customers, for a filter."""
    return sorted({value for going in goings if (value := str(getattr(going.thing, field)))})


def things_in(values: Iterable[str]) -> list[tuple[str, int]]:
    """Kinds and keys of things as forms send them; what makes no sense is left out."""
    found: list[tuple[str, int]] = []
    for value in values:
        kind, _separator, pk = value.rpartition("-")
        if kind in Kind.values and pk.isdecimal() and len(pk) < 19:  # noqa: PLR2004
            found.append((kind, int(pk)))
    return found
