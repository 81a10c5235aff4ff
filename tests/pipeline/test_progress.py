"""What happened goes on top of the notes, with day and name; what comes next is set along with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from loudou.core.refusals import InvalidInput, NotVisible, PermissionRefused
from loudou.people.models import User
from loudou.pipeline.choices import State
from loudou.pipeline.models import LossReason, Opportunity
from loudou.pipeline.services import moves, opportunities
from loudou.pipeline.services.progress import log_progress

# Late in the evening in UTC, and the next morning where the company is.
EVENING = dt.datetime(2026, 6, 15, 22, 0, tzinfo=dt.UTC)
NEXT_WEEK = dt.date(2026, 6, 23)


def test_the_newest_line_stands_on_top_with_day_and_name(deal: Opportunity, owner: User, manager: User) -> None:
    opportunities.update_opportunity(owner, deal.pk, changes={"notes": "Met at the fair"}, at=EVENING)
    log_progress(owner, deal.pk, text="  Called, wants an offer\n", at=EVENING)
    row = log_progress(manager, deal.pk, text="Talked to Mr Wang", at=EVENING + dt.timedelta(days=1))
    row.refresh_from_db()
    assert row.notes.splitlines() == [
        f"2026-06-17 {manager.name}: Talked to Mr Wang", f"2026-06-16 {owner.name}: Called, wants an offer",
        "Met at the fair",
    ]  # fmt: skip
    assert (row.next_step, row.next_step_on) == ("", None)


def test_what_comes_next_is_set_kept_re_dated_or_cleared(deal: Opportunity, owner: User) -> None:
    def after(**facts: object) -> tuple[str, dt.date | None]:
        log_progress(owner, deal.pk, text="Called", at=EVENING, **facts)  # type: ignore[arg-type]
        deal.refresh_from_db()
        return deal.next_step, deal.next_step_on

    assert after(next_step=" Offer ", next_step_on=NEXT_WEEK) == ("Offer", NEXT_WEEK)
    assert after() == ("Offer", NEXT_WEEK)
    assert after(next_step_on=dt.date(2026, 7, 1)) == ("Offer", dt.date(2026, 7, 1))
    assert after(next_step="") == ("", None)


def test_a_day_for_which_nothing_is_planned_is_refused(deal: Opportunity, owner: User) -> None:
    for given in ({"next_step": " "}, {}):
        with pytest.raises(InvalidInput) as refusal:
            log_progress(owner, deal.pk, text="Called", at=EVENING, next_step_on=NEXT_WEEK, **given)
        assert refusal.value.errors == {
            "next_step_on": ["Nothing is planned for this day: say what the next step is, or empty the day."]
        }
    deal.refresh_from_db()
    assert (deal.notes, deal.next_step_on, deal.version) == ("", None, 1)


def test_an_imported_day_without_a_step_keeps_nobody_from_logging(deal: Opportunity, owner: User) -> None:
    opportunities.update_opportunity(owner, deal.pk, changes={"next_step_on": NEXT_WEEK}, at=EVENING)
    row = log_progress(owner, deal.pk, text="Called", at=EVENING, next_step="", next_step_on=NEXT_WEEK)
    assert (row.next_step, row.next_step_on) == ("", NEXT_WEEK)
    assert row.notes.endswith(f"{owner.name}: Called")


def test_a_lost_sale_takes_lines_too(deal: Opportunity, owner: User, reason: LossReason) -> None:
    moves.lose_opportunity(owner, deal.pk, loss_reason_id=reason.pk, at=EVENING)
    row = log_progress(owner, deal.pk, text="They regret it", at=EVENING)
    assert (row.state, row.notes) == (State.LOST, f"2026-06-16 {owner.name}: They regret it")


def test_nothing_said_and_strangers_are_refused(deal: Opportunity, owner: User, stranger: User, finance: User) -> None:
    with pytest.raises(InvalidInput):
        log_progress(owner, deal.pk, text=" \n", at=EVENING)
    with pytest.raises(InvalidInput):
        log_progress(owner, deal.pk, text="Called", next_step="x" * 256, at=EVENING)
    with pytest.raises(NotVisible):
        log_progress(stranger, deal.pk, text="Called", at=EVENING)
    with pytest.raises(PermissionRefused):
        log_progress(finance, deal.pk, text="Called", at=EVENING)
    deal.refresh_from_db()
    assert (deal.notes, deal.next_step, deal.version) == ("", "", 1)


def test_a_sale_started_like_another_begins_without_its_log(make: Callable[..., Opportunity], owner: User) -> None:
    row = make(notes="Met at the fair")
    assert opportunities.clone_opportunity(owner, row.pk, at=EVENING).notes == ""
