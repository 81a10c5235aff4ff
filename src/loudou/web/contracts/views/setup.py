"""Settings of contracts: clauses and tax rates that drafts start with, and how documents are numbered."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django import forms
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loudou.contracts.choices import ClauseKey, ContractKind, NumberedAt, NumberReset
from loudou.contracts.models import NumberSeries, TaxRate
from loudou.contracts.selectors.clauses import clause_templates
from loudou.contracts.selectors.numbers import get_series, number_series
from loudou.contracts.selectors.taxes import usual_rates
from loudou.contracts.services import clauses, numbers, taxes
from loudou.contracts.wording import PLACEHOLDERS
from loudou.core.refusals import NotVisible
from loudou.web.contracts.forms import TaxRateForm, TemplateForm
from loudou.web.frame.actions import ActionPage, Done
from loudou.web.frame.form_pages import FormPage
from loudou.web.frame.pages import Page


class ContractSettings(Page):
    """Clauses and usual tax rates by kind of contract, and the series of numbers."""

    permission = "contracts.configure"
    template = "contracts/settings.html"
    title = gettext_lazy("Contracts: clauses, numbers and tax")

    def context(self) -> dict[str, Any]:
        """Templates gathered by kind, and all series."""
        rows = list(clause_templates())
        kinds = [
            {"kind": kind, "label": ContractKind(kind).label, "clauses": list(found)}
            for kind, found in groupby(rows, key=lambda row: row.contract_kind)
        ]
        return {"kinds": kinds, "series": list(number_series()), "taxes": usual_rates(), "placeholders": PLACEHOLDERS}


class TemplateFormPage(FormPage):
    """A clause that drafts start with."""

    permission = "contracts.configure"
    template = "contracts/template_form.html"
    form_class = TemplateForm
    section = "contracts:settings"

    def render(self, **context: Any) -> Any:
        """With the names that may stand in braces."""
        return super().render(placeholders=PLACEHOLDERS, **context)

    def done(self, message: str) -> Done:
        """Back to the settings."""
        return Done(message=message, url=reverse("contracts:settings"))


class TemplateAdd(TemplateFormPage):
    """One more clause for a kind of contract."""

    title = gettext_lazy("Add a clause")

    def save(self, form: TemplateForm, *, version: int | None) -> Done:
        """Add it at the end."""
        kind = ContractKind(self.kwargs["kind"])
        clauses.create_template(self.request.user, contract_kind=kind, **_facts(form))
        return self.done(_("The clause is added; new drafts start with it."))


class TemplateEdit(TemplateFormPage):
    """Change a clause that drafts start with."""

    title = gettext_lazy("Edit clause")

    def record(self) -> models.Model:
        """The template."""
        found = clause_templates().filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise NotVisible
        return found

    def save(self, form: TemplateForm, *, version: int | None) -> Done:
        """Change it; contracts that have it keep theirs."""
        clauses.update_template(self.request.user, self.kwargs["pk"], version=version, **_facts(form))
        return self.done(_("The clause is saved; contracts that have it keep theirs."))


def _facts(form: TemplateForm) -> Any:
    return form.cleaned_data | {"key": ClauseKey(form.cleaned_data["key"])}


class TemplateRemove(ActionPage):
    """Remove a clause that drafts start with."""

    permission = "contracts.configure"

    def act(self) -> Done:
        """Remove it."""
        clauses.remove_template(self.request.user, self.kwargs["pk"])
        return Done(message=_("The clause was removed."), url=reverse("contracts:settings"))


class TemplateMove(ActionPage):
    """Put a clause one place up or down."""

    permission = "contracts.configure"

    def act(self) -> Done:
        """Exchange it with its neighbour."""
        row = clause_templates().filter(pk=self.kwargs["pk"]).first()
        if row is None:
            raise NotVisible
        order = [each.pk for each in clause_templates(row.contract_kind)]
        here = order.index(row.pk)
        there = min(max(here + (-1 if self.kwargs["way"] == "up" else 1), 0), len(order) - 1)
        order.insert(there, order.pop(here))
        clauses.reorder_templates(self.request.user, contract_kind=ContractKind(row.contract_kind), template_ids=order)
        return Done(message=_("The order is saved."), url=reverse("contracts:settings"))


class TaxRateEdit(FormPage):
    """Set the tax rate that lines of a kind of contract start with."""

    permission = "contracts.configure"
    title = gettext_lazy("Usual tax rate")
    form_class = TaxRateForm
    section = "contracts:settings"

    def kind(self) -> ContractKind:
        """The kind that the address names. Raises NotVisible."""
        if self.kwargs["kind"] not in ContractKind.values:
            raise NotVisible
        return ContractKind(self.kwargs["kind"])

    def record(self) -> TaxRate | None:
        """The company's own rate, if it has one."""
        return next(row.own for row in usual_rates() if row.kind == self.kind())

    def save(self, form: TaxRateForm, *, version: int | None) -> Done:
        """Set it; lines that are there keep theirs."""
        taxes.set_tax_rate(
            self.request.user, contract_kind=self.kind(), rate=form.cleaned_data["rate"], version=version
        )
        return Done(
            message=_("The tax rate is saved; lines that are there keep theirs."), url=reverse("contracts:settings")
        )


class SeriesForm(forms.ModelForm):  # type: ignore[type-arg]
    """How a kind of document is numbered."""

    reset = forms.ChoiceField(label=gettext_lazy("Starts again"), choices=NumberReset.choices)
    numbered_at = forms.ChoiceField(label=gettext_lazy("A contract gets its number"), choices=NumberedAt.choices)

    class Meta:
        model = NumberSeries
        fields = ("pattern", "reset", "starts_at", "is_gap_free", "numbered_at")

    def _post_clean(self) -> None:
        """The service checks the series and says what is wrong with it."""


class SeriesEdit(FormPage):
    """Set up how a kind of document is numbered."""

    permission = "contracts.configure"
    title = gettext_lazy("Number series")
    form_class = SeriesForm
    section = "contracts:settings"

    def record(self) -> NumberSeries:
        """The series."""
        return get_series(self.kwargs["pk"])

    def make_form(self, record: Any, data: Any = None) -> Any:
        """Only contracts choose when they are numbered."""
        form = super().make_form(record, data)
        if record.kind != "contract":
            del form.fields["numbered_at"]
        return form

    def save(self, form: SeriesForm, *, version: int | None) -> Done:
        """Change it; numbers already given stay as they are."""
        numbers.update_series(self.request.user, self.kwargs["pk"], version=version, **form.cleaned_data)
        return Done(message=_("The series is saved."), url=reverse("contracts:settings"))
