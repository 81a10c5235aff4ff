"""What happened since a moment: which sales the filter keeps, and what it tells of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest

from loudou.people.models import User
from loudou.pipeline import selectors
from loudou.pipeline.models import LossReason, Opportunity, Stage
from loudou.pipeline.selectors import Difference, Narrowing
from loudou.pipeline.services import moves
from loudou.pipeline.services import opportunities as services

Make = Callable[..., Opportunity]
TODAY = dt.date(2026, 6, 20)


def on(day: int, hour: int = 8) -> dt.datetime:
    return dt.datetime(2026, 6, day, hour, tzinfo=dt.UTC)


def found(actor: User, changed: str) -> set[int]:
    rows = selectors.visible_opportunities(actor)
    narrowing = Narrowing(states=(), changed=changed)
    return set(selectors.narrow(rows, narrowing, actor=actor, at=on(20)).values_list("pk", flat=True))


def differences(actor: User, pk: int, since: dt.datetime) -> list[Difference]:
    rows = list(selectors.opportunity_rows(actor).filter(pk=pk))
    return selectors.differences_since(rows, since=since)[pk]


@pytest.fixture
def moved(make: Make, owner: User, stages: list[Stage], reason: LossReason) -> dict[str, Opportunity]:
    """Sales of the 15th: left alone, moved forward on the 17th, moved back on the 19th, lost on the 20th."""
    rows = {name: make(subject=name, stage_id=stages[2].pk) for name in ("quiet", "forward", "back", "lost")}
    moves.move_opportunity(owner, rows["forward"].pk, stage_id=stages[3].pk, at=on(17))
    moves.move_opportunity(owner, rows["back"].pk, stage_id=stages[0].pk, at=on(19))
    moves.lose_opportunity(owner, rows["lost"].pk, loss_reason_id=reason.pk, at=on(20))
    return rows


@pytest.mark.parametrize(
    ("changed", "names"),
    [
        ("yesterday", {"back", "lost"}),
        ("week", {"quiet", "forward", "back", "lost"}),
        ("forward", {"forward"}),
        ("back", {"back"}),
        ("", {"quiet", "forward", "back", "lost"}),
    ],
)
def test_the_filter_keeps_what_happened_lately(
    moved: dict[str, Opportunity], owner: User, stranger: User, changed: str, names: set[str]
) -> None:
    assert found(owner, changed) == {moved[name].pk for name in names}
    assert found(stranger, changed) == set()


def test_the_two_ends_are_compared(make: Make, owner: User, stages: list[Stage], dollars: None) -> None:
    row = make(amount=Decimal(100), expected_on=dt.date(2026, 7, 1), stage_id=stages[0].pk)
    moves.move_opportunity(owner, row.pk, stage_id=stages[1].pk, at=on(19))
    services.update_opportunity(
        owner, row.pk, changes={"amount": Decimal(120), "expected_on": dt.date(2026, 8, 1)}, at=on(20)
    )
    assert differences(owner, row.pk, on(19, 0)) == [
        Difference("stage", stages[0], stages[1]),
        Difference("amount", (Decimal(100), "CNY"), (Decimal(120), "CNY")),
        Difference("expected_on", dt.date(2026, 7, 1), dt.date(2026, 8, 1)),
    ]
    assert differences(owner, row.pk, on(1)) == [Difference("opened", None, row.opened_on)]


def test_what_was_changed_back_is_no_difference(make: Make, owner: User, stages: list[Stage]) -> None:
    row = make(stage_id=stages[0].pk)
    moves.move_opportunity(owner, row.pk, stage_id=stages[1].pk, at=on(19))
    moves.move_opportunity(owner, row.pk, stage_id=stages[0].pk, at=on(19, 9))
    assert differences(owner, row.pk, on(19, 0)) == []


def test_since_when_changes_count() -> None:
    begins = {name: selectors.changed_since(name, today=TODAY).date() for name in ("yesterday", "week", "forward", "")}
    assert begins == {
        "yesterday": dt.date(2026, 6, 19), "week": dt.date(2026, 6, 13), "forward": dt.date(2026, 6, 13),
        "": dt.date(2026, 6, 19),
    }  # fmt: skip


def test_each_row_of_a_history_tells_what_it_changed(make: Make, owner: User, stages: list[Stage]) -> None:
    row = make(amount=Decimal(100), expected_on=dt.date(2026, 7, 1), stage_id=stages[0].pk)
    services.update_opportunity(owner, row.pk, changes={"amount": Decimal(120)}, at=on(16))
    moves.move_opportunity(owner, row.pk, stage_id=stages[1].pk, at=on(17))
    services.update_opportunity(owner, row.pk, changes={"expected_on": None}, at=on(18))
    told = selectors.with_differences(selectors.changes_of(row))
    assert [(change.kind, found) for change, found in told] == [
        ("created", []),
        ("revised", [Difference("amount", (Decimal(100), "CNY"), (Decimal(120), "CNY"))]),
        ("advanced", []),
        ("revised", [Difference("expected_on", dt.date(2026, 7, 1), None)]),
    ]
