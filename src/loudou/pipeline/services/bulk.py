"""One act on many opportunities, with an honest account of what was and wasn't done.

`rows` are ids, or a queryset such as a filtered list; the actor's scope applies to both. Rows are locked in
primary-key order, history is written in bulk, and at most MOST_AT_ONCE rows are changed by one call.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db.models import QuerySet

from loudou.core.actors import Actor
from loudou.core.verbs import service
from loudou.pipeline.models import Opportunity
from loudou.pipeline.services.drafts import BulkOutcome

MOST_AT_ONCE = 10_000

Rows = Collection[int] | QuerySet[Opportunity]


@service("pipeline.change")
def move_opportunities(
    actor: Actor, rows: Rows, *, stage_id: int, at: dt.datetime, waiver: str = "", note: str = ""
) -> BulkOutcome:
    """Put open opportunities of one process into a stage. Refused one by one: not open, other process, criteria unmet."""
    raise NotImplementedError


@service("pipeline.assign")
def assign_opportunities(
    actor: Actor, rows: Rows, *, owner_id: int, at: dt.datetime, note: str = ""
) -> BulkOutcome:
    """Give opportunities to another owner, who can see their customers from then on. Raises CannotSell."""
    raise NotImplementedError


@service("pipeline.change")
def redate_opportunities(
    actor: Actor,
    rows: Rows,
    *,
    at: dt.datetime,
    expected_on: dt.date | None = None,
    shift_days: int | None = None,
) -> BulkOutcome:
    """Set the expected signing date to a day, or shift each by days. Closed ones and, for a shift, undated ones are refused."""
    raise NotImplementedError


@service("pipeline.change")
def prioritise_opportunities(actor: Actor, rows: Rows, *, priority: int) -> BulkOutcome:
    """Set the priority."""
    raise NotImplementedError


@service("pipeline.change")
def classify_opportunities(actor: Actor, rows: Rows, *, field: str, value: str) -> BulkOutcome:
    """Set one of the kinds: likelihood, visibility, reach_kind, purchase_kind or source."""
    raise NotImplementedError


@service("pipeline.view")
def star_opportunities(actor: Actor, rows: Rows, *, starred: bool) -> BulkOutcome:
    """Follow opportunities, or stop following them."""
    raise NotImplementedError


@service("pipeline.change")
def drop_opportunities(actor: Actor, rows: Rows, *, at: dt.datetime, note: str = "") -> BulkOutcome:
    """Close opportunities as dropped."""
    raise NotImplementedError
