"""Forms of handovers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from loudou.handover.choices import SplitBy
from loudou.handover.selectors.letters import Addressee
from loudou.web.frame.choosers import ChooserField, chooser_of_several
from loudou.web.frame.pages import PageRequest

LEAVES = ((False, _("Leaves the company: access ends at once")), (True, _("Stays: hands over a part, or for a time")))


class PlanForm(forms.Form):
    """The rule, the day, and what successors should know."""

    keeps_access = forms.TypedChoiceField(
        label=_("What happens"),
        choices=LEAVES,
        coerce=lambda value: value in (True, "True"),
        widget=forms.RadioSelect,
        initial=False,
    )
    successor = ChooserField(
        "people",
        label=_("Everything goes to"),
        required=False,
        help_text=_("Single customers can go to others in the next step, and all can be split evenly."),
    )
    last_day = forms.DateField(label=_("Last working day"), widget=forms.DateInput)
    reason = forms.CharField(label=_("Reason"), max_length=255, required=False)
    note = forms.CharField(
        label=_("What successors should know"), max_length=5000, required=False, widget=forms.Textarea
    )

    def __init__(self, *args: Any, request: PageRequest, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["successor"].offer(request)  # type: ignore[attr-defined]

    def facts(self) -> dict[str, Any]:
        """What the service takes."""
        given = dict(self.cleaned_data)
        successor = given.pop("successor")
        return given | {"successor_id": successor.pk if successor else None}


class ChooseForm(forms.Form):
    """Who gets what was ticked, or everything that is shown."""

    successor = ChooserField("people", label=_("Give to"), required=False)

    def __init__(self, *args: Any, request: PageRequest, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["successor"].offer(request)  # type: ignore[attr-defined]


class SplitForm(forms.Form):
    """Among whom, and what each gets equally much of."""

    by = forms.ChoiceField(
        label=_("So that each gets equally much of"),
        choices=SplitBy.choices,
        widget=forms.RadioSelect,
        initial="amount",
    )

    def __init__(self, *args: Any, request: PageRequest, **options: Any) -> None:
        super().__init__(*args, **options)
        several = chooser_of_several("people", request=request, label=_("Split among"))
        self.fields = {"successors": several, **self.fields}


class NoteForm(forms.Form):
    """What the successor should know about one customer."""

    text = forms.CharField(
        label=_("What the successor should know"), max_length=2000, required=False, widget=forms.Textarea
    )


class ConfirmForm(forms.Form):
    """A remark with the confirmation."""

    remark = forms.CharField(label=_("Remark"), max_length=500, required=False)


class LettersForm(forms.Form):
    """Which contacts are told, and the words in each language that is needed."""

    contacts = forms.MultipleChoiceField(
        label=_("Contacts"), widget=forms.CheckboxSelectMultiple, error_messages={"required": _("Tick somebody.")}
    )

    def __init__(self, *args: Any, people: Sequence[Addressee], languages: Sequence[str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.languages = languages
        self.fields["contacts"].choices = [  # type: ignore[attr-defined]
            (to.contact.pk, f"{to.contact.name} · {to.customer} · {to.address} → {to.successor}") for to in people
        ]
        names = {"zh-hans": (_("Subject in Chinese"), _("Text in Chinese")), "en": (_("Subject"), _("Text"))}
        for language in languages:
            subject, text = names[language]
            self.fields[f"subject_{language}"] = forms.CharField(label=subject, max_length=200)
            area = forms.Textarea(attrs={"rows": 12})
            self.fields[f"text_{language}"] = forms.CharField(label=text, max_length=8000, widget=area)

    def contact_ids(self) -> list[int]:
        """Whom to write."""
        return [int(pk) for pk in self.cleaned_data["contacts"]]

    def words(self) -> dict[str, tuple[str, str]]:
        """Subject and text by language."""
        given = self.cleaned_data
        return {each: (given[f"subject_{each}"], given[f"text_{each}"]) for each in self.languages}
