"""One act on many opportunities, with an honest account of what was and wasn't done.

`rows` are ids, or a queryset such as a filtered list; the actor's scope applies to both. Rows are locked in
primary-key order, so that two bulk actions can never wait for each other; changes and history are written in bulk,
and at most MOST_AT_ONCE rows are changed by one call. Each act costs a constant number of statements.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db.models import DateField, F, QuerySet, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from loudou.core.actors import Actor
from loudou.core.bulk import clean_row
from loudou.core.refusals import BusinessRefusal, NotVisible
from loudou.core.verbs import lock_all, service
from loudou.customers.models import Customer
from loudou.customers.services.sharing import let_see
from loudou.people.choices import NotificationCode
from loudou.people.services.notifications import notify
from loudou.pipeline.choices import ChangeKind, State
from loudou.pipeline.errors import AlreadyClosed, NotOpen, StageOfOtherProcess, TooManyAtOnce
from loudou.pipeline.models import Opportunity, Stage, StageChange, Star
from loudou.pipeline.services import criteria, evidence, history, references
from loudou.pipeline.services.drafts import BulkOutcome, Refused
from loudou.pipeline.services.holding import hold_stage
from loudou.pipeline.services.moves import closing_note, move_note
from loudou.pipeline.services.opportunities import refuse_closed
from loudou.pipeline.services.valuing import Books, settle_amount

MOST_AT_ONCE = 10_000
BATCH = 1000
FARTHEST_SHIFT = 3650
KINDS = frozenset({"likelihood", "visibility", "reach_kind", "purchase_kind", "source"})

Rows = Collection[int] | QuerySet[Opportunity]


@service("pipeline.change")
def move_opportunities(
    actor: Actor, rows: Rows, *, stage_id: int, at: dt.datetime, waiver: str = "", note: str = ""
) -> BulkOutcome:
    """Put open opportunities of one process into a stage.

    Refused one by one: not open, of another process, criteria unmet. Raises InvalidInput (at `stage`), TooManyAtOnce.
    """
    there = Stage.objects.select_related("process").filter(pk=stage_id).first()
    if there is None:
        raise references.missing("stage")
    reason = criteria.check_waiver(actor, waiver)
    found, outcome = _lock_rows(actor, rows)
    stages = list(Stage.objects.filter(process_id=there.process_id).order_by("position"))
    by_id = {stage.pk: stage for stage in stages}
    asked = criteria.Requirements(stages, [row.pk for row in found])
    moves: dict[int, tuple[Stage, str]] = {}

    def decide(row: Opportunity) -> bool:
        if row.is_open and row.stage_id == stage_id:
            return False
        if not row.is_open:
            raise NotOpen(subject=row.subject, state=row.get_state_display())
        if row.stage_id not in by_id:
            raise StageOfOtherProcess(process=there.process.label)
        here = by_id[row.stage_id]
        unmet = asked.unmet(row, criteria.stages_left(stages, here, there))
        criteria.refuse_unmet(there.process, here, unmet, reason)
        moves[row.pk] = (here, move_note(note, unmet, reason))
        return True

    chosen = _decide(found, outcome, decide)
    hold_stage(there, there.process.label)
    when = history.not_before_history(outcome.done, at)
    _update(outcome.done, at, stage=there, stage_entered_at=when)
    changes = []
    for row in chosen:
        here, remark = moves[row.pk]
        row.stage = there
        kind = history.kind_of_move(here, there)
        changes.append(history.row(row, kind, at=when, actor=actor, from_stage_id=here.pk, note=remark))
    StageChange.objects.bulk_create(changes, batch_size=BATCH)
    return outcome


@service("pipeline.assign")
def assign_opportunities(
    actor: Actor, rows: Rows, *, owner_id: int, at: dt.datetime, note: str = "", tells: bool = True
) -> BulkOutcome:
    """Give opportunities to another owner, who can see their customers from then on.

    The new owner is told once, without `tells` not at all: then whoever calls tells of the whole.
    Raises CannotSell, InvalidInput (at `owner`), TooManyAtOnce.
    """
    found, outcome = _lock_rows(actor, rows)
    references.sellers([owner_id], actor=actor)
    chosen = _decide(found, outcome, lambda row: row.owner_id != owner_id)
    _update(outcome.done, at, owner_id=owner_id)
    for row in chosen:
        row.owner_id = owner_id
    _revise(actor, chosen, at, note=note)
    customer_ids = {row.customer_id for row in chosen if row.customer_id is not None}
    owned = set(Customer.objects.filter(pk__in=customer_ids, owner_id=owner_id).values_list("pk", flat=True))
    let_see((pk, owner_id) for pk in customer_ids - owned)
    if tells:
        _tell_owner(actor, chosen, owner_id, at)
    return outcome


def _tell_owner(actor: Actor, given: Sequence[Opportunity], owner_id: int, at: dt.datetime) -> None:
    if len(given) == 1:
        code = NotificationCode.OPPORTUNITY_GIVEN
        notify(actor, [owner_id], code, at=at, record_id=given[0].pk, subject=given[0].subject)
    elif given:
        notify(actor, [owner_id], NotificationCode.OPPORTUNITIES_GIVEN, at=at, count=len(given))


@service("pipeline.change")
def redate_opportunities(
    actor: Actor,
    rows: Rows,
    *,
    at: dt.datetime,
    expected_on: dt.date | None = None,
    shift_days: int | None = None,
) -> BulkOutcome:
    """Set the expected signing date to a day, or shift each by days (negative: earlier).

    Refused one by one: closed ones and, for a shift, those without a date. Raises InvalidInput, TooManyAtOnce.
    """
    if (expected_on is None) == (shift_days is None):
        raise TypeError("name either a day or by how many days to shift")
    if abs(shift_days or 0) > FARTHEST_SHIFT:
        raise references.missing("shift_days", _("Shift by at most %(days)s days.") % {"days": FARTHEST_SHIFT})
    found, outcome = _lock_rows(actor, rows)

    def decide(row: Opportunity) -> bool:
        refuse_closed(row)
        if shift_days is None:
            return row.expected_on != expected_on
        if row.expected_on is None:
            raise references.missing("expected_on", _("There is no expected signing date to shift."))
        return shift_days != 0

    chosen = _decide(found, outcome, decide)
    if shift_days is None:
        _update(outcome.done, at, expected_on=expected_on)
    else:
        step = dt.timedelta(days=shift_days)
        _update(outcome.done, at, expected_on=Cast(F("expected_on") + Value(step), DateField()))
    for row in chosen:
        row.expected_on = expected_on if shift_days is None else _shifted(row, shift_days)
    _revise(actor, chosen, at)
    evidence.report(actor, chosen, at=at)
    return outcome


@service("pipeline.change")
def prioritise_opportunities(actor: Actor, rows: Rows, *, priority: int, at: dt.datetime) -> BulkOutcome:
    """Set the priority. Raises InvalidInput, TooManyAtOnce."""
    return _set(actor, rows, {"priority": priority}, at)


@service("pipeline.change")
def classify_opportunities(actor: Actor, rows: Rows, *, kinds: Mapping[str, str], at: dt.datetime) -> BulkOutcome:
    """Set kinds by field: likelihood, visibility, reach_kind, purchase_kind, source; an empty one is taken away.

    Raises InvalidInput, TooManyAtOnce.
    """
    if unknown := kinds.keys() - KINDS:
        raise TypeError(f"not among {sorted(KINDS)}: {sorted(unknown)}")
    return _set(actor, rows, kinds, at)


@service("pipeline.view")
def star_opportunities(actor: Actor, rows: Rows, *, starred: bool) -> BulkOutcome:
    """Follow opportunities, or stop following them. Raises TooManyAtOnce."""
    wanted = _ids(rows)
    visible = references.known_ids(Opportunity.objects.visible_to(actor), wanted)
    already = set(
        Star.objects.filter(user_id=actor.pk, opportunity_id__in=visible).values_list("opportunity_id", flat=True)
    )
    changing = visible - already if starred else visible & already
    if starred:
        Star.objects.bulk_create(
            [Star(user_id=actor.pk, opportunity_id=pk) for pk in sorted(changing)], ignore_conflicts=True
        )
    else:
        Star.objects.filter(user_id=actor.pk, opportunity_id__in=changing).delete()
    return BulkOutcome(
        done=sorted(changing), unchanged=sorted(visible - changing), refused=_unseen(set(wanted) - visible)
    )


@service("pipeline.change")
def drop_opportunities(
    actor: Actor, rows: Rows, *, at: dt.datetime, loss_reason_id: int | None = None, note: str = ""
) -> BulkOutcome:
    """Close opportunities as dropped, each at today's exchange rate. Refused one by one: those already closed.

    Raises InvalidInput (at `loss_reason`), TooManyAtOnce.
    """
    references.check_loss_reason(loss_reason_id)
    found, outcome = _lock_rows(actor, rows)
    text = closing_note(note)

    def decide(row: Opportunity) -> bool:
        if row.is_closed:
            raise AlreadyClosed(subject=row.subject, state=row.get_state_display())
        return True

    chosen = _decide(found, outcome, decide)
    if not chosen:
        return outcome
    books = Books.load({row.currency for row in chosen})
    when = history.not_before_history(outcome.done, at)
    changes = []
    for row in chosen:
        before = row.state
        row.state, row.closed_at, row.close_note, row.loss_reason_id = State.DROPPED, when, text, loss_reason_id
        settle_amount(row, books, books.day(at))
        row.version += 1
        row.updated_at = at
        changes.append(history.row(row, ChangeKind.DROPPED, at=when, actor=actor, from_state=before, note=text))
    fields = ["state", "closed_at", "close_note", "loss_reason", "amount_base", "version", "updated_at"]
    Opportunity.objects.bulk_update(chosen, fields, batch_size=BATCH)
    StageChange.objects.bulk_create(changes, batch_size=BATCH)
    evidence.report(actor, chosen, at=at)
    return outcome


def _set(actor: Actor, rows: Rows, values: Mapping[str, Any], at: dt.datetime) -> BulkOutcome:
    """Set fields that the history does not record."""
    probe = Opportunity(subject="?", opened_on=at.date(), stage_entered_at=at, **values)
    if refusal := clean_row(probe):
        raise refusal
    found, outcome = _lock_rows(actor, rows)
    chosen = _decide(found, outcome, lambda row: any(getattr(row, name) != value for name, value in values.items()))
    _update(outcome.done, at, **values)
    if values.keys() & evidence.PROVES:
        for row in chosen:
            for name, value in values.items():
                setattr(row, name, value)
        evidence.report(actor, chosen, at=at)
    return outcome


def _ids(rows: Rows) -> list[int]:
    """Return the ids, or refuse too many. A queryset is read only one row beyond the limit."""
    ids = list(rows.values_list("pk", flat=True)[: MOST_AT_ONCE + 1]) if isinstance(rows, QuerySet) else list(rows)
    if len(ids) > MOST_AT_ONCE:
        count = rows.count() if isinstance(rows, QuerySet) else len(ids)
        raise TooManyAtOnce(count=count, most=MOST_AT_ONCE)
    return ids


def _lock_rows(actor: Actor, rows: Rows) -> tuple[list[Opportunity], BulkOutcome]:
    """Lock what the actor may see, in primary-key order, and note what is not to be seen."""
    ids = _ids(rows)
    found = lock_all(Opportunity.objects.visible_to(actor), ids)
    return found, BulkOutcome(refused=_unseen(set(ids) - {row.pk for row in found}))


def _unseen(ids: Iterable[int]) -> list[Refused]:
    return [Refused(pk, NotVisible.code, str(NotVisible())) for pk in sorted(ids)]


def _decide(
    rows: Iterable[Opportunity], outcome: BulkOutcome, decide: Callable[[Opportunity], bool]
) -> list[Opportunity]:
    """Ask of each row whether it changes; keep the answers in the outcome and return the rows that do."""
    chosen = []
    for row in rows:
        try:
            changes = decide(row)
        except BusinessRefusal as refusal:
            errors: dict[str, list[str]] = getattr(refusal, "errors", {})
            sentence = " ".join(text for texts in errors.values() for text in texts) or str(refusal)
            outcome.refused.append(Refused(row.pk, refusal.code, sentence))
            continue
        (outcome.done if changes else outcome.unchanged).append(row.pk)
        if changes:
            chosen.append(row)
    return chosen


def _update(ids: list[int], at: dt.datetime, **values: Any) -> None:
    if ids:
        Opportunity.objects.filter(pk__in=ids).update(**values, version=F("version") + 1, updated_at=at)


def _revise(actor: Actor, rows: list[Opportunity], at: dt.datetime, *, note: str = "") -> None:
    """Append to the history of each row that it was revised."""
    if rows:
        when = history.not_before_history([row.pk for row in rows], at)
        StageChange.objects.bulk_create(
            [history.row(row, ChangeKind.REVISED, at=when, actor=actor, note=note) for row in rows], batch_size=BATCH
        )


def _shifted(row: Opportunity, days: int) -> dt.date | None:
    return row.expected_on + dt.timedelta(days=days) if row.expected_on else None
