"""Forms of people, teams, company and sign-in."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts
from django.utils.dates import MONTHS
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from loudou.core.models import Company
from loudou.core.money import COMMON_CURRENCIES, currency_codes
from loudou.people.choices import Language, Role, Theme
from loudou.people.models import Team, User
from loudou.people.permissions import PERMISSIONS


def _password(label: Any, autocomplete: str, **options: Any) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, strip=False, max_length=1024, widget=widget, **options)


def _rules() -> str:
    return " ".join(password_validators_help_texts())


class SignInForm(forms.Form):
    """Name and password."""

    username = forms.CharField(
        label=_("Sign-in name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}),
    )
    password = _password(_("Password"), "current-password")


class CodeForm(forms.Form):
    """A code of the authenticator app, or a recovery code."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "text", "autocapitalize": "none", "autofocus": True}
        ),
    )


class ConfirmForm(forms.Form):
    """The present password."""

    password = _password(_("Your password"), "current-password")


class ForgottenPasswordForm(forms.Form):
    """Who forgot the password."""

    name = forms.CharField(
        label=_("Sign-in name or mail address"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}),
    )


class NewPasswordForm(forms.Form):
    """A new password, twice."""

    password = _password(_("New password"), "new-password", help_text=lazy(_rules, str)())
    repeated = _password(_("New password, once more"), "new-password")

    def clean(self) -> dict[str, Any]:
        """Compare the two."""
        data = super().clean() or {}
        if data.get("password") and data.get("repeated") and data["password"] != data["repeated"]:
            self.add_error("repeated", gettext("The two passwords differ. Type the same one twice."))
        return data


class OwnPasswordForm(NewPasswordForm):
    """The present password and a new one, twice."""

    current = _password(_("Present password"), "current-password")
    field_order = ("current", "password", "repeated")


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """What people may change about themselves."""

    class Meta:
        model = User
        fields = ("name", "phone", "language", "theme", "use_wan")
        widgets = {
            "language": forms.RadioSelect(choices=Language.choices),
            "theme": forms.RadioSelect(choices=Theme.choices),
        }

    def _post_clean(self) -> None:
        """Leave the row alone: the service writes it."""


class UserForm(forms.Form):
    """What an administrator says about a user."""

    name = forms.CharField(label=_("Full name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    username = forms.CharField(
        label=_("Sign-in name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=Role.choices, widget=forms.CheckboxSelectMultiple, required=False,
        help_text=_("Without a role a person can sign in to nothing."),
    )  # fmt: skip
    require_second_factor = forms.BooleanField(
        label=_("Needs a second factor to sign in"), required=False,
        help_text=_("For people who see or may do a lot. Asked for within five minutes when they are signed in."),
    )  # fmt: skip
    email = forms.EmailField(label=_("Mail"), required=False)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    title = forms.CharField(label=_("Job title"), max_length=100, required=False)
    language = forms.ChoiceField(
        label=_("Language"), choices=Language.choices, widget=forms.RadioSelect, initial=Language.CHINESE
    )
    external_id = forms.CharField(
        label=_("Id in another system"), max_length=100, required=False,
        help_text=_("Lets imports find this person."),
    )  # fmt: skip


class NewUserForm(UserForm):
    """A new user, with a team to begin in."""

    team = forms.ModelChoiceField(label=_("Team"), queryset=Team.objects.none(), required=False)
    is_lead = forms.BooleanField(label=_("Leads the team"), required=False)
    field_order = (
        "name", "username", "roles", "team", "is_lead", "require_second_factor",
        "email", "phone", "title", "language", "external_id",
    )  # fmt: skip

    def __init__(self, *args: Any, teams: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = teams.filter(is_active=True)  # type: ignore[attr-defined]


class TeamForm(forms.Form):
    """A team and its place in the tree."""

    name = forms.CharField(label=_("Team name"), max_length=120)
    parent = forms.ModelChoiceField(
        label=_("Part of"), queryset=Team.objects.none(), required=False, empty_label=_("(a team at the top)")
    )
    region = forms.CharField(label=_("Region"), max_length=120, required=False)
    is_active = forms.BooleanField(label=_("Active"), required=False, initial=True)

    def __init__(self, *args: Any, teams: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = teams  # type: ignore[attr-defined]


class MemberForm(forms.Form):
    """A person who joins a team."""

    user = forms.ModelChoiceField(label=_("Person"), queryset=User.objects.none())
    started_on = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    is_lead = forms.BooleanField(
        label=_("Leads the team"), required=False,
        help_text=_("With the manager's role, leads see what the members of the team and of its sub-teams own."),
    )  # fmt: skip

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = people  # type: ignore[attr-defined]


class EndMembershipForm(forms.Form):
    """The day a person leaves a team."""

    ended_on = forms.DateField(
        label=_("Leaves on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("From this day on the person no longer belongs to the team."),
    )  # fmt: skip


class TokenForm(forms.Form):
    """What a program may do, and until when."""

    name = forms.CharField(label=_("What it is for"), max_length=100)
    days = forms.TypedChoiceField(
        label=_("Works for"),
        coerce=int,
        choices=[(7, _("7 days")), (30, _("30 days")), (90, _("90 days")), (365, _("one year"))],
        initial=90,
    )
    scopes = forms.MultipleChoiceField(
        label=_("Permissions"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("A program gets no more than it needs."),
    )

    def __init__(self, *args: Any, permissions: frozenset[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(verb, label) for verb, label in PERMISSIONS.items() if verb in permissions]
        self.fields["scopes"].choices = offered  # type: ignore[attr-defined]


def _months() -> list[tuple[int, str]]:
    return [(number, str(name)) for number, name in MONTHS.items()]


class CompanyForm(forms.ModelForm):  # type: ignore[type-arg]
    """The company's settings."""

    class Meta:
        model = Company
        fields = (
            "name", "credit_code", "representative", "address", "phone", "bank_name", "bank_account",
            "time_zone", "fiscal_year_start_month", "require_second_factor",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = sorted(zone for zone in zoneinfo.available_timezones() if "/" in zone or zone == "UTC")
        self.fields["time_zone"] = forms.ChoiceField(
            label=self.fields["time_zone"].label, choices=[(z, z) for z in zones]
        )
        month = self.fields["fiscal_year_start_month"]
        self.fields["fiscal_year_start_month"] = forms.TypedChoiceField(
            label=month.label, choices=_months(), coerce=int
        )

    def _post_clean(self) -> None:
        """Leave the row alone: the service writes it."""


def _currencies() -> list[tuple[str, str]]:
    rest = sorted(currency_codes() - set(COMMON_CURRENCIES))
    return [(code, code) for code in (*COMMON_CURRENCIES, *rest)]


class BaseCurrencyForm(forms.Form):
    """The currency that totals are in."""

    base_currency = forms.ChoiceField(label=_("Base currency"), choices=_currencies())


class RateForm(forms.Form):
    """What one unit of a currency is worth from a day on."""

    currency = forms.ChoiceField(label=_("Currency"), choices=_currencies())
    on = forms.DateField(label=_("Valid from"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    rate = forms.DecimalField(label=_("Exchange rate"), max_digits=20, decimal_places=10, min_value=0)

    def __init__(self, *args: Any, base: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rate"].help_text = gettext("Units of %(base)s for one unit of the currency.") % {"base": base}
        choices = [choice for choice in _currencies() if choice[0] != base]
        self.fields["currency"].choices = choices  # type: ignore[attr-defined]
