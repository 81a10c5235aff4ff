"""The quiz of a reading list: beginning, answering on one page, the result."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from loudou.core import clock
from loudou.core.refusals import InvalidInput
from loudou.playbook import selectors
from loudou.playbook.choices import QuestionKind
from loudou.playbook.models import Attempt
from loudou.playbook.selectors import Asked
from loudou.playbook.services import reading as services
from loudou.web.frame.actions import ActionPage, Done
from loudou.web.frame.pages import Page
from loudou.web.playbook.views.reading import Crumbs, to_reading

NAME = "question_{}"
_NUMBER = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Shown:
    """A question on the page, with what was ticked before it came back."""

    each: Asked
    ticked: frozenset[int]
    mistakes: Sequence[str]

    @property
    def name(self) -> str:
        """Name of its fields."""
        return NAME.format(self.each.asked.position)

    @property
    def is_multiple(self) -> bool:
        """Whether several answers may be ticked."""
        return self.each.asked.edition.kind == QuestionKind.MULTIPLE


class StartQuiz(ActionPage):
    """Begin a quiz, or go on with it."""

    permission = "playbook.view"

    def act(self) -> Done:
        """Lead to the questions."""
        attempt = services.start_attempt(self.request.user, self.kwargs["pk"], at=clock.now())
        return Done(url=reverse("playbook:attempt", args=[attempt.pk]), leave=True)


class AttemptPage(Page):
    """A quiz: its questions while it is not handed in, its result after that."""

    permission = "playbook.view"
    template = "playbook/attempt.html"
    section = "playbook:card_list"

    @functools.cached_property
    def attempt(self) -> Attempt:
        """The attempt. Raises NotVisible."""
        return selectors.get_attempt(self.request.user, self.kwargs["pk"])

    @functools.cached_property
    def asked(self) -> list[Asked]:
        """What it asks."""
        return selectors.asked_in(self.attempt)

    def context(self) -> dict[str, Any]:
        """Questions to answer, or what became of them."""
        if not hasattr(self.attempt, "result"):
            questions = [Shown(each, frozenset(), ()) for each in self.asked]
            return {"title": self.quiz_title, "attempt": self.attempt, "questions": questions}
        result = self.attempt.result
        return {
            "title": self.quiz_title,
            "attempt": self.attempt,
            "result": result,
            "is_own": self.attempt.user_id == self.request.user.pk,
            "asked": self.asked,
            # What is right is told to whoever has passed; before that the card says it.
            "right": selectors.right_choices(self.attempt) if result.is_passed else frozenset(),
        }

    @property
    def quiz_title(self) -> str:
        """What the page is called."""
        return str(_("Quiz: %(name)s") % {"name": self.attempt.reading_list})

    def breadcrumbs(self) -> Crumbs:
        """One's lists."""
        return to_reading()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show questions or result."""
        return self.render(template="" if not hasattr(self.attempt, "result") else "playbook/result.html")


class HandIn(AttemptPage):
    """Hand a quiz in; gaps bring it back with what was ticked."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Mark it, once."""
        given = ticked(request.POST)
        try:
            services.finish_attempt(self.request.user, self.kwargs["pk"], answers=given, at=clock.now())
        except InvalidInput as refusal:
            questions = [
                Shown(each, frozenset(given.get(each.asked.position, ())), refusal.errors.get(name, ()))
                for each in self.asked
                for name in [NAME.format(each.asked.position)]
            ]
            return self.render(status=422, questions=questions, gaps=len(refusal.errors))
        return HttpResponseRedirect(reverse("playbook:attempt", args=[self.kwargs["pk"]]))


def ticked(posted: QueryDict) -> dict[int, list[int]]:
    """Answers by position; what is no number is no answer."""
    prefix = NAME.format("")
    return {
        int(name.removeprefix(prefix)): [int(value) for value in values if _NUMBER.fullmatch(value)]
        for name, values in posted.lists()
        if name.startswith(prefix) and _NUMBER.fullmatch(name.removeprefix(prefix))
    }
