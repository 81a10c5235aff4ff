"""What one has to read, a card in reading mode, and the note on the start page."""

from __future__ import annotations

import functools
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from loudou.core import clock
from loudou.core.refusals import NotVisible
from loudou.playbook import selectors
from loudou.playbook.selectors import Progress, Step
from loudou.playbook.services import reading as services
from loudou.web.frame.actions import ActionPage, Done
from loudou.web.frame.pages import Page

MINE = "playbook:reading"
Crumbs = list[tuple[Any, str]]


def to_reading() -> Crumbs:
    """The way to one's own reading lists."""
    return [(_("Playbook"), reverse("playbook:card_list")), (_("My reading list"), reverse(MINE))]


class MyReading(Page):
    """The lists that one is asked to read: cards in order, what is read, and the quiz."""

    permission = "playbook.view"
    template = "playbook/reading.html"
    title = _("My reading list")
    section = "playbook:card_list"

    def context(self) -> dict[str, Any]:
        """What is open first."""
        found = selectors.my_progress(self.request.user, today=clock.today())
        return {"lists": sorted(found, key=lambda each: (not each.is_open, each.due_on, each.reading_list.pk))}

    def breadcrumbs(self) -> Crumbs:
        """The playbook."""
        return to_reading()[:1]


class ReadingWaiting(Page):
    """A part of the start page: the lists in which something is open."""

    permission = "playbook.view"
    template = "playbook/_waiting.html"

    def context(self) -> dict[str, Any]:
        """The most urgent first."""
        found = selectors.my_progress(self.request.user, today=clock.today())
        return {"lists": sorted((each for each in found if each.is_open), key=lambda each: each.due_on)}


class ReadCard(Page):
    """A card as a page of a list: its text, "I have read this", and what comes next."""

    permission = "playbook.view"
    template = "playbook/read.html"
    section = "playbook:card_list"

    @functools.cached_property
    def progress(self) -> Progress:
        """How far the reader is with the list. Raises NotVisible."""
        return selectors.get_my_progress(self.request.user, self.kwargs["pk"], today=clock.today())

    def context(self) -> dict[str, Any]:
        """The card, its place in the list, and its neighbours."""
        steps = self.progress.steps
        place = next((n for n, step in enumerate(steps) if step.card.pk == self.kwargs["card"]), None)
        if place is None:
            raise NotVisible
        return {
            "title": steps[place].card.name,
            "progress": self.progress,
            "step": steps[place],
            "place": place + 1,
            "before": steps[place - 1] if place else None,
            "after": steps[place + 1] if place + 1 < len(steps) else None,
        }

    def breadcrumbs(self) -> Crumbs:
        """One's lists."""
        return to_reading()


class CardRead(ActionPage):
    """That the reader has read a card; leads to the next one."""

    permission = "playbook.view"

    def act(self) -> Done:
        """Note it."""
        user, list_id, card_id = self.request.user, self.kwargs["pk"], self.kwargs["card"]
        services.mark_read(user, card_id, at=clock.now())
        progress = selectors.get_my_progress(user, list_id, today=clock.today())
        following: Step | None = progress.after(card_id)
        if following is None:
            message = _now("Everything is read. Now the quiz.") if progress.asks else _now("Everything is read.")
            return Done(message=message, url=reverse(MINE), leave=True)
        return Done(url=reverse("playbook:read", args=[list_id, following.card.pk]), leave=True)
