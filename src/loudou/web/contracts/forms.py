"""Forms of contracts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from loudou.contracts.choices import AcceptanceOutcome, ClauseKey, ContractKind, FileKind, Party
from loudou.contracts.models import ContractVersion
from loudou.contracts.selectors.taxes import UsualRate, usual_rate
from loudou.customers.models import Contact
from loudou.customers.selectors import contacts_of
from loudou.web.contracts.performance_words import PerformanceWords, words_of
from loudou.web.customers.forms import VisibleForm
from loudou.web.frame import formats
from loudou.web.frame.choosers import ChooserField
from loudou.web.frame.form_fields import PercentField, PlainDecimalField, currency_choices, day_field
from loudou.web.frame.pages import PageRequest
from loudou.web.frame.row_forms import RowsForm


def _area(label: Any, rows: int = 3, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, required=False, widget=forms.Textarea({"rows": rows}), **options)


def _number(label: Any, digits: int, decimals: int) -> PlainDecimalField:
    return PlainDecimalField(label=label, min_value=0, max_digits=digits, decimal_places=decimals, required=False)


class ContractForm(VisibleForm):
    """What a contract is, beside its lines and clauses."""

    title = forms.CharField(label=_("Title"), max_length=255)
    customer = ChooserField("customers", label=_("Customer"))
    kind = forms.ChoiceField(label=_("Kind"), choices=ContractKind.choices, initial=ContractKind.GOODS)
    currency = forms.ChoiceField(label=_("Currency"), choices=currency_choices)
    tax_included = forms.BooleanField(label=_("Prices include tax"), required=False, initial=True)
    contact = ChooserField("contacts", label=_("Contact at the customer"), required=False)
    customer_reference = forms.CharField(label=_("Customer's order number"), max_length=100, required=False)
    offer_valid_until = day_field(_("Offer valid until"))
    notes = _area(_("Notes"))

    PART_OF_THE_OFFER = ("customer", "kind", "currency", "tax_included")

    def __init__(self, *args: Any, request: PageRequest, is_draft: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, request=request, **kwargs)
        self.initial.setdefault("currency", request.company.base_currency)
        if not is_draft:
            for name in self.PART_OF_THE_OFFER:
                self.fields[name].disabled = True


class FromOpportunityForm(forms.Form):
    """A contract that is drafted from a sale."""

    kind = forms.ChoiceField(label=_("Kind"), choices=ContractKind.choices, initial=ContractKind.GOODS)
    tax_rate = PercentField(label=_("Tax rate of all lines, %"), required=False)
    tax_included = forms.BooleanField(label=_("Prices include tax"), required=False, initial=True)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tax_rate"].help_text = usual_rates_in_words(currency)


def usual_rates_in_words(currency: str) -> str:
    """Say which tax rates lines of a contract in a currency get when none is given."""
    rates = [usual_rate(kind, currency=currency) for kind in ContractKind]
    if rates[0].is_foreign:
        return gettext("Left empty, there is no tax, since the sale is in %(currency)s.") % {"currency": currency}
    facts = {rate.kind.value: formats.rate(rate.rate) for rate in rates}
    return (
        gettext(
            "Left empty, each line gets the rate of its product, else %(goods)s for goods, %(services)s for services, "
            "%(project)s for projects."
        )
        % facts
    )


class TaxRateForm(forms.Form):
    """The tax rate that lines of a kind of contract start with."""

    rate = PercentField(label=_("Tax rate, %"), required=False, help_text=_("Left empty, the usual one."))


class TermsForm(forms.ModelForm):  # type: ignore[type-arg]
    """When, where and how it is performed, and what happens otherwise."""

    penalty_rate = PercentField(
        label=_("Penalty for each day of delay, %"),
        required=False,
        help_text=_("Of the amount in delay."),
    )

    class Meta:
        model = ContractVersion
        fields = (
            "effective_on", "expires_on", "performance_from", "performance_until", "performance_place",
            "performance_manner", "quality_standard", "acceptance_days", "warranty_months", "penalty_rate",
            "dispute_venue",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["penalty_rate"].decimal_places = 3  # type: ignore[attr-defined]
        for name in ("effective_on", "expires_on", "performance_from", "performance_until"):
            self.fields[name].widget = forms.DateInput()

    def _post_clean(self) -> None:
        """The service checks the terms and says what is wrong with them; nothing is put on the row here."""


class LineTermsForm(RowsForm):
    """Lines of a contract: what, how much, price, discount, tax, until when."""

    key = "description"

    def __init__(self, *args: Any, usual: UsualRate, **kwargs: Any) -> None:
        self.usual = usual
        super().__init__(*args, **kwargs)
        self.hint = gettext(
            "Without a tax rate a new line gets the one of its product, else %(rate)s. Without a price the list price."
        ) % {"rate": formats.rate(usual.rate)}

    def row_fields(self) -> dict[str, forms.Field]:
        """A product fills what is left empty; the description names what is sold without one."""
        return {
            "line": forms.IntegerField(required=False, widget=forms.HiddenInput),
            "product": ChooserField("products", request=self.request, label=_("Product"), required=False),
            "description": forms.CharField(label=_("Product or service"), max_length=255, required=False),
            "quantity": _number(_("Quantity"), 14, 3),
            "unit": forms.CharField(label=_("Unit"), max_length=20, required=False),
            "unit_price": _number(_("Price"), 19, 4),
            "discount_rate": PercentField(label=_("Discount, %"), required=False),
            "tax_rate": PercentField(label=_("Tax, %"), required=False),
            "due_on": forms.DateField(label=_("Delivery due"), required=False, widget=forms.DateInput),
        }

    def clean(self) -> dict[str, Any]:
        """A row counts when it names a product or says what is sold."""
        cleaned = forms.Form.clean(self) or self.cleaned_data
        for number in range(self.count):
            row = {name: cleaned.get(f"{name}_{number}") for name in self.row_fields()}
            if not self.is_filled(row) and any(row[name] not in (None, "") for name in ("quantity", "unit_price")):
                self.add_error(f"description_{number}", _("Choose a product or say what is sold."))
        return cleaned

    @staticmethod
    def is_filled(row: dict[str, Any]) -> bool:
        """Whether a row says what is sold."""
        return bool(row["product"] or row["description"])

    def cleaned_rows(self) -> list[dict[str, Any]]:
        """The rows that say what is sold, in order."""
        names = list(self.row_fields())
        found = [{name: self.cleaned_data.get(f"{name}_{number}") for name in names} for number in range(self.count)]
        return [row for row in found if self.is_filled(row)]


class ClausesForm(RowsForm):
    """The clauses of a draft in both languages."""

    key = "key"
    spare = 0

    def row_fields(self) -> dict[str, forms.Field]:
        """What it regulates, its words in both languages, and whether it is a main clause."""
        text = {"rows": 5}
        return {
            "key": forms.ChoiceField(label=_("Clause"), choices=[("", "–"), *ClauseKey.choices], required=False),
            "title": forms.CharField(label=_("Heading"), max_length=120, required=False),
            "title_zh": forms.CharField(label=_("Heading in Chinese"), max_length=120, required=False),
            "body": forms.CharField(label=_("Text"), widget=forms.Textarea(text), required=False),
            "body_zh": forms.CharField(label=_("Text in Chinese"), widget=forms.Textarea(text), required=False),
            "is_main": forms.BooleanField(label=_("Main clause"), required=False),
        }


class ActForm(forms.Form):
    """An act: the day, the person, the paper."""

    on = day_field(_("Date"), required=True)
    party = forms.ChoiceField(label=_("By"), choices=Party.choices, initial=Party.US, widget=forms.RadioSelect)
    contact = forms.ModelChoiceField(Contact.objects.none(), label=_("Person at the customer"), required=False)
    person = forms.CharField(label=_("or a name"), max_length=120, required=False)
    document = forms.FileField(label=_("Document"), required=False, max_length=255)
    note = _area(_("Note"), 2)

    def __init__(self, *args: Any, request: PageRequest, customer: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [post.contact_id for post in contacts_of(request.user, customer)]
        rows = Contact.objects.visible_to(request.user).filter(pk__in=known)
        self.fields["contact"].queryset = rows  # type: ignore[attr-defined]


class OfferForm(ActForm):
    """An offer, and until when it holds."""

    valid_until = day_field(_("Valid until"))
    field_order = ("on", "valid_until", "party", "contact", "person", "document", "note")


class ReasonedActForm(ActForm):
    """An act that needs a reason."""

    note = forms.CharField(label=_("Reason"), widget=forms.Textarea({"rows": 2}))


class TerminationForm(ReasonedActForm):
    """The end of a contract before it is completed."""

    settlement = _area(_("Settlement"), 2, help_text=_("What was agreed about what remains open."))


class AmendmentForm(forms.Form):
    """Why a contract is amended."""

    reason = forms.CharField(label=_("Reason for the amendment"), max_length=500, widget=forms.Textarea({"rows": 2}))


class ReasonForm(forms.Form):
    """A reason that must be given."""

    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea({"rows": 2}))


class DecisionForm(forms.Form):
    """A reason that may be given."""

    reason = forms.CharField(label=_("Reason"), max_length=500, required=False, widget=forms.Textarea({"rows": 2}))


class DocumentForm(forms.Form):
    """A document that is kept with the contract."""

    kind = forms.ChoiceField(label=_("Kind of document"), choices=FileKind.choices, initial=FileKind.OTHER)
    file = forms.FileField(label=_("File"), max_length=255)


class DeliveryForm(forms.Form):
    """A delivery: the day, and how much of each line."""

    on = day_field(_("Delivered on"), required=True)
    place = forms.CharField(label=_("Place"), max_length=255, required=False)
    carrier = forms.CharField(label=_("Carrier and consignment number"), max_length=255, required=False)
    note = _area(_("Note"), 2)

    def __init__(self, *args: Any, lines: list[tuple[int, str, Any]], contract_kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].label = str(self.label_of_day(words_of(contract_kind)))
        if contract_kind == ContractKind.SERVICES:
            self.fields.pop("carrier", None)
        self.line_ids = [pk for pk, _label, _most in lines]
        for pk, label, most in lines:
            self.fields[f"line_{pk}"] = PlainDecimalField(
                label=label, min_value=0, max_value=most, max_digits=14, decimal_places=3, required=False, initial=most
            )

    @staticmethod
    def label_of_day(words: PerformanceWords) -> str | Promise:
        """What the day is called in the words of the contract's kind."""
        return words.on

    def quantities(self) -> list[tuple[int, Any]]:
        """Line and quantity of every line with one."""
        found = [(pk, self.cleaned_data.get(f"line_{pk}")) for pk in self.line_ids]
        return [(pk, quantity) for pk, quantity in found if quantity]

    def line_fields(self) -> list[Any]:
        """Bound fields of the quantities."""
        return [self[f"line_{pk}"] for pk in self.line_ids]


