"""The form of a target segment: a name, and conditions that all must be met."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from loudou.customers.choices import ChannelPlace, CustomerKind, LegalForm, SizeBand
from loudou.customers.models import Segment
from loudou.customers.segment_rule import CHOSEN, NAMED, SegmentRule

_BOUNDS = ("contribution_from", "contribution_below", "employees_from", "employees_below")


def _several(label: Any, choices: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple)


def _words(label: Any) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=1000, help_text=_("Several, separated by commas."))


class SegmentForm(forms.Form):
    """All conditions must be met; of each, any of the named values will do."""

    name = forms.CharField(label=_("Segment"), max_length=120)
    description = forms.CharField(label=_("What it is for"), required=False, widget=forms.Textarea({"rows": 2}))
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)
    contribution_from = forms.DecimalField(label=_("Yearly contribution from"), required=False, max_digits=15)
    contribution_below = forms.DecimalField(label=_("Yearly contribution below"), required=False, max_digits=15)
    kind = _several(_("Kind of customer"), CustomerKind.choices)
    channel_place = _several(_("Place in the channel"), ChannelPlace.choices)
    legal_form = _several(_("Legal form"), LegalForm.choices)
    size_band = _several(_("Size"), SizeBand.choices)
    employees_from = forms.IntegerField(label=_("Employees from"), required=False, min_value=0)
    employees_below = forms.IntegerField(label=_("Employees below"), required=False, min_value=0)
    industry = _words(_("Industry"))
    country = _words(_("Country"))
    province = _words(_("Province"))
    city = _words(_("City"))
    source = _words(_("Source"))

    @staticmethod
    def values(segment: Segment) -> dict[str, Any]:
        """What the form begins with for a segment."""
        rule = segment.conditions
        given: dict[str, Any] = {name: getattr(segment, name) for name in ("name", "description", "is_active")}
        given |= {name: list(getattr(rule, name)) for name in CHOSEN}
        given |= {name: ", ".join(getattr(rule, name)) for name in NAMED}
        return given | {name: getattr(rule, name) for name in _BOUNDS}

    def rule(self) -> SegmentRule:
        """The conditions as a rule."""
        given = self.cleaned_data
        facts: dict[str, Any] = {name: tuple(given[name]) for name in CHOSEN}
        for name in NAMED:
            words = given[name].replace("，", ",").replace("、", ",").split(",")
            facts[name] = tuple(word.strip() for word in words if word.strip())
        return SegmentRule(**facts, **{name: given[name] for name in _BOUNDS})
