"""A small area as docs/how-to/build-a-page.md describes it, over customers: what the frame's tests drive."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, reverse

from loudou.config.urls import handler400, handler403, handler404, handler500
from loudou.config.urls import urlpatterns as product
from loudou.core.refusals import NotVisible
from loudou.core.searchtext import matches
from loudou.core.verbs import check_version, lock, service, validate
from loudou.customers.choices import CustomerKind
from loudou.customers.models import Customer
from loudou.people.models import User
from loudou.web.frame.actions import ActionPage, BulkOutcome, Done
from loudou.web.frame.columns import Column
from loudou.web.frame.filters import ListFilter
from loudou.web.frame.form_pages import BulkPage, FormPage, InlineEdit
from loudou.web.frame.lists import BulkAction, ListPage
from loudou.web.frame.pages import Page, RecordPage

__all__ = ["handler400", "handler403", "handler404", "handler500"]

ACTS: list[str] = []
"""What `Ring` did, so that tests can count."""


@service("customers.change")
def rename(
    actor: User, customer_id: int, *, name: str, city: str = "", kind: str = "", version: int | None
) -> Customer:
    """Change a customer's name, city and kind."""
    row = lock(Customer.objects.visible_to(actor), customer_id)
    check_version(row, version)
    row.name, row.city, row.kind = name, city or row.city, kind or row.kind
    validate(row)
    row.save_changes("name", "city", "kind")
    return row


class PlaceFilter(ListFilter):
    main = ("kind", "city")
    q = django_filters.CharFilter(method="search", label="Search")
    kind = django_filters.MultipleChoiceFilter(choices=CustomerKind.choices, label="Kind")
    city = django_filters.CharFilter(label="City")
    employees = django_filters.RangeFilter(label="Employees")

    def search(self, queryset: Any, _name: str, value: str) -> Any:
        return queryset.filter(matches(value))


class PlaceList(ListPage):
    permission = "customers.view"
    title = "Places"
    filterset = PlaceFilter
    columns = (
        Column(name="name", label="Name", sort="name", editable=True),
        Column(name="city", label="City", sort="city", editable=True),
        Column(name="kind", label="Kind", value=lambda row: row.get_kind_display(), sort="kind"),
        Column(name="annual_revenue", label="Revenue", currency="revenue_currency"),
        Column(name="updated_at", label="Changed", kind="datetime", shown=False),
    )
    default_sort = "name"
    per_page = 25
    row_url_name = "places:place"
    inline_url_name, inline_permission = "places:cell", "customers.change"
    export_permission = "customers.export"
    add_url_name, add_permission, add_label = "places:add", "customers.add", "New place"
    bulk_actions = (
        BulkAction(name="move", label="Move to city", url_name="places:move", permission="customers.change"),
    )
    empty_title = "No places yet"
    empty_text = "Places you sell to live here."

    def rows(self) -> Any:
        return Customer.objects.visible_to(self.request.user)


class PlacePage(RecordPage):
    permission = "customers.view"
    template = "example/place.html"
    record_name = "place"

    def record(self) -> Customer:
        return Customer.objects.all().get_visible(self.request.user, self.kwargs["pk"])

    @property
    def edit_url(self) -> str:
        return reverse("places:edit", args=[self.kwargs["pk"]])


class PlaceForm(forms.Form):
    name = forms.CharField(max_length=255, required=False)
    city = forms.CharField(max_length=80, required=False, help_text="Where the head office is.")
    kind = forms.ChoiceField(choices=CustomerKind.choices, required=False)


class PlaceEdit(FormPage):
    permission = "customers.change"
    title = "Edit place"
    form_class = PlaceForm

    def record(self) -> Customer:
        return Customer.objects.all().get_visible(self.request.user, self.kwargs["pk"])

    def save(self, form: Any, *, version: int | None) -> Done:
        row = rename(self.request.user, self.kwargs["pk"], version=version, **form.cleaned_data)
        return Done(message="Saved.", url=reverse("places:place", args=[row.pk]))


class PlaceAdd(FormPage):
    permission = "customers.add"
    title = "New place"
    form_class = PlaceForm

    def save(self, form: Any, *, version: int | None) -> Done:
        row = Customer.objects.create(owner=self.request.user, **form.cleaned_data)
        return Done(message="Added.", url=reverse("places:place", args=[row.pk]), leave=True)


class CityForm(forms.Form):
    city = forms.CharField()


class MoveMany(BulkPage):
    permission = "customers.change"
    title = "Move to city"
    list_page = PlaceList
    form_class = CityForm

    def apply(self, ids: list[int], form: Any) -> BulkOutcome:
        outcome = BulkOutcome()
        for pk in ids:
            row = Customer.objects.visible_to(self.request.user).filter(pk=pk).first()
            if row is None:
                outcome.refuse(str(pk), NotVisible())
                continue
            rename(self.request.user, pk, name=row.name, city=form.cleaned_data["city"], version=None)
            outcome.done.append(row.name)
        return outcome


class PlaceCell(InlineEdit):
    permission = "customers.change"
    list_page = PlaceList
    form_class = PlaceForm

    def record(self, pk: int) -> Customer:
        return Customer.objects.all().get_visible(self.request.user, pk)

    def save(self, record: Any, *, column: str, value: Any, version: int | None) -> None:
        rename(self.request.user, record.pk, **{"name": record.name, column: value}, version=version)


class Ring(ActionPage):
    permission = "customers.change"

    def act(self) -> Done:
        ACTS.append(self.request.POST.get("tone", ""))
        return Done(message="Rang.", url="/places/")


class Refuse(Page):
    permission = "home.view"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        raise NotVisible


places = [
    path("places/", PlaceList.as_view(), name="list"),
    path("places/add/", PlaceAdd.as_view(), name="add"),
    path("places/move/", MoveMany.as_view(), name="move"),
    path("places/ring/", Ring.as_view(), name="ring"),
    path("places/refuse/", Refuse.as_view(), name="refuse"),
    path("places/<int:pk>/", PlacePage.as_view(), name="place"),
    path("places/<int:pk>/edit/", PlaceEdit.as_view(), name="edit"),
    path("places/<int:pk>/cell/<str:column>/", PlaceCell.as_view(), name="cell"),
]
urlpatterns = [path("", include((places, "places"))), *product]
