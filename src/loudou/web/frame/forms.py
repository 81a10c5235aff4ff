"""Forms of the frame."""

from django import forms
from django.utils.translation import gettext_lazy as _


class SavedViewForm(forms.Form):
    """A saved view's name, and who gets to see it where."""

    page = forms.CharField(max_length=60, widget=forms.HiddenInput)
    query = forms.CharField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(label=_("Name"), max_length=100)
    is_pinned = forms.BooleanField(label=_("Pin as a tab above the list"), required=False)
    is_shared = forms.BooleanField(
        label=_("Share with everybody"), required=False, help_text=_("Colleagues see their own rows through it.")
    )
    is_default = forms.BooleanField(label=_("Open the list with this view"), required=False)
