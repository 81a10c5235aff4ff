"""Reading lists: one's own, and that one has read a card."""

from __future__ import annotations

import datetime as dt
from typing import Any

from ninja import Router

from loudou.api.operations import Caller, operation
from loudou.api.schemas import Shown
from loudou.core import clock
from loudou.playbook.selectors import Progress, get_my_progress, my_progress
from loudou.playbook.services.reading import mark_read

router = Router(tags=["Playbook"])


class ReadingCardOut(Shown):
    """A card of a list; `read_at` is null while it is still to be read."""

    id: int
    name: str
    read_at: dt.datetime | None


class ReadingListOut(Shown):
    """How far the caller is with a list; `best_right` of `best_total` is the best quiz so far."""

    id: int
    name: str
    due_on: dt.date
    is_open: bool
    is_overdue: bool
    pass_mark: int
    best_right: int | None
    best_total: int | None
    passed_at: dt.datetime | None
    cards: list[ReadingCardOut]


class ReadingListsOut(Shown):
    """All lists that the caller is asked to read."""

    items: list[ReadingListOut]


@operation(router, "GET", "/reading-lists", permission="playbook.view", answers=ReadingListsOut)
def list_reading_lists(request: Caller) -> Any:
    """List what the caller is asked to read, and how far they are."""
    return {"items": [_shown(each) for each in my_progress(request.user, today=clock.today())]}


@operation(
    router, "POST", "/reading-lists/{list_id}/cards/{card_id}/read", permission="playbook.view", answers=ReadingListOut
)
def read_card(request: Caller, list_id: int, card_id: int) -> Any:
    """Note that the caller has read a card of a list; the first time counts."""
    get_my_progress(request.user, list_id, today=clock.today())
    mark_read(request.user, card_id, at=clock.now())
    return _shown(get_my_progress(request.user, list_id, today=clock.today()))


def _shown(progress: Progress) -> dict[str, Any]:
    best, passed = progress.best, progress.passed
    return {
        "id": progress.reading_list.pk,
        "name": str(progress.reading_list),
        "due_on": progress.due_on,
        "is_open": progress.is_open,
        "is_overdue": progress.is_overdue,
        "pass_mark": progress.reading_list.pass_mark,
        "best_right": best.right if best else None,
        "best_total": best.total if best else None,
        "passed_at": passed.finished_at if passed else None,
        "cards": [{"id": step.card.pk, "name": step.card.name, "read_at": step.read_at} for step in progress.steps],
    }
