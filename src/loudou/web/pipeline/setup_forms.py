"""Forms that set up how the company sells."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from loudou.catalog.models import ProductLine
from loudou.customers.choices import CustomerKind
from loudou.pipeline.choices import CriteriaMode, RequiredField
from loudou.pipeline.models import Stage
from loudou.web.frame.form_fields import PercentField
from loudou.web.frame.row_forms import RowsForm

COLOURS = (
    ("azure", _("Azure")), ("blue", _("Blue")), ("indigo", _("Indigo")), ("purple", _("Purple")), ("pink", _("Pink")),
    ("orange", _("Orange")), ("yellow", _("Yellow")), ("lime", _("Lime")), ("green", _("Green")), ("teal", _("Teal")),
    ("cyan", _("Cyan")),
)  # fmt: skip


class ProcessForm(forms.Form):
    """Names of a sales process, whom it is for, and what unmet criteria do."""

    name = forms.CharField(label=_("Name"), max_length=120)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=120, required=False)
    description = forms.CharField(label=_("Description"), required=False, widget=forms.Textarea({"rows": 3}))
    customer_kinds = forms.MultipleChoiceField(
        label=_("For kinds of customers"),
        choices=CustomerKind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    product_line = forms.ModelChoiceField(
        label=_("For product line"),
        queryset=ProductLine.objects.filter(is_active=True),
        required=False,
        empty_label=_("Any"),
    )
    key_action = forms.CharField(label=_("Key follow-up action"), max_length=120, required=False)
    criteria_mode = forms.ChoiceField(
        label=_("Unmet exit criteria"),
        choices=(
            (CriteriaMode.WARN, _("Warn, and let it pass")),
            (CriteriaMode.BLOCK, _("Block, unless somebody waives them")),
        ),
        widget=forms.RadioSelect,
        initial=CriteriaMode.WARN,
    )
    is_default = forms.BooleanField(label=_("Use for new opportunities"), required=False)
    is_active = forms.BooleanField(label=_("Offer for new opportunities"), required=False, initial=True)


class NewProcessForm(forms.Form):
    """A new process: its names, and its first stages by name."""

    name = forms.CharField(label=_("Name"), max_length=120)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=120, required=False)
    stages = forms.CharField(
        label=_("Stages, one per line, three to seven"),
        widget=forms.Textarea({"rows": 7}),
        help_text=_(
            "English name, then after a bar the Chinese one: Proposal | 提交方案. Win rates and criteria follow."
        ),
    )


class StageSetupForm(forms.Form):
    """A stage: names, prior win rate, expected days, required fields."""

    name = forms.CharField(label=_("Name"), max_length=120)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=120, required=False)
    prior_win_rate = PercentField(
        label=_("Prior win rate, %"),
        help_text=_(
            "How many of a hundred you expect to win from here. "
            "Weighted sums of all its open opportunities change with it."
        ),
    )
    expected_days = forms.IntegerField(
        label=_("Expected days"),
        min_value=1,
        max_value=3650,
        initial=14,
        help_text=_("Longer stays are marked on the board."),
    )
    required_fields = forms.MultipleChoiceField(
        label=_("Required before it is left"),
        choices=RequiredField.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    colour = forms.ChoiceField(label=_("Colour"), choices=COLOURS)
    is_folded = forms.BooleanField(label=_("Fold on the board"), required=False)


class StageRemoveForm(forms.Form):
    """Where the open opportunities of a removed stage go."""

    merge_into = forms.TypedChoiceField(
        label=_("Move its opportunities to"), coerce=int, required=False, empty_value=None
    )

    def __init__(self, *args: Any, stages: list[Stage], is_used: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["merge_into"]
        field.required = is_used
        field.choices = [("", _("Choose…")), *((stage.pk, stage.label) for stage in stages)]  # type: ignore[attr-defined]


class CriteriaForm(RowsForm):
    """Exit criteria of a stage."""

    key = "name"

    def row_fields(self) -> dict[str, forms.Field]:
        """Both names, and whether evidence is asked for."""
        return {
            "name": forms.CharField(label=_("Criterion"), max_length=120, required=False),
            "name_zh": forms.CharField(label=_("Chinese name"), max_length=120, required=False),
            "needs_evidence": forms.BooleanField(label=_("Asks for evidence"), required=False),
            "id": forms.IntegerField(widget=forms.HiddenInput, required=False),
        }


class CompetitorForm(forms.Form):
    """A competitor."""

    name = forms.CharField(label=_("Competitor"), max_length=200)
    website = forms.CharField(label=_("Website"), max_length=255, required=False)
    strengths = forms.CharField(label=_("Strengths"), required=False, widget=forms.Textarea({"rows": 3}))
    weaknesses = forms.CharField(label=_("Weaknesses"), required=False, widget=forms.Textarea({"rows": 3}))


class CompetitorEditForm(CompetitorForm):
    """A competitor that is known already."""

    is_active = forms.BooleanField(label=_("Active"), required=False)


class LossReasonForm(forms.Form):
    """A loss reason."""

    name = forms.CharField(label=_("Name"), max_length=120)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=120, required=False)


class LossReasonEditForm(LossReasonForm):
    """A loss reason that is known already."""

    is_active = forms.BooleanField(label=_("Active"), required=False)
