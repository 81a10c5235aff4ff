"""Forms of opportunities."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from loudou.core import clock
from loudou.pipeline.choices import Likelihood, Priority, PurchaseKind, ReachKind, Visibility
from loudou.pipeline.models import Opportunity
from loudou.pipeline.selectors import active_competitors, active_loss_reasons
from loudou.web.frame.choosers import ChooserField, chooser_of_several
from loudou.web.frame.form_fields import PercentField, PlainDecimalField, amount_field, currency_choices, day_field
from loudou.web.frame.pages import PageRequest
from loudou.web.frame.row_forms import RowsForm
from loudou.web.pipeline.filters import sales_setup


def _any(choices: Iterable[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    return [("", _("Not set")), *choices]


class QuickOpportunityForm(forms.Form):
    """The few fields that a new opportunity needs; the rest can wait until it is known."""

    subject = forms.CharField(label=_("Subject"), max_length=255)
    process = forms.TypedChoiceField(label=_("Sales process"), coerce=int)
    amount = amount_field()
    currency = forms.ChoiceField(label=_("Currency"), choices=currency_choices())
    expected_on = day_field(_("Expected signing date"))
    next_step = forms.CharField(label=_("Next step"), max_length=255, required=False)
    next_step_on = day_field(_("Next step due"))

    field_order = (
        "subject",
        "customer",
        "new_customer",
        "process",
        "amount",
        "currency",
        "expected_on",
        "next_step",
        "next_step_on",
    )

    def __init__(self, *args: Any, request: PageRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["customer"] = ChooserField("customers", request=request, label=_("Customer"), required=False)
        if request.user.has_permission("customers.add"):
            self.fields["new_customer"] = forms.CharField(
                label=_("or a new customer's name"), max_length=255, required=False
            )
        self.order_fields(self.field_order)
        setup = sales_setup(request)
        process = self.fields["process"]
        process.choices = [(p.pk, p.label) for p in setup.active_processes]  # type: ignore[attr-defined]
        if len(setup.active_processes) == 1:
            process.widget = forms.HiddenInput()
        if setup.default_process is not None:
            self.initial.setdefault("process", setup.default_process.pk)
        self.initial.setdefault("currency", request.company.base_currency)

    def clean(self) -> dict[str, Any]:
        """Take a known customer or the name of a new one, not both."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("customer") and cleaned.get("new_customer"):
            self.add_error("new_customer", _("Choose a known customer or name a new one, not both."))
        return cleaned


