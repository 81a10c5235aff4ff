"""Forms that are applied to all selected opportunities."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from loudou.pipeline.choices import Likelihood, Priority, PurchaseKind, ReachKind, Visibility
from loudou.web.frame.choosers import ChooserField
from loudou.web.frame.form_fields import day_field
from loudou.web.frame.pages import PageRequest
from loudou.web.pipeline.filters import sales_setup

CLEARED = "cleared"
"""What stands in a form for a kind that is taken away; empty leaves each as it is."""


def _kinds(label: Any, choices: Iterable[tuple[Any, Any]]) -> forms.ChoiceField:
    offered = [("", _("As it is")), (CLEARED, _("Not set")), *choices]
    return forms.ChoiceField(label=label, choices=offered, required=False)


class BulkStageForm(forms.Form):
    """One stage for all selected."""

    stage = forms.TypedChoiceField(label=_("Stage"), coerce=int)

    def __init__(self, *args: Any, request: PageRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        setup = sales_setup(request)
        self.fields["stage"].choices = [  # type: ignore[attr-defined]
            (process.label, [(stage.pk, stage.label) for stage in setup.stages_of(process.pk)])
            for process in setup.active_processes
        ]


class BulkOwnerForm(forms.Form):
    """One owner for all selected."""

    def __init__(self, *args: Any, request: PageRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"] = ChooserField("people", request=request, label=_("Owner"))


class BulkDateForm(forms.Form):
    """A day for all selected, or a shift of each one's own day."""

    expected_on = day_field(_("Expected signing date"))
    shift_days = forms.IntegerField(
        label=_("or later by so many days"),
        required=False,
        min_value=-3650,
        max_value=3650,
        help_text=_("A minus brings them forward."),
    )

    def clean(self) -> dict[str, Any]:
        """Ask for one of the two."""
        cleaned = super().clean() or self.cleaned_data
        if (cleaned.get("expected_on") is None) == (cleaned.get("shift_days") is None):
            raise forms.ValidationError(_("Give a day or a number of days."))
        return cleaned


class BulkPriorityForm(forms.Form):
    """One priority for all selected."""

    priority = forms.TypedChoiceField(label=_("Priority"), choices=Priority.choices, coerce=int, initial=Priority.HIGH)


class BulkStarForm(forms.Form):
    """Follow or stop following."""

    starred = forms.TypedChoiceField(
        label=_("Star"),
        choices=(("1", _("Follow them")), ("0", _("Stop following them"))),
        coerce=lambda value: value == "1",
        initial="1",
    )


class BulkKindsForm(forms.Form):
    """Kinds for all selected; what is left as it is may differ from one to the next."""

    source = forms.CharField(
        label=_("Source"), max_length=120, required=False, help_text=_("Empty leaves each as it is.")
    )
    likelihood = _kinds(_("Likelihood"), Likelihood.choices)
    visibility = _kinds(_("Need"), Visibility.choices)
    reach_kind = _kinds(_("Reach"), ReachKind.choices)
    purchase_kind = _kinds(_("Kind of purchase"), PurchaseKind.choices)

    def clean(self) -> dict[str, Any]:
        """Ask for one at least."""
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not any(cleaned.values()):
            raise forms.ValidationError(_("Set at least one of them."))
        return cleaned

    def chosen(self) -> dict[str, str]:
        """What is to be set, by field; empty for what is taken away."""
        return {name: "" if value == CLEARED else value for name, value in self.cleaned_data.items() if value}
