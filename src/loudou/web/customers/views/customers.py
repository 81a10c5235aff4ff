"""Customers: the list, the page about one of them, create, edit, assign."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields as draft_fields
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from loudou.contracts.selectors.contracts import with_contract_amounts
from loudou.core import clock
from loudou.core.bulk import Outcome, RowUpdate
from loudou.customers import selectors, services
from loudou.customers.choices import Phase
from loudou.customers.models import Customer
from loudou.customers.models.customer import CustomerQuerySet
from loudou.customers.services import ContactDraft, CustomerDraft
from loudou.customers.services.customers import CHANGEABLE
from loudou.insights.selectors.standing import standing, whole
from loudou.pipeline.selectors.customers import customer_opportunities, with_open_opportunities
from loudou.web.customers.filters import CustomerFilter
from loudou.web.customers.forms import (
    AssignForm,
    BulkChangeForm,
    CustomerCellForm,
    CustomerForm,
    NewCustomerForm,
)
from loudou.web.frame import formats
from loudou.web.frame.actions import BulkOutcome, Done
from loudou.web.frame.columns import EMPTY, Column
from loudou.web.frame.form_pages import BulkPage, FormPage, InlineEdit
from loudou.web.frame.lists import BulkAction, ListPage
from loudou.web.frame.pages import Page, PageRequest, RecordPage
from loudou.web.frame.ready_views import ReadyView
from loudou.web.templatetags.loudou import badge

SHOWN_OPPORTUNITIES = 10


PHASE_COLOURS = {
    Phase.TARGET_MARKET: "secondary",
    Phase.PROSPECT: "azure",
    Phase.TARGET: "blue",
    Phase.SIGNED: "teal",
    Phase.QUALIFIED: "green",
}


def phase_of(row: Customer) -> str:
    """The name of its phase, as the company calls it."""
    return str(selectors.phase_name(Phase(row.phase)))


def phase_mark(row: Customer) -> SafeString:
    """The phase as a badge, and whether the customer is on supply hold."""
    if row.phase == Phase.OUTSIDE and row.held_since is None:
        return EMPTY
    mark = badge(phase_of(row), PHASE_COLOURS.get(Phase(row.phase), "secondary"))
    held = badge(gettext("On hold"), "red") if row.held_since else ""
    return format_html("{} {}", mark, held)


def _region(row: Customer) -> str:
    city = "" if row.city == row.province else row.city
    return " · ".join(filter(None, (row.province, city)))


class CustomerList(ListPage):
    """Customers in columns."""

    permission = "customers.view"
    title = _("Customers")
    filterset = CustomerFilter
    ready_views = (
        ReadyView(label=_("Mine"), query=lambda reader: f"owner={reader.pk}"),
        ReadyView(label=_("On supply hold"), query="held=true"),
    )
    columns = (
        Column(name="name", label=_("Customer"), sort="name"),
        Column(name="short_name", label=_("Short name"), editable=True, shown=False),
        Column(name="kind", label=_("Kind"), value="get_kind_display", editable=True, hide_below="md"),
        Column(name="industry", label=_("Industry"), editable=True, hide_below="lg"),
        Column(name="region", label=_("Region"), value=_region, hide_below="md"),
        Column(name="open_count", label=_("Open opportunities"), kind="number", hide_below="sm"),
        Column(name="open_amount", label=_("Open amount"), currency="base_currency", hide_below="sm"),
        Column(name="contract_amount", label=_("Contract amount"), currency="base_currency", shown=False),
        Column(name="phase", label=_("Phase"), value=phase_of, html=phase_mark, sort="phase", hide_below="sm"),
        Column(name="owner", label=_("Owner"), value="owner.name", hide_below="md"),
        Column(name="updated_at", label=_("Last changed"), kind="date", sort="updated_at", hide_below="xl"),
        Column(name="size_band", label=_("Size"), value="get_size_band_display", editable=True, shown=False),
        Column(
            name="channel_place",
            label=_("Place in the channel"),
            value="get_channel_place_display",
            editable=True,
            shown=False,
        ),
        Column(name="country", label=_("Country"), editable=True, shown=False),
        Column(name="province", label=_("Province"), editable=True, shown=False),
        Column(name="city", label=_("City"), editable=True, shown=False),
        Column(name="address", label=_("Address"), shown=False),
        Column(name="phones", label=_("Phones"), value=lambda row: ", ".join(row.phones), shown=False),
        Column(name="emails", label=_("Mails"), value=lambda row: ", ".join(row.emails), shown=False),
        Column(name="website", label=_("Website"), shown=False),
        Column(name="credit_code", label=_("Unified social credit code"), shown=False),
        Column(name="registration_number", label=_("Other registration number"), shown=False),
        Column(name="employees", label=_("Employees"), kind="number", shown=False),
        Column(
            name="expected_contribution",
            label=_("Expected yearly contribution"),
            currency="base_currency",
            shown=False,
        ),
        Column(name="phase_since", label=_("In this phase since"), kind="date", shown=False),
        Column(name="held_since", label=_("On supply hold since"), kind="date", shown=False),
        Column(name="annual_revenue", label=_("Annual revenue"), currency="revenue_currency", shown=False),
        Column(name="parent", label=_("Parent company"), value="parent.name", shown=False),
        Column(name="source", label=_("Source"), editable=True, shown=False),
        Column(name="created_at", label=_("Created"), kind="date", shown=False),
        Column(name="external_id", label=_("Id in another system"), shown=False),
    )
    default_sort = "name"
    row_url_name = "customers:customer"
    inline_url_name = "customers:customer_cell"
    inline_permission = "customers.change"
    export_permission = "customers.export"
    add_url_name = "customers:customer_add"
    add_permission = "customers.add"
    add_label = _("New customer")
    bulk_actions = (
        BulkAction(
            name="assign",
            label=_("Give to…"),
            url_name="customers:customers_assign",
            permission="customers.assign",
            icon="user-share",
        ),
        BulkAction(
            name="change",
            label=_("Change fields…"),
            url_name="customers:customers_change",
            permission="customers.change",
            icon="pencil",
        ),
    )
    empty_icon = "building"
    empty_title = _("No customers yet")
    empty_text = _("Companies that you sell to live here. Add the first one, or import a file of them.")

    @property
    def shows_contracts(self) -> bool:
        """Whether somebody wants to see what was agreed; then the amounts are added up as well."""
        return any(column.name == "contract_amount" for column in self.shown_columns)

    def rows(self) -> CustomerQuerySet:
        """Visible customers with their open opportunities, and with their contracts when asked for."""
        rows = selectors.customer_rows(self.request.user)
        rows = with_contract_amounts(self.request.user, rows) if self.shows_contracts else rows
        return with_open_opportunities(self.request.user, rows, currency=self.request.company.base_currency)

    def totals(self, rows: Any) -> Mapping[str, Any]:
        """What all filtered customers amount to; lists without what was agreed are not added up, to stay fast."""
        if not self.shows_contracts:
            return {}
        found = whole(standing(self.request.user, rows))
        base = self.request.company.base_currency
        sums = {"open_amount": found.open_amount, "contract_amount": found.contract_amount}
        shown = {name: formats.money(amount, base, whole=True) for name, amount in sums.items()}
        return shown | {"name": gettext("Total of %(count)s") % {"count": formats.number(found.count)}}


class CustomerPage(RecordPage):
    """Everything about one customer."""

    permission = "customers.view"
    template = "customers/customer.html"
    record_name = "customer"

    def record(self) -> Customer:
        """The customer."""
        return selectors.get_customer(self.request.user, self.kwargs["pk"])

    @property
    def edit_url(self) -> str:
        """The edit form, for those who may change customers."""
        may = self.request.user.has_permission("customers.change")
        return reverse("customers:customer_edit", args=[self.kwargs["pk"]]) if may else ""

    def breadcrumbs(self) -> list[tuple[Any, str]]:
        """The list."""
        return [(_("Customers"), reverse("customers:customer_list"))]

    def render(self, **context: Any) -> HttpResponse:
        """Add what belongs to the customer."""
        user, customer = self.request.user, context["record"]
        posts = list(selectors.contacts_of(user, customer))
        more: dict[str, Any] = {
            "present_posts": [post for post in posts if post.ended_on is None],
            "former_posts": [post for post in posts if post.ended_on is not None],
            "parties": _by_line(selectors.line_parties_of(user, customer)),
            "files": selectors.files_of(user, customer),
            "base": self.request.company.base_currency,
            "may": {
                "add": user.has_permission("customers.add"),
                "assign": user.has_permission("customers.assign"),
                "sell": user.has_permission("pipeline.add"),
                "see_contracts": user.has_permission("contracts.view"),
            },
        }
        if user.has_permission("pipeline.view"):
            more["sales"] = customer_opportunities(user, customer.pk, most=SHOWN_OPPORTUNITIES)
        return super().render(**context, **more)


def _by_line(parties: Any) -> list[dict[str, Any]]:
    """Parties gathered per product line, roles in their order."""
    lines: dict[int, dict[str, Any]] = {}
    for party in parties:
        row = lines.setdefault(party.line_id, {"line": party.line, "roles": {}})
        row["roles"][party.role] = party
    return list(lines.values())


class CustomerAdd(FormPage):
    """A new customer, with the first person one knows there if one likes."""

    permission = "customers.add"
    template = "customers/customer_form.html"
    title = _("New customer")
    form_class = NewCustomerForm

    def form_kwargs(self) -> dict[str, Any]:
        """Choosers offer what the user may see."""
        return {"request": self.request}

    def save(self, form: NewCustomerForm, *, version: int | None) -> Done:
        """Create both at once."""
        facts = _row_values(form.cleaned_data)
        owner = form.cleaned_data.get("owner")
        draft = CustomerDraft(
            **{f.name: facts[f.name] for f in draft_fields(CustomerDraft) if f.name in facts},
            owner_id=owner.pk if owner else None,
        )
        contact = None
        if facts["contact_name"]:
            contact = ContactDraft(
                name=facts["contact_name"],
                phones=tuple(filter(None, [facts["contact_phones"]])),
                emails=tuple(filter(None, [facts["contact_emails"]])),
            )
        customer = services.introduce_customer(
            self.request.user, draft, contact=contact, contact_title=facts["contact_post_title"], at=clock.now()
        )
        message = _("%(name)s was created.") % {"name": customer.name}
        return Done(message=message, url=reverse("customers:customer", args=[customer.pk]), leave=True)


class CustomerEdit(FormPage):
    """Change what identifies a customer."""

    permission = "customers.change"
    template = "customers/customer_form.html"
    title = _("Edit customer")
    form_class = CustomerForm

    def record(self) -> Customer:
        """The customer."""
        return selectors.get_customer(self.request.user, self.kwargs["pk"])

    def form_kwargs(self) -> dict[str, Any]:
        """Choosers offer what the user may see."""
        return {"request": self.request}

    def save(self, form: CustomerForm, *, version: int | None) -> Done:
        """Write the fields."""
        customer = services.update_customer(
            self.request.user,
            self.kwargs["pk"],
            changes=_row_values(form.cleaned_data),
            version=version,
            at=clock.now(),
        )
        message = _("%(name)s was saved.") % {"name": customer.name}
        return Done(message=message, url=reverse("customers:customer", args=[customer.pk]))


def _row_values(cleaned: dict[str, Any]) -> dict[str, Any]:
    """Form values as the services take them: ids for records, no owner."""
    values = {name: value for name, value in cleaned.items() if name not in ("parent", "owner")}
    values["parent_id"] = cleaned["parent"].pk if cleaned.get("parent") else None
    return values


class DuplicateHints(Page):
    """Customers that may be the one being typed, while it is typed."""

    permission = "customers.add"
    template = "customers/_alike.html"

    def context(self) -> dict[str, Any]:
        """What was typed so far, compared with what is stored."""
        sent = self.request.GET
        besides = sent.get("besides", "")
        hints = selectors.duplicate_hints(
            self.request.user,
            name=sent.get("name", "")[:255],
            credit_code=sent.get("credit_code", "")[:40],
            website=sent.get("website", "")[:255],
            phones=sent.get("phones", "")[:400].splitlines(),
            besides=int(besides) if besides.isdecimal() and len(besides) < 19 else None,  # noqa: PLR2004
        )
        return {"hints": hints}


class CustomerAssign(FormPage):
    """Give one customer to another owner."""

    permission = "customers.assign"
    title = _("Give to another owner")
    form_class = AssignForm

    def record(self) -> Customer:
        """The customer."""
        return selectors.get_customer(self.request.user, self.kwargs["pk"])

    def form_kwargs(self) -> dict[str, Any]:
        """Choosers offer active colleagues."""
        return {"request": self.request}

    def initial(self, record: Any) -> dict[str, Any]:
        """Begin with the present owner."""
        return {"owner": record.owner_id}

    def save(self, form: AssignForm, *, version: int | None) -> Done:
        """Assign, with the reason in the owner history."""
        outcomes = _assign(
            self.request, [self.kwargs["pk"]], form, versions={self.kwargs["pk"]: version} if version else {}
        )
        customer = outcomes[0].unwrap()
        return Done(
            message=_("%(name)s has a new owner.") % {"name": customer.name},
            url=reverse("customers:customer_list"),
            leave=not Customer.objects.visible_to(self.request.user).filter(pk=customer.pk).exists(),
        )


class CustomersAssign(BulkPage):
    """Give the selected customers to one owner."""

    permission = "customers.assign"
    title = _("Give to another owner")
    form_class = AssignForm
    list_page = CustomerList
    submit_label = _("Give")

    def form_kwargs(self) -> dict[str, Any]:
        """Choosers offer active colleagues."""
        return {"request": self.request}

    def apply(self, ids: list[int], form: AssignForm) -> BulkOutcome:
        """Assign all and say which ones could not be."""
        names = _names(self.request, ids)
        return _summary(ids, names, _assign(self.request, ids, form, versions={}))


class CustomersChange(BulkPage):
    """Set the same values on the selected customers."""

    permission = "customers.change"
    title = _("Change fields")
    form_class = BulkChangeForm
    list_page = CustomerList

    def apply(self, ids: list[int], form: BulkChangeForm) -> BulkOutcome:
        """Change all and say which ones could not be."""
        names = _names(self.request, ids)
        changes = {name: value for name, value in form.cleaned_data.items() if value}
        updates = [RowUpdate(pk, changes) for pk in ids]
        return _summary(ids, names, services.update_customers(self.request.user, updates, at=clock.now()))


def _assign(
    request: PageRequest, ids: list[int], form: AssignForm, *, versions: dict[int, int]
) -> list[Outcome[Customer]]:
    owner = form.cleaned_data["owner"]
    return services.assign_owners(
        request.user,
        ids,
        owner_id=owner.pk if owner else None,
        at=clock.now(),
        reason=form.cleaned_data["reason"],
        former_stays=form.cleaned_data["former_stays"],
        versions=versions,
    )


def _names(request: PageRequest, ids: list[int]) -> dict[int, str]:
    return dict(Customer.objects.visible_to(request.user).filter(pk__in=ids).values_list("pk", "name"))


def _summary(ids: list[int], names: dict[int, str], outcomes: list[Outcome[Customer]]) -> BulkOutcome:
    summary = BulkOutcome()
    for pk, outcome in zip(ids, outcomes, strict=True):
        label = names.get(pk, f"#{pk}")
        if outcome.refusal is not None:
            summary.refuse(label, outcome.refusal)
        else:
            summary.done.append(label)
    return summary


class CustomerCell(InlineEdit):
    """One cell of the list."""

    permission = "customers.change"
    list_page = CustomerList
    form_class = CustomerCellForm

    def record(self, pk: int) -> Customer:
        """The row as the list shows it."""
        return selectors.get_customer(self.request.user, pk)

    def save(self, record: Customer, *, column: str, value: Any, version: int | None) -> None:
        """Change the one field."""
        assert column in CHANGEABLE  # noqa: S101 - the form has no others
        services.update_customer(self.request.user, record.pk, changes={column: value}, version=version, at=clock.now())
