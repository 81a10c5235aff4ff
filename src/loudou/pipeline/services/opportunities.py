"""Creating and editing opportunities. Whatever alters amount, date, probability or owner leaves a row of history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from loudou.core.actors import Actor
from loudou.core.bulk import Outcome, RowUpdate, clean_row
from loudou.core.refusals import InvalidInput
from loudou.core.verbs import check_version, lock, service
from loudou.customers.models import Customer
from loudou.customers.services.sharing import let_see
from loudou.pipeline.choices import ChangeKind
from loudou.pipeline.errors import AlreadyClosed
from loudou.pipeline.models import (
    Opportunity,
    OpportunityCompetitor,
    OpportunityContact,
    OpportunityLine,
    OpportunityMember,
    Star,
)
from loudou.pipeline.services import creation, history, references, updating
from loudou.pipeline.services.drafts import LineDraft, MemberDraft, OpportunityChanges, OpportunityDraft
from loudou.pipeline.services.valuing import Books, settle_amount, total

CLONED = (
    "customer_id", "process_id", "currency", "source", "priority", "likelihood", "visibility", "reach_kind",
    "purchase_kind",
)  # fmt: skip


def open_for_edit(actor: Actor, opportunity_id: int, version: int | None) -> Opportunity:
    """Lock an opportunity the actor may see and check the version. Raises NotVisible, StaleWrite."""
    opportunity = lock(Opportunity.objects.visible_to(actor), opportunity_id)
    check_version(opportunity, version)
    return opportunity


def refuse_closed(opportunity: Opportunity) -> None:
    """Refuse to touch what is frozen since the sale was closed. Raises AlreadyClosed."""
    if opportunity.is_closed:
        raise AlreadyClosed(subject=opportunity.subject, state=opportunity.get_state_display())


def plan_step(opportunity: Opportunity, step: str, due: dt.date | None) -> bool:
    """Put the next step and its day on a row; return whether they are other than they were.

    A day needs a step: one that was imported without may stay as it is. Raises InvalidInput (at `next_step_on`).
    """
    if (opportunity.next_step, opportunity.next_step_on) == (step, due):
        return False
    if due is not None and not step:
        raise InvalidInput(
            {"next_step_on": [_("Nothing is planned for this day: say what the next step is, or empty the day.")]}
        )
    opportunity.next_step, opportunity.next_step_on = step, due
    return True


@service("pipeline.add")
def create_opportunity(actor: Actor, *, draft: OpportunityDraft, at: dt.datetime) -> Opportunity:
    """Create one opportunity with its history. Raises what `create_opportunities` would report."""
    return creation.create(actor, [draft], at=at)[0].unwrap()


@service("pipeline.add")
def create_opportunities(
    actor: Actor, drafts: Sequence[OpportunityDraft], *, at: dt.datetime
) -> list[Outcome[Opportunity]]:
    """Create many opportunities with lines, team and history in a constant number of SQL statements.

    Every draft is checked on its own: a refused one leaves no trace and does not keep the others from being created.
    The outcomes stand in the order of the drafts.
    """
    return creation.create(actor, drafts, at=at)


@service("pipeline.change")
def update_opportunity(
    actor: Actor, opportunity_id: int, *, changes: OpportunityChanges, at: dt.datetime, version: int | None = None
) -> Opportunity:
    """Change fields of an opportunity.

    Raises StaleWrite, InvalidInput, AlreadyClosed (amount, currency, dates and probability of a closed one are
    frozen), AmountComesFromLines, PermissionRefused (another owner without pipeline.assign).
    """
    return updating.update(actor, [RowUpdate(opportunity_id, changes, version)], at=at)[0].unwrap()


@service("pipeline.change")
def update_opportunities(actor: Actor, updates: Sequence[RowUpdate], *, at: dt.datetime) -> list[Outcome[Opportunity]]:
    """Change many opportunities, each in its own way, with a constant number of statements; one outcome per update.

    No opportunity may be named twice. Updates that change nothing write nothing and leave the version alone. Refusals
    are those that `update_opportunity` raises.
    """
    return updating.update(actor, updates, at=at)


@service("pipeline.change")
def set_lines(
    actor: Actor, opportunity_id: int, *, lines: Sequence[LineDraft], at: dt.datetime, version: int | None = None
) -> Opportunity:
    """Replace the product lines; the amount becomes their sum. Without lines the amount stays as a plain one.

    Raises AlreadyClosed, InvalidInput (at `lines`), StaleWrite.
    """
    opportunity = open_for_edit(actor, opportunity_id, version)
    refuse_closed(opportunity)
    references.check_products({line.product_id for line in lines})
    rows = creation.make_lines(opportunity, lines)
    OpportunityLine.objects.filter(opportunity=opportunity).delete()
    OpportunityLine.objects.bulk_create(rows)
    if rows:
        books = Books.load([opportunity.currency])
        opportunity.amount = total(rows)
        settle_amount(opportunity, books, books.day(at))
    _save(actor, opportunity, {"amount", "amount_base"}, at)
    return opportunity


@service("pipeline.change")
def set_members(
    actor: Actor, opportunity_id: int, *, members: Sequence[MemberDraft], version: int | None = None
) -> Opportunity:
    """Replace the team of the sale; every member can see the customer from then on.

    Raises SplitTooLarge, ListedTwice, CannotSell (for newcomers), StaleWrite.
    """
    references.check_members(members)
    opportunity = open_for_edit(actor, opportunity_id, version)
    present = {member.user_id: member for member in OpportunityMember.objects.filter(opportunity=opportunity)}
    wanted = {member.user_id: member.split for member in members}
    newcomers = set(wanted) - set(present)
    references.sellers(newcomers, actor=actor, field="members")
    moved = [present[pk] for pk in set(wanted) & set(present) if present[pk].split != wanted[pk]]
    leavers = set(present) - set(wanted)
    if not (newcomers or moved or leavers):
        return opportunity
    OpportunityMember.objects.filter(opportunity=opportunity, user_id__in=leavers).delete()
    for member in moved:
        member.split = wanted[member.user_id]
    OpportunityMember.objects.bulk_update(moved, ["split"])
    OpportunityMember.objects.bulk_create(
        OpportunityMember(opportunity=opportunity, user_id=pk, split=wanted[pk]) for pk in sorted(newcomers)
    )
    let_see_customer(opportunity, newcomers)
    opportunity.save_changes()
    return opportunity


@service("pipeline.change")
def set_contacts(
    actor: Actor, opportunity_id: int, *, contact_ids: Sequence[int], version: int | None = None
) -> Opportunity:
    """Replace the people at the customer who take part. Raises InvalidInput (`contacts`), ListedTwice, StaleWrite."""
    opportunity = open_for_edit(actor, opportunity_id, version)
    present = set(OpportunityContact.objects.filter(opportunity=opportunity).values_list("contact_id", flat=True))
    newcomers = [pk for pk in contact_ids if pk not in present]
    references.refuse_twice(contact_ids)
    # Contacts already there may stay even if the actor no longer sees their customer.
    references.check_contacts(actor, newcomers)
    leavers = present - set(contact_ids)
    if newcomers or leavers:
        OpportunityContact.objects.filter(opportunity=opportunity, contact_id__in=leavers).delete()
        OpportunityContact.objects.bulk_create(
            OpportunityContact(opportunity=opportunity, contact_id=pk) for pk in newcomers
        )
        opportunity.save_changes()
    return opportunity


@service("pipeline.change")
def set_competitors(
    actor: Actor, opportunity_id: int, *, competitor_ids: Sequence[int], version: int | None = None
) -> Opportunity:
    """Replace the competitors of the sale. Raises InvalidInput (at `competitors`), StaleWrite."""
    references.check_competitors(competitor_ids)
    opportunity = open_for_edit(actor, opportunity_id, version)
    rows = OpportunityCompetitor.objects.filter(opportunity_id=opportunity.pk)
    present = set(rows.values_list("competitor_id", flat=True))
    wanted = set(competitor_ids)
    if present != wanted:
        rows.filter(competitor_id__in=present - wanted).delete()
        OpportunityCompetitor.objects.bulk_create(
            OpportunityCompetitor(opportunity_id=opportunity.pk, competitor_id=pk) for pk in sorted(wanted - present)
        )
        opportunity.save_changes()
    return opportunity


@service("pipeline.change")
def set_next_step(
    actor: Actor, opportunity_id: int, *, next_step: str, next_step_on: dt.date | None, version: int | None = None
) -> Opportunity:
    """Say what happens next and until when; neither clears both. Raises InvalidInput (a day alone), StaleWrite."""
    opportunity = open_for_edit(actor, opportunity_id, version)
    if not plan_step(opportunity, next_step.strip(), next_step_on):
        return opportunity
    if refusal := clean_row(opportunity):
        raise refusal
    opportunity.save_changes("next_step", "next_step_on")
    return opportunity


@service("pipeline.view")
def star_opportunity(actor: Actor, opportunity_id: int) -> None:
    """Follow an opportunity. Twice is once. Raises NotVisible."""
    opportunity = Opportunity.objects.get_visible(actor, opportunity_id)
    Star.objects.bulk_create([Star(user_id=actor.pk, opportunity=opportunity)], ignore_conflicts=True)


@service("pipeline.view")
def unstar_opportunity(actor: Actor, opportunity_id: int) -> None:
    """Stop following an opportunity. Raises NotVisible."""
    opportunity = Opportunity.objects.get_visible(actor, opportunity_id)
    Star.objects.filter(user_id=actor.pk, opportunity=opportunity).delete()


@service("pipeline.add")
def clone_opportunity(actor: Actor, opportunity_id: int, *, at: dt.datetime, subject: str = "") -> Opportunity:
    """Start a new opportunity like an existing one: same customer, process, lines, contacts and kinds.

    It opens today in the first stage, belongs to the actor, and shares neither history, outcome nor external id.
    Raises NotVisible, InvalidInput (when the actor may not see the customer).
    """
    source = Opportunity.objects.get_visible(actor, opportunity_id)
    lines = [LineDraft(x.product_id, x.quantity, x.unit_price, x.discount_rate) for x in source.lines.all()]
    seen = references.visible_contacts(actor, set(source.people.values_list("contact_id", flat=True)))
    draft = OpportunityDraft(
        subject=subject.strip() or source.subject,
        amount=source.amount,
        lines=lines,
        contact_ids=sorted(seen),
        competitor_ids=sorted(source.competitors.values_list("pk", flat=True)),
        **{name: getattr(source, name) for name in CLONED},
    )
    return creation.create(actor, [draft], at=at)[0].unwrap()


def _save(actor: Actor, opportunity: Opportunity, changed: set[str], at: dt.datetime) -> None:
    """Write the changed fields and the row of history they call for."""
    opportunity.save_changes(*changed)
    when = history.not_before_history([opportunity.pk], at)
    history.row(opportunity, ChangeKind.REVISED, at=when, actor=actor).save(force_insert=True)


def let_see_customer(opportunity: Opportunity, user_ids: Iterable[int | None]) -> None:
    """Make colleagues members of the opportunity's customer, unless they own it."""
    colleagues = {pk for pk in user_ids if pk is not None}
    if opportunity.customer_id is None or not colleagues:
        return
    owner_id = Customer.objects.filter(pk=opportunity.customer_id).values_list("owner_id", flat=True).get()
    let_see((opportunity.customer_id, pk) for pk in colleagues if pk != owner_id)
