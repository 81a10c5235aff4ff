"""The start page and what Loudou is."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from loudou.core import clock
from loudou.pipeline import selectors
from loudou.pipeline.models import Opportunity
from loudou.pipeline.selectors import work
from loudou.web.frame.navigation import Item, usable
from loudou.web.frame.pages import Page
from loudou.web.home.money import money_facts

STEPS, FEW = 12, 5


@dataclass(frozen=True, slots=True)
class Section:
    """Rows of the start page, with the address of all of them and what to say when there are none."""

    label: str | Promise
    rows: Sequence[Opportunity]
    url: str
    nothing: str | Promise
    shows: str


@dataclass(frozen=True, slots=True)
class Count:
    """A number that the start page shows: a field of `WorkCounts` and the filters of the list that shows its rows."""

    name: str
    label: str | Promise
    query: str
    icon: str
    formula: str | Promise
    warns: bool = False
    """Whether a number above zero asks for attention."""


COUNTS = (
    Count("open", _("My opportunities"), "scene=mine", "filter", _("Your open opportunities.")),
    Count(
        "step_overdue",
        _("Next step overdue"),
        "scene=mine&step=overdue",
        "calendar-exclamation",
        _("Your open opportunities whose next step was due before today."),
        warns=True,
    ),
    Count(
        "step_today",
        _("Due today"),
        "scene=mine&step=today",
        "calendar-event",
        _("Your open opportunities whose next step is due today."),
    ),
    Count(
        "step_this_week",
        _("Later this week"),
        "scene=mine&step=this_week",
        "calendar-week",
        _("Your open opportunities whose next step is due after today, up to Sunday."),
    ),
    Count(
        "step_missing",
        _("No next step"),
        "scene=mine&step=missing",
        "calendar-question",
        _("Your open opportunities without a planned next step."),
        warns=True,
    ),
    Count(
        "date_passed",
        _("Signing date passed"),
        "scene=mine&expected=overdue",
        "clock-exclamation",
        _("Your open opportunities whose expected signing date has passed."),
        warns=True,
    ),
)


FIRST_STEPS = (
    Item(_("Sales processes"), "pipeline:process_list", "pipeline.configure", icon="filter"),
    Item(_("New user"), "people:user_add", "people.manage", icon="user-shield"),
    Item(_("Import a file"), "exchange:import_add", "exchange.import", icon="file-import"),
    Item(_("New customer"), "customers:customer_add", "customers.add", icon="building-plus"),
)
"""Where a company begins that has nothing yet, in this order."""


class TodayPage(Page):
    """What to do first: for who sells, own work in order; for who leads, the funnel, the largest and the stuck.

    For whoever posts money and sells nothing: what is overdue, not allocated, not invoiced, and matures.
    """

    permission = "home.view"
    template = "home/today.html"
    title = _("Today")

    @functools.cached_property
    def sees_more_than_own(self) -> bool:
        """Whether the user sees other people's opportunities as well."""
        reach = self.request.user.reach("pipeline.opportunity")
        return reach.everything or any(pk != self.request.user.pk for pk in reach.user_ids)

    def context(self) -> dict[str, Any]:
        """Read only what the user's roles show; at most twelve statements, whoever looks."""
        user, today = self.request.user, clock.today()
        facts: dict[str, Any] = {
            "today": today,
            "as_of": clock.now(),
            "may_approve": user.has_permission("contracts.approve"),
        }
        if not user.has_permission("pipeline.view"):
            return facts | (money_facts(user, today=today) if user.has_permission("contracts.post_receipt") else {})
        counts = work.work_counts(user, today=today)
        if counts.open or not self.sees_more_than_own:
            rows = reverse("pipeline:list")
            facts["tiles"] = [(tile, getattr(counts, tile.name), f"{rows}?{tile.query}") for tile in COUNTS]
        facts |= self._lead() if self.sees_more_than_own else self._own_work()
        return facts

    def _own_work(self) -> dict[str, Any]:
        user, today, rows = self.request.user, clock.today(), reverse("pipeline:list")
        passed = Section(
            _("Signing date passed"),
            work.dates_passed(user, today=today, most=FEW),
            f"{rows}?scene=mine&expected=overdue",
            _("No expected date has passed. Well kept."),
            "expected",
        )
        starred = Section(
            _("Starred"),
            work.starred(user, most=FEW),
            f"{rows}?scene=starred",
            _("Star the opportunities that you want to keep in sight."),
            "stage",
        )
        recent = Section(
            _("Recently changed"),
            work.recently_changed(user, most=FEW),
            f"{rows}?scene=mine&state=all&sort=-updated_at",
            _("What you change appears here, so that you find back to it."),
            "stage",
        )
        return {
            "steps": work.next_steps(user, today=today, most=STEPS),
            "steps_url": f"{rows}?scene=mine&sort=next_step",
            "sections": (passed, starred, recent),
        }

    def _lead(self) -> dict[str, Any]:
        user, today, rows = self.request.user, clock.today(), reverse("pipeline:list")
        setup = selectors.SalesSetup.load()
        process = setup.default_process
        stages = setup.stages_of(process.pk) if process else []
        bare = selectors.visible_opportunities(user).open()
        funnel = selectors.current_funnel(bare, stages, win_rates=setup.win_rates)
        most = max((step.volume.amount for step in funnel), default=0)
        largest = Section(
            _("Largest open"),
            work.biggest(user, most=FEW),
            f"{rows}?sort=-amount",
            _("No open opportunity has an amount yet."),
            "owner",
        )
        stuck = Section(
            _("Largest that are stuck"),
            work.largest_stuck(user, today=today, most=FEW),
            f"{rows}?stuck=true&sort=-amount",
            _("Nothing is longer in its stage than expected."),
            "owner",
        )
        return {
            "process": process,
            "funnel": [
                (step, int(step.volume.amount * 100 / most) if most else 0, f"{rows}?stage={step.stage.pk}")
                for step in funnel
            ],
            "funnel_url": f"{rows}?process={process.pk}" if process else rows,
            "whole": (whole := funnel[0].whole if funnel else selectors.Volume()),
            "first_steps": [] if whole.count else list(usable(FIRST_STEPS, user)),
            "sections": (largest, stuck),
        }


class AboutPage(Page):
    """Version, licence, and what stands behind it."""

    permission = "home.view"
    template = "home/about.html"
    title = _("About Loudou")
