"""Forms about a customer's phase and entitlements."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from loudou.core import clock
from loudou.core.money import COMMON_CURRENCIES
from loudou.customers.choices import NeedSource
from loudou.web.customers.forms import VisibleForm
from loudou.web.frame.choosers import ChooserField

PERCENT = Decimal(100)
_CURRENCIES = [("", "–"), *((code, code) for code in COMMON_CURRENCIES)]


class NeedForm(VisibleForm):
    """How the need was verified, by whose word, when, and what shows it."""

    how = forms.ChoiceField(label=_("How"), choices=NeedSource.choices)
    on = forms.DateField(label=_("On"), widget=forms.DateInput(), initial=clock.today)
    contact = ChooserField("contacts", label=_("Said by"), required=False)
    evidence = forms.CharField(
        label=_("What shows it"), max_length=255, help_text=_("What was said or seen, in one sentence.")
    )


class ReasonForm(VisibleForm):
    """A reason."""

    reason = forms.CharField(label=_("Reason"), max_length=255)


class HoldForm(VisibleForm):
    """Why supply stops or goes on."""

    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea({"rows": 3}))


class ReleaseForm(VisibleForm):
    """An exception from a hold: until when, up to how much, why."""

    until_on = forms.DateField(label=_("Valid until"), widget=forms.DateInput())
    amount = forms.DecimalField(
        label=_("Up to"), required=False, min_value=0, max_digits=15, help_text=_("Empty: no limit of the amount.")
    )
    currency = forms.ChoiceField(label=_("Currency"), choices=_CURRENCIES, required=False)
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea({"rows": 3}))


class DecisionForm(forms.Form):
    """What becomes of a release."""

    decision = forms.ChoiceField(label=_("Decision"), widget=forms.RadioSelect)
    note = forms.CharField(label=_("Note"), max_length=500, required=False)

    def __init__(self, *args: Any, user: Any, is_waiting: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        approves = user.has_permission("customers.approve_release")
        asks = user.has_permission("customers.request_release")
        offered = [
            (is_waiting and approves, "approve", _("Approve")),
            (is_waiting and approves, "reject", _("Reject")),
            (is_waiting and asks, "withdraw", _("Withdraw")),
            (not is_waiting and approves, "end", _("End now")),
        ]
        self.fields["decision"].choices = [(name, label) for may, name, label in offered if may]  # type: ignore[attr-defined]


class PolicyForm(VisibleForm):
    """What a customer is entitled to; what is empty follows the company's rules."""

    max_discount_rate = forms.DecimalField(
        label=_("Maximum discount, %"), required=False, min_value=0, max_value=100, max_digits=5, decimal_places=2
    )
    credit_limit = forms.DecimalField(label=_("Credit limit"), required=False, min_value=0, max_digits=15)
    credit_currency = forms.ChoiceField(label=_("Currency"), choices=_CURRENCIES, required=False)
    payment_days = forms.IntegerField(label=_("Payment days"), required=False, min_value=0, max_value=3650)
    grace_days = forms.IntegerField(label=_("Grace days"), required=False, min_value=0, max_value=3650)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        given: dict[str, Any] = kwargs.get("initial") or {}
        rate = given.get("max_discount_rate")
        if isinstance(rate, Decimal):
            kwargs["initial"] = given | {"max_discount_rate": (rate * PERCENT).normalize()}
        super().__init__(*args, **kwargs)

    def figures(self) -> Any:
        """The figures as the service takes them: a discount as a share."""
        given = dict(self.cleaned_data)
        if given["max_discount_rate"] is not None:
            given["max_discount_rate"] /= PERCENT
        return given
