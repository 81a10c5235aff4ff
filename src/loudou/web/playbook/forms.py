"""Forms of the playbook."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from loudou.pipeline.choices import PurchaseKind
from loudou.pipeline.models import Stage
from loudou.pipeline.selectors import SalesSetup
from loudou.playbook.choices import CardKind
from loudou.playbook.models import Card
from loudou.web.frame.choosers import ChooserField, chooser_of_several
from loudou.web.frame.form_fields import day_field
from loudou.web.frame.pages import PageRequest

TEXT_HELP = _("Readable in a minute. A blank line begins a paragraph, - a list, > words to say; **bold** stands out.")


def _text(label: Any, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, required=False, widget=forms.Textarea({"rows": 7}), **options)


class CardForm(forms.Form):
    """A card: its words in one or both languages, and where it is shown."""

    kind = forms.ChoiceField(label=_("Kind"), choices=CardKind.choices, widget=forms.RadioSelect)
    title = forms.CharField(label=_("Title in English"), max_length=120, required=False)
    body = _text(_("Text in English"), help_text=TEXT_HELP)
    title_zh = forms.CharField(label=_("Title in Chinese"), max_length=120, required=False)
    body_zh = _text(_("Text in Chinese"), help_text=TEXT_HELP)
    purchase_kind = forms.ChoiceField(
        label=_("For which kind of purchase"), choices=(("", _("Any")), *PurchaseKind.choices), required=False
    )

    def __init__(self, *args: Any, request: PageRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["products"] = chooser_of_several(
            "products", request=request, label=_("Products"), required=False,
            help_text=_("Without products and product lines the card is about all products."),
        )  # fmt: skip
        self.fields["lines"] = chooser_of_several(
            "lines", request=request, label=_("Product lines"), required=False,
            help_text=_("A line's card serves all its products."),
        )  # fmt: skip
        self.fields["competitor"] = ChooserField(
            "competitors", request=request, label=_("Competitor"), required=False,
            help_text=_("Comes first in sales in which this competitor takes part."),
        )  # fmt: skip
        self.fields["stages"] = forms.MultipleChoiceField(
            label=_("For which stages"), choices=stage_choices(), required=False,
            help_text=_("Comes first while a sale is in one of them. None: whenever."),
        )  # fmt: skip
        self.fields["keeper"] = ChooserField(
            "people", request=request, label=_("Keeper"), required=False,
            help_text=_("Who looks after the card and its corrections. Left empty: you."),
        )  # fmt: skip

    @staticmethod
    def values(card: Card) -> dict[str, Any]:
        """What the form begins with for a card."""
        plain = ("kind", "title", "body", "title_zh", "body_zh", "purchase_kind")
        given: dict[str, Any] = {name: getattr(card, name) for name in plain}
        given |= {"competitor": card.competitor_id, "keeper": card.keeper_id}
        given |= {name: [row.pk for row in getattr(card, name).all()] for name in ("products", "lines", "stages")}
        return given

    def changes(self) -> dict[str, Any]:
        """What the services take."""
        given = self.cleaned_data
        plain = ("kind", "title", "body", "title_zh", "body_zh", "purchase_kind")
        return {
            **{name: given[name] for name in plain},
            "competitor_id": given["competitor"].pk if given["competitor"] else None,
            "keeper_id": given["keeper"].pk if given["keeper"] else None,
            "product_ids": [row.pk for row in given["products"]],
            "line_ids": [row.pk for row in given["lines"]],
            "stage_ids": [int(pk) for pk in given["stages"]],
        }


def stage_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Stages in use under the names of their processes."""
    setup = SalesSetup.load()
    return [
        (process.label, [(str(stage.pk), _stage_name(stage)) for stage in setup.stages_of(process.pk)])
        for process in setup.active_processes
    ]


def _stage_name(stage: Stage) -> str:
    return stage.label


class CheckForm(forms.Form):
    """Until when a card is taken for right."""

    checked_until = day_field(
        _("Checked until"),
        required=True,
        help_text=_('On the day after, the card is marked and waits under "To look after".'),
    )


class SuggestionForm(forms.Form):
    """What should be corrected."""

    text = forms.CharField(
        label=_("What is wrong or missing?"), max_length=1000, widget=forms.Textarea({"rows": 4}),
        help_text=_("Say how you know, such as what the customer said. The keeper's answer appears on the card."),
    )  # fmt: skip


class AnswerForm(forms.Form):
    """What becomes of a suggestion."""

    is_taken = forms.TypedChoiceField(
        label=_("What becomes of it?"),
        choices=(("yes", _("Taken up: the card says so now")), ("no", _("Not taken up"))),
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    answer = forms.CharField(
        label=_("Answer"), max_length=500, required=False, widget=forms.Textarea({"rows": 3}),
        help_text=_("Needed when it is not taken up."),
    )  # fmt: skip