class OpportunityForm(forms.Form):
    """All fields of an opportunity that are typed; stage, state, lines and people have their own places."""

    subject = forms.CharField(label=_("Subject"), max_length=255)
    amount = amount_field(help_text=_("With product lines, the amount is their sum."))
    currency = forms.ChoiceField(label=_("Currency"), choices=currency_choices())
    expected_on = day_field(_("Expected signing date"))
    probability = PercentField(label=_("Rep's probability, %"), required=False)
    opened_on = day_field(_("Opened"), required=True)
    priority = forms.TypedChoiceField(label=_("Priority"), choices=Priority.choices, coerce=int)
    source = forms.CharField(label=_("Source"), max_length=120, required=False)
    likelihood = forms.ChoiceField(label=_("Likelihood"), choices=_any(Likelihood.choices), required=False)
    visibility = forms.ChoiceField(
        label=_("Need"),
        choices=_any(Visibility.choices),
        required=False,
        help_text=_("Explicit once the customer has said it: this verifies the need."),
    )
    budget_confirmed_on = day_field(
        _("Purchasing power confirmed"), help_text=_("The day on which you learned that the money is there.")
    )
    reach_kind = forms.ChoiceField(label=_("Reach"), choices=_any(ReachKind.choices), required=False)
    purchase_kind = forms.ChoiceField(label=_("Kind of purchase"), choices=_any(PurchaseKind.choices), required=False)
    next_step = forms.CharField(label=_("Next step"), max_length=255, required=False)
    next_step_on = day_field(_("Next step due"))
    design_days = forms.IntegerField(label=_("Design, days"), min_value=0, max_value=9999, required=False)
    procurement_days = forms.IntegerField(label=_("Procurement, days"), min_value=0, max_value=9999, required=False)
    trading_days = forms.IntegerField(label=_("Trading, days"), min_value=0, max_value=9999, required=False)
    collection_days = forms.IntegerField(label=_("Collection, days"), min_value=0, max_value=9999, required=False)
    cash_to_cash_days = forms.IntegerField(
        label=_("Cash to cash, days"), min_value=-9999, max_value=9999, required=False
    )
    contract_reference = forms.CharField(label=_("Contract number"), max_length=100, required=False)
    external_id = forms.CharField(label=_("Id in another system"), max_length=100, required=False)
    notes = forms.CharField(label=_("Notes"), required=False, widget=forms.Textarea({"rows": 5}))

    FROZEN = ("amount", "currency", "opened_on", "expected_on", "probability")

    def __init__(self, *args: Any, request: PageRequest, row: Opportunity, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["customer"] = ChooserField("customers", request=request, label=_("Customer"), required=False)
        if request.user.has_permission("pipeline.assign"):
            self.fields["owner"] = ChooserField("people", request=request, label=_("Owner"), required=False)
        frozen = self.FROZEN if row.is_closed else ("amount",) if row.lines.exists() else ()
        for name in frozen:
            self.fields[name].disabled = True


class CellForm(forms.Form):
    """Fields of the list that are edited in place; the page keeps the one that was clicked."""

    subject = forms.CharField(label=_("Subject"), max_length=255)
    customer = forms.Field()
    likelihood = forms.ChoiceField(label=_("Likelihood"), choices=_any(Likelihood.choices), required=False)
    visibility = forms.ChoiceField(label=_("Need"), choices=_any(Visibility.choices), required=False)
    reach_kind = forms.ChoiceField(label=_("Reach"), choices=_any(ReachKind.choices), required=False)
    purchase_kind = forms.ChoiceField(label=_("Kind of purchase"), choices=_any(PurchaseKind.choices), required=False)
    expected_on = day_field(_("Expected signing date"))
    amount = amount_field()
    priority = forms.TypedChoiceField(label=_("Priority"), choices=Priority.choices, coerce=int)
    owner = forms.Field()
    stage = forms.TypedChoiceField(label=_("Stage"), coerce=int)
    next_step = forms.CharField(label=_("Next step"), max_length=255, required=False)
    next_step_on = day_field(_("Next step due"))
    probability = PercentField(label=_("Rep's probability, %"), required=False)
    budget_confirmed_on = day_field(_("Purchasing power confirmed"))

    def __init__(self, *args: Any, request: PageRequest, row: Opportunity, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["customer"] = ChooserField("customers", request=request, label=_("Customer"))
        self.fields["owner"] = ChooserField("people", request=request, label=_("Owner"))
        stages = sales_setup(request).stages_of(row.process_id)
        self.fields["stage"].choices = [(stage.pk, stage.label) for stage in stages]  # type: ignore[attr-defined]


class StageForm(forms.Form):
    """Where an opportunity goes; somebody who may waive criteria can say why they are waived."""

    stage = forms.TypedChoiceField(label=_("Stage"), coerce=int, widget=forms.RadioSelect)
    note = forms.CharField(label=_("Note"), max_length=500, required=False)
    waiver = forms.CharField(
        label=_("Reason for passing without them"), max_length=400, required=False, widget=forms.Textarea({"rows": 2})
    )

    def __init__(self, *args: Any, request: PageRequest, row: Opportunity, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stages = sales_setup(request).stages_of(row.process_id)
        self.fields["stage"].choices = [(stage.pk, stage.label) for stage in stages]  # type: ignore[attr-defined]
        if not request.user.has_permission("pipeline.waive"):
            del self.fields["waiver"]


class WinForm(forms.Form):
    """Winning asks what was agreed and when; the contract may have its number already, or be drafted next."""

    amount = amount_field()
    closed_on = day_field(_("Won on"), required=True)
    contract_reference = forms.CharField(
        label=_("Contract number"),
        max_length=100,
        required=False,
        help_text=_("No number yet? Leave it empty: the contract drafted from this sale brings its own."),
    )
    draft_next = forms.BooleanField(label=_("Draft its contract next"), required=False)
    note = forms.CharField(label=_("Note"), max_length=500, required=False)
    waiver = forms.CharField(
        label=_("Reason for passing without them"), max_length=400, required=False, widget=forms.Textarea({"rows": 2})
    )

    def __init__(self, *args: Any, request: PageRequest, row: Opportunity, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("closed_on", clock.today())
        self.fields["amount"].label = _("Amount agreed, %(currency)s") % {"currency": row.currency}
        if row.lines.exists():
            self.fields["amount"].disabled = True
            self.fields["amount"].help_text = _("The sum of the products.")
        if row.customer_id is None or not request.user.has_permission("contracts.draft"):
            del self.fields["draft_next"]
        if not request.user.has_permission("pipeline.waive"):
            del self.fields["waiver"]


class LoseForm(forms.Form):
    """Losing asks for the reason and the winner."""

    loss_reason = forms.TypedChoiceField(label=_("Why it was lost"), coerce=int)
    lost_to = forms.TypedChoiceField(label=_("Who won it"), coerce=int, required=False, empty_value=None)
    closed_on = day_field(_("Lost on"), required=True)
    note = forms.CharField(label=_("Note"), max_length=500, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("closed_on", clock.today())
        self.fields["loss_reason"].choices = [("", _("Choose…")), *((r.pk, r.label) for r in active_loss_reasons())]  # type: ignore[attr-defined]
        self.fields["lost_to"].choices = [("", _("Not known")), *((c.pk, c.name) for c in active_competitors())]  # type: ignore[attr-defined]


class NoteForm(forms.Form):
    """A note on what is done."""

    note = forms.CharField(label=_("Note"), max_length=500, required=False)


class ReasonForm(forms.Form):
    """Dropping may name a reason."""

    loss_reason = forms.TypedChoiceField(label=_("Reason"), coerce=int, required=False, empty_value=None)
    note = forms.CharField(label=_("Note"), max_length=500, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["loss_reason"].choices = [("", _("Not set")), *((r.pk, r.label) for r in active_loss_reasons())]  # type: ignore[attr-defined]


class DateForm(forms.Form):
    """A new expected signing date."""

    expected_on = day_field(_("Expected signing date"), required=True)


class NextStepForm(forms.Form):
    """What happens next, and until when."""

    next_step = forms.CharField(label=_("Next step"), max_length=255, required=False)
    next_step_on = day_field(_("Due"))


class LogForm(NextStepForm):
    """What happened, and what comes of it."""

    text = forms.CharField(label=_("What happened?"), max_length=2000, widget=forms.Textarea({"rows": 3}))
    field_order = ("text", "next_step", "next_step_on")


class EvidenceForm(forms.Form):
    """On what evidence a criterion is met."""

    evidence = forms.CharField(label=_("Evidence"), max_length=500, required=False, widget=forms.Textarea({"rows": 2}))


class ContactsForm(forms.Form):
    """People at the customer who take part."""

    def __init__(self, *args: Any, request: PageRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contacts"] = chooser_of_several("contacts", request=request, label=_("Contacts"), required=False)


class CompetitorsForm(forms.Form):
    """Who sells against us."""

    def __init__(self, *args: Any, request: PageRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["competitors"] = chooser_of_several(
            "competitors", request=request, label=_("Competitors"), required=False
        )


class LinesForm(RowsForm):
    """Products of a sale: quantity, price, discount."""

    key = "product"
    hint = _("A quantity that is left out is one, a price that is left out the list price.")

    def row_fields(self) -> dict[str, forms.Field]:
        """Product, quantity, unit price, discount in per cent."""
        return {
            "product": ChooserField("products", request=self.request, label=_("Product"), required=False),
            "quantity": PlainDecimalField(
                label=_("Quantity"), min_value=0, max_digits=14, decimal_places=3, required=False
            ),
            "unit_price": PlainDecimalField(
                label=_("Price"), min_value=0, max_digits=19, decimal_places=4, required=False
            ),
            "discount_rate": PercentField(label=_("Discount, %"), required=False),
        }


class MembersForm(RowsForm):
    """Colleagues on the team with their share of the credit."""

    key = "user"

    def row_fields(self) -> dict[str, forms.Field]:
        """Colleague and share in per cent."""
        return {
            "user": ChooserField("people", request=self.request, label=_("Colleague"), required=False),
            "split": PlainDecimalField(
                label=_("Share of the credit, %"),
                min_value=0,
                max_value=100,
                max_digits=5,
                decimal_places=2,
                required=False,
            ),
        }
