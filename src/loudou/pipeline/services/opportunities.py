"""Creating and editing opportunities. Whatever alters amount, date, probability or owner leaves a row of history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from loudou.core.actors import Actor
from loudou.core.bulk import Outcome
from loudou.core.verbs import service
from loudou.pipeline.models import Opportunity
from loudou.pipeline.services.drafts import (
    LineDraft,
    MemberDraft,
    OpportunityChanges,
    OpportunityDraft,
)


@service("pipeline.add")
def create_opportunity(actor: Actor, *, draft: OpportunityDraft, at: dt.datetime) -> Opportunity:
    """Create one opportunity with its history. Raises what `create_opportunities` would report."""
    raise NotImplementedError


@service("pipeline.add")
def create_opportunities(actor: Actor, drafts: Sequence[OpportunityDraft], *, at: dt.datetime) -> list[Outcome[Opportunity]]:
    """Create many opportunities with lines, team and history in a constant number of SQL statements.

    Every draft is checked on its own: a refused one leaves no trace and does not keep the others from being created.
    The outcomes stand in the order of the drafts.
    """
    raise NotImplementedError


@service("pipeline.change")
def update_opportunity(
    actor: Actor, opportunity_id: int, *, changes: OpportunityChanges, at: dt.datetime, version: int | None = None
) -> Opportunity:
    """Change fields of an opportunity.

    Raises StaleWrite, InvalidInput, AlreadyClosed (amount, currency, dates and probability of a closed one are
    frozen), AmountComesFromLines, PermissionRefused (another owner without pipeline.assign).
    """
    raise NotImplementedError


@service("pipeline.change")
def set_lines(
    actor: Actor, opportunity_id: int, *, lines: Sequence[LineDraft], at: dt.datetime, version: int | None = None
) -> Opportunity:
    """Replace the product lines; the amount becomes their sum. Without lines the amount stays as a plain one."""
    raise NotImplementedError


@service("pipeline.change")
def set_members(
    actor: Actor, opportunity_id: int, *, members: Sequence[MemberDraft], version: int | None = None
) -> Opportunity:
    """Replace the team of the sale; every member can see the customer from then on. Raises SplitTooLarge."""
    raise NotImplementedError


@service("pipeline.change")
def set_contacts(
    actor: Actor, opportunity_id: int, *, contact_ids: Sequence[int], version: int | None = None
) -> Opportunity:
    """Replace the people at the customer who take part in the purchase. Raises NotVisible."""
    raise NotImplementedError


@service("pipeline.change")
def set_competitors(
    actor: Actor, opportunity_id: int, *, competitor_ids: Sequence[int], version: int | None = None
) -> Opportunity:
    """Replace the competitors of the sale."""
    raise NotImplementedError


@service("pipeline.change")
def set_next_step(
    actor: Actor, opportunity_id: int, *, next_step: str, next_step_on: dt.date | None, version: int | None = None
) -> Opportunity:
    """Say what happens next and until when; an empty step clears both."""
    raise NotImplementedError


@service("pipeline.view")
def star_opportunity(actor: Actor, opportunity_id: int) -> None:
    """Follow an opportunity. Twice is once."""
    raise NotImplementedError


@service("pipeline.view")
def unstar_opportunity(actor: Actor, opportunity_id: int) -> None:
    """Stop following an opportunity."""
    raise NotImplementedError


@service("pipeline.add")
def clone_opportunity(actor: Actor, opportunity_id: int, *, at: dt.datetime, subject: str = "") -> Opportunity:
    """Start a new opportunity like an existing one: same customer, process, lines, contacts and kinds.

    It opens today in the first stage, belongs to the actor, and shares neither history, outcome nor external id.
    """
    raise NotImplementedError
