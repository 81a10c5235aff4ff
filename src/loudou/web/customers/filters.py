"""By what customers, contacts and products are narrowed; the state is the address."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.dates import MONTHS
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_filters import (
    BooleanFilter,
    CharFilter,
    ChoiceFilter,
    DateFilter,
    ModelChoiceFilter,
    MultipleChoiceFilter,
)

from loudou.catalog import selectors as catalog
from loudou.core import clock
from loudou.core.searchtext import matches
from loudou.customers import selectors
from loudou.customers.choices import FUNNEL, Channel, ChannelPlace, CustomerKind, Phase, SizeBand
from loudou.customers.selectors import entries
from loudou.people.models import Membership, Team
from loudou.people.selectors.teams import team_subtree_ids
from loudou.web.frame.choosers import PeopleFilter, chooser_filter
from loudou.web.frame.filters import Choice, ListFilter, YesNo
from loudou.web.frame.pages import PageRequest

NOT_SET = "none"
"""In an address: customers without a source."""
FOLLOWED, CAME_LATER = "followed", "later"

_FUNNEL_CHOICES = [(phase.code, selectors.phase_name(phase)) for phase in FUNNEL]


def _teams(request: PageRequest | None) -> QuerySet[Team]:
    return Team.objects.visible_to(request.user).filter(is_active=True) if request else Team.objects.none()


class OwnedFilter(ListFilter):
    """What customers and contacts share: text, owner, team."""

    q = CharFilter(label=_("Search"), method="search")
    owner = PeopleFilter(label=_("Owner"))
    unowned = BooleanFilter(label=_("Without an owner"), field_name="owner", lookup_expr="isnull", widget=YesNo())
    team = ModelChoiceFilter(label=_("Team"), queryset=_teams, method="of_team", empty_label=_("All teams"))

    def search(self, rows: QuerySet[Any], name: str, words: str) -> QuerySet[Any]:
        """Rows that hold every word."""
        return rows.filter(matches(words))

    def of_team(self, rows: QuerySet[Any], name: str, team: Team) -> QuerySet[Any]:
        """Rows owned by present members of a team and the teams below it."""
        members = Membership.objects.on(clock.today()).filter(team__in=team_subtree_ids(team.pk))
        return rows.filter(owner_id__in=list(members.values_list("user_id", flat=True)))


class CustomerFilter(OwnedFilter):
    """Everything by which customers are narrowed."""

    main = ("owner", "phase", "kind", "industry", "province")
    late = ("industry", "province")

    phase = MultipleChoiceFilter(
        label=_("Phase"), choices=[(phase.code, selectors.phase_name(phase)) for phase in Phase], method="in_phases"
    )
    segment = ChoiceFilter(label=_("Segment"), empty_label=_("All segments"), method="in_segment")
    held = BooleanFilter(
        label=_("On supply hold"), field_name="held_since", lookup_expr="isnull", exclude=True, widget=YesNo()
    )
    kind = MultipleChoiceFilter(label=_("Kind"), choices=CustomerKind.choices)
    industry = ChoiceFilter(label=_("Industry"), empty_label=_("All industries"))
    province = ChoiceFilter(label=_("Province"), empty_label=_("All provinces"))
    city = ChoiceFilter(label=_("City"), empty_label=_("All cities"))
    country = ChoiceFilter(label=_("Country"), empty_label=_("All countries"))
    channel_place = MultipleChoiceFilter(label=_("Place in the channel"), choices=ChannelPlace.choices)
    size_band = MultipleChoiceFilter(label=_("Size"), choices=SizeBand.choices)
    source = ChoiceFilter(label=_("Source"), empty_label=_("All sources"), method="of_source")
    parent = chooser_filter("customers", label=_("Parent company"))
    reached = ChoiceFilter(label=_("Has reached"), choices=_FUNNEL_CHOICES, method="that_reached")
    stood = ChoiceFilter(label=_("Has stood in"), choices=_FUNNEL_CHOICES, method="that_stood")
    entered_from = DateFilter(label=_("Entered the funnel from"), method="entered_since")
    entered_until = DateFilter(label=_("Entered the funnel until"), method="entered_by")
    history = ChoiceFilter(
        label=_("History in the funnel"),
        choices=[(FOLLOWED, _("Followed from the start")), (CAME_LATER, _("Came with a past"))],
        method="of_history",
    )

    @functools.cached_property
    def known(self) -> Mapping[str, Sequence[str]]:
        """Values that visible customers have."""
        return selectors.known_values(self.request.user)

    @functools.cached_property
    def segments(self) -> Sequence[tuple[int, str]]:
        """Segments by id and name."""
        return list(selectors.segment_rows(self.request.user).values_list("pk", "name"))

    def in_phases(self, rows: QuerySet[Any], name: str, codes: list[str]) -> QuerySet[Any]:
        """Customers in any of some phases."""
        return rows.filter(phase__in=[phase.value for phase in Phase if phase.code in codes]) if codes else rows

    def in_segment(self, rows: QuerySet[Any], name: str, segment: str) -> QuerySet[Any]:
        """Customers that match a segment."""
        return rows.filter(pk__in=selectors.members_of_segment(int(segment)))

    def of_source(self, rows: QuerySet[Any], name: str, source: str) -> QuerySet[Any]:
        """Customers from a source, or of whom none is known."""
        return rows.filter(source="" if source == NOT_SET else source)

    def that_reached(self, rows: QuerySet[Any], name: str, code: str) -> QuerySet[Any]:
        """Customers that were in a phase or beyond it at some time."""
        return rows.filter(pk__in=entries.customers_that_reached(_phase(code)))

    def that_stood(self, rows: QuerySet[Any], name: str, code: str) -> QuerySet[Any]:
        """Customers that were in exactly this phase at some time."""
        return rows.filter(pk__in=entries.customers_that_stood_in(_phase(code)))

    def entered_since(self, rows: QuerySet[Any], name: str, day: dt.date) -> QuerySet[Any]:
        """Customers followed since they entered the funnel on this day or later."""
        return rows.filter(pk__in=entries.customers_entered(since=day))

    def entered_by(self, rows: QuerySet[Any], name: str, day: dt.date) -> QuerySet[Any]:
        """Customers followed since they entered the funnel on this day or before."""
        return rows.filter(pk__in=entries.customers_entered(until=day))

    def of_history(self, rows: QuerySet[Any], name: str, which: str) -> QuerySet[Any]:
        """Customers whose way through the funnel is known from its beginning, or from its middle."""
        return rows.filter(pk__in=entries.customers_entered(from_the_start=which == FOLLOWED))

    def choices_of(self, name: str) -> Sequence[Choice] | None:
        """Values that occur."""
        if name == "segment":
            return [(str(pk), label) for pk, label in self.segments]
        if name not in selectors.KNOWN_COLUMNS:
            return None
        known = [(value, value) for value in self.known[name]]
        return [*known, (NOT_SET, gettext("Not set"))] if name == "source" else known


class ContactFilter(OwnedFilter):
    """Everything by which contacts are narrowed."""

    main = ("owner", "customer", "preferred_channel")

    customer = chooser_filter("customers", label=_("Customer"), method="at_customer")
    preferred_channel = ChoiceFilter(label=_("Prefers"), choices=Channel.choices, empty_label=_("Any"))
    birthday_month = ChoiceFilter(
        label=_("Birthday in"), field_name="birthday", lookup_expr="month", empty_label=_("Any month")
    )
    do_not_call = BooleanFilter(label=_("Do not call"), widget=YesNo())
    do_not_mail = BooleanFilter(label=_("Do not mail"), widget=YesNo())
    do_not_message = BooleanFilter(label=_("Do not message"), widget=YesNo())

    def choices_of(self, name: str) -> Sequence[Choice] | None:
        """Months."""
        return month_choices() if name == "birthday_month" else None

    def at_customer(self, rows: QuerySet[Any], name: str, customer: Any) -> QuerySet[Any]:
        """People who have or had a post at a customer."""
        return rows.filter(pk__in=selectors.contacts_of(self.request.user, customer).values("contact_id"))


class ProductFilter(ListFilter):
    """Everything by which products are narrowed."""

    late = ("line",)

    q = CharFilter(label=_("Search"), method="search")
    line = MultipleChoiceFilter(label=_("Product line"), field_name="line_id")
    is_active = BooleanFilter(label=_("On sale"), widget=YesNo())

    def choices_of(self, name: str) -> Sequence[Choice] | None:
        """Product lines."""
        if name != "line":
            return None
        return [(str(pk), line) for pk, line in catalog.product_lines(self.request.user).values_list("pk", "name")]

    def search(self, rows: QuerySet[Any], name: str, words: str) -> QuerySet[Any]:
        """Products that hold every word."""
        return rows.filter(matches(words))


def _phase(code: str) -> Phase:
    return next(phase for phase in FUNNEL if phase.code == code)


def month_choices() -> list[tuple[str, str]]:
    """Months by number with their names in the active language."""
    return [(str(number), str(name)) for number, name in MONTHS.items()]
