"""Choosing one of many: filters and form fields that ask the server while somebody types, and what answers them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django_filters import ModelChoiceFilter, ModelMultipleChoiceFilter
from django_filters.fields import ModelMultipleChoiceField

from loudou.catalog.models import Product
from loudou.catalog.selectors import product_lines, products
from loudou.core.searchtext import matches
from loudou.customers.models import Contact, Customer
from loudou.people.models import Team, User
from loudou.pipeline.models import Competitor
from loudou.web.frame import formats
from loudou.web.frame.fields import LookupField, LookupInput, LookupMultipleField, LookupMultipleInput
from loudou.web.frame.lookups import MOST, LookupPage

_CHOICES: Mapping[str, Callable[[Any], QuerySet[Any]]] = {
    "customers": Customer.objects.visible_to,
    "contacts": Contact.objects.visible_to,
    "people": lambda reader: User.objects.visible_to(reader).filter(is_active=True),
    "teams": lambda reader: Team.objects.visible_to(reader).filter(is_active=True),
    "products": lambda reader: products(reader).filter(is_active=True),
    "lines": lambda reader: product_lines(reader).filter(is_active=True),
    "competitors": lambda reader: Competitor.objects.filter(is_active=True),
}


def lookup_rows(request: HttpRequest | None, lookup: str) -> QuerySet[Any]:
    """Rows that the reader may choose from."""
    return User.objects.none() if request is None else _CHOICES[lookup](request.user)


class PeopleOrNobodyField(ModelMultipleChoiceField):  # type: ignore[misc]  # django-filter carries no types
    """Several people, or nobody: rows without an owner."""

    def label_from_instance(self, obj: Any) -> str:
        """Name of a person; the choice of nobody in words."""
        return str(self.null_label) if obj == self.null_value else str(obj)


class PeopleFilter(ModelMultipleChoiceFilter):  # type: ignore[misc]  # django-filter carries no types
    """A filter by several people, or by nobody."""

    field_class = PeopleOrNobodyField


def lookup_filter(lookup: str, *, label: Any) -> ModelChoiceFilter:
    """A filter by one row of a large table."""
    return ModelChoiceFilter(
        label=label,
        queryset=lambda request: lookup_rows(request, lookup),
        widget=LookupInput(f"pipeline:lookup_{lookup}"),
    )


def people_filter(*, label: Any, null_label: Any, null_value: str) -> PeopleFilter:
    """A filter by people, `null_value` standing for nobody."""
    return PeopleFilter(
        label=label,
        queryset=lambda request: lookup_rows(request, "people"),
        widget=LookupMultipleInput("pipeline:lookup_people"),
        null_label=null_label,
        null_value=null_value,
    )


def lookup_field(request: HttpRequest, lookup: str, **options: Any) -> LookupField:
    """A form field for one row of a large table."""
    return LookupField(lookup_rows(request, lookup), url_name=f"pipeline:lookup_{lookup}", **options)


def lookup_fields(request: HttpRequest, lookup: str, **options: Any) -> LookupMultipleField:
    """A form field for several rows of a large table."""
    return LookupMultipleField(lookup_rows(request, lookup), url_name=f"pipeline:lookup_{lookup}", **options)


class PipelineLookup(LookupPage):
    """Answers while somebody types into a chooser of the pipeline; `lookup` says what is chosen."""

    permission = "pipeline.view"
    lookup: str = ""

    def rows(self, query: str) -> QuerySet[Any]:
        """Find rows by words, or show the first ones; contacts of one customer when the address names it."""
        rows = lookup_rows(self.request, self.lookup)
        if words := query.strip():
            searchable = any(field.name == "search_text" for field in rows.model._meta.fields)
            rows = rows.filter(matches(words) if searchable else Q(name__icontains=words))
        customer = self.request.GET.get("customer", "")
        if rows.model is Contact and customer.isdecimal():
            rows = rows.filter(posts__customer_id=customer).distinct()
        return rows.order_by("name", "pk")[:MOST]

    def hint(self, row: Any) -> str:
        """Full name of a customer with a short one, price of a product."""
        if isinstance(row, Customer):
            return row.name if row.short_name else row.city
        if isinstance(row, Product) and row.list_price is not None:
            return formats.money(row.list_price, row.currency)
        return ""
