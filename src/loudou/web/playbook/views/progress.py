"""How far people are with a reading list."""

from __future__ import annotations

import functools
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, MultipleChoiceFilter

from loudou.core import clock
from loudou.people.models import User
from loudou.playbook import selectors
from loudou.playbook.choices import ReadingState
from loudou.playbook.models import ReadingList
from loudou.web.frame.columns import Column
from loudou.web.frame.filters import ListFilter
from loudou.web.frame.lists import ListPage
from loudou.web.frame.ready_views import ReadyView
from loudou.web.playbook.looks import reading_mark


class ProgressFilter(ListFilter):
    """By what readers are narrowed."""

    main = ("reading_state",)

    q = CharFilter(label=_("Search"), method="search")
    reading_state = MultipleChoiceFilter(label=_("State"), choices=ReadingState.choices)

    def search(self, rows: QuerySet[Any], name: str, words: str) -> QuerySet[Any]:
        """People whose name holds the words."""
        return rows.filter(name__icontains=words.strip())


def _read(row: Any) -> str:
    return _now("%(read)s of %(all)s") % {"read": row.read, "all": row.cards}


def _best(row: Any) -> str:
    if row.best_total is None:
        return ""
    return _now("%(right)s of %(total)s") % {"right": row.best_right, "total": row.best_total}


class ProgressList(ListPage):
    """Who is asked to read a list, how far they are, and how their quiz went."""

    permission = "playbook.view"
    filterset = ProgressFilter
    columns = (
        Column(name="name", label=_("Person"), sort="name"),
        Column(
            name="reading_state", label=_("State"), value=lambda row: str(ReadingState(row.reading_state).label),
            html=lambda row: reading_mark(row.reading_state), sort="reading_state",
        ),
        Column(name="read", label=_("Read"), value=_read, sort="read"),
        Column(name="due_on", label=_("Due"), kind="date", sort="due_on", hide_below="sm"),
        Column(name="best", label=_("Best quiz"), value=_best, sort="best_right", hide_below="md"),
        Column(name="attempts", label=_("Quizzes"), kind="number", sort="attempts", hide_below="lg"),
        Column(name="passed_on", label=_("Passed on"), kind="date", sort="passed_on", hide_below="md"),
        Column(name="start", label=_("Started here on"), kind="date", sort="start", shown=False),
    )  # fmt: skip
    default_sort = "due_on"
    export_permission = "playbook.export"
    ready_views = (
        ReadyView(label=_("Overdue"), query="reading_state=overdue"),
        ReadyView(
            label=_("Not yet passed"), query="reading_state=overdue&reading_state=under_way&reading_state=not_begun"
        ),
    )
    section = "playbook:card_list"
    empty_icon = "book"
    empty_title = _("Nobody here")
    empty_text = _("The list asks nobody whose progress you follow.")

    @functools.cached_property
    def reading_list(self) -> ReadingList:
        """The list. Raises NotVisible."""
        return selectors.get_list(self.request.user, self.kwargs["pk"])

    @property
    def title(self) -> str:  # type: ignore[override]
        """What the page is called."""
        return _now("Progress: %(name)s") % {"name": self.reading_list}

    def rows(self) -> QuerySet[User]:
        """People whose progress one follows."""
        return selectors.readers_of(self.request.user, self.reading_list, today=clock.today())

    def breadcrumbs(self) -> list[tuple[Any, str]]:
        """The list, for who keeps it."""
        if not self.request.user.has_permission("playbook.keep"):
            return [(_("Playbook"), reverse("playbook:card_list"))]
        return [
            (_("Reading lists"), reverse("playbook:reading_lists")),
            (self.reading_list, reverse("playbook:reading_list", args=[self.reading_list.pk])),
        ]
