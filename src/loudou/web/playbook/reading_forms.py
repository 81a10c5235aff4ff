"""Forms of reading lists and their questions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from loudou.people.choices import Role
from loudou.people.models import User
from loudou.people.selectors import teams_visible
from loudou.playbook.choices import QuestionKind
from loudou.playbook.models import ReadingList
from loudou.playbook.models.reading import MOST_DRAWN, MOST_DUE_DAYS
from loudou.playbook.services.questions import MOST, ChoiceDraft, QuestionDraft
from loudou.web.frame.form_fields import day_field

NUMBERS = range(1, MOST + 1)


class ReadingListForm(forms.Form):
    """A list: its name, for whom it is, until when, and how its quiz is passed."""

    name = forms.CharField(label=_("Name in English"), max_length=120, required=False)
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=120, required=False)
    roles = forms.MultipleChoiceField(
        label=_("For roles"), choices=Role.choices, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Without roles and teams the list is for everybody."),
    )  # fmt: skip
    teams = forms.MultipleChoiceField(label=_("For teams"), required=False, help_text=_("And the teams below them."))
    started_since = day_field(
        _("For whoever started on or after"), help_text=_("Left empty: for whoever is here already as well.")
    )
    due_days = forms.IntegerField(
        label=_("Days to read and pass"), min_value=1, max_value=MOST_DUE_DAYS, initial=30,
        help_text=_("From one's first day, or from the day the list was opened if that came later."),
    )  # fmt: skip
    drawn = forms.IntegerField(label=_("Questions in a quiz"), min_value=1, max_value=MOST_DRAWN, initial=8)
    pass_mark = forms.IntegerField(label=_("Pass mark in percent"), min_value=1, max_value=100, initial=80)
    is_active = forms.BooleanField(label=_("Active"), required=False)

    def __init__(self, *args: Any, user: User, is_new: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["teams"].choices = [(str(team.pk), team.name) for team in teams_visible(user)]  # type: ignore[attr-defined]
        if is_new:
            del self.fields["is_active"]

    @staticmethod
    def values(row: ReadingList) -> dict[str, Any]:
        """What the form begins with for a list."""
        plain = ("name", "name_zh", "roles", "started_since", "due_days", "drawn", "pass_mark", "is_active")
        return {name: getattr(row, name) for name in plain} | {"teams": [team.pk for team in row.teams.all()]}

    def changes(self) -> dict[str, Any]:
        """What the services take."""
        given = dict(self.cleaned_data)
        return given | {"team_ids": [int(pk) for pk in given.pop("teams")]}


class AddCardForm(forms.Form):
    """Which card comes onto a list."""

    card = forms.ChoiceField(label=_("Card"))

    def __init__(self, *args: Any, cards: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["card"].choices = [(str(card.pk), card.name) for card in cards]  # type: ignore[attr-defined]


class QuestionForm(forms.Form):
    """A question and its possible answers, in one or both languages."""

    kind = forms.ChoiceField(
        label=_("Kind"), choices=QuestionKind.choices, widget=forms.RadioSelect, initial=QuestionKind.SINGLE
    )
    text = forms.CharField(label=_("Question in English"), max_length=300, required=False)
    text_zh = forms.CharField(label=_("Question in Chinese"), max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for n in NUMBERS:
            facts = {"number": n}
            for name, label in (
                ("choice", _("Answer %(number)s in English") % facts),
                ("choice_zh", _("Answer %(number)s in Chinese") % facts),
            ):
                self.fields[f"{name}_{n}"] = forms.CharField(label=label, max_length=200, required=False)
            self.fields[f"right_{n}"] = forms.BooleanField(
                label=_("Answer %(number)s is right") % facts, required=False
            )

    @property
    def rows(self) -> list[tuple[Any, Any, Any]]:
        """Fields of the possible answers, row by row: English, Chinese, whether it is right."""
        return [(self[f"choice_{n}"], self[f"choice_zh_{n}"], self[f"right_{n}"]) for n in NUMBERS]

    @staticmethod
    def values(draft: QuestionDraft) -> dict[str, Any]:
        """What the form begins with for a question."""
        given: dict[str, Any] = {"kind": draft.kind, "text": draft.text, "text_zh": draft.text_zh}
        for n, choice in enumerate(draft.choices, start=1):
            given |= {f"choice_{n}": choice.text, f"choice_zh_{n}": choice.text_zh, f"right_{n}": choice.is_right}
        return given

    def draft(self) -> QuestionDraft:
        """What the services take."""
        given = self.cleaned_data
        choices = [
            ChoiceDraft(text=given[f"choice_{n}"], text_zh=given[f"choice_zh_{n}"], is_right=given[f"right_{n}"])
            for n in NUMBERS
        ]
        return QuestionDraft(kind=given["kind"], text=given["text"], text_zh=given["text_zh"], choices=choices)
