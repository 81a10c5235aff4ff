"""Keeping reading lists: all of them, one with its cards and questions, its form."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from loudou.core import clock
from loudou.people.choices import Role
from loudou.playbook import selectors
from loudou.playbook.models import ReadingList
from loudou.playbook.services import lists as services
from loudou.playbook.services.lists import ListDraft
from loudou.web.frame.actions import ActionPage, Done
from loudou.web.frame.columns import Column
from loudou.web.frame.form_pages import FormPage
from loudou.web.frame.lists import ListPage
from loudou.web.frame.pages import RecordPage
from loudou.web.playbook.reading_forms import AddCardForm, ReadingListForm

LISTS = "playbook:reading_lists"
Crumbs = list[tuple[Any, str]]


def to_lists() -> Crumbs:
    """The way to the lists."""
    return [(_("Playbook"), reverse("playbook:card_list")), (_("Reading lists"), reverse(LISTS))]


def audience(row: ReadingList) -> str:
    """For whom a list is, in one line."""
    roles = [str(Role(role).label) for role in row.roles]
    teams = [str(team) for team in row.teams.all()]
    return " · ".join(filter(None, (", ".join(roles), ", ".join(teams)))) or _now("Everybody")


class ReadingLists(ListPage):
    """All lists, for who keeps them."""

    permission = "playbook.keep"
    title = _("Reading lists")
    columns = (
        Column(name="name", label=_("Reading list"), value=str),
        Column(name="audience", label=_("For whom"), value=audience),
        Column(name="cards", label=_("Cards"), kind="number", sort="cards"),
        Column(name="questions", label=_("Questions"), kind="number", sort="questions", hide_below="md"),
        Column(name="due_days", label=_("Days"), kind="number", sort="due_days", hide_below="md"),
        Column(name="pass_mark", label=_("Pass mark in percent"), kind="number", sort="pass_mark", hide_below="lg"),
        Column(name="is_active", label=_("Active"), kind="boolean", sort="is_active", hide_below="sm"),
    )
    default_sort = "-is_active"
    row_url_name = "playbook:reading_list"
    export_permission = "playbook.export"
    add_url_name, add_permission, add_label = "playbook:reading_list_add", "playbook.keep", _("New reading list")
    section = "playbook:card_list"
    empty_icon = "book"
    empty_title = _("No reading lists yet")
    empty_text = _("Put the cards in order that a newcomer reads first, and ask a few questions about them.")

    def rows(self) -> QuerySet[ReadingList]:
        """Lists that one may see."""
        return selectors.lists_to_keep(self.request.user)


class ReadingListPage(RecordPage):
    """One list as its keeper sees it: cards in order, questions, settings."""

    permission = "playbook.keep"
    template = "playbook/reading_list.html"
    section = "playbook:card_list"

    def record(self) -> ReadingList:
        """The list."""
        return selectors.get_list(self.request.user, self.kwargs["pk"])

    @property
    def edit_url(self) -> str:
        """The form that `e` opens."""
        return reverse("playbook:reading_list_edit", args=[self.kwargs["pk"]])

    def breadcrumbs(self) -> Crumbs:
        """The lists."""
        return to_lists()

    def context(self) -> dict[str, Any]:
        """Cards and questions."""
        row = self.record()
        return {
            "items": selectors.items_of(row),
            "questions": selectors.questions_of(row),
            "audience": audience(row),
        }


class ReadingListAdd(FormPage):
    """A new list."""

    permission = "playbook.keep"
    title = _("New reading list")
    form_class = ReadingListForm
    section = "playbook:card_list"

    def form_kwargs(self) -> dict[str, Any]:
        """The form offers the teams that one sees."""
        return {"user": self.request.user}

    def save(self, form: ReadingListForm, *, version: int | None) -> Done:
        """Make it."""
        row = services.create_list(self.request.user, draft=ListDraft(**form.changes()), today=clock.today())
        return Done(
            message=_now("%(name)s is made. Put cards on it.") % {"name": row},
            url=reverse("playbook:reading_list", args=[row.pk]),
            leave=True,
        )


class ReadingListEdit(ReadingListAdd):
    """Change a list."""

    title = _("Edit reading list")

    def record(self) -> ReadingList:
        """The list."""
        return selectors.get_list(self.request.user, self.kwargs["pk"])

    def initial(self, record: Any) -> dict[str, Any]:
        """The list as it is."""
        return ReadingListForm.values(record)

    def form_kwargs(self) -> dict[str, Any]:
        """An existing list can be switched off."""
        return {**super().form_kwargs(), "is_new": False}

    def save(self, form: ReadingListForm, *, version: int | None) -> Done:
        """Change it."""
        row = services.update_list(self.request.user, self.kwargs["pk"], changes=form.changes(), version=version)
        return Done(
            message=_now("%(name)s is saved.") % {"name": row}, url=reverse("playbook:reading_list", args=[row.pk])
        )


class AddCard(FormPage):
    """Put a card on a list."""

    permission = "playbook.keep"
    title = _("Put a card on the list")
    form_class = AddCardForm
    submit_label = _("Put on the list")

    def form_kwargs(self) -> dict[str, Any]:
        """Published cards that are not on the list. Raises NotVisible."""
        row = selectors.get_list(self.request.user, self.kwargs["pk"])
        cards = selectors.card_rows(self.request.user).published()
        return {"cards": cards.exclude(pk__in=row.items.values("card"))}

    def save(self, form: AddCardForm, *, version: int | None) -> Done:
        """Put it at the end."""
        item = services.add_to_list(self.request.user, self.kwargs["pk"], card_id=int(form.cleaned_data["card"]))
        message = _now("%(name)s is on the list.") % {"name": item.card.name}
        return Done(message=message, url=reverse("playbook:reading_list", args=[self.kwargs["pk"]]))


class ItemAct(ActionPage):
    """Something done to a card of a list; leads back to the list."""

    permission = "playbook.keep"
    act_name = ""

    def act(self) -> Done:
        """Do it."""
        user, pk = self.request.user, self.kwargs["pk"]
        item = selectors.get_item(user, pk)
        words = {"name": item.card.name}
        if self.act_name == "off":
            services.take_off_list(user, pk)
            message = _now("%(name)s is off the list.") % words
        elif self.act_name == "again":
            services.ask_to_read_again(user, pk)
            message = _now("%(name)s is to be read again by whoever read older words.") % words
        else:
            services.move_in_list(user, pk, by=-1 if self.act_name == "up" else 1)
            message = ""
        return Done(message=message, url=reverse("playbook:reading_list", args=[item.reading_list_id]))
