"""Forms about personal data."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from loudou.privacy.choices import Ground, RequestKind, Way


class AskedForm(forms.Form):
    """When and how the person asked, and on which ground."""

    asked_on = forms.DateField(label=_("Asked on"), widget=forms.DateInput())
    way = forms.ChoiceField(label=_("How"), choices=Way.choices)
    ground = forms.ChoiceField(label=_("Ground"), choices=Ground.choices)
    note = forms.CharField(label=_("Note"), max_length=500, required=False)


class RequestForm(AskedForm):
    """A request to be answered later."""

    kind = forms.ChoiceField(label=_("What is asked for"), choices=RequestKind.choices)

    field_order = ("kind", "asked_on", "way", "ground", "note")


class EraseForm(AskedForm):
    """An erasure, confirmed by the name."""

    confirmation = forms.CharField(
        label=_("Name of the contact, to confirm"),
        max_length=150,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=_("An erasure cannot be taken back."),
    )
