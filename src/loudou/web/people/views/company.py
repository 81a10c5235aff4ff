"""The company's settings and its exchange rates; and what each role may do."""

from __future__ import annotations

import functools
from typing import Any, ClassVar

from django import forms
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from loudou.core import clock
from loudou.core.models import Company, ExchangeRate
from loudou.core.rates import company
from loudou.core.refusals import NotVisible
from loudou.core.services.company import update_company
from loudou.people import selectors
from loudou.people.choices import Role
from loudou.people.permissions import GRANTS, PERMISSIONS
from loudou.pipeline.services import rates
from loudou.web.frame.actions import Done
from loudou.web.frame.columns import Column
from loudou.web.frame.form_pages import FormPage
from loudou.web.frame.lists import ListPage
from loudou.web.frame.pages import Page
from loudou.web.people.forms import BaseCurrencyForm, CompanyForm, RateForm
from loudou.web.people.history import history_of


class CompanyPage(Page):
    """The company's settings as everybody may read them."""

    permission = "company.view"
    title = _("Company")
    template = "people/company.html"

    def context(self) -> dict[str, Any]:
        """The settings; for those who may change them also their history."""
        ours, reader = company(), self.request.user
        may_configure = reader.has_permission("company.configure")
        may_audit = reader.has_permission("audit.view")
        return {
            "ours": ours,
            "may_configure": may_configure,
            "history": history_of(reader, ours) if may_audit else None,
        }


class EditCompany(FormPage):
    """Change the company's settings."""

    permission = "company.configure"
    title = _("Edit company")
    form_class = CompanyForm

    def record(self) -> Company:
        """Return the company."""
        return company()

    def save(self, form: Any, *, version: int | None) -> Done:
        """Write the changes."""
        update_company(self.request.user, version=version, **form.cleaned_data)
        return Done(message=gettext("Saved."), url=reverse("people:company"), leave=True)


class BaseCurrency(FormPage):
    """Choose the currency that totals are in, while nothing depends on it."""

    permission = "company.configure"
    title = _("Base currency")
    form_class = BaseCurrencyForm

    def record(self) -> Company:
        """Return the company."""
        return company()

    def save(self, form: Any, *, version: int | None) -> Done:
        """Write it; once amounts exist this is refused."""
        rates.set_base_currency(self.request.user, currency=form.cleaned_data["base_currency"])
        return Done(message=gettext("Saved."), url=reverse("people:company"), leave=True)


def _plain_rate(row: ExchangeRate) -> str:
    return f"{row.rate.normalize():f}"


def _remove_link(rate: ExchangeRate) -> SafeString:
    address = reverse("people:rate_remove", args=[rate.pk])
    return format_html('<a href="{}" data-dialog>{}</a>', address, gettext("Remove"))


class RateList(ListPage):
    """Dated exchange rates, newest first within a currency."""

    permission = "company.view"
    title = _("Exchange rates")
    template = "people/rates.html"
    columns = (
        Column(name="currency", label=_("Currency"), sort="currency"),
        Column(name="on", label=_("Valid from"), kind="date", sort="on"),
        Column(
            name="rate",
            label=_("Exchange rate"),
            value=lambda row: f"{row.rate.normalize():f}",
            sort="rate",
            numeric=True,
        ),
        Column(name="remove", label=_("Remove"), html=_remove_link, exported=False),
    )
    default_sort = "-on"
    export_permission = "company.view"
    add_url_name, add_permission, add_label = "people:rate_add", "company.configure", _("New rate")
    empty_icon = "coins"
    empty_title = _("No exchange rates yet")
    empty_text = _(
        "Say what one unit of a foreign currency is worth, and from when. Amounts keep the rate of their day."
    )

    def rows(self) -> Any:
        """Every rate; they are the same for everybody."""
        return ExchangeRate.objects.all()

    @functools.cached_property
    def shown_columns(self) -> list[Column]:
        """The columns asked for, without the one for acting when the reader may not."""
        may_remove = self.request.user.has_permission("company.configure")
        return [column for column in super().shown_columns if column.name != "remove" or may_remove]

    def header(self) -> dict[str, Any]:
        """The base currency."""
        return {"base": company().base_currency}


class AddRate(FormPage):
    """Say what a currency is worth from a day on."""

    permission = "company.configure"
    title = _("New exchange rate")
    form_class = RateForm

    def initial(self, record: Any) -> dict[str, Any]:
        """Begin today."""
        return {"on": clock.today()} | super().initial(record)

    def form_kwargs(self) -> dict[str, Any]:
        """Name the base currency."""
        return {"base": company().base_currency}

    def save(self, form: Any, *, version: int | None) -> Done:
        """Write the rate and value open opportunities anew."""
        rate = rates.set_exchange_rate(self.request.user, today=clock.today(), **form.cleaned_data)
        message = gettext("The rate for %(currency)s is saved, and open opportunities are valued anew.")
        return Done(message=message % {"currency": rate.currency}, url=reverse("people:rates"))


class RemoveRate(FormPage):
    """Take a rate back, after saying which."""

    permission = "company.configure"
    title = _("Remove exchange rate")
    template = "people/rate_remove.html"
    form_class = forms.Form
    submit_label = _("Remove")

    def record(self) -> ExchangeRate:
        """Return the rate."""
        rate = ExchangeRate.objects.filter(pk=self.kwargs["pk"]).first()
        if rate is None:
            raise NotVisible
        return rate

    def save(self, form: Any, *, version: int | None) -> Done:
        """Remove it and value open opportunities anew."""
        rates.remove_exchange_rate(self.request.user, self.kwargs["pk"], today=clock.today())
        return Done(message=gettext("The rate is removed."), url=reverse("people:rates"))


class Roles(Page):
    """What each role may do and how far it sees, in plain words, straight from the tables the code asks."""

    permission = "people.view"
    title = _("Roles")
    template = "people/roles.html"
    AREAS: ClassVar[dict[str, Any]] = {
        "home": _("Start page"),
        "customers": _("Customers"),
        "pipeline": _("Pipeline"),
        "contracts": _("Contracts"),
        "catalog": _("Products"),
        "exchange": _("Import"),
        "insights": _("Figures"),
        "playbook": _("Playbook"),
        "privacy": _("Personal data"),
        "people": _("People"),
        "audit": _("Audit"),
        "company": _("Company"),
    }

    def context(self) -> dict[str, Any]:
        """Rows of verbs by area, and rows of sight."""
        areas: dict[str, list[dict[str, Any]]] = {}
        for verb, label in PERMISSIONS.items():
            held = [verb in GRANTS[role] for role in Role]
            areas.setdefault(verb.partition(".")[0], []).append({"verb": verb, "label": label, "held": held})
        sights = [(side, [side.scopes[role] for role in Role]) for side in selectors.sides()]
        named = [(self.AREAS.get(area, area), rows) for area, rows in areas.items()]
        return {"roles": list(Role), "areas": named, "sights": sights}
