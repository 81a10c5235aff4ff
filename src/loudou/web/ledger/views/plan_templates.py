"""Payment plans to start from, as an administrator sets them up."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loudou.contracts.choices import DueBasis
from loudou.contracts.models import PlanTemplate
from loudou.contracts.selectors.receivable import get_plan_template, plan_templates
from loudou.contracts.services.ledger_drafts import PlanTemplateDraft, TemplateInstalmentDraft
from loudou.contracts.services.plan_templates import create_plan_template, update_plan_template
from loudou.web.frame.actions import Done
from loudou.web.frame.form_pages import FormPage
from loudou.web.frame.pages import Page
from loudou.web.ledger.forms import TemplateRowsForm


class PlanTemplateList(Page):
    """The payment plans that drafts may start from."""

    permission = "contracts.configure"
    template = "ledger/plan_templates.html"
    title = gettext_lazy("Payment plan templates")
    section = "ledger:plan_template_list"

    def context(self) -> dict[str, Any]:
        """All of them, those out of use included."""
        return {"templates": list(plan_templates())}


class TemplatePage(FormPage):
    """A template with its instalments, as a table edited as a whole."""

    permission = "contracts.configure"
    template = "ledger/plan_template_form.html"
    form_class = TemplateRowsForm
    section = "ledger:plan_template_list"

    def initial(self, record: models.Model | None) -> dict[str, Any]:
        """The form fills itself."""
        return {}

    def facts(self) -> dict[str, Any]:
        """The template itself."""
        return {"is_active": True}

    def instalments(self) -> list[dict[str, Any]]:
        """Its instalments."""
        return []

    def form_kwargs(self) -> dict[str, Any]:
        """The template as it is."""
        return {"request": self.request, "facts": self.facts(), "rows": self.instalments()}

    def draft(self, form: TemplateRowsForm, *, position: int) -> PlanTemplateDraft:
        """What the form says, as the service takes it."""
        given = form.cleaned_data
        rows = [
            TemplateInstalmentDraft(
                name=row["name"],
                name_zh=row["name_zh"],
                weight=row["weight"],
                basis=DueBasis(row["basis"]),
                offset_months=row["offset_months"] or 0,
                offset_days=row["offset_days"] or 0,
                is_retention=row["is_retention"],
                on_terms=row["on_terms"],
            )
            for row in form.cleaned_rows()
        ]
        return PlanTemplateDraft(
            name=given["template_name"],
            name_zh=given["template_name_zh"],
            is_active=given["is_active"],
            is_default=given["is_default"],
            position=position,
            instalments=rows,
        )

    def done(self) -> Done:
        """Back to the list."""
        return Done(message=_("The template is saved."), url=reverse("ledger:plan_template_list"))


class PlanTemplateAdd(TemplatePage):
    """One more payment plan to start from."""

    title = gettext_lazy("New payment plan template")

    def save(self, form: TemplateRowsForm, *, version: int | None) -> Done:
        """Add it at the end."""
        last = plan_templates().last()
        position = last.position + 1 if last else 0
        create_plan_template(self.request.user, draft=self.draft(form, position=position))
        return self.done()


class PlanTemplateEdit(TemplatePage):
    """Change a payment plan to start from; plans that were made from it stay as they are."""

    title = gettext_lazy("Edit payment plan template")

    def record(self) -> PlanTemplate:
        """The template."""
        return get_plan_template(self.kwargs["pk"])

    def facts(self) -> dict[str, Any]:
        """Names and use."""
        row = self.record()
        return {
            "template_name": row.name,
            "template_name_zh": row.name_zh,
            "is_active": row.is_active,
            "is_default": row.is_default,
        }

    def instalments(self) -> list[dict[str, Any]]:
        """Its instalments."""
        names = ("name", "name_zh", "basis", "on_terms", "is_retention")
        return [
            {name: getattr(row, name) for name in names}
            | {
                "weight": row.weight.normalize(),
                "offset_months": row.offset_months or None,
                "offset_days": row.offset_days or None,
            }
            for row in self.record().instalments.all()
        ]

    def save(self, form: TemplateRowsForm, *, version: int | None) -> Done:
        """Change it."""
        draft = self.draft(form, position=self.record().position)
        update_plan_template(self.request.user, self.kwargs["pk"], draft=draft, version=version)
        return self.done()
