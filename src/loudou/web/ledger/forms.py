"""Forms of the ledger."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from loudou.contracts.choices import BillStep, DueBasis, InvoiceKind, ReceiptKind
from loudou.contracts.models import Contract
from loudou.contracts.selectors.receivable import plan_templates
from loudou.web.customers.forms import VisibleForm
from loudou.web.frame.choosers import ChooserField
from loudou.web.frame.form_fields import PercentField, PlainDecimalField, currency_choices, day_field
from loudou.web.frame.pages import PageRequest
from loudou.web.frame.row_forms import RowsForm


def money_field(label: Any, **options: Any) -> PlainDecimalField:
    """A positive amount of money."""
    least = options.pop("least", Decimal("0.01"))
    return PlainDecimalField(label=label, min_value=least, max_digits=19, decimal_places=4, **options)


def _later(label: Any, most: int) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, max_value=most, required=False)


class PlanForm(RowsForm):
    """Instalments of a payment plan: a share or an amount each, due on a day or when something happens."""

    key = "name"

    def __init__(self, *args: Any, payment_days: int | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if payment_days:
            self.hint = ngettext(
                "%(days)s payment day is agreed with the customer. It counts after delivery, acceptance or invoice "
                "where you leave the days empty.",
                "%(days)s payment days are agreed with the customer. They count after delivery, acceptance or invoice "
                "where you leave the days empty.",
                payment_days,
            ) % {"days": payment_days}

    def row_fields(self) -> dict[str, forms.Field]:
        """Name, share or amount, what makes it due, and how much later."""
        return {
            "name": forms.CharField(label=_("Instalment"), max_length=120, required=False),
            "share": PercentField(label=_("Share, %"), required=False),
            "amount": money_field(_("or amount"), required=False),
            "basis": forms.ChoiceField(label=_("Due"), choices=DueBasis.choices, required=False),
            "on": forms.DateField(label=_("On the day"), required=False, widget=forms.DateInput),
            "offset_months": _later(_("Months later"), 240),
            "offset_days": _later(_("Days later"), 3660),
            "is_retention": forms.BooleanField(label=_("Retention"), required=False),
        }


class SettlementForm(RowsForm):
    """What a terminated contract is to be paid after all, what was received included."""

    key = "name"

    def row_fields(self) -> dict[str, forms.Field]:
        """What for, how much, until when."""
        return {
            "name": forms.CharField(label=_("What for"), max_length=120, required=False),
            "amount": money_field(_("Amount"), required=False),
            "on": forms.DateField(label=_("Due on"), required=False, widget=forms.DateInput),
        }


class TemplateRowsForm(RowsForm):
    """A payment plan to start from: its names, whether drafts without a plan get it, and its instalments by weight."""

    key = "name"

    def __init__(self, *args: Any, facts: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= {
            "template_name": forms.CharField(label=_("Name"), max_length=120),
            "template_name_zh": forms.CharField(label=_("Name in Chinese"), max_length=120, required=False),
            "is_active": forms.BooleanField(label=_("In use"), required=False),
            "is_default": forms.BooleanField(
                label=_("Contracts without a plan of their own get this one"), required=False
            ),
        }
        self.initial = {**self.initial, **facts}

    def row_fields(self) -> dict[str, forms.Field]:
        """Names, weight, the event that makes it due, and how much later."""
        return {
            "name": forms.CharField(label=_("Instalment"), max_length=120, required=False),
            "name_zh": forms.CharField(label=_("in Chinese"), max_length=120, required=False),
            "weight": PlainDecimalField(
                label=_("Weight"), min_value=Decimal("0.0001"), max_digits=9, decimal_places=4, required=False
            ),
            "basis": forms.ChoiceField(
                label=_("Due"), choices=[each for each in DueBasis.choices if each[0] != DueBasis.DATE], required=False
            ),
            "offset_months": _later(_("Months later"), 240),
            "offset_days": _later(_("Days later"), 3660),
            "on_terms": forms.BooleanField(label=_("Customer's payment days first"), required=False),
            "is_retention": forms.BooleanField(label=_("Retention"), required=False),
        }

    def about(self) -> list[forms.BoundField]:
        """Bound fields of the template itself."""
        return [self[name] for name in ("template_name", "template_name_zh", "is_active", "is_default")]


class PlanTemplateForm(forms.Form):
    """A template that a plan is made from."""

    template = forms.TypedChoiceField(label=_("Template"), coerce=int)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = plan_templates().filter(is_active=True)
        self.fields["template"].choices = [(row.pk, row.label) for row in rows]  # type: ignore[attr-defined]


class MonthlyPlanForm(forms.Form):
    """Equal instalments, one a month."""

    months = forms.IntegerField(label=_("Number of instalments"), min_value=1, max_value=120, initial=12)
    first_on = day_field(_("The first one is due on"), required=True)


class NarrowingForm(VisibleForm):
    """Whose contracts statistics count."""

    owner = ChooserField("people", label=_("Sales rep"), required=False)
    customer = ChooserField("customers", label=_("Customer"), required=False)


class ReceiptForm(VisibleForm):
    """Money that came in."""

    customer = ChooserField("customers", label=_("Customer"), required=False)
    contract = ChooserField(
        "contracts",
        label=_("Contract"),
        required=False,
        help_text=_("The one that the payer named, if any; it also says whose money this is."),
    )
    amount = money_field(_("Amount"))
    currency = forms.ChoiceField(label=_("Currency"), choices=currency_choices)
    received_on = day_field(_("Received on"), required=True)
    kind = forms.ChoiceField(label=_("Form of payment"), choices=ReceiptKind.choices, initial=ReceiptKind.TRANSFER)
    bank_reference = forms.CharField(label=_("Bank reference"), max_length=100, required=False)
    payer = forms.CharField(label=_("Payer"), max_length=255, required=False)
    allocate = forms.BooleanField(
        label=_("Pay the oldest due instalments with it at once"), required=False, initial=True
    )
    bill_number = forms.CharField(label=_("Number of the bill"), max_length=60, required=False)
    drawee = forms.CharField(label=_("Drawee"), max_length=255, required=False)
    matures_on = day_field(_("Matures on"))
    note = forms.CharField(label=_("Note"), max_length=500, required=False)

    BILL = ("bill_number", "drawee", "matures_on")

    def __init__(self, *args: Any, request: PageRequest, contract: Contract | None = None, **kwargs: Any) -> None:
        super().__init__(*args, request=request, **kwargs)
        self.initial.setdefault("currency", request.company.base_currency)
        if contract is not None:
            rows = Contract.objects.visible_to(request.user).binding().filter(customer_id=contract.customer_id)
            self.fields["contract"] = forms.ModelChoiceField(
                rows, label=_("Contract"), required=False, empty_label=_("None named by the payer")
            )
            self.fields["customer"].disabled = True

    def clean(self) -> dict[str, Any]:
        """A contract says whose money it is; without one the customer must be named."""
        cleaned = super().clean() or self.cleaned_data
        contract, customer = cleaned.get("contract"), cleaned.get("customer")
        if customer is None and contract is not None:
            cleaned["customer"] = contract.customer
        elif customer is None and not self.has_error("customer"):
            self.add_error("customer", _("Whose money is it? Name the customer, or the contract."))
        elif contract is not None and customer is not None and contract.customer_id != customer.pk:
            self.add_error("contract", _("This contract is with another customer."))
        return cleaned


class AllocationForm(forms.Form):
    """How much of a receipt goes to each open instalment; nothing typed means the oldest due first."""

    def __init__(self, *args: Any, instalments: list[tuple[int, str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ids = [pk for pk, _label, _most in instalments]
        for pk, label, most in instalments:
            self.fields[f"part_{pk}"] = money_field(label, least=Decimal(0), max_value=most, required=False)

    def parts(self) -> list[tuple[int, Decimal]]:
        """Instalment and amount of everything that was typed."""
        found = [(pk, self.cleaned_data.get(f"part_{pk}")) for pk in self.ids]
        return [(pk, amount) for pk, amount in found if amount]


class ReasonForm(forms.Form):
    """A reason that must be given."""

    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea({"rows": 2}))


class ReversalForm(ReasonForm):
    """The day and the reason of a reversal."""

    on = day_field(_("Date"), required=True)
    field_order: tuple[str, ...] = ("on", "reason")


class RefundForm(ReversalForm):
    """Money that is paid back."""

    amount = money_field(_("Amount"))
    bank_reference = forms.CharField(label=_("Bank reference"), max_length=100, required=False)
    field_order = ("amount", "on", "reason", "bank_reference")


class BillForm(forms.Form):
    """What became of a bill of exchange."""

    step = forms.ChoiceField(label=_("What happened"), choices=BillStep.choices, widget=forms.RadioSelect)
    on = day_field(_("Date"), required=True)
    note = forms.CharField(label=_("Note"), max_length=500, required=False)


class InvoiceForm(forms.Form):
    """A blue invoice against the lines of a contract."""

    issued_on = day_field(_("Invoice date"), required=True)
    kind = forms.ChoiceField(label=_("Kind of invoice"), choices=InvoiceKind.choices)
    number = forms.CharField(
        label=_("Invoice number"), max_length=60, required=False, help_text=_("Left empty, the series gives one.")
    )
    title = forms.CharField(label=_("Invoice title"), max_length=255, required=False)
    tax_number = forms.CharField(label=_("Tax number"), max_length=60, required=False)
    note = forms.CharField(label=_("Note"), max_length=500, required=False)

    def __init__(self, *args: Any, lines: list[tuple[int, str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.line_ids = [pk for pk, _label, _most in lines]
        for pk, label, most in lines:
            self.fields[f"line_{pk}"] = money_field(
                label, least=Decimal(0), max_value=most, required=False, initial=most
            )

    def amounts(self) -> list[tuple[int, Decimal]]:
        """Line and gross amount of every line that is billed."""
        found = [(pk, self.cleaned_data.get(f"line_{pk}")) for pk in self.line_ids]
        return [(pk, amount) for pk, amount in found if amount]

    def line_fields(self) -> list[forms.BoundField]:
        """Bound fields of the amounts."""
        return [self[f"line_{pk}"] for pk in self.line_ids]


class RedInvoiceForm(ReasonForm):
    """A red invoice that takes a blue one back."""

    issued_on = day_field(_("Invoice date"), required=True)
    number = forms.CharField(
        label=_("Invoice number"), max_length=60, required=False, help_text=_("Left empty, the series gives one.")
    )
    amount = money_field(_("Amount"), required=False)
    field_order = ("issued_on", "amount", "number", "reason")

    def __init__(self, *args: Any, left: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].help_text = gettext(
            "Left empty, all that is left of the invoice is taken back: %(amount)s."
        ) % {"amount": left}


class StatementForm(forms.Form):
    """The account that a bank's file is of; the file itself is taken by the page."""

    account = forms.CharField(
        label=_("Our account"),
        max_length=100,
        help_text=_("How its files are read is remembered under this name."),
        widget=forms.TextInput({"list": "known-accounts", "autocomplete": "off"}),
    )
    currency = forms.ChoiceField(label=_("Currency"), required=False)

    def __init__(self, *args: Any, request: PageRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usual = _("As before; of a new account %(currency)s") % {"currency": request.company.base_currency}
        self.fields["currency"].choices = [("", usual), *currency_choices()]  # type: ignore[attr-defined]


class ConfirmForm(VisibleForm):
    """Whose money a bank line is."""

    customer = ChooserField("customers", label=_("Customer"))
    contract = ChooserField(
        "contracts",
        label=_("Contract"),
        required=False,
        help_text=_("Left empty, the oldest due of all contracts is paid first."),
    )
    amount = money_field(_("Amount"))
    bill = forms.IntegerField(required=False, widget=forms.HiddenInput)
