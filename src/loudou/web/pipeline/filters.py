"""The filter bar of the pipeline: one set for six views, exports and saved views; its state is the address."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any, cast

from django.db.models import QuerySet
from django.forms import DateInput
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_filters import (
    BooleanFilter,
    CharFilter,
    ChoiceFilter,
    DateFilter,
    MultipleChoiceFilter,
    NumberFilter,
)
from django_filters.fields import ChoiceField

from loudou.core import clock
from loudou.customers.selectors import known_values
from loudou.pipeline import selectors
from loudou.pipeline.choices import (
    Changed,
    ExpectedRange,
    Likelihood,
    NextStepDue,
    Priority,
    PurchaseKind,
    ReachKind,
    Scene,
    State,
    Visibility,
)
from loudou.pipeline.models.opportunity import OpportunityQuerySet
from loudou.pipeline.selectors.narrowing import NO_REASON, NOBODY, NOT_SET, PLACES, Narrowing
from loudou.web.frame.choosers import PeopleFilter, chooser_filter
from loudou.web.frame.filters import Choice, ListFilter, YesNo

ALL_STATES = "all"
NO_OWNER = "nobody"
_NOT_SET = (NOT_SET, _("Not set"))


def sales_setup(request: HttpRequest) -> selectors.SalesSetup:
    """Processes and stages, read once per request."""
    if not hasattr(request, "sales_setup"):
        request.sales_setup = selectors.SalesSetup.load()  # type: ignore[attr-defined]
    return request.sales_setup  # type: ignore[attr-defined,no-any-return]


def _kind(label: Any, choices: Any) -> ChoiceFilter:
    return ChoiceFilter(label=label, choices=[*choices, _NOT_SET], empty_label=_("Any"))


class KnownField(ChoiceField):  # type: ignore[misc]  # django-filter carries no types
    """Offers the values that occur and takes any: an address may name one that its reader is not offered."""

    def valid_value(self, value: Any) -> bool:
        """Whatever is named is looked for."""
        return True


class KnownFilter(ChoiceFilter):  # type: ignore[misc]  # django-filter carries no types
    """A filter by a text that occurs."""

    field_class = KnownField


def _date(label: Any) -> DateFilter:
    return DateFilter(label=label, widget=DateInput({"type": "date"}, format="%Y-%m-%d"))


class OpportunityFilter(ListFilter):
    """Everything by which opportunities are narrowed. Without a state: open ones, with a loss reason lost ones."""

    main = ("scene", "process", "stage", "owner", "expected", "state")

    q = CharFilter(label=_("Search subject, number, customer"))
    scene = ChoiceFilter(label=_("Whose"), choices=Scene.choices, empty_label=_("Everybody's"))
    process = ChoiceFilter(label=_("Sales process"), empty_label=_("All processes"))
    stage = MultipleChoiceFilter(label=_("Stage"))
    owner = PeopleFilter(label=_("Owner"), null_label=_("Nobody"), null_value=NO_OWNER)
    expected = ChoiceFilter(label=_("Expected"), choices=ExpectedRange.choices, empty_label=_("Any time"))
    state = MultipleChoiceFilter(label=_("State"), choices=[*State.choices, (ALL_STATES, _("All states"))])
    team = chooser_filter("teams", label=_("Team"))
    customer = chooser_filter("customers", label=_("Customer"))
    product = chooser_filter("products", label=_("Product"))
    line = chooser_filter("lines", label=_("Product line"))
    competitor = chooser_filter("competitors", label=_("Competitor"))
    source = CharFilter(label=_("Source"))
    country = KnownFilter(label=_("Country"), empty_label=_("All countries"))
    province = KnownFilter(label=_("Province"), empty_label=_("All provinces"))
    city = KnownFilter(label=_("City"), empty_label=_("All cities"))
    loss_reason = MultipleChoiceFilter(label=_("Loss reason"))
    priority = MultipleChoiceFilter(label=_("Priority"), choices=Priority.choices)
    likelihood = _kind(_("Likelihood"), Likelihood.choices)
    visibility = _kind(_("Need"), Visibility.choices)
    budget = BooleanFilter(label=_("Purchasing power confirmed"), widget=YesNo())
    reach = _kind(_("Reach"), ReachKind.choices)
    purchase = _kind(_("Kind of purchase"), PurchaseKind.choices)
    step = ChoiceFilter(label=_("Next step"), choices=NextStepDue.choices, empty_label=_("Any"))
    stuck = BooleanFilter(label=_("Too long in its stage"), widget=YesNo())
    changed = ChoiceFilter(label=_("What changed"), choices=Changed.choices, empty_label=_("Any"))
    amount_from = NumberFilter(label=_("Amount from"), min_value=0)
    amount_until = NumberFilter(label=_("Amount up to"), min_value=0)
    expected_from = _date(_("Expected from"))
    expected_until = _date(_("Expected until"))
    opened_from = _date(_("Opened from"))
    opened_until = _date(_("Opened until"))
    closed_from = _date(_("Closed from"))
    closed_until = _date(_("Closed until"))
    open_on = _date(_("Was open on"))
    stage_then = MultipleChoiceFilter(label=_("Stage on that day"))

    def choices_of(self, name: str) -> Sequence[Choice] | None:
        """Processes, stages, loss reasons and the places of the customers whom the reader sees."""
        if name in PLACES:
            return [*((value, value) for value in self.known[name]), _NOT_SET]
        if name == "loss_reason":
            return [*((str(reason.pk), reason.label) for reason in selectors.all_loss_reasons()), _NOT_SET]
        if name == "process":
            return [(str(process.pk), process.label) for process in sales_setup(self.request).active_processes]
        if name in ("stage", "stage_then"):
            setup = sales_setup(self.request)
            return [
                (process.label, [(str(stage.pk), stage.label) for stage in setup.stages_of(process.pk)])
                for process in setup.active_processes
            ]
        return None

    @functools.cached_property
    def known(self) -> Mapping[str, Sequence[str]]:
        """Values that the visible customers have."""
        return known_values(self.request.user)

    @functools.cached_property
    def states(self) -> tuple[str, ...]:
        """The states that the address asks for; where it names none, open ones.

        But lost ones where it asks why sales were lost, and any where it asks what was open on a day.
        """
        named = tuple(self.cleaned.get("state") or ())
        if ALL_STATES in named:
            return ()
        if not named and self.cleaned.get("open_on"):
            return ()
        return named or ((State.LOST.value,) if self.cleaned.get("loss_reason") else (State.OPEN.value,))

    @functools.cached_property
    def narrowing(self) -> Narrowing:
        """The filters as the selectors take them; values that make no sense are left out."""
        given = self.cleaned
        ids = {
            name: getattr(given.get(name), "pk", None) for name in ("team", "customer", "product", "line", "competitor")
        }
        return Narrowing(
            text=given.get("q") or "",
            states=self.states,
            process=int(given["process"]) if given.get("process") else None,
            stages=tuple(int(pk) for pk in given.get("stage") or ()),
            owners=tuple(NOBODY if owner == NO_OWNER else owner.pk for owner in given.get("owner") or ()),
            team=ids["team"],
            customer=ids["customer"],
            product=ids["product"],
            product_line=ids["line"],
            competitor=ids["competitor"],
            source=given.get("source") or "",
            country=given.get("country") or "",
            province=given.get("province") or "",
            city=given.get("city") or "",
            loss_reasons=tuple(NO_REASON if pk == NOT_SET else int(pk) for pk in given.get("loss_reason") or ()),
            priorities=tuple(int(value) for value in given.get("priority") or ()),
            likelihood=given.get("likelihood") or "",
            visibility=given.get("visibility") or "",
            has_budget=given.get("budget"),
            reach_kind=given.get("reach") or "",
            purchase_kind=given.get("purchase") or "",
            expected=given.get("expected") or "",
            next_step=given.get("step") or "",
            is_stuck=bool(given.get("stuck")),
            changed=given.get("changed") or "",
            scene=given.get("scene") or "",
            open_on=given.get("open_on"),
            stages_then=tuple(int(pk) for pk in given.get("stage_then") or ()),
            **{name: given.get(name) for name in _RANGES},
        )

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow the rows by everything in the address."""
        return self.narrowed(cast("OpportunityQuerySet", queryset), self.narrowing)

    def narrowed(self, queryset: OpportunityQuerySet, narrowing: Narrowing) -> OpportunityQuerySet:
        """Narrow rows of any shape by filters, as their reader, now."""
        return selectors.narrow(
            queryset,
            narrowing,
            actor=self.request.user,
            at=clock.now(),
            fiscal_month=self.request.company.fiscal_year_start_month,
        )


_RANGES = (
    "amount_from", "amount_until", "expected_from", "expected_until",
    "opened_from", "opened_until", "closed_from", "closed_until",
)  # fmt: skip
