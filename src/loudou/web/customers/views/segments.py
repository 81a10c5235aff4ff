"""Target segments: how many customers match each, how far they have come, and the rules."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from loudou.core import clock
from loudou.customers import selectors, services
from loudou.customers.choices import FUNNEL, Phase
from loudou.customers.models import Segment
from loudou.customers.selectors import Penetration
from loudou.insights.selectors.standing import standing, whole
from loudou.web.customers.segment_forms import SegmentForm
from loudou.web.frame import formats
from loudou.web.frame.actions import Done
from loudou.web.frame.columns import Column
from loudou.web.frame.form_pages import FormPage
from loudou.web.frame.lists import ListPage
from loudou.web.frame.pages import Page

NOBODY = Penetration()


def _link(row: Any, count: int, query: str) -> Any:
    address = f"{reverse('customers:customer_list')}?segment={row.pk}{query}"
    return format_html('<a href="{}">{}</a>', address, formats.number(count))


def _in_phase(phase: Any) -> Column:
    def count(row: Any) -> int:
        found: int = getattr(row, f"in_{phase.code}")
        return found

    return Column(
        name=phase.code,
        label=selectors.phase_name(phase),
        value=count,
        html=lambda row: _link(row, count(row), f"&phase={phase.code}"),
        numeric=True,
        hide_below="md",
    )


class SegmentList(ListPage):
    """Segments with how many customers are in each phase; every figure opens its rows."""

    permission = "customers.view"
    title = _("Segments")
    columns = (
        Column(name="name", label=_("Segment"), sort="name"),
        Column(name="size", label=_("Customers"), html=lambda row: _link(row, row.size, ""), numeric=True),
        *(_in_phase(phase) for phase in FUNNEL),
        Column(name="is_active", label=_("In use"), kind="boolean", hide_below="lg"),
    )
    default_sort = "name"
    row_url_name = "customers:segment_edit"
    add_url_name, add_permission, add_label = "customers:segment_add", "customers.configure", _("New segment")
    empty_icon = "target"
    empty_title = _("No segments yet")
    empty_text = _("Say which part of the market you aim at. Customers that match are your target market.")

    def rows(self) -> QuerySet[Segment]:
        """All segments, counted over the customers that the reader sees."""
        return selectors.counted_segments(self.request.user)


class SegmentPreview(Page):
    """Who would match the rule that is being typed: how many, where they stand, what was won from them."""

    permission = "customers.configure"
    template = "customers/_segment_preview.html"

    def context(self) -> dict[str, Any]:
        """Figures over the customers that the reader sees; nothing for a rule that asks for nothing."""
        form = SegmentForm(self.request.GET)
        form.fields["name"].required = False
        if not form.is_valid():
            return {"is_wrong": True}
        rule = form.rule()
        if rule.is_empty:
            return {}
        user = self.request.user
        found = standing(user, selectors.customer_rows(user).filter(rule.condition()))
        labels = selectors.phase_labels()
        return {
            "whole": whole(found),
            "phases": [(labels[phase], found[phase].count) for phase in Phase if phase in found],
            "base": self.request.company.base_currency,
        }


class SegmentAdd(FormPage):
    """A new rule."""

    permission = "customers.configure"
    template = "customers/segment_form.html"
    title = _("New segment")
    form_class = SegmentForm

    def save(self, form: SegmentForm, *, version: int | None) -> Done:
        """Save it and say how many match."""
        given = form.cleaned_data
        segment = services.create_segment(
            self.request.user, name=given["name"], description=given["description"], rule=form.rule(), at=clock.now()
        )
        return _done(self.request.user, segment)


class SegmentEdit(FormPage):
    """Change a rule."""

    permission = "customers.configure"
    template = "customers/segment_form.html"
    title = _("Edit segment")
    form_class = SegmentForm

    def record(self) -> Segment:
        """The segment."""
        return selectors.get_segment(self.request.user, self.kwargs["pk"])

    def initial(self, record: Any) -> dict[str, Any]:
        """Its name and conditions."""
        return SegmentForm.values(record)

    def save(self, form: SegmentForm, *, version: int | None) -> Done:
        """Change it; customers come and go at once."""
        given = form.cleaned_data
        changes: Any = {name: given[name] for name in ("name", "description", "is_active")} | {"rule": form.rule()}
        segment = services.update_segment(
            self.request.user, self.kwargs["pk"], changes=changes, at=clock.now(), version=version
        )
        return _done(self.request.user, segment)


def _done(user: Any, segment: Segment) -> Done:
    size = selectors.penetration(user).get(segment.pk, NOBODY).size
    message = gettext("%(name)s matches %(count)s customers.") % {"name": segment.name, "count": size}
    return Done(message=message, url=reverse("customers:segment_list"))
