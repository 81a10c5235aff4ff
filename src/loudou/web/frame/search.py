"""Search over everything: each module's own search, one indexed statement a kind, shown by the user's permissions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from loudou.catalog.models import Product
from loudou.catalog.selectors import search_products
from loudou.customers.models import Contact, Customer
from loudou.customers.selectors import search_contacts, search_customers
from loudou.pipeline.models import Opportunity
from loudou.pipeline.selectors.search import search_opportunities
from loudou.playbook.models import Card
from loudou.playbook.selectors import search_cards

if TYPE_CHECKING:
    from loudou.people.models import User


@dataclass(frozen=True, slots=True)
class Found:
    """One record: its name, what tells it from others of that name, and its address."""

    text: str
    hint: str
    url: str


@dataclass(frozen=True, slots=True)
class FoundGroup:
    """Records of one kind, the best match first, and the list that shows all of them."""

    label: str | Promise
    icon: str
    found: tuple[Found, ...]
    list_url: str


@dataclass(frozen=True, slots=True)
class _Kind:
    label: str | Promise
    icon: str
    permission: str
    search: Callable[..., Iterable[Any]]
    hint: Callable[[Any], str]
    record: str
    records: str


def _sale_hint(row: Opportunity) -> str:
    return " · ".join(filter(None, (str(row.customer or ""), row.get_state_display())))


def _customer_hint(row: Customer) -> str:
    return " · ".join(filter(None, (row.city, str(row.owner or ""))))


def _contact_hint(row: Contact) -> str:
    return next(iter((*row.phones, *row.emails)), "")


def _product_hint(row: Product) -> str:
    return " · ".join(filter(None, (row.code, str(row.line or ""))))


def _card_hint(row: Card) -> str:
    return " · ".join(filter(None, (str(row.get_kind_display()), str(row.competitor or ""))))


# Customers first: whoever types a company's name means the company, and its sales are one click away from it.
_KINDS = (
    _Kind(
        _("Customers"),
        "building",
        "customers.view",
        search_customers,
        _customer_hint,
        "customers:customer",
        "customers:customer_list",
    ),
    _Kind(
        _("Opportunities"),
        "filter",
        "pipeline.view",
        search_opportunities,
        _sale_hint,
        "pipeline:opportunity",
        "pipeline:list",
    ),
    _Kind(
        _("Contacts"),
        "address-book",
        "customers.view",
        search_contacts,
        _contact_hint,
        "customers:contact",
        "customers:contact_list",
    ),
    _Kind(
        _("Products"),
        "package",
        "catalog.view",
        search_products,
        _product_hint,
        "customers:product",
        "customers:product_list",
    ),
    _Kind(
        _("Playbook"),
        "book",
        "playbook.view",
        search_cards,
        _card_hint,
        "playbook:card",
        "playbook:card_list",
    ),
)


def search_everything(user: User, query: str, *, limit: int) -> list[FoundGroup]:
    """Find at most `limit` records of each kind that the user may see; kinds without any are left out."""
    groups = []
    for kind in _KINDS:
        if not user.has_permission(kind.permission):
            continue
        rows = list(kind.search(user, query, limit=limit))
        if rows:
            found = tuple(
                Found(getattr(row, "subject", "") or row.name, kind.hint(row), _address(kind.record, row.pk))
                for row in rows
            )
            groups.append(FoundGroup(kind.label, kind.icon, found, _address(kind.records)))
    return groups


def _address(name: str, *args: Any) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
