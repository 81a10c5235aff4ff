"""Handovers that were carried out: the list, each with what changed hands, and the successor's confirmation."""

from __future__ import annotations

import functools
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loudou.core import clock
from loudou.handover.choices import Kind
from loudou.handover.models import Handover
from loudou.handover.selectors import handovers as selectors
from loudou.handover.selectors.letters import letters_of
from loudou.handover.services.confirming import confirm_handover
from loudou.web.frame.actions import Done
from loudou.web.frame.columns import Column
from loudou.web.frame.form_pages import FormPage
from loudou.web.frame.lists import ListPage
from loudou.web.frame.pages import Page, RecordPage
from loudou.web.frame.paging import turn_to
from loudou.web.handover.forms import ConfirmForm
from loudou.web.handover.rows import ICONS, ONE, PER_PAGE, address_of
from loudou.web.people.history import history_of
from loudou.web.templatetags.loudou import badge

SECTION = "handover:list"


def successors_of(row: Handover) -> str:
    """Who took over."""
    return ", ".join(str(part.successor) for part in row.parts.all())


def is_confirmed(row: Handover) -> bool:
    """Whether everybody who took over confirmed it."""
    return all(hasattr(part, "confirmation") for part in row.parts.all())


def confirmed_badge(row: Handover) -> SafeString:
    """Whether it is confirmed, in words and colour."""
    if is_confirmed(row):
        return badge(_("Confirmed"), "green", "circle-check")
    return badge(_("Not confirmed yet"), "yellow", "clock")


def what_badge(row: Handover) -> SafeString:
    """Whether the person left."""
    return badge(_("Stayed"), "secondary", "user") if row.keeps_access else badge(_("Left"), "azure", "logout")


class HandoverList(ListPage):
    """Handovers that the reader may see, the latest first, and those that are being prepared."""

    permission = "people.view"
    template = "handover/list.html"
    title = gettext_lazy("Handovers")
    columns = (
        Column(name="leaver", label=gettext_lazy("Who handed over"), sort="leaver__name"),
        Column(name="what", label=gettext_lazy("Afterwards"), html=what_badge, value="keeps_access"),
        Column(name="successors", label=gettext_lazy("Successors"), value=successors_of),
        Column(name="customers", label=gettext_lazy("Customers"), value="customers", kind="number"),
        Column(name="sales", label=gettext_lazy("Opportunities"), value="sales", kind="number", hide_below="md"),
        Column(name="contracts", label=gettext_lazy("Contracts"), value="contracts", kind="number", hide_below="md"),
        Column(name="last_day", label=gettext_lazy("Last working day"), kind="date", sort="last_day", hide_below="lg"),
        Column(name="at", label=gettext_lazy("When"), kind="datetime", sort="at"),
        Column(name="confirmed", label=gettext_lazy("State"), html=confirmed_badge, value=is_confirmed),
        Column(name="reason", label=gettext_lazy("Reason"), shown=False),
    )
    default_sort = "-at"
    row_url_name = "handover:handover"
    empty_icon = "user-share"
    empty_title = gettext_lazy("Nothing was handed over yet")
    empty_text = gettext_lazy("When somebody leaves, open the person under Users and choose “Hand over…”.")

    def rows(self) -> Any:
        """With what changed hands, counted."""
        return selectors.counted(selectors.handover_rows(self.request.user))

    def header(self) -> dict[str, Any]:
        """What is being prepared, and whether the reader may begin another."""
        user = self.request.user
        may = user.has_permission("people.hand_over")
        return {"plans": list(selectors.open_plans(user)) if may else [], "may_hand_over": may}


class HandoverPage(RecordPage):
    """One handover: who took over what, as it stood at that moment; confirmations, letters, history."""

    permission = "people.view"
    section = SECTION
    template = "handover/handover.html"
    record_name = "handover"

    @functools.cached_property
    def found(self) -> Handover:
        """The handover. Raises NotVisible."""
        return selectors.get_handover(self.request.user, self.kwargs["pk"])

    def record(self) -> Handover:
        """The handover."""
        return self.found

    def context(self) -> dict[str, Any]:
        """Everything in eight statements, a page of things at a time."""
        user, handover = self.request.user, self.found
        asked, to = self.request.GET.get("kind", ""), self.request.GET.get("to", "")
        things = selectors.items_of(handover)
        if asked in Kind.values:
            things = things.filter(kind=asked)
        if to.isdecimal() and len(to) < 19:  # noqa: PLR2004
            things = things.filter(part__successor_id=int(to))
        page = self.request.GET.get("page", "")
        rows_page = turn_to(things, number=int(page) if page.isdecimal() and len(page) < 7 else 1, size=PER_PAGE)  # noqa: PLR2004
        parts = selectors.parts_of(handover)
        mine = next((part for part in parts if part.part.successor_id == user.pk), None)
        return {
            "title": _("Handover: %(name)s") % {"name": handover.leaver.name},
            "parts": parts,
            "rows_page": rows_page,
            "rows": [(item, str(ONE[item.kind]), ICONS[item.kind], address_of(item.kind, item.object_id))
                     for item in rows_page.rows],
            "kinds": Kind.choices,
            "asked": asked,
            "asked_to": to,
            "letters": list(letters_of(handover)) if user.has_permission("people.hand_over") else None,
            "sends_mail": settings.SENDS_MAIL,
            "may_confirm": mine is not None and mine.confirmation is None,
            "history": history_of(user, handover) if user.has_permission("audit.view") else None,
        }  # fmt: skip

    def breadcrumbs(self) -> list[tuple[str | Promise, str]]:
        """The list."""
        return [(_("Handovers"), reverse(SECTION))]


class Confirm(FormPage):
    """The successor says that everything has arrived."""

    permission = "people.own"
    section = SECTION
    title = gettext_lazy("Confirm that you have taken over")
    form_class = ConfirmForm
    submit_label = gettext_lazy("Confirm")

    def record(self) -> Handover:
        """The handover. Raises NotVisible."""
        return selectors.get_handover(self.request.user, self.kwargs["pk"])

    def initial(self, record: models.Model | None) -> dict[str, Any]:
        """Nothing is given."""
        return {}

    def save(self, form: ConfirmForm, *, version: int | None) -> Done:
        """Confirm."""
        confirm_handover(self.request.user, self.kwargs["pk"], at=clock.now(), remark=form.cleaned_data["remark"])
        return Done(message=_("Confirmed. Thank you."), url=reverse("handover:handover", args=[self.kwargs["pk"]]))


class Waiting(Page):
    """What came by handovers and is not confirmed yet, for the start page, which fetches it."""

    permission = "home.view"
    template = "handover/_waiting.html"

    def context(self) -> dict[str, Any]:
        """One's own alone."""
        return {"waiting": list(selectors.to_confirm(self.request.user)[:5])}
