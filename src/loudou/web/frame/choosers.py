"""Choosing one of many, the same way on every page: which rows there are, who may ask, fields and filters over them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django_filters import ModelChoiceFilter, ModelMultipleChoiceFilter
from django_filters.fields import ModelMultipleChoiceField

from loudou.catalog.models import Product
from loudou.catalog.selectors import product_lines, products
from loudou.contracts.models import Contract
from loudou.core.searchtext import matches
from loudou.customers.models import Contact, Customer
from loudou.customers.selectors import search_contacts, search_customers
from loudou.people.models import Team, User
from loudou.pipeline.models import Competitor
from loudou.web.frame import formats
from loudou.web.frame.fields import LookupField, LookupInput, LookupMultipleField, LookupMultipleInput
from loudou.web.frame.lookups import MOST, LookupPage


@dataclass(frozen=True, slots=True)
class Chooser:
    """One kind of record to choose from."""

    permission: str
    rows: Callable[[Any], QuerySet[Any]]
    """What the reader may choose."""
    hint: Callable[[Any], str] = lambda row: ""
    """Small text that tells rows of the same name apart."""
    search: Callable[..., Iterable[Any]] | None = None
    """The module's own search, best match first; without one, rows that hold every word, by name."""
    first: tuple[str, ...] = ("name", "pk")
    """Which rows are offered before anything is typed, and the order of those found without a search of their own."""


def _customer_hint(row: Customer) -> str:
    return " · ".join(filter(None, (row.name if row.short_name else "", row.city, str(row.owner or ""))))


def _product_hint(row: Product) -> str:
    return "" if row.list_price is None else formats.money(row.list_price, row.currency)


CHOOSERS: Mapping[str, Chooser] = {
    "customers": Chooser(
        "customers.view",
        lambda reader: Customer.objects.visible_to(reader).select_related("owner"),
        hint=_customer_hint,
        search=search_customers,
        first=("-updated_at", "-pk"),
    ),
    "contacts": Chooser(
        "customers.view",
        Contact.objects.visible_to,
        hint=lambda row: next(iter((*row.phones, *row.emails)), ""),
        search=search_contacts,
    ),
    "people": Chooser(
        "people.view",
        lambda reader: User.objects.visible_to(reader).filter(is_active=True),
        hint=lambda row: str(row.title),
    ),
    "teams": Chooser("people.view", lambda reader: Team.objects.visible_to(reader).filter(is_active=True)),
    "products": Chooser(
        "catalog.view",
        lambda reader: products(reader).filter(is_active=True),
        hint=_product_hint,
    ),
    "lines": Chooser("catalog.view", lambda reader: product_lines(reader).filter(is_active=True)),
    "contracts": Chooser(
        "contracts.view",
        lambda reader: Contract.objects.visible_to(reader).binding().select_related("customer"),
        hint=lambda row: str(row.customer),
        first=("-pk",),
    ),
    "competitors": Chooser("pipeline.view", lambda reader: Competitor.objects.filter(is_active=True)),
}
"""Every kind by the last part of its address, `/choose/<kind>/` (`frame:choose_<kind>`)."""


def rows_to_choose(request: HttpRequest | None, kind: str) -> QuerySet[Any]:
    """Rows of a kind that the reader may choose; none before there is a reader."""
    return User.objects.none() if request is None else CHOOSERS[kind].rows(request.user)


class ChooserField(LookupField):
    """A form field for one row. In the body of a form class it waits for `offer`; pass `request` in a constructor."""

    def __init__(self, kind: str, *, request: HttpRequest | None = None, **options: Any) -> None:
        self.kind = kind
        super().__init__(rows_to_choose(request, kind), url_name=f"frame:choose_{kind}", **options)

    def offer(self, request: HttpRequest) -> None:
        """Offer what the reader may choose."""
        self.queryset = rows_to_choose(request, self.kind)


def chooser_of_several(kind: str, *, request: HttpRequest, **options: Any) -> LookupMultipleField:
    """A form field for several rows."""
    return LookupMultipleField(rows_to_choose(request, kind), url_name=f"frame:choose_{kind}", **options)


def chooser_filter(kind: str, *, label: Any, **options: Any) -> ModelChoiceFilter:
    """A filter by one row."""
    return ModelChoiceFilter(
        label=label,
        queryset=lambda request: rows_to_choose(request, kind),
        widget=LookupInput(f"frame:choose_{kind}"),
        **options,
    )


class PeopleOrNobodyField(ModelMultipleChoiceField):  # type: ignore[misc]  # django-filter carries no types
    """Several people, or nobody: rows without an owner."""

    def label_from_instance(self, obj: Any) -> str:
        """Name of a person; the choice of nobody in words."""
        return str(self.null_label) if obj == self.null_value else str(obj)


class PeopleFilter(ModelMultipleChoiceFilter):  # type: ignore[misc]  # django-filter carries no types
    """A filter by several people, or by nobody when `null_label` and `null_value` are given.

    An address may name somebody who has left, whose past sales are still theirs; only who works here is offered.
    """

    field_class = PeopleOrNobodyField

    def __init__(self, **options: Any) -> None:
        super().__init__(
            queryset=lambda request: User.objects.none() if request is None else User.objects.visible_to(request.user),
            widget=LookupMultipleInput("frame:choose_people"),
            **options,
        )


class ChooserPage(LookupPage):
    """Answers while somebody types into a chooser of one kind."""

    permission = "home.view"  # each address sets its own
    kind: str = ""

    @property
    def chooser(self) -> Chooser:
        """What is chosen from."""
        return CHOOSERS[self.kind]

    def rows(self, query: str) -> Iterable[Any]:
        """Best matches first; contacts of one customer when the address names it."""
        words, rows = query.strip(), self.chooser.rows(self.request.user)
        customer = self.request.GET.get("customer", "")
        if rows.model is Contact:
            rows = rows.filter(
                erased_at__isnull=True
            )  # who was erased may stay where chosen before, and is offered no more
        if rows.model is Contact and customer.isdecimal():
            rows = rows.filter(posts__customer_id=customer).distinct()
        elif words and self.chooser.search:
            return self.chooser.search(self.request.user, words, limit=MOST)
        if words:
            searchable = any(field.name == "search_text" for field in rows.model._meta.fields)
            rows = rows.filter(matches(words) if searchable else Q(name__icontains=words))
        return rows.order_by(*self.chooser.first)[:MOST]

    def hint(self, row: Any) -> str:
        """As the kind says."""
        return self.chooser.hint(row)
