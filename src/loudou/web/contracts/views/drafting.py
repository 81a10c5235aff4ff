"""Drafting: from nothing, from a sale, as an amendment; its facts, lines, terms and clauses."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loudou.contracts.choices import ClauseKey, ContractKind, ContractState
from loudou.contracts.errors import ContractNotEditable
from loudou.contracts.models import Contract, ContractVersion
from loudou.contracts.selectors import contracts as selectors
from loudou.contracts.selectors.taxes import usual_rate
from loudou.contracts.services import amendments, clauses, drafting, editing
from loudou.contracts.services.drafts import ClauseDraft, ContractDraft, LineDraft
from loudou.core import clock
from loudou.core.refusals import PermissionRefused
from loudou.pipeline.selectors import opportunity_detail
from loudou.web.contracts.forms import (
    AmendmentForm,
    ClausesForm,
    ContractForm,
    FromOpportunityForm,
    LineTermsForm,
    TermsForm,
)
from loudou.web.contracts.views.contract import OfContract
from loudou.web.frame.actions import ActionPage, Done
from loudou.web.frame.form_pages import FormPage


class ContractAdd(FormPage):
    """A contract drafted from nothing; its lines and clauses are edited on its page."""

    permission = "contracts.draft"
    template = "contracts/contract_form.html"
    title = gettext_lazy("New contract")
    form_class = ContractForm
    submit_label = gettext_lazy("Draft it")

    def form_kwargs(self) -> dict[str, Any]:
        """Choosers offer what the user may see."""
        return {"request": self.request}

    def save(self, form: ContractForm, *, version: int | None) -> Done:
        """Draft it, with the clauses of its kind."""
        given = form.cleaned_data
        contact = given["contact"]
        draft = ContractDraft(
            title=given["title"],
            customer_id=given["customer"].pk,
            kind=ContractKind(given["kind"]),
            currency=given["currency"],
            tax_included=given["tax_included"],
            contact_id=contact.pk if contact else None,
            customer_reference=given["customer_reference"],
            offer_valid_until=given["offer_valid_until"],
            notes=given["notes"],
        )
        contract = drafting.draft_contract(self.request.user, draft=draft, at=clock.now())
        message = _("%(name)s is drafted. Now add what is sold.") % {"name": contract.title}
        return Done(message=message, url=reverse("contracts:contract", args=[contract.pk]), leave=True)


class ContractFromOpportunity(FormPage):
    """The contract of a sale: its customer, currency, lines with prices and discounts."""

    permission = "contracts.draft"
    title = gettext_lazy("Draft the contract of this sale")
    form_class = FromOpportunityForm
    submit_label = gettext_lazy("Draft it")

    def record(self) -> models.Model | None:
        """Nothing is edited; the form asks for the sale."""
        return None

    def form_kwargs(self) -> dict[str, Any]:
        """Whoever may not see sales is refused, and whoever may not see this one learns nothing of it."""
        if not self.request.user.has_permission("pipeline.view"):
            raise PermissionRefused
        return {"currency": opportunity_detail(self.request.user, self.kwargs["pk"]).currency}

    def save(self, form: FromOpportunityForm, *, version: int | None) -> Done:
        """Draft it."""
        contract = drafting.draft_contract_from_opportunity(
            self.request.user,
            self.kwargs["pk"],
            at=clock.now(),
            kind=ContractKind(form.cleaned_data["kind"]),
            tax_rate=form.cleaned_data["tax_rate"],
            tax_included=form.cleaned_data["tax_included"],
        )
        message = _("%(name)s is drafted.") % {"name": contract.title}
        return Done(message=message, url=reverse("contracts:contract", args=[contract.pk]), leave=True)


class FormOfContract(OfContract, FormPage):
    """A form about a contract; its version keeps two people from overwriting each other."""

    permission = "contracts.draft"
    section = "contracts:list"

    def record(self) -> Contract:
        """The contract."""
        return self.contract()

    def done(self, message: str) -> Done:
        """Say it on the contract's page."""
        return Done(message=message, url=self.address)


class ContractEdit(FormOfContract):
    """Facts of a contract; what is part of the offer changes in a draft only."""

    template = "contracts/contract_form.html"
    title = gettext_lazy("Edit contract")
    form_class = ContractForm

    def form_kwargs(self) -> dict[str, Any]:
        """What is part of the offer is fixed once it was made."""
        return {"request": self.request, "is_draft": self.contract().state == ContractState.DRAFT}

    def save(self, form: ContractForm, *, version: int | None) -> Done:
        """Change what was changed."""
        changes = {name: value for name, value in form.cleaned_data.items() if not form.fields[name].disabled}
        for name in ("customer", "contact"):
            if name in changes:
                changes[f"{name}_id"] = getattr(changes.pop(name), "pk", None)
        editing.update_contract(
            self.request.user,
            self.kwargs["pk"],
            changes=changes,  # type: ignore[arg-type]  # its keys are the form's fields
            version=version,
        )
        return self.done(_("The contract is saved."))


