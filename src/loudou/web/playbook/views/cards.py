"""Cards: the list, one card, writing it, publishing it, checking it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from loudou.core import clock
from loudou.playbook import selectors
from loudou.playbook.models import Card
from loudou.playbook.selectors.keeping import USE_DAYS
from loudou.playbook.services import cards as services
from loudou.playbook.services.cards import USUAL_DAYS, CardDraft
from loudou.web.frame.actions import ActionPage, Done
from loudou.web.frame.columns import Column
from loudou.web.frame.form_pages import FormPage
from loudou.web.frame.lists import ListPage
from loudou.web.frame.pages import RecordPage
from loudou.web.frame.ready_views import ReadyView
from loudou.web.playbook.filters import CardFilter
from loudou.web.playbook.forms import CardForm, CheckForm
from loudou.web.playbook.looks import about, kind_mark, state_mark
from loudou.web.templatetags.loudou import badge


def _keepers(query: str) -> Any:
    return lambda user: query.format(user=user.pk) if user.has_permission("playbook.keep") else ""


def _title(card: Card) -> SafeString:
    other = _now("Only in Chinese") if card.speaks_chinese else _now("Only in English")
    marks = [badge(other, "secondary", "language")] if card.is_in_other_language else []
    if card.is_stale(clock.today()):
        marks.append(badge(_now("To be checked"), "orange", "clock-exclamation"))
    return format_html('<span lang="{}">{}</span> {}', card.language, card.name, _joined(marks))


def _joined(marks: list[SafeString]) -> SafeString:
    return format_html("{} " * len(marks), *marks) if marks else SafeString()


class CardList(ListPage):
    """The playbook as a list."""

    permission = "playbook.view"
    template = "playbook/cards.html"
    title = _("Playbook")
    filterset = CardFilter
    columns = (
        Column(name="name", label=_("Card"), html=_title),
        Column(
            name="kind", label=_("Kind"), value="get_kind_display", html=lambda row: kind_mark(row.kind), sort="kind",
        ),
        Column(name="about", label=_("About"), value=about, hide_below="md"),
        Column(
            name="competitor", label=_("Competitor"), value="competitor.name", sort="competitor__name", hide_below="lg",
        ),
        Column(
            name="state", label=_("State"), value="get_state_display", html=lambda row: state_mark(row.state),
            sort="state", shown=False,
        ),
        Column(name="checked_until", label=_("Checked until"), kind="date", sort="checked_until", hide_below="md"),
        Column(name="keeper", label=_("Keeper"), value="keeper.name", sort="keeper__name", hide_below="lg"),
        Column(name="useful", label=_("Useful"), kind="number", sort="useful", hide_below="xl"),
        Column(name="useless", label=_("Not useful"), kind="number", sort="useless", shown=False),
        Column(name="title", label=_("Title in English"), shown=False),
        Column(name="body", label=_("Text in English"), shown=False),
        Column(name="title_zh", label=_("Title in Chinese"), shown=False),
        Column(name="body_zh", label=_("Text in Chinese"), shown=False),
        Column(name="updated_at", label=_("Last changed"), kind="date", sort="updated_at", shown=False),
    )  # fmt: skip
    default_sort = "kind"
    row_url_name = "playbook:card"
    export_permission = "playbook.export"
    ready_views = (
        ReadyView(label=_("To be checked"), query=_keepers("stale=true&sort=checked_until")),
        ReadyView(label=_("I keep"), query=_keepers("keeper={user}")),
        ReadyView(label=_("Drafts"), query=_keepers("state=draft")),
    )
    add_url_name, add_permission, add_label = "playbook:card_add", "playbook.keep", _("New card")
    empty_icon = "book"
    empty_title = _("The playbook is empty")
    empty_text = _(
        "One card, one thing: what to say, how to answer an objection, what a rival is weak at, a fact with its "
        "figure. Cards appear beside the sales that they fit."
    )

    def rows(self) -> QuerySet[Card]:
        """Cards that the reader may see."""
        return selectors.cards_to_keep(self.request.user)

    def header(self) -> dict[str, Any]:
        """Whether the reader keeps the playbook."""
        return {"may_keep": self.request.user.has_permission("playbook.keep")}


class CardPage(RecordPage):
    """One card."""

    permission = "playbook.view"
    template = "playbook/card.html"
    record_name = "card"
    section = "playbook:card_list"

    def record(self) -> Card:
        """The card."""
        if not hasattr(self, "_card"):
            self._card = selectors.get_card(self.request.user, self.kwargs["pk"])
        return self._card

    @property
    def may_keep(self) -> bool:
        """Whether the reader keeps the playbook."""
        return self.request.user.has_permission("playbook.keep")

    @property
    def edit_url(self) -> str:
        """The form that `e` opens."""
        return reverse("playbook:card_edit", args=[self.kwargs["pk"]]) if self.may_keep else ""

    def breadcrumbs(self) -> list[tuple[Any, str]]:
        """The list."""
        return [(_("Playbook"), reverse("playbook:card_list"))]

    def context(self) -> dict[str, Any]:
        """Votes, and what was suggested."""
        card, user = self.record(), self.request.user
        return {
            "vote": selectors.vote_of(user, card),
            "figures": selectors.figures_of(card, today=clock.today()),
            "use_days": USE_DAYS,
            "suggestions": selectors.suggestions_of(user, card)[:20],
            "is_stale": card.is_stale(clock.today()),
            "questions": selectors.questions_about(card) if self.may_keep else (),
        }


class CardFormPage(FormPage):
    """A card that is being written."""

    permission = "playbook.keep"
    template = "playbook/card_form.html"
    form_class = CardForm
    section = "playbook:card_list"

    @property
    def is_chinese(self) -> bool:
        """Whether the Chinese words come first."""
        return (get_language() or "").startswith("zh")

    def form_kwargs(self) -> dict[str, Any]:
        """The form offers what the reader may see."""
        return {"request": self.request}


class CardAdd(CardFormPage):
    """A new card."""

    title = _("New card")

    def initial(self, record: Any) -> dict[str, Any]:
        """What the address says, such as the product whose page led here."""
        known = {name: self.request.GET.getlist(name) for name in ("products", "lines") if name in self.request.GET}
        return {**{name: value for name, value in self.request.GET.items() if name not in known}, **known}

    def save(self, form: CardForm, *, version: int | None) -> Done:
        """Write it as a draft."""
        card = services.create_card(self.request.user, draft=CardDraft(**form.changes()))
        message = _now("%(name)s is a draft. Publish it when it is right.") % {"name": card.name}
        return Done(message=message, url=reverse("playbook:card", args=[card.pk]), leave=True)


class CardEdit(CardFormPage):
    """Change a card."""

    title = _("Edit card")

    def record(self) -> Card:
        """The card."""
        return selectors.get_card(self.request.user, self.kwargs["pk"])

    def initial(self, record: Any) -> dict[str, Any]:
        """The card as it is."""
        return CardForm.values(record)

    def save(self, form: CardForm, *, version: int | None) -> Done:
        """Change it."""
        card = services.update_card(self.request.user, self.kwargs["pk"], changes=form.changes(), version=version)
        return Done(
            message=_now("%(name)s is saved.") % {"name": card.name}, url=reverse("playbook:card", args=[card.pk])
        )


class CardCheck(FormPage):
    """Say that a card holds, and until when."""

    permission = "playbook.keep"
    title = _("Still right?")
    form_class = CheckForm
    submit_label = _("It is right")

    def record(self) -> Card:
        """The card."""
        return selectors.get_card(self.request.user, self.kwargs["pk"])

    def initial(self, record: Any) -> dict[str, Any]:
        """Half a year."""
        return {"checked_until": clock.today() + dt.timedelta(days=USUAL_DAYS)}

    def save(self, form: CheckForm, *, version: int | None) -> Done:
        """Note it."""
        card = services.check_card(
            self.request.user,
            self.kwargs["pk"],
            today=clock.today(),
            checked_until=form.cleaned_data["checked_until"],
            version=version,
        )
        return Done(message=_now("%(name)s is checked.") % {"name": card.name}, url=self.address)

    @property
    def address(self) -> str:
        """The card's page."""
        return reverse("playbook:card", args=[self.kwargs["pk"]])


class CardPublish(CardCheck):
    """Show a card to everybody."""

    title = _("Publish")
    submit_label = _("Publish")

    def save(self, form: CheckForm, *, version: int | None) -> Done:
        """Publish it."""
        card = services.publish_card(
            self.request.user,
            self.kwargs["pk"],
            today=clock.today(),
            checked_until=form.cleaned_data["checked_until"],
            version=version,
        )
        message = _now("%(name)s is published: it appears beside the sales that it fits.") % {"name": card.name}
        return Done(message=message, url=self.address)


class CardWithdraw(ActionPage):
    """Show a card to nobody any more."""

    permission = "playbook.keep"

    def act(self) -> Done:
        """Withdraw it."""
        card = services.withdraw_card(self.request.user, self.kwargs["pk"])
        message = _now("%(name)s is withdrawn. It stays on record.") % {"name": card.name}
        return Done(message=message, url=reverse("playbook:card", args=[card.pk]))
