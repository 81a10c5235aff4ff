"""Cards of board and forecast, drawn in Python: a page has hundreds, and a template tag costs more than a card."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from functools import lru_cache
from html import escape
from urllib.parse import quote

from babel.dates import format_date
from babel.numbers import get_currency_symbol
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from loudou.pipeline.choices import Priority
from loudou.pipeline.models import Stage
from loudou.pipeline.selectors.cards import Card
from loudou.web.frame import formats


class CardArtist:
    """Draws cards for one reader: words, icons and addresses are prepared once and filled in per card."""

    def __init__(
        self,
        *,
        stages: Mapping[int, Stage],
        today: dt.date,
        may_change: bool,
        act: str = "move",
        shows_stage: bool = False,
    ) -> None:
        from loudou.web.templatetags.loudou import icon  # the tags import the frame's lists

        self.today = today
        self.may_change, self.act = may_change, act
        self.names = {pk: escape(stage.label) for pk, stage in stages.items()}
        self.limits = {pk: stage.expected_days for pk, stage in stages.items()}
        self.shows_stage = shows_stage
        self.language, self.in_wan = formats.locale().language, formats.use_wan.get()
        self.record = reverse("pipeline:opportunity", args=[0]).removesuffix("0/")
        self.overdue, self.move = escape(_("overdue")), escape(_("Move or close %(name)s"))
        self.days, self.no_amount = escape(_("%(days)s d")), escape(_("no amount"))
        self.days_hint = escape(_("%(days)s days in this stage; expected %(limit)s"))
        self.too_long = escape(_("too long"))
        self.clock, self.dots = icon("clock-exclamation"), icon("dots-vertical")
        self.late_step = icon("calendar-exclamation", _("Next step overdue"))
        self.no_step = icon("calendar-off", _("No next step"))
        self.star, self.high = icon("star-filled", _("You follow this")), icon("chevron-up", Priority.HIGH.label)
        self.low = icon("chevron-down", Priority.LOW.label)

    def draw(self, cards: Iterable[Card], source: str, first: int = 0) -> SafeString:
        """Draw cards one after another; `source` lists the same rows, `first` is the place of the first card there."""
        query = f"?from={quote(source, safe='')}&amp;at="
        drawn = (self._card(card, f"{query}{first + number}") for number, card in enumerate(cards))
        return mark_safe("".join(drawn))  # noqa: S308 - each part is escaped

    def _card(self, card: Card, query: str) -> str:
        subject = escape(card.subject)
        address = f"{self.record}{card.pk}/"
        handle = moves = ""
        if self.may_change:
            moves = f' data-record-url="{address}" data-move-url="{address}{self.act}/"'
            label = self.move % {"name": subject}
            handle = f'<a class="deal-menu" href="{address}move/" data-dialog aria-label="{label}" title="{label}">'
            handle += f"{self.dots}</a>"
        customer = f'<p class="deal-customer">{escape(card.customer)}</p>' if card.customer else ""
        stage = f'<span class="deal-stage">{self.names.get(card.stage_id, "")}</span>' if self.shows_stage else ""
        return (
            f'<li class="deal" tabindex="0" data-card data-version="{card.version}"{moves}>'
            f'<p class="deal-subject"><a href="{address}{query}" data-panel>{subject}</a>{handle}</p>{customer}'
            f'<p class="deal-money">{self._money(card)}{self._marks(card)}</p>'
            f'<p class="deal-foot">{self._expected(card.expected_on)}{stage}{self._days(card)}'
            f"{_initials(card.owner_id, card.owner)}</p></li>"
        )

    def _money(self, card: Card) -> str:
        if card.amount is None:
            return f'<span class="deal-none">{self.no_amount}</span>'
        if self.in_wan:
            return formats.money(card.amount, card.currency, whole=True)
        return f"{_symbol(card.currency, self.language)}{card.amount:,.0f}"

    def _marks(self, card: Card) -> str:
        marks = self.star if card.is_starred else ""
        if card.priority == Priority.HIGH:
            marks += f'<span class="text-red">{self.high}</span>'
        elif card.priority == Priority.LOW:
            marks += self.low
        if card.next_step_on is not None:
            marks += f'<span class="text-red">{self.late_step}</span>' if card.next_step_on < self.today else ""
        elif not card.next_step:
            marks += self.no_step
        return f'<span class="deal-marks">{marks}</span>' if marks else ""

    def _expected(self, day: dt.date | None) -> str:
        if day is None:
            return '<span class="deal-none">–</span>'
        written = _short_day(day, day.year == self.today.year, self.language)
        tag = f'<time datetime="{day.isoformat()}">{written}</time>'
        return f'<span class="late">{tag} {self.overdue}</span>' if day < self.today else tag

    def _days(self, card: Card) -> str:
        days = max((self.today - card.entered_on).days, 0)
        limit = self.limits.get(card.stage_id, days)
        hint = self.days_hint % {"days": days, "limit": limit}
        text = self.days % {"days": days}
        if days > limit:
            spoken = f'<span class="visually-hidden"> {self.too_long}</span>'
            return f'<span class="deal-days late" title="{hint}">{self.clock}{text}{spoken}</span>'
        return f'<span class="deal-days" title="{hint}">{text}</span>'


@lru_cache(maxsize=256)
def _symbol(currency: str, language: str) -> str:
    return str(get_currency_symbol(currency, formats.locale()))


@lru_cache(maxsize=4096)
def _short_day(day: dt.date, is_this_year: bool, language: str) -> str:
    if language == "zh":
        return f"{day:%m-%d}" if is_this_year else day.isoformat()
    return format_date(day, "d MMM" if is_this_year else "d MMM y", formats.locale())


@lru_cache(maxsize=4096)
def _initials(owner_id: int | None, owner: str | None) -> str:
    from loudou.web.templatetags.loudou import avatar  # the tags import the frame's lists

    return str(avatar(_Person(owner_id, owner), "xs")) if owner else ""


class _Person:
    def __init__(self, pk: int | None, name: str | None) -> None:
        self.pk, self.name = pk, name

    def __str__(self) -> str:
        return self.name or ""