class DraftForm(FormOfContract):
    """A form about the version that is being drafted."""

    def draft(self) -> ContractVersion:
        """The version that can be edited. Raises ContractNotEditable."""
        found = selectors.drafted_version(self.contract())
        if found is None:
            raise ContractNotEditable(contract=str(self.contract()))
        return found

    def initial(self, record: models.Model | None) -> dict[str, Any]:
        """The form fills itself."""
        return {}


class LinesEdit(DraftForm):
    """What is sold, as a table edited as a whole."""

    template = "contracts/lines_form.html"
    title = gettext_lazy("What is sold")
    form_class = LineTermsForm

    def form_kwargs(self) -> dict[str, Any]:
        """The lines as they are."""
        names = ("description", "quantity", "unit", "unit_price", "discount_rate", "tax_rate", "due_on")
        rows = [
            {"line": row.line_id, "product": row.product_id, **{name: getattr(row, name) for name in names}}
            for row in self.draft().terms.all()
        ]
        contract = self.contract()
        usual = usual_rate(ContractKind(contract.kind), currency=contract.currency)
        return {"request": self.request, "rows": rows, "usual": usual}

    def save(self, form: LineTermsForm, *, version: int | None) -> Done:
        """Replace the lines; a quantity left out is one, a price left out the list price, a tax rate the usual one."""
        lines = [
            LineDraft(
                quantity=row["quantity"] if row["quantity"] is not None else Decimal(1),
                unit_price=_price(row),
                description=row["description"],
                product_id=row["product"].pk if row["product"] else None,
                line_id=row["line"],
                unit=row["unit"],
                discount_rate=row["discount_rate"] or Decimal(0),
                tax_rate=row["tax_rate"],
                due_on=row["due_on"],
            )
            for row in form.cleaned_rows()
        ]
        editing.set_lines(self.request.user, self.kwargs["pk"], lines=lines, version=version)
        return self.done(_("What is sold is saved."))


def _price(row: dict[str, Any]) -> Decimal:
    if row["unit_price"] is not None:
        return Decimal(row["unit_price"])
    return row["product"].list_price or Decimal(0) if row["product"] else Decimal(0)


class TermsEdit(DraftForm):
    """When, where and how it is performed."""

    template = "contracts/terms_form.html"
    title = gettext_lazy("Terms")
    form_class = TermsForm

    def initial(self, record: models.Model | None) -> dict[str, Any]:
        """The terms as they are."""
        draft = self.draft()
        return {name: getattr(draft, name) for name in TermsForm.Meta.fields}

    def save(self, form: TermsForm, *, version: int | None) -> Done:
        """Change the terms."""
        editing.set_terms(
            self.request.user,
            self.kwargs["pk"],
            changes=form.cleaned_data,  # type: ignore[arg-type]  # its keys are the form's fields
            version=version,
        )
        return self.done(_("The terms are saved."))


class ClausesEdit(DraftForm):
    """The clauses of the draft in both languages."""

    template = "contracts/clauses_form.html"
    title = gettext_lazy("Clauses")
    form_class = ClausesForm

    def form_kwargs(self) -> dict[str, Any]:
        """The clauses as they are."""
        names = ("key", "title", "title_zh", "body", "body_zh", "is_main")
        rows = [{name: getattr(clause, name) for name in names} for clause in self.draft().clauses.all()]
        return {"request": self.request, "rows": rows}

    def save(self, form: ClausesForm, *, version: int | None) -> Done:
        """Replace the clauses."""
        drafts = [
            ClauseDraft(
                key=ClauseKey(row["key"]),
                **{name: row[name] for name in ("title", "title_zh", "body", "body_zh", "is_main")},
            )
            for row in form.cleaned_rows()
        ]
        clauses.set_clauses(self.request.user, self.kwargs["pk"], clauses=drafts, version=version)
        return self.done(_("The clauses are saved."))


class ClausesRestore(OfContract, ActionPage):
    """Start the clauses anew from the templates."""

    permission = "contracts.draft"

    def act(self) -> Done:
        """Take the templates of its kind."""
        clauses.restore_clauses(self.request.user, self.kwargs["pk"])
        return Done(message=_("The clauses are those of the templates again."), url=self.address)


class DraftDelete(OfContract, ActionPage):
    """Throw away a draft that nobody was offered."""

    permission = "contracts.draft"

    def act(self) -> Done:
        """Delete it."""
        name = str(self.contract())
        drafting.delete_draft(self.request.user, self.kwargs["pk"])
        return Done(message=_("%(name)s was deleted.") % {"name": name}, url=reverse("contracts:list"), leave=True)


class AmendmentAdd(FormOfContract):
    """Start an amendment: a new version like the one in force."""

    title = gettext_lazy("Amend the contract")
    form_class = AmendmentForm
    submit_label = gettext_lazy("Draft the amendment")

    def initial(self, record: models.Model | None) -> dict[str, Any]:
        """Nothing is given."""
        return {}

    def save(self, form: AmendmentForm, *, version: int | None) -> Done:
        """Draft it."""
        amendments.draft_amendment(
            self.request.user, self.kwargs["pk"], reason=form.cleaned_data["reason"], at=clock.now(), version=version
        )
        return self.done(_("The amendment is drafted: change what is different, then offer it."))
