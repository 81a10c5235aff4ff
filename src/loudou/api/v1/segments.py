"""Target segments: saved rules over customer fields, who matches them, and what a rule would match."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, cast

from django.db import models
from ninja import Query, Router
from pydantic import Field

from loudou.api.operations import Caller, operation
from loudou.api.paging import BY_ID, BY_NAME, PageQuery, page
from loudou.api.problems import CURRENT
from loudou.api.schemas import Given, GivenVersion, Long, Shown, Stamped, changes_of
from loudou.api.v1.customers import CustomerPage
from loudou.core import clock
from loudou.customers import selectors
from loudou.customers.choices import ChannelPlace, CustomerKind, LegalForm, Phase, SizeBand
from loudou.customers.models import Segment
from loudou.customers.segment_rule import SegmentRule
from loudou.customers.services import segments

router = Router(tags=["Segments"])
MOST_VALUES = 100
Words = Annotated[list[Annotated[str, Field(min_length=1, max_length=120)]], Field(max_length=MOST_VALUES)]
Name = Annotated[str, Field(min_length=1, max_length=120)]
Profit = Annotated[Decimal, Field(max_digits=19, decimal_places=4)]
Heads = Annotated[int, Field(ge=0, le=2**31 - 1)]


class SegmentRuleIn(Given):
    """Conditions that must all be met; within one any of the values will do, an empty one asks for nothing.

    `contribution` is the expected yearly contribution profit in base currency; lower bounds belong, upper ones do not.
    """

    kind: Annotated[list[CustomerKind], Field(max_length=MOST_VALUES)] = []
    channel_place: Annotated[list[ChannelPlace], Field(max_length=MOST_VALUES)] = []
    legal_form: Annotated[list[LegalForm], Field(max_length=MOST_VALUES)] = []
    size_band: Annotated[list[SizeBand], Field(max_length=MOST_VALUES)] = []
    industry: Words = []
    country: Words = []
    province: Words = []
    city: Words = []
    source: Words = []
    contribution_from: Profit | None = None
    contribution_below: Profit | None = None
    employees_from: Heads | None = None
    employees_below: Heads | None = None

    def rule(self) -> SegmentRule:
        """Return it as the services take it."""
        return SegmentRule.from_json(self.model_dump(mode="json"))


class PenetrationOut(Shown):
    """How many customers you may see match, and how many of them are in each phase."""

    size: int
    by_phase: dict[str, int] = Field(description="Customers by phase code, such as 'prospect'.")


class SegmentOut(Stamped):
    """A segment with the customers you may see in it."""

    name: str
    description: str
    rule: dict[str, Any]
    is_active: bool
    size: int
    by_phase: dict[str, int]


class SegmentPage(Shown):
    """A page of segments; `next` is the cursor of the next one."""

    items: list[SegmentOut]
    next: str | None


class SegmentIn(Given):
    """A segment to be saved; every customer that matches belongs to it at once."""

    name: Name
    rule: SegmentRuleIn
    description: Long = ""


class SegmentChangesIn(GivenVersion):
    """Fields to be changed; what is not sent stays. One that is not in use matches nobody."""

    name: Name | None = None
    rule: SegmentRuleIn | None = None
    description: Long = ""
    is_active: bool = True


def _shown(row: Segment) -> dict[str, Any]:
    facts = {name: getattr(row, name) for name in SegmentOut.model_fields if name != "by_phase"}
    return facts | {"by_phase": {phase.code: getattr(row, f"in_{phase.code}") for phase in Phase}}


def _one(request: Caller, segment_id: int) -> dict[str, Any]:
    return _shown(selectors.counted_segments(request.user).get(pk=segment_id))


def _counted(found: selectors.Penetration) -> dict[str, Any]:
    by_phase: Mapping[int, int] = found.by_phase
    return {"size": found.size, "by_phase": {phase.code: by_phase.get(phase.value, 0) for phase in Phase}}


def _show_current(row: models.Model) -> dict[str, Any]:
    kept = ("id", "version", "name", "description", "rule", "is_active")
    return {name: getattr(row, name) for name in kept}


CURRENT[Segment] = _show_current


@operation(router, "GET", "/segments", permission="customers.view", answers=SegmentPage)
def list_segments(request: Caller, query: Query[PageQuery]) -> Any:
    """List the target segments with how many customers match, all and by phase."""
    rows = selectors.counted_segments(request.user)
    items, following = page(rows, query=query, sorts=BY_NAME, sort="name")
    return {"items": [_shown(row) for row in items], "next": following}


@operation(router, "POST", "/segments", permission="customers.configure", answers=SegmentOut, status=201)
def create_segment(request: Caller, body: SegmentIn) -> Any:
    """Save a segment, and let every customer that matches into it."""
    made = segments.create_segment(
        request.user, name=body.name, rule=body.rule.rule(), description=body.description, at=clock.now()
    )
    return _one(request, made.pk)


@operation(router, "POST", "/segments/preview", permission="customers.view", answers=PenetrationOut)
def preview_segment(request: Caller, body: SegmentRuleIn) -> Any:
    """Count the customers you may see that a rule would match; nothing is saved."""
    return _counted(selectors.preview(request.user, body.rule()))


@operation(router, "GET", "/segments/{int:segment_id}", permission="customers.view", answers=SegmentOut)
def show_segment(request: Caller, segment_id: int) -> Any:
    """Show a segment."""
    return _one(request, selectors.get_segment(request.user, segment_id).pk)


@operation(router, "PATCH", "/segments/{int:segment_id}", permission="customers.configure", answers=SegmentOut)
def change_segment(request: Caller, segment_id: int, body: SegmentChangesIn) -> Any:
    """Change a segment; who matches, and the phases that follow, change with it."""
    sent, version = changes_of(body, request)
    changes = {name: value for name, value in sent.items() if value is not None}
    if body.rule is not None:
        changes["rule"] = body.rule.rule()
    segments.update_segment(
        request.user,
        segment_id,
        changes=cast(segments.SegmentChanges, changes),
        at=clock.now(),
        version=version,
    )
    return _one(request, segment_id)


@operation(router, "GET", "/segments/{int:segment_id}/customers", permission="customers.view", answers=CustomerPage)
def list_segment_customers(request: Caller, segment_id: int, query: Query[PageQuery]) -> Any:
    """List the customers you may see that match a segment."""
    segment = selectors.get_segment(request.user, segment_id)
    rows = selectors.customer_rows(request.user).filter(pk__in=selectors.members_of_segment(segment.pk))
    items, following = page(rows, query=query, sorts=BY_ID, sort="id")
    return {"items": items, "next": following}
