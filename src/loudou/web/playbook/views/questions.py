"""Writing questions about cards."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from loudou.playbook import selectors
from loudou.playbook.models import Card, Question
from loudou.playbook.services import questions as services
from loudou.web.frame.actions import ActionPage, Done
from loudou.web.frame.form_pages import FormPage
from loudou.web.playbook.reading_forms import QuestionForm


class QuestionAdd(FormPage):
    """A new question about a card."""

    permission = "playbook.keep"
    template = "playbook/question_form.html"
    title = _("New question")
    form_class = QuestionForm
    section = "playbook:card_list"

    def card(self) -> Card:
        """The card that it is about. Raises NotVisible."""
        return selectors.get_card(self.request.user, self.kwargs["pk"])

    def context(self) -> dict[str, Any]:
        """The card, to be read while one asks."""
        return {"card": self.card()}

    def save(self, form: QuestionForm, *, version: int | None) -> Done:
        """Write it."""
        services.write_question(self.request.user, card_id=self.kwargs["pk"], draft=form.draft())
        return Done(message=_now("The question is asked from now on."), url=self.card_url(self.kwargs["pk"]))

    @staticmethod
    def card_url(card_id: int) -> str:
        """Address of the card."""
        return reverse("playbook:card", args=[card_id])


class QuestionEdit(QuestionAdd):
    """Other words for a question."""

    title = _("Edit question")

    def record(self) -> Question:
        """The question."""
        return selectors.get_question(self.request.user, self.kwargs["pk"])

    def card(self) -> Card:
        """The card that it is about."""
        return self.record().card

    def initial(self, record: Any) -> dict[str, Any]:
        """The present words."""
        return QuestionForm.values(services.draft_of(record))

    def save(self, form: QuestionForm, *, version: int | None) -> Done:
        """Write another edition."""
        row = services.edit_question(self.request.user, self.kwargs["pk"], draft=form.draft(), version=version)
        return Done(message=_now("The question is saved."), url=self.card_url(row.card_id))


class QuestionAsked(ActionPage):
    """Ask a question, or no more."""

    permission = "playbook.keep"
    is_active = True

    def act(self) -> Done:
        """Switch it. Raises NotVisible."""
        row = services.ask_question(self.request.user, self.kwargs["pk"], is_active=self.is_active)
        message = _now("The question is asked again.") if self.is_active else _now("The question is asked no more.")
        return Done(message=message, url=QuestionAdd.card_url(row.card_id))
