"""Payment plans: of a draft, from a template, by months, and what a terminated contract is still to be paid."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loudou.contracts.choices import ON_TERMS, DueBasis, PlanState
from loudou.contracts.models import Instalment
from loudou.contracts.selectors.receivable import plans_of
from loudou.contracts.selectors.reconciliation import contract_figures
from loudou.contracts.services import plans
from loudou.contracts.services.ledger_drafts import InstalmentDraft
from loudou.contracts.services.plan_drafting import payment_days_of
from loudou.core import clock
from loudou.web.contracts.views.drafting import FormOfContract
from loudou.web.frame.actions import Done
from loudou.web.ledger.forms import MonthlyPlanForm, PlanForm, PlanTemplateForm, SettlementForm


class PlanEdit(FormOfContract):
    """The payment plan of a draft, as a table edited as a whole."""

    template = "ledger/plan_form.html"
    title = gettext_lazy("Payment plan")
    form_class = PlanForm

    def initial(self, record: Any) -> dict[str, Any]:
        """The table fills itself."""
        return {}

    def form_kwargs(self) -> dict[str, Any]:
        """The instalments as they are, and the customer's payment days."""
        rows, days = [], payment_days_of(self.contract())
        for row in self._drafted():
            by_share = row.share is not None
            rows.append(
                {
                    "name": row.label, "share": row.share, "amount": None if by_share else row.amount,
                    "basis": row.basis, "on": row.fixed_on, "offset_months": row.offset_months or None,
                    "offset_days": row.offset_days if days and row.basis in ON_TERMS else row.offset_days or None,
                    "is_retention": row.is_retention,
                }
            )  # fmt: skip
        return {"request": self.request, "rows": rows, "payment_days": days}

    def _drafted(self) -> list[Instalment]:
        draft = plans_of(self.request.user, self.kwargs["pk"]).filter(state=PlanState.DRAFT).first()
        return list(draft.instalments.all()) if draft else []

    def save(self, form: PlanForm, *, version: int | None) -> Done:
        """Replace the plan of the draft; whoever leaves a name as it is keeps it in both languages."""
        both = {row.label: (row.name, row.name_zh) for row in self._drafted()}
        named = [(row, *both.get(row["name"], (row["name"], ""))) for row in form.cleaned_rows()]
        lines = [
            InstalmentDraft(
                name=name,
                name_zh=name_zh,
                basis=DueBasis(row["basis"] or DueBasis.DATE),
                share=row["share"],
                amount=None if row["share"] is not None else row["amount"],
                on=row["on"],
                offset_months=row["offset_months"] or 0,
                offset_days=row["offset_days"],
                is_retention=row["is_retention"],
            )
            for row, name, name_zh in named
        ]
        plans.draft_plan(self.request.user, self.kwargs["pk"], lines=lines)
        return self.done(_("The payment plan is saved."))


class PlanFromTemplate(FormOfContract):
    """Set the plan of a draft from a template."""

    title = gettext_lazy("Payment plan from a template")
    form_class = PlanTemplateForm
    submit_label = gettext_lazy("Take it")

    def initial(self, record: Any) -> dict[str, Any]:
        """Nothing is chosen."""
        return {}

    def save(self, form: PlanTemplateForm, *, version: int | None) -> Done:
        """Take it."""
        plans.draft_plan_from_template(self.request.user, self.kwargs["pk"], template_id=form.cleaned_data["template"])
        return self.done(_("The payment plan is saved."))


class PlanMonthly(FormOfContract):
    """Set a plan of equal instalments, one a month."""

    title = gettext_lazy("Equal monthly instalments")
    form_class = MonthlyPlanForm
    submit_label = gettext_lazy("Take it")

    def initial(self, record: Any) -> dict[str, Any]:
        """From today on."""
        return {"first_on": clock.today(), "months": 12}

    def save(self, form: MonthlyPlanForm, *, version: int | None) -> Done:
        """Take it."""
        plans.draft_monthly_plan(self.request.user, self.kwargs["pk"], **form.cleaned_data)
        return self.done(_("The payment plan is saved."))


class TerminationSettle(FormOfContract):
    """What a terminated contract is to be paid after all; nothing, when no row is filled in."""

    permission = "contracts.end"
    template = "ledger/settlement_form.html"
    title = gettext_lazy("What is still to be paid")
    form_class = SettlementForm
    submit_label = gettext_lazy("Put it in force")

    def initial(self, record: Any) -> dict[str, Any]:
        """The table fills itself."""
        return {}

    def form_kwargs(self) -> dict[str, Any]:
        """At first, exactly what was received: nothing more to pay, nothing to give back."""
        figures = contract_figures(self.request.user, self.kwargs["pk"], today=clock.today())
        paid = figures.received + figures.in_bills
        received = {"name": _("Received so far"), "amount": paid, "on": clock.today()}
        return {"request": self.request, "rows": [received] if paid else []}

    def save(self, form: SettlementForm, *, version: int | None) -> Done:
        """Replace the plan; money received beyond it becomes an advance."""
        lines = [
            InstalmentDraft(name=row["name"], basis=DueBasis.DATE, amount=row["amount"], on=row["on"])
            for row in form.cleaned_rows()
        ]
        plans.settle_termination(self.request.user, self.kwargs["pk"], lines=lines, at=clock.now())
        return self.done(_("It is settled what is still to be paid."))