class ReturnForm(DeliveryForm):
    """What comes back, and why."""

    on = day_field(_("Returned on"), required=True)
    place = None  # type: ignore[assignment]
    carrier = None  # type: ignore[assignment]
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea({"rows": 2}))

    @staticmethod
    def label_of_day(words: PerformanceWords) -> str | Promise:
        """The day on which it came back."""
        return words.returned_on


class AcceptanceForm(forms.Form):
    """What the customer said of a delivery."""

    on = day_field(_("Date"), required=True)
    outcome = forms.ChoiceField(
        label=_("The customer says"), choices=AcceptanceOutcome.choices, widget=forms.RadioSelect
    )
    person = forms.CharField(label=_("Person at the customer"), max_length=120, required=False)
    note = _area(_("Note"), 2)


class TemplateForm(forms.Form):
    """A clause that drafts of a kind start with."""

    key = forms.ChoiceField(label=_("Clause"), choices=ClauseKey.choices)
    title = forms.CharField(label=_("Heading"), max_length=120, required=False)
    title_zh = forms.CharField(label=_("Heading in Chinese"), max_length=120, required=False)
    body = _area(_("Text"), 6)
    body_zh = _area(_("Text in Chinese"), 6)
    is_main = forms.BooleanField(label=_("Main clause: nothing is signed without it"), required=False)
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)
