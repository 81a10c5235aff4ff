"""Carrying a prepared handover out: everything in one transaction, or nothing."""

from __future__ import annotations

import datetime as dt
from contextlib import AbstractContextManager

from loudou.core import audit
from loudou.core.actors import Actor
from loudou.core.copying import copy_rows
from loudou.core.verbs import check_version, lock, service
from loudou.handover.choices import HandoverPlanState
from loudou.handover.errors import HiddenBelongings, PlanClosed
from loudou.handover.models import Handover, HandoverItem, HandoverPart, HandoverPlan
from loudou.handover.selectors.preview import Going, Preview, kinds_moved, preview
from loudou.handover.things import Batch
from loudou.people.choices import NotificationCode
from loudou.people.models import User
from loudou.people.services.notifications import notify
from loudou.people.services.teams import leave_teams
from loudou.people.services.users import end_access

LONGEST_NAME = 400


@service("people.hand_over")
def carry_out(actor: Actor, plan_id: int, *, at: dt.datetime, today: dt.date, version: int | None = None) -> Handover:
    """Move everything to its successors, close the leaver's account, and keep what was done. All or nothing.

    What came to the leaver after the plan was looked at goes by the plan's rule; a plan that was carried out answers
    with its handover again. Raises NotVisible, StaleWrite, PlanClosed, HiddenBelongings, and whatever `preview` lists
    as an obstacle: SuccessorMissing, SuccessorIsLeaver, SuccessorNotAvailable, SuccessorCannotHold, OwnAccount,
    LastAdministrator, LeaverMayMore, ImportRunning, NothingToHandOver.
    """
    plan = lock(HandoverPlan.objects.visible_to(actor), plan_id)
    if plan.state == HandoverPlanState.DONE:
        return plan.handover
    if not plan.is_open:
        raise PlanClosed(state=plan.get_state_display())
    check_version(plan, version)
    held = _take_in_hand(plan)
    found = preview(actor, plan, today=today)
    for obstacle in found.obstacles:
        raise obstacle
    _refuse_hidden(plan, held, found)
    plan.state = HandoverPlanState.DONE
    plan.save_changes("state")
    with _because(plan):
        made = _record(actor, found, at=at)
        moves = {each.kind: each.move for each in kinds_moved(leaves=not plan.keeps_access)}
        moving = batches(found, at=at)
        for batch in moving:
            moves[batch.things[0].kind](actor, batch)
        if not plan.keeps_access:
            end_access(actor, plan.leaver, at=at)
            leave_teams(plan.leaver, ended_on=plan.last_day + dt.timedelta(days=1))
        successors = {batch.successor_id for batch in moving}
        code = NotificationCode.HANDOVER_WAITS
        notify(actor, successors, code, at=at, record_id=made.pk, leaver=str(plan.leaver))
    return made


def _take_in_hand(plan: HandoverPlan) -> dict[str, set[int]]:
    """Lock what the leaver holds, then the people, then what came meanwhile; returns the locked keys by kind.

    Whoever gives something to somebody locks the thing first and then holds the person (`people.services.holding`).
    In the same order here nobody waits in a circle; and while the people are locked, nothing more can come.
    """
    kinds = kinds_moved(leaves=not plan.keeps_access)
    for each in kinds:
        each.lock(plan.leaver_id)
    people = {plan.leaver_id, *plan.choices.values_list("successor_id", flat=True)}
    if plan.successor_id is not None:
        people.add(plan.successor_id)
    locked = User.objects.select_for_update(of=("self",)).filter(pk__in=people).order_by("pk")
    plan.leaver = {user.pk: user for user in locked}[plan.leaver_id]
    return {each.kind: each.lock(plan.leaver_id) for each in kinds}


def _refuse_hidden(plan: HandoverPlan, held: dict[str, set[int]], found: Preview) -> None:
    """Nothing is left behind only because the actor does not see it."""
    if plan.keeps_access:
        return
    seen: dict[str, set[int]] = {}
    for going in found.goings:
        seen.setdefault(going.thing.kind, set()).add(going.thing.pk)
    own = {kind: pks for kind, pks in held.items() if not kind.endswith("_member")}
    hidden = sum(len(pks - seen.get(kind, set())) for kind, pks in own.items())
    if hidden:
        raise HiddenBelongings(name=str(plan.leaver), count=hidden)


def batches(found: Preview, *, at: dt.datetime) -> list[Batch]:
    """What moves, kind by kind in the order of the belongings, and for each kind successor by successor."""
    by: dict[tuple[str, int], list[Going]] = {}
    for going in found.moving:
        assert going.successor_id is not None  # noqa: S101 - for the type checker
        by.setdefault((going.thing.kind, going.successor_id), []).append(going)
    return [
        Batch(found.plan.leaver_id, successor, [going.thing for going in goings], at, found.plan.reason)
        for (_kind, successor), goings in by.items()
    ]


def _record(actor: Actor, found: Preview, *, at: dt.datetime) -> Handover:
    """Write the handover with everything that changes hands, as it stands before it moves."""
    plan = found.plan
    made = Handover.objects.create(
        plan=plan, leaver=plan.leaver, keeps_access=plan.keeps_access, last_day=plan.last_day, reason=plan.reason,
        note=plan.note, actor_id=actor.pk, at=at,
    )  # fmt: skip
    order = [share.user.pk for share in found.shares if share.user is not None]
    parts = {pk: HandoverPart(handover=made, successor_id=pk) for pk in order}
    HandoverPart.objects.bulk_create(parts.values())
    copy_rows([_item(parts[going.successor_id], going) for going in found.moving if going.successor_id is not None])
    return made


def _item(part: HandoverPart, going: Going) -> HandoverItem:
    thing = going.thing
    return HandoverItem(
        part=part, kind=thing.kind, object_id=thing.pk, name=thing.name[:LONGEST_NAME], customer_ref=thing.customer_id,
        customer_name=thing.customer[:255], amount=thing.amount, owed=thing.owed, currency=thing.currency,
        due_on=thing.due_on, detail=thing.detail, note=going.note,
    )  # fmt: skip


def _because(plan: HandoverPlan) -> AbstractContextManager[None]:
    """Let the audit say why owners change."""
    known = audit.origin()
    return audit.source(
        known["source"], request_id=known.get("request", ""), ip=known.get("ip"), reason=plan.reason or "handover"
    )
