"""The form of the rules about customers: thresholds and names of the phases, and what is granted by default."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from loudou.customers.choices import FUNNEL
from loudou.customers.models import CustomerRules
from loudou.customers.services.rules import LANGUAGES, LONGEST_NAME, THRESHOLDS
from loudou.web.customers.phase_forms import PolicyForm

LONGEST_DAYS = 3650


class ThresholdsForm(forms.Form):
    """What moves phases."""

    horizon_days = forms.IntegerField(
        label=_("An expected signing counts this many days ahead"), min_value=1, max_value=LONGEST_DAYS
    )
    grace_days = forms.IntegerField(
        label=_("An instalment may come this many days late"), min_value=0, max_value=LONGEST_DAYS
    )
    late_counts_days = forms.IntegerField(
        label=_("A late payment counts for this many days"),
        required=False,
        min_value=0,
        max_value=LONGEST_DAYS,
        help_text=_("Empty: for ever."),
    )

    def proposed(self) -> CustomerRules:
        """Rules of these thresholds, for asking what would follow; never saved."""
        return CustomerRules(pk=1, **{name: self.cleaned_data[name] for name in THRESHOLDS})


def _name() -> forms.CharField:
    return forms.CharField(required=False, max_length=LONGEST_NAME)


class RulesForm(ThresholdsForm, PolicyForm):
    """All of it; a phase without a name of its own keeps ours."""

    name_target_market_en, name_target_market_zh_hans = _name(), _name()
    name_prospect_en, name_prospect_zh_hans = _name(), _name()
    name_target_en, name_target_zh_hans = _name(), _name()
    name_signed_en, name_signed_zh_hans = _name(), _name()
    name_qualified_en, name_qualified_zh_hans = _name(), _name()

    @staticmethod
    def values(rules: CustomerRules) -> dict[str, Any]:
        """What the form begins with."""
        given = {name: getattr(rules, name) for name in (*THRESHOLDS, "max_discount_rate", "credit_limit")}
        given |= {name: getattr(rules, name) for name in ("credit_currency", "payment_days")}
        for phase in FUNNEL:
            for language in LANGUAGES:
                given[_field(phase.code, language)] = rules.phase_names.get(phase.code, {}).get(language, "")
        return given

    def changes(self) -> Any:
        """The rules as the service takes them."""
        given = self.figures()
        names = {
            phase.code: {language: given.pop(_field(phase.code, language)) for language in LANGUAGES}
            for phase in FUNNEL
        }
        return given | {"phase_names": names}


def _field(code: str, language: str) -> str:
    return f"name_{code}_{language.replace('-', '_')}"
