"""Forms of customers, contacts and products."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from loudou.catalog import selectors as catalog
from loudou.catalog.models import ProductLine
from loudou.core.money import COMMON_CURRENCIES
from loudou.customers.choices import Channel, ChannelPlace, CustomerKind, LegalForm, LineRole, SizeBand
from loudou.customers.services.forgetting import RECORD_AGAIN
from loudou.web.frame.choosers import ChooserField
from loudou.web.frame.form_fields import PercentField
from loudou.web.frame.pages import PageRequest

_SEPARATORS = re.compile(r"[\n;,；，、]+")
CURRENCIES = [("", "–"), *((code, code) for code in COMMON_CURRENCIES)]


class ListField(forms.CharField):
    """Several short texts, one per line or separated by commas."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.Textarea({"rows": 2}), required=False, **options)

    def prepare_value(self, value: Any) -> Any:
        """Write a list one item per line."""
        return "\n".join(value) if isinstance(value, (list, tuple)) else value

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        """Split what was typed."""
        return [part.strip() for part in _SEPARATORS.split(value or "") if part.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare item by item."""
        return list(initial or []) != self.to_python(data)


class VisibleForm(forms.Form):
    """A form whose choosers offer what the user may see."""

    def __init__(self, *args: Any, request: PageRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, ChooserField):
                field.offer(request)


def _optional(choices: Any) -> list[tuple[str, Any]]:
    return [("", "–"), *choices]


class CustomerForm(VisibleForm):
    """Everything that identifies a customer."""

    name = forms.CharField(label=_("Name"), max_length=255, widget=forms.TextInput({"autocomplete": "off"}))
    short_name = forms.CharField(label=_("Short name"), max_length=100, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=CustomerKind.choices, initial=CustomerKind.END_USER)
    channel_place = forms.ChoiceField(
        label=_("Place in the channel"), choices=_optional(ChannelPlace.choices), required=False
    )
    industry = forms.CharField(label=_("Industry"), max_length=120, required=False)
    size_band = forms.ChoiceField(label=_("Size"), choices=_optional(SizeBand.choices), required=False)
    credit_code = forms.CharField(
        label=_("Unified social credit code"),
        max_length=40,
        required=False,
        help_text=_("18 characters; the last one is checked."),
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    parent = ChooserField("customers", label=_("Parent company"), required=False)
    registration_number = forms.CharField(label=_("Other registration number"), max_length=60, required=False)
    legal_form = forms.ChoiceField(label=_("Legal form"), choices=LegalForm.choices, initial=LegalForm.COMPANY)
    aliases = ListField(label=_("Other names"), help_text=_("One per line."))
    website = forms.CharField(label=_("Website"), max_length=255, required=False)
    phones = ListField(label=_("Phones"), help_text=_("One per line."))
    emails = ListField(label=_("Mails"), help_text=_("One per line."))
    country = forms.CharField(label=_("Country"), max_length=80, required=False)
    province = forms.CharField(label=_("Province"), max_length=80, required=False)
    city = forms.CharField(label=_("City"), max_length=80, required=False)
    address = forms.CharField(label=_("Address"), max_length=255, required=False)
    employees = forms.IntegerField(label=_("Employees"), min_value=0, required=False)
    annual_revenue = forms.DecimalField(label=_("Annual revenue"), max_digits=19, decimal_places=2, required=False)
    revenue_currency = forms.ChoiceField(label=_("Currency"), choices=CURRENCIES, required=False)
    founded_year = forms.IntegerField(label=_("Founded"), min_value=1000, max_value=2100, required=False)
    source = forms.CharField(label=_("Source"), max_length=120, required=False)
    notes = forms.CharField(label=_("Notes"), required=False, widget=forms.Textarea({"rows": 3}))

    more = (
        *("short_name", "aliases", "legal_form", "registration_number", "parent", "channel_place", "employees"),
        *("annual_revenue", "revenue_currency", "founded_year", "country", "emails", "source", "notes"),
    )
    """Fields that fold away until somebody wants them."""

    def __init__(self, *args: Any, request: PageRequest, **kwargs: Any) -> None:
        super().__init__(*args, request=request, **kwargs)
        currency = self.initial.get("revenue_currency")
        if currency and currency not in dict(CURRENCIES):
            self.fields["revenue_currency"].choices = [*CURRENCIES, (currency, currency)]  # type: ignore[attr-defined]

    @property
    def opens_more(self) -> bool:
        """Whether a folded field has something to say."""
        return any(self[name].errors or self[name].value() for name in self.more if name != "legal_form")


class NewCustomerForm(CustomerForm):
    """A new customer, with its owner and the first person one knows there."""

    owner = ChooserField("people", label=_("Owner"), required=False, help_text=_("Nobody chosen means you."))
    contact_name = forms.CharField(label=_("Name"), max_length=150, required=False)
    contact_post_title = forms.CharField(label=_("Position"), max_length=120, required=False)
    contact_phones = forms.CharField(label=_("Phone"), max_length=40, required=False)
    contact_emails = forms.CharField(label=_("Mail"), max_length=254, required=False)

    def __init__(self, *args: Any, request: PageRequest, **kwargs: Any) -> None:
        super().__init__(*args, request=request, **kwargs)
        if not request.user.has_permission("customers.assign"):
            del self.fields["owner"]

    def clean(self) -> None:
        """A phone or a mail of nobody is a mistake."""
        facts = self.cleaned_data
        if not facts.get("contact_name") and any(
            facts.get(f"contact_{name}") for name in ("post_title", "phones", "emails")
        ):
            self.add_error("contact_name", _("Write the person's name, or leave the other fields empty."))


class ContactForm(VisibleForm):
    """A person, without the posts."""

    name = forms.CharField(label=_("Name"), max_length=150, widget=forms.TextInput({"autocomplete": "off"}))
    salutation = forms.CharField(label=_("Salutation"), max_length=40, required=False)
    phones = ListField(label=_("Phones"), help_text=_("One per line."))
    emails = ListField(label=_("Mails"), help_text=_("One per line."))
    wechat = forms.CharField(label=_("WeChat"), max_length=60, required=False)
    preferred_channel = forms.ChoiceField(label=_("Prefers"), choices=_optional(Channel.choices), required=False)
    do_not_call = forms.BooleanField(label=_("Do not call"), required=False)
    do_not_mail = forms.BooleanField(label=_("Do not mail"), required=False)
    do_not_message = forms.BooleanField(label=_("Do not message"), required=False)
    birthday = forms.DateField(label=_("Birthday"), required=False, widget=forms.DateInput())
    wants_festival_greetings = forms.BooleanField(label=_("Send festival greetings"), required=False)
    notes = forms.CharField(label=_("Notes"), required=False, widget=forms.Textarea({"rows": 3}))


class OwnedContactForm(ContactForm):
    """A person and who owns the record, for those who may assign."""

    owner = ChooserField("people", label=_("Owner"), required=False)


class PostForm(VisibleForm):
    """A post at a customer."""

    customer = ChooserField("customers", label=_("Customer"))
    title = forms.CharField(label=_("Position"), max_length=120, required=False)
    department = forms.CharField(label=_("Department"), max_length=120, required=False)
    started_on = forms.DateField(label=_("From"), required=False, widget=forms.DateInput())


class NewContactForm(PostForm, OwnedContactForm):
    """A person with the first post; who may decide it, may say why a person who was erased is recorded again."""

    despite_erasure = forms.CharField(
        label=_("Reason for recording an erased person again"), max_length=500, required=False
    )

    field_order = ("name", "salutation", "customer", "title", "department", "started_on")

    def __init__(self, *args: Any, request: PageRequest, **kwargs: Any) -> None:
        super().__init__(*args, request=request, **kwargs)
        self.fields["customer"].required = False
        if not request.user.has_permission(RECORD_AGAIN):
            del self.fields["despite_erasure"]
        if not request.user.has_permission("customers.assign"):
            del self.fields["owner"]


class MoveForm(VisibleForm):
    """Where a person moves, and when."""

    customer = ChooserField("customers", label=_("New customer"))
    title = forms.CharField(label=_("Position"), max_length=120, required=False)
    department = forms.CharField(label=_("Department"), max_length=120, required=False)
    moved_on = forms.DateField(label=_("Moved on"), widget=forms.DateInput())


class PostEditForm(forms.Form):
    """Corrections to a post."""

    title = forms.CharField(label=_("Position"), max_length=120, required=False)
    department = forms.CharField(label=_("Department"), max_length=120, required=False)
    started_on = forms.DateField(label=_("From"), required=False, widget=forms.DateInput())
    ended_on = forms.DateField(label=_("Until"), required=False, widget=forms.DateInput())


class EndPostForm(forms.Form):
    """The last day of a post."""

    ended_on = forms.DateField(label=_("Last day"), widget=forms.DateInput())


class AssignForm(VisibleForm):
    """Who gets customers, and why."""

    owner = ChooserField(
        "people", label=_("New owner"), required=False, help_text=_("Nobody chosen means nobody owns them.")
    )
    reason = forms.CharField(label=_("Reason"), max_length=255, required=False)
    former_stays = forms.BooleanField(
        label=_("The former owner keeps seeing them"),
        required=False,
        help_text=_("They become members of the customer."),
    )


class MemberForm(VisibleForm):
    """A colleague who shall work on the customer."""

    user = ChooserField("people", label=_("Colleague"))


class FileForm(forms.Form):
    """A document."""

    file = forms.FileField(label=_("File"), max_length=255)


class PartiesForm(VisibleForm):
    """Who pays, decides and benefits for one product line: a known customer, or a name."""

    line = forms.ModelChoiceField(label=_("Product line"), queryset=ProductLine.objects.none(), empty_label=None)
    pays_party = ChooserField("customers", label=_("Who pays"), required=False)
    pays_name = forms.CharField(label=_("Who pays, by name"), max_length=255, required=False)
    decides_party = ChooserField("customers", label=_("Who decides"), required=False)
    decides_name = forms.CharField(label=_("Who decides, by name"), max_length=255, required=False)
    benefits_party = ChooserField("customers", label=_("Who benefits"), required=False)
    benefits_name = forms.CharField(label=_("Who benefits, by name"), max_length=255, required=False)

    def __init__(self, *args: Any, request: PageRequest, **kwargs: Any) -> None:
        super().__init__(*args, request=request, **kwargs)
        self.fields["line"].queryset = catalog.product_lines(request.user)  # type: ignore[attr-defined]

    @property
    def roles(self) -> list[tuple[LineRole, Any, Any]]:
        """Each role with its two fields."""
        return [(role, self[f"{role.value}_party"], self[f"{role.value}_name"]) for role in LineRole]


class CustomerCellForm(forms.Form):
    """Cells of the customer list that are edited in place."""

    short_name = forms.CharField(label=_("Short name"), max_length=100, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=CustomerKind.choices)
    channel_place = forms.ChoiceField(
        label=_("Place in the channel"), choices=_optional(ChannelPlace.choices), required=False
    )
    industry = forms.CharField(label=_("Industry"), max_length=120, required=False)
    size_band = forms.ChoiceField(label=_("Size"), choices=_optional(SizeBand.choices), required=False)
    city = forms.CharField(label=_("City"), max_length=80, required=False)
    province = forms.CharField(label=_("Province"), max_length=80, required=False)
    country = forms.CharField(label=_("Country"), max_length=80, required=False)
    source = forms.CharField(label=_("Source"), max_length=120, required=False)


class BulkChangeForm(forms.Form):
    """New values for many customers; fields left alone stay as they are."""

    kind = forms.ChoiceField(label=_("Kind"), choices=_optional(CustomerKind.choices), required=False)
    channel_place = forms.ChoiceField(
        label=_("Place in the channel"), choices=_optional(ChannelPlace.choices), required=False
    )
    size_band = forms.ChoiceField(label=_("Size"), choices=_optional(SizeBand.choices), required=False)
    industry = forms.CharField(label=_("Industry"), max_length=120, required=False)
    source = forms.CharField(label=_("Source"), max_length=120, required=False)

    def clean(self) -> None:
        """Something must change."""
        if not any(self.cleaned_data.values()):
            raise forms.ValidationError(_("Fill in at least one field."))


class ProductForm(forms.Form):
    """A product."""

    name = forms.CharField(label=_("Name"), max_length=200)
    code = forms.CharField(label=_("Product code"), max_length=60, required=False)
    line = forms.ModelChoiceField(
        label=_("Product line"), queryset=ProductLine.objects.none(), required=False, empty_label="–"
    )
    unit = forms.CharField(label=_("Unit"), max_length=20, required=False, help_text=_("Such as set, ton, metre."))
    list_price = forms.DecimalField(label=_("List price"), max_digits=19, decimal_places=4, min_value=0, required=False)
    currency = forms.ChoiceField(label=_("Currency"), choices=CURRENCIES[1:])
    tax_rate = PercentField(
        label=_("Tax rate, %"), required=False, help_text=_("Left empty, the usual one of the contract's kind.")
    )
    description = forms.CharField(label=_("Description"), required=False, widget=forms.Textarea({"rows": 3}))
    is_active = forms.BooleanField(label=_("On sale"), required=False, initial=True)

    def __init__(self, *args: Any, request: PageRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["line"].queryset = catalog.product_lines(request.user)  # type: ignore[attr-defined]
        currency = self.initial.get("currency")
        if currency and currency not in dict(CURRENCIES):
            self.fields["currency"].choices = [*CURRENCIES[1:], (currency, currency)]  # type: ignore[attr-defined]


class LineForm(forms.Form):
    """A product line."""

    name = forms.CharField(label=_("Name"), max_length=120)
    is_active = forms.BooleanField(label=_("Active"), required=False, initial=True)
