"""What readers make of cards, and the desk of whoever keeps them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from loudou.core import clock
from loudou.playbook import selectors
from loudou.playbook.models import Card, CardSuggestion
from loudou.playbook.services import feedback as services
from loudou.web.frame.actions import ActionPage, Done
from loudou.web.frame.form_pages import FormPage
from loudou.web.frame.pages import Page
from loudou.web.playbook.forms import AnswerForm, SuggestionForm

SHOWN = 50


class CardUsed(ActionPage):
    """That the reader unfolded a card."""

    permission = "playbook.view"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Count it; there is nothing to show."""
        services.note_use(self.request.user, self.kwargs["pk"], today=clock.today())
        return HttpResponse(status=204)


class CardVoted(ActionPage):
    """Whether a card helped."""

    permission = "playbook.view"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Note it; htmx gets the buttons anew, so that the cards around stay unfolded."""
        said = request.POST.get("useful", "")
        if said not in ("yes", "no"):
            raise BadRequest
        vote = services.vote_on_card(self.request.user, self.kwargs["pk"], is_useful=said == "yes", at=clock.now())
        if not getattr(request, "htmx", None):
            message = _now("Thank you.")
            return self.finish(Done(message=message, url=reverse("playbook:card", args=[self.kwargs["pk"]])))
        return self.render(template="playbook/_vote.html", card=vote.card, vote=vote)


class SuggestCorrection(FormPage):
    """Tell the keeper what should be corrected."""

    permission = "playbook.view"
    title = _("Suggest a correction")
    form_class = SuggestionForm
    submit_label = _("Send to the keeper")

    def card(self) -> Card:
        """The card. Raises NotVisible."""
        return selectors.get_card(self.request.user, self.kwargs["pk"])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the form to whoever sees the card."""
        self.card()
        return super().get(request, *args, **kwargs)

    def save(self, form: SuggestionForm, *, version: int | None) -> Done:
        """Send it."""
        row = services.suggest_correction(
            self.request.user, self.kwargs["pk"], text=form.cleaned_data["text"], at=clock.now()
        )
        message = _now("Thank you. Your suggestion waits for the keeper; the answer appears on the card.")
        return Done(message=message, url=reverse("playbook:card", args=[row.card_id]))


class AnswerSuggestion(FormPage):
    """Take a suggestion up, or say why not."""

    permission = "playbook.keep"
    template = "playbook/answer.html"
    title = _("Answer a suggestion")
    form_class = AnswerForm
    submit_label = _("Answer")

    def suggestion(self) -> CardSuggestion:
        """The suggestion. Raises NotVisible."""
        return selectors.get_suggestion(self.request.user, self.kwargs["pk"])

    def context(self) -> dict[str, Any]:
        """What was suggested."""
        return {"suggestion": self.suggestion()}

    def save(self, form: AnswerForm, *, version: int | None) -> Done:
        """Answer it."""
        row = services.answer_suggestion(self.request.user, self.kwargs["pk"], at=clock.now(), **form.cleaned_data)
        return Done(message=_now("Answered."), url=reverse("playbook:card", args=[row.card_id]))


class Desk(Page):
    """What whoever keeps the playbook has to look after: cards to check, suggestions to answer."""

    permission = "playbook.keep"
    template = "playbook/desk.html"
    title = _("Playbook: to look after")
    may_keep = True
    section = "playbook:card_list"

    def context(self) -> dict[str, Any]:
        """The longest overdue first."""
        user, today = self.request.user, clock.today()
        stale = list(selectors.stale_cards(user, today=today)[: SHOWN + 1])
        return {
            "stale": stale[:SHOWN],
            "has_more": len(stale) > SHOWN,
            "suggestions": selectors.open_suggestions(user)[:SHOWN],
            "without_keeper": selectors.cards_without_keeper(user)[:SHOWN],
            "today": today,
        }

    def breadcrumbs(self) -> list[tuple[Any, str]]:
        """The list."""
        return [(_("Playbook"), reverse("playbook:card_list"))]
